// What a run did, in words and figures, and whether everything that must hold does hold.
import { formatDecimal, isoExponent, type MinorUnits, type Verification } from '#core';
import type { LatencySummary } from '../../simulators/latency.ts';
import { checkBank, type LoadClient, refuseFault } from '../../simulators/load-client.ts';
import { isKept, type TrafficReport } from '../../simulators/run-traffic.ts';
import type { Bank, GlobalOptions } from './installation.ts';
import { grouped as n, table } from './table.ts';
import { agreement, tellFindings, verifyInstallation } from './verify.ts';

export function printReport(report: TrafficReport): void {
  const { kinds, latency, duplicates, collisions, retries, setup } = report;
  console.log(`
opened     ${n(setup.accounts)} accounts${funded(setup.journals)}`);
  const rows = kinds.map(({ kind, done, rejected, leftOut }) => [
    kind.replaceAll('_', ' '),
    n(done),
    n(rejected),
    n(leftOut),
  ]);
  console.log(table(['', 'posted', 'rejected', 'left out'], rows));
  const codes = [...byCode(report)].map(([code, count]) => `${n(count)} ${code}`);
  const seconds = (report.elapsedMs / 1000).toFixed(1);
  const lines: [string, string][] = [
    ['posted', `${n(report.done)} operations in ${seconds} s, ${rate(report)}`],
    ['rejected', codes.length > 0 ? codes.join(', ') : 'none'],
    ['latency', `${percentiles(latency)}, max ${ms(latency.maxMs)}`],
    [
      'duplicates',
      `${n(duplicates.sent)} sent twice, ${n(duplicates.sameAnswer)} got the first answer again`,
    ],
    ['reused keys', `${n(collisions.sent)} with another body, ${n(collisions.refused)} refused`],
    [
      'retries',
      Object.entries(retries)
        .map(([why, n]) => `${n} × ${why}`)
        .join(', ') || 'none',
    ],
  ];
  if (report.known > 0) {
    lines.push(['known', `${n(report.known)} were posted by an earlier run, and not again`]);
  }
  console.log(`\n${lines.map(([name, text]) => `${name.padEnd(12)}${text}`).join('\n')}`);
}

/** Without the reasons of policy: those stand beside its decisions. */
function byCode({ rejections }: TrafficReport): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [why, count] of Object.entries(rejections)) {
    const [code = ''] = why.split(' ');
    counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return counts;
}

/** How policy has decided, by the bundle, the outcome and the reasons. */
export async function printDecisions(bank: Bank, client: LoadClient): Promise<void> {
  await bank.server?.sealer?.sealNow();
  const counts = new Map<string, number>();
  let decisions = 0;
  for (let after = ''; ; ) {
    const path = `/v1/decisions?limit=500${after === '' ? '' : `&after=${after}`}`;
    const answer = await client.send({ method: 'GET', path });
    refuseFault(answer, { method: 'GET', path });
    const page = JSON.parse(answer.text) as DecisionPage;
    for (const { policy_version, outcome, reasons } of page.items) {
      const row = [policy_version, outcome, reasons.join(', ')].join('\t');
      counts.set(row, (counts.get(row) ?? 0) + 1);
      decisions += 1;
    }
    if (page.next === null) break;
    after = page.next;
  }
  const rows = [...counts]
    .sort(([one, ones], [other, others]) => policyOf(one, other) || others - ones)
    .map(([row, count]) => [...row.split('\t'), n(count), percent(count / decisions)]);
  console.log(`\n${table(['decided by', 'outcome', 'reasons', 'decisions', ''], rows, 3)}`);
}

type DecisionPage = {
  readonly items: readonly {
    readonly policy_version: string;
    readonly outcome: string;
    readonly reasons: readonly string[];
  }[];
  readonly next: string | null;
};

function policyOf(one: string, other: string): number {
  const [first = '', second = ''] = [one, other].map((row) => row.split('\t', 1)[0]);
  return first < second ? 1 : first > second ? -1 : 0;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.01 ? 2 : 1)} %`;
}

function funded(journals: number): string {
  return journals > 0 ? ` and funded them by ${n(journals)} journals` : '';
}

function rate({ operationsPerSecond, requestsPerSecond }: TrafficReport): string {
  const requests = n(Math.round(requestsPerSecond));
  return `${n(Math.round(operationsPerSecond))} operations/s in ${requests} requests/s`;
}

export type Proof = { readonly holds: boolean; readonly text: string };

/** Whether everything that must hold does hold. */
export async function proveBank(proof: {
  readonly bank: Bank;
  readonly client: LoadClient;
  readonly report: TrafficReport;
  readonly tenant: string;
  readonly options: GlobalOptions;
  /** Whether every decision is made anew. */
  readonly isRepeating?: boolean;
}): Promise<Proof[]> {
  const { bank, client, report, tenant, options, isRepeating = false } = proof;
  const kept = 'every duplicate got the first answer, every reused key was refused';
  const { currencies } = await checkBank(client);
  await bank.server?.sealer?.sealNow();
  const verified = await verifyInstallation({ ...options, decisions: isRepeating });
  const isWhole = verified.findings.length === 0;
  const found = tellFindings(verified).map((text) => ({ holds: false, text }));
  const repeated = 'every decision was made anew and came out the same: determinism 100 %';
  const log = verified.tenants.find((each) => each.tenant === tenant);
  return [
    { holds: isKept(report), text: kept },
    ...currencies.map(({ currency, debitsPosted, creditsPosted, balanced }) => {
      const [debits, credits] = [debitsPosted, creditsPosted].map((sum) => money(sum, currency));
      return { holds: balanced, text: `Σ debits ${debits} = Σ credits ${credits}` };
    }),
    ...found,
    ...(isWhole
      ? [{ holds: true, text: `verify: ${n(verified.events)} events: ${agreement}` }]
      : []),
    ...(isRepeating && isWhole ? [{ holds: true, text: repeated }] : []),
    ...(log ? [{ holds: true, text: rootOf(log) }] : []),
  ];
}

function rootOf({ tenant, size, root }: Verification['tenants'][number]): string {
  return `the log of ${tenant} has ${n(size)} events, root ${root.toString('hex')}`;
}

/** Prints each with a mark; false when one is broken. */
export function printProofs(proofs: readonly Proof[]): boolean {
  console.log('');
  for (const { holds, text } of proofs) console.log(`${holds ? '✓' : '✗'} ${text}`);
  return proofs.every(({ holds }) => holds);
}

/** `1,234,567.89 EUR`. */
export function money(amount: bigint, currency: string): string {
  const exponent = isoExponent(currency) ?? 0;
  const [whole = '', ...fraction] = formatDecimal(amount as MinorUnits, exponent).split('.');
  return `${[whole.replace(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.')} ${currency}`;
}

export function percentiles({ p50Ms, p95Ms, p99Ms }: LatencySummary): string {
  return `p50 ${ms(p50Ms)}, p95 ${ms(p95Ms)}, p99 ${ms(p99Ms)}`;
}

export function ms(duration: number): string {
  return `${duration < 10 ? duration.toFixed(1) : Math.round(duration)} ms`;
}
