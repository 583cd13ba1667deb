// Service levels: what is promised, how it stands in four windows, and how fast the budget burns.
import { Grid as Columns, Stack } from '@mantine/core';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Card, Screen, Scroll } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Alerts } from './alerts.tsx';
import { Board } from './board.tsx';
import { History } from './history.tsx';
import { Maturity } from './maturity.tsx';
import './slos.css';
import { refreshMs, type Slo, windowWords } from './words.ts';

export function Slos() {
  const slos = useApi('GET /v1/slos', {}, { refetchMs: refreshMs });
  const [url, setUrl] = useUrl();
  useRefresh(['slo.'], ['GET /v1/slos', 'GET /v1/slo-alerts']);
  const items = slos.data?.items ?? [];
  const chosen = items.find(({ name }) => name === url['slo']) ?? items[0];
  const choose = (name: string) => setUrl({ slo: name });
  const step = (by: number) => {
    const at = items.findIndex(({ name }) => name === chosen?.name);
    const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
    if (next) choose(next.name);
  };
  const keys: readonly Key[] = [
    { key: 'j', words: 'Next objective', act: () => step(1) },
    { key: 'k', words: 'The one before', act: () => step(-1) },
    ...Object.entries(windowWords).map(([window, words], at) => ({
      ...{ key: String(at + 1), words: `Its course over ${words}` },
      act: () => setUrl({ window }),
    })),
  ];
  useKeys(keys);
  return (
    <Screen
      title="Service levels"
      about={
        slos.data && (
          <>
            <Summary slos={items} />, as of <Time at={slos.data.as_of} whole />
          </>
        )
      }
      actions={<KeysButton keys={keys} />}
    >
      <Scroll>
        {slos.error && <ProblemNote error={slos.error} retry={slos.refetch} />}
        {slos.isPending && <Loading />}
        {chosen && (
          <Stack gap="md">
            <Card title="What is promised" flush>
              <Board slos={items} chosen={chosen.name} choose={choose} />
            </Card>
            <Columns gap="md" align="stretch">
              <Columns.Col span={{ base: 12, lg: 7 }}>
                <History slo={chosen} />
              </Columns.Col>
              <Columns.Col span={{ base: 12, lg: 5 }}>
                <Alerts slos={items} />
              </Columns.Col>
            </Columns>
            <Maturity />
          </Stack>
        )}
      </Scroll>
    </Screen>
  );
}

/** The day in a few words: what is measured now counts, in the last day. */
function Summary({ slos }: { readonly slos: readonly Slo[] }) {
  const today = slos.map(({ windows }) => windows.find(({ window }) => window === '24h')?.status);
  const missed = today.filter((status) => status === 'missed').length;
  const met = today.filter((status) => status === 'met').length;
  return missed === 0 ? (
    <State word="met">{`all ${met} that are measured are kept today`}</State>
  ) : (
    <State word="missed">{`${missed} of ${missed + met} missed today`}</State>
  );
}
