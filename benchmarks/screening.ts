// Benchmark of screening: names that must and must not hit, against the lists of OFAC and the UN.
// Quality is told for several thresholds; names per second are by processor time of one thread.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { entryDigest, type ListEntry } from '../src/policy/screening/entry.ts';
import { parseOfac } from '../src/policy/screening/lists/ofac.ts';
import { parseUn } from '../src/policy/screening/lists/un.ts';
import { buildMatcher, type Matcher, type Subject } from '../src/policy/screening/matcher.ts';
import type { Benchmark, Figures } from './run.ts';

const folder = fileURLToPath(new URL('../../shared/data/screening/', import.meta.url));
const thresholds = [800, 850, 880, 900, 920, 940, 960, 980, 1000];
const warmups = 500;
/** By name alone; with the date of birth, that of the shipped policies. */
const nameThreshold = 940;
const birthThreshold = 900;

export const screening: Benchmark = {
  title: 'Screening: one name against all entries of OFAC SDN and the UN consolidated list',
  guess: {},
  targets: {
    'names per second': { min: 300 },
    'p95 ms': { max: 10 },
    'recall %, name alone': { min: 98 },
    'false positives %, name alone': { max: 0.03 },
    'recall %, with date of birth': { min: 98 },
    'false positives %, with date of birth': { max: 0.03 },
  },
  run,
};

type Row = { readonly full_name: string; readonly date_of_birth: string };
type Score = { readonly ms: number; readonly score: number };

async function run(say: (line: string) => void): Promise<Figures> {
  if (!existsSync(folder)) {
    say(`skipped: there is no ${folder}`);
    return {};
  }
  const began = performance.now();
  const matcher = await openMatcher();
  const builtMs = performance.now() - began;
  const listed = read('labelled-positives-un.csv');
  const others = read('labelled-negatives-us.csv.gz');
  for (const { full_name } of others.slice(0, warmups)) search(matcher, { name: full_name });
  const alone = (row: Row): Subject => ({ name: row.full_name, entityType: 'person' });
  const born = (row: Row): Subject => ({ ...alone(row), ...birthOf(row) });
  const busySince = threadMs();
  const byName = measure(matcher, { listed, others, subject: alone });
  const busyMs = threadMs() - busySince;
  tell(say, 'By name alone', byName);
  const byBirth = measure(matcher, { listed, others, subject: born });
  tell(say, 'With the date of birth', byBirth);
  const times = [...byName.listed, ...byName.others].map(({ ms }) => ms).sort((a, b) => a - b);
  const name = qualityAt(byName, nameThreshold);
  const birth = qualityAt(byBirth, birthThreshold);
  return {
    entries: matcher.entries,
    names: matcher.names,
    'parse and build ms': builtMs,
    'names per second': (times.length / busyMs) * 1000,
    'p50 ms': quantile(times, 0.5),
    'p95 ms': quantile(times, 0.95),
    'p99 ms': quantile(times, 0.99),
    'recall %, name alone': name.recall * 100,
    'false positives %, name alone': name.falseRate * 100,
    'F1, name alone': name.f1,
    'recall %, with date of birth': birth.recall * 100,
    'false positives %, with date of birth': birth.falseRate * 100,
    'F1, with date of birth': birth.f1,
  };
}

type Measured = { readonly listed: readonly Score[]; readonly others: readonly Score[] };

function measure(
  matcher: Matcher,
  { listed, others, subject }: { listed: Row[]; others: Row[]; subject: (row: Row) => Subject },
): Measured {
  const score = (row: Row) => search(matcher, subject(row));
  return { listed: listed.map(score), others: others.map(score) };
}

function search(matcher: Matcher, subject: Subject): Score {
  const began = performance.now();
  const [best] = matcher.search(subject, { min: thresholds[0] as number });
  return { ms: performance.now() - began, score: best?.score ?? 0 };
}

/** Other programs on the machine do not count; too coarse for a single search. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function qualityAt({ listed, others }: Measured, threshold: number) {
  const hits = (scores: readonly Score[]) =>
    scores.filter(({ score }) => score >= threshold).length;
  const [found, wrong] = [hits(listed), hits(others)];
  return {
    recall: found / listed.length,
    precision: found / (found + wrong),
    falseRate: wrong / others.length,
    wrong,
    f1: (2 * found) / (found + wrong + listed.length),
  };
}

function tell(say: (line: string) => void, title: string, measured: Measured): void {
  say(`${title}: ${measured.listed.length} listed, ${measured.others.length} others`);
  say('threshold   recall  precision     F1   false positives');
  for (const threshold of thresholds) {
    const { recall, precision, f1, wrong, falseRate } = qualityAt(measured, threshold);
    const cells = [
      String(threshold).padStart(9),
      `${(recall * 100).toFixed(2)} %`.padStart(8),
      `${(precision * 100).toFixed(2)} %`.padStart(10),
      f1.toFixed(3).padStart(6),
      `${wrong} (${(falseRate * 100).toFixed(3)} %)`.padStart(16),
    ];
    say(cells.join(' '));
  }
}

async function openMatcher(): Promise<Matcher> {
  const ofac = parseOfac({
    sdn: text('ofac-sdn.csv.gz'),
    alt: text('ofac-alt.csv.gz'),
    add: text('ofac-add.csv.gz'),
  });
  const of = (list: string) => (entry: ListEntry) => ({ list, digest: entryDigest(entry), entry });
  const un = parseUn(text('un-consolidated.xml.gz'));
  return buildMatcher([...ofac.map(of('ofac_sdn')), ...un.map(of('un_consolidated'))]);
}

function birthOf({ date_of_birth }: Row): Pick<Subject, 'dateOfBirth'> | object {
  const [year = '', ...rest] = date_of_birth.split('-');
  if (!/^\d{4}$/.test(year)) return {};
  return { dateOfBirth: [year, ...rest.map((part) => part.padStart(2, '0'))].join('-') };
}

function read(file: string): Row[] {
  return parse(text(file), { bom: true, columns: true });
}

function text(file: string): string {
  const bytes = readFileSync(join(folder, file));
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
}
