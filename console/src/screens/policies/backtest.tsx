// What a bundle would have said to recorded decisions: run now, or the report of an earlier run.
import { Group, Loader, Select, Stack, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useState } from 'react';
import type { Api } from '../../api/openapi.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { countText, type DriftReport, DriftView } from '../../parts/drift.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';

export type BacktestAnswer = Api['GET /v1/policy-bundles/{digest}/backtests/{id}']['answer'];
type Report = DriftReport & { readonly cut_short: boolean };

const sizes = [1_000, 10_000, 50_000];

/** Which back-test is looked at: that of the address, or the last one that was run from here. */
export function useBacktestId(digest: string) {
  const [{ backtest }, setUrl] = useUrl();
  const [last, setLast] = useLocalStorage<string>({
    ...{ key: `back-test of ${digest}`, defaultValue: '', getInitialValueInEffect: false },
  });
  const id = backtest ?? (last === '' ? undefined : last);
  const set = (next: string) => {
    setLast(next);
    setUrl({ backtest: next, tab: 'backtest' });
  };
  return [id, set] as const;
}

export function useBacktest(digest: string, id: string | undefined) {
  return useApi(
    'GET /v1/policy-bundles/{digest}/backtests/{id}',
    { path: { digest, id: id ?? '' } },
    { enabled: id !== undefined },
  );
}

export function Backtest({ digest, name }: { readonly digest: string; readonly name: string }) {
  const [id] = useBacktestId(digest);
  const { data, error, refetch } = useBacktest(digest, id);
  return (
    <Stack gap="md">
      <RunBacktest digest={digest} again={id !== undefined} />
      {error && <ProblemNote error={error} retry={refetch} />}
      {id !== undefined && !data && !error && <Loading />}
      {data && <Told answer={data} />}
      {id === undefined && (
        <Empty title="No back-test yet">
          It asks what this bundle would have said to the latest decisions at {name}: how many
          outcomes would change, of which amounts, and why. Nothing is published without one.
        </Empty>
      )}
    </Stack>
  );
}

function RunBacktest({ digest, again }: { readonly digest: string; readonly again: boolean }) {
  const [, setId] = useBacktestId(digest);
  const [size, setSize] = useState('10000');
  const act = useAct('POST /v1/policy-bundles/{digest}/backtests');
  const run = () =>
    act.mutate(
      { path: { digest }, body: { decisions: Number(size) } },
      { onSuccess: ({ id }) => setId(id) },
    );
  return (
    <Stack gap="xs">
      <Group gap={6} align="center">
        <Text>Against the latest</Text>
        <Select
          w={110}
          aria-label="How many decisions"
          allowDeselect={false}
          data={sizes.map((each) => ({ value: String(each), label: countText(each) }))}
          value={size}
          onChange={(next) => setSize(next ?? '10000')}
        />
        <Text>decisions</Text>
        <ActButton
          right="policy:write"
          variant={again ? 'default' : 'filled'}
          loading={act.isPending}
          onClick={run}
        >
          {again ? 'Run again' : 'Run the back-test'}
        </ActButton>
        {act.isPending && (
          <Group gap={6} role="status">
            <Loader size={14} />
            <Text c="dimmed">Recorded decisions are made again; this takes 20 s at most.</Text>
          </Group>
        )}
      </Group>
      {act.error && <ProblemNote error={act.error} retry={run} />}
    </Stack>
  );
}

function Told({ answer }: { readonly answer: BacktestAnswer }) {
  const report = answer.report as Report;
  return (
    <Stack gap="sm">
      <Text c="dimmed">
        Run by <Who principal={answer.created_by} /> <Time at={answer.created_at} />
        {report.cut_short && '. Time was up before all of them were looked at'}
      </Text>
      <DriftView report={report} />
    </Stack>
  );
}
