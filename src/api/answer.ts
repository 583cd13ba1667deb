// Writes are answered from the events that they wrote: the first call and every retry get the same.
import { derivedUuid, Fault, type Json, type Pool, type Tx, type Uuid, withTx } from '#core';
import type { Executed } from '#main';
import { type AccountType, normalSide } from '#money';

/** What an event says, without its envelope. */
export type Told = {
  readonly accountId: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly payload: Readonly<Record<string, Json>>;
};

/**
 * The events of each write, in their order: those at hand, and for retries the stored ones, all in
 * one query. `counts` tells how many events each write has.
 */
export async function toldBy(
  pool: Pool,
  tenant: string,
  writes: readonly { readonly executed: Executed | Fault; readonly count: number }[],
): Promise<readonly (readonly Told[])[]> {
  const wanted = writes.flatMap(({ executed, count }) =>
    isReplay(executed) ? eventIds(executed, count) : [],
  );
  const stored =
    wanted.length === 0
      ? new Map<Uuid, Told>()
      : await withTx(pool, (tx) => readTold(tx, wanted), { tenant, readOnly: true });
  return writes.map(({ executed, count }) => {
    if (executed instanceof Fault) return [];
    if (executed.effects) return executed.effects.events as unknown as readonly Told[];
    return eventIds(executed, count).flatMap((id) => stored.get(id) ?? []);
  });
}

function isReplay(executed: Executed | Fault): executed is Executed {
  return (
    !(executed instanceof Fault) &&
    executed.effects === null &&
    executed.outcome.status === 'accepted'
  );
}

function eventIds({ commandId }: Executed, count: number): Uuid[] {
  return Array.from({ length: count }, (_, ordinal) => derivedUuid(commandId, 'event', ordinal));
}

async function readTold(tx: Tx, ids: readonly Uuid[]): Promise<Map<Uuid, Told>> {
  const { rows } = await tx.query<{ id: Uuid; body: string }>(
    `select e.id, e.body from unnest($1::uuid[]) as wanted(id)
       join core.event e on e.tenant_id = core.current_tenant() and e.id = wanted.id`,
    [ids],
  );
  return new Map(rows.map(({ id, body }) => [id, toldIn(body)]));
}

function toldIn(body: string): Told {
  const { data } = JSON.parse(body) as {
    data: Omit<Told, 'accountId'> & { account_id: string | null };
  };
  return { ...data, accountId: data.account_id };
}

/** An account as it was opened. */
export function openedView({ accountId, currency, payload }: Told) {
  const { type, holder_id, metadata, bound, credit_limit, status, recorded_at } = payload;
  return {
    id: accountId,
    type,
    normal_balance: normalSide(type as AccountType),
    currency,
    holder_id,
    bound,
    credit_limit,
    status,
    metadata,
    opened_at: recorded_at,
  };
}

export function transferView({ amount, currency, payload }: Told) {
  const { transfer_id: id, ...fields } = payload;
  return { id, amount, currency, ...fields };
}

/** The hold after what the event tells; undefined for an event of no hold. */
export function holdView({ currency, payload }: Told) {
  const { hold_id: id, hold, debit_account_id, credit_account_id } = payload;
  if (id === null || hold === null) return undefined;
  return { id, debit_account_id, credit_account_id, currency, ...(hold as object) };
}
