// How an operation is put to the HTTP API, and how its answer reads.
import { assert, type Instant, instantToText, toJsonNumber, toMinorUnits } from '#core';
import { type Answer, type Call, refuseFault } from './load-client.ts';
import type { AccountKey, AccountSpec, Leg, Operation } from './operation.ts';
import { paymentFacts } from './payment-facts.ts';

export type References = {
  readonly accountId: (account: AccountKey) => string;
  /** The id of the hold or transfer that this operation continues. */
  readonly earlierId: string | undefined;
  /** When it is sent: a hold expires in real time. */
  readonly now: Instant;
};

export type Sendable = Exclude<Operation, { readonly action: 'open' }>;

export function callOf(operation: Sendable, { accountId, earlierId, now }: References): Call {
  const effective = { effective_at: instantToText(operation.effectiveAt) };
  const legOf = ({ debit, credit, amount, currency }: Leg) => ({
    debit_account_id: accountId(debit),
    credit_account_id: accountId(credit),
    amount: toJsonNumber(amount),
    currency,
  });
  switch (operation.action) {
    case 'post': {
      const { legs } = operation;
      const [leg, ...others] = legs;
      assert(leg, 'a journal has a leg');
      const moved = others.length === 0 ? legOf(leg) : { legs: legs.map(legOf) };
      const about = { metadata: operation.metadata, payment: paymentFacts(operation) };
      return write(operation, '/v1/transfers', { ...moved, ...effective, ...about });
    }
    case 'hold': {
      const { leg, expiresInMs, metadata } = operation;
      const expiry = { expires_at: instantToText(now + expiresInMs) };
      const payment = paymentFacts({ ...operation, legs: [leg] });
      const held = { ...legOf(leg), ...expiry, ...effective, metadata, payment };
      return write(operation, '/v1/holds', held);
    }
    case 'increase': {
      const amount = toJsonNumber(operation.amount);
      return write(operation, `/v1/holds/${earlierId}/increase`, { amount, ...effective });
    }
    case 'capture': {
      const { amount, final } = operation;
      const part = amount === undefined ? {} : { amount: toJsonNumber(amount) };
      return write(operation, `/v1/holds/${earlierId}/capture`, { ...part, final, ...effective });
    }
    case 'void':
      return write(operation, `/v1/holds/${earlierId}/void`, { ...effective });
    case 'reverse':
      return write(operation, `/v1/transfers/${earlierId}/reversal`, { ...effective });
  }
}

function write({ key }: Operation, path: string, body: object): Call {
  return { method: 'POST', path, idempotencyKey: key, body: JSON.stringify(body) };
}

/** The same operation about one minor unit more, where it names an amount. */
export function altered(operation: Sendable): Sendable | undefined {
  const more = (leg: Leg): Leg => ({ ...leg, amount: toMinorUnits(leg.amount + 1n) });
  switch (operation.action) {
    case 'post': {
      const [leg, ...others] = operation.legs;
      return leg && { ...operation, legs: [more(leg), ...others] };
    }
    case 'hold':
      return { ...operation, leg: more(operation.leg) };
    case 'increase':
      return { ...operation, amount: toMinorUnits(operation.amount + 1n) };
    default:
      return undefined;
  }
}

/** `replayed`: the answer is that of an earlier call with the same key. */
export type Reply = { readonly replayed: boolean } & Decided;

type Decided =
  | {
      readonly status: 'posted';
      readonly transferIds: readonly string[];
      readonly holdId: string | undefined;
    }
  | { readonly status: 'rejected'; readonly code: string; readonly reasons: readonly string[] };

/** What the ledger decided. Throws the fault when it did not come to decide anything. */
export function replyOf(answer: Answer, call: Call): Reply {
  refuseFault(answer, call);
  if (answer.status >= 400) {
    const { code, reasons = [] } = JSON.parse(answer.text) as { code: string; reasons?: string[] };
    return { status: 'rejected', code, reasons, replayed: answer.replayed };
  }
  const { transfers, hold } = JSON.parse(answer.text) as {
    transfers: readonly { readonly id: string }[];
    hold?: { readonly id: string };
  };
  const transferIds = transfers.map(({ id }) => id);
  return { status: 'posted', transferIds, holdId: hold?.id, replayed: answer.replayed };
}

/** One call that opens up to a thousand accounts, each under a key of its own. */
export function openingOf(accounts: readonly AccountSpec[], key: string): Call {
  const items = accounts.map((account) => ({
    type: account.type,
    currency: account.currency,
    bound: account.bound,
    ...(account.creditLimit === undefined
      ? {}
      : { credit_limit: toJsonNumber(account.creditLimit) }),
    ...(account.holderId === undefined ? {} : { holder_id: account.holderId }),
    ...(account.metadata === undefined ? {} : { metadata: account.metadata }),
    idempotency_key: account.idempotencyKey,
  }));
  const body = JSON.stringify(items);
  return { method: 'POST', path: '/v1/accounts', idempotencyKey: key, body };
}

export type Opened =
  | { readonly status: 'accepted'; readonly account: { readonly id: string } }
  | { readonly status: 'rejected'; readonly code: string };

/** The answers of such a call, in the order of its accounts. */
export function openedOf(answer: Answer, call: Call): readonly Opened[] {
  refuseFault(answer, call);
  return (JSON.parse(answer.text) as { items: readonly Opened[] }).items;
}
