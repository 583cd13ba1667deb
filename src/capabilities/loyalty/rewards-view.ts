// What a member sees of his rewards: points, what runs out when, the tier and the way to the next,
// and what has moved, in words.
import type { Instant, Tx } from '#core';
import { type Entry, listEntries } from './entries.ts';
import { type Member, membershipsOf } from './members.ts';
import type { Program } from './program/program.ts';
import { readProgramInForce } from './program/versions.ts';
import { type ExpiryBucket, readStanding } from './standing.ts';
import { doneBy, findTier, heldTier } from './tier-moves.ts';
import { nextTier } from './tiers.ts';

export type MemberRewards = {
  readonly program: string;
  readonly title: string;
  readonly standing: Member['standing'];
  readonly unit: string;
  readonly currency: string;
  readonly balance: number;
  readonly spendable: number;
  readonly pending: number;
  readonly owed: number;
  /** Minor units of the currency: what may be spent now is worth so much. */
  readonly worth: number;
  readonly tier: MemberTier | null;
  readonly expiring: readonly ExpiryBucket[];
  readonly entries: readonly RewardEntry[];
};

export type MemberTier = {
  readonly tier: string;
  readonly title: string;
  /** Null for the lowest, which nobody has to keep. */
  readonly until: string | null;
  readonly basis: 'earned_points' | 'spend';
  /** In the period, towards the next tier. */
  readonly counted: number;
  readonly next: {
    readonly tier: string;
    readonly threshold: number;
    readonly missing: number;
  } | null;
  readonly benefits: readonly { readonly id: string; readonly title: string }[];
};

export type RewardEntry = {
  readonly transfer_id: string;
  readonly at: string;
  /** More than zero for what was given. */
  readonly points: number;
  readonly entry: string;
  readonly words: string;
  /** What has made it more or less than usual, as the programme calls it. */
  readonly rules: readonly string[];
  /** Minor units of the currency: what was paid for it. */
  readonly spend: number | null;
  readonly expires_at: string | null;
};

const entriesMax = 20;

/** Of each programme that the customer is a member of. */
export async function readRewards(
  tx: Tx,
  { customer, at }: { readonly customer: string; readonly at: Instant },
): Promise<readonly MemberRewards[]> {
  const found: MemberRewards[] = [];
  for (const member of await membershipsOf(tx, customer)) {
    const ruled = await readProgramInForce(tx, member.program, at);
    if (ruled) found.push(await rewardsOf(tx, { member, ruled }, at));
  }
  return found;
}

async function rewardsOf(
  tx: Tx,
  { member, ruled }: { readonly member: Member; readonly ruled: Program },
  at: Instant,
): Promise<MemberRewards> {
  const { program, customer, standing } = member;
  const asked = { at, timeZone: ruled.time_zone };
  const stands = await readStanding(tx, program, customer, asked);
  const { balance, spendable, pending, owed, expiring } = stands;
  const worth = (BigInt(spendable) * BigInt(ruled.point_value_micros)) / 1_000_000n;
  return {
    ...{ program, title: ruled.title, standing, unit: ruled.unit, currency: ruled.currency },
    ...{ balance, spendable, pending, owed, worth: Number(worth), expiring },
    tier: await tierOfMember(tx, { member, ruled }, at),
    entries: await readEntries(tx, { member, ruled }),
  };
}

/** Null where the programme has no tiers. */
export async function tierOfMember(
  tx: Tx,
  { member, ruled }: { readonly member: Member; readonly ruled: Program },
  at: Instant,
): Promise<MemberTier | null> {
  const { tiers } = ruled;
  if (!tiers) return null;
  const { program, customer } = member;
  const tier = (await heldTier(tx, ruled, customer)) ?? '';
  const row = await findTier(tx, { program, customer });
  const of = { customer, now: at, held: null };
  const { current } = await doneBy(tx, { ...ruled, tiers }, of);
  const level = tiers.levels.find(({ id }) => id === tier);
  return {
    ...{ tier, title: level?.title ?? tier, basis: tiers.basis, counted: current },
    until: row && row.tier === tier ? row.until.toISOString() : null,
    next: nextTier(tiers, { tier, current }),
    benefits: (level?.benefits ?? []).map(({ id, title }) => ({ id, title })),
  };
}

// Entries -----------------------------------------------------------------------------------------

/** The latest, newest first. */
async function readEntries(
  tx: Tx,
  { member, ruled }: { readonly member: Member; readonly ruled: Program },
): Promise<RewardEntry[]> {
  const titles = new Map(ruled.earn.rules.map(({ id, title }) => [id, title]));
  const page = await listEntries(tx, member, { limit: entriesMax });
  return (page?.items ?? []).map(({ transfer_id, recorded_at, change, ...of }) => ({
    ...{ transfer_id, at: recorded_at, points: change, entry: of.entry ?? 'other' },
    ...{ words: wordsOf(of), spend: of.spend, expires_at: of.expires_at },
    rules: of.rules.flatMap((rule) => titles.get(rule) ?? []),
  }));
}

const reasonWords: Readonly<Record<string, string>> = {
  purchase: 'For a purchase.',
  deposit: 'For a deposit.',
  international_payment: 'For a payment to another country.',
  balance_milestone: 'For a balance that you have reached.',
  campaign: 'From a campaign.',
  missing_points: 'Points that were missing.',
  goodwill: 'A gift of the bank.',
};
const entryWords: Readonly<Record<string, string>> = {
  earn: 'Earned.',
  award: 'From a campaign.',
  adjust: 'Corrected by the bank.',
  transfer: 'Moved from or to another member.',
  mature: 'Ready to be spent.',
  redeem: 'Redeemed for a reward.',
  restore: 'Given back: a redemption was reversed.',
  take_back: 'Taken back: what they were given for was sent back.',
  expire: 'Their time was over.',
  forfeit: 'Ended with the membership.',
};

/** Why it was given says more than that it was; of what is taken the entry says it. */
function wordsOf({ entry, reason }: Pick<Entry, 'entry' | 'reason'>): string {
  const gives = entry !== null && ['earn', 'award', 'adjust'].includes(entry);
  const why = gives ? reasonWords[reason ?? ''] : undefined;
  return why ?? entryWords[entry ?? ''] ?? 'Moved.';
}
