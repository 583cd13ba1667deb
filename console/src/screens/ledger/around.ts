// What stands around a transfer: the journal that it was posted in, the payment that it belongs to,
// and the transfer that has reversed it. The API answers these by account and time.
import { useQuery } from '@tanstack/react-query';
import { type Answer, type ApiProblem, call } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import type { Hold, Line, Transfer } from './words.ts';

const pageMax = 200;
/** How far the clocks of an order and of what it moved may lie apart. */
const slackMs = 5_000;
/** A reversal comes soon, or is found from its own side. */
const reversalPagesMax = 5;

export type Around = {
  readonly commandId: string | undefined;
  /** Of one command, in the order of its legs. */
  readonly legs: readonly Line[];
  readonly reversedBy: Line | undefined;
};

export function useAround(transfer: Transfer | undefined) {
  return useQuery<Around, ApiProblem>({
    queryKey: ['GET /v1/transfers', 'around', transfer?.id],
    queryFn: async ({ signal }) => {
      if (!transfer) return { commandId: undefined, legs: [], reversedBy: undefined };
      const line = await lineOf(transfer, signal);
      const legs = line
        ? await call('GET /v1/transfers', {
            query: { command_id: line.command_id, limit: pageMax },
            signal,
          })
        : { items: [] };
      return {
        commandId: line?.command_id,
        legs: legs.items.toSorted((a, b) => a.leg - b.leg),
        reversedBy: await reversalOf(transfer, signal),
      };
    },
    enabled: transfer !== undefined,
  });
}

async function lineOf(transfer: Transfer, signal: AbortSignal): Promise<Line | undefined> {
  const { id, debit_account_id: account_id, recorded_at: from } = transfer;
  const to = new Date(Date.parse(from) + 1).toISOString();
  const query = { account_id, from, to, limit: pageMax };
  const { items } = await call('GET /v1/transfers', { query, signal });
  return items.find((each) => each.id === id);
}

async function reversalOf(transfer: Transfer, signal: AbortSignal): Promise<Line | undefined> {
  const { id, debit_account_id: account_id, recorded_at: from } = transfer;
  let after: string | undefined;
  for (let page = 0; page < reversalPagesMax; page += 1) {
    const query = { account_id, kind: 'reverse', from, limit: pageMax, after } as const;
    const { items, next } = await call('GET /v1/transfers', { query, signal });
    const found = items.find(({ reverses_id }) => reverses_id === id);
    if (found || next === null) return found;
    after = next;
  }
  return undefined;
}

export type Payment = Answer<'GET /v1/payments/{id}'>;

/** What a payment is looked for by: a transfer, or a hold with its own id as that of the hold. */
type Moved = Pick<
  Transfer,
  'id' | 'debit_account_id' | 'credit_account_id' | 'hold_id' | 'reverses_id' | 'recorded_at'
>;

export function asMoved(hold: Hold): Moved {
  const { id, debit_account_id, credit_account_id, created_at } = hold;
  const names = { id, hold_id: id, reverses_id: null, recorded_at: created_at };
  return { ...names, debit_account_id, credit_account_id };
}

/**
 * The payment of which it is a part, or null. It was ordered when its first transfer was recorded;
 * of those that were, the one that names it is the one.
 */
export function usePaymentOf(moved: Moved | undefined) {
  const mayRead = useMay()('payments:read').allowed;
  return useQuery<Payment | null, ApiProblem>({
    queryKey: ['GET /v1/payments/{id}', 'of', moved?.id],
    queryFn: ({ signal }) => (moved ? paymentOf(moved, signal) : null),
    enabled: moved !== undefined && mayRead,
  });
}

async function paymentOf(moved: Moved, signal: AbortSignal): Promise<Payment | null> {
  const at = Date.parse(await beganAt(moved, signal));
  const span = {
    from: new Date(at - slackMs).toISOString(),
    to: new Date(at + slackMs).toISOString(),
  };
  const query = { account_id: moved.debit_account_id, ...span, limit: pageMax };
  const { items } = await call('GET /v1/payments', { query, signal });
  const sides = [moved.debit_account_id, moved.credit_account_id].toSorted().join();
  const possible = items.filter(
    ({ debtor_account_id, creditor_account_id }) =>
      [debtor_account_id, creditor_account_id].toSorted().join() === sides,
  );
  for (const { payment_id } of possible) {
    const payment = await call('GET /v1/payments/{id}', { path: { id: payment_id }, signal });
    if ([...payment.transfers, ...payment.holds].some(({ id }) => id === moved.id)) return payment;
  }
  return null;
}

/** With a hold, with what it reverses, or with itself. */
async function beganAt(moved: Moved, signal: AbortSignal): Promise<string> {
  const { id, hold_id, reverses_id, recorded_at } = moved;
  if (hold_id !== null && hold_id !== id) {
    return (await call('GET /v1/holds/{id}', { path: { id: hold_id }, signal })).created_at;
  }
  if (reverses_id !== null) {
    const path = { id: reverses_id };
    return beganAt(await call('GET /v1/transfers/{id}', { path, signal }), signal);
  }
  return recorded_at;
}
