// What points are good for at the demo bank: three rewards, a campaign that a manager has funded,
// and its gift to the customer who looks around.
import { instantToText, sha256Hex, systemClock, systemRandom, dayMs } from '#core';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allItems, type Client, clientAt } from './client.ts';
import { settleCustomer } from './demo-customer.ts';
import { approved, type Desk, deskOf } from './demo-desk.ts';
import { type Bank, say } from './installation.ts';
import { keepKey } from './start.ts';
import type { OpenTenant } from './tenants.ts';

const program = 'everyday';

/** A point is worth half a cent: a price may make it a quarter of a cent, or a whole one. */
const rewards = [
  {
    ...{ program, reward: 'cashback-5', title: '5.00 EUR back', kind: 'cashback' },
    description: 'Paid to your account at once.',
    ...{ points: 1_000, worth: 500, stock: null, status: 'offered' },
  },
  {
    ...{ program, reward: 'museum', title: 'Two tickets for the museum', kind: 'voucher' },
    description: 'For any day of the year. The fewer are left, the more points they cost.',
    ...{ points: 3_000, worth: 1_500, stock: 200, status: 'offered' },
    moves: { expected_per_day: 2, demand_max_bps: 1_000, scarcity_max_bps: 2_000 },
  },
  {
    ...{ program, reward: 'lounge-day', title: 'A day in the airport lounge', kind: 'travel' },
    description: 'For two, with breakfast. A fifth less with silver and gold.',
    ...{ points: 8_000, worth: 4_000, stock: 50, status: 'offered' },
    tiers: ['silver', 'gold'].map((tier) => ({ tier, discount_bps: 2_000 })),
  },
];

const campaign = 'welcome';
/** Points. */
const [gift, funded, planned] = [1_500, 150_000, 300_000];
/** It has been on for a week: how long a budget lasts cannot be told of a campaign of minutes. */
const [begunDaysAgo, endsInDays] = [7, 358];
/** Of the users of the demo, the one who approves what fills a budget. */
const manager = 'marketing-manager';

/** Whatever an earlier run has made is found again. */
export async function openRewards(bank: Bank, tenant: OpenTenant, data: string): Promise<void> {
  const desk = deskOf(bank, tenant, data, 'Rewards of the demo bank');
  const { administrator } = desk;
  const catalogue = `/v1/loyalty/catalogue?program=${program}&limit=500`;
  type Listed = { readonly items: readonly { readonly reward: string }[] };
  const { items } = await administrator.get<Listed>(catalogue);
  for (const each of rewards) {
    if (items.some(({ reward }) => reward === each.reward)) continue;
    await approved(desk, '/v1/loyalty/catalogue', each);
  }
  type Made = { readonly campaign: string; readonly use: { readonly funded: number } };
  const campaigns = await allItems<Made>(administrator, '/v1/loyalty/campaigns');
  const found = campaigns.find((each) => each.campaign === campaign);
  if (!found) await approved(desk, '/v1/loyalty/campaigns', campaignFrom(systemClock().now()));
  if (found?.use.funded) return;
  const approver = await welcomeManager({ bank, tenant, data }, desk);
  const fund = `/v1/loyalty/campaigns/${campaign}/fund`;
  await approved({ ...desk, approver }, fund, { points: funded });
  say(`${tenant.id} has rewards: ${rewards.map(({ title }) => title).join(', ')}`);
}

/** The customer of the demo becomes a member, with points for a first reward. */
export async function greetMember(bank: Bank, tenant: OpenTenant, data: string): Promise<void> {
  const clerk = clientAt(bank.url, tenant.apiKey);
  const { customer } = await settleCustomer(bank, tenant, data);
  type Member = { readonly lifetime_earned: number };
  const joined = { program, customer };
  const member = await clerk.post<Member>('/v1/loyalty/members', joined, `demo/joined/${customer}`);
  if (member.lifetime_earned > 0) return;
  const awards = `/v1/loyalty/campaigns/${campaign}/awards`;
  await clerk.post(awards, { customer }, `demo/welcome/${customer}`);
}

function campaignFrom(now: number): object {
  return {
    ...{ program, campaign, title: 'Welcome', points: gift, budget: planned },
    description: 'For whoever joins: enough for a first reward.',
    from: instantToText(now - begunDaysAgo * dayMs),
    until: instantToText(now + endsInDays * dayMs),
    audience: { lifetime_redeemed: '== 0' },
  };
}

type Place = { readonly bank: Bank; readonly tenant: OpenTenant; readonly data: string };

/** Gives a key to the manager, who else signs in at the console alone. */
async function welcomeManager({ bank, tenant, data }: Place, desk: Desk): Promise<Client> {
  const name = `${tenant.id}-${manager}`;
  const file = join(data, 'api-keys', name);
  // Whom an earlier run has given one may have got no further.
  if (existsSync(file)) return clientAt(bank.url, readFileSync(file, 'utf8').trim());
  const secret = Buffer.from(systemRandom().bytes(32)).toString('hex');
  await approved(desk, '/v1/api-keys', {
    ...{ name: manager, principal_kind: 'user', principal_id: manager },
    scopes: ['policy:approve', 'policy:read', 'loyalty:read', 'offers:read'],
    secret_digest: sha256Hex(secret),
  });
  keepKey(data, name, secret);
  return clientAt(bank.url, secret);
}
