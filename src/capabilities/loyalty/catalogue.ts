// The catalogue: rewards as data, each version published with somebody else's approval, and what of
// them is left.
import {
  canonicalJson,
  closed,
  type Command,
  Fault,
  instantFromText,
  instantToText,
  invalidRequest,
  type Json,
  type Page,
  pageOf,
  plainText,
  principalText,
  sha256Hex,
} from '#core';
import { approvalId, policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { type Guardrails, guardrailsOf, priceBounds } from './pricing.ts';
import { type Flaw, pointer, type Program, programName } from './program/program.ts';
import { readProgramInForce } from './program/versions.ts';

export const rewardKinds = [
  'cashback',
  'statement_credit',
  'merchandise',
  'travel',
  'voucher',
] as const;

const slug = Type.String({ pattern: '^[a-z][a-z0-9-]{0,59}$', examples: ['cashback-10'] });
const tier = Type.String({ pattern: '^[a-z][a-z0-9-]{0,59}$' });
const bps = (maximum: number) => Type.Integer({ minimum: 0, maximum });
const instant = Type.Optional(
  Type.String({ format: 'date-time', maxLength: 40, description: 'RFC 3339.' }),
);
const pointsMax = 1_000_000_000;
const minorUnitsMax = 1_000_000_000_000;

export const rewardSchema = Type.Object(
  {
    program: programName,
    reward: slug,
    title: plainText({ minLength: 1, maxLength: 120 }),
    description: plainText({ minLength: 1, maxLength: 1_000 }),
    kind: Type.Enum([...rewardKinds], {
      description: 'Cashback and statement credit are paid to an account of the customer.',
    }),
    points: Type.Integer({
      minimum: 1,
      maximum: pointsMax,
      description: 'The price that demand and stock move.',
    }),
    worth: Type.Integer({
      minimum: 1,
      maximum: minorUnitsMax,
      description: 'What the customer gets, in minor units of the home currency.',
    }),
    stock: Type.Union([Type.Integer({ minimum: 0, maximum: pointsMax }), Type.Null()], {
      description: 'How many there are from this publication on; null for any number.',
    }),
    moves: Type.Optional(
      Type.Object(
        {
          expected_per_day: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
          demand_max_bps: bps(5_000),
          scarcity_max_bps: bps(5_000),
        },
        {
          ...closed,
          description:
            'How far the price moves by itself, in hundredths of a percent of the base price: ' +
            'with redemptions of the last seven days against what is expected, and as less than ' +
            'a fifth of the stock is left. Without it the price stays.',
        },
      ),
    ),
    tiers: Type.Optional(
      Type.Array(Type.Object({ tier, discount_bps: bps(9_000) }, closed), { maxItems: 10 }),
    ),
    only_tiers: Type.Optional(
      Type.Array(tier, { minItems: 1, maxItems: 10, description: 'Everybody unless given.' }),
    ),
    from: instant,
    until: instant,
    status: Type.Enum(['offered', 'withdrawn']),
  },
  { ...closed, title: 'Reward' },
);
export type Reward = Type.Static<typeof rewardSchema>;

export const rewardBody = Type.Interface([rewardSchema], {
  approval_id: Type.Optional({
    ...approvalId,
    description: 'Subject kind `loyalty.reward.publish`; the subject is the rest of the body.',
  }),
});

export const cataloguePayloads = {
  'loyalty.reward_published': Type.Object({
    program: Type.String(),
    reward: Type.String(),
    version: Type.Integer(),
    digest: Type.String(),
    status: Type.String(),
    stock: Type.Union([Type.Integer(), Type.Null()]),
    approval_id: Type.String(),
  }),
};

export const catalogueOperations: PolicyOperations = {
  'loyalty.reward.publish': { changesRights: false, perform: publish },
};

async function publish(tx: pg.ClientBase, command: Command) {
  const { approval_id, ...reward } = command.body as Reward & { approval_id?: string };
  const program = await readProgramInForce(tx, reward.program, command.receivedAt);
  if (!program) throw new Fault('not_found', `there is no programme ${reward.program} in force`);
  expectSound(reward, program);
  const subject = reward as unknown as Json;
  const used = await useApproval(tx, {
    ...{ id: approval_id, subjectKind: 'loyalty.reward.publish', subject, command },
  });
  const digest = sha256Hex(canonicalJson(subject));
  const { rows } = await tx.query<{ version: number }>(
    `select version from loyalty.reward
      where tenant_id = $1 and program = $2 and reward = $3 for update`,
    [command.tenant, reward.program, reward.reward],
  );
  const version = (rows[0]?.version ?? 0) + 1;
  const of = [command.tenant, reward.program, reward.reward, version];
  await tx.query(
    `insert into loyalty.reward_version (tenant_id, program, reward, version, document, digest,
       approval_id, published_by, published_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[...of, JSON.stringify(reward), digest, approval_id],
      ...[principalText(command.principal), instantToText(command.receivedAt)],
    ],
  );
  await tx.query(
    `insert into loyalty.reward (tenant_id, program, reward, version, stock_left)
     values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, program, reward) do update
       set version = excluded.version, stock_left = excluded.stock_left`,
    [...of, reward.stock],
  );
  const told = { program: reward.program, reward: reward.reward, version, digest };
  const published = { ...told, status: reward.status, stock: reward.stock, approval_id };
  return [used, policyEvent(command, 'loyalty.reward_published', published as Json)];
}

/** That it can be redeemed at all, at a price within the guardrails. */
function expectSound(reward: Reward, program: Program): void {
  const rails = guardrailsOf(program);
  if (!rails) {
    throw new Fault(
      'conflict',
      `the programme ${reward.program} says nothing of redeeming: publish it with \`redemption\``,
    );
  }
  const flaws = rewardFlaws(reward, program, rails);
  if (flaws.length > 0) throw invalidRequest(flaws);
}

/** What a schema cannot tell, where the programme says how points are redeemed. */
export function rewardFlaws(reward: Reward, program: Program, rails: Guardrails): readonly Flaw[] {
  const { least, most } = priceBounds(reward.worth, rails);
  const base = BigInt(reward.points);
  const flaws: Flaw[] = [];
  if (base < least || base > most) {
    const bounds = `from ${least} to ${most} points`;
    const detail = `must be ${bounds} for what it is worth: so says the programme`;
    flaws.push({ pointer: '/points', detail });
  }
  const levels = program.tiers?.levels.map(({ id }) => id) ?? [];
  const named = [
    ...(reward.only_tiers ?? []).map((tier, at) => [tier, pointer('only_tiers', at)] as const),
    ...(reward.tiers ?? []).map(({ tier }, at) => [tier, pointer('tiers', at, 'tier')] as const),
  ];
  for (const [tier, place] of named) {
    if (levels.includes(tier)) continue;
    flaws.push({ pointer: place, detail: `${tier} is no tier of ${reward.program}` });
  }
  const [from, until] = [reward.from, reward.until].map((each) =>
    each === undefined ? undefined : instantFromText(each),
  );
  if (from !== undefined && until !== undefined && until <= from) {
    flaws.push({ pointer: '/until', detail: 'must be after `from`' });
  }
  return flaws;
}

// Reading -----------------------------------------------------------------------------------------

export type Offered = {
  readonly document: Reward;
  readonly version: number;
  readonly stock_left: number | null;
  readonly published_at: string;
  readonly published_by: string;
  readonly approval_id: string;
};

type Row = Omit<Offered, 'stock_left' | 'published_at'> & {
  readonly stock_left: bigint | null;
  readonly published_at: Date;
};

const offeredSql = `
  select v.document, r.version, r.stock_left, v.published_at, v.published_by, v.approval_id
    from loyalty.reward r join loyalty.reward_version v
      on v.tenant_id = r.tenant_id and v.program = r.program and v.reward = r.reward
     and v.version = r.version
   where r.tenant_id = core.current_tenant() and r.program = $1`;

/** `locking` is for who takes of the stock. */
export async function readReward(
  tx: pg.ClientBase,
  { program, reward }: { readonly program: string; readonly reward: string },
  locking: '' | 'for update of r' = '',
): Promise<Offered | undefined> {
  const { rows } = await tx.query<Row>(`${offeredSql} and r.reward = $2 ${locking}`, [
    ...[program, reward],
  ]);
  return rows[0] && offeredIn(rows[0]);
}

/** By their names. */
export async function listRewards(
  tx: pg.ClientBase,
  query: {
    readonly program: string;
    readonly status?: Reward['status'] | undefined;
    readonly limit: number;
    readonly after?: string | undefined;
  },
): Promise<Page<Offered>> {
  const { program, status, limit, after } = query;
  const { rows } = await tx.query<Row>(
    `${offeredSql} and ($2::text is null or v.document ->> 'status' = $2)
        and ($3::text is null or r.reward > $3) order by r.reward limit $4`,
    [program, status ?? null, after ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, ({ document }) => document.reward);
  return { ...page, items: page.items.map(offeredIn) };
}

/** A version, whether or not it is the one of today. */
export async function readRewardVersion(
  tx: pg.ClientBase,
  of: { readonly program: string; readonly reward: string; readonly version: number },
): Promise<Reward | undefined> {
  const { rows } = await tx.query<{ document: Reward }>(
    `select document from loyalty.reward_version
      where tenant_id = core.current_tenant() and program = $1 and reward = $2 and version = $3`,
    [of.program, of.reward, of.version],
  );
  return rows[0]?.document;
}

function offeredIn({ stock_left, published_at, ...row }: Row): Offered {
  return {
    ...row,
    stock_left: stock_left === null ? null : Number(stock_left),
    published_at: published_at.toISOString(),
  };
}
