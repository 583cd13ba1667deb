// What the clients of a simulated bank ask: drawn from a seed, and answered by the model first.
import {
  type Command,
  derivedUuid,
  externalId,
  type Instant,
  instantToText,
  type Json,
  newCommand,
  nextDay,
  type Random,
  startOfDay,
} from '#core';
import type { Leg } from '#money';
import { chance, type Dice, integerBelow } from '../../simulators/distributions.ts';
import { day } from '../bank.ts';
import {
  type ModelAccount,
  type ModelLedger,
  type ModelLeg,
  modelChange,
  modelPost,
} from '../model-ledger.ts';
import { nowhere, numberOf, pick, recent, weighted } from './chance.ts';

/** What a client hears: the outcome, or the fault, and whose command it was that made it. */
export type Answer = { readonly says: string; readonly command: string };

/** What a tenant has asked, and what its ledger must be by now. */
export type Book = {
  readonly tenant: string;
  readonly zone: string;
  readonly model: ModelLedger;
  readonly units: Set<string>;
  /** Public ids, at the numbers that the model knows them by. */
  readonly accounts: string[];
  readonly holds: string[];
  readonly postings: string[];
  /** Accounts whose bound was tightened: they may be beyond it without a posting. */
  readonly tightened: Set<number>;
  /** By idempotency key: the first command of the key, and its answer. */
  readonly asked: Map<string, { readonly command: Command; readonly answer: Answer }>;
};

/** One deed of a client: what it sends, and what the model makes of it when it arrives. */
export type Request = {
  readonly book: Book;
  readonly command: Command;
  readonly foresee: () => Answer;
  /** Settings wait for whatever is under way in their tenant: they are sent on their own. */
  readonly alone: boolean;
};

export type Traffic = {
  readonly dice: Dice;
  /** Only for the ids of commands. */
  readonly random: Random;
  readonly books: Book[];
  now: Instant;
  keys: number;
};

const { floor } = Math;
const [second, minute, hour] = [1_000, 60_000, 3_600_000];
const amountMax = 400;
const noId = '0'.repeat(26);
const zones = ['UTC', 'America/New_York', 'Asia/Kolkata'];

/** A request that nobody has made before, one made again, or one under a key that was used. */
export function drawRequest(traffic: Traffic): Request {
  const { dice, books } = traffic;
  const book = pick(dice, books);
  switch (weighted(dice, { fresh: 84, again: 11, reused: 5 })) {
    case 'again':
      return repeatRequest(traffic, book);
    case 'reused':
      return reuseRequest(traffic, book);
    default:
      return freshRequest(traffic, book);
  }
}

/** A tenant with accounts of every kind, as the requests that make it. */
export function openingRequests(traffic: Traffic): Request[] {
  const number = traffic.books.length;
  const zone = zones[number % zones.length] as string;
  const book: Book = {
    tenant: `tenant-${number}`,
    zone,
    model: { accounts: [], holds: [], postings: [] },
    units: new Set(['USD', 'EUR', 'JPY']),
    accounts: [],
    holds: [],
    postings: [],
    tightened: new Set(),
    asked: new Map(),
  };
  traffic.books.push(book);
  const { tenant } = book;
  const created = { tenant_id: tenant, name: tenant, time_zone: zone };
  const asset = { type: 'asset', currency: 'USD' };
  const points = { type: 'liability', currency: 'POINTS' };
  const customer = { type: 'liability', currency: 'USD', bound: 'no_overdraft' };
  return [
    request(traffic, book, 'tenant.create', created, () => undefined),
    registerUnit(traffic, book, 'POINTS'),
    ...[
      asset,
      { type: 'income', currency: 'USD' },
      customer,
      customer,
      { ...customer, bound: 'credit_limit', credit_limit: 500 },
      { ...asset, bound: 'no_overdraft' },
      { ...asset, currency: 'EUR' },
      { ...customer, currency: 'EUR' },
      { ...points, type: 'expense' },
      { ...points, bound: 'no_overdraft' },
    ].map((body) => openAccount(traffic, book, body)),
  ];
}

/** The expiry of a hold, as the servers ask for it themselves. */
export function expiryRequest(traffic: Traffic, book: Book, holdId: string): Request {
  const hold = book.holds.indexOf(holdId);
  const legs = [{ model: { kind: 'expire', hold } as const, leg: expireLeg(holdId) }];
  return journal(traffic, book, legs, { key: `expire ${holdId}` });
}

const expireLeg = (hold_id: string): Leg => ({ kind: 'expire', hold_id });

// Requests ----------------------------------------------------------------------------------------

type More = { readonly key?: string; readonly alone?: boolean };

/** `perform` has the model do it under the command's ids, and answers the reason against it. */
function request(
  traffic: Traffic,
  book: Book,
  operation: string,
  body: Json,
  perform: (command: Command) => string | undefined,
  { key, alone = false }: More = {},
): Request {
  traffic.keys += 1;
  const { dice, random } = traffic;
  const principal = { kind: 'service', id: 'simulation', tenant: book.tenant } as const;
  const idempotencyKey = key ?? `key-${traffic.keys}`;
  // The clocks of servers are not quite the same.
  const receivedAt = traffic.now - (chance(dice, 0.2) ? integerBelow(dice, 40) : 0);
  const clock = { now: () => receivedAt };
  const input = { principal, operation, body, idempotencyKey };
  const command = newCommand(input, { clock, random });
  return {
    book,
    command,
    alone: alone || operation === 'tenant.create',
    foresee() {
      const earlier = book.asked.get(idempotencyKey);
      if (earlier && earlier.command.digest === command.digest) return earlier.answer;
      if (earlier) return { says: 'idempotency_key_reused', command: '' };
      const answer = { says: perform(command) ?? 'accepted', command: command.id };
      book.asked.set(idempotencyKey, { command, answer });
      return answer;
    },
  };
}

/** The same once more: an impatient client, or one that has not heard the answer. */
export function repeatRequest(traffic: Traffic, book: Book, of?: Command): Request {
  const before = of ?? pick(traffic.dice, [...book.asked.values()]).command;
  const { idempotencyKey: key, operation, body } = before;
  return request(traffic, book, operation, body, isAsked, { key, alone: isSetting(operation) });
}

/** Another journal under a key that was used. */
function reuseRequest(traffic: Traffic, book: Book): Request {
  const [key] = pick(traffic.dice, [...book.asked]);
  const body = { legs: [{ kind: 'void', hold_id: `hld_${noId}` }] };
  return request(traffic, book, 'journal.post', body, isAsked, { key });
}

function isAsked(): never {
  throw new Error('the key was used before');
}

function isSetting(operation: string): boolean {
  return /^(unit|period|calendar|tenant)\./.test(operation);
}

function freshRequest(traffic: Traffic, book: Book): Request {
  const { dice } = traffic;
  switch (weighted(dice, { journal: 88, change: 7, open: 2, unit: 1, period: 1, calendar: 1 })) {
    case 'change':
      return changeAccount(traffic, book);
    case 'open':
      return openAccount(traffic, book, drawOpening(dice));
    case 'unit':
      return registerUnit(traffic, book, pick(dice, ['POINTS', 'MILES', 'STARS']));
    case 'period':
      return closePeriod(traffic, book);
    case 'calendar': {
      const holidays = [{ date: dateOf(traffic.now), name: 'Holiday' }];
      const calendar = { holidays };
      return request(traffic, book, 'calendar.set', calendar, () => undefined, { alone: true });
    }
    default: {
      const isLong = chance(dice, 0.2);
      const legs = Array.from({ length: isLong ? 2 + integerBelow(dice, 4) : 1 }, () =>
        drawLeg(traffic, book),
      );
      return journal(traffic, book, legs, {});
    }
  }
}

// Journals ----------------------------------------------------------------------------------------

type Drawn = { readonly model: ModelLeg; readonly leg: Leg };

function journal(traffic: Traffic, book: Book, drawn: readonly Drawn[], more: More): Request {
  const { dice, now } = traffic;
  const isDated = more.key === undefined && chance(dice, 0.06);
  const effectiveAt = isDated ? now + (integerBelow(dice, 500) - 100) * day : undefined;
  const effective = effectiveAt === undefined ? {} : { effective_at: instantToText(effectiveAt) };
  const body = { legs: drawn.map(({ leg }) => leg), ...effective };
  const perform = ({ id, receivedAt }: Command) => {
    const legs = drawn.map(({ model }) => model);
    const why = modelPost(book.model, legs, receivedAt, effectiveAt);
    if (why) return why.leg === undefined ? why.code : `${why.code} in leg ${why.leg}`;
    for (const [index, { kind }] of legs.entries()) {
      const uuid = derivedUuid(id, 'transfer', index);
      if (kind === 'hold') book.holds.push(externalId('hold', uuid));
      if (kind === 'post' || kind === 'capture') book.postings.push(externalId('transfer', uuid));
    }
    return undefined;
  };
  return request(traffic, book, 'journal.post', body as unknown as Json, perform, more);
}

function drawLeg(traffic: Traffic, book: Book): Drawn {
  const { dice } = traffic;
  const kinds = { move: 40, hold: 18, increase: 7, capture: 17, void: 5, expire: 2, reverse: 8 };
  const kind = weighted(dice, { ...kinds, release: 3 });
  const amount = 1 + integerBelow(dice, amountMax);
  if (kind === 'move' || kind === 'hold') return drawMove(traffic, book, kind, amount);
  if (kind === 'reverse') {
    const posting = recent(dice, book.postings.length, 30);
    const transfer_id = book.postings[posting] ?? `trf_${noId}`;
    return { model: { kind, posting }, leg: { kind, transfer_id } };
  }
  const open = numberOf(
    dice,
    book.model.holds,
    ({ status, due }) => status === 'open' && due > traffic.now,
  );
  const any = recent(dice, book.holds.length, 12);
  const hold = chance(dice, 0.7) ? (open ?? any) : any;
  const hold_id = book.holds[hold] ?? `hld_${noId}`;
  switch (kind) {
    case 'increase':
      return { model: { kind, hold, amount }, leg: { kind, hold_id, amount } };
    case 'capture': {
      const part = chance(dice, 0.8) ? { amount: floor(amount / 3) + 1 } : {};
      const rest = { final: chance(dice, 0.4), ...part };
      return { model: { kind, hold, ...rest }, leg: { kind, hold_id, ...rest } };
    }
    case 'release': {
      // To reverse a hold is to void it.
      if (book.holds[hold] === undefined) return drawMove(traffic, book, 'move', amount);
      const transfer_id = hold_id.replace('hld', 'trf');
      return { model: { kind: 'void', hold }, leg: { kind: 'reverse', transfer_id } };
    }
    default:
      return { model: { kind, hold }, leg: { kind, hold_id } };
  }
}

function drawMove(
  { dice, now }: Traffic,
  book: Book,
  kind: 'move' | 'hold',
  amount: number,
): Drawn {
  const { accounts } = book.model;
  const anywhere = () => (chance(dice, 0.01) ? nowhere : integerBelow(dice, book.accounts.length));
  const debit = anywhere();
  const currency = accounts[debit]?.currency ?? 'USD';
  const alike = numberOf(dice, accounts, (each, at) => each.currency === currency && at !== debit);
  const credit = chance(dice, 0.96) ? (alike ?? debit) : anywhere();
  const sides = {
    debit_account_id: book.accounts[debit] ?? `acc_${noId}`,
    credit_account_id: book.accounts[credit] ?? `acc_${noId}`,
  };
  const moved = { debit, credit, amount, currency };
  if (kind === 'move') {
    return { model: { kind: 'post', ...moved }, leg: { kind: 'post', ...sides, amount, currency } };
  }
  const lives = [-second, second, minute, hour, 8 * hour, day, 7 * day, Infinity];
  const due = now + pick(dice, lives) * (1 + integerBelow(dice, 5));
  const expiry = due === Infinity ? {} : { expires_at: instantToText(due) };
  return {
    model: { kind, ...moved, due },
    leg: { kind, ...sides, amount, currency, ...expiry },
  };
}

// Accounts and settings ---------------------------------------------------------------------------

type Opening = { type: string; currency: string; bound?: string; credit_limit?: number };

function drawOpening(dice: Dice): Opening {
  const type = pick(dice, ['asset', 'liability', 'liability', 'liability', 'equity', 'income']);
  const currency = pick(dice, ['USD', 'USD', 'EUR', 'JPY', 'POINTS', 'MILES']);
  const bound = pick(dice, ['none', 'no_overdraft', 'no_overdraft', 'credit_limit']);
  return { type, currency, bound, ...(chance(dice, 0.4) ? { credit_limit: 300 } : {}) };
}

function openAccount(traffic: Traffic, book: Book, body: Opening): Request {
  const { type, currency, bound = 'none', credit_limit: limit = 0 } = body;
  return request(traffic, book, 'account.open', body, ({ id, receivedAt }) => {
    if (!book.units.has(currency)) return 'unknown_currency';
    if (bound !== 'credit_limit' && limit > 0) return 'credit_limit_without_bound';
    const empty = { debits: 0, credits: 0, debitsHeld: 0, creditsHeld: 0 };
    book.model.accounts.push({
      debitNormal: type === 'asset' || type === 'expense',
      currency,
      bound: bound as ModelAccount['bound'],
      limit,
      status: 'open',
      ...empty,
      recordedAt: receivedAt,
    });
    book.accounts.push(externalId('account', derivedUuid(id, 'account', 0)));
    return undefined;
  });
}

function changeAccount(traffic: Traffic, book: Book): Request {
  const { dice } = traffic;
  const frozen = numberOf(dice, book.model.accounts, ({ status }) => status === 'frozen');
  const any = integerBelow(dice, book.accounts.length);
  const number = chance(dice, 0.5) ? (frozen ?? any) : any;
  const limit = 100 * integerBelow(dice, 9);
  const change = pick<Partial<Pick<ModelAccount, 'status' | 'bound' | 'limit'>>>(dice, [
    { status: 'frozen' },
    { status: 'open' },
    { status: 'open' },
    { status: 'open' },
    { status: 'closed' },
    { bound: 'credit_limit', limit },
    { bound: 'no_overdraft' },
    { limit },
  ]);
  const { limit: credit_limit, ...rest } = change;
  const limits = credit_limit === undefined ? {} : { credit_limit };
  const body = { account_id: book.accounts[number] as string, ...rest, ...limits };
  return request(traffic, book, 'account.change', body, ({ receivedAt }) => {
    const why = modelChange(book.model, number, change, receivedAt);
    if (why === undefined && change.status === undefined) book.tightened.add(number);
    return why;
  });
}

function registerUnit(traffic: Traffic, book: Book, code: string): Request {
  const unit = { code, exponent: 0, name: code };
  const perform = () => {
    if (book.units.has(code)) return 'unit_exists';
    book.units.add(code);
    return undefined;
  };
  return request(traffic, book, 'unit.register', unit, perform, { alone: true });
}

function closePeriod(traffic: Traffic, book: Book): Request {
  const { model, zone } = book;
  const closed_through = dateOf(traffic.now - integerBelow(traffic.dice, 30) * day);
  const perform = ({ receivedAt }: Command) => {
    const closedBefore = startOfDay(nextDay(closed_through), zone);
    if (closedBefore > receivedAt) return 'period_not_over';
    if (closedBefore <= (model.closedBefore ?? 0)) return 'period_already_closed';
    model.closedBefore = closedBefore;
    return undefined;
  };
  return request(traffic, book, 'period.close', { closed_through }, perform, { alone: true });
}

function dateOf(instant: Instant): string {
  return instantToText(instant).slice(0, 10);
}
