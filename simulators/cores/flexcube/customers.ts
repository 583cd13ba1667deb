// Customers and accounts of the simulated FLEXCUBE. A customer is changed by sending the whole
// record: what is left out of it is gone.
import { xmlAt, xmlText } from '#core';
import { availableOf, type BookAccount, type BookParty, changeParty } from '../book.ts';
import {
  accountAt,
  decimal,
  type Desk,
  failed,
  keyOf,
  notFound,
  saved,
  type Served,
  stampOf,
  textOf,
} from './desk.ts';
import { type Fields, misfit, type Outcome, sequence } from './message.ts';

/** As in the schema: the third line of an address stands before the second. */
const customer = sequence(
  `NAME ADDRLN1* ADDRLN3 ADDRLN2 ADDRLN4 FAX COUNTRY* NLTY* LANG* LOC FROZEN DEAD WHRUNKN CCATEG*
   XREF MEDIA CUSTNO* SNAME* CTYPE FULLNAME RISKCATEG KYCSTAT Custpersonal UDFDETAILS MODNO*
   RECSTAT AUTHSTAT`,
);
const personal = sequence(
  `TITLE FSTNAME MIDNAME LSTNAME DOB SEX TEL FAX EMAIL PADD1 DCNTRY PCNTRY RESSTATUS MOBNUM
   SBMTAGEPROOF Custdomestic Custprof`,
);

const asked = { changes: false } as const;

export const customers: Readonly<Record<string, Served>> = {
  QUERYCUSTOMER_IOFS: {
    ...{ ...asked, sends: 'Customer-IO', shape: sequence('CUSTNO*'), work: queryCustomer },
  },
  MODIFYCUSTOMER_FSFS: {
    ...{ sends: 'Customer-Full', shape: customer, work: modifyCustomer, changes: true },
  },
  QUERYCUSTACC_IOFS: {
    ...{ ...asked, sends: 'Cust-Account-IO', shape: sequence('BRN* ACC*'), work: queryAccount },
  },
  QUERYACCBAL_IOFS: {
    ...{ ...asked, sends: 'ACC-Balance', shape: sequence('ACC_BAL*'), work: queryBalance },
  },
  QUERYACCSUMM_IOFS: {
    ...asked,
    ...{ sends: 'Stvw-Account-Sumary-IO', shape: sequence('CUST_NO*'), work: querySummary },
  },
};

// Customers ---------------------------------------------------------------------------------------

function queryCustomer(desk: Desk, given: Fields): Outcome {
  const party = desk.book.parties.get(textOf(given, 'CUSTNO'));
  if (!party) return notFound(`Customer-${textOf(given, 'CUSTNO')}`);
  return { record: { 'Customer-Full': customerOf(desk, party) } };
}

function modifyCustomer(desk: Desk, given: Fields): Outcome {
  const party = desk.book.parties.get(textOf(given, 'CUSTNO'));
  if (!party) return failed('ST-VALS-002', 'Record Not Found for the customer');
  const person = xmlAt(given, 'Custpersonal');
  const wrong = typeof person === 'object' ? misfit(personal, person) : undefined;
  if (wrong) return failed('ST-VALS-011', wrong);
  if (textOf(given, 'MODNO') !== String(party.version)) {
    return failed('ST-MOD01', 'Record was changed by another user');
  }
  const lines = [1, 2, 3, 4].map((number) => textOf(given, `ADDRLN${number}`));
  desk.details.set(`customer ${party.id}`, given);
  changeParty(desk.book, party.id, {
    email: xmlText(person, 'EMAIL') ?? '',
    phone: xmlText(person, 'TEL') ?? '',
    address: lines.filter((line) => line !== '').join('\n'),
    name: textOf(given, 'FULLNAME'),
  });
  return { record: { 'Customer-Full': customerOf(desk, party) }, warnings: saved };
}

/** What nobody has written yet. */
const untouched: Fields = {
  LOC: 'CIF',
  KYCSTAT: 'Y',
  Custpersonal: { TITLE: 'Ms', SEX: 'F', MOBNUM: '491700000001' },
  UDFDETAILS: [
    { FLDNAM: 'SEGMENT', FLDVAL: 'RETAIL & MORE' },
    { FLDNAM: 'ADVISER', FLDVAL: '0815' },
  ],
};

function customerOf({ details }: Desk, party: BookParty): Fields {
  const kept = details.get(`customer ${party.id}`) ?? untouched;
  const own = xmlAt(kept, 'Custpersonal');
  const [line1 = '', line2, line3, line4] = party.address.split('\n');
  const isPerson = party.kind === 'person';
  return inOrder({
    ...kept,
    ...{ NAME: party.name.slice(0, 35), ADDRLN1: line1, ADDRLN2: line2, ADDRLN3: line3 },
    ...{ ADDRLN4: line4, COUNTRY: party.country, NLTY: party.country, LANG: 'ENG', FROZEN: 'N' },
    ...{ DEAD: 'N', CCATEG: 'IND', CUSTNO: party.id, SNAME: `C${party.id}` },
    ...{ CTYPE: isPerson ? 'I' : 'C', FULLNAME: party.name, MODNO: String(party.version) },
    ...{ RECSTAT: 'O', AUTHSTAT: 'A' },
    Custpersonal: isPerson
      ? inOrder(
          {
            ...(typeof own === 'object' ? own : {}),
            ...{ DOB: party.birthDate ?? undefined, TEL: party.phone, EMAIL: party.email },
          },
          personal,
        )
      : undefined,
  });
}

function inOrder(fields: { [name: string]: Fields[string] | undefined }, order = customer): Fields {
  const found = Array.from(order.keys()).flatMap((name) => {
    const value = fields[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

// Accounts ----------------------------------------------------------------------------------------

function queryAccount(desk: Desk, given: Fields): Outcome {
  const [branch, number] = [textOf(given, 'BRN'), textOf(given, 'ACC')];
  const account = accountAt(desk, branch, number);
  if (!account) return notFound(`Branch-${branch}:Account-${number}`);
  return { record: { 'Cust-Account-Full': accountRecord(account) } };
}

export function accountRecord(account: BookAccount): Fields {
  const { branch, number } = keyOf(account.id);
  return {
    ...{ BRN: branch, ACC: number, CUSTNO: account.party, ACCLS: account.product },
    ...{ CCY: account.currency, ADESC: 'Current account', ACCTYPE: 'U' },
    ...{ ACCOPENDT: stampOf(account.openedAt).slice(0, 10), ACSTATNODR: 'N', ACSTATNOCR: 'N' },
    ...{ FROZEN: account.status === 'blocked' ? 'Y' : 'N', DORM: 'N', ACCSTAT: 'NORM' },
    ...{ RECSTAT: account.status === 'closed' ? 'C' : 'O', AUTHSTAT: 'A' },
  };
}

function queryBalance(desk: Desk, given: Fields): Outcome {
  const asked = xmlAt(given, 'ACC_BAL');
  const [branch = '', number = ''] = ['BRANCH_CODE', 'CUST_AC_NO'].map((name) =>
    xmlText(asked, name),
  );
  const account = accountAt(desk, branch, number);
  if (!account) return notFound(`Branch-${branch}:Account-${number}`);
  const { booked, currency, held } = account;
  const row = {
    ...{ BRANCH_CODE: branch, CUST_AC_NO: number, CCY: currency },
    ...{ OPNBAL: decimal(0, currency), CURBAL: decimal(booked, currency) },
    ...{ AVLBAL: decimal(availableOf(account), currency), ACY_BKD_AMT: decimal(held, currency) },
  };
  return { record: { 'ACC-Balance': { ACC_BAL: row } } };
}

function querySummary(desk: Desk, given: Fields): Outcome {
  const party = desk.book.parties.get(textOf(given, 'CUST_NO'));
  if (!party) return notFound(`Customer-${textOf(given, 'CUST_NO')}`);
  const rows = Array.from(desk.book.accounts.values()).flatMap((account) => {
    if (account.party !== party.id) return [];
    const { branch, number } = keyOf(account.id);
    return {
      ...{ CURRBL: decimal(account.booked, account.currency), CUSTACNO: number },
      ...{ BRANCH_CODE: branch, CCY: account.currency, ACCOUNT_TYPE: 'U' },
    };
  });
  return { record: { 'Stvw-Account-Sumary-Full': { 'Stvw-Account-Sumary--A': rows } } };
}
