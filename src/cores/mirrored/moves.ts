// A money move over an external core, in four steps: examined by our ledger as if it were posted,
// written down, made at the core, and posted in the mirror as the core has answered.
//
// Whoever dies between two of them leaves an intent, from which anybody can go on: what the core
// may have done is looked up by its reference, and never tried blindly.
import { Fault, type Uuid } from '#core';
import {
  claimIntent,
  findIntent,
  type Intent,
  type IntentRow,
  noteIntent,
  type PostingEngine,
  type PostingItem,
  withdrawIntent,
} from '#money';
import { resultOf } from '../own/moves.ts';
import type { Core, LookedUp, MoneyMove, MoveKey, MoveResult, Override } from '../port.ts';
import type { ReadAccepted } from './acceptance.ts';
import type { ReadEnded } from './ending.ts';
import type { ReadFunds } from './held.ts';
import { concluded, type ConcludingParts, noted, type Open, posted, unknown } from './concluded.ts';
import { type Plan, type PlanParts, planOf } from './plan.ts';
import { referenceOf } from './reference.ts';
import { goThrough, onlyLooking, type StepsAnswer } from './steps.ts';
import { soon, type Turns, turns } from '../turns.ts';

export type MoveParts = PlanParts &
  ConcludingParts & {
    readonly engine: Pick<PostingEngine, 'submit' | 'intend'>;
    readonly readAccepted: ReadAccepted;
    readonly readEnded: ReadEnded;
    readonly readFunds: ReadFunds;
    /** What our ledger has on record. */
    readonly own: Core;
  };

export type Moves = {
  readonly move: MoneyMove;
  /** What an intent has come to; undefined where there is none under the key. */
  readonly lookUp: (move: MoveKey) => Promise<LookedUp | undefined>;
  /** Looks, and goes on. Answers whether it is over. */
  readonly finish: (of: Pick<IntentRow, 'tenant' | 'key'>) => Promise<boolean>;
};

/** Whoever was held up longer leaves the call to those who look first. */
const sendWithinMs = 30_000;
/** From then on what the core does not know is not on its way to it any more. */
const resendAfterMs = 60_000;
/** Between two looks: twice as long each time. */
const [lookFirstMs, lookMaxMs] = [30_000, 3_600_000];
/** Of what waits for the core's own checker. */
const approvalLookMs = 300_000;

export function openMoves(parts: MoveParts): Moves {
  const on: Under = { ...parts, inTurn: turns(), busy: new Set() };
  return {
    move: (item) => move(on, item),
    lookUp: (key) => lookUp(on, key),
    finish: (of) => finish(on, of),
  };
}

type Under = MoveParts & {
  readonly inTurn: Turns;
  /** Commands whose calls of the core this process has under way, by tenant and key. */
  readonly busy: Set<string>;
};

async function move(on: Under, item: PostingItem): Promise<MoveResult> {
  const plan = await planOf(on, item);
  if (plan.kind === 'ours') return besides(on, item);
  const work = async () => {
    // What was before it may have changed what there is to do.
    const now = await planOf(on, item);
    if (now.kind === 'core') return moveAtCore(on, item, now);
    return now.kind === 'mirror' ? moveMirror(on, item, now) : posted(on, item);
  };
  return on.inTurn(`${item.command.tenant} ${plan.debtor}`, soon(on.clock, work));
}

/** What the core has nothing to do with, unless it was asked for something under the same key. */
async function besides(on: Under, item: PostingItem): Promise<MoveResult> {
  try {
    return await posted(on, item);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'outcome_unknown') throw error;
    const row = await findIntent(on.pool, item.command);
    if (!row?.item) return unknown(item);
    return on.inTurn(`${row.tenant} ${row.debtor}`, async () => {
      // What the core has only warned of has not happened, and what is decided now stands.
      const isFree = row.state === 'needs_override' && (await withdrawIntent(on.pool, row));
      return isFree ? posted(on, item) : whileBusy(on, item, () => goOn(on, row, item));
    });
  }
}

/** Our ledger alone, where the core has as much as is held then. */
async function moveMirror(on: Under, item: PostingItem, plan: Mirror): Promise<MoveResult> {
  let isShort: boolean;
  try {
    isShort = await isShortOf(on, plan, item);
  } catch (error) {
    const { tenant, idempotencyKey, digest } = item.command;
    const before = await on.own.operations.lookUp({ tenant, idempotencyKey, digest });
    if (before.status !== 'not_found') return before;
    throw error;
  }
  return posted(on, isShort ? refused(on, item) : mirrored(on, item, plan));
}

type Mirror = Extract<Plan, { kind: 'mirror' }>;
type AtCore = Extract<Plan, { kind: 'core' }>;

function mirrored({ adapter }: Under, item: PostingItem, { debtor }: Mirror): PostingItem {
  return { ...item, book: { kind: 'mirror', core: adapter.name, debtor } };
}

/** What people have accepted of what the core has warned of before, by id. */
type Accepted = { readonly ids: readonly string[]; readonly replaces: Uuid };

async function moveAtCore(
  on: Under,
  item: PostingItem,
  plan: AtCore,
  accepted?: Accepted,
): Promise<MoveResult> {
  const { steps, debtor, holds } = plan;
  const [core, at] = [on.adapter.name, on.clock.now()];
  const reference = referenceOf(item.command);
  const before = accepted && { replaces: accepted.replaces };
  const intent: Intent = { core, reference, steps, debtor, holds, at, ...before };
  const answer = await on.engine.intend({ ...item, book: { kind: 'intent', core, intent } });
  if (answer.kind === 'done') {
    const { commandId, outcome, effects } = answer;
    const replayed = commandId !== item.command.id;
    return resultOf(outcome, { commandId, replayed, effects });
  }
  const { earlier } = answer;
  const ids = earlier && !accepted && (await acceptedOf(on, earlier));
  // The core has only warned: what is allowed, free and held now decides anew.
  if (ids) return moveAtCore(on, item, plan, { ids, replaces: earlier.commandId });
  return whileBusy(on, item, async () => {
    if (earlier) return goOn(on, earlier, item);
    const row = { ...newRow(item, intent), accepted: accepted?.ids };
    return (await isShortAtCore(on, row, plan)) ? posted(on, refused(on, item)) : first(on, row);
  });
}

/** Where it cannot be found out, the core is not asked: nothing has happened. */
async function isShortAtCore(on: Under, row: Open, plan: AtCore): Promise<boolean> {
  try {
    return await isShortOf(on, plan, row.item);
  } catch (error) {
    await withdrawIntent(on.pool, row);
    throw error;
  }
}

/** Whether it would spend at the core what our ledger alone holds there. */
async function isShortOf({ readFunds }: Under, plan: Mirror | AtCore, { command }: PostingItem) {
  const { debtor, takes, returns, frees } = plan;
  const needed = takes - returns - frees;
  // What was held for it is promised, whoever else has spent of the account since.
  if (needed <= 0) return false;
  const held = await readFunds.held(command, debtor);
  if (plan.kind === 'core' && held <= frees) return false;
  return (await readFunds.available(command.tenant, debtor)) - held < needed;
}

/** For want of funds that the core has and that are held: it was not asked. */
function refused({ adapter: { name }, clock, tellOf }: Under, item: PostingItem): PostingItem {
  const answer = {
    core: { name, reference: null, reason: 'held by the ledger' },
    refusal: { code: 'insufficient_funds' },
  } as const;
  const tell = item.tell ?? tellOf(item);
  const book = { kind: 'answered', answer, at: clock.now() } as const;
  return { ...item, ...(tell ? { tell } : {}), book };
}

async function whileBusy<Result>(
  { busy }: Under,
  { command: { tenant, idempotencyKey } }: PostingItem,
  work: () => Promise<Result>,
): Promise<Result> {
  const name = `${tenant} ${idempotencyKey}`;
  busy.add(name);
  return work().finally(() => busy.delete(name));
}

/** Nothing can have happened before: what the core throws says that nothing has. */
async function first(on: Under, row: Open): Promise<MoveResult> {
  const { adapter, pool } = on;
  const isFirst = row.accepted === undefined;
  let answer: StepsAnswer;
  try {
    answer = await goThrough(row, { adapter, isFirst, mayAsk: inTimeAfter(on, row.askedAt) });
  } catch (error) {
    if (error instanceof Fault) await withdrawIntent(pool, row);
    else await noted(on, row, { status: 'unknown' });
    throw error;
  }
  return concluded(on, row, { answer, asker: row.item });
}

function inTimeAfter({ clock }: Under, askedAt: number): () => boolean {
  return () => clock.now() - askedAt <= sendWithinMs;
}

/** The same key again: the core is asked once more only where it surely knows nothing of it. */
async function goOn(on: Under, row: IntentRow, asker: PostingItem): Promise<MoveResult> {
  if (!row.item || row.core !== on.adapter.name) return unknown(asker);
  try {
    const open = { ...row, item: row.item };
    const answer = await looked(on, open);
    const isWarned = row.state === 'needs_override' && answer.status === 'not_found';
    return isWarned ? warned(row) : await concluded(on, open, { answer, asker });
  } catch (error) {
    // The core has not told now what became of the call before.
    if (error instanceof Fault && error.code !== 'idempotency_key_reused') return unknown(asker);
    throw error;
  }
}

async function acceptedOf({ readAccepted, adapter }: Under, row: IntentRow) {
  const { tenant, key, overrides, state } = row;
  if (state !== 'needs_override' || row.core !== adapter.name) return undefined;
  const shown = (overrides as unknown as Override[]).map(({ id }) => id);
  return readAccepted({ tenant, idempotencyKey: key, overrides: shown });
}

function warned({ overrides }: IntentRow) {
  return { status: 'needs_override', overrides: overrides as unknown as Override[] } as const;
}

async function lookUp(on: Under, key: MoveKey): Promise<LookedUp | undefined> {
  const { tenant, idempotencyKey, digest } = key;
  const row = await findIntent(on.pool, { tenant, idempotencyKey });
  if (!row) return undefined;
  if (row.digest !== digest) {
    throw new Fault('idempotency_key_reused', 'this key was used before with another request');
  }
  const isBusy = on.busy.has(`${tenant} ${idempotencyKey}`);
  const isElsewhere = row.core !== on.adapter.name;
  if (!row.item || isBusy || isElsewhere)
    return { status: 'unknown', lookUp: { tenant, idempotencyKey, digest } };
  if (row.state === 'needs_override') return warned(row);
  const { adapter } = on;
  const answer = await goThrough(row, { adapter, isFirst: false, mayAsk: onlyLooking });
  if (answer.status === 'not_found') return answer;
  return concluded(on, { ...row, item: row.item }, { answer, asker: row.item });
}

async function finish(on: Under, of: Pick<IntentRow, 'tenant' | 'key'>): Promise<boolean> {
  const { tenant, key } = of;
  if (on.busy.has(`${tenant} ${key}`)) return false;
  const found = await findIntent(on.pool, { tenant, idempotencyKey: key });
  if (!found?.item) return true;
  if (found.core !== on.adapter.name) return false;
  return on.inTurn(`${tenant} ${found.debtor}`, async () => {
    // Whoever was before may have finished it.
    const row = await findIntent(on.pool, { tenant, idempotencyKey: key });
    if (!row?.item) return true;
    const open = { ...row, item: row.item };
    const result = await whileBusy(on, open.item, () => finished(on, open));
    return result.status === 'completed' || result.status === 'rejected';
  });
}

/** As it was written down just now. */
function newRow(item: PostingItem, { core, reference, debtor, steps, at }: Intent): Open {
  const { tenant, idempotencyKey: key, id: commandId, digest } = item.command;
  return {
    ...{ tenant, key, commandId, digest, core, reference, debtor, steps, item, madeAt: at },
    ...{ askedAt: at, state: 'sent', coreReference: null, refusal: null, overrides: null },
    ...{ attempts: 1, looks: 0 },
  };
}

async function finished(on: Under, row: Open): Promise<MoveResult> {
  const { pool, clock } = on;
  const { looks, state } = row;
  const isWaiting = state === 'pending_approval';
  const pauseMs = isWaiting ? approvalLookMs : Math.min(lookMaxMs, lookFirstMs * 2 ** looks);
  const at = clock.now();
  await noteIntent(pool, row, { looks: isWaiting ? 0 : 1, nextLookAt: at + pauseMs, at });
  const answer = await looked(on, row);
  if (answer.status !== 'not_found') return concluded(on, row, { answer, asker: row.item });
  // While it waits at the core nobody counts; what is not there any more is left to people.
  if (isWaiting) await noteIntent(pool, row, { looks: 1, at });
  return unknown(row.item);
}

/** Asked again only when the core says that it knows nothing, a while after it was asked. */
async function looked(on: Under, row: Open): Promise<StepsAnswer> {
  const { adapter, pool, clock } = on;
  const answer = await goThrough(row, { adapter, isFirst: false, mayAsk: onlyLooking });
  const isOpen = answer.status === 'not_found' || answer.status === 'unknown';
  const isOld = clock.now() - row.askedAt >= resendAfterMs;
  if (!isOpen || !isOld) return answer;
  if (await on.readEnded(row)) return endedByPeople;
  // What waited for the core's own checker and is gone was perhaps thrown out by him.
  const isLost = answer.status === 'not_found' && ['sent', 'unknown'].includes(row.state);
  const now = clock.now();
  if (!isLost || !(await claimIntent(pool, row, now))) return answer;
  return goThrough(row, { adapter, isFirst: false, mayAsk: inTimeAfter(on, now) });
}

const endedByPeople: StepsAnswer = {
  status: 'rejected',
  code: 'core_rejected',
  coreReason: 'ended by people of the bank',
};
