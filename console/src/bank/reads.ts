// What the bank app reads of the customer's own, and how it stays fresh: customers hear no stream of
// changes, so the balances are asked for now and then, and lists only once these have moved.
import { focusManager, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Answer, Operation } from '../api/client.ts';
import { useApi, useApiPages } from '../api/queries.ts';

export type Customer = Answer<'GET /v1/customer'>;
export type Account = Customer['accounts']['items'][number];
export type Request = Answer<typeof requestsOf>['items'][number];
export type Transaction = Answer<'GET /v1/customer/payments/{id}'>;

const listOf = 'GET /v1/customer/accounts/{id}/transactions';
export const mandatesOf = 'GET /v1/customer/mandates';
export const requestsOf = 'GET /v1/customer/proposals';
const balancesMs = 10_000;
const waitingMs = 5_000;
const pageSize = 40;
const requestsShown = 20;

/** What changes by a payment of one's own, at whatever stage. */
export const movedByPayment: readonly Operation[] = [
  'GET /v1/customer',
  'GET /v1/customer/payees',
  listOf,
];

export function useCustomer() {
  return useApi('GET /v1/customer', {}, { refetchMs: balancesMs });
}

export function useTransactions(accountId: string) {
  return useApiPages(listOf, { path: { id: accountId } }, { limit: pageSize });
}

/** What agents ask for: looked after, for it waits a quarter of an hour and no longer. */
export function useRequests() {
  const pages = useApiPages(requestsOf, {}, { limit: requestsShown });
  const latest = useRef(pages.refetch);
  latest.current = pages.refetch;
  useEffect(() => {
    const timer = setInterval(() => {
      if (focusManager.isFocused()) void latest.current();
    }, waitingMs);
    return () => clearInterval(timer);
  }, []);
  return pages;
}

/** A payment; as long as it waits for somebody it is looked after. */
export function usePayment(id: string) {
  const given = { path: { id } };
  const { data } = useApi('GET /v1/customer/payments/{id}', given);
  const isWaiting = data?.status === 'pending' && data.next !== null;
  return useApi('GET /v1/customer/payments/{id}', given, isWaiting ? { refetchMs: waitingMs } : {});
}

/** Takes over what an answer to a write says of a payment, and begins its lists anew. */
export function useKeepPayment(): (payment: Transaction) => void {
  const queries = useQueryClient();
  return (payment) => {
    const given = { path: { id: paymentIdOf(payment) } };
    queries.setQueryData(['GET /v1/customer/payments/{id}', given], payment);
    queries.removeQueries({ queryKey: [listOf], type: 'inactive' });
  };
}

/** Of a line that is a payment of one's own; a line that moved nothing is named by it. */
export function paymentIdOf({ payment_id, id }: Transaction): string {
  return payment_id ?? id;
}

/** Reads the lists again once the balances have moved. */
export function useListsFollowBalances(accounts: readonly Account[] | undefined): void {
  const queries = useQueryClient();
  const before = useRef<string>(undefined);
  const stand = accounts?.map((each) => `${each.booked} ${each.available}`).join(',');
  useEffect(() => {
    if (stand === undefined) return;
    const hasMoved = before.current !== undefined && before.current !== stand;
    before.current = stand;
    if (hasMoved) void queries.invalidateQueries({ queryKey: [listOf] });
  }, [stand, queries]);
}
