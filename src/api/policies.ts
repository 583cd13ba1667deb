// Policies over HTTP: what decides, drafts, and what is published and rolled back.
import { type Json, nullable, refuseField } from '#core';
import {
  actOf,
  bundleSchema,
  checkDraft,
  listActs,
  listPoints,
  publicationSchemas as s,
  readBundleView,
} from '#policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type Act, actRoutes, nameOf } from './act-routes.ts';
import { change, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';

const tags = ['policies'];
const text = Type.String();
const count = Type.Integer();
const nameParams = Type.Object({ name: s.point });
const digestParams = Type.Object({ digest: s.digest });

const named = { digest: s.digest, version: text };
const pointView = Type.Object({
  name: s.point,
  live: nullable(Type.Object({ ...named, effective_at: nullable(text) })),
  scheduled: Type.Array(Type.Object({ ...named, effective_at: text })),
  shadow: nullable(Type.Object(named)),
  canary: nullable(Type.Object({ ...named, share_bps: count, key_fact: text })),
  published: Type.Union([s.digest, Type.Null()], {
    description: 'What was published last, in force or not: what a publication supersedes.',
  }),
});
const actView = Type.Object({
  name: s.point,
  ordinal: count,
  kind: text,
  act: text,
  digest: nullable(s.digest),
  version: nullable(text),
  share_bps: nullable(count),
  key_fact: nullable(text),
  effective_at: text,
  recorded_at: text,
  acted_by: text,
  approval_id: nullable(text),
  backtest_id: nullable(text),
});
export function policyRoutes(app: FastifyInstance, parts: Parts): void {
  readRoutes(app, parts);
  draftRoute(app, parts);
  actRoutes(app, parts, {
    ...{ path: '/v1/policies/:name', tags, params: nameParams, scope: 'policy:write' },
    ...{ acts, view: actView, tell: actOf },
  });
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    '/v1/policies',
    {
      schema: {
        tags,
        summary: 'List the points where something is decided, with the bundles in force',
        querystring: pageQuery,
        response: { 200: page(pointView), ...problems },
      },
    },
    async (request) => {
      const { principal } = await parts.authenticate.fresh(request, 'policy:read');
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const options = { tenant: principal.tenant, at: clock.now(), limit, after };
      return read(parts, request, (tx) => listPoints(tx, options), 'policy:read');
    },
  );
  app.get(
    '/v1/policies/:name',
    {
      schema: {
        tags,
        summary: 'List the acts of publication at a point, newest first',
        params: nameParams,
        querystring: pageQuery,
        response: { 200: page(actView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      if (after !== undefined && !/^\d{1,9}$/.test(after))
        refuseField('/after', 'is no `next` of acts');
      const before = after === undefined ? undefined : Number(after);
      const options = { name: nameOf(request), limit, before };
      return read(parts, request, (tx) => listActs(tx, options), 'policy:read');
    },
  );
  app.get(
    '/v1/policy-bundles/:digest',
    {
      schema: {
        tags,
        summary: 'Read a bundle that is on record, whether or not it decides',
        params: digestParams,
        response: {
          200: Type.Object({
            ...named,
            name: s.point,
            engine: text,
            created_by: text,
            created_at: text,
            bundle: Type.Any(),
          }),
          ...problems,
        },
      },
    },
    (request) => read(parts, request, (tx) => readBundleView(tx, digestOf(request)), 'policy:read'),
  );
}

function digestOf(request: FastifyRequest): string {
  return (request.params as { digest: string }).digest;
}

function draftRoute(app: FastifyInstance, parts: Parts): void {
  const answer = Type.Object({
    ...named,
    name: s.point,
    untested: Type.Array(text, { description: 'Rules that none of its tests makes hold.' }),
  });
  app.post(
    '/v1/policies',
    {
      // A bundle is checked by its own rules, which also tell where in it a flaw lies.
      validatorCompiler: () => () => true,
      schema: {
        tags,
        summary: 'Draft a bundle: it is checked, tested and kept, and decides nothing yet',
        headers: idempotencyHeaders,
        body: bundleSchema,
        response: { 200: answer, 201: answer, ...problems },
      },
    },
    async (request, reply) => {
      await parts.authenticate.fresh(request, 'policy:write');
      const body = request.body as Json;
      const { program, untested } = checkDraft(body);
      const { digest, version, bundle } = program;
      const tell = async () => ({ digest, version, name: bundle.name, untested });
      const write = { scope: 'policy:write', operation: 'policy.draft', body, tell } as const;
      return change(parts, request, reply, write);
    },
  );
}

// Acts --------------------------------------------------------------------------------------------

const acts: Readonly<Record<string, Act>> = {
  publications: {
    operation: 'policy.publish',
    summary: 'Publish a bundle: it decides from now or from an instant on',
    description:
      'Takes a back-test of the bundle and an approval by another person, of exactly this. What ' +
      'is tried as shadow or canary at the point ends when another bundle comes into force.',
    body: s.publishBody,
  },
  rollbacks: {
    operation: 'policy.rollback',
    summary: 'Go back to the bundle before, at once',
    description: 'Needs no approval: what comes back was approved. Calls off what is scheduled.',
    body: s.rollbackBody,
  },
  shadow: {
    operation: 'policy.shadow',
    summary: 'Let a bundle judge every command beside the one that decides, or end that (null)',
    body: s.shadowBody,
  },
  canary: {
    operation: 'policy.canary',
    summary: 'Let a bundle decide for a share of keys, or end that (null)',
    description:
      'Needs an approval of another person. Without `approval_id` the answer tells the subject ' +
      'digest to ask one for. The same keys are chosen every time, and stay when the share grows.',
    body: s.canaryBody,
  },
};
