// The core of no vendor, for whoever writes a seventh adapter: plain JSON, a key for callers, and a
// reference that is taken once.
import { formatDecimal, toMinorUnits } from '#core';
import {
  availableOf,
  type Book,
  type BookAccount,
  type BookMove,
  type Refusal,
  transfer,
} from '../book.ts';
import type { SimAnswer, SimRequest, Vendor } from '../simulator.ts';

const key = 'template-key';

export const template: Vendor = {
  name: 'template',
  credentials: { key },
  ids: {
    account: (number) => `A${7_000_000 + number}`,
    party: (number) => `P${number}`,
    product: 'C',
  },
  open: (book) => ({
    handle: (request) => handle(book, request),
    failure: (kind) =>
      kind === 'limited' ? problem(429, 'SLOW_DOWN') : problem(503, 'CLOSED_FOR_NOW'),
  }),
};

function handle(book: Book, request: SimRequest): SimAnswer {
  if (request.headers['x-key'] !== key) return problem(401, 'KEY_UNKNOWN');
  const [, kind, id = '', part] = request.path.split('/');
  switch (`${request.method} ${[kind, part].filter(Boolean).join(' ')}`) {
    case 'GET accounts':
      return onAccount(book, id, (account) => told(200, accountOf(account)));
    case 'GET accounts entries':
      return onAccount(book, id, (account) => entries(book, account, request.query));
    case 'POST transfers':
      return order(book, request.body);
    case 'GET transfers': {
      const [found] = book.movesByReference.get(id) ?? [];
      return found ? told(200, moveOf(found)) : problem(404, 'NOT_FOUND');
    }
    default:
      return problem(404, 'NO_SUCH_PATH');
  }
}

function onAccount(book: Book, id: string, answer: (of: BookAccount) => SimAnswer): SimAnswer {
  const account = book.accounts.get(id);
  return account ? answer(account) : problem(404, 'NOT_FOUND');
}

function accountOf(account: BookAccount) {
  const { id, party: holder, currency, status, openedAt, booked } = account;
  const opened = new Date(openedAt).toISOString();
  const available = decimal(availableOf(account));
  return { id, holder, currency, status, opened, balance: decimal(booked), available };
}

function entries(
  { movesById }: Book,
  { entries: all, currency }: BookAccount,
  query: URLSearchParams,
): SimAnswer {
  const [from, limit] = [Number(query.get('after') ?? 0), Number(query.get('limit') ?? 50)];
  const page = all.slice(from, from + limit);
  return told(200, {
    entries: page.map(({ number, amount, at, valueDate, counter, move }) => {
      const booked = new Date(at).toISOString();
      const { reference = '' } = movesById.get(move) ?? {};
      const of = { number, amount: decimal(amount), currency, booked, valueDate, counter };
      return { ...of, move, reference };
    }),
    next: from + limit < all.length ? from + limit : null,
  });
}

type Ordered = Readonly<
  Record<'reference' | 'text' | 'from' | 'to' | 'amount' | 'currency', string>
>;

/** The same reference again is answered with what it did first. */
function order(book: Book, body: string): SimAnswer {
  const { reference, text, from, to, amount, currency } = JSON.parse(body) as Ordered;
  const [before] = book.movesByReference.get(reference) ?? [];
  if (before) return told(200, moveOf(before));
  const minor = Number(amount.replace('.', ''));
  const of = { reference, text, currency, valueDate: '2026-03-31' };
  const result = transfer(book, { ...of, debtor: from, creditor: to, amount: minor });
  if ('refused' in result) return problem(422, codes[result.refused] ?? 'REFUSED');
  return told(201, moveOf(result.done));
}

const codes: Partial<Record<Refusal, string>> = {
  insufficient_funds: 'NO_FUNDS',
  account_blocked: 'BLOCKED',
  account_closed: 'CLOSED',
  account_not_found: 'NO_ACCOUNT',
};

function moveOf({ id, reference, text, status }: BookMove) {
  return { id, reference, text, status };
}

/** Its currencies all have cents. */
function decimal(minor: number): string {
  return formatDecimal(toMinorUnits(minor), 2);
}

function told(status: number, body: unknown): SimAnswer {
  return { status, body: JSON.stringify(body) };
}

function problem(status: number, code: string): SimAnswer {
  return told(status, { code });
}
