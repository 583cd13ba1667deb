// Loan accounts of FLEXCUBE, behind a setting: the shape of the message was seen in public code
// only, and that the number of the account may be ours is not verified.
import { Fault, type Xml, type XmlInput, xmlText } from '#core';
import type { Keyed, LoanApplication, LoanTerms, Of } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { dayIn, malformed } from '../wire.ts';
import { type Client, core } from './client.ts';
import { failureOf } from './errors.ts';
import { accountId, accountIn, amountIn, decimalText, neededKey } from './mapping.ts';
import type { Bank } from './settings.ts';

/** The key is the number of the loan account, so that the core has one under it. */
export async function applyForLoan(
  client: Client,
  bank: Bank,
  application: Keyed & LoanTerms,
): Promise<LoanApplication> {
  const { id: party, key, signal } = application;
  const id = accountId({ branch: bank.branch, number: key });
  const record = loanRecord(application, bank);
  const reply = await client.order({ operation: 'CreateAccount', record, signal });
  if (reply?.status === 'SUCCESS' && reply.record !== undefined) return loanOf(reply.record);
  const failure = reply?.status === 'FAILURE' ? failureOf(reply.errors, bank.errors) : undefined;
  if (failure && failure.class !== 'duplicate') throw coreFault(core, failure);
  // No answer, or one that says that it is there: what is there tells.
  const found = await readLoan(client, bank, { id, ...(signal ? { signal } : {}) });
  if (found?.party === party) return found;
  if (found) throw new Fault('idempotency_key_reused', 'flexcube has another loan of that number');
  const text = 'whether the loan was booked is not known';
  throw coreFault(core, { class: 'unavailable', code: 'none', text });
}

export async function readLoan(
  client: Client,
  _bank: Bank,
  { id, signal }: Of,
): Promise<LoanApplication | undefined> {
  const { branch, number } = neededKey(id);
  const record = { BRN: branch, ACCNO: number };
  const found = await client.read({ operation: 'QueryAccount', record, signal });
  return found === undefined ? undefined : loanOf(found);
}

function loanRecord(application: Keyed & LoanTerms, bank: Bank): XmlInput {
  const { id: party, key, product, amount, currency, months } = application;
  const day = dayIn(bank.timeZone, bank.now());
  return {
    ...{ ACCNO: key, BRN: bank.branch, APPLNO: key, PROD: product, CUSTID: party },
    ...{ BOOKDT: day, VALDT: day, MATDT: laterBy(day, months), CCY: currency },
    AMTFINANCED: decimalText(amount, currency),
  };
}

function loanOf(record: Xml): LoanApplication {
  const id = accountIn(record, 'BRN', 'ACCNO');
  const [product, party, currency] = ['PROD', 'CUSTID', 'CCY'].map((name) => xmlText(record, name));
  const [from, until] = [xmlText(record, 'VALDT'), xmlText(record, 'MATDT')];
  if (id === null || !product || !party || !currency || !from || !until) {
    throw malformed(core, 'a loan account with its terms');
  }
  const isRejected = xmlText(record, 'RECSTAT') === 'D';
  const isApproved = xmlText(record, 'AUTHSTAT') === 'A';
  return {
    ...{ id, party, product, currency, months: monthsBetween(from, until) },
    amount: amountIn(record, 'AMTFINANCED', currency),
    status: isRejected ? 'rejected' : isApproved ? 'approved' : 'in_review',
  };
}

/** The same day of a later month, or the last one where that month is too short. */
export function laterBy(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  const then = Date.UTC(year, month - 1 + months, Math.min(date, last));
  return dayIn('UTC', then);
}

function monthsBetween(from: string, until: string): number {
  const count = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
  return count(until) - count(from);
}
