// One replay: how far it is, how much came out the same, and what did not.
import { Group, Loader, Stack, Table, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Api } from '../../api/openapi.ts';
import { useAct, useApi } from '../../api/queries.ts';
import {
  countText,
  type DriftExample,
  DriftExamples,
  type DriftReport,
  DriftView,
  Figure,
  shareText,
} from '../../parts/drift.tsx';
import { useRefresh } from '../../api/live.ts';
import { Id, shortId } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Card, Facts } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { kindWords, requestOf, spanWords } from './request.tsx';

type Told = Api['GET /v1/replays/{id}']['answer'];
type Example = Told['examples']['items'][number];

/** What a replay tells depends on its kind: these say which it is. */
function isDrift(report: object): report is DriftReport {
  return 'changes' in report;
}

function isExample(example: Example): example is Example & DriftExample {
  return example.from !== undefined && example.to !== undefined;
}

const waitingMs = 2_000;
const examplesMax = 100;

export function ReplayView({ id }: { readonly id: string }) {
  const first = useApi('GET /v1/replays/{id}', { path: { id }, query: { limit: examplesMax } });
  const isOpen = first.data?.status === 'waiting';
  // It ends by itself: looked at until it has, even where no event tells it.
  useApi(
    'GET /v1/replays/{id}',
    { path: { id }, query: { limit: examplesMax } },
    { refetchMs: waitingMs, enabled: isOpen },
  );
  useRefresh(['replay.completed'], ['GET /v1/replays/{id}']);
  const { data, error, refetch } = first;
  if (error) {
    return (
      <div style={{ padding: 16 }}>
        <ProblemNote error={error} retry={refetch} />
      </div>
    );
  }
  return data ? <OneReplay replay={data} /> : <Loading />;
}

function OneReplay({ replay }: { readonly replay: Told }) {
  const { id, kind, status, report } = replay;
  const { bundle, model } = requestOf(replay);
  return (
    <div className="beside">
      <Title order={2}>{status === 'completed' ? resultWords(replay) : kindWords(replay)}</Title>
      <Stack gap="md" className="below">
        <Facts
          of={{
            State: <State word={status === 'waiting' ? 'running' : status} />,
            What: kindWords(replay),
            Of: spanWords(replay),
            'Made by':
              bundle !== undefined ? (
                <Link to={`/policies/bundles/${bundle}` as never}>the bundle</Link>
              ) : model !== undefined ? (
                <Link to={`/models/${model.name}` as never}>
                  {model.name} {model.version}
                </Link>
              ) : undefined,
            'Asked for': (
              <>
                <Time at={replay.requested_at} whole /> by <Who principal={replay.requested_by} />
              </>
            ),
            Ended: replay.ended_at ? <Time at={replay.ended_at} whole /> : undefined,
            Positions:
              replay.from_position === null
                ? undefined
                : `${countText(replay.from_position)} to ${countText(replay.to_position ?? 0)} of the log`,
            Id: <Id id={id} whole link={false} />,
          }}
        />
        {status === 'waiting' && <Running id={id} since={replay.requested_at} />}
        {status === 'failed' && (
          <Text role="alert">
            It could not be finished: {wordsOf(replay.reason ?? 'no reason')}.
          </Text>
        )}
        {status === 'completed' && kind === 'same' && <Determinism replay={replay} />}
        {status === 'completed' && kind !== 'same' && report && (
          <>
            {isDrift(report) && <DriftView report={report} />}
            <DriftExamples examples={replay.examples.items.filter(isExample)} />
          </>
        )}
      </Stack>
    </div>
  );
}

function resultWords({ kind, identical, decisions, changed }: Told): string {
  if (decisions === 0) return 'No decision was recorded there';
  if (kind === 'same') {
    return identical === decisions
      ? `All ${countText(decisions)} decisions come out the same`
      : `${shareText(identical, decisions)} come out the same`;
  }
  return changed === 0
    ? `No outcome of ${countText(decisions)} would change`
    : `${countText(changed)} of ${countText(decisions)} outcomes would change`;
}

function Running({ id, since }: { readonly id: string; readonly since: string }) {
  const act = useAct('POST /v1/replays/{id}/cancel', [
    ...(['GET /v1/replays', 'GET /v1/replays/{id}'] as const),
  ]);
  return (
    <Card>
      <Group gap={10} role="status">
        <Loader size={16} />
        <Text flex={1}>
          A worker makes the decisions again, as a role that cannot write; asked for{' '}
          <Time at={since} />. This page tells when it has ended.
        </Text>
        <ActButton
          right="policy:decide"
          loading={act.isPending}
          onClick={() => act.mutate({ path: { id } })}
        >
          Cancel it
        </ActButton>
      </Group>
      {act.error && <ProblemNote error={act.error} />}
    </Card>
  );
}

function Determinism({ replay }: { readonly replay: Told }) {
  const { decisions, identical, changed } = replay;
  const unlike = replay.examples.items;
  return (
    <>
      <div className="figures">
        <Figure
          name="Determinism"
          value={shareText(identical, decisions)}
          tone={identical === decisions ? 'good' : 'bad'}
        >
          come out as recorded
        </Figure>
        <Figure name="Decisions" value={countText(decisions)}>
          made again
        </Figure>
        <Figure name="Otherwise" value={countText(decisions - identical)}>
          in any detail
        </Figure>
        <Figure
          name="Another outcome"
          value={countText(changed)}
          tone={changed > 0 ? 'bad' : undefined}
        >
          of these
        </Figure>
      </div>
      {unlike.length > 0 && <Unlike all={unlike} />}
    </>
  );
}

function Unlike({ all }: { readonly all: readonly Example[] }) {
  return (
    <Card title="Those that did not" flush>
      <Table aria-label="Decisions that did not come out the same">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Decision</Table.Th>
            <Table.Th>What differs</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {all.map(({ decision_id, fields, trouble }) => (
            <Table.Tr key={decision_id}>
              <Table.Td>
                <Link to={`/decisions/${decision_id}` as never} className="mono">
                  {shortId(decision_id)}
                </Link>
              </Table.Td>
              <Table.Td>{trouble ?? fields?.map(wordsOf).join(', ')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
