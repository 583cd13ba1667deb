// Liens of the simulated core: what is held on an account, by numbers of its own.
import { type Xml, type XmlInput, xmlAt } from '#core';
import { type Book, increaseHold, leftOf, placeHold, type Refusal, releaseHold } from '../book.ts';
import {
  type Asked,
  insist,
  money,
  need,
  needMoney,
  refuse,
  type Said,
  textOf,
} from './envelope.ts';
import { noAccount, type Place } from './inquiries.ts';
import { refusalSaid } from './orders.ts';

/** What the book does not keep of a hold. A smaller lien is another hold of the book. */
type Lien = {
  readonly id: string;
  readonly account: string;
  readonly currency: string;
  hold: string;
  from: string;
  until: string;
  reason: string;
  remarks: string;
};
export type Liens = Map<string, Lien>;
type LienService = (place: Place & { readonly liens: Liens }, asked: Asked) => Said;

export const lienServices: Readonly<Record<string, LienService>> = {
  AcctLienInq: inquire,
  AcctLienAdd: add,
  AcctLienMod: modify,
};

const remarksMax = 50;
const noLiens = refuse('L003', 'NO LIEN RECORDS EXIST FOR THE ACCOUNT');

function inquire({ book, bank, liens }: Parameters<LienService>[0], { body }: Asked): Said {
  const account = accountIn(xmlAt(body, 'AcctLienInqRq'));
  if (!book.accounts.has(account)) return noAccount;
  const told = [...liens.values()].filter((each) => each.account === account);
  for (const lien of told) expire(book, lien);
  const listed = told.filter((lien) => bank.listsEmptyLiens || held(book, lien) > 0);
  if (listed.length === 0) return noLiens;
  const records = listed.map(
    (lien): XmlInput => ({
      LienId: lien.id.padEnd(12),
      NewLienAmt: money(held(book, lien), lien.currency),
      LienDt: { StartDt: lien.from, EndDt: lien.until },
      ReasonCode: lien.reason.padEnd(5),
      Rmks: lien.remarks.padEnd(remarksMax),
    }),
  );
  return { told: { AcctLienInqRs: { AcctId: { AcctId: account }, LienDtlsRec: records } } };
}

function accountIn(rq: Xml | undefined): string {
  insist(need(rq, 'ModuleType') === 'ULIEN', 'INVALID ModuleType');
  return need(rq, 'AcctId', 'AcctId');
}

type Told = Pick<Lien, 'from' | 'until' | 'reason' | 'remarks' | 'currency'> & {
  readonly amount: number;
};

function detailsIn(rq: Xml | undefined): Told {
  const details = xmlAt(rq, 'LienDtls');
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/;
  const [from, until] = [need(details, 'LienDt', 'StartDt'), need(details, 'LienDt', 'EndDt')];
  insist(form.test(from) && form.test(until) && from <= until, 'INVALID LienDt');
  const remarks = textOf(details, 'Rmks');
  insist(remarks.length <= remarksMax, 'INVALID LENGTH Rmks');
  const reason = need(details, 'ReasonCode');
  return { from, until, reason, remarks, ...needMoney(details, 'NewLienAmt') };
}

function add({ book, liens }: Parameters<LienService>[0], { uuid, body }: Asked): Said {
  const rq = xmlAt(body, 'AcctLienAddRq');
  const [account, { amount, ...told }] = [accountIn(rq), detailsIn(rq)];
  const about = { account, amount, currency: told.currency };
  const currency = book.accounts.get(account)?.currency;
  if (currency === undefined) return noAccount;
  if (currency !== told.currency) return refusalSaid('currency_mismatch', about);
  insist(amount > 0, 'INVALID amountValue');
  const placed = placeHold(book, { reference: uuid, account, amount, expiresAt: null });
  if ('refused' in placed) return refusalSaid(placed.refused, about);
  const id = `DC${Number(placed.done.id.slice(2))}`;
  liens.set(id, { ...told, id, account, hold: placed.done.id });
  return { told: { AcctLienAddRs: { LienIdRec: { LienId: id } } } };
}

/** What it is to hold from now on, whatever it has held before. */
function modify({ book, liens }: Parameters<LienService>[0], { uuid, body }: Asked): Said {
  const rq = xmlAt(body, 'AcctLienModRq');
  const [account, { amount, ...told }] = [accountIn(rq), detailsIn(rq)];
  const lien = liens.get(need(rq, 'LienDtls', 'LienId'));
  if (lien?.account !== account) return refusalSaid('hold_not_found', { ...told, account, amount });
  expire(book, lien);
  const refused = setHeld(book, lien, { amount, reference: uuid });
  if (refused) return refusalSaid(refused, { ...told, account, amount });
  const { from, until, reason, remarks } = told;
  Object.assign(lien, { from, until, reason, remarks });
  return { told: { AcctLienModRs: { LienIdRec: { LienId: lien.id } } } };
}

function setHeld(
  book: Book,
  lien: Lien,
  { amount, reference }: { readonly amount: number; readonly reference: string },
): Refusal | undefined {
  const before = held(book, lien);
  if (amount > before && before > 0) {
    const result = increaseHold(book, lien.hold, amount - before);
    return 'refused' in result ? result.refused : undefined;
  }
  if (amount > 0 && book.accounts.get(lien.account)?.status !== 'open') return 'account_blocked';
  if (before > 0) releaseHold(book, lien.hold);
  if (amount === 0) return undefined;
  const placed = placeHold(book, { reference, account: lien.account, amount, expiresAt: null });
  if ('refused' in placed) return placed.refused;
  lien.hold = placed.done.id;
  return undefined;
}

function held(book: Book, lien: Lien): number {
  const hold = book.holds.get(lien.hold);
  return hold?.status === 'open' ? leftOf(hold) : 0;
}

/** By the end of its day and hour, in the time of the bank as it was written. */
function expire(book: Book, lien: Lien): void {
  const isOver = Date.parse(`${lien.until}Z`) <= book.clock.now();
  if (isOver && held(book, lien) > 0) releaseHold(book, lien.hold, 'expired');
}
