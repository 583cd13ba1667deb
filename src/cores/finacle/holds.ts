// Holds as liens: placed, added to, given back, and captured by a transfer and a smaller lien.
//
// A lien has no reference of ours but in its remarks, and may be gone from all lists once it holds
// nothing. So the entries of the account say what was captured, and the lien what is left to do.
import { xmlAt } from '#core';
import type {
  AdapterOperations,
  CaptureOrder,
  CoreHold,
  FoundMove,
  HoldChange,
  HoldOrder,
  LookUp,
  MoveAnswer,
} from '../adapter.ts';
import { decimalOf, instantIn, localIn } from '../wire.ts';
import type { Client, Ordered } from './client.ts';
import { moveAnswerOf } from './errors.ts';
import {
  dayInput,
  endless,
  instantOf,
  lastSigns,
  type Lien,
  type LienRemarks,
  liensIn,
  remarksText,
  type Row,
  text,
} from './mapping.ts';
import { post, rowByReference } from './moves.ts';
import type { Turns } from '../turns.ts';
import { answerOfRow, isDone, rowOf, uuidOf } from './orders.ts';
import { searchRows } from './statement.ts';

type Holds = Pick<
  Required<AdapterOperations>,
  'readHold' | 'placeHold' | 'increaseHold' | 'captureHold' | 'releaseHold'
>;
type Signal = AbortSignal | undefined;

const moduleType = 'ULIEN';

export function holdsOf(client: Client, inTurn: Turns): Holds {
  return {
    readHold: ({ id, account, signal }) => readHold(client, { id, account, signal }),
    placeHold: (order) => inTurn(order.reference, () => place(client, order)),
    increaseHold: (order) => inTurn(order.hold, () => increase(client, order)),
    captureHold: (order) => inTurn(order.hold, () => capture(client, order)),
    releaseHold: (order) => inTurn(order.hold, () => release(client, order)),
  };
}

/** Also where it holds nothing any more, as far as the core still lists it. */
async function lienOf(
  { ask }: Client,
  { account, hold, signal }: { account: string; hold: string; signal?: Signal },
): Promise<Lien | undefined> {
  const request = { AcctId: { AcctId: account }, ModuleType: moduleType };
  const told = await ask('AcctLienInq', { AcctLienInqRq: request }, signal);
  return told && liensIn(told.body).find(({ reference }) => reference === hold);
}

async function readHold(
  client: Client,
  { id, account, signal }: { id: string; account: string; signal: Signal },
): Promise<CoreHold | undefined> {
  const lien = await lienOf(client, { account, hold: id, signal });
  if (!lien) return undefined;
  const { original, left, currency, until, last } = lien;
  const isOpen = left > 0;
  const captured = isOpen ? original - left : await capturedOf(client, lien, { account, signal });
  return {
    ...{ reference: id, account, currency, amount: original, captured },
    released: original - left - captured,
    status: isOpen ? 'open' : last?.kind === 'voided' ? 'voided' : 'captured',
    expires_at: until === endless ? null : (instantIn(client.settings.timeZone, until) ?? null),
  };
}

// Placing and changing ----------------------------------------------------------------------------

async function place(client: Client, order: HoldOrder): Promise<MoveAnswer> {
  const { reference, mark, account, amount, currency, expiresAt, signal } = order;
  const { now, timeZone, lienReason } = client.settings;
  const before = await lienOf(client, { account, hold: reference, signal });
  if (before) return answerOfLien(before, mark);
  const until = expiresAt === undefined ? endless : localIn(timeZone, Date.parse(expiresAt));
  const ordered = await client.order('AcctLienAdd', uuidOf(reference), {
    AcctLienAddRq: {
      AcctId: { AcctId: account },
      ModuleType: moduleType,
      LienDtls: {
        NewLienAmt: { amountValue: decimalOf(amount, currency), currencyCode: currency },
        LienDt: { StartDt: dayInput(localIn(timeZone, now()).slice(0, 10)), EndDt: until },
        ReasonCode: lienReason,
        Rmks: remarksText({ reference, mark, original: amount }),
      },
    },
  });
  return changedAs(ordered, 'AcctLienAddRs', account);
}

function answerOfLien(lien: Lien, mark: string): MoveAnswer {
  if (lien.mark !== mark) return { status: 'unknown' };
  return { status: 'completed', coreReference: lien.id, replayed: true };
}

function changedAs(ordered: Ordered | undefined, part: string, account: string): MoveAnswer {
  if (ordered === undefined) return { status: 'unknown' };
  if ('refused' in ordered) return moveAnswerOf(ordered.refused, { debtor: account });
  const id = text(xmlAt(ordered.body, part), 'LienIdRec', 'LienId');
  if (id === undefined) return { status: 'unknown' };
  return { status: 'completed', coreReference: id, replayed: false };
}

type Change = {
  readonly account: string;
  /** Names the change to the core. */
  readonly uuid: string;
  /** Minor units that it holds from now on. */
  readonly left: number;
  readonly remarks: Pick<LienRemarks, 'last'> & Partial<Pick<LienRemarks, 'original'>>;
};

/** The core is told what the lien is to hold, not by how much it changes. */
function changeLien(
  { order, settings }: Client,
  lien: Lien,
  { account, uuid, left, remarks }: Change,
): Promise<Ordered | undefined> {
  return order('AcctLienMod', uuid, {
    AcctLienModRq: {
      AcctId: { AcctId: account },
      ModuleType: moduleType,
      LienDtls: {
        LienId: lien.id,
        NewLienAmt: { amountValue: decimalOf(left, lien.currency), currencyCode: lien.currency },
        LienDt: { StartDt: lien.from, EndDt: lien.until },
        ReasonCode: settings.lienReason,
        Rmks: remarksText({ ...lien, ...remarks }),
      },
    },
  });
}

async function increase(
  client: Client,
  order: HoldChange & { readonly amount: number },
): Promise<MoveAnswer> {
  const { reference, hold, account, amount, signal } = order;
  const lien = await lienOf(client, { account, hold, signal });
  if (!lien || lien.left === 0) return noHold;
  if (isLast(lien, 'increased', reference)) {
    return { status: 'completed', coreReference: lien.id, replayed: true };
  }
  const [left, original] = [lien.left + amount, lien.original + amount];
  const remarks = { original, last: { kind: 'increased', by: reference } } as const;
  const change = { account, uuid: uuidOf(reference), left, remarks };
  return changedAs(await changeLien(client, lien, change), 'AcctLienModRs', account);
}

function isLast({ last }: Lien, kind: 'increased' | 'voided', reference: string): boolean {
  return last?.kind === kind && last.by === begin(reference);
}

function begin(reference: string): string {
  return reference.slice(0, lastSigns);
}

async function release(client: Client, order: HoldChange): Promise<MoveAnswer> {
  const { reference, hold, account, signal } = order;
  const lien = await lienOf(client, { account, hold, signal });
  if (!lien) return noHold;
  if (lien.left === 0) {
    const isOurs = isLast(lien, 'voided', reference);
    return isOurs ? { status: 'completed', coreReference: lien.id, replayed: true } : noHold;
  }
  const remarks = { last: { kind: 'voided', by: reference } } as const;
  const change = { account, uuid: uuidOf(reference), left: 0, remarks };
  return changedAs(await changeLien(client, lien, change), 'AcctLienModRs', account);
}

const noHold: MoveAnswer = {
  ...{ status: 'rejected', code: 'hold_not_found' },
  coreReason: 'no lien holds anything under that reference',
};

// Capturing ---------------------------------------------------------------------------------------

/**
 * First the transfer, then the lien: whoever repeats it finds the transfer by its reference, and
 * does only what is left. The lien goes first where it alone stands in the way of the transfer.
 */
async function capture(client: Client, order: CaptureOrder): Promise<MoveAnswer> {
  const { hold, account, reference, mark, amount, signal } = order;
  const lien = await lienOf(client, { account, hold, signal });
  if (!lien) {
    const done = await rowByReference(client, account, { reference, signal });
    return done ? answerOfRow(done, mark) : noHold;
  }
  const rows = await rowsSince(client, lien, { account, signal });
  const done = rowOf(rows, reference);
  if (done && done.ours?.mark !== mark) return { status: 'unknown' };
  // What an earlier call has given free for this capture is still to be taken from it.
  const isFreed = lien.last?.kind === 'captured' && lien.last.by === begin(reference);
  const rest = lien.original - capturedIn(rows, hold);
  const left = isFreed ? rest : Math.min(rest, lien.left);
  if (!done && left === 0) return noHold;
  if (!done && amount > left) return tooMuch;
  const held = { lien, left, isFreed };
  const { moved, holds } = done
    ? { moved: answerOfRow(done, mark), holds: lien.left }
    : await take(client, held, order);
  if (moved.status !== 'completed') return moved;
  const target = order.final ? 0 : rest - (done ? 0 : amount);
  if (holds <= target) return moved;
  // Where this fails, the money has moved and too much is held: whoever asks again ends it.
  const change = captureChange(order, { left: target, step: 'L' });
  const changed = await changeLien(client, lien, change).catch(() => undefined);
  return isDone(changed) ? moved : { status: 'unknown' };
}

type Held = { readonly lien: Lien; readonly left: number; readonly isFreed: boolean };
/** What became of the transfer, and what the lien holds after it. */
type Taken = { readonly moved: MoveAnswer; readonly holds: number };

async function take(
  client: Client,
  { lien, left, isFreed }: Held,
  order: CaptureOrder,
): Promise<Taken> {
  const { account, creditor, reference, mark, hold, amount, currency, valueDate } = order;
  const kind = order.final ? 'HF' : 'HD';
  const particulars = { reference, mark, about: { kind, reference: hold } } as const;
  const posting = { debtor: account, creditor, amount, currency, valueDate, particulars };
  if (!isFreed) {
    const moved = await post(client, posting);
    const isInTheWay = moved.status === 'rejected' && moved.code === 'insufficient_funds';
    if (!isInTheWay) return { moved, holds: lien.left };
    const change = captureChange(order, { left: left - amount, step: 'F' });
    const freed = changedAs(await changeLien(client, lien, change), 'AcctLienModRs', account);
    if (freed.status !== 'completed') return { moved: freed, holds: lien.left };
  }
  const moved = await post(client, { ...posting, step: 'S' });
  if (moved.status === 'rejected') {
    // Nothing was taken: it is held again. Where that fails, less is held than could be.
    const back = captureChange(order, { left, step: 'B' });
    await changeLien(client, lien, back).catch(() => undefined);
  }
  return { moved, holds: left - amount };
}

function captureChange(
  { account, reference }: CaptureOrder,
  { left, step }: { readonly left: number; readonly step: 'F' | 'B' | 'L' },
): Change {
  const remarks = { last: { kind: 'captured', by: reference } } as const;
  return { account, uuid: uuidOf(reference, step), left, remarks };
}

const tooMuch: MoveAnswer = {
  ...{ status: 'rejected', code: 'amount_exceeds_hold' },
  coreReason: 'the lien holds less',
};

type Within = { readonly account: string; readonly signal?: Signal };

/** What was booked since the lien was placed. */
function rowsSince(
  client: Client,
  { from }: Lien,
  { account, signal }: Within,
): Promise<readonly Row[]> {
  const since = instantOf(from, client.settings.timeZone);
  return searchRows(client, account, { isEnough: () => false, since, signal });
}

async function capturedOf(client: Client, lien: Lien, within: Within): Promise<number> {
  return capturedIn(await rowsSince(client, lien, within), lien.reference);
}

function capturedIn(rows: readonly Row[], hold: string): number {
  return rows
    .filter(({ ours }) => ours?.about?.kind !== 'RV' && ours?.about?.reference === hold)
    .reduce((sum, { entry }) => sum + entry.amount, 0);
}

// Looking up --------------------------------------------------------------------------------------

/** Of an account that is held: `hold` where it is about a change of a hold. */
export async function lookUpHold(
  client: Client,
  { reference, kind, account, hold = reference, signal }: LookUp,
): Promise<FoundMove | undefined> {
  const lien = await lienOf(client, { account, hold, signal });
  const done = (mark: string | null): FoundMove => ({
    answer: { status: 'completed', coreReference: lien?.id ?? hold, replayed: true },
    mark,
  });
  if (kind === 'release') {
    // A lien that is gone holds nothing: what the release was to bring about is so.
    const isGone = !lien || (lien.left === 0 && isLast(lien, 'voided', reference));
    return isGone ? done(null) : undefined;
  }
  if (hold === reference) return lien && done(lien.mark);
  return lien && isLast(lien, 'increased', reference) ? done(null) : undefined;
}

/** Undefined also where it is half done: to order it again under its reference ends it. */
export async function lookUpCapture(
  client: Client,
  { reference, account, hold, signal }: LookUp,
): Promise<FoundMove | undefined> {
  const row = await rowByReference(client, account, { reference, signal });
  if (!row?.ours) return undefined;
  const lien = hold === undefined ? undefined : await lienOf(client, { account, hold, signal });
  const isFinal = row.ours.about?.kind === 'HF';
  if (lien && lien.left > 0) {
    const captured = await capturedOf(client, lien, { account, signal });
    if (lien.left > (isFinal ? 0 : lien.original - captured)) return undefined;
  }
  return {
    answer: { status: 'completed', coreReference: row.move, replayed: true },
    mark: row.ours.mark,
  };
}
