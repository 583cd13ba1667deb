// Reviews behind the HTTP API: a shop whose payments wait, people who review, and the consumers.
import assert from 'node:assert/strict';
import { scoreProjection } from '#ai';
import { type Consumer, consumePage, followProjection } from '#core';
import { paymentProjection } from '#payments';
import { paymentsGoOn } from '../src/background.ts';
import { caseLinks } from '../src/capabilities/reviews/links.ts';
import { caseLabels, caseOpening, caseSummaries } from '../src/capabilities/reviews/reactors.ts';
import { type Api, type Caller, openApi } from './api.ts';

export type Shop = Awaited<ReturnType<typeof openShop>>;

export const approve = {
  ...{ verdict: 'approve', reason_code: 'customer_confirmed', reason: 'called back' },
};
export const reject = {
  ...{ verdict: 'reject', reason_code: 'scam', reason: 'the payee is a fake shop' },
};

export async function openReviewApi(t: Parameters<typeof openApi>[0]) {
  const api = await openApi(t);
  const { planes } = api.bank;
  const app = planes.database.pool('app');
  const parts = { ...planes, pool: planes.database.pool('read') };
  const consumers = (): readonly Consumer[] => [
    caseOpening(parts),
    caseSummaries(parts, undefined),
    caseLabels(parts),
    paymentsGoOn({ ...planes, onError: assert.ifError }),
  ];
  let tenants = 0;
  return {
    ...{ api, app, parts, consumers },
    openShop: () => {
      tenants += 1;
      return openShop(api, `shop-${tenants}`);
    },
    /** Seals, and lets the consumers take in everything that there is. */
    settle: async (...more: readonly Consumer[]) => {
      for (let rounds = 0; rounds < 4; rounds += 1) {
        await api.seal();
        for (const each of [caseLinks, paymentProjection, scoreProjection]) {
          await drain(() => followProjection(each, app));
        }
        for (const consumer of [...consumers(), ...more]) {
          await drain(() => consumePage(consumer, app));
        }
      }
    },
    /** What the events of a type, or of all, have told, in their order. */
    eventsOf: async ({ tenant }: Pick<Shop, 'tenant'>, type?: string): Promise<any[]> => {
      const { rows } = await api.bank.superuser.query<{ told: unknown }>(
        `select body::jsonb #> '{data,payload}' as told from core.event
          where tenant_id = $1 and ($2::text is null or type = $2) order by seq`,
        [tenant, type ?? null],
      );
      return rows.map(({ told }) => told);
    },
  };
}

/** A bank with a customer who has money, and three people who review. */
async function openShop(api: Api, tenant: string) {
  const bank = await api.tenant(tenant);
  const cash = await bank.open({ type: 'asset' });
  const debtor = await bank.open({ bound: 'no_overdraft' });
  const creditor = await bank.open();
  const funding = { debit_account_id: cash, credit_account_id: debtor, currency: 'EUR' };
  await bank.post('/v1/transfers', { ...funding, amount: 2_000_000 });
  const scopes = ['reviews:read', 'reviews:write', 'payments:read'];
  const channel = await api.issue(bank, 'service:channel', { scopes: ['payments:write'] });
  const issue = (who: string) => api.issue(bank, `user:${who}`, { scopes });
  return {
    ...{ bank, channel, debtor, creditor, tenant },
    ...{ ann: await issue('ann'), ben: await issue('ben'), cleo: await issue('cleo') },
  };
}

/** Orders 15.00 EUR to a watched country, for which policy wants a person to look. */
export async function pay(
  { channel, debtor, creditor }: Pick<Shop, 'channel' | 'debtor' | 'creditor'>,
  more: object = {},
) {
  const paid = await channel.post('/v1/payments', {
    kind: 'transfer',
    channel: 'mobile',
    debtor_account_id: debtor,
    creditor_account_id: creditor,
    amount: 1_500,
    currency: 'EUR',
    creditor_country: 'RU',
    debtor: 'cus_payer1',
    device: 'dev_1',
    facts: { screening_status: 'known', local_hour: 14, account_age_days: 700, new_payee: false },
    ...more,
  });
  assert.equal(paid.status, 201, paid.text);
  return paid.json;
}

export async function drain(consume: () => Promise<number>): Promise<void> {
  while ((await consume()) > 0);
}

export async function onlyCase(reader: Caller) {
  const { json } = await reader.get('/v1/cases');
  assert.equal(json.items.length, 1);
  return json.items[0];
}
