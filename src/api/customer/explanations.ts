// Why something of a customer's came out so: his own payments, and calls made for him. What is
// another's and what does not exist have one answer.
import { derivedUuid, externalId, internalId, toolCallOperation, type Tx, withTx } from '#core';
import { isHeldBy } from '#cores';
import type { Explained } from '#gateway';
import type { Planes } from '#main';
import { readChain } from '#payments';
import { type LoggedDecision, readDecision } from '#policy';
import { debtorOf } from './own.ts';
import { callWords, wordsFor } from './words.ts';

type Asked = { readonly tenant: string; readonly customer: string; readonly id: string };

/** By the id of a decision, or of the payment or the call that it was about. */
export function ownExplanations({ database }: Pick<Planes, 'database'>) {
  return ({ tenant, customer, id }: Asked): Promise<Explained | undefined> =>
    withTx(
      database.pool('read'),
      async (tx) => {
        const decision = await readDecision(tx, decisionOf(id));
        const about = decision && (await readSubject(tx, decision));
        if (!decision || !about || !(await isOwn(tx, customer, about))) return undefined;
        return explained(decision, about);
      },
      { tenant, readOnly: true },
    );
}

/** The first of a command's events; a payment has the id of the command that began it. */
function decisionOf(id: string): string {
  const command = internalId('payment', id) ?? internalId('command', id);
  return command ? externalId('decision', derivedUuid(command, 'decision', 0)) : id;
}

/** Of what there is a customer to be told. */
type About =
  | { readonly kind: 'tool_call'; readonly customer: string | null }
  | { readonly kind: 'payment'; readonly payment: string };

async function readSubject(tx: Tx, decision: LoggedDecision): Promise<About | undefined> {
  const { rows } = await tx.query<{ body: string }>(
    `select c.body from core.event e
       join core.command c on c.tenant_id = e.tenant_id
        and c.idempotency_key = e.body::jsonb #>> '{data,idempotency_key}'
      where e.tenant_id = core.current_tenant() and e.id = $1`,
    [internalId('decision', decision.decision_id)],
  );
  const [row] = rows;
  if (!row) return undefined;
  const body = JSON.parse(row.body) as Readonly<Record<string, string | undefined>>;
  const { operation, command_id } = decision;
  if (operation === toolCallOperation) {
    return { kind: 'tool_call', customer: body['on_behalf_of'] ?? null };
  }
  if (!operation.startsWith('payment.')) return undefined;
  const began = externalId('payment', internalId('command', command_id) ?? '');
  return { kind: 'payment', payment: body['payment_id'] ?? began };
}

async function isOwn(tx: Tx, customer: string, about: About): Promise<boolean> {
  if (about.kind === 'tool_call') return about.customer === customer;
  const chain = await readChain(tx, about.payment);
  const account = chain && internalId('account', debtorOf(chain));
  return account !== undefined && (await isHeldBy(tx, customer, account));
}

const results = { allow: 'allowed', deny: 'refused', hold: 'waits', review: 'waits' } as const;

function explained(decision: LoggedDecision, { kind: about }: About): Explained {
  const { decision_id, decided_at, outcome, reasons } = decision;
  const result = results[outcome];
  const explanation =
    about === 'tool_call' ? callWords(result, reasons) : [paymentWords(decision, result)];
  return { decision_id, about, result, explanation, decided_at };
}

function paymentWords(
  { reasons, obligations: { step_up = [] } }: LoggedDecision,
  result: Explained['result'],
): string {
  if (result === 'allowed') return 'We have allowed this payment.';
  if (result === 'refused') return wordsFor('declined', reasons);
  return wordsFor(step_up.length > 0 ? 'confirm' : 'wait', reasons);
}
