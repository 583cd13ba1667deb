// A policy is tightened in mid-day, as docs/recipes/publish-a-policy.md says: drafted, back-tested
// on what was decided until then, approved by another person, published.
import { Fault } from '#core';
import type { DriftReport } from '#policy';
import type { People } from './demo-people.ts';

export type PolicyChange = {
  readonly before: string;
  readonly after: string;
  /** What the back-test has found. */
  readonly decisions: number;
  readonly changed: number;
  readonly driftRate: number;
  readonly backtestMs: number;
  /** From the approval to the publication. */
  readonly publishMs: number;
};

const point = 'payment-authorization';
/** Thresholds in minor units of the home currency, after a wave of fraud in web shops. */
const tightened: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'remote-card-scored': { worth: '>= 35000' },
  'new-payee': { worth: '>= 15000' },
};
const decisionsMax = 5_000;

export async function tightenPolicy({ maker, approver }: People): Promise<PolicyChange> {
  const points = await maker.get<{ items: readonly Point[] }>('/v1/policies?limit=100');
  const live = points.items.find(({ name }) => name === point)?.live;
  if (!live) throw new Fault('internal', `nothing decides at ${point}`);
  const { bundle } = await maker.get<{ bundle: Bundle }>(`/v1/policy-bundles/${live.digest}`);
  const draft = await maker.post<Named>('/v1/policies', tighten(bundle));
  const beganMs = performance.now();
  const path = `/v1/policy-bundles/${draft.digest}/backtests`;
  const tested = await maker.post<Backtest>(path, { decisions: decisionsMax });
  const testedMs = performance.now();
  const { id: approval_id } = await maker.post<{ id: string }>('/v1/approvals', tested.approval);
  const reason = 'the back-test was read: more customers confirm, nobody is refused';
  const verdict = { verdict: 'approve', reason };
  await approver.client.post(`/v1/approvals/${approval_id}/decide`, verdict);
  const { id: backtest_id, report } = tested;
  await maker.post(`/v1/policies/${point}/publications`, {
    ...{ digest: draft.digest, supersedes: live.digest, approval_id, backtest_id },
  });
  return {
    ...{ before: live.version, after: draft.version },
    ...{ decisions: report.decisions, changed: report.changed, driftRate: report.drift_rate },
    backtestMs: testedMs - beganMs,
    publishMs: performance.now() - testedMs,
  };
}

export function tighten({ rules, ...bundle }: Bundle): Bundle {
  return {
    ...bundle,
    rules: rules.map((rule) => ({ ...rule, if: { ...rule.if, ...tightened[rule.id] } })),
  };
}

type Named = { readonly digest: string; readonly version: string };
type Point = { readonly name: string; readonly live: Named | null };
type Bundle = {
  readonly rules: readonly {
    readonly id: string;
    readonly if: Readonly<Record<string, string>>;
  }[];
};
type Backtest = {
  readonly id: string;
  readonly report: DriftReport;
  readonly approval: object;
};
