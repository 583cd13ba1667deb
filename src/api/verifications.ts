// Verifications that run beside the API: one of a tenant's log at a time, its result kept until the
// next one, or until the process ends.
import { checkModels } from '#ai';
import {
  type Clock,
  Fault,
  type Finding,
  type Instant,
  instantToText,
  joinChecks,
  verifyTenantLog,
} from '#core';
import type { Planes } from '#main';
import { checkPoints } from '#loyalty';
import { checkJournal } from '#money';
import { checkDecisions } from '#policy';

export const verificationStates = ['running', 'done', 'failed', 'cut_short'] as const;

export type VerificationView = {
  readonly state: (typeof verificationStates)[number];
  readonly started_by: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  /** Events that were read, of so many. */
  readonly events: number;
  readonly events_total: number;
  readonly repeats_decisions: boolean;
  /** Those of the log as it was when it began; null until it has ended. */
  readonly size: number | null;
  readonly signed: number | null;
  readonly root: string | null;
  /** At most a hundred, and how many there are beyond. */
  readonly findings: readonly Omit<Finding, 'tenant'>[];
  readonly omitted: number;
};

export type Verifications = {
  /** Begins one, unless one is running: then that is told. Throws `overloaded`. */
  readonly begin: (asked: {
    readonly tenant: string;
    readonly startedBy: string;
    readonly repeatsDecisions: boolean;
  }) => VerificationView;
  readonly latest: (tenant: string) => VerificationView | undefined;
  /** Ends those that are running. */
  readonly stop: () => void;
};

/** Of all tenants together: each takes two sessions of the database, and a part of a core. */
const runningMax = 2;
const deadlineMs = 15 * 60_000;
const keptMax = 1_000;

export function createVerifications(planes: Planes, onError: (error: unknown) => void) {
  const { clock } = planes;
  const stopping = new AbortController();
  const kept = new Map<string, VerificationView>();
  let running = 0;

  const begin: Verifications['begin'] = ({ tenant, startedBy, repeatsDecisions }) => {
    const known = kept.get(tenant);
    if (known?.state === 'running') return known;
    if (running >= runningMax) {
      throw new Fault('overloaded', `${runningMax} verifications are running: try again`);
    }
    const begun = beginning(clock.now(), startedBy, repeatsDecisions);
    keep(tenant, begun);
    running += 1;
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(deadlineMs)]);
    void verify(planes, { tenant, repeatsDecisions, signal, progress })
      .catch((error: unknown): Ending => {
        if (signal.aborted) return { state: 'cut_short' };
        onError(error);
        return { state: 'failed' };
      })
      .then((ending) => {
        running -= 1;
        keep(tenant, { ...told(tenant, begun), ...ending, ...endedAt(clock) });
      });
    return begun;

    function progress(events: number, total: number): void {
      keep(tenant, { ...told(tenant, begun), events, events_total: total });
    }
  };

  function told(tenant: string, otherwise: VerificationView): VerificationView {
    return kept.get(tenant) ?? otherwise;
  }

  function keep(tenant: string, view: VerificationView): void {
    kept.delete(tenant);
    kept.set(tenant, view);
    // The oldest that nobody waits for.
    const ended = [...kept].find(([, { state }]) => state !== 'running');
    if (kept.size > keptMax && ended) kept.delete(ended[0]);
  }

  return { begin, latest: (tenant: string) => kept.get(tenant), stop: () => stopping.abort() };
}

function beginning(at: Instant, startedBy: string, repeatsDecisions: boolean): VerificationView {
  return {
    state: 'running',
    started_by: startedBy,
    started_at: instantToText(at),
    ended_at: null,
    events: 0,
    events_total: 0,
    repeats_decisions: repeatsDecisions,
    ...{ size: null, signed: null, root: null, findings: [], omitted: 0 },
  };
}

function endedAt(clock: Clock) {
  return { ended_at: instantToText(clock.now()) };
}

type Ending = Pick<VerificationView, 'state'> & Partial<VerificationView>;

async function verify(
  { database, keyring }: Planes,
  asked: {
    readonly tenant: string;
    readonly repeatsDecisions: boolean;
    readonly signal: AbortSignal;
    readonly progress: (done: number, total: number) => void;
  },
): Promise<Ending> {
  const { repeatsDecisions, ...rest } = asked;
  const publicKeys = keyring.checkpointPublicKeys;
  const verified = await verifyTenantLog({
    ...rest,
    database,
    publicKeys,
    logId: keyring.logId,
    journal: joinChecks(
      checkJournal(),
      checkDecisions({ isRepeating: repeatsDecisions, withRows: false }),
      // The registry of models is read by its own role alone: here only scores are compared.
      { ...checkModels(publicKeys), end: async () => [] },
      checkPoints(),
    ),
  });
  const [log] = verified.tenants;
  return {
    state: 'done',
    ...{ events: verified.events, events_total: verified.events },
    ...{ size: log?.size ?? 0, signed: log?.signed ?? 0, root: log?.root.toString('hex') ?? null },
    findings: verified.findings.map((finding) => {
      const { tenant: _, ...told } = finding;
      return told;
    }),
    omitted: verified.omitted,
  };
}
