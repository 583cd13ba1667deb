// What points are owed: ten million entries of members, summed up by month of issue and of use,
// estimated, recorded and posted, while memory stays bounded.
import { withTx } from '#core';
import { setInterval } from 'node:timers';
import pg from 'pg';
import { programAccounts } from '../src/capabilities/loyalty/accounts.ts';
import { carryOutRun } from '../src/capabilities/loyalty/liability/carry-out.ts';
import { readLiability } from '../src/capabilities/loyalty/liability/views.ts';
import { compileProgram } from '../src/capabilities/loyalty/program/compile.ts';
import { everydayProgram } from '../src/capabilities/loyalty/program/shipped.ts';
import { type BenchBank, openBenchBank, tenant } from './bank.ts';
import type { Benchmark } from './run.ts';

/** Three fifths of the entries give points, the others use some of them. */
const planted = { entries: 10_000_000, members: 200_000, months: 60, chunk: 500_000 };
const from = Date.parse('2021-01-01T00:00:00Z');
const monthMs = 30.4 * 86_400_000;

export const liability: Benchmark = {
  title: 'Liability: ten million entries of points, from their lots to the ledger',
  guess: { entries: 10_000_000, run_seconds: 35, second_run_seconds: 30, resident_mb: 350 },
  targets: {
    run_seconds: { max: 60 },
    second_run_seconds: { max: 60 },
    resident_mb: { max: 600 },
    difference_minor: { max: 0 },
  },
  async run(say) {
    const bank = await openBenchBank({ accounts: 0, roles: ['api'] });
    const superuser = new pg.Pool({ connectionString: bank.server.databaseUrl, max: 2 });
    try {
      await plant(superuser, say);
      const resident = watchMemory();
      const [until, later] = [planted.months - 1, planted.months].map(
        (each) => from + each * monthMs,
      );
      const first = await timed(bank, until as number);
      say(`the first run: ${first.toFixed(1)} s`);
      const second = await timed(bank, later as number);
      const { owed, booked } = await compare(bank);
      return {
        entries: planted.entries,
        run_seconds: first,
        second_run_seconds: second,
        entries_per_second: planted.entries / first,
        resident_mb: resident(),
        difference_minor: Math.abs(owed - booked),
      };
    } finally {
      await superuser.end();
      await bank.close();
    }
  },
};

async function timed({ planes }: BenchBank, asOf: number): Promise<number> {
  const program = compileProgram(everydayProgram());
  const startedAt = performance.now();
  await carryOutRun(planes, { tenant, program, asOf: Math.floor(asOf) });
  return (performance.now() - startedAt) / 1000;
}

/** What the newest run says, and what stands in the ledger. */
async function compare({ planes }: BenchBank) {
  return withTx(
    planes.database.pool('read'),
    async (tx) => {
      const run = await readLiability(tx, 'everyday');
      const accounts = await programAccounts(tx, 'everyday');
      const { rows } = await tx.query<{ booked: bigint }>(
        `select a.credits_posted - a.debits_posted as booked from money.account a
           join loyalty.account l on l.tenant_id = a.tenant_id and l.account_id = a.id
          where l.role = 'liability'`,
      );
      const isPosted = run?.posting.status === 'posted' && accounts !== undefined;
      return { owed: run?.figures.liability ?? -1, booked: isPosted ? Number(rows[0]?.booked) : 0 };
    },
    { tenant, readOnly: true },
  );
}

function watchMemory(): () => number {
  let most = 0;
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss() / 2 ** 20);
  };
  const timer = setInterval(look, 100);
  return () => {
    clearInterval(timer);
    look();
    return most;
  };
}

// Planting ----------------------------------------------------------------------------------------

const lots = Math.round(planted.entries * 0.6);
const uses = planted.entries - lots;
const unused = `spend_returned, returned, pending, settled, redeemed, expired, taken_back,
  forfeited, transferred, adjusted`;

/** Indexes that no sum reads are left out while so many rows are written at once. */
async function plant(superuser: pg.Pool, say: (line: string) => void): Promise<void> {
  const { rows } = await superuser.query<{ name: string }>(
    `select format('loyalty.%I', indexname) as name from pg_indexes
      where schemaname = 'loyalty' and tablename in ('lot', 'lot_use')
        and indexname not like '%pkey'`,
  );
  await superuser.query(`drop index ${rows.map(({ name }) => name).join(', ')}`);
  for (let start = 0; start < lots; start += planted.chunk) {
    const count = Math.min(planted.chunk, lots - start);
    await superuser.query(insertLots, [
      start,
      count,
      tenant,
      planted.members,
      lots,
      planted.months,
    ]);
    say(`${start + count} lots planted`);
  }
  for (let start = 0; start < uses; start += planted.chunk) {
    const count = Math.min(planted.chunk, uses - start);
    await superuser.query(insertUses, [
      start,
      count,
      tenant,
      planted.members,
      lots,
      planted.months,
    ]);
    say(`${start + count} uses planted`);
  }
  await superuser.query('vacuum analyze loyalty.lot, loyalty.lot_use');
}

const at = (of: string) => `to_timestamp(${from / 1000} + ${of} * ${monthMs / 1000})`;

const insertLots = `insert into loyalty.lot (tenant_id, generation, program, customer, lot_id,
    position, entry, qualifying, spend, earned_at, points, active, ${unused})
  select $3, 1, 'everyday', 'cus_' || n % $4, 'trf_' || lpad(to_hex(n), 26, '0'), n, 'earn', true,
    (n * 7919 % 900 + 100) * 100, ${at('n::float8 / $5 * $6')}, n * 7919 % 900 + 100,
    n * 7919 % 900 + 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    from generate_series($1::bigint, $1::bigint + $2::bigint - 1) as n`;

/** Of seemingly random lots, some months after they were given: most of them soon. */
const insertUses = `insert into loyalty.lot_use (tenant_id, generation, transfer_id, lot_id,
    program, customer, position, kind, points, used_at)
  select $3, 1, 'trf_u' || lpad(to_hex(n), 25, '0'), 'trf_' || lpad(to_hex(lot), 26, '0'),
    'everyday', 'cus_' || lot % $4, n, 'redeemed', lot * 7919 % 900 + 100,
    ${at('(lot::float8 / $5 * $6 + 12 * ((n * 104729 % 1000) / 1000.0) ^ 2)')}
    from (select n, n * 3 / 2 as lot from generate_series($1::bigint,
      $1::bigint + $2::bigint - 1) as n) as drawn`;
