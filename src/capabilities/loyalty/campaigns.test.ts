// Campaigns: out of a budget that a manager has agreed to, which the ledger never overdraws.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { canonicalJson, commandDigest, type Json } from '#core';
import { approvalOf } from '#policy';
import { day, openBank } from '../../../test/bank.ts';
import { foldPoints, openPoints } from '../../../test/points.ts';
import { refused } from '../../../test/reviewed.ts';
import { openRewards, type Rewards } from '../../../test/rewards.ts';
import { openBudget } from './accounts.ts';
import { awardOf, fundingOf } from './campaigns-award.ts';
import { examineCampaign } from './campaigns-check.ts';
import { type Campaign, forecastOf, readCampaign, varianceBps } from './campaigns.ts';
import { everydayProgram } from './program/shipped.ts';
import { readStanding } from './standing.ts';

const bank = await openBank({ after });
const { planes, time } = bank;
const program = 'everyday';
const instant = (at: number) => new Date(at).toISOString();

function spring(more: Partial<Campaign> = {}): Campaign {
  return {
    ...{ program, campaign: 'spring', title: 'Spring', description: 'Points for spring.' },
    ...{ from: instant(time.now - day), until: instant(time.now + 9 * day) },
    ...{ points: 500, budget: 100_000, ...more },
  };
}

async function open(more: Partial<Campaign> = {}, document = everydayProgram()) {
  const rewards = await openRewards(bank, document);
  await rewards.create(spring(more) as unknown as Json);
  await openBudget(planes, rewards.tenant.id, { program: document.name, campaign: 'spring' });
  await rewards.grant('max', 'marketing_manager');
  return rewards;
}

/** As `mara`: of what policy wants a manager to see, `checker` says yes, and it comes again. */
async function fund(rewards: Rewards, points: number, checker = 'max') {
  const by = { kind: 'user', id: 'mara', tenant: rewards.tenant.id } as const;
  const ask = (key: string) =>
    fundingOf(planes, rewards.tenant.id, {
      ...{ by, key, campaign: 'spring', points, at: time.now },
    });
  const first = await ask(`fund ${points} ${checker}`);
  const { outcome } = await planes.execute(first);
  const approval = await approve(rewards, first, checker);
  return { outcome, again: (await planes.execute(await ask(approval))).outcome };
}

async function approve(
  { as, tenant }: Rewards,
  { operation, body }: { readonly operation: string; readonly body: Json },
  checker: string,
): Promise<string> {
  const bodyText = canonicalJson(body);
  const { commandId } = await as('mara')('approval.request', {
    subject_kind: 'command',
    subject_digest: commandDigest({ tenant: tenant.id, operation, bodyText }),
    summary: 'a budget',
    expires_at: instant(time.now + day),
  });
  const approval_id = approvalOf(commandId);
  await as(checker)('approval.decide', { approval_id, verdict: 'approve', reason: 'seen' });
  return approval_id;
}

let keys = 0;
async function award(rewards: Rewards, customer: string, more: object = {}) {
  keys += 1;
  const { tenant } = rewards;
  const by = { kind: 'user', id: 'mara', tenant: tenant.id } as const;
  const asked = { by, key: `award-${keys}`, campaign: 'spring', customer, at: time.now, ...more };
  const { command } = await awardOf(planes, tenant.id, asked);
  return (await planes.execute(command)).outcome;
}

const use = ({ tenant }: Rewards) =>
  tenant.read(async (tx) => (await readCampaign(tx, 'spring', time.now))?.use);

test('a budget needs a manager, and anybody else’s yes is not enough', async () => {
  const rewards = await open();
  const byClerk = await fund(rewards, 10_000, 'ben');
  assert.deepEqual(
    [byClerk.outcome, byClerk.again].map((each) => each.status === 'rejected' && each.code),
    ['policy_review', 'policy_review'],
  );
  const byManager = await fund(rewards, 20_000);
  assert.equal(byManager.again.status, 'accepted');
  const told = await use(rewards);
  assert.deepEqual([told?.planned, told?.funded, told?.left], [100_000, 20_000, 20_000]);
});

test('awards use the budget up to the last point, and never more', async () => {
  const rewards = await open();
  await fund(rewards, 1_200);
  for (const customer of ['cus_1', 'cus_2', 'cus_3']) await rewards.points.enrol(customer);
  const found = await Promise.all(['cus_1', 'cus_2', 'cus_3'].map((each) => award(rewards, each)));
  assert.equal(found.filter(({ status }) => status === 'accepted').length, 2);
  const [lost] = found.flatMap((each) => (each.status === 'rejected' ? [each.code] : []));
  assert.ok(lost === 'insufficient_funds' || lost === 'policy_review');
  const { account_id, ...figures } = (await use(rewards)) ?? {};
  assert.match(account_id ?? '', /^acc_/);
  assert.deepEqual(figures, {
    ...{ planned: 100_000, funded: 1_200, used: 1_000, left: 200, used_bps: 8_333 },
    ...{ forecast: 10_000, lasts_until: instant(time.now + 0.2 * day) },
  });
  await fund(rewards, 800);
  assert.equal((await award(rewards, 'cus_3', { points: 1_000 })).status, 'accepted');
  await foldPoints(bank);
  const given = await rewards.tenant.read((tx) =>
    readStanding(tx, program, 'cus_3', { at: time.now }),
  );
  assert.ok(given.balance >= 1_000);
});

test('many points are looked at, and very many by a manager', async () => {
  const rewards = await open();
  await fund(rewards, 100_000);
  await rewards.points.enrol('cus_1');
  const codes = [];
  for (const points of [10_000, 10_001, 50_001]) {
    const outcome = await award(rewards, 'cus_1', { points });
    codes.push(outcome.status === 'rejected' ? outcome.reasons : 'accepted');
  }
  assert.equal(codes[0], 'accepted');
  assert.ok((codes[1] as string[]).includes('many_points'));
  assert.ok((codes[2] as string[]).includes('very_many_points'));
});

test('a campaign is for its audience, in its window, of its own programme', async () => {
  const audience = { lifetime_earned: '>= 1000' };
  const rewards = await open({ audience });
  await fund(rewards, 10_000);
  const [poor, rich] = [await rewards.points.enrol('cus_1'), await rewards.points.enrol('cus_2')];
  await rewards.points.earn(poor, 999);
  await rewards.points.earn(rich, 1_000);
  await foldPoints(bank);
  await refused(award(rewards, 'cus_1'), 'conflict');
  assert.equal((await award(rewards, 'cus_2')).status, 'accepted');
  await refused(award(rewards, 'cus_nobody'), 'not_found');
  const later = time.now + 10 * day;
  await refused(award(rewards, 'cus_2', { at: later }), 'conflict');
  await refused(award(rewards, 'cus_2', { campaign: 'autumn' }), 'not_found');
});

test('who is a member of another programme alone is not of the campaign', async () => {
  const rewards = await open();
  await fund(rewards, 10_000);
  const others = await openPoints(bank, rewards.tenant.id, { program: 'miles', unit: 'MILES' });
  await others.enrol('cus_9');
  await refused(award(rewards, 'cus_9'), 'not_found');
});

test('a retry is told the first answer, whatever the member has by then', async () => {
  const rewards = await open();
  await fund(rewards, 10_000);
  const member = await rewards.points.enrol('cus_1');
  assert.equal((await award(rewards, 'cus_1', { key: 'once' })).status, 'accepted');
  await rewards.points.earn(member, 700);
  await foldPoints(bank);
  assert.equal((await award(rewards, 'cus_1', { key: 'once' })).status, 'accepted');
  assert.equal((await use(rewards))?.used, 500);
});

test('a campaign is made by two, with an audience that makes sense', async () => {
  const rewards = await openRewards(bank);
  const alone = rewards.as('mara')('loyalty.campaign.create', spring() as unknown as Json);
  await refused(alone, 'approval_required');
  const odd = spring({ audience: { shoe_size: '> 40' } });
  await refused(rewards.create(odd as unknown as Json), 'invalid_request');
  await rewards.create(spring() as unknown as Json);
  await refused(rewards.create(spring({ title: 'Again' }) as unknown as Json), 'conflict');
  await refused(
    rewards.create(spring({ campaign: 'c', program: 'miles' }) as unknown as Json),
    'not_found',
  );
});

test('the forecast is the pace so far', () => {
  const campaign = spring();
  const at = time.now;
  const all = (used: number, funded = 100_000) => ({ funded, used, left: funded - used });
  assert.deepEqual(forecastOf(campaign, all(5_000), at), {
    ...{ used_bps: 500, forecast: 50_000, lasts_until: null },
  });
  assert.deepEqual(forecastOf(campaign, all(20_000), at), {
    ...{ used_bps: 2_000, forecast: 200_000, lasts_until: instant(at + 4 * day) },
  });
  assert.equal(forecastOf(campaign, all(0), at - 2 * day).forecast, null);
  assert.equal(varianceBps(campaign, 10_000, at), 0);
  assert.equal(varianceBps(campaign, 40_000, at), 3_000);
});

test('what minutes have used is no forecast of weeks', () => {
  const begun = instant(time.now);
  const used = { funded: 100_000, used: 500, left: 99_500 };
  const none = { used_bps: 50, forecast: null, lasts_until: null };
  const long = { from: begun, until: instant(time.now + 90 * day) };
  for (const gone of [60_000, day - 1]) {
    assert.deepEqual(forecastOf(long, used, time.now + gone), none);
  }
  assert.equal(forecastOf(long, used, time.now + day).forecast, 45_000);
  const short = { from: begun, until: instant(time.now + 0.5 * day) };
  assert.deepEqual(forecastOf(short, used, time.now + 0.049 * day), none);
  assert.equal(forecastOf(short, used, time.now + 0.05 * day).forecast, 5_000);
});

test('what a campaign would do is told before anybody is asked', async () => {
  const rewards = await openRewards(bank);
  const examine = (campaign: object) =>
    rewards.tenant.read((tx) => examineCampaign(tx, campaign as Campaign, time.now));
  assert.deepEqual(await examine(spring({ budget: 1_250 })), {
    flaws: [],
    remarks: [
      'Its budget is enough for 2 awards of 500 points.',
      'No rule of everyday names it: it gives what is awarded, and nothing by itself.',
    ],
  });
  const audience = { tier: "in ['gold']", shoe_size: '> 40', 'balance / 2': 'or nothing' };
  const bad = spring({ audience, until: spring().from, points: 200_000, program: 'miles' });
  const { flaws, remarks } = await examine(bad);
  assert.deepEqual(
    flaws.map(({ pointer }) => pointer),
    ['/until', '/points', '/audience/shoe_size', '/audience/balance ~1 2', '/program'],
  );
  assert.deepEqual(remarks, []);
  await refused(rewards.create({ ...bad, program: 'everyday' } as Json), 'invalid_request');
  await rewards.create(spring() as unknown as Json);
  assert.deepEqual(
    (await examine(spring())).flaws.map(({ pointer }) => pointer),
    ['/campaign'],
  );
});
