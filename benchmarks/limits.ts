// Limits: transfers per second with two and three limits each, against none, in one run.
//
// Each transfer takes from a limit of the account that pays and of the one that is paid; the third
// is of the whole tenant, which every transfer of every batch shares. Commands are made and
// countersigned beforehand; nothing seals. Beside the rates stands the processor's time, which says
// the same on a machine that does other things as well.
import {
  type Consume,
  countersigner,
  type Decision,
  derivedUuid,
  type LimitWindow,
  seededRandom,
} from '#core';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { type BenchBank, inFlight, openBenchBank } from './bank.ts';
import type { Benchmark, Figures } from './run.ts';

/** For each kind: what one has counted shall not weigh on the others. */
const accountsPerKind = 10_000;
/** Short and many, in turns: what else the machine does meets all kinds alike. */
const rounds = 20;
const perRound = 4_000;
/** Before them, until every account has paid once, so that its counter is there. */
const warmUps = 3;
/** Commands in flight: two batches. */
const width = 400;
const limitsOf = { without: 0, with_two: 2, with_three: 3 } as const;
type Kind = keyof typeof limitsOf;
const kinds = Object.keys(limitsOf) as Kind[];

export const limits: Benchmark = {
  title: 'Limits: transfers per second with three limits each, against none',
  guess: { without: 9_000, with_three: 7_700, ratio: 0.86 },
  targets: { ratio: { min: 0.85 }, deadlocks: { max: 0 } },
  async run(say) {
    const bank = await openBenchBank({ accounts: accountsPerKind * kinds.length, roles: [] });
    const client = new pg.Client({ connectionString: bank.server.databaseUrl });
    await client.connect();
    const cpuMs = await cpuMeter(client);
    const spent = new Map(kinds.map((kind) => [kind, [] as Spent[]]));
    try {
      say(`${bank.accounts.length} accounts are open`);
      for (let round = -warmUps; round < rounds; round += 1) {
        for (const kind of kinds) {
          const took = await post(bank, { kind, round, cpuMs });
          if (round >= 0) spent.get(kind)?.push(took);
          const rate = Math.round((perRound * 1000) / took.tookMs);
          const each = Math.round((took.cpuMs * 1000) / perRound);
          say(`${kind}: ${rate}/s, ${each} µs of processor each`);
        }
      }
      return { ...figuresOf(spent), deadlocks: await deadlocks(client) };
    } finally {
      await client.end();
      await bank.close();
    }
  },
};

type Spent = { readonly tookMs: number; readonly cpuMs: number };

function figuresOf(spent: ReadonlyMap<Kind, readonly Spent[]>): Figures {
  const figures: Record<string, number> = {};
  const [without, ...others] = [...spent].map(([kind, rounds]) => {
    const tookMs = sum(rounds.map((round) => round.tookMs));
    const cpuUs = (sum(rounds.map(({ cpuMs }) => cpuMs)) * 1000) / (rounds.length * perRound);
    figures[kind] = (rounds.length * perRound * 1000) / tookMs;
    figures[`${kind}_cpu_us`] = cpuUs;
    return { kind, tookMs, cpuUs };
  });
  for (const { kind, tookMs, cpuUs } of others) {
    const name = kind === 'with_three' ? 'ratio' : 'ratio_two';
    figures[name] = (without?.tookMs ?? 0) / tookMs;
    figures[`${name}_cpu`] = (without?.cpuUs ?? 0) / cpuUs;
  }
  return figures;
}

type Turn = { readonly kind: Kind; readonly round: number; readonly cpuMs: () => number };

async function post(bank: BenchBank, { kind, round, cpuMs }: Turn): Promise<Spent> {
  const { planes, command } = bank;
  const { uint32 } = seededRandom(round + warmUps + 1);
  const first = kinds.indexOf(kind) * accountsPerKind;
  const ids = bank.accounts.slice(first, first + accountsPerKind);
  const mint = countersigner(planes.keyring.countersignKeys);
  const items = Array.from({ length: perRound }, (_, index) => {
    const turn = (round + warmUps) * perRound + index;
    const debit = (round < 0 ? turn : uint32()) % ids.length;
    const credit = (debit + 1 + (uint32() % (ids.length - 1))) % ids.length;
    const sides = { credit_account_id: ids[credit] as string, currency: 'EUR' };
    const leg = { amount: 1, ...sides, debit_account_id: ids[debit] as string, kind: 'post' };
    const one = command('journal.post', { legs: [leg] }, `${kind}-${round}-${index}`);
    const consume = threeLimits(leg).slice(0, limitsOf[kind]);
    const decision: Decision = {
      id: derivedUuid(one.id, 'decision', 0),
      outcome: 'allow',
      policyVersion: 'bench',
      modelScoreRef: null,
      reasons: [],
      consume,
    };
    return { command: one, countersignature: mint(one, decision, one.receivedAt + 600_000) };
  });
  const [startedAt, cpuBeforeMs] = [performance.now(), cpuMs()];
  await inFlight(items.length, width, async (index) => {
    const { outcome } = await planes.engine.submit(items[index] as (typeof items)[number]);
    if (outcome.status !== 'accepted') throw new Error(`not posted: ${JSON.stringify(outcome)}`);
  });
  return { tookMs: performance.now() - startedAt, cpuMs: cpuMs() - cpuBeforeMs };
}

function threeLimits(leg: { debit_account_id: string; credit_account_id: string }): Consume[] {
  const day = { kind: 'sliding', seconds: 86_400 } as const;
  const hour = { kind: 'sliding', seconds: 3_600 } as const;
  const month = { kind: 'calendar', time_zone: 'Europe/Paris', unit: 'month' } as const;
  const cap = 1_000_000_000;
  return [
    taking(`account:${leg.debit_account_id}`, 'account-daily', 'amount', day),
    taking(`account:${leg.credit_account_id}`, 'merchant-hourly', 'count', hour),
    taking('tenant', 'tenant-monthly', 'amount', month),
  ];

  /** Members in order, as policy writes them. */
  function taking(
    key: string,
    limit: string,
    measure: Consume['measure'],
    window: LimitWindow,
  ): Consume {
    return { amount: 1, cap, key, leg: 0, limit, measure, window };
  }
}

/** The time that this process and all of PostgreSQL's were at work, by proc(5) of Linux. */
async function cpuMeter(client: pg.Client): Promise<() => number> {
  const backend = await numberOf(client, 'select pg_backend_pid() as n');
  const postmaster = statOf(backend)[1] as string;
  return () => {
    const { user, system } = process.cpuUsage();
    // Of those that have ended the postmaster knows: cutime and cstime.
    let ticks = sum(statOf(postmaster).slice(11, 15));
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const stat = statOf(pid);
      if (stat[1] === postmaster) ticks += sum(stat.slice(11, 13));
    }
    return (user + system) / 1000 + ticks * 10;
  };
}

function sum(figures: readonly (number | string)[]): number {
  return figures.reduce<number>((total, figure) => total + Number(figure), 0);
}

/** The fields of /proc/PID/stat after the command's name; none of a process that has ended. */
function statOf(pid: number | string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return [];
  }
}

function deadlocks(client: pg.Client): Promise<number> {
  const sql = 'select deadlocks::int as n from pg_stat_database';
  return numberOf(client, `${sql} where datname = current_database()`);
}

async function numberOf(client: pg.Client, sql: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(sql);
  return rows[0]?.n ?? 0;
}
