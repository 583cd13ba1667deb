// The composition root: configuration, clock and randomness become planes that know their doors.
import {
  type Clock,
  type Command,
  type CommandInput,
  type Countersigned,
  countersignatureVerifier,
  countersigner,
  type Database,
  externalId,
  Fault,
  type Json,
  type Keyring,
  newCommand,
  type Pool,
  type Random,
  withTx,
} from '#core';
import { createPostingEngine, type Effects, type Outcome, type PostingEngine } from '#money';
import { setTimeout as sleep } from 'node:timers/promises';
import { administer, allowAll, type Decide, isAdministration } from '#policy';

/** What happened to a command: its answer, and whether it is that of an earlier call. */
export type Executed = {
  readonly commandId: string;
  readonly outcome: Outcome;
  readonly replayed: boolean;
  /** The rows it wrote; null for a replay and for administration. */
  readonly effects: Effects | null;
};

/** The planes of one process, joined by the one path that every write takes. */
export type Planes = {
  readonly clock: Clock;
  readonly random: Random;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly engine: PostingEngine;
  /** Takes a write from its input to its answer: command → decision → countersigned effect. */
  readonly execute: (input: CommandInput<Json>) => Promise<Executed>;
  /** The same for a command that was fixed before: replay. */
  readonly executeCommand: (command: Command) => Promise<Executed>;
  readonly close: () => Promise<void>;
};

export type PlanesOptions = {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly random: Random;
  readonly onCommit?: () => void;
  readonly queueMax?: number;
};

const postingWriters = 2;

export function openPlanes(options: PlanesOptions): Planes {
  const { database, keyring, clock, random, onCommit = () => undefined } = options;
  const verify = countersignatureVerifier(keyring.countersignKeys);
  const decide: Decide = allowAll(countersigner(keyring.countersignKeys));
  const engine = createPostingEngine({
    pool: database.pipeline('money', postingWriters),
    verify,
    clock,
    onCommit,
    writers: postingWriters,
    ...(options.queueMax === undefined ? {} : { queueMax: options.queueMax }),
  });

  async function executeCommand(command: Command): Promise<Executed> {
    const { countersignature } = decide(command);
    const item: Countersigned = { command, countersignature };
    if (isAdministration(command.operation)) {
      const pool = database.pool('policy');
      const { tenant } = command;
      const done = await withTx(pool, (tx) => administer(tx, item, verify), { tenant }).catch(
        (error: unknown) => {
          throw (error as { code?: string }).code === '23505'
            ? new Fault('conflict', 'it exists already', { cause: error })
            : error;
        },
      );
      onCommit();
      return { ...done, outcome: { status: 'accepted' }, effects: null };
    }
    const answer = await engine.submit(item);
    return {
      commandId: answer.commandId,
      outcome: answer.outcome,
      replayed: answer.commandId !== command.id,
      effects: answer.effects,
    };
  }

  return {
    clock,
    random,
    database,
    keyring,
    engine,
    execute: (input) => executeCommand(newCommand(input, { clock, random })),
    executeCommand,
    close: () => engine.stop(),
  };
}

export type ExpiryOptions = {
  readonly planes: Planes;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

const expiryIntervalMs = 500;
const expiryPage = 500;

/**
 * Writes down the expiry of holds whose instant has passed. Readers count them as expired from that
 * instant on; this only makes it a journal row. Several processes may do so: one row results.
 */
export async function expireHolds(options: ExpiryOptions): Promise<void> {
  const { planes, pool, clock, signal, onError } = options;
  while (!signal.aborted) {
    try {
      const { rows } = await pool.query<{ tenant: string; id: string }>(
        'select tenant, id from money.due_holds($1, $2)',
        [new Date(clock.now()), expiryPage],
      );
      await Promise.all(rows.map(({ tenant, id }) => expireHold(planes, tenant, id)));
      if (rows.length === expiryPage) continue;
    } catch (error) {
      onError(error);
    }
    await sleep(expiryIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function expireHold(planes: Planes, tenant: string, id: string): Promise<void> {
  const holdId = externalId('hold', id);
  await planes.execute({
    principal: { kind: 'service', id: 'hold-expiry', tenant },
    operation: 'journal.post',
    // A blank, which no caller can send: nobody else can have taken the key.
    idempotencyKey: `expire ${holdId}`,
    body: { legs: [{ kind: 'expire', hold_id: holdId }] },
  });
}
