// The members of a programme: found by the id of the customer, or gone through in order.
import { Button, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useRef } from 'react';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Screen } from '../../parts/screen.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import './loyalty.css';
import { MemberLink } from './member-link.tsx';
import { Points } from './points.tsx';
import { useProgram } from './program-choice.tsx';
import type { MemberListed, ProgramSeen } from './shapes.ts';

export function Members() {
  const { program, choice, rest } = useProgram();
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const open = (customer: string) => {
    if (customer === '') return;
    void navigate({
      to: `/members/${encodeURIComponent(customer)}` as never,
      search: (program ? { program: program.name } : {}) as never,
    });
  };
  const keys: readonly Key[] = [
    { key: 'j', words: 'Next in the list' },
    { key: 'k', words: 'The one before' },
    { key: 'Enter', words: 'Open the member' },
    { key: 'f', words: 'Find by the id of the customer', act: () => input.current?.select() },
  ];
  useKeys(keys);
  return (
    <Screen
      title="Members"
      about={program && `of ${program.title}, in ${program.unit}`}
      actions={
        <>
          <form
            role="search"
            className="member-search"
            onSubmit={(event) => {
              event.preventDefault();
              open(input.current?.value.trim() ?? '');
            }}
          >
            <TextInput
              ref={input}
              w={260}
              aria-label="Id of the customer"
              placeholder="Id of a customer (f)"
              leftSection={<Search size={13} aria-hidden />}
            />
            <Button type="submit" variant="default">
              Open
            </Button>
          </form>
          {choice}
          <KeysButton keys={keys} />
        </>
      }
    >
      {program ? <List key={program.name} program={program} open={open} /> : rest}
    </Screen>
  );
}

function List({
  program,
  open,
}: {
  readonly program: ProgramSeen;
  readonly open: (customer: string) => void;
}) {
  const [url, setUrl] = useUrl();
  const query = { program: program.name };
  const members = useApiPages('GET /v1/loyalty/members', { query });
  return (
    <Grid
      label="Members"
      rows={members.items}
      columns={columns}
      idOf={({ customer }) => customer}
      selected={url['id'] ?? members.items[0]?.customer}
      onSelect={({ customer }) => setUrl({ id: customer })}
      onOpen={({ customer }) => open(customer)}
      hearsAll
      {...{ more: members.more, hasMore: members.hasMore, isPending: members.isPending }}
      {...{ error: members.error, retry: members.refetch }}
      empty={
        <Empty title="Nobody is a member yet">
          Customers join with the first points that they earn, once accrual is switched on in the
          rollout.
        </Empty>
      }
    />
  );
}

const standings: Readonly<Record<MemberListed['standing'], readonly [string, Tone, string]>> = {
  good: ['ok', 'good', 'in good standing'],
  suspended: ['suspended', 'bad', 'suspended'],
  closed: ['closed', 'still', 'ended'],
};

export function Standing({ word }: { readonly word: MemberListed['standing'] }) {
  const [look, tone, text] = standings[word];
  return (
    <State word={look} tone={tone}>
      {text}
    </State>
  );
}

const columns: readonly Column<MemberListed>[] = [
  {
    ...{ id: 'customer', header: 'Customer', width: 190, grow: true },
    cell: ({ customer, program }) => <MemberLink customer={customer} program={program} />,
  },
  {
    ...{ id: 'standing', header: 'Standing', width: 150 },
    cell: ({ standing }) => <Standing word={standing} />,
  },
  {
    ...{ id: 'balance', header: 'Balance', width: 120, align: 'end' },
    cell: ({ balance }) => <Points points={balance} />,
  },
  {
    ...{ id: 'active', header: 'Active', width: 110, align: 'end' },
    cell: ({ active }) => <Points points={active} />,
  },
  {
    ...{ id: 'pending', header: 'Pending', width: 110, align: 'end' },
    cell: ({ pending }) => <Points points={pending} />,
  },
  {
    ...{ id: 'owed', header: 'Owed', width: 100, align: 'end' },
    cell: ({ owed }) => <Points points={owed} />,
  },
  {
    ...{ id: 'earned', header: 'Earned in all', width: 130, align: 'end', spare: true },
    cell: ({ lifetime_earned: points }) => <Points points={points} />,
  },
  {
    ...{ id: 'since', header: 'Member since', width: 120, spare: true },
    cell: ({ enrolled_at: at }) => <Time at={at} />,
  },
];
