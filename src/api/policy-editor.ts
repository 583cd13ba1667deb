// What an editor of policies asks for: what bundles may say, whether one does, and how two differ.
import { Fault, type Json, nullable } from '#core';
import {
  bundleForm,
  bundleStandings,
  checkDraft,
  diffBundles,
  listBundles,
  publicationSchemas as s,
  readBundleView,
} from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { nameOf } from './act-routes.ts';
import { limitQuery, type Parts, read } from './routes.ts';
import { page, problems, words } from './views.ts';

const tags = ['policies'];
const text = Type.String();
const texts = Type.Array(text);
const flaw = Type.Object({
  pointer: Type.String({ description: 'RFC 6901; empty for the bundle as a whole.' }),
  detail: text,
});

export function policyEditorRoutes(app: FastifyInstance, parts: Parts): void {
  formRoute(app, parts);
  validateRoute(app, parts);
  bundlesRoute(app, parts);
  diffRoute(app, parts);
}

function formRoute(app: FastifyInstance, parts: Parts): void {
  const described = Type.Object({ name: text, description: text });
  const fact = Type.Object(
    { name: text, type: text, description: text },
    { additionalProperties: true },
  );
  const point = Type.Object({
    name: s.point,
    title: text,
    description: text,
    shipped: s.digest,
    facts: Type.Array(fact),
    reasons: Type.Array(described),
  });
  app.get(
    '/v1/policy-schema',
    {
      schema: {
        tags,
        summary: 'What a bundle may say: its JSON Schema, and the facts that each point supplies',
        description: 'At a point of ours a bundle may read these facts, and others by a default.',
        response: {
          200: Type.Object({
            engine: text,
            schema: Type.Any({ description: 'JSON Schema of a bundle.' }),
            fact_types: texts,
            outcomes: Type.Array(text, { description: 'From the mildest to the strictest.' }),
            hit_policies: Type.Array(described),
            engine_reasons: Type.Array(described),
            points: Type.Array(point),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      await parts.authenticate.fresh(request, 'policy:read');
      return bundleForm();
    },
  );
}

function validateRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/policies/validate',
    {
      // As for a draft: the bundle's own rules tell where in it a flaw lies.
      validatorCompiler: () => () => true,
      schema: {
        tags,
        summary: 'Check a bundle and run its tests, and keep nothing',
        description: 'Flaws are the answer, not a problem: with the place of each, at most 50.',
        body: Type.Any({ description: 'A bundle, however unfinished.' }),
        response: {
          200: Type.Object({
            valid: Type.Boolean(),
            digest: nullable(s.digest),
            version: nullable(text),
            untested: Type.Array(text, { description: 'Rules that none of its tests makes hold.' }),
            errors: Type.Array(flaw),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      await parts.authenticate.fresh(request, 'policy:write');
      return validated(request.body as Json);
    },
  );
}

function validated(bundle: Json) {
  try {
    const { program, untested } = checkDraft(bundle);
    const { digest, version } = program;
    return { valid: true, digest, version, untested, errors: [] };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'bundle_invalid') throw error;
    const { errors = [] } = error.detail as { errors?: readonly object[] };
    return { valid: false, digest: null, version: null, untested: [], errors };
  }
}

function bundlesRoute(app: FastifyInstance, parts: Parts): void {
  const view = Type.Object({
    digest: s.digest,
    version: text,
    title: text,
    rules: Type.Integer(),
    tests: Type.Integer(),
    standing: words(bundleStandings),
    created_by: text,
    created_at: text,
  });
  app.get(
    '/v1/policies/:name/bundles',
    {
      schema: {
        tags,
        summary: 'List the bundles on record for a point, drafts too, newest first',
        params: Type.Object({ name: s.point }),
        querystring: Type.Object({ limit: limitQuery, after: Type.Optional(s.digest) }),
        response: { 200: page(view), ...problems },
      },
    },
    async (request) => {
      const { principal } = await parts.authenticate.fresh(request, 'policy:read');
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const { tenant } = principal;
      const query = { tenant, at: parts.planes.clock.now(), name: nameOf(request), limit, after };
      return read(parts, request, (tx) => listBundles(tx, query), 'policy:read');
    },
  );
}

function diffRoute(app: FastifyInstance, parts: Parts): void {
  const placed = nullable(Type.Object({ pointer: text, value: Type.Any() }));
  const change = Type.Object({
    part: text,
    id: Type.String({ description: 'Of a rule of a table: `table/rule`.' }),
    change: words(['added', 'removed', 'changed', 'moved']),
    moved: Type.Boolean({ description: 'Stands elsewhere among the others, changed or not.' }),
    fields: Type.Array(text, { description: 'Members that differ.' }),
    before: placed,
    after: placed,
  });
  const bundle = Type.Object({ digest: s.digest, version: text, name: s.point });
  app.get(
    '/v1/policy-bundles/:digest/diff',
    {
      schema: {
        tags,
        summary: 'What makes a bundle another than the one it is held against',
        params: Type.Object({ digest: s.digest }),
        querystring: Type.Object({ against: s.digest }),
        response: {
          200: Type.Object({ before: bundle, after: bundle, changes: Type.Array(change) }),
          ...problems,
        },
      },
    },
    (request) => {
      const { digest } = request.params as { digest: string };
      const { against } = request.query as { against: string };
      return read(
        parts,
        request,
        async (tx) => {
          const [before, after] = [
            await readBundleView(tx, against),
            await readBundleView(tx, digest),
          ];
          if (!before || !after) return undefined;
          return { before, after, changes: diffBundles(before.bundle, after.bundle) };
        },
        'policy:read',
      );
    },
  );
}
