// The customer's rewards: points and tier, what runs out, and points that are missing.
import { closed, nullable } from '#core';
import Type from 'typebox';
import type { Tool } from '../tool.ts';

const points = Type.Integer();
const text = Type.String();
const program = Type.String({
  pattern: '^[a-z][a-z0-9-]{1,39}$',
  description: 'Of the programme, as loyalty.balance tells it.',
});
const claimId = Type.String({ pattern: '^clm_[0-9a-hjkmnp-tv-z]{26}$' });

const claim = Type.Object(
  {
    claim_id: claimId,
    status: Type.String({
      description:
        'credited; crediting, where points are on their way; waiting or appealed, where people ' +
        'of the bank look at it; refused, which may be appealed; upheld, which may not.',
    }),
    explanation: Type.String({ description: 'What the rules of the programme say, in words.' }),
    points_due: points,
    points_given: points,
  },
  closed,
);

export const rewardsBalance: Tool = {
  name: 'loyalty.balance',
  title: 'Points and tier of the customer',
  description:
    'Tells how many points the customer has in each programme, how many of them may be spent ' +
    'now, what those are worth, the tier, and how far the next one is.',
  ...{ version: 1, owner: 'loyalty', effect: 'read', cost: 1 },
  purposes: ['servicing', 'advice'],
  input: Type.Object({}, closed),
  output: Type.Object(
    {
      programs: Type.Array(
        Type.Object(
          {
            program: text,
            title: text,
            standing: Type.String({ description: 'good, suspended or closed.' }),
            balance: points,
            spendable: points,
            pending: points,
            worth: Type.Integer({ description: 'Of what is spendable, in minor units.' }),
            currency: text,
            tier: nullable(text),
            next_tier: nullable(Type.Object({ tier: text, missing: Type.Integer() }, closed)),
          },
          closed,
        ),
      ),
    },
    closed,
  ),
  async run({ rewards }) {
    const found = await rewards.read();
    return {
      programs: found.map(({ program: name, title, standing, balance, spendable, ...of }) => ({
        ...{ program: name, title, standing, balance, spendable, pending: of.pending },
        ...{ worth: of.worth, currency: of.currency, tier: of.tier?.title ?? null },
        next_tier: of.tier?.next
          ? { tier: of.tier.next.tier, missing: of.tier.next.missing }
          : null,
      })),
    };
  },
};

export const expiringPoints: Tool = {
  name: 'loyalty.expiring',
  title: 'Points that run out',
  description:
    'Lists which points of the customer run out in which month, soonest first. Points that are ' +
    'not listed do not run out, or not within two years.',
  ...{ version: 1, owner: 'loyalty', effect: 'read', cost: 1 },
  purposes: ['servicing', 'advice'],
  input: Type.Object({}, closed),
  output: Type.Object(
    {
      expiring: Type.Array(
        Type.Object(
          {
            program: text,
            month: Type.String({ description: 'As 2026-05.' }),
            points,
            first_expires_at: text,
          },
          closed,
        ),
      ),
    },
    closed,
  ),
  async run({ rewards }) {
    const found = await rewards.read();
    const expiring = found.flatMap((each) =>
      each.expiring.map((bucket) => ({ program: each.program, ...bucket })),
    );
    return { expiring };
  },
};

export const claimMissingPoints: Tool = {
  name: 'loyalty.claim_missing_points',
  title: 'Claim points that are missing',
  description:
    'Claims points that the customer misses for a transaction. The bank works out again what its ' +
    'rules give for it: what is due and small is given at once, all else is for people. The ' +
    'answer says why, also where nothing is due. The call waits until the customer has agreed ' +
    'to it at the bank; then call again with the same arguments.',
  ...{ version: 1, owner: 'loyalty', effect: 'write', cost: 10 },
  purposes: ['servicing'],
  input: Type.Object(
    {
      program,
      transaction_id: Type.String({
        pattern: '^trf_[0-9a-hjkmnp-tv-z]{26}$',
        description: 'Of the transaction, as accounts.transactions tells it.',
      }),
    },
    closed,
  ),
  output: claim,
  terms: (given) =>
    `Claim points of ${String(given['program'])} that are missing for the transaction ending in ` +
    `${String(given['transaction_id']).slice(-4)}.`,
  run({ rewards, arguments: given, onceKey }) {
    const { program: name, transaction_id: transfer_id } = given as Readonly<
      Record<string, string>
    >;
    return rewards.claim({ program: name ?? '', transfer_id: transfer_id ?? '', key: onceKey() });
  },
};

export const appealClaim: Tool = {
  name: 'loyalty.appeal',
  title: 'Have a person look at a refused claim',
  description:
    'Hands a claim of missing points that was refused to people of the bank, once. The call ' +
    'waits until the customer has agreed to it at the bank; then call again with the same ' +
    'arguments.',
  ...{ version: 1, owner: 'loyalty', effect: 'write', cost: 10 },
  purposes: ['servicing'],
  input: Type.Object({ claim_id: claimId }, closed),
  output: claim,
  terms: (given) =>
    'Have a person look at the claim of missing points ending in ' +
    `${String(given['claim_id']).slice(-4)}.`,
  run: ({ rewards, arguments: given, onceKey }) =>
    rewards.appeal({ claim_id: given['claim_id'] as string, key: onceKey() }),
};
