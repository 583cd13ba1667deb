// Transfers and their reversals: each carries its reference in its particulars, by which the
// entries of its account tell what became of it.
import type { Turns } from '../turns.ts';
import { instantToText, xmlAt } from '#core';
import type { AdapterOperations, MoveAnswer, ReverseOrder, TransferOrder } from '../adapter.ts';
import type { Client, Ordered } from './client.ts';
import { moveAnswerOf } from './errors.ts';
import { dayInput, dayOf, type Particulars, particularsText, type Row, text } from './mapping.ts';
import { answerOfRow, isDone, type Posting, postTransfer, rowOf, uuidOf } from './orders.ts';
import { lastRows, recentRows, searchRows } from './statement.ts';

type Moves = Pick<Required<AdapterOperations>, 'transfer' | 'reverse'>;

export function movesOf(client: Client, inTurn: Turns): Moves {
  return {
    transfer: (order) => inTurn(order.reference, () => transfer(client, order)),
    reverse: (order) => inTurn(order.of, () => reverse(client, order)),
  };
}

async function transfer(client: Client, order: TransferOrder): Promise<MoveAnswer> {
  const { reference, mark, debtor, signal } = order;
  if (client.settings.looksFirst) {
    // The port looks further back before it sends an order again: this is for what has just come.
    const recent = await lastRows(client, debtor, { count: recentRows, signal });
    const before = rowOf(recent?.rows ?? [], reference);
    if (before) return answerOfRow(before, mark);
  }
  return post(client, { ...order, particulars: { reference, mark } });
}

/** Sends it once, and says what the core has answered. */
export async function post(client: Client, posting: Posting): Promise<MoveAnswer> {
  const ordered = await postTransfer(client, posting);
  if (ordered === undefined) return { status: 'unknown' };
  if ('refused' in ordered) return moveAnswerOf(ordered.refused, posting);
  return postedAs(ordered, 'XferTrnAddRs', 'TrnIdentifier');
}

function postedAs(ordered: Ordered, ...path: readonly string[]): MoveAnswer {
  const told = isDone(ordered) ? xmlAt(ordered.body, ...path) : undefined;
  const [day, id] = [dayOf(text(told, 'TrnDt')), text(told, 'TrnId')];
  if (day === undefined || id === undefined) return { status: 'unknown' };
  return { status: 'completed', coreReference: `${day}/${id}`, replayed: false };
}

// Reversals ---------------------------------------------------------------------------------------

/** The rows back to the transfer tell whether it is there, and whether it was reversed before. */
async function reverse(client: Client, order: ReverseOrder): Promise<MoveAnswer> {
  const { of, reference, mark, debtor, creditor, signal } = order;
  const rows = await searchRows(client, debtor, {
    ...{ isEnough: (found) => rowOf(found, of) !== undefined, since: '', signal },
  });
  const before = rowOf(rows, reference);
  if (before) return answerOfRow(before, mark);
  const original = rowOf(rows, of);
  if (!original) return rejected('transfer_not_found');
  if (rows.some((row) => isReversalOf(row, of))) return rejected('already_reversed');
  const particulars = { reference, mark, about: { kind: 'RV', reference: of } } as const;
  if (client.settings.reversal === 'XferTrnRev') return revert(client, original, particulars);
  return post(client, { ...order, particulars, debtor: creditor, creditor: debtor });
}

function isReversalOf({ ours }: Row, reference: string): boolean {
  return ours?.about?.kind === 'RV' && ours.about.reference === reference;
}

/** By the core's own operation; our reference travels in what the bank has added to it. */
async function revert(
  { order }: Client,
  { move }: Row,
  particulars: Particulars,
): Promise<MoveAnswer> {
  const [day = '', id = ''] = move.split('/');
  const ordered = await order('XferTrnRev', uuidOf(particulars.reference), {
    XferTrnRevRq: { TrnId: id, TrnDt: dayInput(day) },
    XferTrnRev_CustomData: { TrnParticulars: particularsText(particulars) },
  });
  if (ordered === undefined) return { status: 'unknown' };
  if ('refused' in ordered) return moveAnswerOf(ordered.refused, { debtor: '' });
  return postedAs(ordered, 'XferTrnRevRs', 'RevTrnIdRec');
}

function rejected(code: 'transfer_not_found' | 'already_reversed'): MoveAnswer {
  return { status: 'rejected', code, coreReason: 'by the entries of the account' };
}

// Looking up --------------------------------------------------------------------------------------

/** The newest row that carries the reference, as far back as the bank has set. */
export async function rowByReference(
  client: Client,
  account: string,
  { reference, signal }: { readonly reference: string; readonly signal?: AbortSignal | undefined },
): Promise<Row | undefined> {
  const { now, lookUpMs } = client.settings;
  const rows = await searchRows(client, account, {
    isEnough: (found) => rowOf(found, reference) !== undefined,
    ...{ since: instantToText(now() - lookUpMs), signal },
  });
  return rowOf(rows, reference);
}
