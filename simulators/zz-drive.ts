import pg from 'pg';
import { randomBytes } from 'node:crypto';
import { serve, createLog, processRoles } from '../src/serve.ts';
import { seededRandom, systemClock } from '#core';
import { createLoadClient, checkBank } from './load-client.ts';
import { runTraffic } from './run-traffic.ts';
import { bankDay } from './bank-day.ts';
import { csvTraffic } from './csv-stream.ts';
import { createProgress } from '../src/cli/progress.ts';
const [mode, n] = [process.argv[2], Number(process.argv[3] ?? 20000)];
const server = await serve({ folder: '/tmp/simtest/data' + randomBytes(3).toString('hex'), host: '127.0.0.1', port: 0, databaseUrl: undefined,
  roles: new Set(processRoles), log: createLog('warn'), version: 'x', progress: console.error, environment: {} });
try {

const spy = new pg.Client({ connectionString: server.databaseUrl }); await spy.connect();
spy.on('error', () => {});
await spy.query(`create index due_of_debit on money.hold (tenant_id, debit_account_id, expires_at) where resolved_at = 'infinity' and status in ('open', 'expired')`);
await spy.query(`create index due_of_credit on money.hold (tenant_id, credit_account_id, expires_at) where resolved_at = 'infinity' and status in ('open', 'expired')`);
const seen = new Map<string, number>();
const timer = setInterval(async () => { const { rows } = await spy.query("select left(regexp_replace(query, '\\s+', ' ', 'g'), 110) q, coalesce(wait_event_type || ':' || wait_event, 'cpu') w, usename u from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()"); for (const r of rows) { const k = r.u + ' | ' + r.w + ' | ' + r.q; seen.set(k, (seen.get(k) ?? 0) + 1); } }, 20).unref();
const made = await fetch(server.url + '/v1/tenants', { method: 'POST', headers: { authorization: `Bearer ${server.operatorKey}`, 'idempotency-key': 'a', 'content-type': 'application/json' }, body: JSON.stringify({ tenant_id: 'demo', name: 'demo' }) });
  const tenant = await made.json() as any;
  const client = createLoadClient({ url: server.url, apiKey: tenant.api_key.secret, connections: 48, deadlineMs: 60_000, random: seededRandom(1) });
  const traffic = mode === 'csv'
    ? csvTraffic({ file: '/work/shared/data/card-fraud-2018-04-to-08.csv.gz', map: { id: 'TRANSACTION_ID', time: 'TX_DATETIME', debit: 'CUSTOMER_ID', credit: 'TERMINAL_ID', amount: 'TX_AMOUNT' }, currency: 'EUR', debitPrefix: 'customer-', creditPrefix: 'terminal-', day: '2018-04-03' })
    : bankDay({ seed: 42, customers: 2000, transactions: n, day: '2026-11-20' });
  const bar = createProgress({ label: 'bank day', unit: 'operations' });
  const total = traffic.count?.();
  const cpu = process.cpuUsage();
  const report = await runTraffic({ client, traffic, concurrency: 48, duplicates: 0.02, collisions: 0.002, random: seededRandom(2), clock: systemClock(), onProgress: (done) => bar.update(done, total) });
  bar.finish();
  console.log(report, process.cpuUsage(cpu));
  if ('rows' in traffic) console.log(traffic.rows);
  console.log(await checkBank(client));
  for (const [k, c] of [...seen].sort((a, b) => b[1] - a[1]).slice(0, 14)) console.log(c, k);
  console.table((await spy.query("select relname, seq_scan, seq_tup_read::float8, idx_scan, idx_tup_fetch::float8 f, n_live_tup::int n, n_dead_tup::int d, autoanalyze_count::int an, autovacuum_count::int av from pg_stat_user_tables order by seq_tup_read desc limit 8")).rows); console.table((await spy.query("select indexrelname, idx_scan, idx_tup_read::float8 r, idx_tup_fetch::float8 f from pg_stat_user_indexes order by 3 desc limit 10")).rows);
  process.exitCode=0;
  await client.close();
} catch (e) { console.log('FAILED', e); } finally { clearInterval(timer); await spy.end(); await server.stop(); }
