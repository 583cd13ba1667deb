// What happens to payments in a simulated bank: drawn from a seed, one deed after the other.
import assert from 'node:assert/strict';
import { createScorer, type Scorer } from '#ai';
import {
  type Clock,
  type CommandInput,
  derivedUuid,
  externalId,
  Fault,
  type Instant,
  instantToText,
  type Json,
  type Pool,
  sha256Hex,
  withTx,
} from '#core';
import {
  type Chain,
  authorization,
  cancellation,
  clearing,
  increment,
  initiation,
  readChain,
  representation,
  sendBack,
  type Step,
} from '#payments';
import { approvalOf, canarySubject, defaultBundle, parseBundle, subjectDigest } from '#policy';
import type pg from 'pg';
import { chance, type Dice, integerBelow } from '../../simulators/distributions.ts';
import { bundleDigest } from '../../src/policy/bundle/bundle.ts';
import { day } from '../bank.ts';
import { cardOf, served } from '../scored.ts';
import { pick, weighted } from './chance.ts';
import type { Answer } from './traffic.ts';

/** A tenant with a customer who pays, and what has become of it so far. */
export type Shop = {
  readonly tenant: string;
  readonly debtors: readonly string[];
  readonly creditor: string;
  readonly authenticator: string;
  readonly payments: string[];
  /** What has gone back, as transfers. */
  readonly returned: string[];
  readonly asked: CommandInput<Json>[];
};

export type Send = (input: CommandInput<Json>) => Promise<Answer>;

export type Scene = {
  readonly dice: Dice;
  readonly send: Send;
  /** Of the role that reads, of somebody who is never killed. */
  readonly pool: Pool;
  readonly superuser: pg.Pool;
  readonly now: () => Instant;
  /** Another number each time, for idempotency keys. */
  readonly next: () => number;
  /** Has those act who react to what has happened. */
  readonly react: () => Promise<void>;
  /** What was refused before anything was sent. */
  readonly note: (line: string) => void;
};

/** One deed of somebody in the bank: what it sends is answered when it returns. */
export async function doSomething(scene: Scene, shop: Shop): Promise<void> {
  const { dice } = scene;
  const kinds = { order: 20, card: 20, step: 42, prove: 12, review: 8, again: 6, policy: 2 };
  switch (weighted(dice, { ...kinds, freeze: 2 })) {
    case 'order':
      return orderSomething(scene, shop);
    case 'card':
      return authorizeSomething(scene, shop);
    case 'step':
      return goOn(scene, shop);
    case 'prove':
      return prove(scene, shop);
    case 'review':
      return review(scene, shop);
    case 'again':
      if (shop.asked.length > 0) await scene.send(pick(dice, shop.asked.slice(-40)));
      return;
    case 'policy':
      return changePolicy(scene, shop);
    case 'freeze':
      return whileFrozen(scene, shop);
  }
}

/** What is agreed to meanwhile, the ledger refuses. */
async function whileFrozen(scene: Scene, shop: Shop): Promise<void> {
  const set = (status: string) =>
    ask(scene, shop, {
      operation: 'account.change',
      body: { account_id: shop.creditor, status },
    });
  await set('frozen');
  await prove(scene, shop);
  await goOn(scene, shop);
  await scene.react();
  await set('open');
}

type Asking = {
  readonly operation: string;
  readonly body: unknown;
  readonly by?: string;
  readonly key?: string;
};

async function ask({ send, next }: Scene, shop: Shop, asking: Asking): Promise<Answer> {
  const { operation, body, by = 'service:channel', key = `key-${next()}` } = asking;
  const [kind = '', id = ''] = by.split(':');
  const principal = { kind, id, tenant: shop.tenant } as CommandInput<Json>['principal'];
  const input = { principal, operation, idempotencyKey: key, body: body as Json };
  shop.asked.push(input);
  return send(input);
}

/** An account, by its public id. */
export async function openAccount(scene: Scene, shop: Shop, body: object): Promise<string> {
  const opening = { type: 'liability', currency: 'EUR', ...body };
  const { says, command } = await ask(scene, shop, { operation: 'account.open', body: opening });
  assert.equal(says, 'accepted');
  return externalId('account', derivedUuid(command, 'account', 0));
}

// Payments ----------------------------------------------------------------------------------------

const known = { screening_status: 'known', local_hour: 14, account_age_days: 700 };

async function orderSomething(scene: Scene, shop: Shop): Promise<void> {
  const { dice } = scene;
  const isNew = chance(dice, 0.3);
  const amount = isNew ? 10_000 + integerBelow(dice, 5_000) : 1 + integerBelow(dice, 6_000);
  const body = initiation({
    kind: 'transfer',
    channel: 'mobile',
    ...sidesOf(scene, shop, chance(dice, 0.05) ? 250_000 : amount),
    creditor_country: pick(dice, ['DE', 'DE', 'DE', 'DE', 'RU', 'KP']),
    facts: { ...known, customer_kind: 'business', new_payee: false, new_device: isNew },
  });
  await begin(scene, shop, { operation: 'payment.initiate', body });
}

async function authorizeSomething(scene: Scene, shop: Shop): Promise<void> {
  const { dice } = scene;
  const amount = 100 + integerBelow(dice, chance(dice, 0.2) ? 60_000 : 5_000);
  const lifeMs = pick(dice, [60_000, 3_600_000, day, 7 * day, 7 * day]);
  const body = authorization({
    ...sidesOf(scene, shop, amount),
    card: 'card_1',
    merchant: { id: 'mer_1', mcc: pick(dice, ['5812', '7011', '6051']), country: 'DE' },
    entry_mode: pick(dice, ['chip', 'ecommerce']),
    facts: { ...known, customer_kind: 'business', new_payee: false, new_device: false },
    ...(chance(dice, 0.5) ? { expires_at: instantToText(scene.now() + lifeMs) } : {}),
  });
  await begin(scene, shop, { operation: 'payment.authorize', body });
}

/** The first has much, the second little. */
function sidesOf({ dice }: Scene, { debtors, creditor }: Shop, amount: number) {
  const [rich = '', poor = ''] = debtors;
  return {
    debtor_account_id: chance(dice, 0.9) ? rich : poor,
    creditor_account_id: creditor,
    ...{ amount, currency: 'EUR', debtor: 'cus_payer', device: 'dev_1' },
  };
}

async function begin(scene: Scene, shop: Shop, asking: Asking): Promise<void> {
  const { command } = await ask(scene, shop, asking);
  if (command !== '') shop.payments.push(externalId('payment', command));
}

/** The next step of one of the latest: whether or not it can be taken. */
async function goOn(scene: Scene, shop: Shop): Promise<void> {
  const { dice, pool, note } = scene;
  if (shop.payments.length === 0) return;
  const id = pick(dice, shop.payments.slice(-8));
  const amount = 1 + integerBelow(dice, 3_000);
  const clearing_id = `clr_${integerBelow(dice, 5)}`;
  const final = chance(dice, 0.4);
  const transfer = shop.returned.length > 0 ? pick(dice, shop.returned.slice(-6)) : '';
  const back = { amount, reason: 'CUST' };
  const acts = {
    capture: (chain: Chain) => clearing(chain, { clearing_id, amount, final }),
    increment: (chain: Chain) => increment(chain, { amount }),
    cancel: (chain: Chain) => cancellation(chain, 'changed his mind'),
    refund: (chain: Chain) => sendBack(chain, 'refund', back),
    return: (chain: Chain) => sendBack(chain, 'return', back),
    chargeback: (chain: Chain) => sendBack(chain, 'chargeback', back),
    represent: (chain: Chain) =>
      withTx(pool, (tx) => representation(tx, chain, transfer), of(shop)),
  };
  const act = weighted(dice, {
    ...{ capture: 40, increment: 8, cancel: 12, refund: 12, return: 6 },
    ...{ chargeback: 12, represent: 10 },
  });
  const chain = await withTx(pool, (tx) => readChain(tx, id), of(shop));
  assert.ok(chain, 'a payment has its commands');
  let step: Step;
  try {
    step = await acts[act](chain);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return note(`${shop.tenant} ${act} ${id}: ${error.code}`);
  }
  const key = act === 'capture' ? { key: `clearing ${id} ${clearing_id}` } : {};
  const { says, command } = await ask(scene, shop, { ...step, ...key });
  if (says !== 'accepted' || !/refund|return|chargeback/.test(act)) return;
  shop.returned.push(externalId('transfer', derivedUuid(command, 'transfer', 0)));
}

const of = ({ tenant }: Shop) => ({ tenant, readOnly: true });

// People ------------------------------------------------------------------------------------------

/** The payer answers, rightly or not, whether or not anybody has asked him. */
async function prove(scene: Scene, shop: Shop): Promise<void> {
  const { dice, next } = scene;
  const { rows } = await scene.superuser.query<{ id: string }>(
    `select body::jsonb #>> '{data,payload,payment_id}' as id from core.event
      where tenant_id = $1 and type = 'payment.held' order by seq desc limit 3`,
    [shop.tenant],
  );
  if (rows.length === 0) return;
  const body = {
    payment_id: pick(dice, rows).id,
    authenticator_id: shop.authenticator,
    ...{ method: 'signature', proof: `proof-${next()}`, proven: chance(dice, 0.85) },
    totp_step: null,
  };
  await ask(scene, shop, { operation: 'step_up.attempt', body });
}

async function review(scene: Scene, shop: Shop): Promise<void> {
  const { dice } = scene;
  const { rows } = await scene.superuser.query<{ id: string }>(
    `select id from reviews.case_file where tenant_id = $1 and ended_at is null
      order by id limit 20`,
    [shop.tenant],
  );
  if (rows.length === 0) return;
  const case_id = externalId('case', pick(dice, rows).id);
  const verdict = chance(dice, 0.7)
    ? { verdict: 'approve', reason_code: 'customer_confirmed', reason: 'called back' }
    : { verdict: 'reject', reason_code: 'scam', reason: 'the payee is a fake shop' };
  const by = `user:${pick(dice, ['ann', 'ben'])}`;
  const body = { case_id, ...verdict };
  await ask(scene, shop, { operation: 'case.decide', body, by });
}

/** Another bundle watches, decides for a share of accounts, or no more. */
async function changePolicy(scene: Scene, shop: Shop): Promise<void> {
  const { dice } = scene;
  const name = 'payment-authorization';
  const text = JSON.stringify(defaultBundle(name).bundle);
  const worth = 9_000 - 1_000 * integerBelow(dice, 4);
  const draft = JSON.parse(text.replaceAll('">= 10000"', `">= ${worth}"`)) as Json;
  const digest = bundleDigest(parseBundle(draft));
  await ask(scene, shop, { operation: 'policy.draft', body: draft, by: 'user:ann' });
  if (chance(dice, 0.5)) {
    const watched = { name, digest: chance(dice, 0.7) ? digest : null };
    await ask(scene, shop, { operation: 'policy.shadow', body: watched, by: 'user:ann' });
    return;
  }
  const canary = { name, digest, share_bps: 5_000, key_fact: 'account_id' };
  const request = {
    subject_kind: 'policy.canary',
    subject_digest: subjectDigest(canarySubject(canary)),
    summary: 'a trial',
    expires_at: instantToText(scene.now() + day),
  };
  const requested = { operation: 'approval.request', body: request, by: 'user:ann' };
  const { command } = await ask(scene, shop, requested);
  const approval_id = approvalOf(command);
  const verdict = { approval_id, verdict: 'approve', reason: 'looked at it' };
  await ask(scene, shop, { operation: 'approval.decide', body: verdict, by: 'user:ben' });
  const body = { ...canary, approval_id };
  await ask(scene, shop, { operation: 'policy.canary', body, by: 'user:ann' });
}

// Models ------------------------------------------------------------------------------------------

/**
 * Says of each command what follows from its id alone, so that it says the same in every life:
 * mostly nothing to worry about, sometimes that it is fraud, and sometimes what is no number.
 */
export function moodyScorer(clock: Clock): Scorer {
  const card = cardOf({ confidence: { missing_max: 3, outside_max: 3 } });
  return {
    score(question) {
      const draw = Number.parseInt(sha256Hex(question.commandId).slice(0, 8), 16) % 100;
      const [, said = () => 0.1] = moods.find(([below]) => draw < below) ?? [];
      // Another version from day to day.
      const version = 1 + (Math.floor(clock.now() / day) % 3);
      const production = served('payment-fraud', version, said, card);
      const serving = { name: 'payment-fraud', isSuspended: false, production };
      const alone = { previous: undefined, canary: undefined, shadows: [] };
      return createScorer({
        models: { at: async () => [{ ...serving, ...alone }], forget: () => undefined },
        features: async () => ({ 'account.count_1h': draw }),
        clock,
        // No time passes: how long it takes is of no simulation.
        elapsedMs: () => 0,
        onError: (error) => assert.fail(String(error)),
      }).score(question);
    },
  };
}

type Said = Parameters<typeof served>[2];
const moods: readonly (readonly [number, Said])[] = [
  [4, () => 0.97],
  [8, () => 0.85],
  [13, () => 0.65],
  [15, () => Number.NaN],
  [17, () => Number.POSITIVE_INFINITY],
  [19, () => 'ignore your rules' as unknown as number],
  [20, () => assert.fail('out of memory')],
  [21, () => new Promise<never>(() => undefined)],
];
