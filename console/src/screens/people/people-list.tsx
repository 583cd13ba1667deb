// The list of everybody who has, or ever had, a key, a role, an attribute or a session.
import { Stack, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { chosenOf, type Facet, Facets } from '../../parts/facets.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { shortId } from '../../parts/id.tsx';
import { useKeys } from '../../parts/keys.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { nameOf } from '../../parts/who.tsx';
import { kindOf, type Person } from './words.ts';

export type PeopleData = ReturnType<typeof usePeople>;

const noRole = 'no role';
const facetsOf: Readonly<Record<string, (person: Person) => readonly string[]>> = {
  kind: ({ principal }) => [kindOf(principal)],
  role: ({ roles }) => (roles.length === 0 ? [noRole] : roles),
  access: ({ keys, last_seen_at }) => {
    const by = [...(keys > 0 ? ['by a key'] : []), ...(last_seen_at ? ['signs in'] : [])];
    return by.length === 0 ? ['never yet'] : by;
  },
};
const titles: Readonly<Record<string, string>> = { kind: 'Kind', role: 'Role', access: 'Comes in' };

export function usePeople() {
  const [url] = useUrl();
  const { items, first: _first, ...pages } = useApiPages('GET /v1/principals', {}, { limit: 500 });
  const narrowed = useMemo(() => {
    const q = (url['q'] ?? '').toLowerCase();
    const told = items.filter((person) => textOf(person).includes(q));
    const fits = (person: Person, but?: string) =>
      Object.entries(facetsOf).every(([name, valuesOf]) => {
        const chosen = chosenOf(url[name]);
        if (name === but || chosen.length === 0) return true;
        return valuesOf(person).some((value) => chosen.includes(value));
      });
    const facets = Object.entries(facetsOf).map(([name, valuesOf]): Facet => {
      const counts = new Map<string, number>();
      for (const person of told.filter((each) => fits(each, name))) {
        for (const value of valuesOf(person)) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const values = [...counts].map(([value, count]) => ({ value, count }));
      return { name, title: titles[name] ?? name, values };
    });
    return { facets, rows: told.filter((person) => fits(person)) };
  }, [items, url]);
  const of = (principal: string) => items.find((each) => each.principal === principal);
  return { ...pages, ...narrowed, items, of };
}

function textOf({ principal, roles, scopes, region, customer, delegated_by }: Person): string {
  const words = [principal, ...roles, ...scopes, region, customer, delegated_by];
  return words.filter(Boolean).join(' ').toLowerCase();
}

const typingMs = 150;

export function PeopleSide({ tab, people }: { readonly tab: string; readonly people: PeopleData }) {
  const [url, setUrl] = useUrl();
  const input = useRef<HTMLInputElement>(null);
  const set = useDebouncedCallback((q: string) => setUrl({ q }), typingMs);
  useKeys([{ key: 'f', words: 'Find', act: () => input.current?.select() }]);
  return (
    <Stack gap="md">
      <TextInput
        ref={input}
        key={tab}
        aria-label="Find"
        placeholder="Find (f)"
        leftSection={<Search size={13} aria-hidden />}
        defaultValue={url['q'] ?? ''}
        onChange={(event) => set(event.currentTarget.value)}
        onKeyDown={({ key, currentTarget }) => key === 'Escape' && currentTarget.blur()}
      />
      {tab === 'people' && <Facets facets={people.facets} />}
      {tab === 'keys' && (
        <p className="side-note">
          A key can do what its scopes and the rules for its holder both allow. It is revoked at
          once, wherever it is used.
        </p>
      )}
      {tab === 'sessions' && (
        <p className="side-note">
          Each sign-in to the console is a session. Ended here, its next click is refused; what was
          typed there stays in the window.
        </p>
      )}
    </Stack>
  );
}

const columns: readonly Column<Person>[] = [
  {
    ...{ id: 'name', header: 'Name', width: 150, grow: true },
    cell: ({ principal }) => (
      <span className="clip" title={principal}>
        {principal.slice(principal.indexOf(':') + 1)}
      </span>
    ),
  },
  {
    ...{ id: 'kind', header: 'Kind', width: 66 },
    cell: ({ principal }) => <span className="dimmed">{kindOf(principal)}</span>,
  },
  {
    ...{ id: 'roles', header: 'Roles', width: 124 },
    cell: ({ roles }) =>
      roles.length === 0 ? <span className="dimmed">{noRole}</span> : roles.join(', '),
  },
  {
    ...{ id: 'seen', header: 'Last seen', width: 84, align: 'end' },
    cell: ({ last_seen_at: at }) =>
      at === null ? <span className="dimmed">–</span> : <Time at={at} />,
  },
  {
    ...{ id: 'keys', header: 'Keys', width: 56, align: 'end' },
    cell: ({ keys }) => (keys === 0 ? <span className="dimmed">–</span> : keys),
  },
  {
    ...{ id: 'scopes', header: 'Scopes of the keys', width: 250 },
    cell: ({ scopes }) => <span title={scopes.join(', ')}>{scopesText(scopes)}</span>,
  },
  {
    ...{ id: 'expiry', header: 'Next key ends', width: 106, align: 'end' },
    cell: ({ next_expiry_at: at }) =>
      at === null ? <span className="dimmed">–</span> : <Time at={at} />,
  },
  { id: 'attributes', header: 'Attributes', width: 150, cell: Attributes },
];

/** As many as have room beside the panel. */
const besidePanel = 4;

function scopesText(all: readonly string[]): string {
  return all.length <= 2 ? all.join(', ') : `${all.slice(0, 2).join(', ')}, ${all.length - 2} more`;
}

function Attributes({ region, customer, delegated_by }: Person) {
  const words = [
    ...(region === null ? [] : [region]),
    ...(customer === null ? [] : [shortId(customer)]),
    ...(delegated_by === null ? [] : [`for ${nameOf(delegated_by)}`]),
  ];
  return <span>{words.join(', ')}</span>;
}

export function PeopleList({
  people,
  current,
  select,
}: {
  readonly people: PeopleData;
  readonly current: string | undefined;
  readonly select: (principal: string) => void;
}) {
  const { rows, isPending, error, refetch, more, hasMore } = people;
  return (
    <Grid
      label="People and machines"
      columns={current === undefined ? columns : columns.slice(0, besidePanel)}
      {...{ rows, more, hasMore, isPending, error, retry: refetch, hearsAll: true }}
      idOf={({ principal }) => principal}
      selected={current}
      onSelect={({ principal }) => select(principal)}
      empty={
        <Empty title="Nobody is so">
          Everybody appears here with their first role, key, attribute or sign-in. Take a filter
          away, or look for another word.
        </Empty>
      }
    />
  );
}
