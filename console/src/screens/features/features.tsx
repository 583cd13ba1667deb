// The catalogue of features: what models may read, how it is counted, and what it is of somebody.
import { TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { chosenOf, Chips, type Facet, Facets } from '../../parts/facets.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { FeatureDetail } from './feature-detail.tsx';
import './features.css';
import { LookUpBar, useLookUp } from './look-up.tsx';
import { type Feature, type LookUp, valueText, windowText } from './shapes.ts';
import { type User, useUsers } from './users.ts';

const facetNames = ['entity', 'unit', 'window', 'read'] as const;
type FacetName = (typeof facetNames)[number];
const facetTitles = { entity: 'Of', unit: 'Unit', window: 'Window', read: 'Read by' };
const nobody = 'no model';

export function Features() {
  const [url, setUrl] = useUrl();
  const { data, error, isPending, refetch } = useApi('GET /v1/features', {}, { refetchMs: 30_000 });
  const users = useUsers();
  const found = useLookUp();
  const items = data?.items ?? [];
  const narrowed = useNarrowed(items, users, found.data);
  const selected = items.find(({ id }) => id === url['id']);
  const columns = useMemo(() => columnsOf(users, found.data), [users, found.data]);
  return (
    <Screen
      title="Features"
      about={
        data && (
          <Freshness
            behind={data.freshness.events_behind}
            oldest={data.freshness.oldest_sealed_at}
          />
        )
      }
    >
      <div className="side">
        <Find />
        <Facets facets={narrowed.facets} />
      </div>
      <div className="features">
        <LookUpBar found={found} />
        <div className="features-row">
          <div className="features-list">
            <Chips names={facetNames} />
            <Grid
              label="Features"
              rows={narrowed.rows}
              columns={columns}
              idOf={({ id }) => id}
              selected={url['id']}
              onSelect={({ id }) => setUrl({ id })}
              {...{ isPending, error, retry: refetch }}
              empty={
                <Empty title="No feature is so">Take a filter away, or look for other words.</Empty>
              }
            />
          </div>
          {selected && (
            <Panel label={selected.id} close={() => setUrl({ id: undefined })}>
              <FeatureDetail
                feature={selected}
                users={users.get(selected.id) ?? []}
                found={found.data}
              />
            </Panel>
          )}
        </div>
      </div>
    </Screen>
  );
}

function Freshness({
  behind,
  oldest,
}: {
  readonly behind: number;
  readonly oldest: string | null;
}) {
  if (behind === 0) return <State word="ok">fresh: every sealed event is folded</State>;
  return (
    <span>
      <State word={behind > 1_000 ? 'warn' : 'running'}>
        {`${behind.toLocaleString('en')}${behind >= 10_000 ? ' or more' : ''} events behind`}
      </State>
      {oldest && (
        <>
          , the oldest from <Time at={oldest} />
        </>
      )}
    </span>
  );
}

const typingMs = 150;

function Find() {
  const [url, setUrl] = useUrl();
  const input = useRef<HTMLInputElement>(null);
  const set = useDebouncedCallback((q: string) => setUrl({ q }), typingMs);
  useHotkeys([['f', () => input.current?.focus()]]);
  return (
    <TextInput
      ref={input}
      aria-label="Find a feature"
      placeholder="Find a feature (f)"
      leftSection={<Search size={13} aria-hidden />}
      defaultValue={url['q'] ?? ''}
      onChange={(event) => set(event.currentTarget.value)}
      mb="md"
    />
  );
}

/** What is left by words and facets; each facet counts what the others leave. */
function useNarrowed(
  items: readonly Feature[],
  users: ReadonlyMap<string, readonly User[]>,
  found: LookUp | undefined,
) {
  const [url] = useUrl();
  return useMemo(() => {
    const wordsOf = (feature: Feature, name: FacetName): readonly string[] => {
      if (name === 'entity') return [feature.entity];
      if (name === 'unit') return [feature.unit];
      if (name === 'window') return [windowText(feature)];
      const readers = (users.get(feature.id) ?? []).map(({ model }) => model);
      return readers.length === 0 ? [nobody] : readers;
    };
    const q = (url['q'] ?? '').toLowerCase();
    const told = items.filter(
      ({ id, description, entity }) =>
        `${id} ${description}`.toLowerCase().includes(q) &&
        (found === undefined || entity === found.entity),
    );
    const fits = (feature: Feature, but?: FacetName) =>
      facetNames.every((name) => {
        const chosen = chosenOf(url[name]);
        return (
          name === but ||
          chosen.length === 0 ||
          wordsOf(feature, name).some((word) => chosen.includes(word))
        );
      });
    const facets = facetNames.map((name): Facet => {
      const counts = new Map<string, number>();
      for (const feature of told.filter((each) => fits(each, name))) {
        for (const word of wordsOf(feature, name)) counts.set(word, (counts.get(word) ?? 0) + 1);
      }
      const values = [...counts].map(([value, count]) => ({ value, count }));
      return { name, title: facetTitles[name], values };
    });
    return { facets, rows: told.filter((feature) => fits(feature)) };
  }, [items, users, found, url]);
}

function columnsOf(
  users: ReadonlyMap<string, readonly User[]>,
  found: LookUp | undefined,
): readonly Column<Feature>[] {
  const values = new Map(found?.features.map(({ id, value }) => [id, value]));
  const value: Column<Feature> = {
    ...{ id: 'value', header: 'Value', width: 130, align: 'end' },
    cell: ({ id }) => (
      <span className={values.get(id) === null ? 'dimmed' : 'value'}>
        {valueText(values.get(id) ?? null)}
      </span>
    ),
  };
  return [
    {
      ...{ id: 'id', header: 'Feature', width: 230 },
      cell: ({ id }) => <span className="mono clip">{id}</span>,
    },
    ...(found ? [value] : []),
    { id: 'unit', header: 'Unit', width: 96, cell: ({ unit }) => unit },
    { id: 'window', header: 'Window', width: 140, cell: windowText },
    {
      ...{ id: 'description', header: 'In words', width: 220, grow: true },
      cell: ({ description }) => <span className="clip">{description}</span>,
    },
    {
      ...{ id: 'read', header: 'Read by', width: 150 },
      cell: ({ id }) => {
        const readers = users.get(id) ?? [];
        return readers.length === 0 ? (
          <span className="dimmed">{nobody}</span>
        ) : (
          <span className="clip">{readers.map(({ model }) => model).join(', ')}</span>
        );
      },
    },
  ];
}
