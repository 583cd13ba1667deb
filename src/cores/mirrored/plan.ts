// What a countersigned journal is to the core that keeps its accounts: one movement there, behind
// what it gives back first; or nothing, where it moves only what our ledger holds alone.
import { type Command, Fault, instantToText, internalId, type Uuid } from '#core';
import {
  type CoreStep,
  isJournal,
  type JournalBody,
  type Leg,
  legsUnder,
  type PostingItem,
} from '#money';
import type { Adapter } from '../adapter.ts';
import type { Links } from './links.ts';
import { isMirroring } from './mirror.ts';
import type { Continued, ContinuedHold, ReadContinued } from './continued.ts';
import { referenceOf } from './reference.ts';

/**
 * `ours`: no account of the core is in it. `mirror`: one is, but the core has nothing to do with
 * it. `core`: the calls of the core, of which the last is what the command is about.
 */
export type Plan =
  | { readonly kind: 'ours' }
  | (Taking & { readonly kind: 'mirror' })
  | (Taking & {
      readonly kind: 'core';
      readonly steps: readonly CoreStep[];
      /** What the steps were made of: what was left of these, in minor units. */
      readonly holds: ReadonlyMap<Uuid, number>;
    });

/** Of what our ledger alone holds, the core knows nothing: it is looked at before the core. */
export type Taking = {
  readonly debtor: Uuid;
  /** Minor units: what has to be available there; of what is held there and here, what is freed. */
  readonly takes: number;
  readonly returns: number;
  readonly frees: number;
};

export type PlanParts = {
  readonly adapter: Adapter;
  readonly links: Pick<Links, 'coreAccount'>;
  readonly readContinued: ReadContinued;
};

type Call = {
  readonly debtor: Uuid;
  /** Null where the core has nothing to do with it. */
  readonly step: CoreStep | null;
  /** What is given back for it. */
  readonly before?: CoreStep;
} & Partial<Omit<Taking, 'debtor'>>;

/** Throws `core_operation_missing` for what this core cannot do in one movement. */
export async function planOf(parts: PlanParts, item: PostingItem): Promise<Plan> {
  const { command, countersignature } = item;
  if (!isJournal(command.operation) || isMirroring(command)) return { kind: 'ours' };
  const legs = legsUnder(command, countersignature.decision.outcome) ?? [];
  const known = await parts.readContinued(command.tenant, legs);
  const calls: Call[] = [];
  for (const leg of legs) {
    const call = await callFor({ ...parts, command, known }, leg);
    if (call) calls.push(call);
  }
  const [first] = calls;
  if (!first) return { kind: 'ours' };
  const steps = joined(
    calls.flatMap(({ before, step }) => [before ?? [], step ?? []].flat()),
    parts.adapter,
  );
  const { debtor } = calls.findLast(({ step }) => step !== null) ?? first;
  const mine = calls.filter((call) => call.debtor === debtor);
  const sum = (of: Sum) => mine.reduce((all, call) => all + (call[of] ?? 0), 0);
  const taking = { debtor, takes: sum('takes'), returns: sum('returns'), frees: sum('frees') };
  if (steps.length === 0) return { kind: 'mirror', ...taking };
  const moving = steps.slice(0, -1).filter(({ operation }) => operation !== 'releaseHold');
  if (moving.length > 0) {
    const why = 'moves accounts of the core more than once: send each movement as a journal';
    throw missing(parts.adapter, `the journal ${why}`);
  }
  const whole = steps.map((step, at) => withReference(step, at, steps, command));
  const holds = new Map(
    Array.from(known.holds, ([id, { left }]) => [internalId('hold', id) ?? '', left] as const),
  );
  return { kind: 'core', ...taking, steps: whole, holds };
}

type Sum = Exclude<keyof Taking, 'debtor'>;

function withReference(
  step: CoreStep,
  at: number,
  steps: readonly CoreStep[],
  command: Command,
): CoreStep {
  const isLast = at === steps.length - 1;
  const reference = referenceOf(command, isLast ? undefined : at);
  const { left: _, ...order } = step.order;
  return { ...step, order: { ...order, reference } };
}

/**
 * A hold that is given back so that its sum can move is captured in its place: one call, between
 * whose halves nobody can take the money.
 */
function joined(steps: readonly CoreStep[], { operations }: Adapter): readonly CoreStep[] {
  const [back, moved] = steps;
  const isPair = steps.length === 2 && back?.operation === 'releaseHold';
  if (!isPair || moved?.operation !== 'transfer' || !operations.captureHold) return steps;
  const { hold, account, left, currency } = back.order;
  const { debtor, creditor, amount, valueDate } = moved.order;
  const fits = typeof left === 'number' && typeof amount === 'number' && amount <= left;
  if (!fits || account !== debtor || currency !== moved.order['currency']) return steps;
  const order = { hold, account, currency, creditor, amount, valueDate, final: true };
  return [{ operation: 'captureHold', order: order as CoreStep['order'] }];
}

// One leg -----------------------------------------------------------------------------------------

type Around = PlanParts & { readonly command: Command; readonly known: Continued };

/** Undefined where no account of the core is in it. */
async function callFor(around: Around, leg: Leg): Promise<Call | undefined> {
  switch (leg.kind) {
    case 'post':
      return transfer(around, leg);
    case 'hold':
      return placing(around, leg);
    case 'reverse':
      return reversal(around, leg.transfer_id);
    default: {
      const hold = around.known.holds.get(leg.hold_id);
      return hold && changeOf(around, leg, hold);
    }
  }
}

type Moved = {
  readonly debit_account_id: string;
  readonly credit_account_id: string;
  readonly amount: number;
  readonly currency: string;
};

async function transfer(around: Around, moved: Moved): Promise<Call | undefined> {
  const { debit_account_id, credit_account_id, amount, currency } = moved;
  const sides = await bothSides(around, debit_account_id, credit_account_id);
  if (!sides) return undefined;
  const order = { ...sides, amount, currency, valueDate: valueDate(around.command) };
  const step = { operation: 'transfer', order };
  return { debtor: uuid(debit_account_id), step, takes: amount };
}

async function bothSides({ adapter, links, command }: Around, debit: string, credit: string) {
  const [debtor, creditor] = await Promise.all([
    links.coreAccount(command.tenant, debit),
    links.coreAccount(command.tenant, credit),
  ]);
  if (debtor === undefined && creditor === undefined) return undefined;
  if (debtor !== undefined && creditor !== undefined) return { debtor, creditor };
  const other = debtor === undefined ? debit : credit;
  throw missing(adapter, `${other} is not kept there: name an account that is, or link it`);
}

type HoldLeg = Extract<Leg, { kind: 'hold' }>;

async function placing(
  { adapter, links, command }: Around,
  { debit_account_id, amount, currency, expires_at }: HoldLeg,
): Promise<Call | undefined> {
  const account = await links.coreAccount(command.tenant, debit_account_id);
  if (account === undefined) return undefined;
  const debtor = uuid(debit_account_id);
  if (!adapter.operations.placeHold) return { debtor, step: null, takes: amount };
  const until = expires_at === undefined ? {} : { expiresAt: expires_at };
  const order = { account, amount, currency, ...until };
  return { debtor, step: { operation: 'placeHold', order } };
}

type ChangeLeg = Extract<Leg, { hold_id: string }>;

async function changeOf(
  around: Around,
  leg: ChangeLeg,
  hold: ContinuedHold,
): Promise<Call | undefined> {
  const { adapter, links, command } = around;
  const { debit_account_id, currency, left, alone: frees, reference } = hold;
  const account = await links.coreAccount(command.tenant, debit_account_id);
  if (account === undefined) return undefined;
  const debtor = uuid(debit_account_id);
  const amount = 'amount' in leg && leg.amount !== undefined ? leg.amount : left;
  if (leg.kind === 'increase') {
    // What the core cannot add, our ledger holds alone.
    if (reference === null || !adapter.operations.increaseHold) {
      return { debtor, step: null, takes: amount };
    }
    const order = { hold: reference, account, currency, amount };
    return { debtor, step: { operation: 'increaseHold', order } };
  }
  const capture = leg.kind === 'capture' ? { ...leg, amount } : undefined;
  if (reference === null) {
    const call = capture && (await transfer(around, { ...hold, amount }));
    return { ...(call ?? { debtor, step: null }), frees };
  }
  const returns = left - frees;
  const of = { hold: reference, account, currency };
  const back = { operation: 'releaseHold', order: of };
  // With what is left of it, it may become one call with what moves then.
  const whole = { ...back, order: { ...of, left: returns } };
  if (!capture) return { debtor, step: whole, returns, frees };
  if (!isCapturedThere(adapter, capture, hold)) {
    const call = await transfer(around, { ...hold, amount });
    return call && { ...call, before: back, returns, frees };
  }
  const sides = await bothSides(around, debit_account_id, hold.credit_account_id);
  const more = { creditor: sides?.creditor ?? '', valueDate: valueDate(command) };
  const order = { ...of, ...more, amount, final: capture.final ?? true };
  return { debtor, step: { operation: 'captureHold', order } };
}

/**
 * Else the core gives its part back and moves the whole, and what is left our ledger holds alone:
 * more is taken than the core holds, what was added here alone is to stay, or the core captures a
 * hold once only and more is to come.
 */
function isCapturedThere(
  { operations: { captureHold }, capturesInParts = false }: Adapter,
  {
    amount,
    final: isFinal = true,
  }: Pick<Extract<Leg, { kind: 'capture' }>, 'final'> & {
    readonly amount: number;
  },
  { left, alone }: ContinuedHold,
): boolean {
  if (captureHold === undefined || !(isFinal || capturesInParts)) return false;
  return alone === 0 || (isFinal && amount <= left - alone);
}

async function reversal(around: Around, transferId: string): Promise<Call | undefined> {
  const { adapter, command, known } = around;
  const hold = known.holds.get(transferId.replace(/^trf_/, 'hld_'));
  if (hold) return changeOf(around, { kind: 'void', hold_id: '' }, hold);
  const original = known.transfers.get(transferId);
  if (!original) return undefined;
  const { debit_account_id, credit_account_id, amount, currency, reference } = original;
  const sides = await bothSides(around, debit_account_id, credit_account_id);
  if (!sides) return undefined;
  const sum = { amount, currency, valueDate: valueDate(command) };
  const debtor = uuid(credit_account_id);
  if (reference !== null && adapter.operations.reverse) {
    return { debtor, step: { operation: 'reverse', order: { of: reference, ...sides, ...sum } } };
  }
  const back = { debtor: sides.creditor, creditor: sides.debtor };
  return { debtor, step: { operation: 'transfer', order: { ...back, ...sum } } };
}

function valueDate({ body, receivedAt }: Command): string {
  const { effective_at } = body as JournalBody;
  const at = effective_at === undefined ? receivedAt : Date.parse(effective_at);
  return instantToText(at).slice(0, 10);
}

function uuid(account: string): Uuid {
  return internalId('account', account) ?? '';
}

function missing({ name }: Adapter, why: string): Fault {
  return new Fault('core_operation_missing', `the core ${name} cannot do this: ${why}`);
}
