// Money in a simulated Fineract: transfers between savings accounts, amounts on hold, and what a
// checker says to a command that waits.
import {
  type BookAccount,
  decide,
  placeHold,
  releaseHold,
  type Refusal,
  todayIn,
  transfer,
} from '../book.ts';
import type { SimAnswer, SimRequest } from '../simulator.ts';
import { type Bank, clientIdOf, holdOf, nextId, numberIn } from './bank.ts';
import { detailIdOf, type Doing, type DoneCommand, refreshWaiting } from './commands.ts';
import {
  type Body,
  type Members,
  membersOf,
  bodyOf,
  dayFrom,
  failed,
  invalid,
  minorUnits,
  missing,
  ok,
  type Refused,
  ruled,
} from './words.ts';

const insufficient = 'error.msg.savingsaccount.transaction.insufficient.account.balance';

export function accountOf({ book }: Bank, id: string): BookAccount {
  const account = book.accounts.get(id);
  if (account) return account;
  throw missing('error.msg.saving.account.id.invalid', 'Savings account does not exist');
}

function refusalOf(refused: Refusal): Refused {
  switch (refused) {
    case 'account_not_found':
      return missing('error.msg.saving.account.id.invalid', 'Savings account does not exist');
    case 'account_blocked':
      return ruled(
        'error.msg.savings.account.debit.transaction.not.allowed',
        'The account is blocked for debits',
      );
    case 'account_closed': {
      const code = 'validation.msg.savingsaccount.transaction.account.is.not.active';
      return invalid({ code, text: 'Account is not active.' });
    }
    case 'currency_mismatch':
      return ruled('error.msg.accounttransfer.different.currencies', 'Currencies differ');
    case 'insufficient_funds':
      return ruled(insufficient, 'Insufficient account balance.');
    default:
      return ruled(`error.msg.${refused}`, refused);
  }
}

// Transfers ---------------------------------------------------------------------------------------

export const transferring: Doing = { action: 'CREATE', entity: 'ACCOUNTTRANSFER' };

/** All members are texts there, numbers too. */
export function makeTransfer(bank: Bank, text: string, reference: string): DoneCommand {
  const sides = (['from', 'to'] as const).flatMap((side) =>
    ['OfficeId', 'ClientId', 'AccountType', 'AccountId'].map((member) => `${side}${member}`),
  );
  const members: Members = {
    ...membersOf('text', ...sides, 'transferAmount', 'transferDescription'),
    ...membersOf('text', 'dateFormat', 'locale'),
    transferDate: 'date',
  };
  const body = bodyOf(text, members, 'accounttransfer');
  const [from, to] = [partOf(bank, body, 'from'), partOf(bank, body, 'to')];
  const description = String(body['transferDescription']);
  if (description.length > 200) throw tooLong('accounttransfer', 'transferDescription');
  const amount = minorUnits(body['transferAmount'], from.currency);
  if (amount === undefined) throw notPositive('accounttransfer', 'transferAmount');
  const order = { debtor: from.id, creditor: to.id, amount, currency: from.currency };
  const valueDate = dayFrom(body['transferDate'], body['dateFormat']) ?? '';
  if (valueDate > todayIn(bank.book)) throw inTheFuture('accounttransfer', 'transferDate');
  const made = transfer(bank.book, { ...order, valueDate, reference, text: description });
  if ('refused' in made) throw refusalOf(made.refused);
  if (made.done.status === 'pending') return { waiting: made.done };
  const savingsId = numberIn(from.id);
  const clientId = clientIdOf(bank.book, from.party);
  return { resourceId: detailIdOf(made.done), savingsId, clientId, answer: { savingsId } };
}

function partOf(bank: Bank, body: Body, name: 'from' | 'to'): BookAccount {
  if (body[`${name}AccountType`] !== '2') {
    const code = `validation.msg.accounttransfer.${name}AccountType.is.not.one.of.expected`;
    throw invalid({ code, text: 'Savings accounts only', parameter: `${name}AccountType` });
  }
  if (body[`${name}OfficeId`] !== '1') {
    throw missing('error.msg.office.id.invalid', 'Office does not exist');
  }
  const account = accountOf(bank, String(body[`${name}AccountId`]));
  if (String(clientIdOf(bank.book, account.party)) !== body[`${name}ClientId`]) {
    throw missing('error.msg.saving.account.id.invalid', 'Not an account of that client');
  }
  return account;
}

function tooLong(resource: string, parameter: string): Refused {
  const code = `validation.msg.${resource}.${parameter}.exceeds.max.length`;
  return invalid({ code, text: `${parameter} is too long`, parameter });
}

function notPositive(resource: string, parameter: string): Refused {
  const code = `validation.msg.${resource}.${parameter}.not.greater.than.zero`;
  return invalid({ code, text: `${parameter} must be greater than 0.`, parameter });
}

function inTheFuture(resource: string, parameter: string): Refused {
  const code = `validation.msg.${resource}.${parameter}.cannot.be.in.the.future`;
  return invalid({ code, text: `${parameter} cannot be in the future.`, parameter });
}

// Amounts on hold ---------------------------------------------------------------------------------

export function holding(savingsId: number): Doing {
  return { action: 'HOLDAMOUNT', entity: 'SAVINGSACCOUNT', savingsId };
}

export function makeHold(bank: Bank, id: string, text: string): DoneCommand {
  const body = bodyOf(
    text,
    {
      ...{ transactionAmount: 'number', transactionDate: 'date', reasonForBlock: 'text' },
      ...{ lienAllowed: 'optional', dateFormat: 'text', locale: 'text' },
    },
    'savingsaccount',
  );
  const account = accountOf(bank, id);
  const amount = minorUnits(body['transactionAmount'], account.currency);
  if (amount === undefined) throw notPositive('savingsaccount', 'transactionAmount');
  const day = dayFrom(body['transactionDate'], body['dateFormat']) ?? '';
  if (day > todayIn(bank.book)) throw inTheFuture('savingsaccount', 'transactionDate');
  const last =
    account.entries
      .map(({ valueDate }) => valueDate)
      .sort()
      .at(-1) ?? '';
  if (day < last) {
    const code = 'validation.msg.date.can.not.be.before.last.transaction.date';
    throw invalid({
      code: `validation.msg.savingsaccount.date.${code}`,
      text: 'Amount can be put on hold only after last transaction',
      parameter: 'date',
    });
  }
  const reason = String(body['reasonForBlock']);
  const order = { account: id, amount, reference: reason, text: reason, expiresAt: null };
  const made = placeHold(bank.book, order);
  if ('done' in made) return told(bank, account, numberIn(made.done.id));
  if (made.refused !== 'insufficient_funds') throw refusalOf(made.refused);
  const code = 'validation.msg.savingsaccount.insufficient.balance';
  throw invalid({ code, text: 'Insufficient balance' });
}

export function releasing(savingsId: number): Doing {
  return { action: 'RELEASEAMOUNT', entity: 'SAVINGSACCOUNT', savingsId };
}

export function makeRelease(bank: Bank, id: string, transactionId: number): DoneCommand {
  const account = accountOf(bank, id);
  const hold = holdOf(bank.book, transactionId);
  if (!hold || hold.account !== id) {
    const code = 'validation.msg.savingsaccount.validation.msg.validation.errors.exist';
    throw invalid({ code, text: 'Transaction not found' });
  }
  const made = releaseHold(bank.book, hold.id);
  if ('refused' in made) {
    const code = 'validation.msg.savingsaccount.amount.validation.msg.amount.is.not.on.hold';
    throw invalid({ code, text: 'Transaction amount is not on hold', parameter: 'amount' });
  }
  const released = nextId(bank);
  bank.releases.set(hold.id, released);
  return told(bank, account, released);
}

function told({ book }: Bank, { id, party }: BookAccount, resourceId: number): DoneCommand {
  const [savingsId, clientId] = [Number(id), clientIdOf(book, party)];
  return { resourceId, savingsId, clientId, answer: { savingsId, clientId } };
}

// Checkers ----------------------------------------------------------------------------------------

/** `POST /v1/makercheckers/{auditId}?command=approve|reject` */
export function check(bank: Bank, request: SimRequest, auditId: number): SimAnswer {
  const says = request.query.get('command');
  const row = bank.commands.find(({ id }) => id === auditId);
  if (row?.result !== 'awaiting.approval' || !row.move) {
    throw missing('error.msg.command.id.invalid', 'Audit does not exist');
  }
  if (says !== 'approve' && says !== 'reject') throw failed(400, 'error.msg.unknown.command');
  const decided = decide(bank.book, row.move.id, says === 'approve');
  refreshWaiting(bank);
  if ('refused' in decided) throw refusalOf(decided.refused);
  return ok({ auditId });
}
