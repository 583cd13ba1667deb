// A bank lives from a seed, is killed again and again, and must not show it: every seed is run
// twice, and the logs, which say all that was asked and answered, may not differ in a letter.
//   COUNTERSIGN_SEED=7 npm run sim      begins at seed 7: a failure names its own
//   COUNTERSIGN_RUNS=50 npm run sim     a long form
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { checkModels } from '#ai';
import { canonicalJson, type Command, joinChecks, seededRandom, verifyLog } from '#core';
import { checkJournal } from '#money';
import { checkDecisions } from '#policy';
import { chance, type Dice, integerBelow } from '../../simulators/distributions.ts';
import { day, monday, openBank, seal } from '../bank.ts';
import { recordedCommands } from '../recorded.ts';
import { pick, weighted } from './chance.ts';
import { balancesDigest, checkBank } from './checks.ts';
import { openServers, type Plan, type Servers } from './servers.ts';
import {
  drawRequest,
  expiryRequest,
  openingRequests,
  repeatRequest,
  type Request,
  type Traffic,
} from './traffic.ts';

const base = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
const runs = Number(process.env['COUNTERSIGN_RUNS'] ?? 3);
const tenantsCount = 3;
const stepsCount = 200;
const requestsPerStep = 28;
const stepsPerCheck = 8;
const replayBatch = 50;
/** The longest that a request is under way before it arrives. */
const delayMaxSteps = 6;

for (let seed = base; seed < base + runs; seed += 1) {
  test(`a bank lives twice from seed ${seed}, the same way`, async (t) => {
    const lives = await Promise.all([live(t, seed), live(t, seed)]);
    const [first, second] = lives.map(({ log }) => log) as [string[], string[]];
    const at = first.findIndex((line, index) => line !== second[index]);
    assert.equal(first[at], second[at], `seed ${seed} differs first in line ${at + 1}`);
    assert.equal(second.length, first.length);
    t.diagnostic(lives.map(({ told }) => told).join('; and '));
    const [{ replay, roots }] = lives as [Life, Life];
    assert.deepEqual(await replay(), roots, `replay of seed ${seed}`);
  });
}

type Life = {
  readonly log: readonly string[];
  readonly roots: readonly string[];
  /** What happened besides, by chance: never the same twice. */
  readonly told: string;
  /** Feeds what was recorded into an empty database, and answers the roots of that. */
  readonly replay: () => Promise<readonly string[]>;
};

type World = {
  readonly traffic: Traffic;
  readonly servers: Servers;
  readonly log: string[];
  /** Requests that are under way for longer, by the step in which they arrive. */
  readonly late: Map<number, Request[]>;
};

async function live(t: TestContext, seed: number): Promise<Life> {
  const dice = seededRandom(seed);
  const random = seededRandom(seed + 1_000_003);
  const traffic: Traffic = { dice, random, books: [], now: monday, keys: 0 };
  const servers = await openServers(t, seed, { clock: { now: () => traffic.now } });
  const world: World = { traffic, servers, log: [], late: new Map() };
  for (let number = 0; number < tenantsCount; number += 1) {
    await send(world, openingRequests(traffic));
  }
  for (let step = 1; step <= stepsCount; step += 1) {
    passTime(traffic);
    await sweepHolds(world);
    await send(world, drawStep(world, step));
    const digest = await balancesDigest(servers.superuser);
    world.log.push(`step ${step} at ${traffic.now}: ${digest}`);
    if (step % stepsPerCheck === 0) await checkBank(servers.superuser, traffic.books);
  }
  await checkBank(servers.superuser, traffic.books);
  await servers.seal();
  const roots = await verifiedRoots(servers.url, servers.keyring);
  world.log.push(...roots);
  return { log: world.log, roots, told: tellOf(world), replay: () => replay(t, servers) };
}

/** Seconds, mostly; sometimes the nights and weeks in which holds expire. */
function passTime(traffic: Traffic): void {
  const { dice } = traffic;
  const span = weighted(dice, { none: 15, moment: 70, hours: 10, days: 5 });
  if (span === 'moment') traffic.now += 1 + integerBelow(dice, 5_000);
  if (span === 'hours') traffic.now += integerBelow(dice, 12 * 3_600_000);
  if (span === 'days') traffic.now += integerBelow(dice, 10 * day);
}

/** What clients send in this step, what arrives late, and what they send twice. */
function drawStep({ traffic, late }: World, step: number): Request[] {
  const { dice } = traffic;
  const arriving = late.get(step) ?? [];
  for (let count = 1 + integerBelow(dice, requestsPerStep); count > 0; count -= 1) {
    const request = drawRequest(traffic);
    if (chance(dice, 0.05)) {
      const at = step + 1 + integerBelow(dice, delayMaxSteps);
      if (at <= stepsCount) late.set(at, [...(late.get(at) ?? []), request]);
      continue;
    }
    arriving.push(request);
    if (chance(dice, 0.06)) arriving.push(repeatRequest(traffic, request.book, request.command));
  }
  return arriving;
}

/** A server writes down which holds have expired; often none has the time. */
async function sweepHolds(world: World): Promise<void> {
  const { traffic, servers } = world;
  if (chance(traffic.dice, 0.6)) return;
  const { rows } = await servers.superuser.query<{ tenant: string; hold: string }>(
    `select tenant, id as hold from money.due_holds($1, 500) order by tenant, id`,
    [new Date(traffic.now)],
  );
  const due = traffic.books.flatMap((book) =>
    rows.flatMap(({ tenant, hold }) =>
      tenant === book.tenant ? [expiryRequest(traffic, book, hold)] : [],
    ),
  );
  await send(world, due);
}

// Sending -----------------------------------------------------------------------------------------

/** In a few bursts; within one, commands of a tenant share a batch and keep their order. */
async function send(world: World, requests: readonly Request[]): Promise<void> {
  const { dice } = world.traffic;
  let burst: Request[] = [];
  for (const request of requests) {
    if (request.alone || chance(dice, 0.06)) {
      await sendBurst(world, burst);
      burst = [];
    }
    burst.push(request);
    if (!request.alone) continue;
    await sendBurst(world, burst);
    burst = [];
  }
  await sendBurst(world, burst);
}

async function sendBurst(world: World, burst: readonly Request[]): Promise<void> {
  if (burst.length === 0) return;
  const { traffic, servers, log } = world;
  const expected = burst.map(({ foresee }) => foresee());
  const commands = burst.map(({ command }) => command);
  const plan = drawPlan(traffic.dice, servers.count);
  const answers = await servers.deliver(commands, plan);
  for (const [index, { tenant, operation, idempotencyKey, bodyText }] of commands.entries()) {
    const { says, command } = answers[index] as (typeof answers)[number];
    const line = `${tenant} ${idempotencyKey} ${operation} ${bodyText}: ${says} ${command}`;
    log.push(line);
    const { says: foreseen, command: by } = expected[index] as (typeof answers)[number];
    assert.equal(`${says} ${command}`, `${foreseen} ${by}`, `the model answers otherwise: ${line}`);
  }
}

/** Each tenant at a server of its own choice, or all at all; and now and then a server dies. */
function drawPlan(dice: Dice, servers: number): Plan {
  const isEverywhere = chance(dice, 0.2);
  const all = Array.from({ length: servers }, (_, server) => server);
  const shift = integerBelow(dice, servers ** tenantsCount);
  const route = (tenant: string) => {
    const number = Number(tenant.split('-')[1]);
    return isEverywhere ? all : [Math.floor(shift / servers ** number) % servers];
  };
  if (chance(dice, 0.82)) return { route };
  const kind = pick(dice, ['kill', 'disconnect'] as const);
  const afterMs = pick(dice, [0, 1, 2, 3, 4, 6, 8, 12]);
  return { route, strike: { kind, server: integerBelow(dice, servers), afterMs } };
}

// The end -----------------------------------------------------------------------------------------

async function verifiedRoots(url: string, keyring: Servers['keyring']): Promise<string[]> {
  const { logId, checkpointPublicKeys: publicKeys } = keyring;
  const journal = joinChecks(
    checkJournal(),
    checkDecisions({ isRepeating: true }),
    checkModels([]),
  );
  const verified = await verifyLog({ url, logId, publicKeys, journal });
  assert.deepEqual(verified.findings, []);
  return verified.tenants.map(({ tenant, size, root, signed }) => {
    assert.equal(signed, size, `the whole log of ${tenant} is signed`);
    return `${tenant} has ${size} events under ${root.toString('hex')}`;
  });
}

/** In other batches than they were recorded in. */
async function replay(t: TestContext, { superuser }: Servers): Promise<string[]> {
  const bank = await openBank(t, { seed: 0 });
  const { planes } = bank;
  let batch: Command[] = [];
  // What is read to decide takes its time: all are decided before the first is handed over.
  const carryOutAll = async () => {
    const items = await Promise.all(batch.map(planes.decide));
    batch = [];
    await Promise.all(items.map(planes.carryOut));
  };
  for (const command of await recordedCommands(superuser)) {
    const isAlone = !/^(journal|account)\./.test(command.operation);
    if (isAlone || batch.length === replayBatch) await carryOutAll();
    if (isAlone) await planes.executeCommand(command);
    else batch.push(command);
  }
  await carryOutAll();
  await seal(bank);
  return verifiedRoots(bank.url, planes.keyring);
}

function tellOf({ traffic, servers }: World): string {
  const all = traffic.books.flatMap(({ asked }) => [...asked.values()]);
  const accepted = all.filter(({ answer }) => answer.says === 'accepted').length;
  const { kills, disconnects, committed, lost } = servers.kills;
  return canonicalJson({ commands: all.length, accepted, kills, disconnects, committed, lost });
}
