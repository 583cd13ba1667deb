// Offers for tests: actions that one person has published and another one approved, customers who
// agree to be spoken to, and what puts them through the funnel.
import assert from 'node:assert/strict';
import { consumePage, externalId, type Fault, type Json, newUuid, withTx } from '#core';
import type { Executed } from '#main';
import {
  type Action,
  type Asking,
  type Considered,
  listOffers,
  offerConsumers,
  openOffering,
  openPropensities,
} from '#offers';
import { approvalOf, listApprovals } from '#policy';
import { type Bank, day, seal, type Tenant } from './bank.ts';

export type Offers = Awaited<ReturnType<typeof openOffers>>;

/** Savings that anybody may have. */
export const savings: Action = {
  code: 'premium-savings',
  title: 'Premium savings',
  product: { code: 'PREM_SAVINGS', kind: 'savings' },
  treatments: [
    {
      channel: 'in_app',
      message: 'Based on your recent deposit, earn {rate} APY on balances over {amount}.',
    },
    { channel: 'email', message: 'Earn {rate} until {valid_until}: {code}.' },
    { channel: 'sms', message: 'Earn {rate}.' },
  ],
  why: 'You keep more than {amount} with us.',
  value: 12_000,
  terms: { amount: 1_000_000, currency: 'EUR', rate_bps: 350 },
  propensity: { starting_ppm: 300_000, evidence: 50 },
  valid_days: 14,
  apply: '/core/api/v1/products/apply?type=savings',
};

let made = 0;

/** A tenant, a new one unless given, in which offers are let go by themselves unless said so. */
export async function openOffers(bank: Bank, mode = 'automatic', of?: Tenant) {
  const { planes, time } = bank;
  const tenant = of ?? (await bank.tenant());
  const act = (who: string, operation: string, body: unknown, key?: string): Promise<Executed> => {
    made += 1;
    const [kind, id = ''] = who.split(':');
    const principal = { kind: kind as 'user' | 'service', id, tenant: tenant.id };
    const idempotencyKey = key ?? `offers-${made}`;
    return planes.execute({ principal, operation, body: body as Json, idempotencyKey });
  };
  const approved = async (operation: string, body: object, checker = 'user:mia') => {
    const approval_id = await approve(operation, body, checker);
    return act('user:ada', operation, { ...body, approval_id });
  };
  /** Asks for what the operation says that it wants, and has it given. */
  const approve = async (operation: string, body: object, checker: string): Promise<string> => {
    const refused = await act('user:ada', operation, body).then(
      () => assert.fail('it needs no approval'),
      (error: unknown) => error as Fault,
    );
    assert.equal(refused.code, 'approval_required', String(refused));
    const { subject_kind, subject_digest } = refused.detail;
    const expires_at = new Date(time.now + day).toISOString();
    const request = { subject_kind, subject_digest, summary: 'an offer', expires_at };
    const approval_id = approvalOf((await act('user:ada', 'approval.request', request)).commandId);
    await act(checker, 'approval.decide', { approval_id, verdict: 'approve', reason: 'read' });
    return approval_id;
  };
  await approved('role.grant', { principal: 'user:mia', role: 'marketing_manager' }, 'user:tom');
  if (mode !== 'off') {
    const percent = mode === 'canary' ? { percent: 50 } : {};
    await approved('rollout.set', { use_case: 'next-best-offer', mode, ...percent });
  }
  // Nobody is held out by chance, unless a test says so.
  await withTx(
    planes.database.pool('policy'),
    (tx) =>
      tx.query(
        `insert into offers.learning_setting (tenant_id, body, set_by, set_at)
         values ($1, $2, 'user:ada', $3)`,
        [tenant.id, JSON.stringify(nobodyHeldOut), new Date(time.now).toISOString()],
      ),
    { tenant: tenant.id },
  );
  const errors: unknown[] = [];
  const offering = openOffering({
    ...planes,
    propensities: openPropensities({ ...planes, onError: (error) => errors.push(error) }),
    onError: (error) => errors.push(error),
  });
  const consider = async (customer: string, more: Partial<Asking> = {}): Promise<Considered> => {
    const found = await offering.consider({
      principal: { kind: 'service', id: 'app', tenant: tenant.id },
      ...{ customer, channel: 'in_app', path: 'in_session', ...more },
    });
    await offering.settled();
    return found;
  };
  const parts = {
    ...{ ...planes, pool: planes.database.pool('read') },
    onError: (error: unknown) => errors.push(error),
  };
  const deliver = {
    /** Seals, and lets all consumers catch up. */
    async all(core: Parameters<typeof offerConsumers>[0]['core'] = planes.core) {
      await seal(bank);
      for (const consumer of offerConsumers({ ...parts, core })) {
        while ((await consumePage(consumer, planes.database.pool('app'))) > 0);
      }
    },
    /** Those that wait. */
    async approvals(): Promise<readonly string[]> {
      const at = time.now;
      const { items } = await tenant.read((tx) =>
        listApprovals(tx, { at, limit: 50, subjectKind: 'command' }),
      );
      return items.filter(({ status }) => status === 'pending').map(({ id }) => id);
    },
  };
  return {
    ...{ tenant, act, approve, approved, consider, errors, deliver, parts },
    publish: (action: Action, checker?: string) =>
      approved('offer.action.publish', { action }, checker),
    customer: (told: object = {}, channels: readonly string[] = ['in_app']) =>
      customerOf({ bank, tenant, act }, told, channels),
    consent: (customer: string, topic: object, status = 'granted') =>
      act('service:app', 'consent.record', consentOf(customer, topic, status)),
    offersOf: (customer: string) => tenant.read((tx) => listOffers(tx, { customer, limit: 50 })),
  };
}

const nobodyHeldOut = {
  ...{ holdout_bps: 0, holdout_months: 6, analysis_days: 28, control_bps: 0 },
  ...{ exploration_bps: 0, attribution_days: 30 },
  breaker: { complaints_ppm: 5_000, presented_min: 500, core_failures: 50, window_hours: 24 },
};

type Making = {
  readonly bank: Bank;
  readonly tenant: Tenant;
  readonly act: (who: string, operation: string, body: unknown) => Promise<Executed>;
};

/** Of age, and agreed to offers by these channels and to models, unless said otherwise. */
async function customerOf(
  { bank, tenant, act }: Making,
  told: object,
  channels: readonly string[],
): Promise<string> {
  const party_id = externalId('party', newUuid(bank.planes));
  made += 1;
  const tokens = { name: `tok_name_${String(made).padStart(26, '0')}` };
  const since = new Date(bank.time.now - 720 * day).toISOString().slice(0, 10);
  await tenant.execute('party.register', {
    party_id,
    kind: 'person',
    country: 'US',
    since,
    tokens,
  });
  await act('service:app', 'offer.customer.tell', {
    customer: party_id,
    told: { of_age: true, ...told },
  });
  for (const channel of channels) {
    const topic = { purpose: 'marketing', channel };
    await act('service:app', 'consent.record', consentOf(party_id, topic, 'granted'));
  }
  const topic = { purpose: 'ai_data_use' };
  await act('service:app', 'consent.record', consentOf(party_id, topic, 'granted'));
  return party_id;
}

function consentOf(person: string, topic: object, status: string) {
  return { ...topic, person, status, source: 'app', text_version: 'v1' };
}
