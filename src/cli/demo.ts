// `countersign demo`: a demo bank, one day of its life, and whether every promise was kept.
import { type Instant, instantFromText, seededRandom, systemClock } from '#core';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { type AnalystOptions, workQueue } from '../../simulators/analyst.ts';
import { bankDay } from '../../simulators/bank-day.ts';
import { createLoadClient, type LoadClient } from '../../simulators/load-client.ts';
import { namedByParty } from '../../simulators/members.ts';
import type { Traffic } from '../../simulators/operation.ts';
import { createPayers } from '../../simulators/payers.ts';
import { homeCurrency } from '../../simulators/population.ts';
import { runTraffic, type TrafficReport } from '../../simulators/run-traffic.ts';
import { type Truth, truthOf } from '../../simulators/truth.ts';
import { readBankLog } from './bank-log.ts';
import { clientAt } from './client.ts';
import { type DayReport, dayReport, knownPayments } from './demo-day.ts';
import { openDemoCore, proveBooks, takeOver } from './demo-core.ts';
import { createDiary, type Diary } from './demo-diary.ts';
import { openProgram, provePoints, registerMembers } from './demo-loyalty.ts';
import { deployAndRollBack, deployShippedModel, type ShippedModel } from './demo-model.ts';
import { keepOpened } from './demo-opened.ts';
import { invitePeople, type People } from './demo-people.ts';
import { tightenPolicy } from './demo-policy.ts';
import { printDay } from './demo-print.ts';
import { openRewards } from './demo-rewards.ts';
import { tellTruth } from './demo-truth.ts';
import { welcomeConsoleUsers } from './demo-users.ts';
import { type Bank, type GlobalOptions, say, withBank } from './installation.ts';
import { createProgress } from './progress.ts';
import { printProofs, type Proof, proveBank } from './report.ts';
import { reportPage } from './report-page.ts';
import { keepKey } from './start.ts';
import { freshTenant, type OpenTenant } from './tenants.ts';

export type DemoOptions = GlobalOptions & {
  readonly seed: number;
  readonly customers: number;
  readonly transactions: number;
  readonly connections: number;
  readonly fraud: number;
  readonly model: boolean;
  readonly report?: string;
  /** Of a vendor, whose simulator keeps the accounts. */
  readonly core?: string;
};

/** A Friday: pay day for some, cards for all. */
export const demoDay = '2026-03-27';
export const demoTenant = { id: 'demo-bank', name: 'Demo bank' } as const;
/** Of the operations, how many are sent twice, and how many keys are used for something else. */
const [duplicates, collisions, repeats] = [0.02, 0.002, 0.01];
/** Of the verdicts of analysts. */
const mistakes = 0.05;
/** How much of the day has passed when the policy is changed, and when the model is. */
const [policyAt, modelAt, rollbackAt] = [0.3, 0.45, 0.6];
const callDeadlineMs = 60_000;

export async function demo(options: DemoOptions): Promise<void> {
  const { seed, customers, transactions, fraud, core } = options;
  const traffic = bankDay({ seed, customers, transactions, day: demoDay, fraud });
  if (core === undefined) {
    await withBank(options, async (bank) => {
      const tenant = await freshTenant(bank, demoTenant.id, demoTenant.name);
      await liveAt(bank, { tenant, traffic }, options);
    });
    return;
  }
  const demoCore = await openDemoCore(core, traffic);
  try {
    await withBank({ ...options, connected: demoCore.connected }, async (bank) => {
      const day = await takeOver(demoCore, bank, traffic);
      await liveAt(bank, { ...day, proveBooks: () => proveBooks(demoCore, day) }, options);
    });
  } finally {
    await demoCore.simulator.close();
  }
}

type Living = {
  readonly tenant: OpenTenant;
  readonly traffic: Traffic;
  /** Those that were there before the day. */
  readonly accounts?: ReadonlyMap<string, string>;
  readonly proveBooks?: () => Promise<Proof>;
};

async function liveAt(bank: Bank, living: Living, options: DemoOptions): Promise<void> {
  const { seed, customers, connections, data } = options;
  const { tenant } = living;
  const keyFile = keepKey(data, tenant.id, tenant.apiKey);
  keepOpened(data, { tenant: tenant.id, seed, customers });
  say(`tenant ${tenant.id} is open: ${customers} customers, seed ${seed}`);
  const people = await invitePeople(bank, tenant, data);
  await welcomeConsoleUsers(bank, tenant, data);
  await openProgram(bank, tenant, data);
  await openRewards(bank, tenant, data);
  const model = options.model ? await deployShippedModel(people) : undefined;
  const client = clientOf(bank, tenant.systemKey, { connections, seed: seed + 1 });
  const parties = await registerMembers(bank, tenant, { client, ...living.traffic });
  const traffic = namedByParty(living.traffic, parties);
  const stage = { bank, people, model, client, options, ...living, traffic };
  const lived = await live(stage);
  const report = await learn(stage, lived);
  await client.close();
  printDay(report);
  const isProven = printProofs(report.proofs);
  const file = options.report ?? join(data, `report-${tenant.id}.html`);
  writeFileSync(file, reportPage(report));
  process.exitCode = isProven ? 0 : 1;
  const start = data === '.countersign' ? 'npm start' : `npm start -- --data ${data}`;
  const serves = living.proveBooks
    ? 'shows this bank, and moves nothing: its core is gone'
    : 'serves this bank';
  console.log(`
The report is ${file}: open it in a browser.
The key of ${tenant.id} is in ${keyFile}; \`${start}\` ${serves}.`);
}

type Connecting = { readonly connections: number; readonly seed: number };

export function clientOf(bank: Bank, apiKey: string, { connections, seed }: Connecting) {
  const random = seededRandom(seed);
  return createLoadClient({
    url: bank.url,
    ...{ apiKey, connections, deadlineMs: callDeadlineMs, random },
  });
}

type Stage = Living & {
  readonly bank: Bank;
  readonly people: People;
  readonly model: ShippedModel | undefined;
  readonly client: LoadClient;
  readonly options: DemoOptions;
};
type Lived = Pick<DayReport, 'traffic' | 'policyChange' | 'modelChange'> & {
  readonly diary: Diary;
  readonly truth: Truth;
};

/** The day: customers, thieves and analysts at once, and in the middle of it two changes. */
async function live(stage: Stage): Promise<Lived> {
  const { tenant, traffic, client, options } = stage;
  const { seed, connections } = options;
  const truth = await truthOf(traffic);
  const midnight = instantFromText(`${demoDay}T00:00:00Z`) as Instant;
  const diary = createDiary(truth, midnight, homeCurrency);
  const clock = systemClock();
  const over = new AbortController();
  const working = workCases(
    stage.bank,
    stage.people.analysts.map(({ secret }) => secret),
    { truthOf: diary.whatIs, name: 'analyst', seed: seed + 10, signal: over.signal },
  );
  const changes = createChanges(stage, diary);
  const bar = createProgress({ label: `a day at ${tenant.id}`, unit: 'operations' });
  const total = traffic.count?.() ?? 0;
  try {
    const report: TrafficReport = await runTraffic({
      ...{ client, traffic, concurrency: connections, duplicates, collisions, repeats, clock },
      random: seededRandom(seed + 2),
      ...(stage.accounts ? { accounts: stage.accounts } : {}),
      payers: createPayers({ client, clock }),
      onAnswer: diary.write,
      onProgress(done) {
        bar.update(done, total);
        changes.reached(done / total);
      },
    });
    bar.finish();
    const changed = await changes.done();
    return { traffic: report, diary, truth, ...changed };
  } finally {
    over.abort();
    await working;
  }
}

type Working = Pick<AnalystOptions, 'truthOf' | 'signal' | 'name' | 'leisure'> & {
  readonly seed: number;
};

/** Analysts, each with a key of his own, until the signal. What goes wrong is heard at the end. */
export function workCases(bank: Bank, secrets: readonly string[], working: Working) {
  const { seed, name, ...rest } = working;
  const all = secrets.map(async (secret, index) => {
    const client = clientOf(bank, secret, { connections: 1, seed: seed + index });
    const random = seededRandom(seed + 10 + index);
    await workQueue({ ...rest, client, mistakes, random, name: `${name}/${index}` });
    await client.close();
  });
  return heardLater(Promise.all(all));
}

/** Whoever awaits it hears of its failure; until then it is no unhandled one. */
function heardLater<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}

/** What people change while payments go on: each once, when its part of the day has passed. */
function createChanges({ people, model }: Stage, diary: Diary) {
  const [isNoon, isAfternoon, isRegretted] = [gate(policyAt), gate(modelAt), gate(rollbackAt)];
  const gates = [isNoon, isAfternoon, isRegretted];

  async function changePolicy() {
    await isNoon.opened;
    const at = diary.now();
    return { ...(await tightenPolicy(people)), at };
  }

  async function changeModel(shipped: ShippedModel) {
    await isAfternoon.opened;
    const at = diary.now();
    const change = await deployAndRollBack(people, shipped, {
      untilRegretted: isRegretted.opened,
    });
    return { ...change, at, rolledBackAt: diary.now() };
  }

  const policyChange = heardLater(changePolicy());
  const modelChange = model && heardLater(changeModel(model));
  return {
    reached: (share: number) => {
      for (const each of gates) each.reached(share);
    },
    done: async () => ({ policyChange: await policyChange, modelChange: await modelChange }),
  };
}

/** Opens when so much of the day has passed. */
function gate(share: number) {
  const { promise: opened, resolve } = Promise.withResolvers<void>();
  return { opened, reached: (now: number) => (now >= share ? resolve() : undefined) };
}

/** Weeks later, as it were, the bank learns what was fraud; and whether all has held is proven. */
async function learn(stage: Stage, lived: Lived): Promise<DayReport> {
  const { bank, tenant, client, model, options } = stage;
  await bank.server?.sealer?.sealNow();
  const reading = createProgress({ label: `the log of ${tenant.id}`, unit: 'events' });
  const log = await readBankLog(client, (events) => reading.update(events, undefined));
  reading.finish();
  const parts = { ...lived, log };
  const known = knownPayments(parts);
  const telling = createProgress({ label: 'chargebacks and reviews', unit: 'labels' });
  const tellers = {
    chargebacks: clientAt(bank.url, tenant.systemKey),
    reviewer: clientAt(bank.url, tenant.apiKey),
  };
  await tellTruth(tellers, known, (labels) => telling.update(labels, known.length));
  telling.finish();
  const title = { tenant: tenant.id, day: demoDay, seed: options.seed };
  const day = dayReport({ ...parts, title, currency: homeCurrency, model });
  const proof = { bank, client, report: lived.traffic, tenant: tenant.id, options };
  const proofs = await proveBank({ ...proof, isRepeating: true });
  const points = await provePoints(bank, tenant);
  const books = await stage.proveBooks?.();
  return { ...day, proofs: [...proofs, points, ...(books ? [books] : [])] };
}
