// What stands around a transfer: the journal that it was posted in, the payment that it belongs to,
// and the transfer that has reversed it. The API answers these by account and time.
import { useQuery } from '@tanstack/react-query';
import { type Answer, type ApiProblem, call } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import type { Line, Transfer } from './words.ts';

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

/**
 * The payment of which a transfer is a part, or null. It was ordered when its first transfer was
 * recorded; of those that were, the one that names the transfer is the one.
 */
export function usePaymentOf(transfer: Transfer | undefined) {
  const mayRead = useMay()('payments:read').allowed;
  return useQuery<Payment | null, ApiProblem>({
    queryKey: ['GET /v1/payments/{id}', 'of', transfer?.id],
    queryFn: ({ signal }) => (transfer ? paymentOf(transfer, signal) : null),
    enabled: transfer !== undefined && mayRead,
  });
}

async function paymentOf(transfer: Transfer, signal: AbortSignal): Promise<Payment | null> {
  const first = await firstOf(transfer, signal);
  const at = Date.parse(first.at);
  const span = {
    from: new Date(at - slackMs).toISOString(),
    to: new Date(at + slackMs).toISOString(),
  };
  const query = { account_id: transfer.debit_account_id, ...span, limit: pageMax };
  const { items } = await call('GET /v1/payments', { query, signal });
  const sides = [transfer.debit_account_id, transfer.credit_account_id].toSorted().join();
  const possible = items.filter(
    ({ debtor_account_id, creditor_account_id }) =>
      [debtor_account_id, creditor_account_id].toSorted().join() === sides,
  );
  for (const { payment_id } of possible) {
    const payment = await call('GET /v1/payments/{id}', { path: { id: payment_id }, signal });
    if (payment.transfers.some(({ id }) => id === transfer.id)) return payment;
  }
  return null;
}

/** When what it belongs to began: with a hold, with what it reverses, or with itself. */
async function firstOf(transfer: Transfer, signal: AbortSignal): Promise<{ readonly at: string }> {
  const { hold_id, reverses_id, recorded_at } = transfer;
  if (hold_id !== null) {
    const hold = await call('GET /v1/holds/{id}', { path: { id: hold_id }, signal });
    return { at: hold.created_at };
  }
  if (reverses_id !== null) {
    const path = { id: reverses_id };
    return firstOf(await call('GET /v1/transfers/{id}', { path, signal }), signal);
  }
  return { at: recorded_at };
}
