// Amount blocks in Mambu: authorization holds on deposit accounts, found by their external
// reference, and settled by a withdrawal that names them.
import type {
  CaptureOrder,
  CoreHold,
  FoundMove,
  HoldChange,
  HoldOrder,
  LookUp,
  MoveAnswer,
  Of,
} from '../adapter.ts';
import { coreFault, type Failure, type FailureClass } from '../failures.ts';
import { jsonText, minorUnitsOf, type WireJson } from '../wire.ts';
import { type Client, pathPart } from './client.ts';
import { aboutSomeAccount, coreName, refusedAs } from './errors.ts';
import {
  amountIn,
  dateTimeOf,
  firstOf,
  holdOf,
  holdStatusOf,
  notedIn,
  notesOf,
  required,
} from './mapping.ts';
import { currencyOf, explained, findTransaction, type Moves, rejected } from './moves.ts';

type Placed = { readonly account: string; readonly hold: string; readonly signal?: AbortSignal };

function readPlaced(client: Client, { account, hold, signal }: Placed) {
  const path = `/deposits/${pathPart(account)}/authorizationholds/${pathPart(hold)}`;
  return client.read({ path, signal });
}

// Placing and releasing ---------------------------------------------------------------------------

/** It says its currency, so that an account of another one refuses it. It has no expiry of ours. */
export async function placeHold(moves: Moves, order: HoldOrder): Promise<MoveAnswer> {
  const { client } = moves;
  const { account, amount, currency, reference, signal } = order;
  const ordered = await client.order({
    path: `/deposits/${pathPart(account)}/authorizationholds`,
    body: {
      ...{ externalReferenceId: reference, amount: amountIn(amount, currency) },
      ...{ currencyCode: currency, creditDebitIndicator: 'DBIT', advice: false },
    },
    ...{ key: `hold ${reference}`, signal },
  });
  if (ordered.status === 'unknown') return ordered;
  if (ordered.status === 'done') {
    const isPlaced = jsonText(ordered.json, 'externalReferenceId') === reference;
    return isPlaced ? told(reference, ordered.json, false) : { status: 'unknown' };
  }
  const { failure } = ordered;
  if (failure.class !== 'duplicate') return refused(moves, failure, order);
  const found = await readPlaced(client, { ...order, hold: reference }).catch(() => undefined);
  if (!found) return { status: 'unknown' };
  const before = minorUnitsOf(jsonText(found, 'amount'), currency, coreName);
  const isSame = before === amount && jsonText(found, 'currencyCode') === currency;
  if (isSame) return told(reference, found, true);
  throw coreFault(coreName, failure);
}

/** `account` is debited or held; `creditor` is another that may be meant. */
function refused(
  moves: Moves,
  failure: Failure,
  {
    account,
    creditor = account,
    signal,
  }: Pick<HoldOrder, 'account' | 'signal'> & {
    readonly creditor?: string;
  },
): MoveAnswer | Promise<MoveAnswer> {
  if (!aboutSomeAccount.has(failure.code)) return refusedAs(failure);
  return explained(moves, { debtor: account, creditor, signal }, failure.text);
}

function told(reference: string, json: WireJson | undefined, replayed: boolean): MoveAnswer {
  const coreReference = jsonText(json, 'encodedKey') ?? reference;
  return { status: 'completed', coreReference, replayed };
}

/** What is released or has expired already holds nothing any more, and stays so. */
export async function releaseHold({ client }: Moves, order: HoldChange): Promise<MoveAnswer> {
  const { account, hold, signal } = order;
  const ordered = await client.order({
    ...{ method: 'DELETE', signal },
    path: `/deposits/${pathPart(account)}/authorizationholds/${pathPart(hold)}`,
  });
  if (ordered.status === 'unknown') return ordered;
  if (ordered.status === 'done') {
    return { status: 'completed', coreReference: hold, replayed: false };
  }
  if (ordered.failure.code !== 'INVALID_AUTHORIZATION_HOLD_STATE') {
    return refusedAs(ordered.failure);
  }
  const found = await readPlaced(client, order).catch(() => undefined);
  if (!found) return { status: 'unknown' };
  if (holdStatusOf(found) === 'captured') return rejected('hold_captured', ordered.failure.text);
  return { status: 'completed', coreReference: hold, replayed: true };
}

// Capturing ---------------------------------------------------------------------------------------

/** Of the second half of a capture, beside the reference of the capture itself. */
const creditSuffix = '-CR';

/**
 * A transfer cannot name a hold. So a capture is a withdrawal, which settles the hold, and a
 * deposit of the same sum; between both it is with the bank, on its transaction channel. Half of
 * it is no capture: under the same reference the other half follows.
 */
export async function captureHold(moves: Moves, order: CaptureOrder): Promise<MoveAnswer> {
  const { client } = moves;
  const { hold, account, reference, signal } = order;
  const placed = await readPlaced(client, order);
  if (!placed) return rejected('hold_not_found', 'AUTHORIZATION_HOLD_NOT_FOUND');
  const withdrawn = await findTransaction(client, { reference, signal });
  if (withdrawn && jsonText(withdrawn, 'holdExternalReferenceId') !== hold) {
    const text = 'the external id belongs to another transaction';
    throw coreFault(coreName, { class: 'duplicate', code: 'EXTERNAL_ID_ALREADY_EXISTS', text });
  }
  if (withdrawn) return credited(moves, order, withdrawn);
  const wrong = wrongHold(placed, order) ?? (await wrongCreditor(moves, order));
  if (wrong) return wrong;
  const ordered = await client.order({
    path: `/deposits/${pathPart(account)}/withdrawal-transactions`,
    body: { ...sumOf(client, order), externalId: reference, holdExternalReferenceId: hold },
    ...{ key: `capture ${reference}`, signal },
  });
  if (ordered.status === 'done') return credited(moves, order, ordered.json);
  // A duplicate: the same capture is under way elsewhere, and a look-up sees how far it has come.
  const isElsewhere = ordered.status === 'unknown' || ordered.failure.class === 'duplicate';
  return isElsewhere ? { status: 'unknown' } : refused(moves, ordered.failure, order);
}

function sumOf(client: Client, order: CaptureOrder) {
  return {
    ...{ amount: amountIn(order.amount, order.currency), notes: notesOf(order) },
    valueDate: dateTimeOf(order.valueDate, client.timeZone),
  };
}

function wrongHold(placed: WireJson, order: CaptureOrder): MoveAnswer | undefined {
  const status = holdStatusOf(placed);
  const reason = 'INVALID_AUTHORIZATION_HOLD_STATE';
  if (status !== 'open') return rejected(`hold_${status}`, reason);
  const currency = required(placed, 'currencyCode');
  if (currency !== order.currency) return rejected('currency_mismatch', 'CURRENCY_NOT_MATCHING');
  const left = minorUnitsOf(jsonText(placed, 'amount'), currency, coreName);
  if (order.amount > left) return rejected('amount_exceeds_hold', reason);
  // There is one settlement to a hold.
  const isPart = order.amount < left && !order.final;
  return isPart ? rejected('core_rejected', 'a hold is settled once, whole or final') : undefined;
}

/** Asked before anything is taken: what is withdrawn must find its account. */
async function wrongCreditor(
  moves: Moves,
  { creditor: id, currency, signal }: CaptureOrder,
): Promise<MoveAnswer | undefined> {
  const found = await currencyOf(moves, { id, ...(signal ? { signal } : {}) });
  if (found === undefined) return rejected('credit_account_not_found', 'INVALID_ACCOUNT_KEY');
  return found === currency ? undefined : rejected('currency_mismatch', 'CURRENCY_NOT_MATCHING');
}

/** The second half. Where it is refused for good, the first is undone. */
async function credited(
  moves: Moves,
  order: CaptureOrder,
  withdrawn: WireJson | undefined,
): Promise<MoveAnswer> {
  const { creditor, reference, signal } = order;
  const coreReference = jsonText(withdrawn, 'id');
  if (coreReference === undefined) return { status: 'unknown' };
  if (jsonText(withdrawn, 'adjustmentTransactionKey') !== undefined) return undone;
  const ordered = await moves.client.order({
    path: `/deposits/${pathPart(creditor)}/deposit-transactions`,
    body: { ...sumOf(moves.client, order), externalId: `${reference}${creditSuffix}` },
    ...{ key: `credit ${reference}`, signal },
  });
  if (ordered.status === 'done') return { status: 'completed', coreReference, replayed: false };
  if (ordered.status === 'unknown') return ordered;
  const { failure } = ordered;
  if (failure.code === 'EXTERNAL_ID_ALREADY_EXISTS') {
    return { status: 'completed', coreReference, replayed: true };
  }
  return isForGood.has(failure.class)
    ? uncaptured(moves, { order, withdrawal: coreReference, failure })
    : { status: 'unknown' };
}

const undone = rejected('core_rejected', 'the withdrawal was adjusted');
const isForGood: ReadonlySet<FailureClass> = new Set([
  ...(['refused', 'invalid', 'missing', 'incomplete'] as const),
]);

/** Gives back what was withdrawn, unless an earlier call has credited it after all. */
async function uncaptured(
  moves: Moves,
  of: { readonly order: CaptureOrder; readonly withdrawal: string; readonly failure: Failure },
): Promise<MoveAnswer> {
  const { order, withdrawal, failure } = of;
  const { client } = moves;
  const credit = { reference: `${order.reference}${creditSuffix}`, signal: undefined };
  const found = await findTransaction(client, credit).catch(() => null);
  if (found === null) return { status: 'unknown' };
  if (found) return { status: 'completed', coreReference: withdrawal, replayed: true };
  const back = await client.order({
    path: `/deposits/transactions/${pathPart(withdrawal)}:adjust`,
    body: { notes: notesOf(order) },
    key: `uncapture ${order.reference}`,
  });
  return back.status === 'done' ? refused(moves, failure, order) : { status: 'unknown' };
}

// Reading -----------------------------------------------------------------------------------------

/** How much of it was taken stands at the withdrawal that has settled it. */
export async function readHold(
  { client }: Moves,
  { id, account, signal }: Of & { readonly account: string },
): Promise<CoreHold | undefined> {
  const of = { account, hold: id, ...(signal ? { signal } : {}) };
  const placed = await readPlaced(client, of);
  if (!placed) return undefined;
  if (holdStatusOf(placed) !== 'captured') return holdOf(placed, account, 0);
  const page = await client.readPage({
    ...{ path: '/deposits/transactions:search', signal, limit: 1, offset: 0 },
    search: {
      filterCriteria: [
        { field: 'parentAccountID', operator: 'EQUALS', value: account },
        { field: 'holdExternalReferenceId', operator: 'EQUALS', value: id },
      ],
    },
  });
  const taken = jsonText(firstOf(page?.items), 'amount') ?? jsonText(placed, 'amount');
  const amount = minorUnitsOf(taken, required(placed, 'currencyCode'), coreName);
  return holdOf(placed, account, Math.abs(amount));
}

export async function lookUpHold(
  { client }: Moves,
  { reference, account, signal }: LookUp,
): Promise<FoundMove | undefined> {
  const of = { account, hold: reference, ...(signal ? { signal } : {}) };
  const found = await readPlaced(client, of);
  if (found === undefined) return undefined;
  return { answer: told(reference, found, true), mark: null };
}

export async function lookUpRelease(
  { client }: Moves,
  { hold, account, signal }: LookUp,
): Promise<FoundMove | undefined> {
  if (hold === undefined) return undefined;
  const found = await readPlaced(client, { account, hold, ...(signal ? { signal } : {}) });
  if (!found || holdStatusOf(found) !== 'voided') return undefined;
  return { answer: { status: 'completed', coreReference: hold, replayed: true }, mark: null };
}

/** Only whole captures are found: half of one is to be sent again. */
export async function lookUpCapture(
  { client }: Moves,
  { reference, signal }: LookUp,
): Promise<FoundMove | undefined> {
  const withdrawn = await findTransaction(client, { reference, signal });
  if (!withdrawn) return undefined;
  const mark = notedIn(withdrawn)?.mark ?? null;
  const isUndone = jsonText(withdrawn, 'adjustmentTransactionKey') !== undefined;
  if (isUndone) return { answer: undone, mark };
  const of = { reference: `${reference}${creditSuffix}`, signal };
  const credit = await findTransaction(client, of);
  if (!credit) return undefined;
  const coreReference = required(withdrawn, 'id');
  return { answer: { status: 'completed', coreReference, replayed: true }, mark };
}
