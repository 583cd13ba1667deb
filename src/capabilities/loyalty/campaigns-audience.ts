// For whom a campaign is: conditions on a member, in CEL, by the engine of policy.
import { type Instant, instantFromText, dayMs } from '#core';
import { type Bindings, compileExpression, type ExpressionScope, factValue } from '#policy';
import type { Campaign } from './campaigns.ts';
import type { Member } from './members.ts';
import { type Flaw, pointer } from './program/program.ts';
import type { Standing } from './standing.ts';

/** All that a condition may look at. */
export const audienceFacts = {
  tier: 'string',
  balance: 'integer',
  lifetime_earned: 'integer',
  lifetime_redeemed: 'integer',
  days_as_member: 'integer',
  days_since_earned: 'integer',
  days_since_redeemed: 'integer',
} as const;
type Facts = Readonly<Record<keyof typeof audienceFacts, string | number | null>>;

/** The same for whoever writes a condition. */
export const audienceFactWords: Readonly<Record<keyof typeof audienceFacts, string>> = {
  tier: 'id of the tier that the member holds; unknown where there is none',
  balance: 'points that are active, less what is owed',
  lifetime_earned: 'points earned in all',
  lifetime_redeemed: 'points redeemed in all',
  days_as_member: 'whole days since the member joined',
  days_since_earned: 'whole days since points were earned last; unknown before the first',
  days_since_redeemed: 'whole days since points were redeemed last; unknown before the first',
};

const scope: ExpressionScope = new Map(Object.entries(audienceFacts));

/** What makes no sense of it, with its place. */
export function audienceFlaws({ audience = {} }: Pick<Campaign, 'audience'>): readonly Flaw[] {
  return Object.entries(audience).flatMap(([key, cell]) => {
    try {
      compileCondition(key, cell);
      return [];
    } catch (error) {
      return [{ pointer: pointer('audience', key), detail: (error as Error).message }];
    }
  });
}

function compileCondition(key: string, cell: string) {
  // What is looked at stands by itself: a cell must not reach into it.
  compileExpression(key, scope);
  return { key, ...compileExpression(`(${key}) ${cell}`, scope, 'boolean') };
}

/** The first condition that does not hold for a member; undefined where he belongs to it. */
export function outsideOf(
  campaign: Pick<Campaign, 'audience'>,
  of: { readonly member: Member; readonly standing: Standing; readonly tier: string | null },
  at: Instant,
): string | undefined {
  const facts = factsOf(of, at);
  const bindings: Record<string, Bindings[string]> = {};
  for (const [name, type] of Object.entries(audienceFacts)) {
    const value = factValue(facts[name as keyof Facts], type);
    if (value !== undefined) bindings[name] = value;
  }
  const audience = Object.entries(campaign.audience ?? {});
  const conditions = audience.map(([key, cell]) => compileCondition(key, cell));
  const failing = conditions.find(({ reads, evaluate }) => {
    // What is not known holds for nobody.
    if (!reads.every((name) => Object.hasOwn(bindings, name))) return true;
    const result = evaluate(bindings);
    return 'error' in result || result.value !== true;
  });
  return failing?.key;
}

function factsOf(
  {
    member,
    standing,
    tier,
  }: { readonly member: Member; readonly standing: Standing; readonly tier: string | null },
  at: Instant,
): Facts {
  const daysSince = (text: string | null) =>
    text === null ? null : Math.floor((at - (instantFromText(text) ?? at)) / dayMs);
  return {
    tier,
    balance: standing.balance,
    lifetime_earned: standing.lifetime_earned,
    lifetime_redeemed: standing.lifetime_redeemed,
    days_as_member: daysSince(member.enrolled_at),
    days_since_earned: daysSince(standing.last_earned_at),
    days_since_redeemed: daysSince(standing.last_redeemed_at),
  };
}
