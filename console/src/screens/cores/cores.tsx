// Cores: how the core behind the bank is, what it can do, what is open there, and where its book and
// ours differ.
import { Grid as Columns, Stack } from '@mantine/core';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Card, Screen, Scroll } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Capabilities } from './capabilities.tsx';
import './cores.css';
import { Differences, differencesOp, shownStates, useOpenDifferences } from './differences.tsx';
import { Moves } from './moves.tsx';
import { Operations } from './operations.tsx';
import { type Core, coreName, healthOf, movesOp, refreshMs } from './words.ts';

const coresOp = 'GET /v1/cores';

export function Cores() {
  const cores = useApi(coresOp, {}, { refetchMs: refreshMs });
  const [, setUrl] = useUrl();
  const books = useMay()('ledger:read');
  useRefresh(['core.'], [coresOp, differencesOp, movesOp]);
  const keys: readonly Key[] = shownStates.map(([state, words], at) => ({
    ...{ key: String(at + 1), words: `Differences: ${words.toLowerCase()}` },
    act: () => setUrl({ differences: state }),
  }));
  useKeys(keys, books.allowed);
  const items = cores.data?.items ?? [];
  return (
    <Screen
      title="Cores"
      about={items.map((core) =>
        books.allowed ? (
          <Summary key={core.name} core={core} />
        ) : (
          <Health key={core.name} core={core} />
        ),
      )}
      actions={<KeysButton keys={books.allowed ? keys : []} />}
    >
      <Scroll>
        <Stack gap="md">
          {cores.error && <ProblemNote error={cores.error} retry={cores.refetch} />}
          {cores.isPending && <Loading />}
          {cores.data && items.length === 0 && (
            <Empty title="No core is connected">
              It is named when the server is started, and stands here from then on.
            </Empty>
          )}
          {items.length > 0 && !books.allowed && (
            <Card title="Differences and open moves">
              <span className="dimmed">They are closed to you: {books.why}</span>
            </Card>
          )}
          {items.length > 0 && books.allowed && (
            <>
              <Differences />
              <Moves />
            </>
          )}
          {items.map((core) => (
            <Columns key={core.name} gap="md">
              <Columns.Col span={{ base: 12, lg: 8 }}>
                <Card title={`${coreName(core)}, since the process began`} flush>
                  <Operations operations={core.operations} />
                </Card>
              </Columns.Col>
              <Columns.Col span={{ base: 12, lg: 4 }}>
                <Capabilities core={core} />
              </Columns.Col>
            </Columns>
          ))}
        </Stack>
      </Scroll>
    </Screen>
  );
}

/** Which core it is, and how it and the books are. */
function Summary({ core }: { readonly core: Core }) {
  const open = useOpenDifferences();
  // Where the core is our own there is one book, unless another one was connected before.
  const isTold = core.name !== 'own' || open.look === 'breached';
  return (
    <>
      <Health core={core} />
      {isTold && open.words !== undefined && (
        <>
          {', '}
          <State word={open.look}>{open.words}</State>
        </>
      )}
    </>
  );
}

function Health({ core }: { readonly core: Core }) {
  const [look, words] = healthOf(core);
  return (
    <>
      {coreName(core)}: <State word={look}>{words}</State>
    </>
  );
}
