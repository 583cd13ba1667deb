// Agents: the programs that call tools for customers, what each may do, and who answers for it.
import { Plus } from 'lucide-react';
import { useRef } from 'react';
import { useRefresh } from '../../api/live.ts';
import { useApiPages } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Screen } from '../../parts/screen.tsx';
import { Split } from '../../parts/split.tsx';
import { State } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { nameOf } from '../../parts/who.tsx';
import { AgentDialogs } from './agent-dialogs.tsx';
import { AgentView } from './agent.tsx';
import { useCurrent } from './use-current.ts';
import { type Agent, agentReads } from './words.tsx';
import '../../parts/explorer.css';
import './gateway.css';

export function Agents() {
  const may = useMay()('policy:read');
  const list = useApiPages('GET /v1/agents', {}, { enabled: may.allowed });
  const { current, select, step } = useCurrent(
    '/agents',
    list.items.map(({ id }) => id),
  );
  const [url, setUrl] = useUrl();
  const detail = useRef<HTMLElement>(null);
  useRefresh(['agent.'], agentReads);
  const agent = list.items.find(({ id }) => id === current);
  const ask = (what: string) => () => agent && setUrl({ do: what });
  const keys: readonly Key[] = [
    { key: 'j', words: 'Next agent', act: () => step(1) },
    { key: 'k', words: 'The one before', act: () => step(-1) },
    { key: 'n', words: 'Register an agent', act: () => setUrl({ do: 'new' }) },
    { key: 'e', words: 'Change what it may do', act: ask('change') },
    {
      ...{ key: 's', words: 'Suspend it, or resume it' },
      act: ask(agent?.status === 'active' ? 'suspend' : 'resume'),
    },
    { key: 'Enter', words: 'Into the agent, to scroll it', act: () => detail.current?.focus() },
  ];
  useKeys(keys, may.allowed && url['do'] === undefined);
  return (
    <Screen
      title="Agents"
      about="Programs that call tools for customers, each on its own terms"
      actions={
        <>
          <ActButton
            right="admin"
            variant="filled"
            leftSection={<Plus size={13} />}
            onClick={() => setUrl({ do: 'new' })}
          >
            Register an agent
          </ActButton>
          <KeysButton keys={keys} />
        </>
      }
    >
      {may.allowed ? (
        <Split
          label="The agent"
          detailRef={detail}
          list={<List list={list} current={current} select={select} />}
        >
          {current === undefined ? (
            !list.isPending && !list.error && <Empty title="No agent to look at" />
          ) : (
            <AgentView key={current} id={current} />
          )}
        </Split>
      ) : (
        <Empty title="Agents are closed to you">{may.why}</Empty>
      )}
      <AgentDialogs id={current} select={select} />
    </Screen>
  );
}

type ListProps = {
  readonly list: ReturnType<typeof useApiPages<'GET /v1/agents'>>;
  readonly current: string | undefined;
  readonly select: (id: string) => void;
};

function List({ list, current, select }: ListProps) {
  return (
    <Grid
      label="Agents"
      rows={list.items}
      columns={columns}
      idOf={({ id }) => id}
      selected={current}
      onSelect={({ id }) => select(id)}
      {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
      {...{ error: list.error, retry: list.refetch }}
      empty={
        <Empty title="No agent is registered">
          An agent reaches the bank only by tools, for a customer who has agreed, and within its
          terms. An administrator registers it (n), and another person approves that.
        </Empty>
      }
    />
  );
}

const columns: readonly Column<Agent>[] = [
  {
    ...{ id: 'state', header: 'State', width: 108 },
    cell: ({ status }) => <State word={status} />,
  },
  {
    ...{ id: 'name', header: 'Agent', width: 156, grow: true },
    cell: ({ id, name }) => (
      <span className="clip" title={`${name} (agent:${id})`}>
        {name} <span className="mono dimmed">{id}</span>
      </span>
    ),
  },
  {
    ...{ id: 'owner', header: 'Owner', width: 92, spare: true },
    cell: ({ owner }) => <span className="clip">{nameOf(owner)}</span>,
  },
  {
    ...{ id: 'purposes', header: 'For', width: 130, spare: true },
    cell: ({ purposes }) => (
      <span className="clip" title={purposes.join(', ')}>
        {purposes.join(', ')}
      </span>
    ),
  },
  {
    ...{ id: 'tools', header: 'Tools', width: 56, align: 'end', spare: true },
    cell: ({ tools }) => (
      <span title={tools.map(({ name, calls_per_minute: rate }) => `${name} ${rate}`).join(', ')}>
        {tools.length}
      </span>
    ),
  },
];
