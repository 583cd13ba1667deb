// Reviews for a test: cases of payments that nobody has made, and people who act on them.
import assert from 'node:assert/strict';
import { externalId, type Json, type Principal } from '#core';
import { listCases, readCase, readHistory } from '#reviews';
import { type Bank, day, type Tenant } from './bank.ts';

export const hour = 3_600_000;
let made = 0;

export type Reviews = Awaited<ReturnType<typeof openReviews>>;

/** A tenant whose people act on cases. */
export async function openReviews(bank: Bank) {
  const tenant = await bank.tenant();
  const as = (principal: Omit<Principal, 'tenant'>) => (operation: string, body: Json) => {
    made += 1;
    return bank.planes.execute({
      principal: { ...principal, tenant: tenant.id },
      operation,
      body,
      idempotencyKey: `act-${made}`,
    });
  };
  const system = as({ kind: 'service', id: 'reviews' });
  return {
    tenant,
    system,
    as: (id: string) => as({ kind: 'user', id }),
    /** Makes somebody known in the tenant. */
    employ: (id: string) =>
      tenant.execute('role.grant', { principal: `user:${id}`, role: 'teller' }),
    robot: as({ kind: 'agent', id: 'robot' }),
    /** Opens a case of a payment that waits, and answers its id. */
    open: async (more: Readonly<Record<string, Json>> = {}, payment: object = {}) => {
      made += 1;
      const payment_id = `pay_01${String(made).padStart(24, '0')}`;
      const { commandId } = await system(
        'case.open',
        caseBody(bank, payment_id, more, payment) as Json,
      );
      const { rows } = await bank.superuser.query<{ case_id: string }>(
        'select case_id from reviews.case_act where command_id = $1',
        [commandId],
      );
      return externalId('case', rows[0]?.case_id ?? '');
    },
    read: (id: string) => tenant.read((tx) => readCase(tx, id, bank.time.now)),
    list: (query = {}) =>
      tenant.read((tx) => listCases(tx, { limit: 50, ...query }, bank.time.now)),
    told: (type: string) => payloadsOf(bank, tenant, type),
    acts: async (id: string) =>
      (await tenant.read((tx) => readHistory(tx, id, { limit: 100 })))?.items.map(({ act }) => act),
  };
}

/** The body of `case.open`, of a payment of 1,250.00 EUR that waits for a day. */
export function caseBody(
  bank: Bank,
  payment_id: string,
  more: object = {},
  payment: object = {},
): object {
  const at = bank.time.now;
  return {
    kind: 'release',
    queue: 'fraud',
    payment: {
      ...{ payment_id, command_id: payment_id.replace('pay', 'cmd'), kind: 'transfer' },
      ...{ channel: 'mobile', debtor_account_id: null, creditor_account_id: null },
      ...{ amount: 125_000, currency: 'EUR', debtor: 'cus_payer', creditor: 'cus_payee' },
      ...{ device: null, card: null, merchant: null, decision_id: null, transfer_id: null },
      ...{ reasons: ['new_payee'], code: null, fraud_score: 0.8, score_status: 'scored' },
      ...{ paid_at: new Date(at).toISOString(), ...payment },
    },
    maker: 'user:maker',
    approvals_required: 1,
    due_at: new Date(at + 4 * hour).toISOString(),
    expires_at: new Date(at + day).toISOString(),
    subject: { payment_id, command_digest: 'ab'.repeat(32) },
    summary: '1250.00 EUR waits',
    ...more,
  };
}

export const approve = { verdict: 'approve', reason_code: 'genuine', reason: 'seen' };
export const reject = {
  verdict: 'reject',
  reason_code: 'scam',
  reason: 'the payee is a fake shop',
};

export async function refused(promise: Promise<unknown>, code: string, reason?: string) {
  await assert.rejects(promise, (error: { code?: string; detail?: { reason?: string } }) => {
    assert.equal(error.code, code);
    if (reason !== undefined) assert.equal(error.detail?.reason, reason);
    return true;
  });
}

/** What the events of a type have told, in their order. */
async function payloadsOf(bank: Bank, tenant: Tenant, type: string): Promise<any[]> {
  const { rows } = await bank.superuser.query<{ payload: unknown }>(
    `select body::jsonb #> '{data,payload}' as payload from core.event
      where tenant_id = $1 and type = $2 order by seq`,
    [tenant.id, type],
  );
  return rows.map(({ payload }) => payload);
}
