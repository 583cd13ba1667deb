// Loyalty programmes over HTTP: what counts when, what is drafted, and publishing it.
import { type Instant, instantToText, type Json, refuseField, type Tx } from '#core';
import {
  listPrograms,
  listVersions,
  type Program,
  programDigest,
  programName,
  programSchemas as s,
  readDraft,
  readProgramAt,
  readPublished,
  versionStandings,
} from '#loyalty';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { nameOf } from '../act-routes.ts';
import { change, limitQuery, pageQuery, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, page, problems } from '../views.ts';
import { instantIn } from '../write.ts';
import { expected } from '../expected.ts';
import { programCheckRoutes, refuseOtherUnit } from './program-checks.ts';
import { bodyWith, documentRef, told } from './program-document.ts';

const tags = ['loyalty'];
const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const params = Type.Object({ name: programName });
const atQuery = Type.Optional(
  Type.String({ format: 'date-time', description: 'Now unless given; it may lie in the future.' }),
);

const programView = Type.Object({
  name: text,
  version: Type.String({ examples: ['everyday@3f1c09ab52de'] }),
  digest: s.digest,
  title: text,
  unit: text,
  currency: text,
  point_value_micros: Type.Integer(),
});
const versionView = Type.Object({
  name: text,
  ordinal: Type.Integer(),
  version: text,
  digest: s.digest,
  standing: Type.Enum([...versionStandings]),
  effective_at: instant,
  published_at: instant,
  published_by: text,
  approval_id: text,
});
const documentView = Type.Interface([versionView], { document: documentRef });

export function programRoutes(app: FastifyInstance, parts: Parts): void {
  listRoute(app, parts);
  readRoutes(app, parts);
  draftRoutes(app, parts);
  publishRoute(app, parts);
  programCheckRoutes(app, parts);
}

function listRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/loyalty/programs',
    {
      schema: {
        tags,
        summary: 'List the programmes that count now, or at an instant',
        querystring: Type.Object({
          at: atQuery,
          limit: limitQuery,
          after: Type.Optional(programName),
        }),
        response: { 200: page(programView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const query = { at: atOf(request, parts), limit, after };
      return read(parts, request, (tx) => listPrograms(tx, query), 'loyalty:read');
    },
  );
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/loyalty/programs/:name',
    {
      schema: {
        tags,
        summary: 'Read the version of a programme that counts now, or at an instant',
        params,
        querystring: Type.Object({ at: atQuery }),
        response: { 200: documentView, ...problems },
      },
    },
    (request) => {
      const at = atOf(request, parts);
      const name = nameOf(request);
      const inForce = `programme ${name} in force at ${instantToText(at)}`;
      const look = async (tx: Tx) => expected(await readProgramAt(tx, name, at), inForce);
      return read(parts, request, look, 'loyalty:read');
    },
  );
  app.get(
    '/v1/loyalty/programs/:name/versions',
    {
      schema: {
        tags,
        summary: 'List what was published of a programme, newest first',
        params,
        querystring: pageQuery,
        response: { 200: page(versionView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      if (after !== undefined && !/^\d{1,9}$/.test(after)) {
        refuseField('/after', 'is no `next` of versions');
      }
      const name = nameOf(request);
      const query = { name, at: parts.planes.clock.now(), limit, after };
      const look = async (tx: Tx) => expected(await listVersions(tx, query), `programme ${name}`);
      return read(parts, request, look, 'loyalty:read');
    },
  );
}

function draftRoutes(app: FastifyInstance, parts: Parts): void {
  const drafted = Type.Object({
    ...{ name: text, version: text, digest: s.digest, drafted_by: text, drafted_at: instant },
    document: documentRef,
  });
  app.get(
    '/v1/loyalty/programs/:name/documents/:digest',
    {
      schema: {
        tags,
        summary: 'Read a document on record, published or not: what its checkers approve',
        params: Type.Object({ name: programName, digest: s.digest }),
        response: { 200: drafted, ...problems },
      },
    },
    (request) => {
      const { name, digest } = request.params as { name: string; digest: string };
      const what = `document ${digest} of the programme ${name}`;
      const look = async (tx: Tx) => expected(await readDraft(tx, name, digest), what);
      return read(parts, request, look, 'loyalty:read');
    },
  );
  app.post(
    '/v1/loyalty/programs/:name/drafts',
    {
      ...bodyWith(s.draftBody),
      schema: {
        tags,
        summary: 'Put a document on record, so that others can read and approve it',
        description: 'It is checked as for publishing, and counts for nothing yet.',
        headers: idempotencyHeaders,
        params,
        body: told(s.draftBody),
        response: { 200: drafted, 201: drafted, ...problems },
      },
    },
    async (request, reply) => {
      const { document } = request.body as { readonly document: Program };
      if (document.name !== nameOf(request)) refuseField('/document/name', 'is that of the path');
      await refuseOtherUnit(parts, request, document.unit);
      return change(parts, request, reply, {
        ...{ scope: 'loyalty:write', operation: 'loyalty.program.draft' },
        body: request.body as Json,
        tell: (tx) => readDraft(tx, document.name, programDigest(document)),
      });
    },
  );
}

function publishRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/loyalty/programs',
    {
      ...bodyWith(s.publishBody),
      schema: {
        tags,
        summary: 'Publish a version of a programme, which another person has approved',
        description:
          'Without `approval_id` the answer tells what to ask an approval for. A version is ' +
          'never changed: whoever withdraws one, or a plan, publishes another. Unit and currency ' +
          'of a programme stay what they are.',
        headers: idempotencyHeaders,
        body: told(s.publishBody),
        response: { 200: versionView, 201: versionView, ...problems },
      },
    },
    async (request, reply) => {
      const body = request.body as {
        readonly document: Program;
        readonly effective_at?: string;
        readonly approval_id?: string;
      };
      instantIn(body.effective_at, '/effective_at');
      await refuseOtherUnit(parts, request, body.document.unit);
      const { name } = body.document;
      const { clock } = parts.planes;
      const published = { name, approval: body.approval_id ?? '' };
      return change(parts, request, reply, {
        ...{ scope: 'loyalty:write', operation: 'loyalty.program.publish' },
        body: request.body as Json,
        // As it stands now: an instant of before it was published would call it planned.
        tell: (tx) => readPublished(tx, { ...published, at: clock.now() }),
      });
    },
  );
}

function atOf(request: FastifyRequest, { planes }: Parts): Instant {
  const { at } = request.query as { readonly at?: string };
  return instantIn(at, '/at') ?? planes.clock.now();
}
