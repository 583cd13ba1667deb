// The feature store: how soon an event can be read, what a look-up costs, how long a tenant of a
// million events takes to be folded anew, and how large an entity's state is.
import { featureCatalogue, featureProjection, featureReader } from '#ai';
import { rebuildProjection, seededRandom } from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type BenchBank, openBenchBank, tenant } from './bank.ts';
import type { Benchmark } from './run.ts';

const accounts = 5_000;
/** Each payment is two events: a decision and a transfer. */
const paymentsPerSecond = 500;
const [seconds, tickMs] = [20, 20];
const probes = 150;
const lookUps = 3_000;
/** Of another tenant: of so many accounts, at a fifth as many merchants, over thirty days. */
const planted = { events: 1_000_000, accounts: 10_000, chunk: 50_000, tenant: 'planted' };
const wanted = [...featureCatalogue.keys()].filter((id) => /^(account|merchant)\./.test(id));

export const features: Benchmark = {
  title: 'Features: freshness at 1,000 events/s, look-up, backfill of a million events, size',
  guess: {
    readable_p50: 25,
    readable_p95: 60,
    look_up_p95: 2.5,
    backfill_seconds: 70,
    backfill_resident_mb: 450,
    bytes_per_entity: 600,
    bytes_per_entity_max: 1_300,
  },
  targets: {
    readable_p95: { max: 100 },
    backfill_seconds: { max: 120 },
    bytes_per_entity_max: { max: 2_048 },
    differences: { max: 0 },
  },
  async run(say) {
    const bank = await openBenchBank({ accounts, roles: ['worker', 'sealer'] });
    const superuser = new pg.Pool({ connectionString: bank.server.databaseUrl, max: 1 });
    try {
      const fresh = await freshness(bank);
      say('freshness measured');
      const looked = await lookUpTimes(bank);
      await plant(superuser, say);
      const backfilled = await backfill(bank, superuser, say);
      return { ...fresh, ...looked, ...backfilled, ...(await sizes(superuser)) };
    } finally {
      await superuser.end();
      await bank.close();
    }
  },
};

/** Payments at a steady rate; probes pay from accounts of their own and ask until they are seen. */
async function freshness(bank: BenchBank) {
  const { planes, accounts: ids } = bank;
  const { uint32 } = seededRandom(7);
  const read = featureReader(planes.database.pipeline('ai', 2));
  const load = ids.slice(probes);
  let sent = 0;
  const pay = (debit: string, credit: string) => {
    sent += 1;
    const leg = { kind: 'post', currency: 'EUR', amount: 1 + (uint32() % 50_000) };
    const legs = [{ ...leg, debit_account_id: debit, credit_account_id: credit }];
    return planes.executeCommand(bank.command('journal.post', { legs }, `pay-${sent}`));
  };
  const any = () => load[uint32() % load.length] as string;
  const flying: Promise<unknown>[] = [];
  const times: number[] = [];
  const startedAt = performance.now();
  for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - startedAt) {
    while (sent < (elapsed / 1000) * paymentsPerSecond) flying.push(pay(any(), any()));
    const account = ids[flying.length % probes] as string;
    flying.push(
      (async () => {
        const question = { entities: { account }, amount: null, wanted: ['account.count_1h'] };
        const count = async () =>
          (await read(tenant, { ...question, at: planes.clock.now() }))['account.count_1h'] ?? 0;
        if (times.length >= probes || (await count()) > 0) return;
        await pay(account, any());
        const committedAt = performance.now();
        while ((await count()) === 0) await sleep(2);
        times.push(performance.now() - committedAt);
      })(),
    );
    await sleep(tickMs);
  }
  await Promise.all(flying);
  const rate = (2 * sent) / seconds;
  return { events_per_second: rate, readable_p50: at(times, 0.5), readable_p95: at(times, 0.95) };
}

/** All features of an account and a merchant, as a scorer asks for them. */
async function lookUpTimes({ planes, accounts: ids }: BenchBank) {
  const read = featureReader(planes.database.pipeline('ai', 2));
  const { uint32 } = seededRandom(9);
  const times: number[] = [];
  for (let index = 0; index < lookUps; index += 1) {
    const [account, merchant] = [ids[uint32() % ids.length], ids[uint32() % ids.length]];
    const entities = { account: account as string, merchant: merchant as string };
    const startedAt = performance.now();
    await read(tenant, { entities, at: planes.clock.now(), amount: 1_000, wanted });
    times.push(performance.now() - startedAt);
  }
  return { look_up_p50: at(times, 0.5), look_up_p95: at(times, 0.95) };
}

async function plant(superuser: pg.Pool, say: (line: string) => void): Promise<void> {
  const { events, chunk } = planted;
  for (let from = 0; from < events; from += chunk) {
    await superuser.query(insertEvents, [planted.tenant, from, chunk, planted.accounts, events]);
    if ((from + chunk) % 250_000 === 0) say(`${from + chunk} events planted`);
  }
}

/** Payments of seemingly random accounts at merchants, spread evenly over thirty days. */
const insertEvents = `
  with drawn as (
    select n, nextval('core.event_seq') as seq, n * 7919 % $4 as account,
           n * 104729 % ($4 / 5) as merchant, n * 15485863 % 90000 + 1 as amount,
           to_char(to_timestamp(1767225600 + n * 2592000 / $5) at time zone 'UTC',
             'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
      from generate_series($2::bigint, $2::bigint + $3::bigint - 1) as n),
  told as (
    select n, seq, format('{"data":{"account_id":"acc_%1$s","amount":%2$s,"occurred_at":"%3$s",'
      '"payload":{"credit_account_id":"acc_shop","debit_account_id":"acc_%1$s","effective_at":'
      '"%3$s","leg":0,"metadata":{"merchant":"shop-%4$s"},"recorded_at":"%3$s"}}}',
      account, amount, at, merchant) as body from drawn),
  events as (
    insert into core.event (seq, tenant_id, id, type, body)
    select seq, $1, gen_random_uuid(), 'hold.created', body from told),
  state as (
    update core.seal_state set position = position + $3 returning position - $3 as start),
  tree as (
    insert into core.tree as t (tenant_id, size) values ($1, $3)
    on conflict (tenant_id) do update set size = t.size + excluded.size)
  insert into core.leaf (position, tenant_id, tenant_position, seq, hash)
  select start + n - $2 + 1, $1, n + 1, seq, sha256(convert_to(body, 'UTF8'))
    from told, state`;

/** Once the live consumer has all: then both are at rest, and are compared. */
async function backfill(bank: BenchBank, superuser: pg.Pool, say: (line: string) => void) {
  const pool = bank.planes.database.pool('app');
  const startedFollowing = performance.now();
  for (;;) {
    const { rows } = await superuser.query<{ left: string }>(
      `select s.position - c.position as left from core.seal_state s, core.consumer c
        where c.name like 'features@%'`,
    );
    if (Number(rows[0]?.left) <= 0) break;
    await sleep(100);
  }
  const follow = (performance.now() - startedFollowing) / 1000;
  say('the live consumer has followed');
  let residentMb = 0;
  let told = 0;
  const startedAt = performance.now();
  const part = { tenant: planted.tenant };
  const rebuilt = await rebuildProjection(
    featureProjection,
    pool,
    (done) => {
      residentMb = Math.max(residentMb, process.memoryUsage.rss() / 2 ** 20);
      if (done - told < 250_000) return;
      told = done;
      say(`${done} events folded`);
    },
    part,
  );
  return {
    live_events_per_second: planted.events / follow,
    backfill_seconds: (performance.now() - startedAt) / 1000,
    backfill_events: rebuilt.events,
    backfill_resident_mb: residentMb,
    differences: rebuilt.differences,
  };
}

async function sizes(superuser: pg.Pool) {
  const { rows } = await superuser.query<{ mean: string; most: number; entities: string }>(
    `select avg(length(state)) as mean, max(length(state)) as most, count(*) as entities
       from ai.feature_state where tenant_id = $1`,
    [planted.tenant],
  );
  const { mean, most, entities } = rows[0] as (typeof rows)[number];
  return {
    entities: Number(entities),
    bytes_per_entity: Number(mean),
    bytes_per_entity_max: most,
  };
}

function at(times: number[], share: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
