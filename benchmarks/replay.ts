// Replay: recorded decisions of the default payment policy, made again from the sealed log.
import { type Json, openDatabase } from '#core';
import {
  compileBundle,
  compileRecorded,
  defaultBundle,
  replayDecisions,
  replayDrift,
} from '#policy';
import { inFlight, openBenchBank, tenant } from './bank.ts';
import { payment } from './decisions.ts';
import type { Benchmark, Figures } from './run.ts';

const decisions = 60_000;
const width = 1_000;
const point = 'payment-authorization';

export const replay: Benchmark = {
  title: 'Replay: recorded decisions on payments, by their own bundle and by another one',
  guess: { same_per_s: 14_000, other_per_s: 15_000, drift_percent: 5 },
  targets: {
    same_per_s: { min: 10_000 },
    other_per_s: { min: 10_000 },
    score_percent: { min: 100 },
  },
  async run(say) {
    const bank = await openBenchBank({ accounts: 0, roles: ['sealer'] });
    const { server, planes } = bank;
    const database = openDatabase({
      url: server.databaseUrl,
      password: planes.keyring.databasePassword,
      applicationName: 'bench',
    });
    try {
      const declared = Object.keys(defaultBundle(point).bundle.facts);
      await inFlight(decisions, width, async (index) => {
        const given = Object.entries(payment(index)).filter(([name]) => declared.includes(name));
        const body = { point, facts: Object.fromEntries(given) as Record<string, Json> };
        await planes.executeCommand(bank.command('decision.make', body, `d${index}`));
      });
      await server.sealer?.sealNow();
      say(`${decisions} decisions are sealed`);
      return await measure(database.pool('sim'));
    } finally {
      await database.close();
      await bank.close();
    }
  },
};

async function measure(pool: Parameters<typeof compileRecorded>[0]): Promise<Figures> {
  const spans = [{ tenant }];
  const rate = (done: number, from: number) => (done * 1_000) / (performance.now() - from);
  let from = performance.now();
  const same = await replayDecisions(pool, spans, { program: compileRecorded(pool) });
  const same_per_s = rate(same.decisions, from);
  const { bundle } = defaultBundle(point);
  const [first, ...rules] = bundle.rules;
  if (first === undefined) throw new Error('the bundle has no rules');
  // One rule more: everything of fifty and above is looked at.
  const stricter = { ...first, id: 'bench', if: { amount: '>= 5000' }, outcome: 'review' } as const;
  const other = compileBundle({ ...bundle, rules: [first, stricter, ...rules] });
  from = performance.now();
  const drift = await replayDrift(pool, spans, other);
  return {
    same_per_s,
    other_per_s: rate(drift.decisions, from),
    decisions: same.decisions,
    score_percent: same.score * 100,
    drift_percent: drift.drift_rate * 100,
  };
}
