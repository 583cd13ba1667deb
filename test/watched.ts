// A day of a model in production and what is found of it, for tests of reports and controls.
import { type Instant, type Json, seededRandom, withTx } from '#core';
import assert from 'node:assert/strict';
import { type ControlRun, runControls } from '../src/ai/monitoring/control-runs.ts';
import { countValue, counterOf } from '../src/ai/monitoring/drift.ts';
import { type Report, reportOn } from '../src/ai/monitoring/report.ts';
import { type Bank, day, monday } from './bank.ts';
import { type Case, deploy } from './monitored.ts';
import { cardOf } from './scored.ts';

/** Sunday is the day that is looked at. */
export const from = monday - day;

/** What training has seen: both inputs and the score spread evenly over 0 to 1. */
export function reference() {
  const tenths = { edges: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] };
  const even = counterOf(tenths);
  for (let index = 0; index < 2_000; index += 1) countValue(even, (index + 0.5) / 2_000);
  return { score: even, inputs: { amount_home: even, 'account.count_1h': even } };
}

const bytes = seededRandom(11);

/** Evenly between 0 and 1. */
export function chance(): number {
  const [a = 0, b = 0, c = 0] = bytes.bytes(3);
  return ((a * 256 + b) * 256 + c + 0.5) / 2 ** 24;
}

/** Cases of the day, one after the other. */
export function casesOf(
  count: number,
  make: (index: number) => Partial<Case> = () => ({}),
): Case[] {
  return Array.from({ length: count }, (_, index) => ({
    at: from + Math.floor((index * day) / count),
    value: chance(),
    inputs: { amount_home: chance(), 'account.count_1h': chance() },
    ...make(index),
  }));
}

type ReportAsked = { unlabelled?: 'negative'; to?: Instant; casesMax?: number };
type RunAsked = { key?: string; asked?: Json; from?: Instant; to?: Instant };

export function watch(bank: Bank) {
  const { planes, superuser } = bank;
  const pool = planes.database.pool('read');
  const { signal } = new AbortController();
  return {
    monitored: async (): Promise<string> => {
      const { id } = await bank.tenant();
      await deploy(bank, id, { reference: reference() });
      return id;
    },
    report: (tenant: string, more: ReportAsked = {}): Promise<Report> => {
      const card = cardOf({ reference: reference() });
      const whole = { card, version: 1, from, to: monday, unlabelled: 'left_out', signal } as const;
      return withTx(pool, (tx) => reportOn(tx, { ...whole, ...more }), { tenant });
    },
    run: (tenant: string, more: RunAsked = {}): Promise<ControlRun[]> => {
      const whole = { tenant, from, to: monday, key: 'test', requestedBy: 'user:ann', signal };
      return runControls({ pool, execute: planes.execute }, { ...whole, ...more });
    },
    /** What was done with models, in its order. */
    acts: async (tenant: string): Promise<string[]> => {
      const { rows } = await superuser.query<{ what: string }>(
        `select act || ' by ' || acted_by as what from ai.model_act
          where tenant_id = $1 order by ordinal`,
        [tenant],
      );
      return rows.map(({ what }) => what);
    },
  };
}

export function resultOf([first]: readonly ControlRun[], control: string) {
  const found = first?.results.find((each) => each.control === control);
  assert.ok(found, control);
  return found;
}
