// What goes on by itself: holds and proposals expire, those on record are screened again when a
// list changes, models are tested day by day, and payments go on or end when people have looked.
import { dayToTest, runControls } from '#ai';
import {
  type Consumer,
  type ConsumerOptions,
  followLog,
  dueRounds,
  externalId,
  Fault,
  instantToText,
  type Json,
  internalId,
  type Pool,
  type Uuid,
  listTenants,
} from '#core';
import { finishRound } from '#cores';
import { openCallerNow, runTickets, type Tickets, type ToolHost } from '#gateway';
import type { Planes } from '#main';
import { expirePayment, releasePayment, resumePayment } from '#payments';
import { openWatchlists, rescreen } from '#policy';
import { setTimeout as sleep } from 'node:timers/promises';

export type BackgroundOptions = {
  readonly planes: Planes;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

const expiryIntervalMs = 500;
const expiryPage = 500;

/** What was to last until an instant, and is over. */
type Due = { readonly tenant: string; readonly id: string; readonly expires_at: Date };

/**
 * Writes down the expiry of holds whose instant has passed. Readers count them as expired from that
 * instant on; this only makes it a journal row. Several processes may do so: one row results.
 */
export async function expireHolds(options: BackgroundOptions): Promise<void> {
  const { planes } = options;
  await expire(options, {
    pool: planes.database.pool('money'),
    due: 'money.due_holds',
    perform: (hold, isAgain) => expireHold(planes, hold, isAgain),
  });
}

type Expiring = {
  readonly pool: Pool;
  /** The function that answers them, a page at a time. */
  readonly due: 'money.due_holds' | 'gateway.due_proposals' | 'gateway.due_runs';
  /** Whether it is expired now. */
  readonly perform: (due: Due, isAgain: boolean) => Promise<boolean>;
};

async function expire(
  { planes: { clock }, signal, onError }: BackgroundOptions,
  { pool, due, perform }: Expiring,
): Promise<void> {
  const round = dueRounds<Due>({
    ...{ now: () => clock.now(), onError, pageSize: expiryPage, perform },
    async readPage(after) {
      const { rows } = await pool.query<Due>(
        `select tenant, id, expires_at from ${due}($1, $2, $3, $4)`,
        [
          ...[new Date(clock.now()), expiryPage],
          ...[after?.expires_at ?? '-infinity', after?.id ?? firstUuid],
        ],
      );
      return rows;
    },
  });
  while (!signal.aborted) {
    await round().catch(onError);
    await sleep(expiryIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

const firstUuid = '00000000-0000-0000-0000-000000000000';

/** What was refused is another command when it is tried again: policy may be another by then. */
function againAt({ clock }: Planes, isAgain: boolean): string {
  return isAgain ? ` ${instantToText(clock.now())}` : '';
}

/** Whether it is expired now: the policy of a tenant may say no. */
async function expireHold(planes: Planes, { tenant, id }: Due, isAgain: boolean): Promise<boolean> {
  const holdId = externalId('hold', id);
  // A blank, which no caller can send: nobody else can have taken the key.
  const idempotencyKey = `expire ${holdId}${againAt(planes, isAgain)}`;
  const parts = { pool: planes.database.pool('read'), execute: planes.execute };
  const due = { tenant, hold: id, holdId, idempotencyKey };
  const { outcome } =
    (await expirePayment(parts, due)) ??
    (await planes.execute({
      principal: { kind: 'service', id: 'hold-expiry', tenant },
      operation: 'journal.post',
      idempotencyKey,
      body: { legs: [{ kind: 'expire', hold_id: holdId }] },
    }));
  return outcome.status === 'accepted';
}

/** Writes down that nobody has agreed in time; from that instant on nobody can. */
export async function expireProposals(options: BackgroundOptions): Promise<void> {
  await expireByGateway(options, {
    due: 'gateway.due_proposals',
    kind: 'proposal',
    word: 'expire',
    operation: 'proposal.expire',
    bodyOf: (proposal_id) => ({ proposal_id }),
  });
}

/** Writes down that nobody came back to go on with a sequence; what it has left, its steps tell. */
export async function endAbandonedRuns(options: BackgroundOptions): Promise<void> {
  await expireByGateway(options, {
    due: 'gateway.due_runs',
    kind: 'sequence',
    word: 'abandon',
    operation: 'sequence.end',
    bodyOf: (run_id) => ({ run_id, status: 'abandoned' }),
  });
}

type Ending = Pick<Expiring, 'due'> & {
  readonly kind: 'proposal' | 'sequence';
  /** Begins the key of the command. */
  readonly word: string;
  readonly operation: string;
  readonly bodyOf: (id: string) => Json;
};

async function expireByGateway(
  options: BackgroundOptions,
  { due, kind, word, operation, bodyOf }: Ending,
): Promise<void> {
  const { planes } = options;
  await expire(options, {
    pool: planes.database.pool('policy'),
    due,
    async perform({ tenant, id }, isAgain) {
      const name = externalId(kind, id);
      const { outcome } = await planes.execute({
        principal: { kind: 'service', id: 'gateway', tenant },
        operation,
        idempotencyKey: `${word} ${name}${againAt(planes, isAgain)}`,
        body: bodyOf(name),
      });
      return outcome.status === 'accepted';
    },
  });
}

const finishIntervalMs = 5_000;
/** Whoever has let something through does it at once: after this it was interrupted. */
const interruptedMs = 15_000;
/** What has stood longer was looked at by processes before this one. */
const lookBackMs = 7 * 86_400_000;
/** Of those that could not be done yet: beyond these, the agent has to ask again itself. */
const leftMax = 1_000;

type Used = { readonly tenant: string; readonly id: Uuid; readonly used_at: Date };

export type FinishOptions = BackgroundOptions & {
  readonly host: Pick<ToolHost, 'finish'>;
};

/**
 * Does what was let through and then interrupted, for its agent may have died as well. Each process
 * looks at a proposal once, and again at what could not be done then.
 */
export async function finishProposals(options: FinishOptions): Promise<void> {
  const { planes, signal, onError, host } = options;
  const { clock, database } = planes;
  const left = new Map<string, Used>();
  const finish = async (used: Used) => {
    left.delete(used.id);
    try {
      await host.finish(used);
    } catch (error) {
      onError(error);
      const isWorthIt = !(error instanceof Fault) || error.retryable;
      if (isWorthIt && left.size < leftMax) left.set(used.id, used);
    }
  };
  let since = clock.now() - lookBackMs;
  while (!signal.aborted) {
    const until = clock.now() - interruptedMs;
    try {
      for (const used of [...left.values()]) await finish(used);
      for await (const used of usedProposals(database.pool('policy'), since, until)) {
        await finish(used);
        if (signal.aborted) return;
      }
      since = until;
    } catch (error) {
      onError(error);
    }
    await sleep(finishIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function* usedProposals(pool: Pool, since: number, until: number): AsyncGenerator<Used> {
  let after: Used | undefined;
  do {
    const { rows } = await pool.query<Used>(
      'select tenant, id, used_at from gateway.used_proposals($1, $2, $3, $4, $5)',
      [
        ...[new Date(since), new Date(until), expiryPage],
        ...[after?.used_at ?? '-infinity', after?.id ?? firstUuid],
      ],
    );
    yield* rows;
    after = rows.length < expiryPage ? undefined : rows.at(-1);
  } while (after);
}

export type TicketOptions = BackgroundOptions & {
  readonly host: ToolHost;
  readonly tickets: Tickets;
};

/** Carries out the calls of tools for which agents have tickets. */
export async function carryTickets(options: TicketOptions): Promise<void> {
  const { database, entitlements, clock } = options.planes;
  const pool = database.pool('policy');
  await runTickets({ ...options, pool, callerNow: openCallerNow({ pool, entitlements, clock }) });
}

const coreIntervalMs = 1_000;

/** Finishes what the bank's core was asked and nobody has seen through to its end. */
export async function finishMoves({ planes, signal, onError }: BackgroundOptions): Promise<void> {
  const { mirrored, database, clock } = planes;
  if (!mirrored) return;
  const round = finishRound({ ...mirrored, pool: database.pool('money'), clock, onError });
  while (!signal.aborted) {
    await round().catch(onError);
    await sleep(coreIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

const rescreenIntervalMs = 60_000;

/**
 * Screens everybody on record against what a list has added or changed. Nothing is remembered here:
 * each subject says through which versions it was screened, so what was interrupted goes on.
 */
export async function rescreenBase(options: BackgroundOptions): Promise<void> {
  const { planes, signal, onError } = options;
  const { database, vault, execute } = planes;
  const pool = database.pool('policy');
  const parts = { pool, watchlists: openWatchlists(pool), values: vault, execute };
  while (!signal.aborted) {
    await sleep(rescreenIntervalMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const { matcher } = await parts.watchlists.current();
      if (matcher.entries === 0) continue;
      for (const tenant of await tenantsOf(options)) {
        if (signal.aborted) return;
        await rescreen(parts, { kind: 'service', id: 'rescreening', tenant });
      }
    } catch (error) {
      onError(error);
    }
  }
}

const controlsIntervalMs = 60_000;
/** Of the controls of one tenant: what is late is tried again. */
const controlsTimeoutMs = 60_000;

/**
 * Tests every model in production once for each day that is over. A run is known by its day, so
 * that several processes, and one that begins again, make one of it.
 */
export async function runDailyControls(options: BackgroundOptions): Promise<void> {
  const { planes, signal, onError } = options;
  const { clock, database, execute } = planes;
  const parts = { pool: database.pool('read'), execute };
  const done = new Map<string, string>();
  while (!signal.aborted) {
    await sleep(controlsIntervalMs, undefined, { signal }).catch(() => undefined);
    const day = dayToTest(clock.now());
    for (const tenant of signal.aborted ? [] : await tenantsOf(options)) {
      if (signal.aborted) return;
      if (done.get(tenant) === day.key) continue;
      try {
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(controlsTimeoutMs)]);
        const question = { tenant, ...day, requestedBy: 'service:controls', signal: deadline };
        await runControls(parts, question);
        done.set(tenant, day.key);
      } catch (error) {
        onError(error);
      }
    }
  }
}

/** Of what makes payments go on: each is a command, which is done before the next. */
const goingOnMax = 100;

/**
 * Takes a payment up again when its payer has agreed to it or its case is approved, and gives back
 * what it holds when its case is rejected or the ledger has refused to take it up.
 */
export function followPayments(options: { readonly planes: Planes } & ConsumerOptions) {
  const { planes, onError } = options;
  const consumer = paymentsGoOn({ ...planes, onError });
  const pool = planes.database.pool('app');
  return followLog(consumer, pool, options);
}

type GoingOn = Pick<Planes, 'database' | 'execute'> & Pick<ConsumerOptions, 'onError'>;

export function paymentsGoOn({ database, execute, onError }: GoingOn): Consumer {
  const parts = { pool: database.pool('read'), execute };
  const reactions: Readonly<Record<string, (event: Told) => Promise<unknown>>> = {
    'step_up.succeeded': ({ tenant, payload: { payment_id: id, challenge_id: cause } }) =>
      resumePayment(parts, { tenant, id, cause }),
    'case.decided': async ({ tenant, payload }) => {
      const { case_id: cause, kind, payment_id: id, verdict, reason } = payload;
      // Of a payment that was denied, or that came back, nothing is held.
      if (kind !== 'release') return;
      if (verdict === 'approve') await resumePayment(parts, { tenant, id, cause });
      else await releasePayment(parts, { tenant, id, cause, reason });
    },
    'payment.denied': async ({ tenant, payload: { payment_id: id, command_id: cause, code } }) => {
      const isFirst = internalId('payment', id) === internalId('command', cause);
      if (!isFirst) await releasePayment(parts, { tenant, id, cause, reason: code });
    },
  };
  return {
    name: 'payments-go-on',
    types: Object.keys(reactions),
    eventsMax: goingOnMax,
    async apply(_tx, events) {
      for (const { tenant, type, body } of events) {
        const { payload } = (JSON.parse(body) as { data: Pick<Told, 'payload'> }).data;
        try {
          await reactions[type]?.({ tenant, payload });
        } catch (error) {
          // What will never do must not hold up the others: the payment ends with its reservation.
          if (!(error instanceof Fault) || error.retryable) throw error;
          onError(error);
        }
      }
    },
  };
}

type Told = {
  readonly tenant: string;
  readonly payload: Readonly<
    Record<
      | 'payment_id'
      | 'challenge_id'
      | 'case_id'
      | 'command_id'
      | 'kind'
      | 'verdict'
      | 'reason'
      | 'code',
      string
    >
  >;
};

async function tenantsOf({ planes, onError }: BackgroundOptions): Promise<readonly string[]> {
  try {
    return await listTenants(planes.database.pool('policy'));
  } catch (error) {
    onError(error);
    return [];
  }
}
