// Money moves of FLEXCUBE: retail teller transactions under an external reference (XREF), their
// overrides, what waits for a checker, their reversal, and how each is found again.
import { type Xml, xmlText, sha256Hex } from '#core';
import type { FoundMove, LookUp, MoveAnswer, ReverseOrder, TransferOrder } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import type { Override } from '../port.ts';
import { type Client, core, type Reply } from './client.ts';
import { plainText, refusalOf, type Said } from './errors.ts';
import { decimalText, neededKey, remark, remarkWords } from './mapping.ts';
import type { Bank } from './settings.ts';

export async function transfer(
  client: Client,
  bank: Bank,
  order: TransferOrder,
): Promise<MoveAnswer> {
  const { reference, mark, signal } = order;
  if (!bank.refusesDuplicates) {
    // This gateway posts twice: the guard of the reference is this look.
    const before = await findTransfer(client, { reference, signal });
    if (before) return told(before, mark);
  }
  const record = transactionOf(order, bank);
  const call = { operation: 'CreateTransaction', record, signal } as const;
  const first = await client.order(call);
  const reply =
    first && isAccepted(first, order.accepted) && first.trip !== null
      ? await client.order({ ...call, trip: first.trip })
      : first;
  const answer = answerOf(reply, (errors) =>
    refusalOf(errors, bank.errors, { creditor: neededKey(order.creditor).number }),
  );
  if (answer !== 'duplicate') return answer;
  return earlier(findTransfer(client, { reference, signal }), mark);
}

/** Reverses under the reference of the transfer: a reversal has none of its own there. */
export async function reverse(
  client: Client,
  bank: Bank,
  order: ReverseOrder,
): Promise<MoveAnswer> {
  const { of, reference, mark, signal } = order;
  const { branch } = neededKey(order.debtor);
  const record = {
    ...{ XREF: of, PRD: bank.product, BRN: branch },
    NARRATIVE: remark(mark, reference),
  };
  const reply = await client.order({ operation: 'ReverseTransaction', record, signal });
  const answer = answerOf(reply, (errors) =>
    refusalOf(errors, bank.errors, { missing: 'transfer_not_found' }),
  );
  const isOver =
    answer !== 'duplicate' && answer.status === 'rejected' && answer.code === 'already_reversed';
  if (!isOver && answer !== 'duplicate') return answer;
  const found = earlier(findReversal(client, { of, reference, signal }), mark);
  const last = await found;
  return isOver && last.status === 'unknown' ? answer : last;
}

function transactionOf(order: TransferOrder, bank: Bank) {
  const [from, to] = [neededKey(order.debtor), neededKey(order.creditor)];
  const amount = decimalText(order.amount, order.currency);
  return {
    ...{ XREF: order.reference, PRD: bank.product, BRN: from.branch, TXNBRN: from.branch },
    ...{ TXNACC: from.number, TXNCCY: order.currency, TXNAMT: amount, OFFSETBRN: to.branch },
    ...{ OFFSETACC: to.number, OFFSETCCY: order.currency, OFFSETAMT: amount },
    ...{ VALDATE: order.valueDate, NARRATIVE: remark(order.mark) },
  };
}

// Answers -----------------------------------------------------------------------------------------

/** `keyIn` finds the core's own reference in the record. */
export function answerOf(
  reply: Reply | undefined,
  refused: (errors: readonly Said[]) => MoveAnswer | 'duplicate',
  keyIn: (record: Xml | undefined) => string | undefined = (record) => xmlText(record, 'FCCREF'),
): MoveAnswer | 'duplicate' {
  if (!reply) return { status: 'unknown' };
  if (reply.status === 'FAILURE') return refused(reply.errors);
  if (reply.status === 'WARNING') {
    // Without a trip to accept it by, nobody can say whether it was saved.
    if (reply.trip === null || reply.warnings.length === 0) return { status: 'unknown' };
    return { status: 'needs_override', overrides: reply.warnings.map(overrideOf) };
  }
  const coreReference = keyIn(reply.record);
  const authorized = xmlText(reply.record, 'AUTHSTAT');
  if (coreReference === undefined) return { status: 'unknown' };
  if (authorized === 'U') return { status: 'pending_approval', coreReference };
  if (authorized !== 'A') return { status: 'unknown' };
  return { status: 'completed', coreReference, replayed: false };
}

/** Whose text changes, such as with the amount that it names, is another override. */
function overrideOf({ code, text }: Said): Override {
  return { id: `${code}:${sha256Hex(text).slice(0, 8)}`, code, text: plainText(text) };
}

function isAccepted({ status, warnings }: Reply, accepted: readonly string[] = []): boolean {
  const isEvery = warnings.every((each) => accepted.includes(overrideOf(each).id));
  return status === 'WARNING' && warnings.length > 0 && isEvery;
}

/** What became of the call before, which the core says that it knows; else nobody can tell. */
export async function earlier(
  looking: Promise<FoundMove | undefined>,
  mark: string,
): Promise<MoveAnswer> {
  const found = await looking.catch(() => undefined);
  return found ? told(found, mark) : { status: 'unknown' };
}

/** Another command under this reference is for the asker to see: by a look-up of his own. */
function told({ answer, mark: kept }: FoundMove, mark: string): MoveAnswer {
  if (kept !== null && kept !== mark) return { status: 'unknown' };
  return answer.status === 'completed' ? { ...answer, replayed: true } : answer;
}

// Look-ups ----------------------------------------------------------------------------------------

type Sought = Pick<LookUp, 'reference'> & { readonly signal?: AbortSignal | undefined };

export async function findTransfer(
  client: Client,
  { reference, signal }: Sought,
): Promise<FoundMove | undefined> {
  const record = await queryTransaction(client, { reference, signal });
  if (record === undefined) return undefined;
  const [mark = null, reversedBy] = remarkWords(xmlText(record, 'NARRATIVE'));
  const isReversed = xmlText(record, 'EVNTCD') === 'REVR';
  // The narrative is that of the reversal then.
  return { answer: standing(record), mark: isReversed && reversedBy !== undefined ? null : mark };
}

/**
 * Of the transfer that was reversed. A reversal that bears no remark of ours counts: the transfer
 * is mirrored, whoever has done it.
 */
export async function findReversal(
  client: Client,
  { of, reference, signal }: Sought & { readonly of: string | undefined },
): Promise<FoundMove | undefined> {
  if (of === undefined) {
    const text = 'a reversal is found by the transfer that it is of';
    throw coreFault(core, { class: 'incomplete', code: 'none', text });
  }
  const record = await queryTransaction(client, { reference: of, signal });
  if (record === undefined || xmlText(record, 'EVNTCD') !== 'REVR') return undefined;
  const [mark = null, reversedBy] = remarkWords(xmlText(record, 'NARRATIVE'));
  if (reversedBy !== undefined && reversedBy !== reference) return undefined;
  return { answer: standing(record), mark: reversedBy === undefined ? null : mark };
}

function queryTransaction(client: Client, { reference, signal }: Sought): Promise<Xml | undefined> {
  const record = { XREF: reference };
  return client.read({ operation: 'QueryTransaction', record, signal });
}

function standing(record: Xml): MoveAnswer {
  const coreReference = xmlText(record, 'FCCREF');
  if (coreReference === undefined) return { status: 'unknown' };
  if (xmlText(record, 'RECSTAT') === 'D') {
    const coreReason = 'deleted before it was authorized';
    return { status: 'rejected', code: 'core_rejected', coreReason };
  }
  if (xmlText(record, 'AUTHSTAT') === 'U') return { status: 'pending_approval', coreReference };
  return { status: 'completed', coreReference, replayed: false };
}
