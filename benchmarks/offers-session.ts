// Benchmark of offers in session: the answer to a channel over HTTP, while the offers that it names
// are presented, decided on and recorded.
import { internalId, uuidFrom } from '#core';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { deployModel, shippedModel } from '../test/scored.ts';
import { type BenchBank, inFlight, openBenchBank, quantile, sortedTimes, tenant } from './bank.ts';
import type { Figures } from './run.ts';

const [perSecond, seconds, warmUp, connections] = [20, 15, 100, 16];
const paced = perSecond * seconds;
const [customers, actions] = [20_000, 12];
const rushed = 300;

/** Written before the first measurement, and left as it was. */
export const sessionGuess = {
  'in session: p50 ms': 11,
  'in session: p95 ms': 24,
  'in session: p99 ms': 45,
  'in session: per second, 16 at once': 90,
};
export const sessionTargets = { 'in session: p95 ms': { max: 30 } };

export async function sessionFigures(say: (line: string) => void): Promise<Figures> {
  const bank = await openBenchBank({ accounts: 0, roles: ['api', 'worker', 'sealer'] });
  const pool = new Pool(bank.server.url, { connections, pipelining: 1 });
  try {
    const superuser = new pg.Client({ connectionString: bank.server.databaseUrl });
    await superuser.connect();
    say(`${customers} customers are made`);
    await makeCustomers(superuser);
    await makeActions(superuser);
    await superuser.end();
    await deployModel(bank.planes, tenant, shippedModel('offer-propensity'));
    return await measure(bank, pool, say);
  } finally {
    await pool.close();
    await bank.close();
  }
}

async function measure(
  { apiKey }: BenchBank,
  pool: Pool,
  say: (line: string) => void,
): Promise<Figures> {
  let [offered, asked, times] = [0, 0, [] as number[]];
  const ask = async (index: number) => {
    const from = performance.now();
    const answer = await pool.request({
      ...{ method: 'POST', path: '/v1/offers/in-session' },
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(payloadOf(index)),
    });
    const text = await answer.body.text();
    times.push(performance.now() - from);
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${text}`);
    asked += 1;
    offered += (JSON.parse(text) as { offers: unknown[] }).offers.length;
  };
  await inFlight(warmUp, 4, ask);
  say(`${perSecond} sessions per second for ${seconds} seconds`);
  [times, offered, asked] = [[], 0, 0];
  const startedAt = performance.now();
  const under: Promise<void>[] = [];
  for (let index = 0; index < paced; index += 1) {
    const dueMs = (index * 1_000) / perSecond - (performance.now() - startedAt);
    if (dueMs > 0) await sleep(dueMs);
    under.push(ask(warmUp + index));
  }
  await Promise.all(under);
  const sorted = sortedTimes(times);
  const each = offered / asked;
  say(`${rushed} sessions, ${connections} at once`);
  times = [];
  const rushedAt = performance.now();
  await inFlight(rushed, connections, (index) => ask(warmUp + paced + index));
  const rushSeconds = (performance.now() - rushedAt) / 1_000;
  return {
    'in session: p50 ms': quantile(sorted, 0.5),
    'in session: p95 ms': quantile(sorted, 0.95),
    'in session: p99 ms': quantile(sorted, 0.99),
    'in session: offers per answer': each,
    'in session: per second, 16 at once': rushed / rushSeconds,
    'in session: p95 ms, 16 at once': quantile(sortedTimes(times), 0.95),
  };
}

function payloadOf(index: number): object {
  return {
    customer_id: `pty_${String(index + 1).padStart(26, '0')}`,
    session_context: { current_page: 'account_overview', recent_activity: ['large_deposit'] },
    core_banking_data_snapshot: {
      avg_monthly_balance: 12_500.5,
      account_age_days: 720,
      recent_transactions: [
        { amount: 299.99, description: 'ELECTRONICS RETAILER', category: 'shopping' },
      ],
    },
  };
}

/** As many as will be asked for, and more, so that nothing is small. */
async function makeCustomers(db: pg.Client): Promise<void> {
  const at = new Date(Date.UTC(2026, 0, 1)).toISOString();
  if (internalId('party', `pty_${'1'.padStart(26, '0')}`) === undefined) throw new Error('no id');
  await db.query('set session_replication_role = replica');
  await db.query(
    `create temporary table made as
     select n, 'pty_' || lpad(n::text, 26, '0') as id,
            ($1 || lpad(to_hex(n), 12, '0'))::uuid as account
       from generate_series(1, $2::integer) n`,
    [uuidFrom(0).slice(0, 24), customers],
  );
  await db.query(
    `insert into register.party (tenant_id, id, kind, status, segment, country, name_token, since,
       registered_at, changed_at)
     select $1, id, 'person', 'customer', 'person', 'US', 'tok_name_' || id, '2020-01-01', $2, $2
       from made`,
    [tenant, at],
  );
  await db.query(
    `insert into register.account_party (tenant_id, account_id, party_id, role, linked_at)
     select $1, account, id, 'holder', $2 from made`,
    [tenant, at],
  );
  await db.query(
    `insert into policy.consent (tenant_id, id, person, topic, status, effective_at, source,
       text_version, recorded_at, recorded_by)
     select $1, gen_random_uuid(), id, topic, 'granted', $2, 'app', '1', $2, 'service:bench'
       from made, (values ('marketing/in_app'), ('ai_data_use')) t(topic)`,
    [tenant, at],
  );
  await db.query(
    `insert into offers.customer (tenant_id, customer, told, told_by, told_at)
     select $1, id, '{"of_age": true}', 'service:bench', $2 from made`,
    [tenant, at],
  );
  await db.query('set session_replication_role = origin');
  for (const table of ['register.party', 'register.account_party', 'policy.consent']) {
    await db.query(`vacuum analyze ${table}`);
  }
}

async function makeActions(db: pg.Client): Promise<void> {
  const at = new Date(Date.UTC(2026, 0, 1)).toISOString();
  for (let index = 0; index < actions; index += 1) {
    const code = `action-${index}`;
    const action = {
      ...{ code, title: 'Savings', product: { code: `SAVER_${index}`, kind: 'savings' } },
      treatments: [{ channel: 'in_app', message: 'Earn {rate}.' }],
      why: 'You keep more with us.',
      eligibility: [{ id: 'long', when: 'relationship_days >= 30', says: 'Too new.' }],
      applicability: [
        { id: 'deposit', when: "'large_deposit' in activity || page == 'cards'", says: 'No.' },
        { id: 'rich', when: 'avg_monthly_balance > 100000', says: 'Too little.' },
      ],
      context: [{ when: "page == 'account_overview'", percent: 120 }],
      terms: { amount: 100, currency: 'EUR', rate_bps: 300 },
      propensity: { starting_ppm: 50_000, evidence: 100 },
      ...{ value: 1_000 * (index + 1), valid_days: 14, apply: '/apply' },
    };
    await db.query(
      `insert into offers.action (tenant_id, code, version, body, published_by, published_at,
         approval_id) values ($1, $2, 1, $3, 'user:bench', $4, 'apr_1')`,
      [tenant, code, JSON.stringify(action), at],
    );
    await db.query(
      `insert into offers.action_standing (tenant_id, code, version, changed_by, changed_at)
       values ($1, $2, 1, 'user:bench', $3)`,
      [tenant, code, at],
    );
    // Answered before, so that the model counts.
    await db.query(
      `insert into offers.tally (tenant_id, generation, day, action, channel, arm, presented,
         viewed, accepted, declined, expired, withdrawn, booked, withheld)
       values ($1, 1, '2025-12-01', $2, 'in_app', 'treated', 1000, 500, 60, 200, 740, 0, 40, 0)`,
      [tenant, code],
    );
  }
  await db.query(
    `insert into policy.rollout (tenant_id, id, use_case, channel, product, cohort, mode, set_by,
       set_at) values ($1, gen_random_uuid(), 'next-best-offer', '*', '*', '*', 'automatic',
       'user:bench', $2)`,
    [tenant, at],
  );
}
