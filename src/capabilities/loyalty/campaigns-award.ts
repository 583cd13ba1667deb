// Awards and budgets of a campaign as commands: what the ledger is to move, with what policy wants
// to know of it.
import {
  type Clock,
  type Command,
  type CommandInput,
  Fault,
  type Instant,
  instantFromText,
  instantToText,
  type Json,
  type Tx,
} from '#core';
import type { PostLeg } from '#money';
import { readRecorded } from './accrual-send.ts';
import {
  budgetAccount,
  look,
  openBudget,
  openProgramAccounts,
  programAccounts,
  type SystemParts,
} from './accounts.ts';
import { refusedBefore } from './adjustments.ts';
import { outsideOf } from './campaigns-audience.ts';
import { type Budget, type Campaign, findCampaign, readBudget, varianceBps } from './campaigns.ts';
import { readMember } from './members.ts';
import { awardCommand, fundCommand } from './points.ts';
import { expiresAt } from './program/expiry.ts';
import { readProgramInForce } from './program/versions.ts';
import { readStanding } from './standing.ts';
import { heldTier } from './tier-moves.ts';

type By = Command['principal'];

/** The accounts that a campaign needs, opened once: of its programme, and for its budget. */
export async function openCampaign(
  parts: SystemParts & { readonly clock: Clock },
  tenant: string,
  { program, campaign }: Pick<Campaign, 'program' | 'campaign'>,
): Promise<void> {
  const read = (tx: Tx) => readProgramInForce(tx, program, parts.clock.now());
  const ruled = await look(parts, tenant, read);
  if (!ruled) throw new Fault('conflict', `the programme ${program} is not in force`);
  const { unit, currency } = ruled;
  await openProgramAccounts(parts, tenant, { program, unit, currency });
  await openBudget(parts, tenant, { program, campaign });
}

/** To fill a budget: its approval is bound to these very words, so they hold nothing of today. */
export async function fundingOf(
  parts: Pick<SystemParts, 'database'>,
  tenant: string,
  asked: {
    readonly by: By;
    readonly key: string;
    readonly campaign: string;
    readonly points: number;
    readonly at: Instant;
  },
): Promise<CommandInput<Json>> {
  const { by, key, campaign, points, at } = asked;
  return look(parts, tenant, async (tx) => {
    const { document, accounts, budget, ruled } = await gather(tx, campaign, at);
    return fundCommand({
      ...{ by, key, program: accounts, campaign: document.campaign, budget, points },
      ...{ reason: 'budget', pointValueMicros: ruled.point_value_micros },
    });
  });
}

/** To one member, in the window of the campaign and of its audience. */
export async function awardOf(
  parts: Pick<SystemParts, 'database'>,
  tenant: string,
  asked: {
    readonly by: By;
    readonly key: string;
    readonly campaign: string;
    readonly customer: string;
    readonly points?: number | undefined;
    readonly source?: string | undefined;
    readonly at: Instant;
  },
): Promise<{ readonly command: CommandInput<Json>; readonly budget: Budget }> {
  const { by, key, campaign, customer, source, at } = asked;
  return look(parts, tenant, async (tx) => {
    // A retry is told the first answer, and what others have approved is done as it was asked for,
    // whatever has moved since.
    const recorded = (await readRecorded(tx, [key])).get(key);
    const before = recorded ?? (await refusedBefore(tx, key, at));
    if (before?.operation === 'points.award' && isAwardOf(before.body, asked)) {
      const { operation, body } = before;
      const command = { principal: by, idempotencyKey: key, operation, body };
      return { command, budget: await readBudget(tx, campaign) };
    }
    const { document, accounts, budget, ruled } = await gather(tx, campaign, at);
    refuseOutsideWindow(document, at);
    const member = await readMember(tx, document.program, customer);
    if (!member) {
      throw new Fault('not_found', `there is no member ${customer} of ${document.program}`);
    }
    const standing = await readStanding(tx, document.program, customer, { at });
    const tier = await heldTier(tx, ruled, customer);
    const outside = outsideOf(document, { member, standing, tier }, at);
    if (outside !== undefined) {
      throw new Fault('conflict', `${customer} is not of the audience: ${outside}`);
    }
    const use = await readBudget(tx, campaign);
    const ends = expiresAt(ruled, at);
    const value = ruled.point_value_micros;
    const command = awardCommand({
      ...{ by, key, program: accounts, member, campaign, budget, reason: 'campaign' },
      ...(source === undefined ? {} : { source }),
      owed: standing.owed,
      gifts: [
        {
          ...{ points: asked.points ?? document.points, to: 'active' },
          expiresAt: ends === null ? null : instantToText(ends),
        },
      ],
      facts: {
        customerPoints: standing.balance + standing.pending,
        pointValueMicros: value,
        budgetLeft: Number((BigInt(use.left) * BigInt(value)) / 1_000_000n),
        // An award that follows from no spending rewards none.
        rewardOfSpendBps: 0,
        varianceBps: varianceBps(document, use.used, at),
      },
    });
    return { command, budget: use };
  });
}

function isAwardOf(
  body: Json,
  asked: {
    readonly campaign: string;
    readonly customer: string;
    readonly points?: number | undefined;
  },
): boolean {
  const { legs } = body as unknown as { readonly legs: readonly PostLeg[] };
  const points = legs.reduce((sum, { amount }) => sum + amount, 0);
  const isAsked = ({ metadata = {} }: PostLeg) =>
    metadata['campaign'] === asked.campaign && metadata['member'] === asked.customer;
  return legs.every(isAsked) && points === (asked.points ?? points);
}

async function gather(tx: Tx, campaign: string, at: Instant) {
  const found = await findCampaign(tx, campaign);
  if (!found) throw new Fault('not_found', `there is no campaign ${campaign}`);
  const { document } = found;
  const accounts = await programAccounts(tx, document.program);
  const budget = await budgetAccount(tx, document.program, campaign);
  const ruled = await readProgramInForce(tx, document.program, at);
  if (!accounts || !ruled || budget === undefined) {
    throw new Fault('conflict', `${campaign} has no account for its budget yet: fund it first`);
  }
  return { document, accounts, budget, ruled };
}

function refuseOutsideWindow({ campaign, from, until }: Campaign, at: Instant): void {
  if (at < (instantFromText(from) ?? at))
    throw new Fault('conflict', `${campaign} begins at ${from}`);
  if (at >= (instantFromText(until) ?? at))
    throw new Fault('conflict', `${campaign} ended at ${until}`);
}
