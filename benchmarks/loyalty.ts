// Points while the bank day runs: from the answer to a purchase until its points are active and
// told of, as somebody sees it who pays by HTTP and listens to the stream of events.
import { derivedUuid, externalId, internalId, seededRandom } from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { openProgram, provePoints } from '../src/cli/demo-loyalty.ts';
import { deployShippedModel } from '../src/cli/demo-model.ts';
import { invitePeople } from '../src/cli/demo-people.ts';
import { openTenant } from '../src/cli/tenants.ts';
import { inFlight, quantile, sortedTimes } from './bank.ts';
import type { Benchmark } from './run.ts';
import {
  type HttpClient,
  httpClient,
  openAccounts,
  startServerProcess,
  startWorkerBeside,
} from './server.ts';

const members = 1_000;
const merchants = 50;
const connections = 64;
const perSecond = 300;
const seconds = 20;
const restMs = 5_000;
/** What has not come by then is counted as missing. */
const lateMs = 20_000;
/** Groceries, restaurants, fast food, books: all of them earn. */
const categories = ['5411', '5812', '5814', '5942'];

export const loyalty: Benchmark = {
  title: `Points of ${perSecond} purchases a second, from the answer until they are active`,
  guess: {
    payments_p95_ms: 35,
    points_p50_ms: 70,
    points_p95_ms: 150,
    points_p99_ms: 260,
    earned_share: 1,
    conserved: 1,
  },
  targets: {
    points_p95_ms: { max: 250 },
    earned_share: { min: 1 },
    conserved: { min: 1 },
  },
  async run(say) {
    // One process answers and posts, another follows the log: docs/operating/scaling.md.
    const server = await startServerProcess('api,sealer');
    const stopWorker = await startWorkerBeside(server);
    try {
      const bank = { url: server.url, operatorKey: server.operatorKey, server: undefined };
      const tenant = await openTenant(bank, 'points', 'Points');
      const clerk = httpClient(server.url, tenant.apiKey, connections);
      const ids = await openAccounts(clerk, members + merchants);
      const parties = await register(clerk, ids.slice(0, members));
      await clerk.close();
      const people = await invitePeople(bank, tenant, server.folder);
      await openProgram(bank, tenant, server.folder);
      await deployShippedModel(people);
      say(`${members} customers are in the register`);
      const client = httpClient(server.url, tenant.systemKey, connections);
      const listening = new AbortController();
      const heard = await listen(server.url, tenant.systemKey, listening.signal);
      const day = dayOf(client, { ids, parties });
      // The first purchase makes each a member, whose accounts are opened then.
      await inFlight(members, connections, (index) => day.buy(`first-${index}`, index));
      await untilHeard(heard, day);
      say('all are members');
      await sleep(restMs);
      const [from, times] = [day.answered.size, await atRate(day)];
      await untilHeard(heard, day);
      listening.abort();
      const measured = latencies(day, heard, from);
      const { holds, text } = await provePoints(bank, tenant);
      say(text);
      await client.close();
      return {
        payments_p50_ms: quantile(times, 0.5),
        payments_p95_ms: quantile(times, 0.95),
        points_p50_ms: quantile(measured, 0.5),
        points_p95_ms: quantile(measured, 0.95),
        points_p99_ms: quantile(measured, 0.99),
        purchases: day.answered.size - from,
        earned_share: measured.length / (day.answered.size - from),
        conserved: Number(holds),
      };
    } finally {
      await stopWorker();
      await server.close();
    }
  },
};

/** Answers the party of each account. */
async function register(clerk: HttpClient, ids: readonly string[]): Promise<string[]> {
  const parties: string[] = [];
  await inFlight(ids.length, connections, async (index) => {
    const about = { kind: 'person', name: `Member ${index}`, country: 'DE', status: 'customer' };
    const made = await clerk.post('/v1/parties', about, `party-${index}`);
    const { party_id } = made.json as unknown as { party_id: string };
    const linked = await clerk.post(`/v1/accounts/${ids[index]}/party`, { party_id }, `l-${index}`);
    if (linked.status >= 300) throw new Error(`a party was answered with ${linked.status}`);
    parties[index] = party_id;
  });
  return parties;
}

type Day = {
  readonly buy: (key: string, member?: number) => Promise<void>;
  /** When each purchase was answered, by its transfer. */
  readonly answered: Map<string, number>;
};

type Customers = { readonly ids: readonly string[]; readonly parties: readonly string[] };

function dayOf(client: HttpClient, customers: Customers): Day {
  const { uint32 } = seededRandom(11);
  const answered = new Map<string, number>();
  return {
    answered,
    async buy(key, member = uint32() % members) {
      const body = purchase(customers, member, uint32);
      const { status, json } = await client.post('/v1/payments', body, key);
      if (status !== 201) throw new Error(`a purchase was answered with ${status}`);
      const { id, outcome } = json as unknown as { id: string; outcome: string };
      if (outcome !== 'allowed') return;
      const command = internalId('payment', id) ?? '';
      answered.set(externalId('transfer', derivedUuid(command, 'transfer', 0)), performance.now());
    },
  };
}

function purchase({ ids, parties }: Customers, member: number, uint32: () => number) {
  const merchant = uint32() % merchants;
  return {
    ...{ kind: 'bill', channel: 'mobile', currency: 'EUR', amount: 500 + (uint32() % 4_000) },
    debtor_account_id: ids[member],
    creditor_account_id: ids[members + merchant],
    ...{ debtor: parties[member], device: `dev_${member}`, creditor_country: 'DE' },
    ...{ merchant: `mer_${merchant}`, mcc: categories[merchant % categories.length] },
    facts: {
      ...{ screening_status: 'known', local_hour: 14, account_age_days: 700 },
      ...{ new_payee: false, new_device: false },
    },
  };
}

/** Begins one after the other at the rate, however long they take. */
async function atRate({ buy }: Day): Promise<Float64Array> {
  const times: number[] = [];
  const all: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const waitMs = startedAt + (index * 1000) / perSecond - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    const from = performance.now();
    all.push(buy(`steady-${index}`).then(() => void times.push(performance.now() - from)));
  }
  await Promise.all(all);
  return sortedTimes(times);
}

// Listening ---------------------------------------------------------------------------------------

/** When points were told of, by the purchase that they follow from. */
type Heard = ReadonlyMap<string, number>;

async function listen(url: string, apiKey: string, signal: AbortSignal): Promise<Heard> {
  const heard = new Map<string, number>();
  const answer = await fetch(`${url}/v1/events?type=transaction.posted`, {
    headers: { authorization: `Bearer ${apiKey}`, accept: 'text/event-stream' },
    signal,
  });
  if (!answer.ok || !answer.body) throw new Error(`events were answered with ${answer.status}`);
  const reading = read(answer.body, heard);
  reading.catch(() => undefined);
  return heard;
}

async function read(body: ReadableStream<Uint8Array>, heard: Map<string, number>): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const at = performance.now();
    const end = text.lastIndexOf('\n');
    for (const [, source = ''] of text.slice(0, end + 1).matchAll(/"source":"(trf_\w+)"/g)) {
      if (!heard.has(source)) heard.set(source, at);
    }
    text = text.slice(end + 1);
  }
}

async function untilHeard(heard: Heard, { answered }: Day): Promise<void> {
  const until = performance.now() + lateMs;
  while (performance.now() < until && ![...answered.keys()].every((id) => heard.has(id))) {
    await sleep(50);
  }
}

function latencies({ answered }: Day, heard: Heard, from: number): Float64Array {
  const measured = [...answered].slice(from).flatMap(([transfer, at]) => {
    const told = heard.get(transfer);
    // Heard before the answer has come: nobody had to wait for them.
    return told === undefined ? [] : [Math.max(0, told - at)];
  });
  return sortedTimes(measured);
}
