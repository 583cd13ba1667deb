// Payments for a test: a bank whose customer pays, and what must be true of all that he has paid.
import assert from 'node:assert/strict';
import { externalId, followProjection, rebuildProjection, type Uuid, withTx } from '#core';
import type { Planes } from '#main';
import { type PaymentBody, paymentProjection, readChain } from '#payments';
import type pg from 'pg';
import type { Api, Caller, Reply } from './api.ts';

export const facts = {
  ...{ screening_status: 'known', local_hour: 14, account_age_days: 700 },
  ...{ new_payee: false, new_device: false },
};

/** A customer with money, and somebody whom he pays. */
export type Till = {
  readonly id: string;
  readonly bank: Caller;
  /** A system of the bank. */
  readonly channel: Caller;
  readonly debtor: string;
  readonly creditor: string;
  readonly pay: (more?: object, key?: string) => Promise<Reply>;
  readonly authorize: (more?: object, key?: string) => Promise<Reply>;
  /** The next step of a payment: `step(id, 'capture', {...})`. */
  readonly step: (id: string, act: string, body?: object, key?: string) => Promise<Reply>;
  /** Booked and available of the customer. */
  readonly funds: () => Promise<[number, number]>;
};

export const funded = 2_000_000;
let tills = 0;

export async function openTill(api: Pick<Api, 'tenant' | 'issue'>): Promise<Till> {
  tills += 1;
  const id = `till-${tills}`;
  const bank = await api.tenant(id);
  const cash = await bank.open({ type: 'asset' });
  const debtor = await bank.open({ bound: 'no_overdraft' });
  const creditor = await bank.open();
  const sides = { debit_account_id: cash, credit_account_id: debtor };
  const got = await bank.post('/v1/transfers', { ...sides, amount: funded, currency: 'EUR' });
  assert.equal(got.status, 201, got.text);
  const order = {
    debtor_account_id: debtor,
    creditor_account_id: creditor,
    ...{ currency: 'EUR', debtor: 'cus_payer', device: 'dev_1' },
  };
  const network = await api.issue(bank, 'service:network', {
    scopes: ['payments:read', 'payments:write'],
  });
  const under = (key?: string) => (key === undefined ? {} : { key });
  return {
    ...{ id, bank, channel: network, debtor, creditor },
    pay: (more = {}, key) =>
      network.post(
        '/v1/payments',
        {
          ...{ ...order, kind: 'transfer', channel: 'mobile', amount: 1_500 },
          ...{ creditor_country: 'DE', facts, ...more },
        },
        under(key),
      ),
    authorize: (more = {}, key) =>
      network.post(
        '/v1/card-authorizations',
        {
          ...{ ...order, amount: 10_000, card: 'card_1', entry_mode: 'chip' },
          ...{ merchant: { id: 'mer_1', mcc: '7011', country: 'DE' } },
          ...{ facts: { screening_status: 'known' }, ...more },
        },
        under(key),
      ),
    step: (payment, act, body = {}, key) => {
      // What the card network does comes by a system of the bank.
      const by = act === 'chargeback' ? network : bank;
      return by.post(`/v1/payments/${payment}/${act}`, body, under(key));
    },
    async funds() {
      const { json } = await bank.get(`/v1/accounts/${debtor}/balances`);
      return [json.booked, json.available];
    },
  };
}

// What is always true -----------------------------------------------------------------------------

type Ledger = {
  posted: number;
  captured: number;
  sentBack: number;
  /** Of holds: still reserved. */
  left: number;
};

type Row = {
  readonly tenant_id: string;
  readonly payment_id: string;
  readonly status: string;
  readonly amount: string;
  readonly captured: string;
  readonly returned: string;
};

/**
 * The projection of payments is what a rebuild makes of the log, its sums are those of the ledger,
 * and each status is that of its commands and of its holds. Everything has to be sealed.
 */
export async function checkPayments(
  { database }: Pick<Planes, 'database'>,
  superuser: pg.Pool,
): Promise<ReadonlyMap<string, string>> {
  const app = database.pool('app');
  while ((await followProjection(paymentProjection, app)) > 0);
  const rebuilt = await rebuildProjection(paymentProjection, app, () => undefined);
  assert.equal(rebuilt.differences, 0, 'payments are the fold of the log');
  const { rows } = await superuser.query<Row>(
    `select tenant_id, payment_id, status, amount, captured, returned from payments.payment
      where generation = (select generation from core.projection where name = 'payments')`,
  );
  const ledgers = await readLedgers(superuser);
  const told = new Set(rows.map(({ tenant_id, payment_id }) => `${tenant_id} ${payment_id}`));
  const untold = [...ledgers.keys()].filter((key) => !told.has(key));
  assert.deepEqual(untold, [], 'every payment is there');
  assert.equal(told.size, ledgers.size);
  for (const row of rows) {
    const { tenant_id: tenant, payment_id } = row;
    const ledger = ledgers.get(`${tenant} ${payment_id}`);
    const chain = await withTx(database.pool('read'), (tx) => readChain(tx, payment_id), {
      tenant,
      readOnly: true,
    });
    assert.ok(ledger && chain, `${payment_id} has commands`);
    const said = `${payment_id}, ${row.status}: ${JSON.stringify({ row, ledger })}`;
    assert.equal(Number(row.captured), ledger.captured, said);
    assert.equal(Number(row.returned), ledger.sentBack, said);
    assert.ok(ledger.sentBack <= ledger.posted + ledger.captured, said);
    assert.ok(isAs(row, ledger), said);
    assert.ok(states[row.status]?.includes(chain.state), `${said} ${chain.state}`);
  }
  return new Map(rows.map(({ payment_id, status }) => [payment_id, status]));
}

/** Where the commands of a payment may stand, by its status. */
const states: Readonly<Record<string, readonly string[]>> = {
  ...{ step_up_required: ['waiting'], held: ['waiting'], review: ['waiting'] },
  ...{ denied: ['denied'], cancelled: ['waiting', 'done'], expired: ['waiting', 'done'] },
  ...{ posted: ['done'], authorized: ['done'], captured: ['done'], partially_captured: ['done'] },
  ...{ refunded: ['done'], partially_refunded: ['done'], returned: ['done'] },
  ...{ charged_back: ['done'], represented: ['done'] },
};

function isAs({ status, amount }: Row, { posted, captured, sentBack, left }: Ledger): boolean {
  const moved = posted + captured;
  switch (status) {
    case 'posted':
      return posted === Number(amount) && left === 0 && sentBack === 0;
    case 'authorized':
    case 'step_up_required':
    case 'held':
    case 'review':
      return left === Number(amount) && moved === 0;
    case 'denied':
    case 'cancelled':
    case 'expired':
      return left === 0 && moved === 0;
    case 'captured':
      return left === 0 && captured > 0;
    case 'partially_captured':
      return left > 0 && captured > 0;
    case 'partially_refunded':
      return sentBack > 0 && sentBack < moved;
    case 'refunded':
    case 'returned':
    case 'charged_back':
      return sentBack > 0;
    default:
      return status === 'represented';
  }
}

/** What the rows of the journal say of each payment. */
async function readLedgers(superuser: pg.Pool): Promise<ReadonlyMap<string, Ledger>> {
  const { rows } = await superuser.query<{
    tenant_id: string;
    id: Uuid;
    operation: string;
    body: string;
    kinds: { kind: string; amount: number; left: number | null }[] | null;
  }>(
    `select c.tenant_id, c.id, c.operation, c.body,
            (select jsonb_agg(jsonb_build_object('kind', t.kind, 'amount', t.amount,
                      'left', h.amount - h.captured - h.released) order by t.leg)
               from money.transfer t
               left join money.hold h on h.tenant_id = t.tenant_id and h.id = t.id
              where t.tenant_id = c.tenant_id and t.command_id = c.id) as kinds
       from core.command c where c.operation like 'payment.%'`,
  );
  const all = new Map<string, Ledger>();
  for (const { tenant_id, id, operation, body, kinds } of rows) {
    const { payment_id = externalId('payment', id) } = JSON.parse(body) as PaymentBody;
    const key = `${tenant_id} ${payment_id}`;
    const ledger = all.get(key) ?? { posted: 0, captured: 0, sentBack: 0, left: 0 };
    all.set(key, ledger);
    const isBack = /refund|return|charge_back/.test(operation);
    for (const { kind, amount, left } of kinds ?? []) {
      if (kind === 'capture') ledger.captured += amount;
      if (kind === 'reverse') ledger.sentBack -= amount;
      if (kind === 'post') ledger[isBack ? 'sentBack' : 'posted'] += amount;
      ledger.left += left ?? 0;
    }
  }
  return all;
}
