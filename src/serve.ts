// A server process: PostgreSQL, the planes, the sealer, the workers and the API, in this order up
// and in the opposite order down.
import {
  acquireServerLock,
  type Clock,
  type Database,
  databaseFault,
  ensureDatabase,
  Fault,
  followProjection,
  inUse,
  type Keyring,
  listenForSealed,
  openTail,
  migrate,
  openDatabase,
  openHeads,
  keepPostgres,
  openKeyring,
  readServerLock,
  runConsumer,
  type Sealer,
  startSealer,
  startTelemetry,
  systemClock,
  systemRandom,
} from '#core';
import {
  createPrompter,
  featureProjection,
  openLanguageModel,
  type Prompter,
  scoreProjection,
} from '#ai';
import {
  createApi,
  createBankOnce,
  createInstallation,
  openToolHost,
  readSignIn,
  ticketsOf,
} from '#api';
import {
  carryTickets,
  expireHolds,
  endAbandonedRuns,
  expireProposals,
  finishMoves,
  finishProposals,
  followPayments,
  rescreenBase,
  runDailyControls,
} from '#background';
import { type Adapter, type Mirror, openMirror, runMirror } from '#cores';
import type { Tickets, ToolHost } from '#gateway';
import { openPlanes, type Planes } from '#main';
import { moneyProjections } from '#money';
import { paymentProjection } from '#payments';
import { caseLinks, runReviews } from '#reviews';
import { loyaltyProjections, runLoyalty } from '#loyalty';
import { offerProjections, runOffers } from '#offers';
import { createRecorder, keepFlushing, type Recorder, sloProjection, watchObjectives } from '#slo';
import { runReplays } from '#replay';
import { openTargets, runWebhooks, type Targets } from '#webhooks';
import { createServer } from 'node:net';
import {
  type DestinationStream,
  type Logger,
  type LoggerOptions,
  pino,
  stdTimeFunctions,
} from 'pino';

export const processRoles = ['api', 'worker', 'sealer'] as const;
export type ProcessRole = (typeof processRoles)[number];

export type ServeOptions = {
  /** Keys, tree heads, the lock and, when embedded, PostgreSQL live here. */
  readonly folder: string;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Another PostgreSQL 18, with a user who may create roles; embedded when undefined. */
  readonly databaseUrl: string | undefined;
  readonly roles: ReadonlySet<ProcessRole>;
  readonly log: Logger;
  readonly version: string;
  /** Told what a person is waiting for. */
  readonly progress: (message: string) => void;
  readonly environment: NodeJS.ProcessEnv;
  /** Where the built files of the console are, or will be. */
  readonly consoleFolder?: string;
  /** Whose book is the truth for a bank; closed with the server. */
  readonly core?: ConnectedCore | undefined;
};

export type ConnectedCore = {
  readonly adapter: Adapter;
  /** The bank, which is made where there is none of that name. */
  readonly tenant: string;
};

export type Server = {
  readonly url: string;
  readonly planes: Planes;
  readonly sealer: Sealer | undefined;
  /** The superuser's or administrator's URL of the database. */
  readonly databaseUrl: string;
  readonly operatorKey: string;
  /** Of the administrator of the bank of the core, where that bank was made now. */
  readonly bankKey: string | undefined;
  /** Resolves when the server cannot go on. */
  readonly failed: Promise<Error>;
  readonly stop: () => Promise<void>;
};

/** On the embedded server. */
export const databaseName = 'countersign';
/** Projections, reactors and webhooks, each of which has a page under way at most. */
const followersMax = 16;
/** Fraud comes in bursts: the next payment has to know of this one. */
const featurePauseMs = 25;

/** But for the features, which are kept in their own way. */
export const projections = [
  ...moneyProjections,
  paymentProjection,
  scoreProjection,
  sloProjection,
  caseLinks,
  ...loyaltyProjections,
  ...offerProjections,
];

/** What has been started, to be stopped last in, first out. */
type Closing = Array<() => Promise<void> | void>;

export async function serve(options: ServeOptions): Promise<Server> {
  const closing: Closing = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      for (const close of closing.reverse()) await close();
    })();
    return stopping;
  };
  try {
    return { ...(await start(options, closing)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: ServeOptions, closing: Closing): Promise<Omit<Server, 'stop'>> {
  const { folder, host, log, version, progress, roles } = options;
  const [clock, random] = [systemClock(), systemRandom()];
  // Before its port is found busy: that would be told of another program.
  const running = readServerLock(folder);
  if (running !== undefined) throw inUse(folder, running);
  const port = await freePort(host, options.port);
  const signIn = readSignIn(options.environment, { host, port, folder });
  const lock = acquireServerLock(folder, { host, port });
  closing.push(() => lock.release());
  const telemetry = startTelemetry(options.environment, { name: 'countersign', version });
  closing.push(() => telemetry.stop());
  const keyring = openKeyring(folder, { random, create: true });
  const failure = Promise.withResolvers<Error>();
  const opened = await openMigrated(options, keyring, closing, failure.resolve);
  const { database, databaseUrl } = opened;
  const sealer = roles.has('sealer')
    ? startSealer({ database, keyring, heads: openHeads(folder), clock, log })
    : undefined;
  if (sealer) closing.push(() => sealer.stop());
  const { core } = options;
  if (core) closing.push(() => core.adapter.close());
  const planes = openPlanes({
    database,
    adapter: core?.adapter,
    keyring,
    clock,
    random,
    onError: (err) => log.warn({ err }, 'no score, or no answer of a core: gone on without it'),
    ...(sealer ? { onCommit: sealer.poke } : {}),
  });
  closing.push(() => planes.close());
  const webhookTargets = openTargets(options.environment['COUNTERSIGN_WEBHOOK_ALLOW']);
  const recorder = createRecorder(planes);
  const model = openLanguageModel(options.environment);
  const elapsedMs = () => performance.now();
  const prompting = { ...planes, pool: database.pool('ai'), elapsedMs };
  const prompter = model && createPrompter({ ...prompting, model });
  const tools = openTools(planes, log, closing);
  const work = { database, planes, log, roles, webhookTargets, recorder, prompter, ...tools };
  const operator = await createInstallation(planes);
  const bank = core && (await createBankOnce(planes, core.tenant));
  const mirror = core && openMirror({ ...planes, ...core });
  const sealed = startWorkers({ ...work, mirror, progress }, closing);
  if (roles.has('api')) {
    const app = await createApi({
      planes,
      signIn,
      sealed,
      webhookTargets,
      recorder,
      ...{ ...tools, ...callsMaxIn(options.environment) },
      ...(model === undefined ? {} : { languageModel: model.name }),
      ...(mirror === undefined ? {} : { mirror }),
      version,
      log,
      ...(options.consoleFolder === undefined ? {} : { consoleFolder: options.consoleFolder }),
      unready: () => sealer?.failure()?.message,
      gauges: () => gaugesOf(planes, sealer),
    });
    closing.push(() => app.close());
    await app.listen({ host, port });
  }
  return {
    url: `http://${host}:${port}`,
    planes,
    sealer,
    databaseUrl,
    operatorKey: operator.apiKey.secret,
    bankKey: bank,
    failed: failure.promise,
  };
}

type Parts = {
  readonly database: Database;
  readonly planes: Planes;
  readonly log: Logger;
  readonly roles: ReadonlySet<ProcessRole>;
  readonly webhookTargets: Targets;
  readonly recorder: Recorder;
  readonly prompter: Prompter | undefined;
  readonly toolHost: ToolHost;
  readonly tickets: Tickets;
  readonly mirror: Mirror | undefined;
  readonly progress: (message: string) => void;
};

/** What runs beside the API; answers the bell that rings when something was sealed. */
function startWorkers(parts: Parts, closing: Closing) {
  const { database, planes, log, roles, webhookTargets: targets, recorder, prompter } = parts;
  const stopping = new AbortController();
  const { signal } = stopping;
  const pool = database.pool('app');
  const sealed = openTail(pool);
  const onError = complaints(planes.clock, log);
  // Without followers nobody asks of which types there is news.
  const say = roles.has('worker') ? sealed.grow : () => sealed.ring();
  const running = [listenForSealed(database, say, signal)];
  running.push(keepFlushing({ recorder, pool, signal, onError }));
  if (roles.has('worker')) {
    const follow = { sealed, signal, onError };
    for (const projection of projections) {
      running.push(
        runConsumer(() => followProjection(projection, pool, sealed), follow, projection),
      );
    }
    const feed = () => followProjection(featureProjection, pool, sealed);
    running.push(runConsumer(feed, { ...follow, pauseMs: featurePauseMs }, featureProjection));
    running.push(expireHolds({ planes, signal, onError }));
    running.push(finishMoves({ planes, signal, onError }));
    running.push(expireProposals({ planes, signal, onError }));
    running.push(endAbandonedRuns({ planes, signal, onError }));
    const { toolHost: host, tickets } = parts;
    running.push(finishProposals({ planes, signal, onError, host }));
    running.push(carryTickets({ planes, signal, onError, host, tickets }));
    running.push(rescreenBase({ planes, signal, onError }));
    running.push(runDailyControls({ planes, signal, onError }));
    running.push(runReplays({ planes, signal, onError }));
    running.push(watchObjectives({ ...planes, signal, onError }));
    running.push(runReviews({ ...planes, ...follow, prompter }));
    running.push(followPayments({ planes, ...follow }));
    running.push(runLoyalty({ ...planes, ...follow }));
    running.push(runOffers({ ...planes, ...follow }));
    const { mirror, progress: say } = parts;
    if (mirror) running.push(runMirror({ mirror, signal, onError, say }));
    running.push(runWebhooks({ ...planes, targets, sealed, signal, onError }));
  }
  closing.push(async () => {
    stopping.abort();
    await Promise.all(running);
  });
  return sealed;
}

/** While the database is away everybody here says so: one of them is heard in a while. */
function complaints(clock: Clock, log: Logger): (error: unknown) => void {
  let silentUntil = 0;
  return (error) => {
    const err = databaseFault(error);
    if (err instanceof Fault && err.code === 'database_unavailable') {
      if (clock.now() < silentUntil) return;
      silentUntil = clock.now() + complaintsEveryMs;
    }
    log.warn({ err }, 'a consumer failed and tries again');
  };
}

const complaintsEveryMs = 10_000;

function gaugesOf({ engine }: Planes, sealer: Sealer | undefined) {
  const { queued, writing } = engine.load();
  const sealer_is_leader = sealer?.isLeader() ? 1 : 0;
  return { commands_queued: queued, batches_writing: writing, sealer_is_leader };
}

/** The tools, for all who carry calls in this process, and the calls of them for later. */
function openTools(planes: Planes, log: Logger, closing: Closing) {
  const tickets = ticketsOf(planes, (err) => log.warn({ err }, 'the queue of calls failed'));
  closing.push(() => tickets.stop());
  return { toolHost: openToolHost(planes), tickets };
}

/** How many calls of tools are under way at a time, where that is set. */
function callsMaxIn(environment: NodeJS.ProcessEnv): { readonly toolCallsMax?: number } {
  const text = environment['COUNTERSIGN_TOOL_CALLS_MAX'];
  if (text === undefined) return {};
  if (/^[1-9]\d{0,4}$/.test(text)) return { toolCallsMax: Number(text) };
  throw new Fault('input_invalid', 'COUNTERSIGN_TOOL_CALLS_MAX is a number from 1 to 99999');
}

async function openMigrated(
  options: ServeOptions,
  { databasePassword: password }: Keyring,
  closing: Closing,
  fail: (error: Error) => void,
): Promise<{ readonly database: Database; readonly databaseUrl: string }> {
  const databaseUrl = options.databaseUrl ?? (await embedded(options, closing, fail));
  await migrate({ url: databaseUrl, password, progress: options.progress });
  const database = openDatabase({
    url: databaseUrl,
    password,
    applicationName: 'countersign',
    connectionsMax: { app: followersMax },
  });
  closing.push(() => database.close());
  return { database, databaseUrl };
}

async function embedded(
  { folder, log, progress }: ServeOptions,
  closing: Closing,
  fail: (error: Error) => void,
): Promise<string> {
  const postgres = await keepPostgres({ folder, log, progress, fail });
  closing.push(postgres.stop);
  const url = postgres.superuserUrl(databaseName);
  await ensureDatabase(url);
  return url;
}

/** The port itself, or a free one for 0; a busy one is named before anything is started. */
async function freePort(host: string, port: number): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const isBusy = cause.code === 'EADDRINUSE';
      const message = isBusy
        ? `port ${port} is in use by another program: stop it, or choose another with --port`
        : `nothing can listen on ${host}, port ${port}: choose others with --host and --port`;
      reject(new Fault(isBusy ? 'port_in_use' : 'input_invalid', message, { cause }));
    });
    probe.listen({ host, port }, () => {
      const { port: bound } = probe.address() as { port: number };
      probe.close(() => resolve(bound));
    });
  });
}

/** One JSON object a line, on standard output unless told otherwise. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    // Nothing secret is logged on purpose; this is for what a library logs by surprise.
    redact: {
      paths: ['*.authorization', '*.headers.authorization', '*.password', '*.secret', '*.body'],
      censor: '[redacted]',
    },
    serializers: {
      // An error of the database quotes values in `detail`: only its words and code are kept.
      err: ({ name, message, stack, code }: Error & { code?: string }) => ({
        type: name,
        message,
        stack,
        code,
      }),
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
