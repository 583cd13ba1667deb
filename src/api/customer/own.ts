// What is a customer's own: every route for customers asks for it here. What is somebody else's and
// what does not exist have one answer.
import { Fault, internalId, type Tx, type Uuid, withTx } from '#core';
import { isHeldBy } from '#cores';
import { type Chain, readChain } from '#payments';
import type { FastifyRequest } from 'fastify';
import type { Caller, ResourceRight } from '../authenticate.ts';
import type { Parts } from '../routes.ts';
import { idempotencyKeyOf } from '../write.ts';

/** A customer of the bank who has signed in. */
export type Mine = {
  readonly caller: Caller;
  readonly tenant: string;
  /** Whom the register knows him as. */
  readonly party: string;
};

/**
 * An action on the customer that the caller is, or on an account of his. That the account is his is
 * for the register to say: whoever asks with it looks there, too.
 */
export function own(action: string, account?: string): ResourceRight {
  return {
    action,
    on: ({ customer }) => {
      if (customer === null) return undefined;
      if (account === undefined) return { type: 'Customer', id: customer };
      return { type: 'Account', id: account, customer };
    },
  };
}

/** Reads as the customer; what is undefined is not found. */
export async function readOwn<Found>(
  { planes, authenticate }: Parts,
  request: FastifyRequest,
  right: ResourceRight,
  look: (tx: Tx, mine: Mine) => Promise<Found | undefined>,
): Promise<{ readonly mine: Mine; readonly found: Found }> {
  const mine = mineOf(await authenticate.fresh(request, right));
  const pool = planes.database.pool('read');
  const found = await withTx(pool, (tx) => look(tx, mine), {
    ...{ tenant: mine.tenant, readOnly: true },
  });
  if (found === undefined) throw new Fault('not_found', `there is no ${request.url}`);
  return { mine, found };
}

function mineOf(caller: Caller): Mine {
  const { customer, principal } = caller.subject;
  if (customer === null) throw new Fault('forbidden', 'this is for customers');
  return { caller, tenant: principal.tenant, party: customer };
}

/** An account of the customer's; undefined for any other, be it there or not. */
export async function heldAccount(
  tx: Tx,
  { party }: Mine,
  account: string,
): Promise<Uuid | undefined> {
  const id = internalId('account', account);
  return id !== undefined && (await isHeldBy(tx, party, id)) ? id : undefined;
}

export type OwnPayment = {
  readonly mine: Mine;
  readonly chain: Chain;
  /** The same action, on the account that pays: for what is read and written next. */
  readonly right: ResourceRight;
};

/** The payment of the path, where it is from an account of the customer's. */
export async function ownPayment(
  parts: Parts,
  request: FastifyRequest,
  action: string,
): Promise<OwnPayment> {
  const { id } = request.params as { id: string };
  const { mine, found: chain } = await readOwn(parts, request, own(action), async (tx, me) => {
    const found = await readChain(tx, id);
    return found && (await heldAccount(tx, me, debtorOf(found))) ? found : undefined;
  });
  return { mine, chain, right: own(action, debtorOf(chain)) };
}

export function debtorOf({ first }: Chain): string {
  return first.body.order.debtor_account_id;
}

/**
 * Customers name their writes as they like, and meet neither each other nor the bank by it: no
 * caller can send a blank.
 */
export function ownKey(request: FastifyRequest, { party }: Pick<Mine, 'party'>): string {
  return `customer ${party} ${idempotencyKeyOf(request)}`;
}
