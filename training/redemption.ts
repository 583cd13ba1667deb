// Fits a logistic regression to coupon campaigns, and writes models/redemption-propensity:
// node training/redemption.ts --data path/to/loyalty-completejourney
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { loadParameters, type Parameters } from '../src/ai/lifetime/parameters.ts';
import { seededRandom } from '../src/core/random.ts';
import { aucOf, histogram, linesDigest, measured, middleOf, rangeOf, writeModel } from './card.ts';

const seed = 7;
/** Campaigns that begin from here on are not learnt from. */
const heldFrom = '2017-08-01';
const neverWeeks = 104;
/** Against weights that so few cases would only seem to tell. */
const ridge = 1;
const folder = process.argv[process.argv.indexOf('--data') + 1] ?? '';
const files = ['campaign_descriptions', 'campaigns', 'coupon_redemptions'].map((name) => join(folder, `${name}.csv.gz`));
const { uint32 } = seededRandom(seed);

const inputs = {
  invitations_before: 'How often the member was told of rewards before.',
  taken_before: 'How many of these times he has taken some.',
  redemptions_before: 'How many rewards he has taken in all.',
  weeks_since_redemption: `Weeks since the last one; ${neverWeeks} for never.`,
};
const names = Object.keys(inputs);
type Case = { readonly vector: readonly number[]; readonly label: boolean; readonly start: string };
const cases = readCases();
const [learnt, held] = [true, false].map((isLearnt) =>
  cases.filter(({ start }) => start < heldFrom === isLearnt),
) as [Case[], Case[]];
const [intercept = 0, ...weights] = fit(learnt);
const parameters: Parameters = {
  ...{ format: 'countersign-parameters/1', kind: 'logistic' },
  baseline: names.map((_, at) => middleOf(learnt.map(({ vector }) => vector[at] as number))),
  ...{ intercept, weights, transforms: names.map(() => 'log1p' as const) },
};
const { score } = loadParameters(Buffer.from(JSON.stringify(parameters)));
writeModel(fileURLToPath(new URL('../models/redemption-propensity', import.meta.url)), parameters, card());

// Data --------------------------------------------------------------------------------------------

/** One case for each household that a campaign was for, by what was known when it began. */
function readCases(): Case[] {
  const [described = [], invited = [], redeemed = []] = files.map(rows);
  const starts = new Map(described.map(([id = '', , start = '', end = '']) => [id, { start, end }]));
  const redemptions = Map.groupBy(redeemed, ([household = '']) => household);
  const invitations = Map.groupBy(invited, ([, household = '']) => household);
  return invited.flatMap(([campaign = '', household = '']): Case[] => {
    const span = starts.get(campaign);
    if (!span) return [];
    const own = redemptions.get(household) ?? [];
    const before = own.filter(([, , , date = '']) => date < span.start);
    const label = own.some(([, , of, date = '']) => of === campaign && date >= span.start && date <= span.end);
    const earlier = (invitations.get(household) ?? []).filter(
      ([id = '']) => (starts.get(id)?.start ?? '9') < span.start,
    );
    const last = before.map(([, , , date = '']) => date).sort().at(-1);
    const weeks = last ? (Date.parse(span.start) - Date.parse(last)) / (7 * 86_400_000) : neverWeeks;
    const taken = new Set(before.map(([, , of]) => of)).size;
    return [{ vector: [earlier.length, taken, before.length, weeks], label, start: span.start }];
  });
}

function rows(path: string): string[][] {
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  return text.trim().split('\n').slice(1).map((line) => line.replaceAll('"', '').trim().split(','));
}

// Fitting -----------------------------------------------------------------------------------------

/** Newton's steps on the penalized likelihood; the first weight is the intercept. */
function fit(of: readonly Case[]): number[] {
  const rowsOf = of.map(({ vector }) => [1, ...vector.map((each) => Math.log1p(each))]);
  const width = names.length + 1;
  let found = Array.from({ length: width }, () => 0);
  for (let step = 0; step < 30; step += 1) {
    const gradient = found.map((each, at) => (at === 0 ? 0 : -ridge * each));
    const hessian = found.map((_, at) => found.map((__, to) => (at === to && at > 0 ? ridge : 0)));
    for (const [index, row] of rowsOf.entries()) {
      const p = 1 / (1 + Math.exp(-row.reduce((sum, each, at) => sum + each * (found[at] as number), 0)));
      const off = (of[index]?.label ? 1 : 0) - p;
      for (let at = 0; at < width; at += 1) {
        gradient[at] = (gradient[at] as number) + off * (row[at] as number);
        const line = hessian[at] as number[];
        for (let to = 0; to < width; to += 1) {
          line[to] = (line[to] as number) + p * (1 - p) * (row[at] as number) * (row[to] as number);
        }
      }
    }
    const change = solve(hessian, gradient);
    found = found.map((each, at) => each + (change[at] as number));
    if (Math.max(...change.map(Math.abs)) < 1e-10) break;
  }
  return found.map((each) => Number(each.toPrecision(9)));
}

/** Gauss's elimination, with the largest pivot. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const lines = matrix.map((row, at) => [...row, right[at] as number]);
  const size = lines.length;
  for (let at = 0; at < size; at += 1) {
    const best = lines.slice(at).reduce((most, row, index) =>
      Math.abs(row[at] as number) > Math.abs((lines[most] as number[])[at] as number) ? at + index : most, at);
    [lines[at], lines[best]] = [lines[best] as number[], lines[at] as number[]];
    const pivot = lines[at] as number[];
    for (let row = 0; row < size; row += 1) {
      if (row === at) continue;
      const line = lines[row] as number[];
      const times = (line[at] as number) / (pivot[at] as number);
      for (let column = at; column <= size; column += 1) {
        line[column] = (line[column] as number) - times * (pivot[column] as number);
      }
    }
  }
  return lines.map((row, at) => (row[size] as number) / (row[at] as number));
}

// The card ----------------------------------------------------------------------------------------

function card() {
  const split = `campaigns from ${heldFrom} on`;
  const scored = held.map((each) => ({ ...each, score: score(Float32Array.from(each.vector)) }));
  const columns = names.map((_, at) => held.map(({ vector }) => vector[at] as number));
  const mean = (of: readonly number[]) => of.reduce((sum, each) => sum + each, 0) / of.length;
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  const brier = (of: readonly { score: number; label: boolean }[]) =>
    mean(of.map((each) => (each.score - (each.label ? 1 : 0)) ** 2));
  const rate = mean(learnt.map(({ label }) => (label ? 1 : 0)));
  const code = ['training/redemption.ts', 'training/card.ts'];
  return {
    ...{ format: 1, name: 'redemption-propensity', title: 'Whether a member takes a reward' },
    purpose: 'How likely it is that a member who is told of rewards takes one, by what he did with those before. For the policy burn-suggestion, which leaves alone whoever uses points anyway. Of which kind the reward would be, travel, cashback or merchandise, is told beside it: by the member’s own redemptions, drawn to the mix of all by how few they are.',
    owner: 'The Countersign project',
    limits: [
      'Learnt from coupons of a grocer for 1,559 households of 2017, not from points of a bank: learn it from your own redemptions before you rely on it.',
      'It knows no kind of reward: nothing in the data is travel or cashback.',
      'Campaigns of later in the year were for other households and other goods than those that it has learnt from.',
    ],
    decides: { point: 'burn-suggestion', value_fact: 'redemption_probability', status_fact: 'redemption_score_status', needs: ['data_consent'] },
    confidence: { missing_max: 0, outside_max: 1 },
    budget_ms: 10,
    fallback: { previous: true, rule: { base: 0.05, terms: [{ input: 'taken_before', at_least: 2, add: 0.2 }] } },
    inputs: names.map((name, at) => ({
      ...{ name, from: 'input', range: rangeOf(columns[at] as number[]), missing: 'refuse' },
      description: inputs[name as keyof typeof inputs],
    })),
    output: { threshold: 0.2, positive: 'takes one' },
    training: {
      command: 'node training/redemption.ts --data loyalty-completejourney',
      code: linesDigest(code.map((path) => fileURLToPath(new URL(`../${path}`, import.meta.url)))),
      seed,
      data: {
        source: 'The Complete Journey: campaigns, the households that they were for, and coupons redeemed (dunnhumby, by the R package completejourney)',
        licence: 'CC0',
        digest: linesDigest(files),
        rows: cases.length,
        split: `A case is a household and a campaign. Campaigns that began before ${heldFrom} to train, later ones to test.`,
      },
      libraries: { node: process.versions.node },
      parameters: { model: 'logistic regression of logarithms', ridge, intercept, ...Object.fromEntries(names.map((name, at) => [name, weights[at] as number])) },
    },
    metrics: [
      measured('AUC', split, scored, aucOf, uint32),
      measured('Brier score', split, scored, brier, uint32),
      measured('foretold less observed', split, scored, (of) => mean(of.map((each) => each.score - (each.label ? 1 : 0))), uint32),
    ],
    baselines: [
      { name: 'Rewards taken before alone', metric: 'AUC', value: round(aucOf(held.map(({ vector, label }) => ({ label, score: vector[1] as number })))) },
      { name: 'Everybody as likely as in training', metric: 'Brier score', value: round(brier(held.map(({ label }) => ({ label, score: rate })))) },
    ],
    fairness: { note: 'Age and income of some households are in the source and are no inputs. Nothing was measured by group: the households whose traits are known are not those of any bank.', rows: [] },
    reference: { score: histogram(scored.map((each) => each.score)), inputs: Object.fromEntries(names.map((name, at) => [name, histogram(columns[at] as number[])])) },
  };
}
