// Tools: all that agents could ask of the bank, and which of it the bank lets them call as it is.
import { useRef } from 'react';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Screen } from '../../parts/screen.tsx';
import { Split } from '../../parts/split.tsx';
import { Empty } from '../../parts/states.tsx';
import { ToolDialogs } from './tool-dialogs.tsx';
import { ToolView } from './tool.tsx';
import { useCurrent } from './use-current.ts';
import { EffectWord, type Tool, toolReads, ToolState } from './words.tsx';
import '../../parts/explorer.css';
import './gateway.css';

/** What waits for somebody comes first. */
const order: readonly Tool['status'][] = ['changed', 'not_approved', 'approved'];

export function Tools() {
  const may = useMay()('policy:read');
  const registry = useApi('GET /v1/tool-registry', {}, { enabled: may.allowed });
  const rows = (registry.data?.items ?? []).toSorted(
    (one, other) =>
      order.indexOf(one.status) - order.indexOf(other.status) || one.name.localeCompare(other.name),
  );
  const { current, select, step } = useCurrent(
    '/tools',
    rows.map(({ name }) => name),
  );
  const [url, setUrl] = useUrl();
  const detail = useRef<HTMLElement>(null);
  useRefresh(['tool.approved', 'tool.withdrawn'], toolReads);
  const tool = rows.find(({ name }) => name === current);
  const ask = (what: string, isOpen: boolean) => () => isOpen && setUrl({ do: what });
  const keys: readonly Key[] = [
    { key: 'j', words: 'Next tool', act: () => step(1) },
    { key: 'k', words: 'The one before', act: () => step(-1) },
    { key: 'a', words: 'Approve it', act: ask('approve', tool?.status !== 'approved') },
    { key: 'w', words: 'Withdraw it', act: ask('withdraw', tool?.status !== 'not_approved') },
    { key: 'Enter', words: 'Into the tool, to scroll it', act: () => detail.current?.focus() },
  ];
  useKeys(keys, tool !== undefined && url['do'] === undefined);
  return (
    <Screen
      title="Tools"
      about="What agents may ask of the bank, each as the bank has approved it"
      actions={<KeysButton keys={keys} />}
    >
      {may.allowed ? (
        <Split
          label="The tool"
          detailRef={detail}
          list={
            <Grid
              label="Tools"
              rows={rows}
              columns={columns}
              idOf={({ name }) => name}
              selected={current}
              onSelect={({ name }) => select(name)}
              {...{ isPending: registry.isPending, error: registry.error }}
              retry={registry.refetch}
              empty={<Empty title="There is no tool">The gateway offers agents nothing yet.</Empty>}
            />
          }
        >
          {tool ? (
            <ToolView key={tool.name} tool={tool} />
          ) : (
            registry.data && <Empty title="There is no such tool">Choose one from the list.</Empty>
          )}
        </Split>
      ) : (
        <Empty title="Tools are closed to you">{may.why}</Empty>
      )}
      {tool && <ToolDialogs tool={tool} />}
    </Screen>
  );
}

const columns: readonly Column<Tool>[] = [
  {
    ...{ id: 'state', header: 'State', width: 122 },
    cell: ({ status }) => <ToolState status={status} />,
  },
  {
    ...{ id: 'name', header: 'Tool', width: 160, grow: true },
    cell: ({ name, title }) => (
      <span className="clip" title={title}>
        <span className="mono">{name}</span> <span className="dimmed">{title}</span>
      </span>
    ),
  },
  {
    ...{ id: 'effect', header: 'Effect', width: 84 },
    cell: ({ effect, name }) => <EffectWord effect={effect} tool={name} />,
  },
  {
    ...{ id: 'version', header: 'Version', width: 64, align: 'end' },
    cell: ({ version }) => version,
  },
];
