// The transactions of a customer's account as a person reads them: booked, pending and come to
// nothing, each with what holds for it in words.
import {
  type Consume,
  externalId,
  internalId,
  type Json,
  nullable,
  type Tx,
  type Uuid,
} from '#core';
import { type Holder, readHolders } from '#cores';
import type { Planes } from '#main';
import { listMovements, type Movement, moneySchemas as s } from '#money';
import {
  listUnpaid,
  type OrderMetadata,
  type PaymentStep,
  type PaymentView,
  readFirstSteps,
  readOrderMetadata,
  readStepsOf,
  type Standing,
} from '#payments';
import { homeCurrencyOf, type LoggedDecision, readDecisions } from '#policy';
import Type from 'typebox';
import { visibleTo } from '../personal.ts';
import type { Mine } from './own.ts';
import {
  kindOf,
  kinds,
  limitWords,
  type PaymentStanding,
  type Said,
  shopWords,
  standings,
  wordsFor,
} from './words.ts';

const text = Type.String();

export const transactionSchema = Type.Object({
  id: Type.String({ description: 'Of this line: a transfer, or a payment that moved nothing.' }),
  payment_id: nullable(text),
  at: s.instant,
  kind: Type.Enum([...kinds]),
  status: Type.Enum([...standings]),
  next: nullable(
    Type.Enum(['confirm', 'wait'], {
      description: 'What it waits for: the customer, or the bank.',
    }),
  ),
  amount: Type.Integer({ description: 'Minor units; below zero where it leaves the account.' }),
  currency: s.currency,
  counterparty: Type.Object({
    account_id: s.accountId,
    name: nullable(Type.String({ description: 'As far as the customer may see it.' })),
    shop: nullable(Type.String({ description: 'What is bought there.' })),
  }),
  text: nullable(Type.String({ description: 'What the payer has written.' })),
  explanation: Type.String({ description: 'How it stands and why, for the customer.' }),
});
export type Transaction = Type.Static<typeof transactionSchema>;

export type PageQuery = {
  readonly account: Uuid;
  readonly after?: Cursor | undefined;
  readonly limit: number;
  readonly now: number;
};

/** How far each of the two sources was read: the journal, and the payments that moved nothing. */
type Cursor = { readonly version?: string; readonly payment?: string };

export const cursorPattern = '^[0-9]{0,18}[.](?:pay_[0-9a-hjkmnp-tv-z]{26})?$';

export function cursorOf(text: string): Cursor {
  const [version = '', payment = ''] = text.split('.');
  return { ...(version && { version }), ...(payment && { payment }) };
}

/** A transaction before names and words: all of it is on record. */
type Line = Omit<Transaction, 'counterparty' | 'text' | 'explanation'> & {
  readonly counter: Uuid;
  readonly mcc: string | undefined;
  readonly text: string | undefined;
  readonly said: Said;
  readonly step: PaymentStep | undefined;
};

/** Newest first, by when it was recorded. */
export async function readLines(tx: Tx, query: PageQuery) {
  const { account, after = {}, limit, now } = query;
  const accountId = externalId('account', account);
  const moved = await listMovements(tx, { accountId: account, before: after.version, limit, now });
  const unpaid = await listUnpaid(tx, { accountId, before: after.payment, limit });
  const steps = await readStepsOf(
    tx,
    moved.items.map(({ command_id }) => command_id),
  );
  const resumed = [...steps.values()].flatMap(({ payload }) => payload.payment_id);
  const unmoved = unpaid.items.map(({ payment_id }) => payment_id);
  const firsts = await readFirstSteps(tx, [...new Set([...resumed, ...unmoved])]);
  const said = await readOrderMetadata(tx, unmoved);
  const lines = [
    ...moved.items.map((movement) => {
      const step = steps.get(movement.command_id);
      const line = ofMovement(movement, step, firsts.get(step?.payload.payment_id ?? ''));
      return { line, recordedAt: movement.recorded_at, version: movement.version };
    }),
    ...unpaid.items.map((standing) => {
      const { payment_id: payment, created_at } = standing;
      const line = ofPayment(standing, firsts.get(payment), said.get(payment));
      return { line, recordedAt: created_at, payment };
    }),
  ].sort((one, other) => Date.parse(other.recordedAt) - Date.parse(one.recordedAt));
  const page = lines.slice(0, limit);
  const isMore = lines.length > limit || moved.next !== null || unpaid.next !== null;
  const version = page.findLast((each) => 'version' in each)?.version ?? after.version ?? '';
  const payment = page.findLast((each) => 'payment' in each)?.payment ?? after.payment ?? '';
  const told = await readTold(
    tx,
    page.map(({ line }) => line),
  );
  return { ...told, accountId, next: isMore ? `${version}.${payment}` : null };
}

/** What one payment is for the account that pays. */
export async function readLine(
  tx: Tx,
  { history, ...standing }: PaymentView,
  metadata?: OrderMetadata,
) {
  const told = await readTold(tx, [ofPayment(standing, history[0], metadata)]);
  return { ...told, accountId: standing.debtor_account_id };
}

export type Told = Awaited<ReturnType<typeof readTold>> & { readonly accountId: string };

/** With them: who is on the other side, and the decisions of those that a limit has stopped. */
async function readTold(tx: Tx, lines: readonly Line[]) {
  const limited = lines.flatMap(({ step }) => {
    const isLimit = step?.payload.code === 'limit_exceeded';
    return isLimit ? (internalId('decision', step.payload.decision_id) ?? []) : [];
  });
  return {
    lines,
    holders: await readHolders(tx, [...new Set(lines.map(({ counter }) => counter))]),
    decisions: limited.length === 0 ? new Map() : await readDecisions(tx, limited),
  };
}

// What stands on record ---------------------------------------------------------------------------

const backwards: ReadonlySet<string> = new Set([
  'payment.refunded',
  'payment.returned',
  'payment.charged_back',
  'payment.represented',
]);

function ofMovement(
  movement: Movement,
  step: PaymentStep | undefined,
  first: PaymentStep | undefined,
): Line {
  const { transfer_id, side, kind, counter_account_id, metadata } = movement;
  const { amount, currency, effective_at } = movement;
  const isOut = side === 'debit';
  const isBack = kind === 'reverse' || backwards.has(step?.type ?? '');
  const stands = kind === 'hold' ? pendingAt(step?.payload.status) : bookedAs(isOut, step, first);
  return {
    ...{ id: transfer_id, at: effective_at, currency },
    payment_id: isOut ? (step?.payload.payment_id ?? null) : null,
    amount: isOut ? -amount : amount,
    kind: kindOf(step?.payload.kind ?? metadata?.['kind'], isBack),
    ...stands,
    counter: counter_account_id,
    mcc: metadata?.['mcc'],
    text: metadata?.['remittance'],
    step,
  };
}

type Stands = {
  readonly status: PaymentStanding;
  readonly next: Transaction['next'];
  readonly said: Said;
};

function pendingAt(status: string | undefined): Stands {
  const pending = { status: 'pending' } as const;
  if (status === 'step_up_required') return { ...pending, next: 'confirm', said: 'confirm' };
  if (status === 'held' || status === 'review') return { ...pending, next: 'wait', said: 'wait' };
  return { ...pending, next: null, said: 'reserved' };
}

function bookedAs(isOut: boolean, step?: PaymentStep, first?: PaymentStep): Stands {
  const booked = { status: 'booked', next: null } as const;
  if (!isOut) return { ...booked, said: 'received' };
  if (step?.type !== 'payment.posted' || !first) return { ...booked, said: 'booked' };
  return { ...booked, said: since(first) };
}

/** A payment that was carried out: at once, or after it had waited for somebody. */
function since({ type, payload }: PaymentStep): Said {
  if (type === 'payment.review_required') return 'released';
  if (type === 'payment.held') return payload.step_up ? 'confirmed' : 'released';
  return 'booked';
}

function ofPayment(
  standing: Omit<Standing, 'history'>,
  first: PaymentStep | undefined,
  metadata: OrderMetadata | undefined,
): Line {
  const { payment_id, kind, amount, currency, created_at, creditor_account_id } = standing;
  return {
    ...{ id: payment_id, payment_id, at: created_at, currency, amount: -amount },
    kind: kindOf(kind, false),
    ...standsAt(standing, first),
    counter: internalId('account', creditor_account_id) as Uuid,
    ...{ mcc: metadata?.['mcc'], text: metadata?.['remittance'], step: first },
  };
}

function standsAt({ status }: Pick<Standing, 'status'>, first?: PaymentStep): Stands {
  const ended = (as: 'declined' | 'cancelled', said: Said) => ({ status: as, next: null, said });
  switch (status) {
    case 'denied':
      return ended('declined', first?.type === 'payment.denied' ? 'declined' : 'refused');
    case 'cancelled':
      return ended('cancelled', 'cancelled');
    case 'expired':
      return ended('cancelled', 'expired');
    case 'step_up_required':
    case 'held':
    case 'review':
    case 'authorized':
      return pendingAt(status);
    default:
      return { status: 'booked', next: null, said: first ? since(first) : 'booked' };
  }
}

// In words ----------------------------------------------------------------------------------------

/** As the customer reads them: with the names that he may see, and the reasons that he is told. */
export async function tellLines(planes: Planes, mine: Mine, told: Told): Promise<Transaction[]> {
  const names = await namesOf(planes, mine, told);
  const texts = await textsOf(planes, mine, told.lines);
  const explained = await Promise.all(told.lines.map((line) => explain(planes, mine, told, line)));
  return told.lines.map((line, at) => {
    const { counter, mcc, said: _said, step: _step, text: _text, ...rest } = line;
    const counterparty = {
      account_id: externalId('account', counter),
      name: names.get(counter) ?? null,
      shop: shopWords(mcc),
    };
    return { ...rest, counterparty, text: texts[at] ?? null, explanation: explained[at] as string };
  });
}

async function explain(planes: Planes, { tenant }: Mine, told: Told, line: Line): Promise<string> {
  const { said, step, currency } = line;
  if (said !== 'declined' && said !== 'confirm') return wordsFor(said);
  const { decision_id, reasons = [], limit } = step?.payload ?? {};
  const decision = told.decisions.get(internalId('decision', decision_id ?? '') ?? '');
  const own = decision && ownLimit(decision, told.accountId, limit ?? '');
  if (!decision || !own) return wordsFor(said, reasons);
  const { bundle } = await planes.library.program(tenant, decision.bundle);
  return limitWords(own, homeCurrencyOf(bundle) ?? currency);
}

/** A limit that counts what this account pays, and not what somebody else is paid. */
function ownLimit({ consume }: LoggedDecision, account: string, limit: string) {
  const consumed = consume as readonly (Json & Consume)[];
  return consumed.find((each) => each.limit === limit && each.key === `account:${account}`);
}

/** An organisation's name is no secret; a person's is shown as far as the rules say. */
export async function namesOf(
  planes: Planes,
  { caller, tenant, party }: Mine,
  { holders }: { readonly holders: ReadonlyMap<Uuid, Holder> },
): Promise<ReadonlyMap<Uuid, string>> {
  const all = [...holders];
  const firms = all.filter(([, { kind }]) => kind === 'organisation');
  const people = all.filter(([, { kind, party_id }]) => kind === 'person' && party_id !== party);
  const asker = { caller, purpose: 'servicing' } as const;
  const shown = await visibleTo(
    planes,
    asker,
    people.map(([, each]) => ({ class: 'name', token: each.name_token, customer: each.party_id })),
  );
  const open = await planes.vault.detokenize(
    tenant,
    firms.map(([, { name_token }]) => name_token),
  );
  return new Map([
    ...all
      .filter(([, { party_id }]) => party_id === party)
      .map(([id]) => [id, ownAccount] as const),
    ...firms.flatMap(([id], at) => (open[at] === undefined ? [] : [[id, open[at]] as const])),
    ...people.flatMap(([id], at) => (shown[at] == null ? [] : [[id, shown[at]] as const])),
  ]);
}

const ownAccount = 'Your own account';

/** What a payer writes is for the payee to read; a token of anything else is not shown for it. */
async function textsOf(planes: Planes, { tenant }: Mine, lines: readonly Line[]) {
  const tokens = lines.map(({ text: token }) => (token?.startsWith('tok_text_') ? token : ''));
  const known = await planes.vault.detokenize(tenant, tokens.filter(Boolean));
  const found = new Map(tokens.filter(Boolean).map((token, at) => [token, known[at]]));
  return tokens.map((token) => found.get(token) ?? null);
}
