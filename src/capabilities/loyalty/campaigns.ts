// Campaigns: what may be given beyond what a programme earns, to whom and when, out of a budget
// that the ledger keeps. Made with another person's approval, funded with a manager's.
import {
  closed,
  type Command,
  externalId,
  Fault,
  type Instant,
  instantFromText,
  instantToText,
  invalidRequest,
  type Json,
  type Page,
  pageOf,
  plainText,
  principalText,
  type Tx,
  type Uuid,
} from '#core';
import { approvalId, policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { audienceFacts, audienceFlaws } from './campaigns-audience.ts';
import { type Flaw, programName } from './program/program.ts';
import { readProgramInForce } from './program/versions.ts';

const pointsMax = 1_000_000_000;
const audienceNames = Object.keys(audienceFacts).join(', ');
const points = Type.Integer({ minimum: 1, maximum: pointsMax });
const instant = Type.String({ format: 'date-time', maxLength: 40, description: 'RFC 3339.' });

export const campaignId = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,59}$',
  examples: ['summer-dining'],
});

export const campaignSchema = Type.Object(
  {
    program: programName,
    campaign: campaignId,
    title: plainText({ minLength: 1, maxLength: 120 }),
    description: plainText({ minLength: 1, maxLength: 1_000 }),
    from: instant,
    until: { ...instant, description: 'RFC 3339; from then on it gives nothing.' },
    audience: Type.Optional(
      Type.Record(
        Type.String({ minLength: 1, maxLength: 300 }),
        Type.String({ minLength: 1, maxLength: 2_000 }),
        {
          minProperties: 1,
          maxProperties: 20,
          description:
            'Who may have an award: all must hold. A key is what is looked at, its cell goes on ' +
            `in CEL: {"tier": "in ['gold']"}. Of a member: ${audienceNames}.`,
        },
      ),
    ),
    points: { ...points, description: 'Of one award, unless it says otherwise.' },
    budget: { ...points, description: 'What is planned for all of it, in points.' },
  },
  { ...closed, title: 'Campaign' },
);
export type Campaign = Type.Static<typeof campaignSchema>;

export const campaignBody = Type.Interface([campaignSchema], {
  approval_id: Type.Optional({
    ...approvalId,
    description: 'Subject kind `loyalty.campaign.create`; the subject is the rest of the body.',
  }),
});
export const fundBody = Type.Object({ points }, closed);
export const awardBody = Type.Object(
  {
    customer: Type.String({ pattern: '^[A-Za-z0-9:_.-]{1,80}$' }),
    points: Type.Optional(points),
    source: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9:_.-]{1,80}$',
        description: 'What it follows from, such as an offer.',
      }),
    ),
  },
  closed,
);

export const campaignPayloads = {
  'loyalty.campaign_created': Type.Object({
    program: Type.String(),
    campaign: Type.String(),
    budget: Type.Integer(),
    from: Type.String(),
    until: Type.String(),
    approval_id: Type.String(),
  }),
};

export const campaignOperations: PolicyOperations = {
  'loyalty.campaign.create': { changesRights: false, perform: create },
};

async function create(tx: pg.ClientBase, command: Command) {
  const { approval_id, ...document } = command.body as Campaign & { approval_id?: string };
  const { program, campaign, from, until, budget } = document;
  const ruled = await readProgramInForce(tx, program, command.receivedAt);
  if (!ruled) throw new Fault('not_found', `there is no programme ${program} in force`);
  const flaws = campaignFlaws(document);
  if (flaws.length > 0) throw invalidRequest(flaws);
  const found = await findCampaign(tx, campaign);
  if (found) throw new Fault('conflict', `there is a campaign ${campaign} already`);
  const used = await useApproval(tx, {
    ...{ id: approval_id, subjectKind: 'loyalty.campaign.create', command },
    subject: document as Json,
  });
  await tx.query(
    `insert into loyalty.campaign (tenant_id, id, program, document, approval_id, created_by,
       created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      ...[command.tenant, campaign, program, JSON.stringify(document), approval_id],
      ...[principalText(command.principal), instantToText(command.receivedAt)],
    ],
  );
  const told = { program, campaign, budget, from, until, approval_id };
  return [used, policyEvent(command, 'loyalty.campaign_created', told as Json)];
}

/** What can be told by the document alone. */
export function campaignFlaws(campaign: Campaign): readonly Flaw[] {
  const { from, until, points, budget } = campaign;
  const flaws: Flaw[] = [];
  const [start, end] = [instantFromText(from), instantFromText(until)];
  if (start === undefined) {
    flaws.push({ pointer: '/from', detail: 'must be an instant that exists' });
  }
  if (end === undefined || (start !== undefined && end <= start)) {
    flaws.push({ pointer: '/until', detail: 'must be after `from`' });
  }
  if (points > budget) flaws.push({ pointer: '/points', detail: 'must be within the budget' });
  return [...flaws, ...audienceFlaws(campaign)];
}

// Reading -----------------------------------------------------------------------------------------

export const campaignView = Type.Interface([campaignSchema], {
  approval_id: Type.String(),
  created_by: Type.String(),
  created_at: Type.String(),
  use: Type.Object(
    {
      planned: Type.Integer({ description: 'The budget of the document.' }),
      funded: Type.Integer({ description: 'What was put into the account of the budget.' }),
      used: Type.Integer(),
      left: Type.Integer({ description: 'Of what was funded.' }),
      account_id: Type.Union([Type.String(), Type.Null()], {
        description: 'The account of the budget; null until it is opened.',
      }),
      used_bps: Type.Integer({ description: 'Of what was funded, in hundredths of a percent.' }),
      forecast: Type.Union([Type.Integer(), Type.Null()], {
        description:
          'What is used at its end, if it goes on as it has; null until a day of it has passed, ' +
          'or a tenth of its time where that is less.',
      }),
      lasts_until: Type.Union([Type.String(), Type.Null()], {
        description:
          'When the budget is used up, if it goes on so; null if that is after its end, and as ' +
          'long as `forecast` is.',
      }),
    },
    { description: 'In points.' },
  ),
});
export type CampaignView = Type.Static<typeof campaignView>;

export type CampaignRow = {
  readonly document: Campaign;
  readonly approval_id: string;
  readonly created_by: string;
  readonly created_at: Date;
};

export async function findCampaign(
  tx: pg.ClientBase,
  id: string,
): Promise<CampaignRow | undefined> {
  const { rows } = await tx.query<CampaignRow>(
    `select document, approval_id, created_by, created_at from loyalty.campaign
      where tenant_id = core.current_tenant() and id = $1`,
    [id],
  );
  return rows[0];
}

export async function readCampaign(
  tx: Tx,
  id: string,
  at: Instant,
): Promise<CampaignView | undefined> {
  const row = await findCampaign(tx, id);
  return row && viewOf(row, (await readBudgets(tx, [id])).get(id), at);
}

/** By their ids. */
export async function listCampaigns(
  tx: Tx,
  query: {
    readonly program?: string | undefined;
    readonly limit: number;
    readonly after?: string | undefined;
    readonly at: Instant;
  },
): Promise<Page<CampaignView>> {
  const { program, limit, after, at } = query;
  const { rows } = await tx.query<CampaignRow>(
    `select document, approval_id, created_by, created_at from loyalty.campaign
      where tenant_id = core.current_tenant() and ($1::text is null or program = $1)
        and ($2::text is null or id > $2) order by id limit $3`,
    [program ?? null, after ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, ({ document }) => document.campaign);
  const budgets = await readBudgets(
    tx,
    page.items.map(({ document }) => document.campaign),
  );
  const items = page.items.map((row) => viewOf(row, budgets.get(row.document.campaign), at));
  return { ...page, items };
}

/** What the ledger says of a budget, in points. */
export type Budget = {
  readonly funded: number;
  /** Less what returns have brought back to it. */
  readonly used: number;
  readonly left: number;
  readonly account_id: string | null;
};

export const noBudget: Budget = { funded: 0, used: 0, left: 0, account_id: null };

async function readBudgets(tx: Tx, ids: readonly string[]): Promise<Map<string, Budget>> {
  const { rows } = await tx.query<{
    campaign: string;
    account: Uuid;
    credits: bigint;
    debits: bigint;
    back: bigint;
  }>(
    `select a.campaign, a.account_id as account, m.credits_posted as credits,
            m.debits_posted as debits, b.back
       from loyalty.account a
       join money.account m on m.tenant_id = a.tenant_id and m.id = a.account_id
       join loyalty.account i on i.tenant_id = a.tenant_id and i.program = a.program
        and i.role = 'issued'
      cross join lateral (
        select coalesce(sum(t.amount), 0)::bigint as back from money.transfer t
         where t.tenant_id = a.tenant_id and t.credit_account_id = a.account_id
           and t.debit_account_id <> i.account_id) b
      where a.tenant_id = core.current_tenant() and a.role = 'budget'
        and a.campaign = any ($1)`,
    [ids],
  );
  return new Map(
    rows.map(({ campaign, account, credits, debits, back }) => {
      const [funded, used] = [Number(credits - back), Number(debits - back)];
      const account_id = externalId('account', account);
      return [campaign, { funded, used, left: funded - used, account_id }];
    }),
  );
}

export async function readBudget(tx: Tx, id: string): Promise<Budget> {
  return (await readBudgets(tx, [id])).get(id) ?? noBudget;
}

function viewOf(row: CampaignRow, budget = noBudget, at: Instant): CampaignView {
  const { document, created_at, ...rest } = row;
  return {
    ...{ ...document, ...rest, created_at: created_at.toISOString() },
    use: { planned: document.budget, ...budget, ...forecastOf(document, budget, at) },
  };
}

/** Minutes say nothing of weeks: a day of it has to have passed, or a tenth of a short time. */
const paceMs = 86_400_000;
const paceParts = 10;

/** At the pace of the campaign so far: a straight line, which is what can be promised of it. */
export function forecastOf(
  { from, until }: Pick<Campaign, 'from' | 'until'>,
  { funded, used, left }: Omit<Budget, 'account_id'>,
  at: Instant,
): {
  readonly used_bps: number;
  readonly forecast: number | null;
  readonly lasts_until: string | null;
} {
  const [start, end] = [instantFromText(from) ?? 0, instantFromText(until) ?? 0];
  const used_bps = funded === 0 ? 0 : share(used, 10_000, funded);
  const gone = Math.min(at, end) - start;
  if (gone < Math.min(paceMs, (end - start) / paceParts)) {
    return { used_bps, forecast: null, lasts_until: null };
  }
  const forecast = Math.max(used, share(used, end - start, gone));
  const emptyAt = used === 0 ? end : at + share(left, gone, used);
  return { used_bps, forecast, lasts_until: emptyAt < end ? instantToText(emptyAt) : null };
}

/**
 * By how much more was used than is planned by now, of the whole plan, in hundredths of a percent:
 * of what is planned by now a campaign that has just begun would be above it by any number.
 */
export function varianceBps(
  { from, until, budget }: Pick<Campaign, 'from' | 'until' | 'budget'>,
  used: number,
  at: Instant,
): number {
  const [start, end] = [instantFromText(from) ?? 0, instantFromText(until) ?? 0];
  const gone = Math.min(Math.max(at - start, 0), end - start);
  const planned = share(budget, gone, end - start);
  return Math.max(0, share(used - planned, 10_000, budget));
}

/** `of × part / whole`, exactly, towards zero. */
function share(of: number, part: number, whole: number): number {
  return Number((BigInt(of) * BigInt(part)) / BigInt(whole));
}
