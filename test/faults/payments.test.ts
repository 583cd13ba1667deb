// Kills the server and PostgreSQL at random moments while payments live: ordered, authorized,
// captured, confirmed, reviewed, sent back, by callers that keep asking. Every step that was
// acknowledged is there once, sums are those of the ledger, and what was agreed goes on by itself.
//   COUNTERSIGN_KILLS=6 npm run faults      a short form
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '#core';
import { chance, type Dice, integerBelow } from '../../simulators/distributions.ts';
import { type Call, createLoadClient } from '../../simulators/load-client.ts';
import { openTenant, type ServerProcess, serverProcess } from '../server-process.ts';
import { pick } from '../sim/chance.ts';

const kills = Number(process.env['COUNTERSIGN_KILLS'] ?? 20);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
const payers = 8;
const funds = 90_000_000;
const [pauseMinMs, pauseMaxMs] = [200, 1_000];
/** What goes on by itself has done so by then, on a machine that does much else. */
const quietMaxMs = 90_000;

type Json = any;
type Ask = (method: Call['method'], path: string, body?: object, key?: string) => Promise<Json>;

/** What a payer was told: his payments, and the steps of each, by the types of their events. */
type Told = Map<string, string[]>;

/** The type of the event that follows from a verdict, by payment. */
type Verdicts = ReadonlyMap<string, string>;

type Setting = {
  readonly server: ServerProcess;
  readonly admin: Ask;
  /** A system of the bank, which brings what customers and card networks ask for. */
  readonly channel: Ask;
  readonly analyst: Ask;
};

test(`payments live through ${kills} kills (seed ${seed})`, async () => {
  const setting = await openSetting();
  const { server, admin } = setting;
  const { debtors, creditor } = await openAccounts(admin);
  const stopping = new AbortController();
  const { signal } = stopping;
  const life = debtors.map((debtor, number) =>
    payUntil(signal, setting, { debtor, creditor, number }),
  );
  const review = reviewUntil(signal, setting);
  const broken = Promise.all([...life, review]);
  const dice = seededRandom(seed);
  for (let done = 1; done <= kills; done += 1) {
    const pauseMs = pauseMinMs + integerBelow(dice, pauseMaxMs - pauseMinMs);
    await Promise.race([sleep(pauseMs).then(() => heardMore(answers + payers)), broken]);
    if (chance(dice, 0.5)) await server.killPostgres();
    else {
      await server.kill();
      await server.start();
    }
  }
  await sleep(500);
  stopping.abort();
  const told = await Promise.all(life);
  const total = told.reduce((sum, { size }) => sum + size, 0);
  assert.ok(total > kills, 'there was load');
  const verdicts = await review;
  console.log(`${total} payments, ${verdicts.size} verdicts`);
  for (const payments of told) await checkSteps(setting, payments, verdicts);
  await checkSums(setting, debtors, told);
  await server.stop();
  for (const args of [['verify'], ['rebuild', 'payments'], ['rebuild', 'balances']]) {
    const ran = await server.run(...args);
    assert.equal(ran.code, 0, args.join(' ') + ran.stdout + ran.stderr);
  }
});

async function openSetting(environment: Record<string, string> = {}): Promise<Setting> {
  const server = await serverProcess();
  after(async () => {
    await server.stop();
    server.remove();
  });
  await server.start({ environment });
  const key = await openTenant(server, 'faults');
  const [admin, closeAdmin] = asker(server, key);
  const issue = async (kind: string, id: string, scopes: readonly string[]) => {
    const holder = { principal_kind: kind, principal_id: id };
    const issued = await admin(
      'POST',
      '/v1/api-keys',
      { name: id, ...holder, scopes },
      `key ${id}`.replace(' ', '-'),
    );
    return asker(server, issued.secret);
  };
  const [channel, closeChannel] = await issue('service', 'channel', [
    'payments:read',
    'payments:write',
  ]);
  const [analyst, closeAnalyst] = await issue('user', 'ann', ['reviews:read', 'reviews:write']);
  after(() => Promise.all([closeAdmin(), closeChannel(), closeAnalyst()]));
  return { server, admin, channel, analyst };
}

let keys = 0;
let answers = 0;

/** Nobody is killed twice with nothing in between. */
async function heardMore(than: number): Promise<void> {
  await until(async () => answers > than || undefined);
}

/** Asks until there is an answer; a refusal is an answer, too. */
function asker(server: ServerProcess, apiKey: string): [Ask, () => Promise<void>] {
  const random = seededRandom(seed);
  const connections = payers;
  const client = createLoadClient({
    ...{ url: server.url, apiKey, connections, deadlineMs: 120_000, random },
  });
  const ask: Ask = async (method, path, body, key) => {
    keys += 1;
    const idempotencyKey = key ?? `key-${keys}`;
    const write = body === undefined ? {} : { body: JSON.stringify(body), idempotencyKey };
    const answer = await client.send({ method, path, ...write });
    answers += 1;
    return { http: answer.status, text: answer.text, ...JSON.parse(answer.text) };
  };
  return [ask, client.close];
}

async function openAccounts(admin: Ask) {
  const open = async (body: object): Promise<string> =>
    (await admin('POST', '/v1/accounts', { type: 'liability', currency: 'EUR', ...body })).id;
  const cash = await open({ type: 'asset' });
  const creditor = await open({});
  const debtors: string[] = [];
  for (let number = 0; number < payers; number += 1) {
    const debtor = await open({ bound: 'no_overdraft' });
    const sides = { debit_account_id: cash, credit_account_id: debtor };
    await admin('POST', '/v1/transfers', { ...sides, amount: funds, currency: 'EUR' });
    debtors.push(debtor);
  }
  return { debtors, creditor };
}

// Payers ------------------------------------------------------------------------------------------

type Payer = { readonly debtor: string; readonly creditor: string; readonly number: number };

async function payUntil(signal: AbortSignal, setting: Setting, payer: Payer): Promise<Told> {
  const { admin, channel } = setting;
  const { debtor, creditor, number } = payer;
  const dice = seededRandom(seed + 1 + number);
  const customer = `cus_${number}`;
  const device = await enrol(admin, customer);
  const told: Told = new Map();
  const facts = { screening_status: 'known', local_hour: 14, account_age_days: 700 };
  const usual = { ...facts, customer_kind: 'business', new_payee: false, new_device: false };
  const sides = { debtor_account_id: debtor, creditor_account_id: creditor, currency: 'EUR' };

  async function begin(path: string, more: object, type: string): Promise<string> {
    const body = { ...sides, debtor: customer, device: 'dev_1', ...more };
    keys += 1;
    const key = `begin-${keys}`;
    const begun = await channel('POST', path, body, key);
    assert.ok([200, 201].includes(begun.http) && begun.outcome !== 'denied', begun.text);
    told.set(begun.id, [type]);
    // A caller that has not listened asks again.
    if (chance(dice, 0.2)) assert.equal((await channel('POST', path, body, key)).id, begun.id);
    return begun.id;
  }
  async function step(id: string, act: string, body: object, type: string): Promise<Json> {
    const done = await channel('POST', `/v1/payments/${id}/${act}`, body);
    assert.ok([200, 201].includes(done.http), `${act}: ${done.text}`);
    told.get(id)?.push(type);
    return done;
  }
  const order = (more: object, type: string) => {
    const transfer = { kind: 'transfer', channel: 'mobile', creditor_country: 'DE' };
    return begin('/v1/payments', { ...transfer, facts: usual, ...more }, type);
  };
  const amountOf = () => 1_000 + integerBelow(dice, 4_000);
  const lives = {
    async posted() {
      const amount = amountOf();
      const id = await order({ amount }, 'payment.posted');
      if (chance(dice, 0.5)) return;
      const half = { amount: Math.floor(amount / 2), reason: 'CUST' };
      const acts = [0, 1, 2].map(() => channel('POST', `/v1/payments/${id}/refund`, half));
      // Of three halves that are sent back at once, two go.
      const sent = (await Promise.all(acts)).filter(({ http }) => http < 300);
      assert.equal(sent.length, 2);
      told.get(id)?.push('payment.refunded', 'payment.refunded');
    },
    async card() {
      const merchant = { id: 'mer_1', mcc: '5812', country: 'DE' };
      const card = { card: `card_${number}`, merchant, entry_mode: 'chip', facts: usual };
      const amount = amountOf();
      const id = await begin('/v1/card-authorizations', { ...card, amount }, 'payment.authorized');
      if (chance(dice, 0.2)) return void (await step(id, 'cancel', {}, 'payment.cancelled'));
      const clear = (clearing_id: string, of: number, final: boolean) =>
        step(id, 'capture', { clearing_id, amount: of, final }, 'payment.captured');
      await clear('one', 400, false);
      await clear('two', 500, true);
      if (chance(dice, 0.5)) return;
      const charge = { amount: 900, reason: '104' };
      await step(id, 'chargeback', charge, 'payment.charged_back');
      const transfer_id = await chargebackOf(channel, id);
      await step(id, 'represent', { transfer_id }, 'payment.represented');
    },
    async confirmed() {
      const more = { amount: 20_000, facts: { ...usual, new_device: true } };
      const id = await order(more, 'payment.held');
      const path = `/v1/payments/${id}/step-up`;
      const { text_to_sign } = await channel('GET', path);
      const proof = { authenticator_id: device.id, signature: device.sign(text_to_sign) };
      const proven = await channel('POST', path, proof);
      assert.equal(proven.status, 'succeeded', proven.text);
      told.get(id)?.push('payment.posted');
    },
    async reviewed() {
      await order({ amount: amountOf(), creditor_country: 'RU' }, 'payment.review_required');
    },
  };
  const names = ['posted', 'posted', 'card', 'card', 'confirmed', 'reviewed'] as const;
  while (!signal.aborted) await lives[pick(dice, names)]();
  return told;
}

/** The transfer of a chargeback, which the answer to it does not name. */
async function chargebackOf(ask: Ask, id: string): Promise<string> {
  const { history } = await ask('GET', `/v1/payments/${id}`);
  const charged = history.find(({ type }: Json) => type === 'payment.charged_back');
  return charged.payload.transfer_ids[0];
}

async function enrol(ask: Ask, subject: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const public_key = publicKey.export({ format: 'jwk' });
  const enrolled = await ask('POST', '/v1/authenticators', {
    subject,
    kind: 'signature',
    public_key,
  });
  assert.equal(enrolled.http, 201, enrolled.text);
  return {
    id: enrolled.id as string,
    sign: (text: string) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  };
}

/** Looks at what waits, and decides; answers what shall come of each payment that was decided. */
async function reviewUntil(signal: AbortSignal, { analyst }: Setting): Promise<Verdicts> {
  const dice: Dice = seededRandom(seed + 99);
  const verdicts = new Map<string, string>();
  while (!signal.aborted) {
    const { items = [] } = await analyst('GET', '/v1/cases?limit=5');
    for (const { id, payment_id } of items) {
      const isFine = chance(dice, 0.5);
      const verdict = isFine
        ? { verdict: 'approve', reason_code: 'customer_confirmed', reason: 'called back' }
        : { verdict: 'reject', reason_code: 'scam', reason: 'the payee is a fake shop' };
      const decided = await analyst('POST', `/v1/cases/${id}/decide`, verdict);
      if (decided.http < 300) {
        verdicts.set(payment_id, isFine ? 'payment.posted' : 'payment.cancelled');
      } else assert.equal(decided.code, 'conflict', decided.text);
    }
    await sleep(100);
  }
  return verdicts;
}

// The end -----------------------------------------------------------------------------------------

/**
 * After it nothing moves any more: what was agreed has gone on, whoever was killed before
 * it did.
 */
async function checkSteps({ channel }: Setting, told: Told, verdicts: Verdicts): Promise<void> {
  for (const [id, types] of told) {
    const wanted = [...types, verdicts.get(id) ?? []].flat();
    await until(async () => {
      const { history } = await channel('GET', `/v1/payments/${id}`);
      const found = history.map(({ type }: Json) => type);
      assert.deepEqual(found.toSorted(), wanted.toSorted(), `${id} has its steps once`);
      return true;
    });
  }
}

async function checkSums(
  { channel, admin }: Setting,
  debtors: readonly string[],
  told: readonly Told[],
): Promise<void> {
  for (const [number, debtor] of debtors.entries()) {
    const known = told[number] as Told;
    const { booked, available } = await admin('GET', `/v1/accounts/${debtor}/balances`);
    // The list is a projection: a moment behind what is committed, and more on a busy machine.
    await until(async () => {
      let [moved, reserved] = [0, 0];
      const all = await payments(channel, debtor);
      const ids = all.map(({ payment_id }) => payment_id as string);
      assert.deepEqual(ids.toSorted(), [...known.keys()].toSorted());
      for (const { status, amount, captured, returned } of all) {
        if (['review', 'step_up_required'].includes(status)) reserved += amount;
        if (!(status in stillHeld)) moved += (captured || amount) - returned;
      }
      assert.deepEqual([booked, available], [funds - moved, funds - moved - reserved]);
      return true;
    });
  }
}

/** Of these nothing was moved. */
const stillHeld = { review: 1, step_up_required: 1, denied: 1, cancelled: 1, expired: 1 };

async function payments(ask: Ask, debtor: string): Promise<Json[]> {
  const all: Json[] = [];
  for (let more = ''; ; ) {
    const page = await ask('GET', `/v1/payments?limit=500&debtor_account_id=${debtor}${more}`);
    all.push(...page.items);
    if (page.next === null) return all;
    more = `&after=${page.next}`;
  }
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + quietMaxMs;
  for (let error: unknown; ; await sleep(100)) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (cause) {
      error = cause;
    }
    if (performance.now() > deadline) throw error ?? new Error('not in time');
  }
}

// What goes on by itself --------------------------------------------------------------------------

test('what was decided or is to be delivered when the server dies goes on after it', async (t) => {
  const receiver = await receive(t);
  const environment = { COUNTERSIGN_WEBHOOK_ALLOW: '127.0.0.1' };
  const { server, admin, channel, analyst } = await openSetting(environment);
  const { debtors, creditor } = await openAccounts(admin);
  const hook = { url: receiver.url, types: ['payment.*'] };
  const created = await admin('POST', '/v1/webhooks', hook);
  assert.equal(created.http, 201, created.text);
  const dice = seededRandom(seed);
  const ids: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const ordered = await channel('POST', '/v1/payments', {
      ...{ kind: 'transfer', channel: 'mobile', amount: 1_000, currency: 'EUR' },
      ...{ debtor_account_id: debtors[round], creditor_account_id: creditor },
      ...{ creditor_country: 'RU', facts: { screening_status: 'known', account_age_days: 700 } },
    });
    assert.equal(ordered.outcome, 'review', ordered.text);
    ids.push(ordered.id);
    const id = await until(async () => {
      const { items } = await analyst('GET', '/v1/cases');
      return items.find(({ payment_id }: Json) => payment_id === ordered.id)?.id as string;
    });
    const approve = { verdict: 'approve', reason_code: 'customer_confirmed', reason: 'called' };
    const decided = await analyst('POST', `/v1/cases/${id}/decide`, approve);
    assert.equal(decided.http, 201, decided.text);
    await sleep(integerBelow(dice, 300));
    await server.kill();
    await server.start({ environment });
    await until(async () => {
      const { status } = await channel('GET', `/v1/payments/${ordered.id}`);
      return status === 'posted' || undefined;
    });
  }
  const wanted = ids.flatMap((id) => [`payment.review_required ${id}`, `payment.posted ${id}`]);
  await until(async () => wanted.every((each) => receiver.messages.has(each)) || undefined);
  assert.equal(receiver.messages.size, wanted.length, 'and nothing that did not happen');
  const [first = ''] = ids;
  const { history } = await channel('GET', `/v1/payments/${first}`);
  assert.equal(history.length, 2, 'a repeat has its effect once');
});

/** A receiver that knows what it was told of, and by which events. */
async function receive(t: TestContext) {
  const messages = new Map<string, Set<string>>();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { id, type, data } = JSON.parse(text) as Json;
      const what = `${type.replace(/^.*?(payment\.)/, '$1')} ${data.payload.payment_id}`;
      messages.set(what, new Set([...(messages.get(what) ?? []), id]));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, messages };
}
