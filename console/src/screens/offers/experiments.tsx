// Whether offers do any good: what came of them, what they have changed against those who were not
// offered them, whom they reach, and the breaker that stops them.
import { Stack } from '@mantine/core';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { PageTabs, useTabs } from '../../parts/page-tabs.tsx';
import { Screen } from '../../parts/screen.tsx';
import { Segments } from '../../parts/segments.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Batches } from './batches.tsx';
import { Breakers, BreakerDialogs } from './breaker.tsx';
import { ExperimentSettings } from './experiment-settings.tsx';
import { Funnel } from './funnel.tsx';
import { Lift } from './lift.tsx';
import './offers.css';
import type { Dashboard } from './shapes.ts';

const tabs = [
  ['funnel', 'What came of them'],
  ['lift', 'What they changed'],
  ['batches', 'Batches'],
  ['settings', 'Who is held out'],
] as const;

const dashboardOp = 'GET /v1/offers/dashboard';
const refreshMs = 15_000;
const spans = [
  { value: '30', words: '30 days' },
  { value: '7', words: '7 days' },
  { value: '1', words: 'A day' },
  { value: '90', words: '90 days' },
] as const;

export function Experiments() {
  const [shown, keysOfTabs] = useTabs(tabs);
  const [url, setUrl] = useUrl();
  const days = Number(spans.find(({ value }) => value === url['days'])?.value ?? spans[0].value);
  const { data, error, refetch } = useApi(
    dashboardOp,
    { query: { days } },
    { keep: true, refetchMs: refreshMs },
  );
  useRefresh(
    ['offers.breaker', 'offers.batch', 'offers.learning'],
    [dashboardOp, 'GET /v1/offers/batches', 'GET /v1/offers/experiments'],
  );
  const keys: readonly Key[] = [
    ...keysOfTabs,
    { key: 'b', words: 'Stop offers', act: () => setUrl({ do: 'stop' }) },
    { key: 'n', words: 'Start a batch', act: () => setUrl({ tab: 'batches', do: 'batch' }) },
  ];
  useKeys(keys, url['do'] === undefined);
  return (
    <Screen
      title="Experiments"
      about={data && <Summary of={data} />}
      actions={
        <>
          {shown === 'funnel' && <Segments name="days" label="Over which time" of={spans} />}
          <KeysButton keys={keys} />
        </>
      }
    >
      <PageTabs tabs={tabs} shown={shown}>
        {error && <ProblemNote error={error} retry={refetch} />}
        {!data && !error && (shown === 'funnel' || shown === 'lift') && <Loading />}
        {data && shown === 'funnel' && (
          <Stack gap="md">
            <Breakers of={data} />
            <Funnel of={data} />
          </Stack>
        )}
        {data && shown === 'lift' && <Lift of={data} />}
        {shown === 'batches' && <Batches />}
        {shown === 'settings' && <ExperimentSettings />}
      </PageTabs>
      <BreakerDialogs />
    </Screen>
  );
}

function Summary({ of: { breakers } }: { readonly of: Dashboard }) {
  const open = breakers.filter(({ closed_at }) => closed_at === null);
  if (open.some(({ scope }) => scope === '*')) {
    return <State word="breached">all offers are stopped, but what must be told</State>;
  }
  if (open.length > 0) {
    return <State word="breached">{`stopped: ${open.map(({ scope }) => scope).join(', ')}`}</State>;
  }
  return <State word="ok">offers are made: nothing has stopped them</State>;
}
