// How an operation is put to the HTTP API, and how its answer reads.
import { assert, type Instant, instantToText, toJsonNumber, toMinorUnits } from '#core';
import { type Answer, type Call, refuseFault } from './load-client.ts';
import type { AccountKey, AccountSpec, Leg, Metadata, Operation } from './operation.ts';
import { channelFacts, journalFacts, orderWords } from './payment-facts.ts';

export type References = {
  readonly accountId: (account: AccountKey) => string;
  /** The payment that this operation continues. */
  readonly payment: Standing | undefined;
  /** When it is sent: a hold expires in real time. */
  readonly now: Instant;
};

/** What is known of a payment, as far as its own messages tell. */
export type Standing = { readonly id: string; readonly held: bigint; readonly captured: bigint };

export type Sendable = Exclude<Operation, { readonly action: 'open' }>;
type Beginning = Extract<Operation, { readonly action: 'pay' | 'authorize' }>;

export function callOf(operation: Sendable, { accountId, payment, now }: References): Call {
  const effective = { effective_at: instantToText(operation.effectiveAt) };
  const legOf = ({ debit, credit, amount, currency }: Leg) => ({
    debit_account_id: accountId(debit),
    credit_account_id: accountId(credit),
    amount: toJsonNumber(amount),
    currency,
  });
  switch (operation.action) {
    case 'post': {
      const { legs, metadata } = operation;
      const [leg, ...others] = legs;
      assert(leg, 'a journal has a leg');
      const moved = others.length === 0 ? legOf(leg) : { legs: legs.map(legOf) };
      const about = { metadata, payment: journalFacts(operation) };
      return write(operation, '/v1/transfers', { ...moved, ...effective, ...about });
    }
    case 'pay':
      return write(operation, '/v1/payments', { ...orderOf(operation, accountId), ...effective });
    case 'authorize': {
      const expires_at = instantToText(now + operation.expiresInMs);
      const body = { ...authorizationOf(operation, accountId), expires_at, ...effective };
      return write(operation, '/v1/card-authorizations', body);
    }
    case 'increase':
      return step(operation, payment, 'increment', { amount: toJsonNumber(operation.amount) });
    case 'capture': {
      const { amount = payment?.held ?? 0n, final, key } = operation;
      const clearing = { clearing_id: clearingIdOf(key), amount: Number(amount), final };
      return step(operation, payment, 'capture', { ...clearing, ...effective });
    }
    case 'cancel':
      return step(operation, payment, 'cancel', { reason: 'reversed by the merchant' });
    case 'refund': {
      const amount = Number(payment?.captured ?? 0n);
      return step(operation, payment, 'refund', { amount, reason: 'CUST', ...effective });
    }
  }
}

function orderOf(operation: Beginning, accountId: References['accountId']) {
  const { leg, metadata, circumstances } = operation;
  const { card, merchant, mcc } = metadata;
  // The category is told of whose bill it is.
  const { mcc: _, ...facts } = channelFacts({ ...operation, legs: [leg] });
  return {
    ...movementOf(operation, accountId),
    ...orderWords(metadata),
    end_to_end_id: operation.key.split('/').slice(1).join('/'),
    creditor_country: circumstances?.country,
    ...{ card, merchant, mcc },
    metadata: categoryOf(metadata),
    facts,
  };
}

function authorizationOf(operation: Beginning, accountId: References['accountId']) {
  const { leg, metadata, circumstances } = operation;
  const { card, merchant: id, mcc } = metadata;
  // The category is the merchant's.
  const { mcc: _, ...facts } = channelFacts({ ...operation, legs: [leg] });
  return {
    ...movementOf(operation, accountId),
    card,
    merchant: { id, mcc, country: circumstances?.country },
    entry_mode: entryModeOf(metadata),
    metadata: categoryOf(metadata),
    facts,
  };
}

function movementOf(operation: Beginning, accountId: References['accountId']) {
  const { leg, debtor, creditor, metadata } = operation;
  return {
    debtor_account_id: accountId(leg.debit),
    creditor_account_id: accountId(leg.credit),
    amount: toJsonNumber(leg.amount),
    currency: leg.currency,
    debtor,
    creditor,
    device: metadata['device'],
  };
}

function categoryOf({ category }: Metadata): Metadata {
  return category === undefined ? {} : { category };
}

function entryModeOf({ channel, category }: Metadata): string {
  if (channel !== 'ecommerce') return 'contactless';
  return category === 'subscriptions' ? 'credential_on_file' : 'ecommerce';
}

/** Of a clearing message: the card network draws it once, however often it sends the message. */
function clearingIdOf(key: string): string {
  return `clr-${key.split('/').slice(1).join('.')}`;
}

function step(operation: Sendable, payment: Standing | undefined, act: string, body: object): Call {
  assert(payment, 'what continues a payment is sent after it');
  const route = `/v1/payments/{id}/${act}`;
  return { ...write(operation, `/v1/payments/${payment.id}/${act}`, body), route };
}

function write({ key }: Operation, path: string, body: object): Call {
  return { method: 'POST', path, route: path, idempotencyKey: key, body: JSON.stringify(body) };
}

/** The same operation about one minor unit more, where it names an amount. */
export function altered(operation: Sendable): Sendable | undefined {
  const more = (leg: Leg): Leg => ({ ...leg, amount: toMinorUnits(leg.amount + 1n) });
  switch (operation.action) {
    case 'post': {
      const [leg, ...others] = operation.legs;
      return leg && { ...operation, legs: [more(leg), ...others] };
    }
    case 'pay':
    case 'authorize':
      return { ...operation, leg: more(operation.leg) };
    case 'increase':
      return { ...operation, amount: toMinorUnits(operation.amount + 1n) };
    default:
      return undefined;
  }
}

/** `replayed`: the answer is that of an earlier call with the same key. */
export type Reply = { readonly replayed: boolean } & Decided;

/** Of a payment that waits for its customer or for a person, what it waits for. */
export type Waiting = 'step_up_required' | 'review' | 'held';

type Decided =
  | { readonly status: 'done'; readonly id: string | undefined }
  | { readonly status: 'waiting'; readonly id: string; readonly outcome: Waiting }
  | {
      readonly status: 'rejected';
      readonly code: string;
      readonly reasons: readonly string[];
      /** Of a payment: one that is denied is on record all the same. */
      readonly id?: string;
    };

/** What was decided. Throws the fault when it did not come to decide anything. */
export function replyOf(answer: Answer, call: Call): Reply {
  refuseFault(answer, call);
  const { replayed, status } = answer;
  const told = JSON.parse(answer.text) as Told;
  if (status >= 400) {
    const { code, reasons = [] } = told as { code: string; reasons?: readonly string[] };
    return { status: 'rejected', code, reasons, replayed };
  }
  const { outcome, id, transfers, payment_id } = told;
  // A journal, or a step of a payment.
  if (outcome === undefined || payment_id !== undefined) {
    return { status: 'done', id: payment_id ?? transfers?.[0]?.id, replayed };
  }
  assert(id !== undefined, 'a payment has an id');
  if (outcome === 'allowed') return { status: 'done', id, replayed };
  if (outcome !== 'denied') return { status: 'waiting', id, outcome, replayed };
  const { code, reasons = [] } = told;
  return { status: 'rejected', code: code ?? 'policy_denied', reasons, id, replayed };
}

type Told = {
  readonly outcome?: 'allowed' | 'denied' | Waiting;
  readonly id?: string;
  readonly payment_id?: string;
  readonly code?: string | null;
  readonly reasons?: readonly string[];
  readonly transfers?: readonly { readonly id: string }[];
};

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
  const path = '/v1/accounts';
  return { method: 'POST', path, route: path, idempotencyKey: key, body };
}

export type Opened =
  | { readonly status: 'accepted'; readonly account: { readonly id: string } }
  | { readonly status: 'rejected'; readonly code: string };

/** The answers of such a call, in the order of its accounts. */
export function openedOf(answer: Answer, call: Call): readonly Opened[] {
  refuseFault(answer, call);
  return (JSON.parse(answer.text) as { items: readonly Opened[] }).items;
}
