// Benchmark of a night's work: generated customers through the funnel, in bounded memory.
import { uuidFrom, withTx } from '#core';
import pg from 'pg';
import { deployModel, shippedModel } from '../test/scored.ts';
import { readPage } from '../src/capabilities/offers/batch-read.ts';
import { runBatch, scoreBatch } from '../src/capabilities/offers/batch.ts';
import { openReading } from '../src/capabilities/offers/session-read.ts';
import { type BenchBank, openBenchBank, tenant } from './bank.ts';
import type { Figures } from './run.ts';

/** As many as the target names; fewer where it is only to be tried. */
const customers = Number(process.env['COUNTERSIGN_BENCH_CUSTOMERS'] ?? 1_000_000);
const scarceLeft = 5_000;

/** Written before the first measurement, and left as it was. */
export const batchGuess = {
  'batch: customers per second': 15_000,
  'batch: allocation seconds': 4,
  'batch: peak memory MB over the start': 250,
};
export const batchTargets = {
  'batch: customers per second': { min: 20_000 },
  'batch: peak memory MB over the start': { max: 500 },
};

export async function batchFigures(say: (line: string) => void): Promise<Figures> {
  const bank = await openBenchBank({ accounts: 0, roles: [] });
  try {
    const superuser = new pg.Client({ connectionString: bank.server.databaseUrl });
    await superuser.connect();
    say(`${customers} customers are made`);
    await makeCustomers(superuser);
    await superuser.end();
    await deployModel(bank.planes, tenant, shippedModel('offer-propensity'));
    return await measure(bank);
  } finally {
    await bank.close();
  }
}

async function measure({ planes, command }: BenchBank): Promise<Figures> {
  const start = command('offers.batch.start', { channel: 'in_app' }, 'batch');
  await planes.executeCommand(start);
  const { database } = planes;
  const { published } = openReading({
    pipeline: database.pipeline('read', 2),
    read: database.pool('read'),
    policy: database.pool('policy'),
  });
  const id = `${new Date(start.receivedAt).toISOString().slice(0, 10)}-in_app`;
  const signal = new AbortController().signal;
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  const parts = { ...planes, published, signal };
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const { scored } = await scoreBatch(parts, tenant, id);
  const seconds = (performance.now() - from) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await runBatch(parts, tenant, id);
  const allocated = (performance.now() - from) / 1_000 - seconds;
  clearInterval(watch);
  const { rows } = await withTx(
    database.pool('read'),
    (tx) =>
      tx.query<{ candidates: string; allocated: string; scarce: string }>(
        `select count(*)::text as candidates,
                (count(*) filter (where c.status = 'allocated'))::text as allocated,
                (count(*) filter (where c.status = 'allocated' and action = 'scarce'))::text
                  as scarce
           from offers.candidate c`,
      ),
    { tenant, readOnly: true },
  );
  const [found] = rows;
  return {
    'batch: customers': scored,
    'batch: customers per second': scored / seconds,
    'batch: reading ms per thousand': await readAlone(planes, start.receivedAt),
    'batch: CPU µs of ours per customer': (user + system) / scored,
    'batch: allocation seconds': allocated,
    'batch: candidates': Number(found?.candidates),
    'batch: allocated': Number(found?.allocated),
    'batch: allocated of the scarce one': Number(found?.scarce),
    'batch: peak memory MB over the start': (peak - before) / 2 ** 20,
  };
}

/** The quickest of ten pages, in ms for a thousand customers: what reading costs alone. */
async function readAlone({ database }: BenchBank['planes'], at: number): Promise<number> {
  const times: number[] = [];
  let after = '';
  for (let page = 0; page < 10; page += 1) {
    const from = performance.now();
    const found = await withTx(
      database.pool('read'),
      (tx) =>
        readPage(tx, {
          ...{ after, limit: 4_000, channel: 'in_app', currency: 'EUR', at, period: '2026-01' },
        }),
      { tenant, readOnly: true },
    );
    if (found.length === 0) break;
    times.push(((performance.now() - from) * 1_000) / found.length);
    after = found.at(-1)?.customer ?? '';
  }
  return Math.min(...times);
}

/** Parties with an account and its balance; seven of ten agree to offers, six to models. */
async function makeCustomers(db: pg.Client): Promise<void> {
  const at = new Date(Date.UTC(2026, 0, 1)).toISOString();
  const set = (sql: string, values: readonly unknown[] = []) => db.query(sql, [...values]);
  await set('set session_replication_role = replica');
  await set(
    `create temporary table made as
     select n, 'pty_' || lpad(n::text, 26, '0') as id,
            ($1 || lpad(to_hex(n), 12, '0'))::uuid as account
       from generate_series(1, $2::integer) n`,
    [uuidFrom(0).slice(0, 24), customers],
  );
  await set(
    `insert into register.party (tenant_id, id, kind, status, segment, country, name_token, since,
       registered_at, changed_at)
     select $1, id, 'person', 'customer', 'person', 'US', 'tok_name_' || id, '2020-01-01', $2, $2
       from made`,
    [tenant, at],
  );
  await set(
    `insert into register.account_party (tenant_id, account_id, party_id, role, linked_at)
     select $1, account, id, 'holder', $2 from made`,
    [tenant, at],
  );
  await set(
    `insert into policy.consent (tenant_id, id, person, topic, status, effective_at, source,
       text_version, recorded_at, recorded_by)
     select $1, gen_random_uuid(), id, topic, 'granted', $2, 'app', '1', $2, 'service:bench'
       from made, (values ('marketing/in_app', 7), ('ai_data_use', 6)) t(topic, share)
      where n % 10 < share`,
    [tenant, at],
  );
  await set(
    `insert into offers.customer (tenant_id, customer, told, told_by, told_at)
     select $1, id, '{"of_age": true}', 'service:bench', $2 from made`,
    [tenant, at],
  );
  await makeActions(db, at);
  await makeEvidence(db);
  await set('set session_replication_role = origin');
  for (const table of ['register.party', 'register.account_party', 'policy.consent']) {
    await set(`vacuum analyze ${table}`);
  }
  await set('vacuum analyze offers.customer');
}

async function makeActions(db: pg.Client, at: string): Promise<void> {
  const common = {
    title: 'Savings',
    treatments: [{ channel: 'in_app', message: 'Earn {rate}.' }],
    why: 'You keep more with us.',
    terms: { amount: 100, currency: 'EUR', rate_bps: 300 },
    propensity: { starting_ppm: 50_000, evidence: 100 },
    valid_days: 14,
    eligibility: [{ id: 'long_enough', when: 'relationship_days >= 30', says: 'Too new.' }],
  };
  const actions = [
    { code: 'saver', product: { code: 'SAVER', kind: 'savings' }, value: 5_000 },
    {
      ...{ code: 'scarce', product: { code: 'SCARCE', kind: 'savings' }, value: 20_000 },
      volume: { offers_max: scarceLeft, period: 'total' },
    },
    { code: 'payer', product: { code: 'PAYER', kind: 'payments' }, value: 1_000 },
  ];
  for (const action of actions) {
    const body = JSON.stringify({ ...common, ...action });
    await db.query(
      `insert into offers.action (tenant_id, code, version, body, published_by, published_at,
         approval_id) values ($1, $2, 1, $3, 'user:bench', $4, 'apr_1')`,
      [tenant, action.code, body, at],
    );
    await db.query(
      `insert into offers.action_standing (tenant_id, code, version, changed_by, changed_at)
       values ($1, $2, 1, 'user:bench', $3)`,
      [tenant, action.code, at],
    );
  }
  await db.query(
    `insert into policy.rollout (tenant_id, id, use_case, channel, product, cohort, mode, set_by,
       set_at) values ($1, gen_random_uuid(), 'next-best-offer', '*', '*', '*', 'automatic',
       'user:bench', $2)`,
    [tenant, at],
  );
}

/** What was answered before, so that the model counts. */
async function makeEvidence(db: pg.Client): Promise<void> {
  await db.query(
    `insert into offers.tally (tenant_id, generation, day, action, channel, arm, presented, viewed,
       accepted, declined, expired, withdrawn, booked, withheld)
     select $1, 1, '2025-12-01', action, 'in_app', 'treated', 1000, 500, 60, 200, 740, 0, 40, 0
       from unnest('{saver,scarce,payer}'::text[]) as action`,
    [tenant],
  );
}
