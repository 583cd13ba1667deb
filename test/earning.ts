// A bank whose customers earn points, for tests: a programme in force, a purchase, and what must be
// true of all points afterwards.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  canonicalJson,
  commandDigest,
  type Consumer,
  consumePage,
  derivedUuid,
  externalId,
  type Fault,
  type Json,
} from '#core';
import type { Planes } from '#main';
import {
  authorization,
  clearing,
  readChain,
  representation,
  type ReturnKind,
  sendBack,
  type Step,
} from '#payments';
import { approvalOf } from '#policy';
import { openBudget, programAccounts } from '../src/capabilities/loyalty/accounts.ts';
import { accrual } from '../src/capabilities/loyalty/accrual.ts';
import { raiseBudgets, readBudget } from '../src/capabilities/loyalty/asked-budgets.ts';
import { askedAnswers } from '../src/capabilities/loyalty/asked.ts';
import { clockwork } from '../src/capabilities/loyalty/clockwork.ts';
import { forfeiting } from '../src/capabilities/loyalty/clockwork-closed.ts';
import { fundCommand } from '../src/capabilities/loyalty/points.ts';
import type { Program } from '../src/capabilities/loyalty/program/program.ts';
import { settling } from '../src/capabilities/loyalty/returns.ts';
import { type Bank, day, seal, type Tenant } from './bank.ts';
import { followPoints } from './points.ts';
import { actAs, publishProgram } from './programs.ts';

export const everyday = JSON.parse(
  readFileSync(new URL('../programs/everyday.json', import.meta.url), 'utf8'),
) as Program;

/** Another programme; of its examples those that earn nothing by any rules. */
export function withEarn(document: Program, earn: Partial<Program['earn']>): Program {
  const examples = document.examples.filter(({ expect }) => expect.excluded !== undefined);
  return { ...document, earn: { ...document.earn, ...earn }, examples };
}

/** What a customer of the bank may do, and what comes of it. */
export type Earning = {
  readonly tenant: Tenant;
  readonly customer: string;
  readonly account: string;
  readonly merchant: string;
  /** A purchase that is posted as it comes; answers its transfer. */
  readonly buy: (amount: number, metadata?: Readonly<Record<string, string>>) => Promise<string>;
  /** A movement the other way. */
  readonly getBack: (amount: number, metadata: Readonly<Record<string, string>>) => Promise<string>;
  /** A card payment, authorized; answers its id. */
  readonly authorize: (amount: number, mcc?: string) => Promise<string>;
  /** Takes of an authorization; answers the transfer. */
  readonly capture: (payment: string, amount: number, final?: boolean) => Promise<string>;
  readonly sendBack: (payment: string, kind: ReturnKind, amount: number) => Promise<string>;
  readonly represent: (payment: string, chargeback: string) => Promise<void>;
  /** Of `loyalty-accrual`, unless another use case is named. */
  readonly setRollout: (mode: string, percent?: number, useCase?: string) => Promise<void>;
  readonly publish: (document: Program, supersedes?: string) => Promise<string>;
  /** Gives the approval as people who may: `ben`, and `mia`, who manages programmes. */
  readonly approve: (approval: string, verdict?: 'approve' | 'reject') => Promise<void>;
  /** Opens the budget of a campaign, and fills it as a manager has agreed. */
  readonly fund: (campaign: string, points: number) => Promise<void>;
  /** Points that the budget has left. */
  readonly budget: (campaign: string) => Promise<number>;
  /** Approvals that wait for a verdict. */
  readonly open: () => Promise<string[]>;
  /** Seals, and lets all follow that follows by itself, until nothing does any more. */
  readonly settle: (planes?: Planes) => Promise<void>;
  /** Active, pending and owed. */
  readonly points: (customer?: string) => Promise<[number, number, number]>;
  /** What is written down of what was earned, in the order of the log. */
  readonly earned: () => Promise<EarnedView[]>;
  readonly events: (type: string) => Promise<Json[]>;
};

export type EarnedView = {
  readonly transfer_id: string;
  readonly kind: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly points: number;
  readonly points_back: number;
  readonly points_taken: number;
};

let made = 0;

export async function openEarning(
  bank: Bank,
  { document = everyday, mode = 'automatic' }: { document?: Program; mode?: string } = {},
): Promise<Earning> {
  const tenant = await bank.tenant();
  const manages = { principal: 'user:mia', role: 'marketing_manager' };
  await approved(bank, tenant, 'role.grant', manages);
  const publish = async (next: Program, supersedes?: string) => {
    const { told, commandId } = await publishProgram(bank, tenant, {
      document: next,
      ...(supersedes === undefined ? {} : { supersedes }),
    });
    assert.equal(told, null);
    return commandId;
  };
  await publish(document);
  const customer = await openParty(tenant);
  const account = await tenant.open({ holder_id: customer });
  const merchant = await tenant.open();
  await tenant.execute('account.link', { account_id: account, party_id: customer });
  const sides = { debit_account_id: account, credit_account_id: merchant, currency: 'USD' };
  const back = { debit_account_id: merchant, credit_account_id: account, currency: 'USD' };
  const post = async (leg: object, amount: number, metadata: Readonly<Record<string, string>>) => {
    const { transfers } = await tenant.ok({ kind: 'post', ...leg, amount, metadata } as never);
    return transfers[0] as string;
  };
  const step = async (payment: string, make: (chain: never, tx: never) => Step | Promise<Step>) => {
    const made = await tenant.read(async (tx) =>
      make((await readChain(tx, payment)) as never, tx as never),
    );
    const { outcome, commandId } = await tenant.execute(made.operation, made.body as Json);
    assert.deepEqual(outcome, { status: 'accepted' });
    return externalId('transfer', derivedUuid(commandId, 'transfer', 0));
  };
  const earning: Earning = {
    ...{ tenant, customer, account, merchant, publish },
    buy: (amount, metadata = {}) => post(sides, amount, { kind: 'card', mcc: '5999', ...metadata }),
    getBack: (amount, metadata) => post(back, amount, metadata),
    async authorize(amount, mcc = '5812') {
      const body = authorization({
        ...{ debtor_account_id: account, creditor_account_id: merchant, amount, currency: 'USD' },
        ...{ card: 'card_1', entry_mode: 'chip', debtor: customer },
        merchant: { id: 'mer_1', mcc, country: 'DE' },
        facts: { screening_status: 'known', amount_home: amount },
      });
      const { outcome, commandId } = await tenant.execute('payment.authorize', body as Json);
      assert.deepEqual(outcome, { status: 'accepted' });
      return externalId('payment', commandId);
    },
    capture: (payment, amount, final = true) => {
      made += 1;
      const message = { clearing_id: `clr-${made}`, amount, final };
      return step(payment, (chain) => clearing(chain, message));
    },
    sendBack: (payment, kind, amount) =>
      step(payment, (chain) => sendBack(chain, kind, { amount, reason: 'CUST' })),
    async represent(payment, chargeback) {
      await step(payment, (chain, tx) => representation(tx, chain, chargeback));
    },
    async setRollout(next, percent, useCase = 'loyalty-accrual') {
      const share = percent === undefined ? {} : { percent };
      await setRollout(bank, tenant, { use_case: useCase, mode: next, ...share });
    },
    async approve(approval_id, verdict = 'approve') {
      for (const person of ['ben', 'mia']) {
        const body = { approval_id, verdict, reason: 'seen' };
        await actAs(bank, tenant, person)('approval.decide', body);
        if (verdict === 'reject') return;
      }
    },
    fund: (campaign, points) => fund(bank, earning, { campaign, points }),
    budget: (campaign) =>
      tenant.read(async (tx) => (await readBudget(tx, document.name, campaign))?.left ?? 0),
    async open() {
      const { rows } = await bank.superuser.query<{ approval_id: string }>(
        `select approval_id from loyalty.asked where tenant_id = $1 and status = 'asked'
          order by asked_at, approval_id`,
        [tenant.id],
      );
      return rows.map(({ approval_id }) => approval_id);
    },
    settle: (planes = bank.planes) => settle(bank, planes),
    points: (of = customer) => pointsOf(bank, tenant, of),
    async earned() {
      const { rows } = await bank.superuser.query<EarnedView>(
        `select transfer_id, kind, outcome, reason, points::integer, points_back::integer,
                points_taken::integer
           from loyalty.earned where tenant_id = $1 order by position, transfer_id, kind`,
        [tenant.id],
      );
      return rows;
    },
    async events(type) {
      const { rows } = await bank.superuser.query<{ payload: Json }>(
        `select body::jsonb #> '{data,payload}' as payload from core.event
          where tenant_id = $1 and type = $2 order by seq`,
        [tenant.id, type],
      );
      return rows.map(({ payload }) => payload);
    },
  };
  if (mode !== 'off') await earning.setRollout(mode);
  return earning;
}

/** Registers a customer of the bank. */
export async function openParty(tenant: Tenant): Promise<string> {
  made += 1;
  const party_id = externalId('party', derivedUuid(partySeed, 'party', made));
  const body = { party_id, kind: 'person', country: 'DE', tokens: { name: `tok_name_${made}` } };
  const { outcome } = await tenant.execute('party.register', body);
  assert.deepEqual(outcome, { status: 'accepted' });
  return party_id;
}

type Rollout = { readonly use_case: string; readonly mode: string; readonly percent?: number };

/** Less needs nobody's approval. */
async function setRollout(bank: Bank, tenant: Tenant, body: Rollout) {
  if (body.mode === 'off') await actAs(bank, tenant, 'mara')('rollout.set', body);
  else await approved(bank, tenant, 'rollout.set', body);
}

const partySeed = '01890a5d-ac96-774b-bcce-b302099a8057';

/** Does what needs the approval of another person, which is given. */
async function approved(bank: Bank, tenant: Tenant, operation: string, body: object) {
  const act = actAs(bank, tenant, 'mara');
  const refused = await act(operation, body as Json).then(
    () => assert.fail('it needs no approval'),
    (error: unknown) => error as Fault,
  );
  assert.equal(refused.code, 'approval_required', String(refused));
  const { subject_kind, subject_digest } = refused.detail as Record<string, Json>;
  const { commandId } = await act('approval.request', {
    ...{ subject_kind, subject_digest, summary: 'a test' },
    expires_at: new Date(bank.time.now + day).toISOString(),
  } as Json);
  const approval_id = approvalOf(commandId);
  const verdict = { approval_id, verdict: 'approve', reason: 'seen' };
  await actAs(bank, tenant, 'ben')('approval.decide', verdict);
  const { outcome } = await act(operation, { ...body, approval_id } as Json);
  assert.deepEqual(outcome, { status: 'accepted' });
}

async function fund(
  bank: Bank,
  { tenant, approve }: Earning,
  { campaign, points }: { readonly campaign: string; readonly points: number },
): Promise<void> {
  const program = await tenant.read((tx) => programAccounts(tx, 'everyday'));
  assert.ok(program, 'the programme has accounts');
  const by = { kind: 'service', id: 'loyalty', tenant: tenant.id } as const;
  const budget = await openBudget(bank.planes, tenant.id, { program: 'everyday', campaign });
  const { principal, operation, body } = fundCommand({
    ...{ by, key: '', program, reason: 'plan', campaign, budget, points },
    pointValueMicros: everyday.point_value_micros,
  });
  made += 1;
  const subject_digest = commandDigest({
    ...{ tenant: tenant.id, operation, bodyText: canonicalJson(body) },
  });
  const { commandId } = await bank.planes.execute({
    ...{ principal, operation: 'approval.request', idempotencyKey: `fund-${made}` },
    body: {
      ...{ subject_kind: 'command', subject_digest, summary: 'a budget' },
      expires_at: new Date(bank.time.now + day).toISOString(),
    },
  });
  const idempotencyKey = approvalOf(commandId);
  await approve(idempotencyKey);
  const { outcome } = await bank.planes.execute({ principal, operation, body, idempotencyKey });
  assert.deepEqual(outcome, { status: 'accepted' });
}

const roundsMax = 20;

async function settle(bank: Bank, planes: Planes): Promise<void> {
  const parts = { ...planes, onError: (error: unknown) => assert.ifError(error) };
  const pool = planes.database.pool('app');
  const rounds = [settling(parts), clockwork(parts), forfeiting(parts), () => raiseBudgets(parts)];
  for (let round = 0; round < roundsMax; round += 1) {
    await seal(bank);
    let done = 0;
    for (const consumer of [accrual(parts), askedAnswers(parts)]) {
      for (let page = 1; page > 0; done += page) page = await consumePage(consumer, pool);
    }
    await followPoints(planes);
    for (const work of rounds) done += await work();
    if (done === 0) return;
  }
  assert.fail('it does not come to rest');
}

async function pointsOf(bank: Bank, tenant: Tenant, customer: string) {
  const { rows } = await bank.superuser.query<Record<'active' | 'pending' | 'owed', string>>(
    `select coalesce(sum(a.credits_posted - a.debits_posted)
              filter (where a.id = m.active_account), 0) as active,
            coalesce(sum(a.credits_posted - a.debits_posted)
              filter (where a.id = m.pending_account), 0) as pending,
            coalesce(sum(a.debits_posted - a.credits_posted)
              filter (where a.id = m.owed_account), 0) as owed
       from loyalty.member m join money.account a on a.tenant_id = m.tenant_id
      where m.tenant_id = $1 and m.customer = $2`,
    [tenant.id, customer],
  );
  const { active = 0, pending = 0, owed = 0 } = rows[0] ?? {};
  return [Number(active), Number(pending), Number(owed)] as [number, number, number];
}

/**
 * What was put out is somewhere: in budgets, with members, or where points end. And each member's
 * lots are what stands on his accounts. Everything has to be folded.
 */
export async function checkPoints(bank: Bank): Promise<void> {
  const { rows: programs } = await bank.superuser.query(
    `select l.tenant_id, l.program,
            sum(a.debits_posted - a.credits_posted)::bigint as difference
       from loyalty.account l
       join money.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
      where l.role in ('issued', 'redeemed', 'expired', 'forfeited', 'budget', 'active',
                       'pending', 'owed')
      group by 1, 2`,
  );
  for (const { tenant_id, program, difference } of programs) {
    assert.equal(Number(difference), 0, `${tenant_id} ${program}: points are conserved`);
  }
  const { rows: members } = await bank.superuser.query(
    `select m.tenant_id, m.customer,
            a.credits_posted - a.debits_posted as active,
            p.credits_posted - p.debits_posted as pending,
            coalesce(sum(l.active), 0)::bigint as lots_active,
            coalesce(sum(l.pending), 0)::bigint as lots_pending
       from loyalty.member m
       join money.account a on a.tenant_id = m.tenant_id and a.id = m.active_account
       join money.account p on p.tenant_id = m.tenant_id and p.id = m.pending_account
       left join loyalty.lot l on l.tenant_id = m.tenant_id and l.program = m.program
        and l.customer = m.customer
      group by 1, 2, 3, 4`,
  );
  for (const { tenant_id, customer, active, pending, lots_active, lots_pending } of members) {
    const of = `${tenant_id} ${customer}`;
    assert.equal(String(lots_active), String(active), `${of}: active lots`);
    assert.equal(String(lots_pending), String(pending), `${of}: pending lots`);
  }
}

/** Throws within the page, behind what it has brought about: as a crash before the checkpoint. */
export async function crashBehindPage(bank: Bank): Promise<void> {
  await seal(bank);
  const consumer = accrual(bank.planes);
  const crashing: Consumer = {
    ...consumer,
    async apply(tx, events) {
      await consumer.apply(tx, events);
      throw new Error('the process is gone');
    },
  };
  await assert.rejects(consumePage(crashing, bank.planes.database.pool('app')), /is gone/);
}
