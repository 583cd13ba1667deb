// The commands behind a payment: who has asked for it, for how long it waits, what was written.
import { derivedUuid, Fault, internalId, type Tx } from '#core';

export type PaymentCommand = {
  readonly principal: string;
  readonly digest: string;
  readonly received_at: Date;
  readonly body: {
    /** For how long funds are reserved, in seconds. */
    readonly reserves?: { readonly review: number };
    readonly metadata?: Readonly<Record<string, string>>;
  };
};

/** The command that a payment is named after; the decision on it was its first event. */
export async function firstCommand(tx: Tx, payment: string): Promise<PaymentCommand | undefined> {
  const uuid = internalId('payment', payment) ?? '';
  const { rows } = await tx.query<{ key: string }>(
    `select body::jsonb #>> '{data,idempotency_key}' as key from core.event
      where tenant_id = core.current_tenant() and id = $1`,
    [derivedUuid(uuid, 'decision', 0)],
  );
  return rows[0] && findCommand(tx, rows[0].key);
}

export async function findCommand(tx: Tx, key: string): Promise<PaymentCommand | undefined> {
  const { rows } = await tx.query<Omit<PaymentCommand, 'body'> & { body: string }>(
    `select principal, encode(digest, 'hex') as digest, received_at, body from core.command
      where tenant_id = core.current_tenant() and idempotency_key = $1`,
    [key],
  );
  return rows[0] && { ...rows[0], body: JSON.parse(rows[0].body) as PaymentCommand['body'] };
}

/** The command of an event, without which that would not be there. */
export function expected(found: PaymentCommand | undefined): PaymentCommand {
  if (found === undefined) throw new Fault('internal', 'a payment has no command');
  return found;
}
