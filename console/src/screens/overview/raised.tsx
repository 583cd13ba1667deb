// What is wrong now: service levels that use up their budget, models that a control objects to, and
// what a kill switch has stopped.
import { Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Card } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Time, useNow } from '../../parts/time.tsx';

const refreshMs = 30_000;
/** An alert of a control stays on record: older ones are found at the model. */
const shownMs = 86_400_000;
const shownMax = 4;

export function Raised() {
  const may = useMay();
  const slos = useApi('GET /v1/slos', {}, { refetchMs: refreshMs });
  const alerts = useApi(
    'GET /v1/alerts',
    { query: { limit: shownMax } },
    { enabled: may('model:read').allowed },
  );
  const rollout = useApi('GET /v1/rollout', {}, { enabled: may('policy:read').allowed });
  useRefresh(['alert.', 'model.'], ['GET /v1/alerts']);
  const now = useNow();
  const burning = (slos.data?.items ?? []).flatMap(({ alerts: own, title }) =>
    own.filter(({ cleared_at }) => cleared_at === null).map((alert) => ({ ...alert, title })),
  );
  const recent = (alerts.data?.items ?? []).filter(
    ({ raised_at }) => now - Date.parse(raised_at) < shownMs,
  );
  const killed = rollout.data?.killed ?? [];
  const error = slos.error ?? alerts.error ?? rollout.error;
  const isCalm = burning.length + recent.length + killed.length === 0;
  return (
    <Card title="Raised" flush>
      {error && <ProblemNote error={error} />}
      {isCalm && !error && slos.data && (
        <p className="calm">
          <State word="ok">No alert is raised, nothing is stopped</State>
        </p>
      )}
      <Table className="news">
        <Table.Tbody>
          {killed.map((useCase) => (
            <Row key={useCase} to="/rollout" about="kill switch">
              <State word="killed">{useCase === '*' ? 'all AI' : wordsOf(useCase)}</State>
            </Row>
          ))}
          {burning.map(({ alert_id, slo, window, severity, raised_at, title }) => (
            <Row
              key={alert_id}
              to="/slos"
              about={`${window} · ${severity}`}
              at={raised_at}
              hint={title}
            >
              <State word="warn">{wordsOf(slo.replaceAll('-', ' '))}</State>
            </Row>
          ))}
          {recent.map(({ alert_id, model, version, control, severity, raised_at, summary }) => (
            <Row
              key={alert_id}
              to={`/models/${model}`}
              about={`${model} ${version}`}
              at={raised_at}
              hint={summary}
            >
              <State word={severity === 'severe' ? 'failed' : 'warn'}>{wordsOf(control)}</State>
            </Row>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Row({
  to,
  about,
  at,
  hint,
  children,
}: {
  readonly to: string;
  readonly about: string;
  readonly at?: string;
  readonly hint?: string;
  readonly children: ReactNode;
}) {
  return (
    <Table.Tr title={hint}>
      <Table.Td>
        <Link to={to as never}>{children}</Link> <span className="dimmed">{about}</span>
      </Table.Td>
      <Table.Td ta="end" w={70}>
        {at !== undefined && <Time at={at} />}
      </Table.Td>
    </Table.Tr>
  );
}
