// What a bundle would have said to recorded decisions: run now, or the report of an earlier run.
import { Button, Group, Loader, Select, Stack, Table, Text, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import type { Api } from '../../api/openapi.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { countText, DriftView } from '../../parts/drift.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Card } from '../../parts/screen.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';

export type BacktestAnswer = Api['GET /v1/policy-bundles/{digest}/backtests/{id}']['answer'];
type Listed = Api['GET /v1/policy-bundles/{digest}/backtests']['answer']['items'][number];

const sizes = [1_000, 10_000, 50_000];

const listedMax = 20;

function useBacktests(digest: string) {
  const given = { path: { digest }, query: { limit: listedMax } };
  return useApi('GET /v1/policy-bundles/{digest}/backtests', given, { keep: true });
}

/** Which back-test is looked at: that of the address, or the newest that anybody has run. */
export function useBacktestId(digest: string) {
  const [{ backtest }, setUrl] = useUrl();
  const { data } = useBacktests(digest);
  const set = (next: string) => setUrl({ backtest: next, tab: 'backtest' });
  return [backtest ?? data?.items[0]?.id, set] as const;
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
  const { data: listed } = useBacktests(digest);
  return (
    <Stack gap="md">
      <RunBacktest digest={digest} again={id !== undefined} />
      {error && <ProblemNote error={error} retry={refetch} />}
      {id !== undefined && !data && !error && <Loading />}
      {data && <Told answer={data} />}
      {listed && listed.items.length > 1 && <All digest={digest} items={listed.items} />}
      {listed && id === undefined && (
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
  const act = useAct('POST /v1/policy-bundles/{digest}/backtests', [
    'GET /v1/policy-bundles/{digest}/backtests',
  ]);
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

function All({ digest, items }: { readonly digest: string; readonly items: readonly Listed[] }) {
  const [shown, show] = useBacktestId(digest);
  return (
    <Card title="Every back-test of this bundle" flush>
      <Table aria-label="Back-tests of this bundle">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Run</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th ta="right">Decisions</Table.Th>
            <Table.Th ta="right">Changed</Table.Th>
            <Table.Th>
              <VisuallyHidden>Look at</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map(({ id, created_at, created_by, decisions, changed }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <Time at={created_at} whole />
              </Table.Td>
              <Table.Td>
                <Who principal={created_by} />
              </Table.Td>
              <Table.Td ta="right">{countText(decisions)}</Table.Td>
              <Table.Td ta="right">{countText(changed)}</Table.Td>
              <Table.Td ta="right">
                {id === shown ? (
                  <span className="dimmed">shown</span>
                ) : (
                  <Button variant="subtle" size="compact-xs" onClick={() => show(id)}>
                    Show
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Told({ answer }: { readonly answer: BacktestAnswer }) {
  const { report } = answer;
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
