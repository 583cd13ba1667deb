// Models over HTTP: registered with what is found out about them, approved, deployed, stopped.
import {
  findVersion,
  keepArtefact,
  listModelActs,
  listModels,
  listVersions,
  modelActOf,
  modelCard,
  modelSchemas as s,
  readModel,
  readVersion,
  validateApart,
} from '#ai';
import { closed, Fault, type Json, nullable, refuseField, withTx } from '#core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type Act, actRoutes, nameOf } from './act-routes.ts';
import { change, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';

const tags = ['models'];
const text = Type.String();
const count = Type.Integer();
const anyObject = (description: string) =>
  Type.Unsafe<object>({ type: 'object', additionalProperties: true, description });

const nameParams = Type.Object({ name: s.name });
const versionParams = Type.Object({ name: s.name, version: s.version });

const approval = anyObject('What to send to /v1/approvals, so that another person agrees to it.');
const served = { version: s.version, artefact: s.digest, since: text };
const suspension = nullable(Type.Object({ since: text, by: text, reason: text, approval }));
const modelView = Type.Object({
  name: s.name,
  point: Type.String({ description: 'The decision that its scores are for.' }),
  versions: Type.Integer({ description: 'How many there are; the newest has this number.' }),
  production: nullable(Type.Object(served)),
  previous: Type.Union([Type.Object(served), Type.Null()], {
    description: 'What going back would bring.',
  }),
  canary: nullable(Type.Object({ ...served, share_bps: count })),
  shadow: nullable(Type.Object(served)),
  suspension,
});
const actView = Type.Object({
  name: s.name,
  ordinal: count,
  stage: text,
  act: text,
  version: nullable(s.version),
  artefact: nullable(s.digest),
  share_bps: nullable(count),
  reason: nullable(text),
  approval_id: nullable(text),
  attestation: Type.String({ description: 'A C2SP signed note of the installation’s key.' }),
  acted_by: text,
  recorded_at: text,
});
const versionListed = {
  name: s.name,
  version: s.version,
  card_digest: s.digest,
  artefact: s.digest,
  registered_by: text,
  registered_at: text,
  suspended: Type.Boolean({ description: 'Stopped, until people approve that it resumes.' }),
};
const versionView = Type.Object({
  ...versionListed,
  card: anyObject('The card, as it was registered.'),
  report: anyObject('What was found when it was registered.'),
  approval,
  suspension,
  acts: Type.Array(actView),
});

export function modelRoutes(app: FastifyInstance, parts: Parts): void {
  readRoutes(app, parts);
  historyRoutes(app, parts);
  registerRoute(app, parts);
  actRoutes(app, parts, {
    ...{ path: '/v1/models/:name', tags, params: nameParams, scope: 'model:write' },
    ...{ acts, view: actView, tell: modelActOf },
  });
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    '/v1/models',
    {
      schema: {
        tags,
        summary: 'List models, with what of each serves, is tried or is stopped',
        querystring: pageQuery,
        response: { 200: page(modelView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const options = { at: clock.now(), limit, after };
      return read(parts, request, (tx) => listModels(tx, options), 'model:read');
    },
  );
  app.get(
    '/v1/models/:name',
    {
      schema: {
        tags,
        summary: 'Read what of a model serves, is tried or is stopped',
        params: nameParams,
        response: { 200: modelView, ...problems },
      },
    },
    (request) => {
      const options = { name: nameOf(request), at: clock.now() };
      return read(parts, request, (tx) => readModel(tx, options), 'model:read');
    },
  );
  app.get(
    '/v1/models/:name/versions/:version',
    {
      schema: {
        tags,
        summary: 'Read a version: its card, what was found out about it, and what was done with it',
        params: versionParams,
        response: { 200: versionView, ...problems },
      },
    },
    (request) => {
      const { name, version } = request.params as { name: string; version: number };
      const options = { name, version, at: clock.now() };
      return read(parts, request, (tx) => readVersion(tx, options), 'model:read');
    },
  );
}

function historyRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/models/:name/versions',
    {
      schema: {
        tags,
        summary: 'List the versions of a model, newest first',
        params: nameParams,
        querystring: pageQuery,
        response: { 200: page(Type.Object(versionListed)), ...problems },
      },
    },
    (request) => {
      const options = pageOf(request);
      return read(parts, request, (tx) => listVersions(tx, options), 'model:read');
    },
  );
  app.get(
    '/v1/models/:name/acts',
    {
      schema: {
        tags,
        summary: 'List what was done with a model, newest first',
        params: nameParams,
        querystring: pageQuery,
        response: { 200: page(actView), ...problems },
      },
    },
    (request) => {
      const options = pageOf(request);
      return read(parts, request, (tx) => listModelActs(tx, options), 'model:read');
    },
  );
}

function pageOf(request: FastifyRequest) {
  const { limit = 50, after } = request.query as { limit?: number; after?: string };
  if (after !== undefined && !/^\d{1,9}$/.test(after)) {
    refuseField('/after', 'is no `next` of this list');
  }
  const before = after === undefined ? undefined : Number(after);
  return { name: nameOf(request), limit, before };
}

// Registering -------------------------------------------------------------------------------------

/** In base64 a third is added; cards are small beside it. */
const registerLimitBytes = 12 * 1024 * 1024;
const artefactLimitBytes = 8 * 1024 * 1024;
/** Models that one process validates at once: each has a thread of its own. */
const validationsMax = 1;

function registerRoute(app: FastifyInstance, parts: Parts): void {
  let running = 0;
  const body = Type.Object(
    {
      card: modelCard,
      artefact: Type.String({
        contentEncoding: 'base64',
        description: `The ONNX file, at most ${artefactLimitBytes / 1024 ** 2} MiB.`,
      }),
    },
    closed,
  );
  app.post(
    '/v1/models',
    {
      bodyLimit: registerLimitBytes,
      // A card is checked by its own rules, which also tell where in it a flaw lies.
      validatorCompiler: () => () => true,
      schema: {
        tags,
        summary: 'Register a version: card and artefact are checked, tried out and kept',
        description:
          'It serves nobody yet. The same card again is the same version. The answer has the ' +
          'report, and what to send to /v1/approvals.',
        headers: idempotencyHeaders,
        body,
        response: { 200: versionView, 201: versionView, ...problems },
      },
    },
    async (request, reply) => {
      await parts.authenticate.fresh(request, 'model:write');
      if (running === validationsMax) {
        throw new Fault('overloaded', 'another model is being validated: try again');
      }
      running += 1;
      try {
        return await register(parts, request, reply);
      } finally {
        running -= 1;
      }
    },
  );
}

async function register(parts: Parts, request: FastifyRequest, reply: FastifyReply) {
  const { planes, authenticate } = parts;
  const { principal } = await authenticate.fresh(request, 'model:write');
  const { tenant } = principal;
  const { card: given, artefact: base64 } = request.body as { card?: Json; artefact?: unknown };
  const artefact = bytesOf(base64);
  const { card, cardDigest, report } = await validateApart(given ?? null, artefact);
  const { name } = card;
  // The bytes come before the command, which names them by their digest.
  const known = await withTx(
    planes.database.pool('policy'),
    async (tx) => {
      await keepArtefact(tx, tenant, artefact);
      return findVersion(tx, { name, cardDigest });
    },
    { tenant },
  );
  // What was found the first time stays the report: a retry sends the same command.
  const body = { card, report: known?.report ?? report };
  return change(parts, request, reply, {
    ...{ scope: 'model:write', operation: 'model.register', body },
    tell: async (tx) => {
      const { version } = (await findVersion(tx, { name, cardDigest })) ?? { version: 0 };
      return readVersion(tx, { name, version, at: planes.clock.now() });
    },
  });
}

function bytesOf(base64: unknown): Buffer {
  const bytes = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined;
  if (!bytes || bytes.length === 0) refuseField('/artefact', 'must be an ONNX file in base64');
  if (bytes.length > artefactLimitBytes) {
    refuseField('/artefact', `has ${bytes.length} bytes; ${artefactLimitBytes} are the most`);
  }
  return bytes;
}

// Acts --------------------------------------------------------------------------------------------

const acts: Readonly<Record<string, Act>> = {
  deployments: {
    operation: 'model.deploy',
    summary: 'Let a version be watched (shadow), tried on a share (canary), or decide (production)',
    description:
      'A canary and production need an approval of another person, of exactly this; without ' +
      '`approval_id` the answer tells the subject digest to ask one for. A shadow is heard by ' +
      'nobody. A null `version` ends a shadow or a canary, and so does another production.',
    body: s.deployBody,
  },
  rollback: {
    operation: 'model.rollback',
    summary: 'Go back to the version before, at once',
    description: 'Needs no approval: what comes back was approved.',
    body: s.rollbackBody,
  },
  suspend: {
    operation: 'model.suspend',
    summary: 'Stop what is in production, or another version, at once',
    description:
      'What stands in for it is heard. It stays stopped in whatever role it comes back, until ' +
      'people approve that it resumes.',
    body: s.suspendBody,
  },
  resume: {
    operation: 'model.resume',
    summary: 'Let a suspended version be heard again',
    description: 'Needs an approval of another person.',
    body: s.resumeBody,
  },
};
