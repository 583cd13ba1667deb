// Why a core has not done what it was asked: one list for all vendors, and what each leads to.
import { Fault } from '#core';

/** `leadsTo`: by itself again, after a look, with better data, or to a person. */
export const failureClasses = {
  invalid: { leadsTo: 'correct', about: 'what was sent does not fit: correct it' },
  missing: { leadsTo: 'correct', about: 'what was named is not there: check its id' },
  incomplete: { leadsTo: 'enrich', about: 'the core needs more than was sent: add it' },
  stale: { leadsTo: 'enrich', about: 'somebody has changed the record: read it again' },
  refused: { leadsTo: 'correct', about: 'a rule of the core forbids it' },
  warned: { leadsTo: 'escalate', about: 'the core warns: a person accepts that, or not' },
  unanswered: { leadsTo: 'look_up', about: 'whether it was done is not known: look it up' },
  duplicate: { leadsTo: 'look_up', about: 'the reference was used before: look it up' },
  in_progress: { leadsTo: 'retry', about: 'the first call is still under way: ask again' },
  locked: { leadsTo: 'retry', about: 'another operation holds the record: ask again' },
  limited: { leadsTo: 'retry', about: 'too many calls: ask again later' },
  unavailable: { leadsTo: 'retry', about: 'the core does not answer just now' },
  malformed: { leadsTo: 'escalate', about: 'the core answers what nobody can read' },
  unauthenticated: { leadsTo: 'escalate', about: 'the credentials do not count: check them' },
  forbidden: { leadsTo: 'escalate', about: 'the credentials do not allow it: widen them' },
  internal: { leadsTo: 'escalate', about: 'the core is broken inside' },
} as const satisfies Record<string, { leadsTo: string; about: string }>;

export type FailureClass = keyof typeof failureClasses;

/** What a vendor has said, classified. */
export type Failure = {
  readonly class: FailureClass;
  /** The vendor's own code, as `plainCode` leaves it. */
  readonly code: string;
  /** The vendor's own words, without anything about a person. */
  readonly text: string;
  /** In milliseconds, where the vendor says when to ask again. */
  readonly retryAfterMs?: number;
};

/** Of one code; the longest that we know has 76 signs. */
const codeMax = 100;

/** It goes into messages, logs and events: printable, and without what may be an account. */
export function plainCode(code: string): string {
  return code
    .slice(0, codeMax)
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/\S+@\S+|\d{7,}/g, '#');
}

/** Whether the same call can succeed later without a change. */
export function isRetryable(of: FailureClass): boolean {
  return failureClasses[of].leadsTo === 'retry';
}

/** The vendor's fault, not the asker's: it counts against the core. */
const ofTheCore: readonly FailureClass[] = [
  ...(['unavailable', 'malformed', 'internal', 'unauthenticated', 'forbidden'] as const),
  ...(['limited', 'locked', 'in_progress'] as const),
];

/** As the caller hears it: what is wrong, what it leads to, and the core's own code. */
export function coreFault(core: string, failure: Failure, cause?: unknown): Fault {
  const { class: of, retryAfterMs } = failure;
  const code = plainCode(failure.code);
  const { leadsTo, about } = failureClasses[of];
  const isMissing = of === 'missing';
  const told = ofTheCore.includes(of) ? 'core_failed' : isMissing ? 'not_found' : 'core_refused';
  return new Fault(told, `the core ${core}: ${about} (${code})`, {
    ...(cause === undefined ? {} : { cause }),
    detail: {
      ...{ core, class: of, leads_to: leadsTo, core_code: code },
      ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    },
  });
}
