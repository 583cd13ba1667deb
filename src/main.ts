// The composition root: configuration, clock and randomness become planes that know their doors.
import {
  type Clock,
  type Command,
  type CommandInput,
  type Countersigned,
  countersignatureVerifier,
  countersigner,
  type Database,
  decisionOperation,
  type EventRow,
  Fault,
  type Json,
  type Keyring,
  newCommand,
  type Pool,
  type Random,
  type Tx,
  withTx,
} from '#core';
import {
  createPostingEngine,
  type Effects,
  type JournalBody,
  ledgerFacts,
  type Outcome,
  type PostingEngine,
} from '#money';
import {
  type About,
  administer,
  type Administered,
  type AdministrationItem,
  type Bench,
  decide,
  type DecisionBody,
  type Entitlements,
  type Facts,
  isAdministration,
  isApproved,
  type Library,
  type Program,
  openLibrary,
  ownFacts,
  readOwnFacts,
  shippedEntitlements,
} from '#policy';
import { detect, openVault, type Vault } from '#privacy';
import { setTimeout as sleep } from 'node:timers/promises';

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
  readonly library: Library;
  readonly vault: Vault;
  readonly entitlements: Entitlements;
  /** The decision alone, with its countersignature and its event: nothing has happened yet. */
  readonly decide: (command: Command) => Promise<Countersigned & { around: EventRow[] }>;
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
/** Of a command whose policy changed while it was decided. */
const attemptsMax = 5;

export function openPlanes(options: PlanesOptions): Planes {
  const { database, keyring, clock, random, onCommit = () => undefined } = options;
  const verify = countersignatureVerifier(keyring.countersignKeys);
  const mint = countersigner(keyring.countersignKeys);
  const library = openLibrary(database.pool('policy'));
  const vault = openVault({ pool: database.pool('vault'), keyring, random, clock });
  const engine = createPostingEngine({
    pool: database.pipeline('money', postingWriters),
    verify,
    clock,
    onCommit,
    writers: postingWriters,
    ...(options.queueMax === undefined ? {} : { queueMax: options.queueMax }),
  });

  /** Decides by the policy of one epoch; the effect is refused when that has passed meanwhile. */
  async function decideNow(command: Command): Promise<Countersigned & { around: EventRow[] }> {
    const releases = await library.releases(command.tenant, command.epoch);
    const asked = await askedOf(database, command);
    const bench = await library.bench(releases, asked.point, command.receivedAt, asked.facts);
    checkGivenFacts(asked, bench);
    const facts = { ...asked.facts, ...(await policyFacts(database, command, asked, bench)) };
    const consumes = command.operation !== decisionOperation;
    const decided = decide(mint, { command, bench, facts, modelScoreRef: null, consumes });
    const { epoch = releases.epoch } = command;
    return {
      command: epoch === undefined ? command : { ...command, epoch },
      countersignature: decided.countersignature,
      around: [decided.event],
    };
  }

  async function perform(command: Command): Promise<Executed> {
    const item = await decideNow(command);
    if (isAdministration(command.operation)) {
      const { refusal, ...done } = await administerItem(item);
      onCommit();
      const outcome = refusal ? refused(refusal.reasons) : ({ status: 'accepted' } as const);
      if (!refusal && !done.replayed) library.forget(command.tenant);
      return { ...done, outcome, effects: null };
    }
    const answer = await engine.submit(item);
    return {
      commandId: answer.commandId,
      outcome: answer.outcome,
      replayed: answer.commandId !== command.id,
      effects: answer.effects,
    };
  }

  async function administerItem(item: AdministrationItem): Promise<Administered> {
    const { tenant } = item.command;
    const work = (tx: Tx) => administer(tx, item, verify);
    return withTx(database.pool('policy'), work, { tenant }).catch((error: unknown) => {
      throw (error as { code?: string }).code === '23505'
        ? new Fault('conflict', 'it exists already', { cause: error })
        : error;
    });
  }

  async function executeCommand(command: Command): Promise<Executed> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await perform(command);
      } catch (error) {
        const isStale = error instanceof Fault && error.code === 'rights_changed';
        if (isStale) library.forget(command.tenant);
        // Whoever named an epoch has read rights by it, and must read them anew.
        if (!isStale || command.epoch !== undefined || attempt === attemptsMax) throw error;
      }
    }
  }

  return {
    clock,
    random,
    database,
    keyring,
    engine,
    library,
    vault,
    entitlements: shippedEntitlements(),
    decide: decideNow,
    execute: (input) => executeCommand(newCommand(input, { clock, random })),
    executeCommand,
    close: () => engine.stop(),
  };
}

function refused(reasons: readonly string[]): Outcome {
  return { status: 'rejected', code: 'policy_denied', reasons };
}

// Facts -------------------------------------------------------------------------------------------

type Asked = {
  readonly point: string;
  readonly facts: Facts;
  /** Those that the caller has named, and where in the body. */
  readonly given: Facts;
  readonly at: string;
  readonly about: About;
};

/** How long policy's own facts may take, in milliseconds: what is late is missing. */
const factsDeadlineMs = 500;

/** The point that decides on a command, and what it may know. */
async function askedOf(database: Database, command: Command): Promise<Asked> {
  const { operation, principal } = command;
  const about = { operation, principal_kind: principal.kind };
  const none = { given: {}, at: '', about: {} };
  if (isAdministration(operation)) return { point: 'administration', facts: about, ...none };
  if (operation === decisionOperation) {
    const { point, facts, about: whom = {} } = command.body as DecisionBody;
    return { point, facts, given: facts, at: '/facts', about: whom };
  }
  const ledger = ledgerFacts(command);
  // Last, so that nobody can say them of himself.
  const approved = await isApproved(database.pool('policy'), command);
  const ours = { ...ledger, ...about, approved };
  const { payment } = command.body as JournalBody;
  if (!payment) return { point: 'ledger-operations', facts: ours, ...none };
  const facts = { ...payment, ...ours };
  return { point: 'payment-authorization', facts, given: payment, at: '/payment', about: {} };
}

/** A fact that the policy does not know would go unheard: whoever sends it is told. */
function checkGivenFacts({ given, at }: Asked, { deciding }: Bench): void {
  const errors = Object.keys(given).flatMap((name) => {
    const detail = flawOf(name, given[name], deciding);
    return detail === undefined ? [] : [{ pointer: `${at}/${name}`, detail }];
  });
  if (errors.length === 0) return;
  throw new Fault('invalid_request', 'the request does not fit its schema', { detail: { errors } });
}

function flawOf(name: string, value: Facts[string], { bundle }: Program): string | undefined {
  if (ownFacts.has(name)) return 'is never taken from a caller: say whom it is about';
  if (!Object.hasOwn(bundle.facts, name)) return 'is no fact of the policy';
  // Decisions are kept for ever, so that nobody could ever be erased from them.
  const texts = [value].flat().filter((each) => typeof each === 'string');
  const found = texts.flatMap((text) => detect(text)).at(0);
  return found && `looks like a personal value (${found.class}): send a token for it`;
}

/** What policy knows of whom the question is about; without an answer in time the fact is missing. */
async function policyFacts(
  database: Database,
  { tenant, receivedAt }: Command,
  { about, facts }: Asked,
  { deciding, shadows }: Bench,
): Promise<Facts> {
  if (about.subject === undefined) return {};
  const programs = [deciding, ...shadows];
  const isWanted = (fact: string) => programs.some(({ bundle }) => fact in bundle.facts);
  const channel = typeof facts['channel'] === 'string' ? facts['channel'] : undefined;
  const question = { tenant, about, channel, at: receivedAt };
  const timer = new AbortController();
  const late = sleep<Facts>(factsDeadlineMs, {}, { signal: timer.signal }).catch(() => ({}));
  const found = withTx(
    database.pool('policy'),
    (tx) => readOwnFacts(tx, question, isWanted),
    { tenant, readOnly: true },
  ).catch((): Facts => ({}));
  return Promise.race([found, late]).finally(() => timer.abort());
}
