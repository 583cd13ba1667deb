// Prompts: what the bank asks language models, word by word, and which of it somebody has approved.
import { useRef } from 'react';
import { useRefresh } from '../../api/live.ts';
import { useApiPages } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Screen } from '../../parts/screen.tsx';
import { Split } from '../../parts/split.tsx';
import { State } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { useCurrent } from '../gateway/use-current.ts';
import { PromptView } from './prompt.tsx';
import { type Prompt, promptReads } from './words.ts';
import '../../parts/explorer.css';
import '../gateway/gateway.css';
import './prompts.css';

export function Prompts() {
  const may = useMay()('model:read');
  const list = useApiPages('GET /v1/prompts', {}, { enabled: may.allowed });
  const { current, select, step } = useCurrent(
    '/prompts',
    list.items.map(({ name }) => name),
  );
  const [url, setUrl] = useUrl();
  const detail = useRef<HTMLElement>(null);
  useRefresh(['prompt.approved', 'prompt.withdrawn'], promptReads);
  const ask = (what: string) => () => current !== undefined && setUrl({ do: what });
  const keys: readonly Key[] = [
    { key: 'j', words: 'Next prompt', act: () => step(1) },
    { key: 'k', words: 'The one before', act: () => step(-1) },
    { key: 'a', words: 'Approve the version that is shown', act: ask('approve') },
    { key: 'w', words: 'Withdraw it', act: ask('withdraw') },
    { key: 'Enter', words: 'Into the prompt, to scroll it', act: () => detail.current?.focus() },
  ];
  useKeys(keys, current !== undefined && url['do'] === undefined);
  return (
    <Screen
      title="Prompts"
      about="What the bank asks language models, each text as the bank has approved it"
      actions={<KeysButton keys={keys} />}
    >
      {may.allowed ? (
        <Split
          label="The prompt"
          detailRef={detail}
          list={
            <Grid
              label="Prompts"
              rows={list.items}
              columns={columns}
              idOf={({ name }) => name}
              selected={current}
              onSelect={({ name }) => select(name)}
              {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
              {...{ error: list.error, retry: list.refetch }}
              empty={<Empty title="No prompt ships">No language model is asked anything.</Empty>}
            />
          }
        >
          {current !== undefined && <PromptView key={current} name={current} />}
        </Split>
      ) : (
        <Empty title="Prompts are closed to you">{may.why}</Empty>
      )}
    </Screen>
  );
}

const columns: readonly Column<Prompt>[] = [
  {
    ...{ id: 'state', header: 'State', width: 112 },
    cell: (prompt) => <PromptState of={prompt} />,
  },
  {
    ...{ id: 'name', header: 'Prompt', width: 160, grow: true },
    cell: ({ name, purpose }) => (
      <span className="clip" title={purpose}>
        <span className="mono">{name}</span> <span className="dimmed">{purpose}</span>
      </span>
    ),
  },
  {
    ...{ id: 'used', header: 'Asked', width: 62, align: 'end' },
    cell: ({ used }) => used ?? <span className="dimmed">none</span>,
  },
  {
    ...{ id: 'newest', header: 'Newest', width: 66, align: 'end' },
    cell: ({ newest }) => newest,
  },
];

export function PromptState({ of }: { readonly of: Pick<Prompt, 'used' | 'unused_because'> }) {
  if (of.used !== null) return <State word="approved" />;
  switch (of.unused_because) {
    case 'changed':
    case 'other_model':
      return (
        <State word="warn">{of.unused_because === 'changed' ? 'changed' : 'other model'}</State>
      );
    case 'no_model':
      return <State word="none">no model</State>;
    default:
      return <State word="none">not approved</State>;
  }
}
