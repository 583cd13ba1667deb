// Orders as a core without idempotency is sent them, and what its answer is for a money move.
import type { XmlInput } from '#core';
import type { MoveAnswer } from '../adapter.ts';
import type { Client, Ordered, Told } from './client.ts';
import { amountInput, dayInput, type Particulars, particularsText, type Row } from './mapping.ts';

/** What the particulars of both sides of a transfer say. */
export type Posting = {
  readonly debtor: string;
  readonly creditor: string;
  readonly amount: number;
  readonly currency: string;
  readonly valueDate: string;
  readonly particulars: Particulars;
  /** Of an order that is sent in another way once it was refused. */
  readonly step?: string;
};

/** Sends it, whatever is on record. */
export function postTransfer(
  { order }: Client,
  { debtor, creditor, amount, currency, valueDate, particulars, step }: Posting,
): Promise<Ordered | undefined> {
  const part = (account: string, side: 'D' | 'C'): XmlInput => ({
    AcctId: { AcctId: account },
    CreditDebitFlg: side,
    TrnAmt: amountInput(amount, currency),
    TrnParticulars: particularsText(particulars),
    ValueDt: dayInput(valueDate),
  });
  return order('XferTrnAdd', uuidOf(particulars.reference, step), {
    XferTrnAddRq: {
      XferTrnHdr: { TrnType: 'T', TrnSubType: 'CI' },
      XferTrnDetail: { PartTrnRec: [part(debtor, 'D'), part(creditor, 'C')] },
    },
  });
}

/** The only handle that the core has on a repetition: the same for the same order. */
export function uuidOf(reference: string, step?: string): string {
  return `Req_${reference}${step === undefined ? '' : `_${step}`}`;
}

export function isDone(ordered: Ordered | undefined): ordered is Told {
  return ordered !== undefined && !('refused' in ordered);
}

/** Of a row that carries the reference of an order: done by an earlier call, or not this order. */
export function answerOfRow({ move, ours }: Row, mark: string): MoveAnswer {
  // Another command under the same reference: a look-up tells by the mark.
  if (ours?.mark !== mark) return { status: 'unknown' };
  return { status: 'completed', coreReference: move, replayed: true };
}

export function rowOf(rows: readonly Row[], reference: string): Row | undefined {
  return rows.find(({ ours }) => ours?.reference === reference);
}
