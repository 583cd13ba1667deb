// The HTTP server: parsing, problems, documentation and health around the routes of each area.
import { type Bell, Fault, faults, withTx } from '#core';
import type { Mirror } from '#cores';
import { type Tickets, type ToolHost, usualCallsMax, withRoom } from '#gateway';
import type { Planes } from '#main';
import { type RejectionCode, rejections } from '#money';
import { createRecorder, type Recorder } from '#slo';
import { openTargets, type Targets } from '#webhooks';
import cookie from '@fastify/cookie';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { accountRoutes } from './accounts.ts';
import { agentRoutes } from './agents.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { approvalRoutes } from './approvals.ts';
import { authentication, gatewayCaller } from './authenticate.ts';
import { authenticatorRoutes } from './authenticators.ts';
import { backtestRoutes } from './backtests.ts';
import { bodyLimit, parseBody } from './body.ts';
import { caseRoutes } from './cases.ts';
import { consentRoutes } from './consents.ts';
import { mirrorRoutes } from './core-events.ts';
import { coreMoveRoutes } from './core-moves.ts';
import { coreRoutes } from './cores.ts';
import { customerRoutes } from './customer/routes.ts';
import { type ConsolePages, serveConsole } from './console.ts';
import { asyncApi } from './event-types.ts';
import { entitlementRoutes } from './entitlements.ts';
import { eventRoutes } from './events.ts';
import { featureRoutes } from './features.ts';
import { glossaryRoute } from './glossary.ts';
import type { CallerOf } from './governed.ts';
import { decisionRoutes } from './decisions.ts';
import { evidenceRoutes } from './evidence.ts';
import { evidenceCheckRoutes } from './evidence-check.ts';
import { flowRoutes } from './flow.ts';
import { holdRoutes } from './holds.ts';
import { journalRoutes } from './journal.ts';
import { countingKeys, useMeasures } from './measures.ts';
import { type McpExtension, mountMcp } from './mcp/mount.ts';
import { useMetrics } from './metrics.ts';
import { modelRoutes } from './models.ts';
import { monitoringRoutes } from './monitoring.ts';
import { policyRoutes } from './policies.ts';
import { policyEditorRoutes } from './policy-editor.ts';
import { faultProblem, problemSchema, rejectionStatus, sendProblem, toFault } from './problem.ts';
import { replayRoutes } from './replays.ts';
import { rolloutRoutes } from './rollout.ts';
import { labelRoutes } from './labels.ts';
import { limitRoutes } from './limits.ts';
import { openApi, withRequiredKeys } from './open-api.ts';
import { paymentRoutes } from './payments.ts';
import { personRoutes } from './persons.ts';
import { productRoutes } from './products.ts';
import { promptRoutes } from './prompts.ts';
import { proposalLogRoutes } from './proposal-log.ts';
import { mandateRoutes } from './mandates.ts';
import { proposalRoutes } from './proposals.ts';
import { sequenceRoutes } from './sequences.ts';
import { registerRoutes } from './register.ts';
import { screeningRoutes } from './screening.ts';
import { serviceRequestRoutes } from './service-requests.ts';
import { sessionRoutes } from './sessions.ts';
import type { Parts } from './routes.ts';
import { searchRoutes } from './search.ts';
import { settingsRoutes } from './settings.ts';
import type { SignIn } from './sign-in/configuration.ts';
import { useSignIn } from './sign-in/routes.ts';
import { openOwnKey, type OwnKey } from './sign-in/own-key.ts';
import { sharedDocument } from './loyalty/program-document.ts';
import { loyaltyRoutes } from './loyalty/routes.ts';
import { offerRoutes } from './offers/routes.ts';
import { sloRoutes } from './slos.ts';
import type { Site } from './site.ts';
import { stepUpRoutes } from './step-up.ts';
import { tenantRoutes } from './tenants.ts';
import { ticketRoutes, ticketsOf } from './tickets.ts';
import { openToolHost } from './tool-host.ts';
import { toolCallRoutes } from './tool-calls.ts';
import { toolRoutes } from './tools.ts';
import { resourceRoutes } from './token/challenge.ts';
import { openKeys } from './token/keys.ts';
import { openProofs } from './token/proof.ts';
import { openTokens } from './token/token.ts';
import { useTracing } from './tracing.ts';
import { transferRoutes } from './transfers.ts';
import { useValidation } from './validate.ts';
import { webhookRoutes } from './webhooks.ts';
import { createWriter } from './write.ts';

export type ApiOptions = {
  readonly planes: Planes;
  /** Rung when positions were sealed. */
  readonly sealed: Bell;
  readonly version: string;
  readonly log: Logger;
  /** What keeps this process from serving, in words; undefined when nothing does. */
  readonly unready: () => string | undefined;
  /** How people sign in from a browser; nobody does unless given. */
  readonly signIn?: SignIn;
  /** Where webhooks may be sent to; the public Internet alone unless given. */
  readonly webhookTargets?: Targets;
  /** Of the core that is connected; none unless given. */
  readonly mirror?: Mirror;
  /** The name of the language model that is configured; none unless given. */
  readonly languageModel?: string;
  /** Lines for /metrics that other parts of the process know. */
  readonly gauges: () => Readonly<Record<string, number>>;
  /** Where the built files of the console are, or will be; without it there is none. */
  readonly consoleFolder?: string;
  /** The tools, and the calls of them for later; some of its own unless given. */
  readonly toolHost?: ToolHost;
  readonly tickets?: Tickets;
  /** What a server offers over MCP besides its tools: ours nothing. */
  readonly mcpExtension?: McpExtension;
  /** Calls of tools under way at a time. */
  readonly toolCallsMax?: number;
  /** Told what requests took, and written by whoever has made it; one for nobody unless given. */
  readonly recorder?: Recorder;
};

/** A request that sends nothing for this long is cut off. */
const requestTimeoutMs = 30_000;
const readyTimeoutMs = 2_000;

/** Its pages write styles as they go along; beyond that, what the console's admit. */
const docsPolicy = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self' 'unsafe-inline'`,
  `img-src 'self' data:`,
  `connect-src 'self'`,
  `base-uri 'none'`,
  `form-action 'self'`,
  `frame-ancestors 'none'`,
].join('; ');

export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { planes, version, log } = options;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    // Ids in logs are only for finding a line again: no randomness is needed.
    genReqId: counter(),
    // Ours below says it as a problem.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => {
      void sendProblem(reply, faultProblem(toFault(error)));
    },
  }) as unknown as FastifyInstance;
  useJson(app);
  useValidation(app);
  const { consoleFolder: folder } = options;
  const { random } = planes;
  useProblems(app, folder === undefined ? undefined : serveConsole(app, { folder, random }));
  useTracing(app);
  const recorder = options.recorder ?? createRecorder(planes);
  const { core, database } = planes;
  const { gauges, mirror } = options;
  useMetrics(app, gauges, { recorder, pool: database.pool('app'), core, mirror, planes });
  const tellTenant = useMeasures(app, recorder);
  await app.register(swagger, {
    openapi: openApi(version),
    transformObject: (told) =>
      'openapiObject' in told ? withRequiredKeys(told.openapiObject) : {},
    refResolver: { buildLocalReference: ({ $id }, _base, _part, index) => String($id ?? index) },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: docsPolicy });
  app.addSchema(problemSchema);
  app.addSchema(sharedDocument);
  await app.register(cookie);
  const site = { origin: options.signIn?.origin };
  const ownKey = openOwnKey(random);
  const authenticate = openAuthentication(options, { site, ownKey });
  await useSignIn(app, { planes, authenticate, site, ownKey }, options.signIn);
  const { origin, issuer } = options.signIn ?? {};
  if (origin !== undefined) {
    resourceRoutes(app, { origin, issuers: issuer === undefined ? [] : [issuer.url] });
  }
  const { toolHost = openToolHost(planes), toolCallsMax = usualCallsMax } = options;
  const host = withRoom(toolHost, toolCallsMax);
  const tickets = options.tickets ?? ticketsOf(planes, (err) => log.warn({ err }, 'the queue'));
  if (!options.tickets) app.addHook('onClose', () => tickets.stop());
  const callerOf: CallerOf = async (request, isAnew = false) =>
    gatewayCaller(await authenticate[isAnew ? 'whoever' : 'recalled'](request));
  const extension = options.mcpExtension && { extension: options.mcpExtension };
  mountMcp(app, { host, callerOf, origin, clock: planes.clock, version, ...extension });
  await app.register(async (routes) => {
    const writer = createWriter(countingKeys(planes, recorder), authenticate);
    // Before a body is read: strangers learn nothing, and cost nothing.
    routes.addHook('onRequest', async (request, reply) => {
      if (request.routeOptions.schema?.security?.length === 0) return;
      // What one caller may see is in no cache of a browser for the next one at it.
      reply.header('cache-control', 'no-store');
      tellTenant(request, await authenticate.known(request));
    });
    const parts = { planes, authenticate, writer };
    areaRoutes(routes, parts, options);
    toolRoutes(routes, { ...parts, host, callerOf, tickets });
    ticketRoutes(routes, { ...parts, host, tickets });
    proposalRoutes(routes, parts);
    mandateRoutes(routes, parts);
    proposalLogRoutes(routes, parts);
    sequenceRoutes(routes, parts);
    serviceRoutes(routes, options);
  });
  return app;
}

/** By keys, by sessions, and by tokens of the issuers that registered agents name. */
function openAuthentication(
  { planes, signIn }: ApiOptions,
  { site, ownKey }: { readonly site: Site; readonly ownKey: OwnKey },
) {
  const { clock, database } = planes;
  const isOwn = signIn?.issuer?.demoUsersFile !== undefined;
  const ownIssuer = { url: signIn?.issuer?.url ?? '', jwks: ownKey.publicSet };
  const tokens = openTokens({
    ...{ pool: database.pool('policy'), keys: openKeys(clock) },
    site: { ...site, ...(isOwn ? { ownIssuer } : {}) },
  });
  return authentication({ planes, site, tokens, proofs: openProofs(clock) });
}

/** What callers with a key or a session may ask for, area by area. */
function areaRoutes(routes: FastifyInstance, parts: Parts, options: ApiOptions): void {
  accountRoutes(routes, parts);
  transferRoutes(routes, parts);
  holdRoutes(routes, parts);
  journalRoutes(routes, parts);
  paymentRoutes(routes, parts);
  eventRoutes(routes, parts, options.sealed);
  evidenceRoutes(routes, parts);
  evidenceCheckRoutes(routes, parts);
  tenantRoutes(routes, parts);
  apiKeyRoutes(routes, parts);
  agentRoutes(routes, parts);
  toolCallRoutes(routes, parts);
  decisionRoutes(routes, parts);
  approvalRoutes(routes, parts);
  consentRoutes(routes, parts);
  customerRoutes(routes, parts, options.signIn?.issuer);
  policyRoutes(routes, parts);
  backtestRoutes(routes, parts);
  policyEditorRoutes(routes, parts);
  modelRoutes(routes, parts);
  promptRoutes(routes, parts, options.languageModel);
  monitoringRoutes(routes, parts);
  featureRoutes(routes, parts);
  labelRoutes(routes, parts);
  caseRoutes(routes, parts);
  replayRoutes(routes, parts);
  rolloutRoutes(routes, parts);
  entitlementRoutes(routes, parts);
  screeningRoutes(routes, parts, parts.planes.vault);
  authenticatorRoutes(routes, parts);
  stepUpRoutes(routes, parts);
  personRoutes(routes, parts);
  registerRoutes(routes, parts);
  serviceRequestRoutes(routes, parts);
  productRoutes(routes, parts);
  limitRoutes(routes, parts);
  sessionRoutes(routes, parts);
  settingsRoutes(routes, parts);
  searchRoutes(routes, parts);
  sloRoutes(routes, parts);
  flowRoutes(routes, parts);
  loyaltyRoutes(routes, parts);
  offerRoutes(routes, parts);
  coreRoutes(routes, parts);
  coreMoveRoutes(routes, parts);
  mirrorRoutes(routes, parts, options.mirror);
  webhookRoutes(routes, { ...parts, targets: options.webhookTargets ?? openTargets() });
  glossaryRoute(routes);
}

function counter(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return String(count);
  };
}

function useJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseBody(body as string));
    } catch (error) {
      done(error as Error);
    }
  });
  // `POST …/void` needs no fields, so it needs no body either.
  app.addHook('preValidation', async (request) => {
    if (request.method === 'POST' && request.body === undefined) request.body = {};
  });
}

function useProblems(app: FastifyInstance, pages: ConsolePages | undefined): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onRequest', async () => {
    if (isClosing) throw new Fault('shutting_down', 'the server is stopping: try again');
  });
  app.setErrorHandler(async (error, request, reply) => {
    const fault = toFault(error);
    if (faults[fault.code].status >= 500) {
      const level = fault.retryable ? 'warn' : 'error';
      request.log[level]({ err: fault.cause ?? fault, code: fault.code }, fault.message);
    }
    return sendProblem(reply, faultProblem(fault));
  });
  app.setNotFoundHandler(async (request, reply) => {
    const page = await pages?.(request, reply);
    if (page !== undefined) return reply.send(page);
    return sendProblem(
      reply,
      faultProblem(new Fault('not_found', `there is no ${pathOf(request)}`)),
    );
  });
}

function pathOf(request: FastifyRequest): string {
  return `${request.method} ${request.url.split('?', 1)[0]}`;
}

function serviceRoutes(app: FastifyInstance, options: ApiOptions): void {
  const { planes, version, unready } = options;
  const hidden = { schema: { hide: true, security: [] } } as const;

  app.get('/healthz', hidden, async () => ({ status: 'ok', version }));

  app.get('/readyz', hidden, async (_request, reply) => {
    const reason = unready() ?? (await databaseTrouble(planes));
    if (reason === undefined) return { status: 'ready' };
    return reply.code(503).send({ status: 'unready', reason });
  });

  app.get('/asyncapi.json', hidden, async () => asyncApi(version));
  app.get('/openapi.json', hidden, async () => app.swagger());

  app.get('/problems/:code', hidden, async (request) => {
    const { code } = request.params as { code: string };
    if (Object.hasOwn(faults, code)) return { code, ...faults[code as keyof typeof faults] };
    if (Object.hasOwn(rejections, code)) {
      const title = rejections[code as keyof typeof rejections];
      return { code, status: rejectionStatus(code as RejectionCode), retryable: false, title };
    }
    throw new Fault('not_found', `there is no problem ${code}`);
  });
}

async function databaseTrouble(planes: Planes): Promise<string | undefined> {
  const answer = withTx(planes.database.pool('read'), (tx) => tx.query('select 1'), {
    readOnly: true,
  }).then(
    () => undefined,
    () => 'the database cannot be reached',
  );
  const patience = new Promise<string>((resolve) => {
    setTimeout(resolve, readyTimeoutMs, 'the database is slow to answer').unref();
  });
  return Promise.race([answer, patience]);
}
