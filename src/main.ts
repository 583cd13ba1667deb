// The composition root: configuration, clock and randomness become planes that know their doors.
import { createScorer, featureReader, openModels, type Scorer, scoreEvent } from '#ai';
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
  eventRow,
  externalId,
  Fault,
  type Json,
  type Keyring,
  type Mint,
  newCommand,
  type Random,
  withTx,
} from '#core';
import { askedOf, checkGivenFacts, policyFacts, scoreQuestionOf, scoreFacts } from '#facts';
import { createPostingEngine, type Effects, type Outcome, type PostingEngine } from '#money';
import {
  administer,
  type Administered,
  type Administration,
  type AdministrationItem,
  decide,
  type Entitlements,
  isRefusal,
  type Library,
  openLibrary,
  refusalOf,
  shippedEntitlements,
} from '#policy';
import { openVault, type Vault } from '#privacy';
import { isAdministration, operations } from '#operations';

/** What happened to a command: its answer, and whether it is that of an earlier call. */
export type Executed = {
  readonly commandId: string;
  readonly outcome: Outcome;
  readonly replayed: boolean;
  /** The rows it wrote; null for a replay and for administration. */
  readonly effects: Effects | null;
};

/** A command with its countersigned decision, and the event that tells of the decision. */
export type Decided = Countersigned & { readonly around: readonly EventRow[] };

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
  readonly decide: (command: Command) => Promise<Decided>;
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
  /** Told of what fails without failing a command. */
  readonly onError?: (error: unknown) => void;
  readonly queueMax?: number;
  /** In the place of the models that serve: what lives commands again reads their scores. */
  readonly scorer?: Scorer;
};

const postingWriters = 2;
/** Of a command whose policy changed while it was decided. */
const attemptsMax = 5;

export function openPlanes(options: PlanesOptions): Planes {
  const { database, keyring, clock, random, onCommit = () => undefined } = options;
  const verify = countersignatureVerifier(keyring.countersignKeys);
  const library = openLibrary(database.pool('policy'));
  const engine = createPostingEngine({
    pool: database.pipeline('money', postingWriters),
    verify,
    clock,
    onCommit,
    writers: postingWriters,
    ...(options.queueMax === undefined ? {} : { queueMax: options.queueMax }),
  });
  const administration = { operations, verify, signer: keyring.checkpointKey };
  const mint = countersigner(keyring.countersignKeys);
  const scorer = options.scorer ?? openScorer(options);
  const decideNow = decider({ database, library, scorer, mint });

  async function carryOut(item: Decided): Promise<Executed> {
    const { command } = item;
    if (isAdministration(command.operation)) {
      const { refusal, hasChangedRights, ...done } = await administerIn(
        database,
        item,
        administration,
      )
        .catch((error: unknown) => tellRefusal(command, error))
        .finally(onCommit);
      if (hasChangedRights) library.forget(command.tenant);
      return { ...done, outcome: refusal ? refused(refusal.reasons) : accepted, effects: null };
    }
    const { commandId, outcome, effects } = await engine.submit(item);
    return { commandId, outcome, replayed: commandId !== command.id, effects };
  }

  /** Where it cannot be recorded, the caller still gets the answer that he would have had. */
  async function tellRefusal(command: Command, error: unknown): Promise<never> {
    if (isRefusal(error)) await execute(refusalOf(command, error)).catch(() => undefined);
    throw error;
  }

  async function executeCommand(command: Command): Promise<Executed> {
    for (let attempt = 1; ; attempt += 1) {
      const item = await decideNow(command);
      try {
        return await carryOut(item);
      } catch (error) {
        const isStale = error instanceof Fault && error.code === 'rights_changed';
        if (isStale) library.forget(command.tenant, item.command.epoch);
        // Whoever named an epoch has read rights by it, and must read them anew.
        if (!isStale || command.epoch !== undefined || attempt === attemptsMax) throw error;
      }
    }
  }

  const execute: Planes['execute'] = (input) =>
    executeCommand(newCommand(input, { clock, random }));

  return {
    clock,
    random,
    database,
    keyring,
    engine,
    library,
    vault: openVault({ pool: database.pool('vault'), keyring, random, clock }),
    entitlements: shippedEntitlements(),
    decide: decideNow,
    execute,
    executeCommand,
    close: () => engine.stop(),
  };
}

function openScorer(options: PlanesOptions): Scorer {
  const { database, keyring, clock, onError = () => undefined } = options;
  return createScorer({
    models: openModels({ pool: database.pool('ai'), publicKeys: keyring.checkpointPublicKeys }),
    features: featureReader(database.pipeline('ai', 2)),
    clock,
    elapsedMs: () => performance.now(),
    onError,
  });
}

type DecidingParts = {
  readonly database: Database;
  readonly library: Library;
  readonly scorer: Scorer;
  readonly mint: Mint;
};

/** Decides by the policy of one epoch; the effect is refused when that has passed meanwhile. */
function decider(parts: DecidingParts): Planes['decide'] {
  const { database, library, scorer, mint } = parts;
  return async (asked) => {
    const releases = await library.releases(asked.tenant, asked.epoch);
    const { epoch = releases.epoch } = asked;
    const command = epoch === undefined ? asked : { ...asked, epoch };
    const question = await askedOf(database, command);
    const bench = await library.bench(releases, question.point, command.receivedAt, question.facts);
    checkGivenFacts(question, bench);
    // What policy itself knows comes first: a model may need it to be allowed to read anything.
    const own = await policyFacts(database, command, question, bench);
    const known = { ...question.facts, ...own };
    const toModels = scoreQuestionOf(command, { ...question, facts: known }, bench);
    const score = toModels && (await scorer.score(toModels));
    // A score stands in the place of no other fact.
    const facts = { ...scoreFacts(bench, score?.facts), ...known };
    const consumes = command.operation !== decisionOperation;
    const modelScoreRef = score ? externalId('score', score.id) : null;
    const { decision, countersignature, event } = decide(mint, {
      command,
      bench,
      facts,
      modelScoreRef,
      consumes,
    });
    const told = score && eventRow(command, decision, score.id, scoreEvent(score));
    return { command, countersignature, around: told ? [told, event] : [event] };
  };
}

async function administerIn(
  database: Database,
  item: AdministrationItem,
  administration: Administration,
): Promise<Administered> {
  const { tenant } = item.command;
  try {
    return await withTx(database.pool('policy'), (tx) => administer(tx, item, administration), {
      tenant,
    });
  } catch (error) {
    const isTaken = (error as { code?: string }).code === '23505';
    throw isTaken ? new Fault('conflict', 'it exists already', { cause: error }) : error;
  }
}

const accepted: Outcome = { status: 'accepted' };

function refused(reasons: readonly string[]): Outcome {
  return { status: 'rejected', code: 'policy_denied', reasons };
}
