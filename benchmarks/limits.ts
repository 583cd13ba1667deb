// Limits: transfers per second with two and three limits each, against none, in one run.
//
// Each transfer takes from a limit of its account and of one of a thousand merchants; the third is
// of the whole tenant, which every transfer of every batch shares. Commands are made and
// countersigned beforehand; nothing seals.
import { type Consume, countersigner, type Decision, derivedUuid, seededRandom } from '#core';
import pg from 'pg';
import { type BenchBank, inFlight, openBenchBank } from './bank.ts';
import type { Benchmark, Figures } from './run.ts';

const accounts = 20_000;
const merchants = 1_000;
const rounds = 4;
const transfersPerRound = 20_000;
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
    const bank = await openBenchBank({ accounts, roles: [] });
    const spent = { without: 0, with_two: 0, with_three: 0 };
    try {
      say(`${bank.accounts.length} accounts are open`);
      // In turns, so that what else the machine does meets both alike; and the
      // first round warms up: every account pays once, so that its counter is there.
      for (let round = 0; round <= rounds; round += 1) {
        for (const kind of kinds) {
          const tookMs = await post(bank, kind, round);
          if (round > 0) spent[kind] += tookMs;
          say(`${kind}: ${Math.round((transfersPerRound * 1000) / tookMs)}/s`);
        }
      }
      const rate = (ms: number) => (rounds * transfersPerRound * 1000) / ms;
      const figures: Figures = {
        without: rate(spent.without),
        with_two: rate(spent.with_two),
        with_three: rate(spent.with_three),
        ratio_two: spent.without / spent.with_two,
        ratio: spent.without / spent.with_three,
      };
      return { ...figures, deadlocks: await deadlocks(bank) };
    } finally {
      await bank.close();
    }
  },
};

/** Answers how long it took, in milliseconds. */
async function post(
  { planes, accounts: ids, command }: BenchBank,
  kind: Kind,
  round: number,
): Promise<number> {
  const { uint32 } = seededRandom(round + 1);
  const mint = countersigner(planes.keyring.countersignKeys);
  const items = Array.from({ length: transfersPerRound }, (_, index) => {
    const debit = round === 0 ? index : uint32() % ids.length;
    const credit = (debit + 1 + (uint32() % (ids.length - 1))) % ids.length;
    const sides = { credit_account_id: ids[credit] as string, currency: 'EUR' };
    const leg = { amount: 1, ...sides, debit_account_id: ids[debit] as string, kind: 'post' };
    const one = command('journal.post', { legs: [leg] }, `${kind}-${round}-${index}`);
    const merchant = `merchant:${uint32() % merchants}`;
    const all = threeLimits(leg.debit_account_id, merchant);
    const consume = all.slice(0, limitsOf[kind]);
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
  const startedAt = performance.now();
  await inFlight(items.length, width, async (index) => {
    const { outcome } = await planes.engine.submit(items[index] as (typeof items)[number]);
    if (outcome.status !== 'accepted') throw new Error(`not posted: ${JSON.stringify(outcome)}`);
  });
  return performance.now() - startedAt;
}

function threeLimits(account: string, merchant: string): Consume[] {
  const day = { kind: 'sliding', seconds: 86_400 } as const;
  const hour = { kind: 'sliding', seconds: 3_600 } as const;
  const month = { kind: 'calendar', time_zone: 'Europe/Paris', unit: 'month' } as const;
  const cap = 1_000_000_000;
  return [
    taking({ key: `account:${account}`, limit: 'account-daily', measure: 'amount', window: day }),
    taking({ key: merchant, limit: 'merchant-hourly', measure: 'count', window: hour }),
    taking({ key: 'tenant', limit: 'tenant-monthly', measure: 'amount', window: month }),
  ];

  /** Members in order, as policy writes them. */
  function taking(what: Pick<Consume, 'key' | 'limit' | 'measure' | 'window'>): Consume {
    const { key, limit, measure, window } = what;
    return { amount: 1, cap, key, leg: 0, limit, measure, window };
  }
}

async function deadlocks({ server }: BenchBank): Promise<number> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ deadlocks: number }>(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  await client.end();
  return rows[0]?.deadlocks ?? 0;
}
