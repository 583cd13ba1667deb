// Payments of a bank live from a seed while its servers are killed: scored, decided, held, proven,
// reviewed, cleared, sent back. Every seed is run twice, and neither the logs nor the roots may
// differ; then the record is lived again, and must end in the same roots.
//   COUNTERSIGN_SEED=7 npm run sim      begins at seed 7: a failure names its own
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type Clock,
  type CommandInput,
  type Consumer,
  type Database,
  derivedUuid,
  externalId,
  Fault,
  type FaultCode,
  joinChecks,
  type Json,
  newCommand,
  openDatabase,
  type SealedEvent,
  seededRandom,
  verifyLog,
} from '#core';
import type { Executed } from '#main';
import { checkJournal } from '#money';
import { expirePayment } from '#payments';
import { checkDecisions } from '#policy';
import { reliveLog } from '#replay';
import { chance, type Dice, integerBelow } from '../../simulators/distributions.ts';
import { paymentsGoOn } from '../../src/background.ts';
import { caseOpening } from '../../src/capabilities/reviews/reactors.ts';
import { day, monday } from '../bank.ts';
import { testDatabase, testPassword } from '../database.ts';
import { checkPayments } from '../paid.ts';
import { pick, weighted } from './chance.ts';
import { checkRules } from './checks.ts';
import {
  doSomething,
  moodyScorer,
  openAccount,
  type Scene,
  type Send,
  type Shop,
} from './payment-life.ts';
import { openServers, type Plan, type Servers } from './servers.ts';

const base = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
const runs = Number(process.env['COUNTERSIGN_RUNS'] ?? 3);
const shopsCount = 2;
const stepsCount = 140;
const stepsPerCheck = 20;
const funds = 5_000_000;

for (let seed = base; seed < base + runs; seed += 1) {
  test(`payments live twice from seed ${seed}, the same way`, async (t) => {
    const lives = await Promise.all([live(t, seed), live(t, seed)]);
    const [first, second] = lives.map(({ log }) => log) as [string[], string[]];
    const at = first.findIndex((line, index) => line !== second[index]);
    assert.equal(first[at], second[at], `seed ${seed} differs first in line ${at + 1}`);
    assert.equal(second.length, first.length);
    t.diagnostic(lives.map(({ told }) => told).join('; and '));
    await lives[0]?.relive();
  });
}

type Life = {
  readonly log: readonly string[];
  /** What happened besides, by chance: never the same twice. */
  readonly told: string;
  /** Lives the record again in an empty database, and compares. */
  readonly relive: () => Promise<void>;
};

type World = {
  readonly scene: Scene;
  readonly servers: Servers;
  /** Of somebody who is never killed. */
  readonly observer: Database;
  readonly shops: Shop[];
  readonly clock: Clock;
  readonly time: { now: number };
  /** How far each reactor has read each tenant's events. */
  readonly read: Map<string, bigint>;
};

async function live(t: TestContext, seed: number): Promise<Life> {
  const dice = seededRandom(seed);
  const time = { now: monday };
  const clock = { now: () => time.now };
  const servers = await openServers(t, seed, { clock, scorer: moodyScorer(clock) });
  const { url, superuser, keyring } = servers;
  const observer = openDatabase({ url, password: testPassword, applicationName: 'observer' });
  t.after(() => observer.close());
  const log: string[] = [];
  const random = seededRandom(seed + 1_000_003);
  const send: Send = async (input) => {
    const command = newCommand(input, { clock, random });
    // Impatient callers send it twice at once.
    const copies = chance(dice, 0.05) ? [command, command] : [command];
    const [answer] = await servers.deliver(copies, drawPlan(dice, servers.count));
    assert.ok(answer);
    const { tenant, idempotencyKey, operation, bodyText } = command;
    log.push(
      `${tenant} ${idempotencyKey} ${operation} ${bodyText}: ${answer.says} ${answer.command}`,
    );
    return answer;
  };
  let number = 0;
  const next = () => {
    number += 1;
    return number;
  };
  const note = (line: string) => log.push(line);
  const pool = observer.pool('read');
  const scene: Scene = {
    ...{ dice, send, pool, superuser, now: clock.now, next, note },
    react: () => react(world),
  };
  const world: World = {
    ...{ scene, servers, observer, clock, time },
    ...{ shops: [], read: new Map() },
  };
  for (let each = 0; each < shopsCount; each += 1) world.shops.push(await openShop(scene, each));
  for (let step = 1; step <= stepsCount; step += 1) {
    passTime(dice, time);
    for (const shop of world.shops) await doSomething(scene, shop);
    if (chance(dice, 0.4)) await react(world);
    if (chance(dice, 0.3)) await sweepHolds(world);
    if (step % stepsPerCheck === 0) await checkRules(superuser, []);
  }
  await react(world);
  await servers.seal();
  const roots = await verifiedRoots(servers);
  const statuses = await checkPayments({ database: observer }, superuser);
  log.push(...[...statuses].map((each) => each.join(' ')).sort(), ...roots);
  const counts = Object.fromEntries(
    [...Map.groupBy(statuses.values(), (status) => status)].map(([is, all]) => [is, all.length]),
  );
  const told = JSON.stringify({ payments: counts, commands: log.length, ...servers.kills });
  const relive = async () => {
    const scratch = await testDatabase(t);
    const again = await reliveLog({
      ...{ url, scratchUrl: scratch.url, password: testPassword, keyring },
    });
    const differing = again.tenants.filter(({ difference }) => difference !== null);
    assert.deepEqual(differing, []);
    assert.ok(again.isSame, `replay of seed ${seed}`);
  };
  return { log, told, relive };
}

async function openShop(scene: Scene, number: number): Promise<Shop> {
  const tenant = `shop-${number}`;
  const empty = { payments: [], returned: [], asked: [] };
  const bare: Shop = { tenant, debtors: [], creditor: '', authenticator: '', ...empty };
  const by = { kind: 'service', id: 'setup', tenant } as const;
  const set = async (operation: string, body: Json) => {
    const input = { principal: by, operation, idempotencyKey: `set ${scene.next()}`, body };
    const { says, command } = await scene.send(input);
    assert.equal(says, 'accepted', operation);
    return command;
  };
  await set('tenant.create', { tenant_id: tenant, name: tenant, time_zone: 'UTC' });
  const cash = await openAccount(scene, bare, { type: 'asset' });
  const creditor = await openAccount(scene, bare, {});
  const debtors: string[] = [];
  for (const amount of [funds, 20_000]) {
    const debtor = await openAccount(scene, bare, { bound: 'no_overdraft' });
    const sides = { debit_account_id: cash, credit_account_id: debtor };
    const leg = { kind: 'post', ...sides, amount, currency: 'EUR' };
    await set('journal.post', { legs: [leg] });
    debtors.push(debtor);
  }
  const key = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) };
  const device = { subject: 'cus_payer', kind: 'signature', public_key: key, key_id: null };
  const enrolled = await set('authenticator.enrol', device);
  const authenticator = externalId('authenticator', derivedUuid(enrolled, 'authenticator', 0));
  return { ...bare, tenant, debtors, creditor, authenticator };
}

/** Seconds, mostly; sometimes the hours and days in which reservations expire. */
function passTime(dice: Dice, time: World['time']): void {
  const span = weighted(dice, { moment: 88, minutes: 9, hours: 2, days: 1 });
  if (span === 'moment') time.now += 1 + integerBelow(dice, 20_000);
  if (span === 'minutes') time.now += integerBelow(dice, 900_000);
  if (span === 'hours') time.now += integerBelow(dice, 12 * 3_600_000);
  if (span === 'days') time.now += integerBelow(dice, 9 * day);
}

/** At one server or at all of them; and now and then one dies. */
function drawPlan(dice: Dice, servers: number): Plan {
  const all = Array.from({ length: servers }, (_, server) => server);
  const to = chance(dice, 0.15) ? all : [pick(dice, all)];
  const route = () => to;
  if (chance(dice, 0.95)) return { route };
  const kind = pick(dice, ['kill', 'disconnect'] as const);
  const afterMs = pick(dice, [0, 1, 2, 4, 8, 16]);
  return { route, strike: { kind, server: integerBelow(dice, servers), afterMs } };
}

// What goes on by itself --------------------------------------------------------------------------

/** Reactors read on, some of them again: a repeat has its effect once. */
async function react({ scene, observer, shops, clock, read }: World): Promise<void> {
  const { superuser, dice } = scene;
  const onError = (error: unknown) => scene.note(`a reactor: ${String(error)}`);
  const parts = { database: observer, execute: executor(scene.send), onError };
  const opening = caseOpening({ ...parts, pool: observer.pool('read'), clock });
  for (const reactor of [opening, paymentsGoOn(parts)]) {
    for (const { tenant } of shops) {
      const key = `${reactor.name} ${tenant}`;
      const events = await eventsAfter(superuser, reactor, tenant, read.get(key) ?? 0n);
      await reactor.apply(undefined as never, events);
      const last = events.at(-1);
      // One that dies before it has noted how far it came.
      if (last && chance(dice, 0.8)) read.set(key, last.position);
    }
  }
}

async function eventsAfter(
  superuser: Scene['superuser'],
  { types = [] }: Consumer,
  tenant: string,
  after: bigint,
): Promise<SealedEvent[]> {
  const { rows } = await superuser.query<{ seq: string; id: string; type: string; body: string }>(
    `select seq, id, type, body from core.event
      where tenant_id = $1 and seq > $2 and type = any ($3) order by seq`,
    [tenant, after, types],
  );
  return rows.map(({ seq, ...row }) => ({
    ...{ ...row, tenant, position: BigInt(seq), tenantPosition: BigInt(seq) },
  }));
}

/** What reactors ask for is sent as everything else, and answered as they expect it. */
function executor(send: Send) {
  return async (input: CommandInput<Json>): Promise<Executed> => {
    const { says, command } = await send(input);
    if (command === '') throw new Fault(says as FaultCode, says);
    const outcome = { status: says === 'accepted' ? says : 'rejected' } as Executed['outcome'];
    return { commandId: command, outcome, replayed: false, effects: null, told: null };
  };
}

async function sweepHolds({ scene, observer, time }: World): Promise<void> {
  const { rows } = await scene.superuser.query<{ tenant: string; hold: string }>(
    'select tenant, id as hold from money.due_holds($1, 500) order by tenant, id',
    [new Date(time.now)],
  );
  const parts = { pool: observer.pool('read'), execute: executor(scene.send) };
  for (const { tenant, hold } of rows) {
    await expirePayment(parts, { tenant, hold, holdId: externalId('hold', hold) });
  }
}

async function verifiedRoots({ url, superuser, keyring }: Servers): Promise<string[]> {
  const { logId, checkpointPublicKeys: publicKeys } = keyring;
  const journal = joinChecks(checkJournal(), checkDecisions({ isRepeating: true }));
  const { findings, tenants } = await verifyLog({ url, logId, publicKeys, journal });
  assert.deepEqual(findings, []);
  const { rows } = await superuser.query<{ events: number }>(
    'select count(*)::integer as events from core.event',
  );
  const sealed = tenants.reduce((sum, { size }) => sum + size, 0);
  assert.equal(sealed, rows[0]?.events, 'everything is sealed');
  return tenants.map(
    ({ tenant, size, root }) => `${tenant} has ${size} events under ${root.toString('hex')}`,
  );
}
