// The posting engine: transfers per second, alone and with everything, against row locking.
//
// "Engine": commands that were made and countersigned beforehand go through the engine, which
// verifies each mark, posts, and writes command, journal and event; nothing seals. "Whole": the
// same with the command made, decided and countersigned as it comes, while the sealer seals and
// signs.
import {
  derivedUuid,
  internalId,
  newUuid,
  openHeads,
  seededRandom,
  type Sealer,
  startSealer,
} from '#core';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type BenchBank, inFlight, openBenchBank, quantile, sortedTimes, tenant } from './bank.ts';
import type { Benchmark, Figures } from './run.ts';

const accounts = 100_000;
const transfers = 60_000;
const baselineTransfers = 6_000;
const baselineConnections = 16;
/** Commands in flight: two batches. */
const width = 400;
/** Steady loads under which the sealing lag is measured, transfers per second. */
const lagRates = [1_500, 7_500] as const;
const lagSeconds = 4;

export const posting: Benchmark = {
  title: 'Posting: transfers per second over 100,000 accounts, and with one account in every one',
  guess: {
    engine_spread: 12_000,
    engine_hot: 13_000,
    whole_spread: 8_000,
    whole_hot: 9_000,
    whole_spread_p99_ms: 90,
    sealing_lag_p95_ms_at_1500: 12,
    sealing_lag_p99_ms_at_7500: 100,
    baseline_statements_spread: 1_500,
    baseline_statements_hot: 350,
    baseline_function_spread: 2_200,
    baseline_function_hot: 700,
    ratio_spread: 3.6,
    ratio_hot: 12,
  },
  targets: {
    engine_spread: { min: 12_000 },
    engine_hot: { min: 8_000 },
    whole_spread: { min: 7_500 },
    whole_hot: { min: 5_000 },
    whole_spread_p99_ms: { max: 100 },
    whole_hot_p99_ms: { max: 100 },
    deadlocks: { max: 0 },
    sealing_lag_p95_ms_at_1500: { max: 20 },
    sealing_lag_p99_ms_at_7500: { max: 250 },
    ratio_spread: { min: 3 },
    ratio_hot: { min: 8 },
  },
  async run(say) {
    const figures: Record<string, number> = {};
    const bank = await openBenchBank({ accounts, roles: [] });
    try {
      say(`${bank.accounts.length} accounts are open`);
      await everything(bank, 10_000, 'spread', 'warm');
      await settle(bank);
      for (const shape of ['spread', 'hot'] as const) {
        Object.assign(figures, await engineAlone(bank, shape));
        say(`engine, ${shape}: ${Math.round(figures[`engine_${shape}`] ?? 0)}/s`);
      }
      for (const form of ['statements', 'function'] as const) {
        for (const shape of ['spread', 'hot'] as const) {
          Object.assign(figures, await baseline(bank, shape, form));
          say(`baseline, ${shape}: ${Math.round(figures[`baseline_${form}_${shape}`] ?? 0)}/s`);
        }
      }
      const folder = mkdtempSync(join(tmpdir(), 'countersign-heads-'));
      const sealer = startSealing(bank, folder);
      for (const shape of ['spread', 'hot'] as const) {
        Object.assign(figures, await everything(bank, transfers, shape, shape));
        say(`whole, ${shape}: ${Math.round(figures[`whole_${shape}`] ?? 0)}/s`);
      }
      for (const perSecond of lagRates) {
        Object.assign(figures, await sealingLag(bank, sealer, perSecond));
      }
      await sealer.stop();
      rmSync(folder, { recursive: true });
      figures['deadlocks'] = await deadlocks(bank);
    } finally {
      await bank.close();
    }
    for (const shape of ['spread', 'hot']) {
      const engine = figures[`engine_${shape}`] ?? 0;
      figures[`ratio_${shape}`] = engine / (figures[`baseline_statements_${shape}`] ?? 1);
      figures[`ratio_function_${shape}`] = engine / (figures[`baseline_function_${shape}`] ?? 1);
    }
    return figures;
  },
};

type Shape = 'spread' | 'hot';

/** Pairs of accounts, drawn from a seed; in the hot shape one account is in all of them. */
function pairs({ accounts: ids }: BenchBank, shape: Shape): () => [string, string] {
  const { uint32 } = seededRandom(7);
  return () => {
    const debit = shape === 'hot' ? 0 : uint32() % ids.length;
    const credit = (debit + 1 + (uint32() % (ids.length - 1))) % ids.length;
    return [ids[debit] as string, ids[credit] as string];
  };
}

function transferBody([debit, credit]: [string, string], amount: number) {
  const sides = { credit_account_id: credit, currency: 'EUR', debit_account_id: debit };
  return { legs: [{ amount, ...sides, kind: 'post' }] };
}

async function engineAlone(bank: BenchBank, shape: Shape): Promise<Figures> {
  const { planes, command } = bank;
  const draw = pairs(bank, shape);
  const items = await Promise.all(
    Array.from({ length: transfers }, (_, index) =>
      planes.decide(
        command('journal.post', transferBody(draw(), index + 1), `e-${shape}-${index}`),
      ),
    ),
  );
  const startedAt = performance.now();
  await inFlight(items.length, width, async (index) => {
    await planes.engine.submit(items[index] as (typeof items)[number]);
  });
  return { [`engine_${shape}`]: rate(transfers, startedAt) };
}

async function everything(
  bank: BenchBank,
  count: number,
  shape: Shape,
  label: string,
): Promise<Figures> {
  const { planes, command } = bank;
  const draw = pairs(bank, shape);
  const times: number[] = [];
  const startedAt = performance.now();
  await inFlight(count, width, async (index) => {
    const from = performance.now();
    const one = command('journal.post', transferBody(draw(), index + 1), `w-${label}-${index}`);
    const { outcome } = await planes.executeCommand(one);
    if (outcome.status !== 'accepted') throw new Error(`not posted: ${JSON.stringify(outcome)}`);
    times.push(performance.now() - from);
  });
  const perSecond = rate(count, startedAt);
  const sorted = sortedTimes(times);
  return {
    [`whole_${label}`]: perSecond,
    [`whole_${label}_p50_ms`]: quantile(sorted, 0.5),
    [`whole_${label}_p99_ms`]: quantile(sorted, 0.99),
  };
}

function startSealing({ planes }: BenchBank, folder: string): Sealer {
  return startSealer({
    database: planes.database,
    keyring: planes.keyring,
    heads: openHeads(folder),
    clock: planes.clock,
    log: { info: () => undefined, error: console.error },
  });
}

/** From the answer to a caller until its event has its position, at a steady rate of transfers. */
async function sealingLag(bank: BenchBank, sealer: Sealer, perSecond: number): Promise<Figures> {
  const { planes, command } = bank;
  const draw = pairs(bank, 'spread');
  const answered: number[] = [];
  const lags: number[] = [];
  const listener = await planes.database.connect('read');
  let position: number | undefined;
  listener.on('notification', ({ payload }) => {
    const at = performance.now();
    const count = Number(payload) - (position ?? Number(payload));
    position = Number(payload);
    for (const answer of answered.splice(0, count)) lags.push(Math.max(0, at - answer));
  });
  await sealer.sealNow();
  await listener.query('listen countersign_sealed');
  const warm = command('journal.post', transferBody(draw(), 1), `lag-${perSecond}-warm`);
  await planes.executeCommand(warm);
  await sealer.sealNow();
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  /** Refused by a full queue: then the machine did not keep the rate. */
  let shed = 0;
  for (let sent = 0; sent < perSecond * lagSeconds; ) {
    const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1000);
    for (; sent < due; sent += 1) {
      const one = command('journal.post', transferBody(draw(), 1), `lag-${perSecond}-${sent}`);
      running.push(
        planes.executeCommand(one).then(
          () => {
            answered.push(performance.now());
          },
          () => {
            shed += 1;
          },
        ),
      );
    }
    await sleep(1);
  }
  await Promise.all(running);
  await sealer.sealNow();
  await sleep(100);
  await listener.end();
  const sorted = sortedTimes(lags);
  return {
    [`sealing_lag_p95_ms_at_${perSecond}`]: quantile(sorted, 0.95),
    [`sealing_lag_p99_ms_at_${perSecond}`]: quantile(sorted, 0.99),
    [`shed_at_${perSecond}`]: shed,
  };
}

/**
 * What a ledger without batches does: one transaction per transfer, its rows locked in key order,
 * equal rows written. `statements` sends each statement, as an application does; `function` has the
 * whole transaction in one stored procedure, which is the best that row locking can do.
 */
async function baseline(bank: BenchBank, shape: Shape, form: Form): Promise<Figures> {
  const { planes, command } = bank;
  const pool = new pg.Pool({
    connectionString: bank.server.databaseUrl,
    max: baselineConnections,
  });
  const draw = pairs(bank, shape);
  const transfer = form === 'function' ? byFunction : byStatements;
  try {
    const sql = readFileSync(new URL('baseline.sql', import.meta.url), 'utf8');
    await pool.query(sql.replace('create function', 'create or replace function'));
    const startedAt = performance.now();
    await inFlight(baselineTransfers, baselineConnections, async (index) => {
      const [debit, credit] = draw();
      const body = transferBody([debit, credit], index + 1);
      const one = command('journal.post', body, `b-${form}-${shape}-${index}`);
      await transfer(pool, {
        tenant,
        key: one.idempotencyKey,
        command: one.id,
        digest: `\\x${one.digest}`,
        body: one.bodyText,
        id: derivedUuid(one.id, 'transfer', 0),
        debit: internalId('account', debit) as string,
        credit: internalId('account', credit) as string,
        amount: index + 1,
        event: newUuid(planes),
        eventBody: JSON.stringify({ ...body, padding: 'x'.repeat(900) }),
        at: new Date(planes.clock.now()),
      });
    });
    return { [`baseline_${form}_${shape}`]: rate(baselineTransfers, startedAt) };
  } finally {
    await pool.end();
  }
}

type Form = 'statements' | 'function';

type BaselineTransfer = {
  readonly tenant: string;
  readonly key: string;
  readonly command: string;
  readonly digest: string;
  readonly body: string;
  readonly id: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: number;
  readonly event: string;
  readonly eventBody: string;
  readonly at: Date;
};

async function byFunction(pool: pg.Pool, transfer: BaselineTransfer): Promise<void> {
  await pool.query({
    name: 'baseline',
    text: `select money.baseline_transfer($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: Object.values(transfer),
  });
}

async function byStatements(pool: pg.Pool, transfer: BaselineTransfer): Promise<void> {
  const { tenant: t, id, debit, credit, amount, at } = transfer;
  const client = await pool.connect();
  const run = (name: string, text: string, values: unknown[]) =>
    client.query({ name, text, values });
  try {
    await client.query('begin');
    await run(
      'command',
      `insert into core.command (tenant_id, idempotency_key, id, operation, digest, principal,
         received_at, trace_id, decision, body, outcome)
       values ($1, $2, $3, 'journal.post', $4, 'service:bench', $6,
         '00000000000000000000000000000000', '{"outcome":"allow","policy_version":"allow-all-1"}',
         $5, '{"status":"posted"}')`,
      [t, transfer.key, transfer.command, transfer.digest, transfer.body, at],
    );
    const { rows } = await run(
      'lock',
      `select * from money.account where tenant_id = $1 and id in ($2, $3) order by id for update`,
      [t, debit, credit],
    );
    const sums = (account: string, [debits, credits]: [number, number]) => {
      const row = rows.find((each) => each.id === account);
      return {
        version: Number(row.version) + 1,
        sums: [
          Number(row.debits_posted) + debits,
          Number(row.credits_posted) + credits,
          Number(row.debits_pending),
          Number(row.credits_pending),
        ],
      };
    };
    const [d, c] = [sums(debit, [amount, 0]), sums(credit, [0, amount])];
    await run(
      'transfer',
      `insert into money.transfer (tenant_id, id, kind, command_id, leg, debit_account_id,
         credit_account_id, amount, currency, effective_at, recorded_at, debit_version, debit_sums,
         credit_version, credit_sums)
       values ($1, $2, 'post', $3, 0, $4, $5, $6, 'EUR', $7, $7, $8, $9, $10, $11)`,
      [t, id, transfer.command, debit, credit, amount, at, d.version, d.sums, c.version, c.sums],
    );
    for (const [account, { version, sums: after }] of [
      [debit, d],
      [credit, c],
    ] as const) {
      await run(
        'account',
        `update money.account set debits_posted = $3, credits_posted = $4, version = $5,
           recorded_at = $6 where tenant_id = $1 and id = $2`,
        [t, account, after[0], after[1], version, at],
      );
    }
    await run(
      'event',
      `insert into core.event (seq, tenant_id, id, type, body)
       values (nextval('core.event_seq'), $1, $2, 'transaction.posted', $3)`,
      [t, transfer.event, transfer.eventBody],
    );
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** What opening the accounts has left to do for PostgreSQL is no cost of a transfer. */
async function settle({ server }: BenchBank): Promise<void> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query('vacuum (analyze)');
  await client.end();
}

async function deadlocks({ server }: BenchBank): Promise<number> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  await client.end();
  return Number(rows[0]?.deadlocks ?? 0);
}

function rate(count: number, startedAt: number): number {
  return (count * 1000) / (performance.now() - startedAt);
}
