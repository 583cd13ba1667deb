// Amounts on hold: placed, read, given back, and captured, which is given back and moved at once.
import type {
  AdapterOperations,
  CaptureOrder,
  CoreHold,
  HoldChange,
  HoldOrder,
  MoveAnswer,
} from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { dayIn, decimalOf, jsonNumber, jsonText, minorUnitsOf } from '../wire.ts';
import { type Fineract, name, type Ordered } from './client.ts';
import { carriedOut, holds as holdCommands, type Recorded, transfers } from './commands.ts';
import { currencyOf, dayForm, textOf } from './mapping.ts';
import { answerOf, type Sides, refused, send } from './moves.ts';

type Holds = Pick<AdapterOperations, 'placeHold' | 'captureHold' | 'releaseHold' | 'readHold'>;

export function holds(core: Fineract, sides: Sides): Holds {
  return {
    placeHold: async (order) => place(core, sides, order),
    releaseHold: async (order) => giveBack(core, order),
    captureHold: async (order) => capture(core, sides, order),
    readHold: async ({ id, account, signal }) =>
      read(core, { hold: id, account, ...(signal ? { signal } : {}) }),
  };
}

// Placing -----------------------------------------------------------------------------------------

/** The core lets no hold expire: our own ledger gives it back when its time is over. */
async function place(core: Fineract, sides: Sides, order: HoldOrder): Promise<MoveAnswer> {
  const side = await sides(order.account, order.signal);
  if (!side) return refused('debit_account_not_found');
  if (side.currency !== order.currency) return refused('currency_mismatch');
  return answerOf(await putOn(core, { ...order, text: textOf(order), key: order.reference }));
}

type Putting = Pick<HoldOrder, 'account' | 'amount' | 'currency'> & {
  readonly text: string;
  readonly key: string;
};

async function putOn(
  core: Fineract,
  { account, amount, currency, text, key }: Putting,
): Promise<Ordered> {
  const { timeZone = 'UTC', now } = core.options;
  return core.order({
    path: `savingsaccounts/${encodeURIComponent(account)}/transactions`,
    query: { command: 'holdAmount' },
    key,
    body: {
      transactionAmount: jsonNumber(decimalOf(amount, currency)),
      transactionDate: dayIn(timeZone, now()),
      ...{ reasonForBlock: text, lienAllowed: 'false', ...dayForm },
    },
  });
}

// Finding -----------------------------------------------------------------------------------------

type Sought = Pick<HoldChange, 'hold' | 'account'> & {
  readonly signal?: AbortSignal | undefined;
};

/** By its command: when a hold ends, the core wipes out the text of the hold itself. */
export async function findHold(core: Fineract, of: Sought): Promise<Found | undefined> {
  const { hold, account, signal } = of;
  const is = ({ reference }: { reference: string }) => reference === hold;
  const found = await carriedOut(core, { kind: holdCommands, account, is, signal });
  return found?.resource === undefined ? undefined : { ...found, resource: found.resource };
}
type Found = Recorded & { readonly resource: string };

/** The transaction that has ended it; undefined while it is open. */
export async function endOf(core: Fineract, of: Sought, found: Found) {
  const transaction = await core.ask({ path: pathOf(of, found), signal: of.signal });
  const ended = jsonText(transaction, 'releaseTransactionId') ?? '0';
  return { transaction, ended: ended === '0' ? undefined : ended };
}

/** The transfer that has taken it; undefined where it was given back, or is open. */
export async function takenBy(
  core: Fineract,
  { hold, account, signal }: Sought,
): Promise<Recorded | undefined> {
  return carriedOut(core, {
    ...{ kind: transfers, account, signal },
    is: ({ of }) => of?.what === 'takes' && of.reference === hold,
  });
}

async function read(core: Fineract, of: Sought): Promise<CoreHold | undefined> {
  const found = await findHold(core, of);
  if (!found) return undefined;
  const { transaction, ended } = await endOf(core, of, found);
  const currency = currencyOf(transaction);
  const amount = minorUnitsOf(jsonText(transaction, 'amount'), currency, name);
  const taken = ended === undefined ? undefined : await takenBy(core, of);
  const moved = taken && minorUnitsOf(jsonText(taken.sent, 'transferAmount'), currency, name);
  const captured = moved ?? 0;
  return {
    ...{ reference: of.hold, account: of.account, currency, amount, captured, expires_at: null },
    released: ended === undefined ? 0 : amount - captured,
    status: ended === undefined ? 'open' : taken ? 'captured' : 'voided',
  };
}

function pathOf({ account }: Sought, { resource }: Found): string {
  return `savingsaccounts/${encodeURIComponent(account)}/transactions/${encodeURIComponent(resource)}`;
}

// Ending ------------------------------------------------------------------------------------------

async function giveBack(core: Fineract, order: HoldChange): Promise<MoveAnswer> {
  const found = await findHold(core, order);
  if (!found) return refused('hold_not_found');
  return answerOf(await end(core, order, { found, key: order.reference }));
}

async function end(
  core: Fineract,
  of: Sought,
  { found, key }: { readonly found: Found; readonly key: string },
): Promise<Ordered> {
  return core.order({
    ...{ path: pathOf(of, found), query: { command: 'releaseAmount' }, key, body: {} },
  });
}

/**
 * Two calls: the hold is given back, then the money moves. The transfer is the last of them, so
 * that the capture is on record where, and only where, the money has moved. Where the second call
 * is lost, the same order again is told from the store that the first was done, and goes on.
 */
async function capture(core: Fineract, sides: Sides, order: CaptureOrder): Promise<MoveAnswer> {
  const { reference, account, hold, amount, currency, creditor, mark, final: isFinal } = order;
  const found = await findHold(core, order);
  if (!found) return refused('hold_not_found');
  const held = minorUnitsOf(jsonText(found.sent, 'transactionAmount'), currency, name);
  if (amount > held) return refused('amount_exceeds_hold');
  if (!isFinal && amount < held) {
    const text = 'a hold ends with its capture';
    throw coreFault(name, { class: 'refused', code: 'partial_capture', text });
  }
  const ended = await end(core, order, { found, key: `${reference} ends` });
  if (ended.status !== 'done') return answerOf(ended);
  const text = textOf({ reference, mark, of: { what: 'takes', reference: hold } });
  const moved = await send(core, sides, { ...order, debtor: account, creditor, text });
  if (moved.status !== 'rejected') return moved;
  return putBack(core, moved, { order, found, held });
}

/** A refusal leaves things as they were, as far as the core allows it still. */
async function putBack(
  core: Fineract,
  moved: MoveAnswer & { readonly status: 'rejected' },
  { order, found, held }: { order: CaptureOrder; found: Found; held: number },
): Promise<MoveAnswer> {
  const { account, currency, reference } = order;
  const key = `${reference} again`;
  const again = { account, currency, amount: held, text: textOf(found.text), key };
  const back = await putOn(core, again);
  if (back.status === 'unknown') return back;
  if (back.status === 'done') return moved;
  const coreReason = `${moved.coreReason}; the hold is gone: ${back.told.code}`;
  return { ...moved, coreReason };
}
