// The approval of one exact act: which one there is, how it stands, and the asking for it.
import { Button, Group, Text } from '@mantine/core';
import type { Api } from '../../api/openapi.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { Id } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';

export type Asking = Api['POST /v1/approvals']['body'];
export type Approval = Api['GET /v1/approvals/{id}']['answer'];

const looked = 100;

/**
 * The newest approval of a kind whose summary names this version, with its subject. What waits comes
 * first in the list, and what was approved or refused lately after it.
 */
export function useApprovalOf(kind: string, version: string): Approval | undefined {
  const { data } = useApi('GET /v1/approvals', { query: { limit: looked, subject_kind: kind } });
  const all = (data?.items ?? [])
    .filter((each) => each.subject_kind === kind && each.summary.includes(version))
    .sort((one, other) => (one.requested_at < other.requested_at ? 1 : -1));
  const best = all.find(({ status }) => status === 'pending' || status === 'approved') ?? all[0];
  const read = useApi(
    'GET /v1/approvals/{id}',
    { path: { id: best?.id ?? '' } },
    { enabled: best !== undefined },
  );
  return best === undefined ? undefined : read.data;
}

export function AskButton({
  asking,
  unless,
}: {
  readonly asking: Asking | undefined;
  readonly unless?: string | undefined;
}) {
  const act = useAct('POST /v1/approvals', ['GET /v1/approvals', 'GET /v1/approvals/{id}']);
  return (
    <>
      <ActButton
        right="approval.request"
        loading={act.isPending}
        unless={
          unless ?? (asking === undefined ? 'It is not known yet what to ask for' : undefined)
        }
        onClick={() => asking && act.mutate({ body: asking })}
      >
        Ask for approval
      </ActButton>
      {act.error && <ProblemNote error={act.error} />}
    </>
  );
}

/** How an approval stands, and for how long. */
export function ApprovalState({ approval }: { readonly approval: Approval }) {
  const { id, status, verdicts, required_checkers, expires_at } = approval;
  const given = verdicts.filter(({ verdict }) => verdict === 'approve').length;
  return (
    <>
      <Group gap={8}>
        <State word={status} />
        <Id id={id} />
      </Group>
      {status === 'pending' && (
        <Text c="dimmed" fz="sm">
          {given} of {required_checkers} have approved; it ends <Time at={expires_at} />
        </Text>
      )}
      {verdicts.map(({ checker, verdict, reason }) => (
        <Text key={checker} fz="sm">
          <Who principal={checker} /> {verdict === 'approve' ? 'approved' : 'rejected'}:{' '}
          <span className="text">{reason}</span>
        </Text>
      ))}
    </>
  );
}

export function Withdraw({ approval }: { readonly approval: Approval }) {
  const act = useAct('POST /v1/approvals/{id}/withdraw', [
    ...(['GET /v1/approvals', 'GET /v1/approvals/{id}'] as const),
  ]);
  return (
    <>
      <Button
        size="compact-xs"
        variant="subtle"
        loading={act.isPending}
        onClick={() => act.mutate({ path: { id: approval.id }, body: {} })}
      >
        Withdraw the request
      </Button>
      {act.error && <ProblemNote error={act.error} />}
    </>
  );
}
