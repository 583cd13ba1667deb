// What the simulated core does when it is told to: transfers, reversals, changes, loan accounts.
import { type Xml, xmlAll, xmlAt } from '#core';
import { applyForLoan, changeParty, type Refusal, reverse, transfer } from '../book.ts';
import {
  type Asked,
  insist,
  localDay,
  need,
  needDay,
  needMoney,
  refuse,
  type Said,
  textOf,
} from './envelope.ts';
import { moveOf, noCustomer, type Place, transactionId } from './inquiries.ts';

type Order = (place: Place, asked: Asked) => Said;

export const orders: Readonly<Record<string, Order>> = {
  XferTrnAdd: addTransfer,
  XferTrnRev: reverseTransfer,
  LoanAcctAdd: addLoan,
  RetCustMod: modifyCustomer,
};

const particularsMax = 50;
const shortNameMax = 10;

export type About = {
  readonly account: string;
  readonly amount: number;
  readonly currency: string;
};

/** With the account behind the words, as the samples have it. */
export function refusalSaid(why: Refusal, { account, amount, currency }: About): Said {
  const about = `M104/1|0001${account}${currency}${amount}`;
  const said: Readonly<Record<Refusal, readonly [string, string]>> = {
    account_not_found: ['F001', `ACCOUNT DOES NOT EXIST ${about}`],
    account_blocked: ['GF3', `ACCOUNT FROZEN ${about}`],
    account_closed: ['GF4', `ACCOUNT CLOSED ${about}`],
    currency_mismatch: ['GF7', `TRANSACTION CURRENCY IS NOT THAT OF THE ACCOUNT ${about}`],
    insufficient_funds: ['GF5', `INSUFFICIENT AVAILABLE BALANCE ${about}`],
    hold_not_found: ['L001', 'LIEN DOES NOT EXIST'],
    hold_over: ['L001', 'LIEN DOES NOT EXIST'],
    amount_exceeds_hold: ['L002', 'LIEN AMOUNT EXCEEDED'],
    move_not_found: ['T001', 'TRANSACTION DOES NOT EXIST'],
    already_reversed: ['T002', 'TRANSACTION ALREADY REVERSED'],
  };
  const [code, text] = said[why];
  return refuse(code, text, 'M104/1');
}

// Transfers ---------------------------------------------------------------------------------------

type Part = {
  readonly account: string;
  readonly side: string;
  readonly amount: number;
  readonly currency: string;
  readonly text: string;
  readonly day: string;
};

function partIn(xml: Xml): Part {
  const side = need(xml, 'CreditDebitFlg');
  insist(side === 'C' || side === 'D', 'INVALID CreditDebitFlg');
  const text = textOf(xml, 'TrnParticulars');
  insist(text.length <= particularsMax, 'INVALID LENGTH TrnParticulars');
  const account = need(xml, 'AcctId', 'AcctId');
  return { account, side, ...needMoney(xml, 'TrnAmt'), text, day: needDay(xml, 'ValueDt') };
}

function addTransfer({ book, bank }: Place, { uuid, body }: Asked): Said {
  const rq = xmlAt(body, 'XferTrnAddRq');
  insist(need(rq, 'XferTrnHdr', 'TrnType') === 'T', 'INVALID TrnType');
  insist(['CI', 'BI'].includes(need(rq, 'XferTrnHdr', 'TrnSubType')), 'INVALID TrnSubType');
  const parts = xmlAll(xmlAt(rq, 'XferTrnDetail'), 'PartTrnRec').map(partIn);
  const [debit, second] = parts.filter(({ side }) => side === 'D');
  const [credit, third] = parts.filter(({ side }) => side === 'C');
  insist(debit !== undefined && credit !== undefined, 'MANDATORY FIELD PartTrnRec');
  insist(second === undefined && third === undefined, 'TOO MANY PartTrnRec FOR THIS CORE');
  const isBalanced = debit.amount === credit.amount && debit.currency === credit.currency;
  if (!isBalanced || debit.amount === 0) return refuse('T003', 'TRANSACTION NOT BALANCED');
  const { amount, currency, text, day } = debit;
  const order = { reference: uuid, text, amount, currency, valueDate: day };
  const sides = { debtor: debit.account, creditor: credit.account };
  const result = transfer(book, { ...order, ...sides });
  if ('refused' in result) {
    const isCredit = book.accounts.get(sides.debtor)?.status === 'open';
    const isOfCredit = isCredit && ['account_not_found', 'account_closed'].includes(result.refused);
    const account = isOfCredit ? sides.creditor : sides.debtor;
    return refusalSaid(result.refused, { account, amount, currency });
  }
  const identifier = { TrnDt: `${localDay(book, bank)}T00:00:00.000` };
  return {
    told: {
      XferTrnAddRs: {
        TrnIdentifier: { ...identifier, TrnId: transactionId(result.done.id).padStart(9) },
      },
    },
  };
}

/** This bank copies the particulars of its custom data into the entries. */
function reverseTransfer({ book, bank }: Place, { uuid, body }: Asked): Said {
  const id = moveOf(need(body, 'XferTrnRevRq', 'TrnId'));
  const day = needDay(body, 'XferTrnRevRq', 'TrnDt');
  const text = textOf(body, 'XferTrnRev_CustomData', 'TrnParticulars');
  insist(text.length <= particularsMax, 'INVALID LENGTH TrnParticulars');
  const found = book.movesById.get(id);
  const today = localDay(book, bank);
  if (!found || day > today) return refusalSaid('move_not_found', nobody);
  const result = reverse(book, id, { reference: uuid, text, valueDate: today });
  if ('refused' in result) {
    const currency = book.accounts.get(found.debtor)?.currency ?? '';
    return refusalSaid(result.refused, { account: found.creditor, amount: found.amount, currency });
  }
  const identifier = { TrnDt: `${today}T00:00:00.000`, TrnId: transactionId(result.done.id) };
  return { told: { XferTrnRevRs: { RevTrnIdRec: identifier } } };
}

const nobody: About = { account: '', amount: 0, currency: '' };

// Loans and customers -----------------------------------------------------------------------------

/** Opens the account at once; two orders open two accounts. */
function addLoan({ book, bank }: Place, { body }: Asked): Said {
  const rq = xmlAt(body, 'LoanAcctAddRq');
  const party = need(rq, 'CustId', 'CustId');
  if (!book.parties.has(party)) return noCustomer;
  const product = need(rq, 'LoanAcctId', 'AcctType', 'SchmCode');
  insist(need(rq, 'LoanAcctId', 'BankInfo', 'BranchId') === bank.branchId, 'INVALID BranchId');
  const months = Number(need(rq, 'LoanGenDetails', 'LoanPeriodMonths'));
  insist(Number.isInteger(months) && months > 0, 'INVALID LoanPeriodMonths');
  need(rq, 'LoanGenDetails', 'RePmtMethod');
  const { amount, currency } = needMoney(rq, 'LoanGenDetails', 'LoanAmt');
  insist(need(rq, 'LoanAcctId', 'AcctCurr') === currency, 'INVALID CURRENCY');
  const shortName = textOf(rq, 'LoanAcctGenInfo', 'AcctShortName');
  insist(shortName.length <= shortNameMax, 'INVALID LENGTH AcctShortName');
  const key = `${textOf(rq, 'LoanAcctGenInfo', 'AcctName')}|${shortName}`;
  const opened = applyForLoan(book, { key, party, product, amount, currency, months });
  opened.status = 'approved';
  const AcctOpenDt = `${localDay(book, bank)}T00:00:00.000`;
  return { told: { LoanAcctAddRs: { AcctOpenDt, AcctId: { AcctId: opened.id } } } };
}

/** Names of its fields are not confirmed by any description. */
function modifyCustomer({ book }: Place, { body }: Asked): Said {
  const data = xmlAt(body, 'RetCustModRq', 'RetCustModMainData', 'CustModData');
  const id = need(data, 'CustId');
  const changes = xmlAll(data, 'PhoneEmailModData').map((each) => {
    need(each, 'PhoneEmailtType');
    return need(each, 'PhoneOrEmail') === 'EMAIL'
      ? { email: need(each, 'Email') }
      : { phone: need(each, 'PhoneNum') };
  });
  const addresses = xmlAll(data, 'RetAddrModDtls').map((each) => {
    need(each, 'AddrCategory');
    return { address: need(each, 'AddrLine1') };
  });
  insist(changes.length + addresses.length > 0, 'MANDATORY FIELD PhoneEmailModData');
  const all = Object.assign({}, ...changes, ...addresses) as Parameters<typeof changeParty>[2];
  if (!changeParty(book, id, all)) return noCustomer;
  return { told: { RetCustModRs: { CustId: id } } };
}
