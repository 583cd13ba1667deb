// What payments have told for whoever pays: the step behind a movement, and what came to nothing.
import {
  derivedUuid,
  externalId,
  generationSql,
  internalId,
  type Page,
  pageOf,
  type Tx,
  type Uuid,
  toldId,
} from '#core';
import type { PaymentBody } from './payment.ts';
import {
  type PaymentStep,
  type Standing,
  standingColumns,
  standingIn,
  type StandingRow,
  stepOf,
} from './projection.ts';

/** The step of a payment that each of these commands was; others are none. */
export async function readStepsOf(
  tx: Tx,
  commands: readonly Uuid[],
): Promise<ReadonlyMap<Uuid, PaymentStep>> {
  const byEvent = new Map(commands.map((command) => [toldId(command, 0), command]));
  const { rows } = await tx.query<{ id: Uuid; type: string; body: string }>(
    `select e.id, e.type, e.body from unnest($1::uuid[]) as wanted(id)
       join core.event e on e.tenant_id = core.current_tenant() and e.id = wanted.id
      where e.type like 'payment.%'`,
    [[...byEvent.keys()]],
  );
  const unplaced = { tenant: '', tenantPosition: 0n, position: 0n };
  return new Map(rows.map((row) => [byEvent.get(row.id) as Uuid, stepOf({ ...row, ...unplaced })]));
}

/** The first step of each payment, by the payment's id. */
export async function readFirstSteps(
  tx: Tx,
  payments: readonly string[],
): Promise<ReadonlyMap<string, PaymentStep>> {
  const ids = new Map(payments.flatMap((id) => [[internalId('payment', id) ?? '', id] as const]));
  const steps = await readStepsOf(tx, [...ids.keys()]);
  return new Map([...steps].map(([command, step]) => [ids.get(command) as string, step]));
}

export type OrderMetadata = NonNullable<PaymentBody['metadata']>;

/** What the order of each payment says beside its sum, also where no transfer has come of it. */
export async function readOrderMetadata(
  tx: Tx,
  payments: readonly string[],
): Promise<ReadonlyMap<string, OrderMetadata>> {
  const decisions = payments.flatMap((id) => {
    const command = internalId('payment', id);
    return command === undefined ? [] : [derivedUuid(command, 'decision', 0)];
  });
  // In two steps, each by its key: joined, the planner may choose to read all commands.
  const told = await tx.query<{ key: string }>(
    `select body::jsonb #>> '{data,idempotency_key}' as key from core.event
      where tenant_id = core.current_tenant() and id = any($1::uuid[])`,
    [decisions],
  );
  const { rows } = await tx.query<{ id: Uuid; metadata: OrderMetadata | null }>(
    `select id, body::jsonb -> 'metadata' as metadata from core.command
      where tenant_id = core.current_tenant() and idempotency_key = any($1)`,
    [told.rows.map(({ key }) => key)],
  );
  return new Map(
    rows.flatMap(({ id, metadata }) => (metadata ? [[externalId('payment', id), metadata]] : [])),
  );
}

/** What an account was asked to pay and has not, newest first: nothing of it is in the journal. */
export async function listUnpaid(
  tx: Tx,
  query: {
    readonly accountId: string;
    /** The id of the last one seen. */
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<Page<Standing>> {
  const { accountId, before = null, limit } = query;
  const { rows } = await tx.query<StandingRow>(
    `select ${standingColumns} from payments.payment
      where tenant_id = core.current_tenant() and generation = ${generationSql("'payments'")}
        and debtor_account_id = $1 and status in ('denied', 'cancelled', 'expired')
        and captured = 0 and ($2::text is null or payment_id < $2)
      order by payment_id desc limit $3`,
    [accountId, before, limit + 1],
  );
  return pageOf(rows.map(standingIn), limit, ({ payment_id }) => payment_id);
}
