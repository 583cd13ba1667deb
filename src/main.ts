// The composition root: configuration, clock and randomness become planes that know their doors.
import { createScorer, featureReader, openModels, type Scorer, scoreEvent, scoreFacts } from '#ai';
import {
  type Clock,
  type Command,
  type CommandInput,
  type Countersigned,
  countersignatureVerifier,
  countersigner,
  type Database,
  decisionOperation,
  type EventDraft,
  type EventRow,
  eventRow,
  externalId,
  inSpan,
  Fault,
  type Json,
  type Keyring,
  type Mint,
  newCommand,
  type Random,
  type Role,
  toolCallOperation,
} from '#core';
import { type Asked, askedOf, checkGivenFacts, policyFacts, scoreQuestionOf } from '#facts';
import {
  type Adapter,
  type Core,
  type Endpoints,
  guardCore,
  type GuardedCore,
  keptElsewhere,
  linksOf,
  type MirroredCore,
  mirroredCore,
  ownCore,
  poster,
  type ReadRegister,
  registerReader,
} from '#cores';
import {
  isPayment,
  createPostingEngine,
  type Done,
  type Effects,
  type Outcome,
  type PostingEngine,
  type PostingItem,
  underWayFault,
} from '#money';
import { groundReader, type ReadGround } from '#offers';
import { paymentEvents, registeredFacts, type Stepped, worthAtHome } from '#payments';
import {
  administer,
  type Bench,
  decide,
  type Entitlements,
  type Facts,
  isRefusal,
  type Library,
  openLibrary,
  openOwnFacts,
  type OwnFacts,
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
  /** What was told of its outcome besides; null for a replay. */
  readonly told: readonly EventDraft[] | null;
};

/** A command with its countersigned decision, and the event that tells of the decision. */
export type Decided = Countersigned & {
  readonly around: readonly EventRow[];
  /** What there is to tell of the outcome, besides what money tells. */
  readonly tell?: (done: Done) => readonly EventDraft[];
  /** Of a payment: what makes up what there is to tell, for who finishes it in its place. */
  readonly telling?: Json;
  /** Of a call of a tool: how many people of the bank have to agree, where policy says so. */
  readonly approvalsNeeded?: number;
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
  /** Whose book is moved, and where customers and their accounts are. */
  readonly core: GuardedCore;
  /** The core of the bank behind it; undefined where our ledger is the book. */
  readonly mirrored: MirroredCore | undefined;
  /** The decision alone, with its countersignature and its event: nothing has happened yet. */
  readonly decide: (command: Command) => Promise<Decided>;
  /** What is decided takes effect, if it may. */
  readonly carryOut: (item: Decided) => Promise<Executed>;
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
  /** Of the core whose book is moved by payments; our own ledger unless given. */
  readonly cores?: (own: Core) => Endpoints;
  /** Of the bank's own core system, whose book is the truth for the accounts that are linked. */
  readonly adapter?: Adapter | undefined;
  /**
   * What a payment was decided on, where it is lived once more: what the bank knew then was read
   * while others went on. Without it, it is found out.
   */
  readonly recordedFacts?: (command: Command) => Facts | undefined;
  /** What a tool has answered, where its call is lived once more: it is not called again. */
  readonly recordedAnswer?: (command: Command) => EventDraft | undefined;
  /** What a command has come to, where it is lived once more: no core is asked again. */
  readonly recordedOutcome?: (command: Command) => Outcome | undefined;
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
  const vault = openVault({ pool: database.pool('vault'), keyring, random, clock });
  const { core, mirrored, post } = openBook(options, { engine, vault }, (input) => execute(input));
  const decideNow = decider(decidingParts(options, library));

  async function carryOut(item: Decided): Promise<Executed> {
    const { command } = item;
    if (isAdministration(command.operation)) {
      const { refusal, hasChangedRights, ...done } = await administer(
        database,
        item,
        administration,
      )
        .catch((error: unknown) => tellRefusal(command, underWayFault(error) ?? error))
        .finally(onCommit);
      if (hasChangedRights) library.forget(command.tenant);
      const outcome = refusal ? refused(refusal.reasons) : accepted;
      return { ...done, outcome, effects: null, told: null };
    }
    const tell = item.tell ?? tellOf(item);
    const { commandId, outcome, effects } = await inSpan('post', () =>
      post(tell ? { ...item, tell } : item),
    );
    const replayed = commandId !== command.id;
    const told = replayed || !effects ? null : (tell?.(effects) ?? []);
    return { commandId, outcome, replayed, effects, told };
  }

  /** Where it cannot be recorded, the caller still gets the answer that he would have had. */
  async function tellRefusal(command: Command, error: unknown): Promise<never> {
    if (isRefusal(error)) await executeCommand(refusalOf(command, error)).catch(() => undefined);
    throw error;
  }

  async function executeCommand(command: Command): Promise<Executed> {
    for (let attempt = 1; ; attempt += 1) {
      const item = await inSpan('decide', () => decideNow(command));
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
    vault,
    entitlements: shippedEntitlements(),
    core,
    mirrored,
    decide: decideNow,
    carryOut,
    execute,
    executeCommand,
    close: () => engine.stop(),
  };
}

/** What there is to tell of a step of a payment. */
function tellOf({ command, countersignature, telling }: PostingItem): PostingItem['tell'] {
  if (!telling || !isPayment(command.operation)) return undefined;
  const known = telling as unknown as Pick<Stepped, 'facts' | 'obligations'>;
  const stepped = { command, decision: countersignature.decision, ...known };
  return (done) => paymentEvents(stepped, done);
}

type Execute = Parameters<typeof ownCore>[0]['execute'];

/** Whose book is moved: our own ledger's, or that of the bank's core with our ledger behind it. */
function openBook(
  options: PlanesOptions,
  { engine, vault }: Pick<Planes, 'engine' | 'vault'>,
  execute: Execute,
) {
  const { adapter, database, clock, recordedOutcome } = options;
  const own = ownCore({ engine, ...pools(database, 'read'), clock, execute });
  const of = { read: database.pool('read'), money: database.pool('money') };
  const name = adapter?.name ?? own.name;
  const links = linksOf(database.pipeline('read', 2), name);
  const elsewhere = keptElsewhere(of.read, clock, name);
  const common = { links, own, engine, pools: of, clock, tellOf, reveal: revealing(vault) };
  const mirrored = adapter && mirroredCore({ adapter, ...common });
  const book = mirrored?.core ?? own;
  const core = guardCore(options.cores?.(book) ?? { endpoints: [book] }, options);
  const books = { core, engine, mirrored, recordedOutcome, keptElsewhere: elsewhere };
  return { core, mirrored, post: poster(books) };
}

/** What a person has said, for the core that has to know it. */
function revealing({ detokenize }: Vault) {
  return async (tenant: string, token: string): Promise<string> => {
    const [value] = await detokenize(tenant, [token]);
    if (value !== undefined) return value;
    throw new Fault('not_found', 'the value was erased: it is told to no core');
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

/** Those of a role, for what is asked alone and for what many ask together. */
function pools(database: Database, role: Role) {
  return { pool: database.pool(role), pipeline: database.pipeline(role, 2) };
}

type DecidingParts = {
  readonly database: Database;
  readonly library: Library;
  readonly scorer: Scorer;
  readonly mint: Mint;
  readonly readRegister: ReadRegister;
  readonly readOwnFacts: OwnFacts;
  readonly readGround: ReadGround;
  readonly recordedFacts: (command: Command) => Facts | undefined;
  readonly recordedAnswer: (command: Command) => EventDraft | undefined;
};

function decidingParts(options: PlanesOptions, library: Library): DecidingParts {
  const { database, keyring } = options;
  return {
    ...{ database, library, scorer: options.scorer ?? openScorer(options) },
    mint: countersigner(keyring.countersignKeys),
    readRegister: registerReader(pools(database, 'read').pipeline),
    readOwnFacts: openOwnFacts(pools(database, 'policy')),
    readGround: groundReader(database.pipeline('read', 2)),
    recordedFacts: options.recordedFacts ?? (() => undefined),
    recordedAnswer: options.recordedAnswer ?? (() => undefined),
  };
}

/** Decides by the policy of one epoch; the effect is refused when that has passed meanwhile. */
function decider(parts: DecidingParts): Planes['decide'] {
  const { database, library, scorer, mint, readRegister, readOwnFacts, readGround } = parts;
  const { recordedFacts, recordedAnswer } = parts;
  return async (asked) => {
    const releases = await library.releases(asked.tenant, asked.epoch);
    const { epoch = releases.epoch } = asked;
    const command = epoch === undefined ? asked : { ...asked, epoch };
    const question = await askedOf({ database, readGround }, command);
    const bench = await library.bench(releases, question.point, command.receivedAt, question.facts);
    checkGivenFacts(question, bench);
    const recorded = recordedFacts(command);
    const { facts: found, score } = question.recorded
      ? await findMissing(command, question, recorded)
      : await findOut(command, question, { bench, recorded });
    const facts = { ...found, ...recorded };
    const consumes = command.operation !== decisionOperation;
    const heard = score ? externalId('score', score.id) : null;
    const modelScoreRef = question.recorded?.modelScoreRef ?? heard;
    const approved = question.recorded?.approved ?? [];
    const decided = decide(mint, { command, bench, facts, modelScoreRef, consumes, approved });
    const { decision, countersignature, event } = decided;
    const told = score && eventRow(command, decision, score.id, scoreEvent(score));
    const item = { command, countersignature, around: told ? [told, event] : [event] };
    if (command.operation === toolCallOperation) {
      const answer = recordedAnswer(command);
      if (answer) return { ...item, tell: () => [answer] };
      const { approvals } = decided.verdict.obligations;
      return approvals === undefined ? item : { ...item, approvalsNeeded: approvals };
    }
    if (!isPayment(command.operation)) return item;
    const telling = { facts, obligations: decided.verdict.obligations };
    return { ...item, telling: telling as unknown as Json };
  };

  /** What the bank did not tell in time when the payment began. */
  async function findMissing(command: Command, question: Asked, recorded: Facts | undefined) {
    const late = recorded ?? (await registeredFacts(readRegister, command, question));
    return { facts: { ...late, ...question.facts }, score: undefined };
  }

  type Finding = { readonly bench: Bench; readonly recorded: Facts | undefined };

  async function findOut(command: Command, question: Asked, { bench, recorded }: Finding) {
    // What policy itself knows comes first: a model may need it to be allowed to read anything.
    const [own, registered] = await Promise.all([
      policyFacts(readOwnFacts, command, question, bench),
      recorded ?? registeredFacts(readRegister, command, question),
    ]);
    const worth = worthAtHome(command, question.facts, bench);
    const known = { ...worth, ...question.facts, ...registered, ...own };
    const toModels = scoreQuestionOf(command, { ...question, facts: known }, bench);
    const score = toModels && (await inSpan('score', () => scorer.score(toModels)));
    // A score stands in the place of no other fact.
    return { facts: { ...scoreFacts(bench, score?.facts), ...known }, score };
  }
}

const accepted: Outcome = { status: 'accepted' };

function refused(reasons: readonly string[]): Outcome {
  return { status: 'rejected', code: 'policy_denied', reasons };
}
