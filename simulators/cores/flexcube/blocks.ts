// Amount blocks of the simulated FLEXCUBE: their number is the caller's, and used once.
import { type BookHold, increaseHold, leftOf, placeHold, releaseHold } from '../book.ts';
import {
  accountAt,
  amountOf,
  decimal,
  type Desk,
  failed,
  keyOf,
  notFound,
  refusal,
  saved,
  type Served,
  textOf,
} from './desk.ts';
import { type Fields, type Outcome, sequence } from './message.ts';

const full = { sends: 'Amount-Blocks-Full', changes: true } as const;
const key = 'BRANCH* ACC* AMTBLKNO*';

export const blocks: Readonly<Record<string, Served>> = {
  AMOUNTBLOCKSNEW_FSFS: {
    ...full,
    shape: sequence(`${key} AMT* EFFDATE EXPDATE REM HOLD_CODE`),
    work: place,
  },
  AMOUNTBLOCKSMODIFY_FSFS: {
    ...full,
    shape: sequence(`${key} AMT* EFFDATE EXPDATE REM HOLD_CODE MODNO*`),
    work: modify,
  },
  AMOUNTBLOCKSCLOSE_FSFS: { ...full, shape: sequence(`${key} MODNO`), work: close },
  AMOUNTBLOCKSQUERY_IOFS: {
    ...{ sends: 'Amount-Blocks-IO', changes: false, shape: sequence(key), work: query },
  },
};

function place(desk: Desk, given: Fields): Outcome {
  const [branch, number, reference] = names(given);
  const id = `${branch}-${number}`;
  const account = accountAt(desk, branch, number);
  if (!account) return refusal('account_not_found', id);
  if (blockAt(desk, given)) return failed('ST-VALS-009', `Duplicate Record ${reference}`);
  const amount = amountOf(textOf(given, 'AMT'), account.currency);
  if (amount === undefined) return failed('ST-VALS-011', 'Invalid amount');
  const until = textOf(given, 'EXPDATE');
  const made = placeHold(desk.book, {
    ...{ reference, account: id, amount, text: textOf(given, 'REM') },
    expiresAt: until === '' ? null : Date.parse(`${until}T00:00:00Z`) + 86_400_000,
  });
  if ('refused' in made) return refusal(made.refused, id);
  desk.details.set(`block ${made.done.id}`, { ...given, MODNO: '1' });
  return told(desk, made.done);
}

/** The whole record anew, with the number of the version that it replaces. */
function modify(desk: Desk, given: Fields): Outcome {
  const hold = blockAt(desk, given);
  if (!hold) return failed('ST-VALS-002', 'Record Not Found for the amount block');
  const before = detailsOf(desk, hold);
  const currency = desk.book.accounts.get(hold.account)?.currency ?? '';
  const amount = amountOf(textOf(given, 'AMT'), currency);
  if (textOf(given, 'MODNO') !== textOf(before, 'MODNO')) {
    return failed('ST-MOD01', 'Record was changed by another user');
  }
  if (amount === undefined || amount < hold.amount) return failed('ST-VALS-011', 'Invalid amount');
  const made = increaseHold(desk.book, hold.id, amount - hold.amount);
  if ('refused' in made) return refusal(made.refused, hold.account);
  const version = String(Number(textOf(before, 'MODNO')) + 1);
  desk.details.set(`block ${hold.id}`, { ...given, MODNO: version });
  return told(desk, made.done);
}

function close(desk: Desk, given: Fields): Outcome {
  const hold = blockAt(desk, given);
  if (!hold) return failed('ST-VALS-002', 'Record Not Found for the amount block');
  const made = releaseHold(desk.book, hold.id);
  return 'refused' in made ? refusal(made.refused, hold.account) : told(desk, made.done);
}

function query(desk: Desk, given: Fields): Outcome {
  const hold = blockAt(desk, given);
  if (!hold) return notFound('the amount block');
  return { record: { 'Amount-Blocks-Full': recordOf(desk, hold) } };
}

function told(desk: Desk, hold: BookHold): Outcome {
  return { record: { 'Amount-Blocks-Full': recordOf(desk, hold) }, warnings: saved };
}

/** Past its last day it is over. */
function blockAt(desk: Desk, given: Fields): BookHold | undefined {
  const [branch, number, reference] = names(given);
  const found = Array.from(desk.book.holds.values()).find(
    (hold) => hold.reference === reference && hold.account === `${branch}-${number}`,
  );
  const now = desk.book.clock.now();
  const isOver = found?.status === 'open' && found.expiresAt !== null && found.expiresAt <= now;
  if (found && isOver) releaseHold(desk.book, found.id, 'expired');
  return found;
}

function names(given: Fields): readonly [string, string, string] {
  return [textOf(given, 'BRANCH'), textOf(given, 'ACC'), textOf(given, 'AMTBLKNO')];
}

function detailsOf({ details }: Desk, { id }: BookHold): Fields {
  return details.get(`block ${id}`) ?? {};
}

function recordOf(desk: Desk, hold: BookHold): Fields {
  const { branch, number } = keyOf(hold.account);
  const currency = desk.book.accounts.get(hold.account)?.currency ?? '';
  const details = detailsOf(desk, hold);
  const amount = hold.status === 'open' ? leftOf(hold) : hold.amount;
  return {
    ...{ BRANCH: branch, ACC: number, AMTBLKNO: hold.reference, AMT: decimal(amount, currency) },
    ...{ EFFDATE: textOf(details, 'EFFDATE'), EXPDATE: textOf(details, 'EXPDATE') },
    ...{ REM: textOf(details, 'REM'), HOLD_CODE: textOf(details, 'HOLD_CODE') },
    ...{ MODNO: textOf(details, 'MODNO'), RECSTAT: hold.status === 'open' ? 'O' : 'C' },
    AUTHSTAT: 'A',
  };
}
