// Giving what a transaction has earned: a command for what the programme gives, and one for each
// campaign, under keys of the transaction. What stands on record already is taken as it stands.
import {
  assert,
  type CommandInput,
  type Instant,
  instantFromText,
  instantToText,
  type Json,
  type Tx,
} from '#core';
import type { JournalBody } from '#money';
import { look, type ProgramAccounts, type SystemParts, systemOf } from './accounts.ts';
import { type EarnedPart, type Held, type PartState, readHeld } from './accrual-page.ts';
import { isRejected, isShort, lotsOf, type Recorded, send, type Sent } from './accrual-send.ts';
import { type Budget, readBudget } from './asked-budgets.ts';
import { findCampaign } from './campaigns.ts';
import type { Movement } from './earn-facts.ts';
import { awardCommand, earnCommand, type Giving } from './points.ts';
import type { EarnKind } from './program/earning-terms.ts';
import type { Earning, EarnPart } from './program/earning.ts';

/** What is to be given, to whom, by which rules. */
export type Given = {
  readonly tenant: string;
  readonly program: ProgramAccounts;
  readonly pointValueMicros: number;
  readonly movement: Pick<Movement, 'id' | 'position' | 'postedAt'>;
  readonly kind: EarnKind;
  readonly earning: Earning;
  readonly held: Held;
  /** Whether each command waits for people before it is decided at all. */
  readonly isAsked: boolean;
  /** Of this transaction, by their keys. */
  readonly recorded: ReadonlyMap<string, Recorded>;
};

/** What one part has come to. */
export type PartGiven = EarnedPart & {
  readonly reason: string | null;
  /** Of what waits: the command that it waits for. */
  readonly input?: CommandInput<Json>;
};

/** Of an earning whose member has paid back what he owed meanwhile: more would be no accident. */
const attemptsMax = 4;

/** A blank, which no caller can send: nobody else can have taken the key. */
export function earnKey(program: string, { id }: Pick<Movement, 'id'>, kind: EarnKind): string {
  return kind === 'purchase' ? `earn ${program} ${id}` : `earn ${program} ${id} ${kind}`;
}

export function awardKey(of: string, part: number): string {
  return `award ${of.slice('earn '.length)} ${part}`;
}

/** The keys that a transaction may have used, but for those of further attempts. */
export function keysOf(
  program: string,
  { movement, kind }: { readonly movement: Pick<Movement, 'id'>; readonly kind: EarnKind },
): readonly [string, string] {
  const first = earnKey(program, movement, kind);
  return [first, awardKey(first, 0)];
}

/** Gives the parts one after the other: what is owed is paid by the first that can. */
export async function give(parts: SystemParts, given: Given): Promise<readonly PartGiven[]> {
  const done: PartGiven[] = [];
  let campaigns = 0;
  for (const part of given.earning.parts) {
    if (part.campaign === null) done.push(await giveOwn(parts, given, part));
    else done.push(await giveAward(parts, given, { part, ordinal: campaigns++ }));
  }
  return done;
}

async function giveOwn(parts: SystemParts, given: Given, part: EarnPart): Promise<PartGiven> {
  const { movement, kind, program, held, isAsked, tenant } = given;
  const first = earnKey(program.program, movement, kind);
  let owed = held.owed;
  for (let attempt = 1; ; attempt += 1) {
    const key = attempt === 1 ? first : `${first} ${attempt}`;
    const input = commandOf(given, part, { key, owed });
    // What people have to agree to first pays for nothing: what is owed may be another by then.
    const later = () => commandOf(given, part, { key, owed: 0 });
    if (isAsked) return asked(part, later());
    const sent = await send(parts, input, given.recorded.get(key));
    const isOverpaid = isRejected(sent.outcome, 'insufficient_funds') && owed > 0;
    if (isOverpaid && attempt < attemptsMax) {
      const customers = [held.member.customer];
      const found = await look(parts, tenant, (tx) =>
        readHeld(tx, { program: program.program, customers }),
      );
      owed = found.get(held.member.customer)?.owed ?? 0;
      continue;
    }
    if (isRejected(sent.outcome, 'policy_review')) return asked(part, later());
    return settled(given, part, sent);
  }
}

async function giveAward(
  parts: SystemParts,
  given: Given,
  { part, ordinal }: { readonly part: EarnPart; readonly ordinal: number },
): Promise<PartGiven> {
  const { movement, kind, program, tenant } = given;
  const key = awardKey(earnKey(program.program, movement, kind), ordinal);
  const campaign = part.campaign ?? '';
  const { budget, isOutside } = await look(parts, tenant, async (tx) => ({
    budget: await readBudget(tx, program.program, campaign),
    isOutside: await isOutsideWindow(tx, campaign, movement.postedAt),
  }));
  if (budget === undefined) {
    return { ...kept(part, 'refused'), reason: 'campaign_has_no_budget' };
  }
  // What stands on record was given before anybody could say so.
  if (isOutside && !given.recorded.has(key)) {
    return { ...kept(part, 'refused'), reason: 'outside_campaign_window' };
  }
  // What waits pays for nothing: what is owed may be another by then.
  const later = awardOf(given, part, { key, ...budget, owed: 0 });
  if (given.isAsked) return asked(part, later);
  const input = awardOf(given, part, { key, ...budget, owed: given.held.owed });
  const sent = await send(parts, input, given.recorded.get(key));
  if (isShort(sent.outcome)) {
    return { ...kept(part, 'waits'), reason: 'budget_exhausted', input: later };
  }
  if (isRejected(sent.outcome, 'policy_review')) return asked(part, later);
  return settled(given, part, sent);
}

/** A campaign gives within its window, whatever rules go on naming it. */
async function isOutsideWindow(tx: Tx, campaign: string, at: Instant): Promise<boolean> {
  const found = await findCampaign(tx, campaign);
  if (found === undefined) return false;
  const { from, until } = found.document;
  return at < (instantFromText(from) ?? at) || at >= (instantFromText(until) ?? Infinity);
}

function asked(part: EarnPart, input: CommandInput<Json>): PartGiven {
  return { ...kept(part, 'asked'), reason: 'approval', input };
}

/** Takes what the command says, which may be another than was worked out now. */
function settled({ held }: Given, part: EarnPart, sent: Sent): PartGiven {
  const { outcome } = sent;
  if (outcome.status === 'rejected') {
    const reason = outcome.reasons?.[0] ?? outcome.code;
    return { ...kept(part, 'refused'), reason };
  }
  const { legs } = sent.body as unknown as JournalBody;
  const points = legs.reduce((sum, leg) => sum + amountOf(leg), 0);
  for (const leg of legs) hold(held, leg);
  const lots = lotsOf(sent.id, legs.length);
  return { ...kept(part, 'given'), points, lots, reason: null };
}

function kept({ points, campaign, rules }: EarnPart, state: PartState): EarnedPart {
  return { points, campaign, rules, state, lots: [] };
}

function amountOf(leg: JournalBody['legs'][number]): number {
  return 'amount' in leg ? (leg.amount ?? 0) : 0;
}

/** What the next of the same page sees of the member. */
function hold(held: Held, leg: JournalBody['legs'][number]): void {
  if (!('credit_account_id' in leg)) return;
  const { active, pending, owed } = held.member.accounts;
  if (leg.credit_account_id === active) held.active += leg.amount;
  if (leg.credit_account_id === pending) held.pending += leg.amount;
  if (leg.credit_account_id === owed) held.owed -= leg.amount;
}

// Commands ----------------------------------------------------------------------------------------

function commandOf(
  given: Given,
  part: EarnPart,
  { key, owed }: { readonly key: string; readonly owed: number },
): CommandInput<Json> {
  return noted(given, earnCommand({ ...giving(given, part, key), owed }));
}

function awardOf(
  given: Given,
  part: EarnPart,
  { key, account, left, owed }: Budget & { readonly key: string; readonly owed: number },
): CommandInput<Json> {
  const { pointValueMicros, earning } = given;
  const worth = Math.floor((part.points * pointValueMicros) / 1_000_000);
  const moving = giving(given, part, key);
  const bps = earning.spend > 0 ? Math.floor((worth * 10_000) / earning.spend) : 0;
  return noted(
    given,
    awardCommand({
      ...moving,
      owed,
      campaign: part.campaign ?? '',
      budget: account,
      facts: {
        ...moving.facts,
        budgetLeft: Math.floor((left * pointValueMicros) / 1_000_000),
        rewardOfSpendBps: bps,
        varianceBps: 0,
      },
    }),
  );
}

function giving(given: Given, part: EarnPart, key: string): Giving {
  const { tenant, program, earning, held, movement, pointValueMicros } = given;
  const { maturesAt, expiresAt, spend } = earning;
  assert(part.points > 0, 'what gives nothing is not given');
  return {
    ...{ by: systemOf(tenant), key, program, member: held.member },
    reason: part.reason,
    source: movement.id,
    gifts: [
      {
        points: part.points,
        to: maturesAt === null ? 'active' : 'pending',
        rules: part.rules,
        campaign: part.campaign,
        maturesAt: maturesAt === null ? null : instantToText(maturesAt),
        expiresAt: expiresAt === null ? null : instantToText(expiresAt),
        // Said once: by what the programme itself gives, or else by the first campaign.
        ...(part === earning.parts[0] && spend > 0 ? { spend } : {}),
      },
    ],
    facts: { customerPoints: held.active + held.pending - held.owed, pointValueMicros },
  };
}

/** Whoever finds the command on record knows by which version and what it counted. */
function noted({ earning }: Given, input: CommandInput<Json>): CommandInput<Json> {
  const counted = JSON.stringify(earning.counted);
  const fits = counted.length <= metadataMax;
  const metadata = { version: earning.version, ...(fits ? { counted } : {}) };
  return { ...input, body: { ...(input.body as Record<string, Json>), metadata } };
}

/** As the schema of journals has it. */
const metadataMax = 512;
