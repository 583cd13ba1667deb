// FLEXCUBE's records in our words, and ours in its own: keys, parties, accounts, balances, days.
import { Fault, instantToText, type Xml, xmlAll, xmlText } from '#core';
import type { CoreAccount, CoreContactPoint, CoreEntry, CoreParty } from '../adapter.ts';
import type { Balance } from '../port.ts';
import { decimalOf, instantIn, malformed, minorUnitsOf } from '../wire.ts';
import { core } from './client.ts';
import type { Bank } from './settings.ts';

// Keys --------------------------------------------------------------------------------------------

/** An account is named by its branch and its number, `001-0010000017`: both are its key there. */
export type AccountKey = { readonly branch: string; readonly number: string };

export function accountId({ branch, number }: AccountKey): string {
  return `${branch}-${number}`;
}

/** Undefined for what cannot be an account of this core. */
export function accountKey(id: string): AccountKey | undefined {
  const [, branch, number] = /^(\w{1,4})-(\w{1,20})$/.exec(id) ?? [];
  return branch !== undefined && number !== undefined ? { branch, number } : undefined;
}

/** Throws `input_invalid`. */
export function neededKey(id: string): AccountKey {
  const key = accountKey(id);
  if (key) return key;
  throw new Fault('input_invalid', 'flexcube: an account is named by branch and number, 001-…');
}

/** The account that two elements of a record name; null where they do not. */
export function accountIn(record: Xml | undefined, branch: string, number: string): string | null {
  const found = { branch: xmlText(record, branch), number: xmlText(record, number) };
  return found.branch && found.number ? accountId(found as AccountKey) : null;
}

// Amounts and marks -------------------------------------------------------------------------------

export function amountIn(record: Xml | undefined, name: string, currency: string): number {
  return minorUnitsOf(xmlText(record, name), currency, core);
}

export { decimalOf as decimalText };

/** What we write into a text of the core: the command's mark, and what else is to be found. */
export function remark(mark: string, ...more: readonly string[]): string {
  return ['CS', mark, ...more].join(' ');
}

/** The words of a remark of ours, the mark first; none where it is not ours. */
export function remarkWords(text: string | undefined): readonly string[] {
  const words = (text ?? '').split(' ');
  return words[0] === 'CS' && /^[0-9a-f]{8}$/.test(words[1] ?? '') ? words.slice(1) : [];
}

// Parties -----------------------------------------------------------------------------------------

export function partyOf(record: Xml): CoreParty {
  const id = xmlText(record, 'CUSTNO');
  const country = xmlText(record, 'COUNTRY');
  const name = xmlText(record, 'FULLNAME') ?? xmlText(record, 'NAME') ?? xmlText(record, 'SNAME');
  if (id === undefined || country === undefined || name === undefined) {
    throw malformed(core, 'CUSTNO, COUNTRY and a name of a customer');
  }
  // I individual, C corporate, B bank.
  const isPerson = xmlText(record, 'CTYPE') === 'I';
  const isOver = xmlText(record, 'DEAD') === 'Y' || xmlText(record, 'RECSTAT') === 'C';
  return {
    ...{ id, name, country },
    kind: isPerson ? 'person' : 'organisation',
    status: isOver ? 'former' : 'customer',
    segment: isPerson ? 'person' : 'business',
    date_of_birth: xmlText(record, 'Custpersonal', 'DOB')?.slice(0, 10) ?? null,
  };
}

/** In the order of a letter: the record itself has the third before the second. */
export const addressLines = ['ADDRLN1', 'ADDRLN2', 'ADDRLN3', 'ADDRLN4'] as const;

export function contactPointsOf(record: Xml): readonly CoreContactPoint[] {
  const lines = addressLines.flatMap((name) => xmlText(record, name) ?? []);
  const [email, phone, mobile] = ['EMAIL', 'TEL', 'MOBNUM'].map((name) =>
    xmlText(record, 'Custpersonal', name),
  );
  return [
    ...(email === undefined ? [] : [{ kind: 'email', usage: 'main', value: email } as const]),
    ...(phone === undefined ? [] : [{ kind: 'phone', usage: 'main', value: phone } as const]),
    ...(mobile === undefined ? [] : [{ kind: 'phone', usage: 'mobile', value: mobile } as const]),
    ...(lines.length === 0
      ? []
      : [{ kind: 'postal_address', usage: 'main', value: lines.join('\n') } as const]),
  ];
}

// Accounts ----------------------------------------------------------------------------------------

export function accountOf(record: Xml, bank: Bank): CoreAccount {
  const id = accountIn(record, 'BRN', 'ACC');
  const currency = xmlText(record, 'CCY');
  const opened = instantIn(bank.timeZone, xmlText(record, 'ACCOPENDT') ?? '');
  const holder = xmlText(record, 'CUSTNO');
  if (id === null || currency === undefined || opened === undefined || holder === undefined) {
    throw malformed(core, 'BRN, ACC, CCY, CUSTNO and ACCOPENDT of an account');
  }
  const isDisabled = [xmlText(record, 'FROZEN'), xmlText(record, 'ACSTATNODR')].includes('Y');
  const isClosed = xmlText(record, 'RECSTAT') === 'C';
  return {
    ...{ id, currency, opened_at: opened },
    status: isClosed ? 'deleted' : isDisabled ? 'disabled' : 'enabled',
    product: xmlText(record, 'ACCLS') ?? null,
    parties: [{ id: holder, role: 'holder' }],
  };
}

/** The accounts of a summary, without their details. */
export function summaryKeys(record: Xml): readonly AccountKey[] {
  return xmlAll(record, 'Stvw-Account-Sumary--A').flatMap((row) => {
    const key = accountKey(accountIn(row, 'BRANCH_CODE', 'CUSTACNO') ?? '');
    return key ? [key] : [];
  });
}

/** Interim booked and interim available. */
export function balancesOf(record: Xml, bank: Bank): readonly Balance[] {
  const [row] = xmlAll(record, 'ACC_BAL');
  const currency = xmlText(row, 'CCY');
  if (currency === undefined) throw malformed(core, 'CCY of a balance');
  const balance = (type: Balance['type'], name: string): Balance => {
    const amount = amountIn(row, name, currency);
    return {
      ...{ type, currency, amount: Math.abs(amount) },
      credit_debit_indicator: amount < 0 ? 'DBIT' : 'CRDT',
      as_of: instantToText(bank.now()),
    };
  };
  return [balance('ITBD', 'CURBAL'), balance('ITAV', 'AVLBAL')];
}

// Transactions ------------------------------------------------------------------------------------

/** Both sides of a retail teller transaction, the debit first. */
export function entriesOf(record: Xml, bank: Bank): readonly (CoreEntry & { account: string })[] {
  const debtor = accountIn(record, 'TXNBRN', 'TXNACC');
  const creditor = accountIn(record, 'OFFSETBRN', 'OFFSETACC');
  const reference = xmlText(record, 'FCCREF');
  const valued = instantIn(bank.timeZone, xmlText(record, 'VALDATE') ?? '');
  const booked = instantIn(bank.timeZone, xmlText(record, 'CHECKERSTAMP') ?? '') ?? valued;
  if (debtor === null || creditor === null || !reference || !booked || !valued) {
    throw malformed(core, 'accounts, FCCREF and VALDATE of a transaction');
  }
  const isOurs = remarkWords(xmlText(record, 'NARRATIVE')).length > 0;
  const common = {
    ...{ reference, booked_at: booked, value_at: valued },
    status: xmlText(record, 'AUTHSTAT') === 'U' ? 'PDNG' : 'BOOK',
    own_reference: isOurs ? (xmlText(record, 'XREF') ?? null) : null,
  } as const;
  const side = (is: 'DBIT' | 'CRDT', prefix: 'TXN' | 'OFFSET') => {
    const currency = xmlText(record, `${prefix}CCY`) ?? '';
    return {
      ...common,
      ...{
        currency,
        credit_debit_indicator: is,
        amount: amountIn(record, `${prefix}AMT`, currency),
      },
      ...(is === 'DBIT'
        ? { account: debtor, counter_account: creditor }
        : { account: creditor, counter_account: debtor }),
    };
  };
  return [side('DBIT', 'TXN'), side('CRDT', 'OFFSET')];
}
