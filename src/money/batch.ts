// One batch in one transaction: lock, read, evaluate, write.
import { type Command, decisionOperation, Fault, type Uuid } from '#core';
import type pg from 'pg';
import type { Book, Intent } from './book.ts';
import { type BatchInput, lockBatch } from './batch-read.ts';
import { type Write, writeBatch } from './batch-write.ts';
import { type Decided, evaluate, refused, rehearse } from './evaluate.ts';
import {
  debtorOf,
  expectSame,
  type IntentRow,
  type Intents,
  isCounting,
  noIntents,
  readIntents,
} from './intents.ts';
import type { Leg, Outcome, PostingItem } from './journal.ts';
import { legsUnder } from './reserve.ts';
import { evaluateSettings, isSettings } from './settings.ts';
import { type BatchState, type Effects, key, leftOf, noEffects } from './state.ts';

/** What happened to one command of the batch. */
export type Answer =
  | {
      readonly kind: 'done';
      readonly outcome: Outcome;
      /** The command that was answered first; another id than the asker's means a replay. */
      readonly commandId: Uuid;
      /** Rows of this very batch; empty for a replay. */
      readonly effects: Effects | null;
    }
  /** It would be accepted, and was written down for a core; `earlier` is what was before. */
  | { readonly kind: 'intended'; readonly earlier: IntentRow | undefined }
  /** The core has moved what our ledger cannot record: only people can tell why. */
  | { readonly kind: 'unpostable'; readonly code: string }
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'rights_changed' }
  | { readonly kind: 'unknown_tenant' };

/** From one account, at a core that does not answer. */
const underWayMax = 64;

/**
 * Runs the batch on a connection in pipeline mode, which does not wait between statements that do
 * not depend on each other. Throws whatever the database throws; then nothing was written.
 */
export async function runBatch(
  client: pg.ClientBase,
  items: readonly PostingItem[],
): Promise<Answer[]> {
  const gates = items.flatMap(({ command: { operation, tenant } }) =>
    isSettings(operation) ? [tenant] : [],
  );
  const counting = items.filter(isCounting);
  // Read first to know what has to be locked, and again under the locks.
  const before = counting.length === 0 ? noIntents : await readIntents(client, counting);
  const underWay = before.underWay.flatMap(({ item }) => item ?? []);
  const input = await lockBatch(client, [...items, ...underWay], gates);
  if (counting.length > 0) expectSame(before, await readIntents(client, counting));
  const { answers, ...all } = evaluateAll(items, { ...input, intents: before });
  await writeBatch(client, all, input.state);
  return answers;
}

type Input = BatchInput & { readonly intents: Intents };

type Evaluated = {
  readonly answers: Answer[];
  readonly writes: Write[];
  /** What is to be written down for a core. */
  readonly intended: PostingItem[];
  /** What takes the place of an intent before it, whatever comes of it. */
  readonly replacing: PostingItem[];
};

function evaluateAll(items: readonly PostingItem[], input: Input): Evaluated {
  const { state, recorded, intents } = input;
  const writes: Write[] = [];
  const intended: PostingItem[] = [];
  const replacing: PostingItem[] = [];
  const answers = items.map((item): Answer => {
    const { command } = item;
    const tenant = state.tenants.get(command.tenant);
    if (!tenant) return { kind: 'unknown_tenant' };
    const commandKey = key(command.tenant, command.idempotencyKey);
    const earlier = recorded.get(commandKey);
    if (earlier) {
      if (earlier.digest !== command.digest) return { kind: 'key_reused' };
      return { kind: 'done', outcome: earlier.outcome, commandId: earlier.id, effects: null };
    }
    const open = isCounting(item) ? intents.byKey.get(commandKey) : undefined;
    if (open && open.digest !== command.digest) return { kind: 'key_reused' };
    if (open && !isReplaced(open, item)) return { kind: 'intended', earlier: open };
    const isStale = command.epoch !== undefined && command.epoch !== tenant.epoch;
    if (isStale && item.book?.kind !== 'answered') return { kind: 'rights_changed' };
    const { effects, settings } = evaluateOne(item, input, intended);
    if (open) replacing.push(item);
    if (effects === 'intended') {
      intended.push(item);
      return { kind: 'intended', earlier: undefined };
    }
    const { outcome } = effects;
    if (item.book?.kind === 'answered' && !item.book.answer.refusal) {
      if (outcome.status === 'rejected') return { kind: 'unpostable', code: outcome.code };
    }
    recorded.set(commandKey, { id: command.id, digest: command.digest, outcome });
    writes.push({ item, effects, settings });
    return { kind: 'done', outcome, commandId: command.id, effects };
  });
  return { answers, writes, intended, replacing };
}

function isReplaced({ commandId, state }: IntentRow, { book }: PostingItem): boolean {
  const replaces = book?.kind === 'intent' ? book.intent.replaces : undefined;
  return replaces === commandId && state === 'needs_override';
}

type One = {
  readonly effects: Effects | 'intended';
  readonly settings: Write['settings'];
};

function evaluateOne(item: PostingItem, input: Input, intended: readonly PostingItem[]): One {
  const { command, countersignature, book } = item;
  const { state, takes } = input;
  const legs = legsUnder(command, countersignature.decision.outcome);
  const denied = refusedByPolicy(item, legs);
  if (denied) return { effects: denied, settings: null };
  const settings = isSettings(command.operation) ? evaluateSettings(state, command) : null;
  if (settings) return { effects: settings.effects, settings };
  const decided = { legs: legs ?? [], takes: takes.get(item) ?? [] };
  if (!book) return { effects: evaluate(state, command, decided), settings };
  if (book.kind === 'answered')
    return { effects: answered(item, book, { state, decided }), settings };
  const before = underWay(command, book, { input, intended });
  const { outcome } = rehearse(state, { command, ...decided }, before);
  if (outcome.status === 'rejected') {
    // What was on its way has refused it, perhaps: whoever lives it again takes it as it stands.
    const core = { name: book.core, reference: null };
    return { effects: refused(command, { ...outcome, core }), settings };
  }
  const isIntent = book.kind === 'intent';
  if (isIntent) expectHolds(state, command, book.intent);
  return { effects: isIntent ? 'intended' : evaluate(state, command, decided), settings };
}

/** Another process may have changed them since the steps were made. */
function expectHolds(state: BatchState, { tenant }: Command, { holds = new Map() }: Intent): void {
  for (const [id, left] of holds) {
    const hold = state.holds.get(key(tenant, id));
    if (hold && leftOf(hold) !== BigInt(left)) {
      throw new Fault('overloaded', 'a hold of the command has changed meanwhile: try again');
    }
  }
}

type Answered = Extract<Book, { kind: 'answered' }>;
type On = { readonly state: BatchState; readonly decided: Decided };

function answered(
  { command }: PostingItem,
  { answer: { core, refusal } }: Answered,
  { state, decided }: On,
): Effects {
  if (refusal) return refused(command, { status: 'rejected', ...refusal, core });
  const effects = evaluate(state, command, { ...decided, isMoved: true });
  const { outcome } = effects;
  return outcome.status === 'rejected' ? effects : { ...effects, outcome: { ...outcome, core } };
}

type Around = { readonly input: Input; readonly intended: readonly PostingItem[] };

/** What was sent to a core from the same account and is not posted yet. */
function underWay({ tenant }: Command, book: Book, { input, intended }: Around) {
  const debtor = debtorOf(book);
  const isBefore = (it: PostingItem, its: Uuid | undefined) =>
    it.command.tenant === tenant && its === debtor;
  const read = input.intents.underWay.flatMap(({ item, debtor: its }) =>
    item && isBefore(item, its) ? [item] : [],
  );
  const now = intended.filter((item) => isBefore(item, item.book && debtorOf(item.book)));
  const all = [...read, ...now];
  if (all.length > underWayMax) {
    throw new Fault('overloaded', `${underWayMax} moves of this account wait for its core`);
  }
  return all.map((item) => ({
    command: item.command,
    legs: legsUnder(item.command, item.countersignature.decision.outcome) ?? [],
    takes: input.takes.get(item) ?? [],
  }));
}

/** A decision other than `allow` moves nothing; a question is answered by its decision alone. */
function refusedByPolicy(
  { command, countersignature }: PostingItem,
  legs: readonly Leg[] | undefined,
): Effects | null {
  const { outcome, reasons } = countersignature.decision;
  if (command.operation === decisionOperation) return noEffects;
  if (outcome === 'allow' || legs) return null;
  return refused(command, { status: 'rejected', code: policyCodes[outcome], reasons });
}

const policyCodes = {
  deny: 'policy_denied',
  hold: 'policy_hold',
  review: 'policy_review',
} as const;
