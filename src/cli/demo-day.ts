// What a demo day has come to: every payment as it was meant, judged and carried out, added up for
// those who read the terminal and for the report.
import { performanceOf } from '#ai';
import { type FraudScenario, fraudScenarios, isFraud } from '../../simulators/fraud.ts';
import { createLatencies, type LatencySummary } from '../../simulators/latency.ts';
import type { TrafficReport } from '../../simulators/run-traffic.ts';
import type { Truth, WhatItWas } from '../../simulators/truth.ts';
import type { BankLog, LoggedCase, LoggedPayment } from './bank-log.ts';
import { type Diary, type Entry, hoursOfDay } from './demo-diary.ts';
import type { ModelChange, ShippedModel } from './demo-model.ts';
import type { PolicyChange } from './demo-policy.ts';
import type { Proof } from './report.ts';

/** What became of a payment; the first three were carried out. */
export const fates = [
  'allowed',
  'confirmed',
  'released',
  'unconfirmed',
  'rejected',
  'denied',
  'refused',
  'waiting',
] as const;
export type Fate = (typeof fates)[number];

export const fateWords: Readonly<Record<Fate, string>> = {
  allowed: 'allowed at once',
  confirmed: 'confirmed by the customer',
  released: 'released by review',
  unconfirmed: 'not confirmed',
  rejected: 'rejected by review',
  denied: 'denied by policy',
  refused: 'refused by the ledger',
  waiting: 'still waiting',
};

/** Amounts are minor units of the home currency. */
export type Sum = { readonly payments: number; readonly amount: number };

export type ScenarioReport = {
  readonly scenario: FraudScenario | 'all fraud' | 'honest, but looks like it';
  readonly all: Sum;
  readonly stopped: Sum;
  /** Of the stopped ones, by what. */
  readonly by: { readonly policy: number; readonly stepUp: number; readonly review: number };
  readonly passed: Sum;
};

/** Of the distribution of scores. */
export const scoreBins = 20;

export type DayReport = {
  readonly title: { readonly tenant: string; readonly day: string; readonly seed: number };
  readonly currency: string;
  readonly traffic: TrafficReport;
  readonly byFate: Readonly<Record<Fate, Sum>>;
  readonly hours: readonly {
    readonly fates: Readonly<Record<Fate, number>>;
    readonly latency: LatencySummary;
  }[];
  readonly scenarios: readonly ScenarioReport[];
  readonly scores: {
    readonly latency: LatencySummary;
    /** By what has answered, such as `scored` or `rule: budget`. */
    readonly answers: Readonly<Record<string, number>>;
    readonly fraud: readonly number[];
    readonly genuine: readonly number[];
  };
  readonly model: (ShippedModel & Judgement) | undefined;
  readonly stepUps: {
    readonly asked: number;
    readonly confirmed: number;
    readonly failed: number;
    readonly silent: number;
  };
  readonly cases: {
    readonly opened: number;
    readonly approved: number;
    readonly rejected: number;
    readonly waiting: number;
    /** Approved although a model had its part in the proposal to stop it. */
    readonly overruled: number;
    /** From opening to verdict, upper bounds in seconds with counts. */
    readonly ages: readonly CaseAge[];
  };
  readonly policyChange: (PolicyChange & At) | undefined;
  readonly modelChange: (ModelChange & At & { readonly rolledBackAt: number }) | undefined;
  readonly proofs: readonly Proof[];
};

/** How well the model's own scores tell fraud: at its threshold, and at others. */
export type Judgement = {
  readonly performance: ReturnType<typeof performanceOf>;
  readonly curve: readonly CurvePoint[];
};
export type CurvePoint = {
  readonly threshold: number;
  readonly precision: number | null;
  readonly recall: number | null;
};

export type CaseAge = {
  readonly upToSeconds: number;
  readonly approved: number;
  readonly rejected: number;
};
/** The hour of the day, with its fraction. */
type At = { readonly at: number };

const caseAgesSeconds = [0.25, 0.5, 1, 2, 5, 15, Number.POSITIVE_INFINITY];

// Adding up ---------------------------------------------------------------------------------------

export type DayParts = Pick<
  DayReport,
  'title' | 'currency' | 'traffic' | 'policyChange' | 'modelChange'
> & {
  readonly diary: Diary;
  readonly log: BankLog;
  readonly truth: Truth;
  readonly model: ShippedModel | undefined;
};

export type KnownPayment = LoggedPayment &
  Entry & { readonly what: WhatItWas; readonly fate: Fate };

export function dayReport(parts: DayParts): Omit<DayReport, 'proofs'> {
  const { title, currency, traffic, policyChange, modelChange, diary, log, model } = parts;
  const known = knownPayments(parts);
  const latencies = diary.latencies();
  return {
    ...{ title, currency, traffic, policyChange, modelChange },
    byFate: byFate((fate) => sumOf(known.filter((each) => each.fate === fate))),
    hours: Array.from({ length: hoursOfDay }, (_, hour) => {
      const then = known.filter((each) => each.hour === hour);
      const count = (fate: Fate) => then.filter((each) => each.fate === fate).length;
      return { fates: byFate(count), latency: latencies[hour] as LatencySummary };
    }),
    scenarios: scenariosOf(known),
    scores: scoresOf(known),
    model: model && { ...model, ...judge(judged(known), model.threshold) },
    stepUps: stepUpsOf(known),
    cases: casesOf(log.cases),
  };
}

export function knownPayments({
  diary,
  log,
  truth,
}: Pick<DayParts, 'diary' | 'log' | 'truth'>): KnownPayment[] {
  const verdicts = new Map(log.cases.map((each) => [each.paymentId, each.verdict]));
  return log.payments.flatMap((payment) => {
    const what = truth.get(payment.key);
    const entry = diary.entries.get(payment.key);
    if (what === undefined || entry === undefined) return [];
    const verdict = verdicts.get(payment.paymentId ?? '');
    return [{ ...payment, ...entry, what, fate: fateOf(payment, verdict) }];
  });
}

function fateOf({ isAllowed, outcome, code }: LoggedPayment, verdict: LoggedCase['verdict']): Fate {
  if (isAllowed) {
    return ({ allow: 'allowed', hold: 'confirmed', review: 'released', deny: 'denied' } as const)[
      outcome
    ];
  }
  if (outcome === 'deny') return 'denied';
  if (code !== undefined || outcome === 'allow') return 'refused';
  if (verdict === 'reject') return 'rejected';
  // Also one that people have approved, and that its customer was then asked about in vain.
  return outcome === 'hold' || verdict === 'approve' ? 'unconfirmed' : 'waiting';
}

function byFate<Value>(of: (fate: Fate) => Value): Readonly<Record<Fate, Value>> {
  const pairs = fates.map((fate) => [fate, of(fate)]);
  return Object.fromEntries(pairs) as Record<Fate, Value>;
}

function sumOf(payments: readonly Entry[]): Sum {
  const amount = payments.reduce((sum, each) => sum + each.amount, 0);
  return { payments: payments.length, amount };
}

function isFraudulent({ what }: Pick<KnownPayment, 'what'>): boolean {
  return what !== 'ordinary' && isFraud(what);
}

function scenariosOf(known: readonly KnownPayment[]): ScenarioReport[] {
  return [
    ...fraudScenarios.map((scenario) =>
      scenarioOf(
        scenario,
        known.filter(({ what }) => what === scenario),
      ),
    ),
    scenarioOf('all fraud', known.filter(isFraudulent)),
    scenarioOf(
      'honest, but looks like it',
      known.filter((each) => each.what !== 'ordinary' && !isFraudulent(each)),
    ),
  ];
}

function scenarioOf(
  scenario: ScenarioReport['scenario'],
  those: readonly KnownPayment[],
): ScenarioReport {
  const stopped = those.filter(({ isAllowed }) => !isAllowed);
  const count = (wanted: Fate) => stopped.filter(({ fate }) => fate === wanted).length;
  return {
    scenario,
    all: sumOf(those),
    stopped: sumOf(stopped),
    by: {
      policy: count('denied'),
      stepUp: count('unconfirmed'),
      review: count('rejected') + count('waiting'),
    },
    passed: sumOf(those.filter(({ isAllowed }) => isAllowed)),
  };
}

/** What a model has said; plain points and no answer at all are not its own. */
function modelled(score: LoggedPayment['score']): number | null {
  return score?.status === 'scored' ? score.value : null;
}

function judged(known: readonly KnownPayment[]) {
  return known.flatMap((each) => {
    const value = modelled(each.score);
    return value === null ? [] : [{ value, isPositive: isFraudulent(each) }];
  });
}

function judge(cases: ReturnType<typeof judged>, threshold: number): Judgement {
  const curve = Array.from({ length: scoreBins - 1 }, (_, index) => {
    const at = (index + 1) / scoreBins;
    const { precision, recall } = performanceOf(cases, at);
    return { threshold: at, precision: precision?.value ?? null, recall: recall?.value ?? null };
  });
  return { performance: performanceOf(cases, threshold), curve };
}

function scoresOf(known: readonly KnownPayment[]): DayReport['scores'] {
  const latencies = createLatencies();
  const answers = new Map<string, number>();
  for (const { score } of known) {
    if (score) latencies.record(score.latencyUs / 1_000);
    const answer = answerOf(score);
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  const bins = (isPositive: boolean) => {
    const counts = Array.from({ length: scoreBins }, () => 0);
    for (const each of judged(known)) {
      if (each.isPositive !== isPositive) continue;
      const bin = Math.min(scoreBins - 1, Math.floor(each.value * scoreBins));
      counts[bin] = (counts[bin] as number) + 1;
    }
    return counts;
  };
  return {
    latency: latencies.summary(),
    answers: Object.fromEntries(answers),
    fraud: bins(true),
    genuine: bins(false),
  };
}

function answerOf(score: LoggedPayment['score']): string {
  if (!score) return 'not asked for';
  const { status, fallbackReason } = score;
  if (fallbackReason === null) return status;
  return `${status === 'scored' ? 'scored by the version before' : status}: ${fallbackReason}`;
}

function stepUpsOf(known: readonly KnownPayment[]): DayReport['stepUps'] {
  const asked = known.filter(({ outcome, paymentId }) => outcome === 'hold' && paymentId);
  const confirmed = asked.filter(({ stepUps }) => stepUps.includes('succeeded')).length;
  const silent = asked.filter(({ stepUps }) => stepUps.length === 0).length;
  return { asked: asked.length, confirmed, silent, failed: asked.length - confirmed - silent };
}

function casesOf(cases: readonly LoggedCase[]): DayReport['cases'] {
  const count = (holds: (each: LoggedCase) => boolean) => cases.filter(holds).length;
  const ageOf = ({ openedAt, decidedAt = openedAt }: LoggedCase) =>
    (Date.parse(decidedAt) - Date.parse(openedAt)) / 1_000;
  const ages = caseAgesSeconds.map((upToSeconds, index) => {
    const from = index === 0 ? Number.NEGATIVE_INFINITY : (caseAgesSeconds[index - 1] as number);
    const those = cases.filter((each) => {
      const age = ageOf(each);
      return each.verdict !== undefined && age > from && age <= upToSeconds;
    });
    const by = (verdict: string) => those.filter((each) => each.verdict === verdict).length;
    return { upToSeconds, approved: by('approve'), rejected: by('reject') };
  });
  return {
    opened: cases.length,
    approved: count(({ verdict }) => verdict === 'approve'),
    rejected: count(({ verdict }) => verdict === 'reject'),
    waiting: count(({ verdict }) => verdict === undefined),
    overruled: count(({ verdict, isByModel }) => verdict === 'approve' && isByModel),
    ages,
  };
}
