// `countersign start --traffic N`: the demo bank lives on at a gentle pace, for those who look
// around. Never by itself: a bank with customers of its own is started without it.
import { type Clock, Fault, seededRandom, systemClock } from '#core';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bankDay } from '../../simulators/bank-day.ts';
import type { LoadClient } from '../../simulators/load-client.ts';
import { namedByParty } from '../../simulators/members.ts';
import { paced } from '../../simulators/pace.ts';
import { createPayers, type Payers } from '../../simulators/payers.ts';
import { homeCurrency } from '../../simulators/population.ts';
import { runTraffic } from '../../simulators/run-traffic.ts';
import { truthOf } from '../../simulators/truth.ts';
import { allItems, clientAt } from './client.ts';
import { clientOf, demoDay, demoTenant, workCases } from './demo.ts';
import { settleAgent } from './demo-agent.ts';
import { createDiary } from './demo-diary.ts';
import { openProgram, registerMembers } from './demo-loyalty.ts';
import { deployShippedModel } from './demo-model.ts';
import { openOffers } from './demo-offers.ts';
import { keptOpened } from './demo-opened.ts';
import { analystNames, invitePeople } from './demo-people.ts';
import { greetMember, openRewards } from './demo-rewards.ts';
import { welcomeConsoleUsers } from './demo-users.ts';
import { type Bank, say } from './installation.ts';
import { keepKey } from './start.ts';
import { openTenant } from './tenants.ts';

export type TrafficOptions = { readonly data: string; readonly perSecond: number };

/** Where no demo has opened the bank, with others. */
const [seed, customers, fraud] = [42, 2_000, 0.008];
/** Of one round of the day's rhythm. */
const transactions = 20_000;
const connections = 4;
/** Whoever looks around finds cases: the analysts take what has waited for a while. */
const leisure = { waitedMs: 5 * 60_000, idleMs: 5_000 } as const;

/** Resolves when the signal has come and what was begun is finished. */
export async function keepLiving(
  bank: Bank,
  { data, perSecond }: TrafficOptions,
  signal: AbortSignal,
): Promise<void> {
  const other = await otherBank(bank);
  if (other !== undefined) {
    say(`no synthetic traffic: ${other} lives here as well (--traffic)`);
    return;
  }
  const tenant = await openTenant(bank, demoTenant.id, demoTenant.name);
  const secrets = await analystSecrets(bank, tenant, data);
  await welcomeConsoleUsers(bank, tenant, data);
  await settleAgent(bank, tenant, data);
  await openProgram(bank, tenant, data);
  await openRewards(bank, tenant, data);
  await greetMember(bank, tenant, data);
  await openOffers(bank, tenant, data);
  const client = clientOf(bank, tenant.systemKey, { connections, seed });
  const clock = systemClock();
  const payers = createPayers({ client, clock });
  say(`${tenant.id} gets ${perSecond} synthetic operations a second (--traffic)`);
  const rhythm = {
    ...{ seed, customers, transactions, day: demoDay, fraud },
    ...keptOpened(data, tenant.id),
  };
  const parties = await registerMembers(bank, tenant, { client, ...bankDay(rhythm) });
  const parts = { bank, secrets, client, payers, clock, perSecond, rhythm, parties };
  for (let round = 0; !signal.aborted; round += 1) await liveRound(parts, round, signal);
  await client.close();
}

type Parts = {
  readonly bank: Bank;
  /** Of the analysts. */
  readonly secrets: readonly string[];
  readonly client: LoadClient;
  readonly payers: Payers;
  readonly clock: Clock;
  readonly perSecond: number;
  readonly rhythm: Parameters<typeof bankDay>[0];
  /** Of customers who are in the register, by their accounts. */
  readonly parties: ReadonlyMap<string, string>;
};

async function liveRound(parts: Parts, round: number, signal: AbortSignal): Promise<void> {
  const { bank, secrets, client, payers, clock, perSecond, rhythm, parties } = parts;
  const run = `live-${clock.now()}`;
  const day = namedByParty(bankDay({ ...rhythm, run }), parties);
  const diary = createDiary(await truthOf(day), 0, homeCurrency);
  // The demo may have funded them already: the keys are those of its day.
  const { accounts, funding } = bankDay(rhythm);
  const operations = paced(day.operations, { perSecond, clock, signal });
  const over = new AbortController();
  const quiet = AbortSignal.any([signal, over.signal]);
  const working = workCases(bank, secrets, {
    ...{ truthOf: diary.whatIs, name: run, seed: seed + round, signal: quiet },
    leisure: { ...leisure, clock },
  });
  try {
    await runTraffic({
      ...{ client, traffic: { accounts, funding, operations }, payers, clock, signal },
      ...{ concurrency: connections, duplicates: 0.02, collisions: 0 },
      random: seededRandom(seed + round),
      onAnswer: diary.write,
    });
  } finally {
    over.abort();
    await working;
  }
}

/** A tenant that is none of the demo's: beside a bank that may be real nothing is made up. */
async function otherBank(bank: Bank): Promise<string | undefined> {
  const operator = clientAt(bank.url, bank.operatorKey);
  const tenants = await allItems<{ readonly id: string }>(operator, '/v1/tenants');
  return tenants.find(({ id }) => id !== 'system' && !id.startsWith(demoTenant.id))?.id;
}

/** Of people whom the demo has invited, or who are invited now together with the model. */
async function analystSecrets(
  bank: Bank,
  tenant: Awaited<ReturnType<typeof openTenant>>,
  data: string,
): Promise<readonly string[]> {
  const files = analystNames.map((name) => join(data, 'api-keys', `${tenant.id}-${name}`));
  if (files.every((file) => existsSync(file))) {
    return files.map((file) => readFileSync(file, 'utf8').trim());
  }
  keepKey(data, tenant.id, tenant.apiKey);
  const people = await invitePeople(bank, tenant, data);
  await deployShippedModel(people).catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error;
    say(`the model that ships is not deployed: ${error.message}`);
  });
  return people.analysts.map(({ secret }) => secret);
}
