// Outlook: what policy would say of a payment that waits, once all who have to approve it have.
import { internalId, nullable, type Tx, type Uuid, withTx } from '#core';
import {
  decisionOutcomes,
  foresee,
  type LoggedDecision,
  readDecisions,
  reasonsInWords,
} from '#policy';
import { approvedDecisions, type CaseDetail, isActive } from '#reviews';
import Type from 'typebox';
import type { Parts } from './routes.ts';

const doubted = Type.Object({
  at: Type.String({ description: 'The rule or limit that could not be judged.' }),
  kind: Type.String(),
  detail: Type.String({ description: 'Of `fact_missing`: the fact.' }),
});

export const outlookView = nullable(
  Type.Object(
    {
      outcome: Type.Enum([...decisionOutcomes]),
      reasons: Type.Array(Type.Object({ code: Type.String(), text: Type.String() })),
      policy_version: Type.String(),
      answers_for: Type.Array(doubted, {
        description: 'What policy could not judge: whoever approves answers for it.',
      }),
    },
    {
      description:
        'What policy would say once all have approved, on what is known now: of a payment that ' +
        'waits. Where that is no `allow` or `hold`, approving does not release it.',
    },
  ),
);

/** Null where nothing waits for a verdict. */
export async function outlookOf(
  { planes }: Parts,
  tenant: string,
  { kind, status, payment_id, required_checkers, evidence }: CaseDetail,
) {
  const id = internalId('decision', evidence.decision?.decision_id ?? '');
  if (kind !== 'release' || !isActive(status) || id === undefined) return null;
  const { database, library, clock } = planes;
  const look = (tx: Tx) => readShown(tx, payment_id, id);
  const { decision, approved } = await withTx(database.pool('read'), look, {
    tenant,
    readOnly: true,
  });
  if (decision === undefined) return null;
  const given = Number(decision.facts['approvals'] ?? 0);
  const facts = { ...decision.facts, approvals: Math.max(given, required_checkers) };
  const releases = await library.releases(tenant, undefined);
  const { deciding } = await library.bench(releases, decision.point, clock.now(), facts);
  const { outcome, reasons, settled } = foresee(deciding, facts, approved);
  return {
    outcome,
    reasons: reasonsInWords(deciding, reasons),
    policy_version: deciding.version,
    answers_for: settled,
  };
}

/** The decision that people are shown now, and with it those that they have approved before. */
async function readShown(tx: Tx, paymentId: string, id: Uuid) {
  const ids = [...(await approvedDecisions(tx, paymentId)), id];
  const decisions = await readDecisions(tx, ids);
  const approved = ids.flatMap((each): LoggedDecision[] => {
    const found = decisions.get(each);
    return found ? [found] : [];
  });
  return { decision: decisions.get(id), approved };
}
