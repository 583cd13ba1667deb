// A programme with rewards, for tests that redeem: members, quotes, and what is published by two.
import type { Json } from '#core';
import { approvalOf } from '#policy';
import { type Bank, day, type Tenant } from './bank.ts';
import { type Points, openPoints } from './points.ts';
import { actAs, publishProgram } from './programs.ts';
import { quoteOf } from '../src/capabilities/loyalty/catalogue-quotes.ts';
import type { Reward } from '../src/capabilities/loyalty/catalogue.ts';
import type { Program } from '../src/capabilities/loyalty/program/program.ts';
import { everydayProgram } from '../src/capabilities/loyalty/program/shipped.ts';
import { carryOut } from '../src/capabilities/loyalty/redeem-steps.ts';
import { readRedemption, redemptionOf } from '../src/capabilities/loyalty/redeem.ts';

export type Rewards = Awaited<ReturnType<typeof openRewards>>;

export const cashback: Reward = {
  ...{ program: 'everyday', reward: 'cashback-10', title: '10.00 back', kind: 'cashback' },
  ...{ description: 'Paid to your account.', points: 2_000, worth: 1_000, stock: null },
  status: 'offered',
};
export const voucher: Reward = {
  ...{ ...cashback, reward: 'voucher-10', title: 'A voucher', kind: 'voucher', stock: 5 },
};

export async function openRewards(bank: Bank, document: Program = everydayProgram()) {
  const tenant = await bank.tenant();
  await publishProgram(bank, tenant, { document });
  const points = await openPoints(bank, tenant.id);
  const mara = actAs(bank, tenant, 'mara');
  return {
    tenant,
    points,
    as: (person: string) => actAs(bank, tenant, person),
    /** As `mara`, with the approval of `ben`. */
    publish: (reward: Reward) =>
      withApproval(bank, tenant, 'loyalty.reward.publish', reward as unknown as Json),
    create: (campaign: Json) => withApproval(bank, tenant, 'loyalty.campaign.create', campaign),
    grant: (person: string, role: string) =>
      withApproval(bank, tenant, 'role.grant', { principal: `user:${person}`, role }),
    quote: async (customer: string, reward: string) => {
      const body = { program: document.name, reward, customer };
      return quoteOf((await mara('loyalty.reward.quote', body)).commandId);
    },
    redeem: async (customer: string, quote_id: string, more: object = {}) => {
      const body = { program: document.name, customer, quote_id, ...more };
      const { commandId } = await mara('loyalty.redemption.begin', body);
      const id = redemptionOf(commandId);
      await carryOut(bank.planes, tenant.id, id);
      return tenant.read((tx) => readRedemption(tx, id));
    },
    /** What the events of a type have told, in their order. */
    told: (type: string) => payloadsOf(bank, tenant, type),
    /** A member with points, and an account of his own in money. */
    member: (customer: string, held: number) => memberWith(tenant, points, customer, held),
  };
}

async function payloadsOf(bank: Bank, tenant: Tenant, type: string): Promise<any[]> {
  const { rows } = await bank.superuser.query<{ payload: unknown }>(
    `select body::jsonb #> '{data,payload}' as payload from core.event
      where tenant_id = $1 and type = $2 order by seq`,
    [tenant.id, type],
  );
  return rows.map(({ payload }) => payload);
}

async function memberWith(tenant: Tenant, points: Points, customer: string, held: number) {
  const tokens = { name: 'tok_name_00000000000000000000000000' };
  const party = { party_id: customer, kind: 'person', country: 'US', tokens };
  await tenant.execute('party.register', party);
  const account = await tenant.open({ bound: 'no_overdraft' });
  await tenant.execute('account.link', { account_id: account, party_id: customer });
  const member = await points.enrol(customer);
  if (held > 0) await points.earn(member, held);
  return { member, account, customer };
}

/** What another person has approved, exactly as it is. */
export async function withApproval(
  bank: Bank,
  tenant: Pick<Tenant, 'id'>,
  operation: string,
  subject: Json,
) {
  const expires_at = new Date(bank.time.now + day).toISOString();
  const request = { subject_kind: operation, subject, summary: 'seen', expires_at };
  const { commandId } = await actAs(bank, tenant, 'mara')('approval.request', request);
  const approval_id = approvalOf(commandId);
  const verdict = { approval_id, verdict: 'approve', reason: 'read' };
  await actAs(bank, tenant, 'ben')('approval.decide', verdict);
  const body = { ...(subject as Record<string, Json>), approval_id };
  return actAs(bank, tenant, 'mara')(operation, body);
}
