// What policy says about a command that it has refused: why, and what would change its mind.
import { derivedUuid, Fault, type Uuid, withTx } from '#core';
import type { Executed, Planes } from '#main';
import { commandSubject, type LoggedDecision, readDecisions, reasonsInWords } from '#policy';

export type Refusal = {
  readonly decision_id: string;
  readonly reasons: string[];
  /** The reasons in words. */
  readonly detail: string;
  readonly obligations: LoggedDecision['obligations'];
  /** Present where other people's approval of this very command would let it pass. */
  readonly approval?: {
    readonly subject_kind: string;
    readonly subject_digest: string;
    readonly required_checkers: number;
    readonly summary: string;
    readonly instruction: string;
  };
};

/** By the ids of the commands that were refused, now or when their keys were first used. */
export async function readRefusals(
  { database, library }: Pick<Planes, 'database' | 'library'>,
  tenant: string,
  results: readonly (Executed | Fault)[],
): Promise<ReadonlyMap<Uuid, Refusal>> {
  const commands = results.flatMap((result) => (isRefused(result) ? [result.commandId] : []));
  if (commands.length === 0) return new Map();
  const ids = commands.map((id) => derivedUuid(id, 'decision', 0));
  const pool = database.pool('read');
  const decisions = await withTx(pool, (tx) => readDecisions(tx, ids), { tenant, readOnly: true });
  const refusals = new Map<Uuid, Refusal>();
  for (const [index, command] of commands.entries()) {
    const decision = decisions.get(ids[index] as Uuid);
    if (!decision) continue;
    const program = await library.program(tenant, decision.bundle);
    const words = reasonsInWords(program, decision.reasons).map(({ text }) => text);
    refusals.set(command, {
      decision_id: decision.decision_id,
      reasons: [...decision.reasons],
      detail: words.join(' '),
      obligations: decision.obligations,
      ...('approvals' in program.bundle.facts ? approvalOf(decision) : {}),
    });
  }
  return refusals;
}

function isRefused(result: Executed | Fault): result is Executed {
  if (result instanceof Fault || result.outcome.status === 'accepted') return false;
  return result.outcome.code.startsWith('policy_');
}

function approvalOf(decision: LoggedDecision): Pick<Refusal, 'approval'> {
  const { obligations, command_digest, decision_id, operation, amount, currency } = decision;
  if (obligations.approvals === undefined) return {};
  const of = amount === null ? '' : ` of ${amount} minor units ${currency ?? ''}`;
  return {
    approval: {
      subject_kind: commandSubject,
      subject_digest: command_digest,
      required_checkers: obligations.approvals,
      // Checkers see what they approve by the decision's explanation.
      summary: `${operation}${of}, see the decision ${decision_id}`,
      instruction: 'when it is approved, send the same again with Idempotency-Key: apr_…',
    },
  };
}
