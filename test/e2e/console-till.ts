// A business that pays at a demo bank, so that a browser has something to look at: its payments,
// the cases of those that wait, and what was noted on them.
import assert from 'node:assert/strict';
import type { ConsoleBank } from '../console-bank.ts';
import { until } from './console-look.ts';

export type Till = Awaited<ReturnType<typeof openTill>>;

/** With money, and a system of the bank that orders its payments. */
export async function openTill({ call }: ConsoleBank) {
  const made = async (path: string, body: object, secret?: string) => {
    const { status, json } = await call('POST', path, { body, ...(secret ? { secret } : {}) });
    assert.ok(status < 300, JSON.stringify(json));
    return json;
  };
  const open = async (body: object): Promise<string> => {
    const opening = { type: 'liability', currency: 'EUR', bound: 'none', ...body };
    return (await made('/v1/accounts', opening)).id;
  };
  const [cash, debtor, creditor] = [
    await open({ type: 'asset' }),
    await open({ bound: 'no_overdraft' }),
    await open({}),
  ];
  const funds = { debit_account_id: cash, credit_account_id: debtor, amount: 5_000_000 };
  await made('/v1/transfers', { ...funds, currency: 'EUR' });
  const holder = { principal_kind: 'service', principal_id: 'till', name: 'till' };
  const { secret } = await made('/v1/api-keys', { ...holder, scopes: ['payments:write'] });
  return {
    debtor,
    pay: ({ facts = {}, ...more }: { readonly facts?: object; readonly [name: string]: unknown }) =>
      made(
        '/v1/payments',
        {
          ...{ debtor_account_id: debtor, creditor_account_id: creditor, creditor_country: 'DE' },
          ...{ kind: 'transfer', channel: 'mobile', currency: 'EUR', ...more },
          facts: { ...usual, ...facts },
        },
        secret,
      ),
    payment: async (id: string) => (await call('GET', `/v1/payments/${id}`)).json,
    /** Moved into a queue in which nothing else is. */
    async caseOf(payment: string, queue: string): Promise<string> {
      let id: string | undefined;
      await until(async () => {
        const { json } = await call('GET', '/v1/cases?queue=compliance&limit=100');
        id = json.items.find((each: { payment_id: string }) => each.payment_id === payment)?.id;
        return id !== undefined;
      });
      await made(`/v1/cases/${id}/escalate`, { queue, reason: 'for those who know more' });
      return id as string;
    },
    async notesOn(id: string): Promise<readonly string[]> {
      const { json } = await call('GET', `/v1/cases/${id}/history?limit=100`);
      return (json.items as readonly { readonly act: string; readonly detail: { text: string } }[])
        .filter(({ act }) => act === 'noted')
        .map(({ detail }) => detail.text);
    },
  };
}

const usual = {
  ...{ customer_kind: 'business', account_age_days: 700, local_hour: 14 },
  ...{ new_payee: false, new_device: false, screening_status: 'known' },
};
