// Screening over HTTP: whom a list may mean, the lists in force, and hits that people clear.
import { internalId, type Json, nullable, type Tx } from '#core';
import {
  entityTypes,
  type ListedScreening,
  listSchemas,
  listScreenings,
  openWatchlists,
  readClearance,
  readList,
  readLists,
  readScreened,
  readScreening,
  screen,
  screeningSchemas,
  screeningStatuses,
  type ValueStore,
} from '#policy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { shown, visibleValues } from './personal.ts';
import { change, idOf, idParams, limitQuery, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems, words } from './views.ts';
import { checkOpaque, idempotencyKeyOf, instantIn, type Write, written } from './write.ts';

const versions = Type.Record(Type.String(), Type.Integer());
const judged = {
  reason: Type.String(),
  cleared_at: Type.String(),
  cleared_by: Type.String(),
  revoked_at: nullable(Type.String()),
  revoked_by: nullable(Type.String()),
};
const entry = Type.Object({
  entity_type: words(entityTypes),
  names: Type.Array(
    Type.Object({ text: Type.String(), kind: words(['primary', 'alias', 'weak']) }),
  ),
  birth_dates: Type.Array(
    Type.String({ description: 'As the list knows them: `1965`, `1965~` for about, `1963/1967`.' }),
  ),
  countries: Type.Array(Type.String()),
  programmes: Type.Array(Type.String({ description: 'Why it is listed, or the position held.' })),
  is_current: Type.Boolean({ description: 'Whether its list has it so still.' }),
});
const screening = Type.Object({
  id: Type.String(),
  subject: Type.String(),
  cause: Type.String(),
  list_versions: versions,
  screened_at: Type.String(),
  screened_by: Type.String(),
  open_hits: Type.Integer({
    description: 'Entries that the subject may be and nobody has cleared, of all its screenings.',
  }),
  hits: Type.Array(
    Type.Object({
      list: Type.String(),
      entry_id: Type.String(),
      entry_digest: Type.String(),
      score: Type.Integer({ description: '0 to 1000.' }),
      cleared: Type.Boolean(),
      clearances: Type.Array(Type.Object({ id: Type.String(), ...judged }), {
        description: 'That in force first, then those that were revoked, newest first.',
      }),
      entry,
      explanation: Type.Any({
        description: 'The listed name, the pairs of tokens by position, and the adjustments.',
      }),
    }),
  ),
});
const clearance = Type.Object({
  id: screeningSchemas.clearanceId,
  subject: Type.String(),
  list: Type.String(),
  entry_id: Type.String(),
  entry_digest: Type.String(),
  ...judged,
});
const screeningInFull = Type.Interface([screening], {
  asked: Type.Object({
    name_token: Type.String(),
    date_of_birth_token: nullable(Type.String()),
    countries: Type.Array(Type.String()),
    entity_type: nullable(words(entityTypes)),
    visible: Type.Object({ name: shown, date_of_birth: shown }),
  }),
});
const list = Type.Object({
  list: Type.String(),
  version: Type.Integer(),
  format: Type.String(),
  digest: Type.String(),
  source_date: nullable(Type.String()),
  entries: Type.Integer(),
  names: Type.Integer(),
  loaded_at: Type.String(),
});
const tags = ['screening'];

type ScreenBody = {
  readonly subject: string;
  readonly name: string;
  readonly date_of_birth?: string;
  readonly countries?: string[];
  readonly entity_type?: 'person' | 'organisation' | 'vessel' | 'aircraft';
};

/** Without a store for personal values nobody can be screened: then that route is not there. */
export function screeningRoutes(app: FastifyInstance, parts: Parts, values?: ValueStore): void {
  if (values) screenRoute(app, parts, values);
  listRoutes(app, parts);
  clearanceRoutes(app, parts);
  screeningsRoute(app, parts);
  inFullRoute(app, parts);
}

function inFullRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/screenings/:id',
    {
      schema: {
        tags,
        summary: 'Read a screening: who was looked for, and each hit with its entry',
        description:
          'What is personal is shown as far as the roles of the caller allow for the purpose ' +
          'that the header `Purpose` names: whole, masked, or not at all.',
        params: idParams(screeningSchemas.screeningId),
        response: { 200: screeningInFull, ...problems },
      },
    },
    async (request) => {
      const look = async (tx: Tx) => {
        const [found, asked] = [
          await readScreening(tx, idOf(request)),
          await readScreened(tx, idOf(request)),
        ];
        return found && asked && { found, asked };
      };
      const { found, asked } = await read(parts, request, look, 'policy:read');
      const { name_token, birth_token: date_of_birth_token, ...known } = asked;
      const whose = { scope: 'policy:read', customer: found.subject } as const;
      const [name = null, date_of_birth = null] = await visibleValues(parts, request, whose, [
        { class: 'name', token: name_token },
        { class: 'date_of_birth', token: date_of_birth_token },
      ]);
      const tokens = { name_token, date_of_birth_token };
      return { ...found, asked: { ...tokens, ...known, visible: { name, date_of_birth } } };
    },
  );
}

const listed = Type.Object({
  id: Type.String(),
  subject: Type.String(),
  cause: Type.String(),
  screened_at: Type.String(),
  screened_by: Type.String(),
  status: words(screeningStatuses),
  hits: Type.Integer({ description: 'Entries that were found; with `list`, of that list.' }),
  open: Type.Integer({ description: 'Those of them that nobody has cleared.' }),
  best: Type.Array(
    Type.Object({
      list: Type.String(),
      entry_id: Type.String(),
      score: Type.Integer({ description: '0 to 1000.' }),
      cleared: Type.Boolean(),
    }),
  ),
});

type ListQuery = {
  readonly limit?: number;
  readonly after?: string;
  readonly from?: string;
  readonly to?: string;
  readonly status?: ListedScreening['status'];
  readonly list?: string;
  readonly subject?: string;
};

function screeningsRoute(app: FastifyInstance, parts: Parts): void {
  const instant = Type.Optional(Type.String({ format: 'date-time' }));
  app.get(
    '/v1/screenings',
    {
      schema: {
        tags,
        summary: 'List screenings, newest first, with their best hits as they stand now',
        description:
          'With filters a page may be shorter than its limit, even empty: `next` is null only at ' +
          'the end.',
        querystring: Type.Object({
          status: Type.Optional(words(screeningStatuses)),
          list: Type.Optional(Type.String({ maxLength: 40 })),
          subject: Type.Optional(Type.String({ maxLength: 90 })),
          ...{ from: instant, to: instant },
          limit: limitQuery,
          after: Type.Optional(screeningSchemas.screeningId),
        }),
        response: { 200: page(listed), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after, from, to, ...filters } = request.query as ListQuery;
      const query = {
        ...{ ...filters, limit, after: after && internalId('screening', after) },
        ...{ from: instantIn(from, '/from'), to: instantIn(to, '/to') },
      };
      return read(parts, request, (tx) => listScreenings(tx, query), 'policy:read');
    },
  );
}

function clearanceRoutes(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/screening-clearances',
    {
      schema: {
        tags,
        summary: 'Clear a hit: a person says that the list means somebody else',
        headers: idempotencyHeaders,
        body: screeningSchemas.clearBody,
        response: { 200: screening, 201: screening, ...problems },
      },
    },
    (request, reply) => {
      const body = request.body as { screening_id: string };
      return change(parts, request, reply, {
        ...{ scope: 'reviews:write', operation: 'screening.clear' },
        body: body as Json,
        tell: (tx) => readScreening(tx, body.screening_id),
      });
    },
  );
  app.post(
    '/v1/screening-clearances/:id/revoke',
    {
      schema: {
        tags,
        summary: 'Revoke a clearance: the hit counts again',
        headers: idempotencyHeaders,
        params: idParams(screeningSchemas.clearanceId),
        response: { 200: clearance, 201: clearance, ...problems },
      },
    },
    (request, reply) => {
      const clearance_id = idOf(request);
      return change(parts, request, reply, {
        ...{ scope: 'reviews:write', operation: 'screening.revoke_clearance' },
        body: { clearance_id },
        tell: (tx) => readClearance(tx, clearance_id),
      });
    },
  );
}

function listRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/screening-lists',
    {
      schema: {
        tags,
        summary: 'List the screening lists in force',
        querystring: pageQuery,
        response: {
          200: Type.Object({ items: Type.Array(list), next: nullable(Type.String()) }),
          ...problems,
        },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const query = { limit, ...(after === undefined ? {} : { after }) };
      return read(parts, request, (tx) => readLists(tx, query), 'policy:read');
    },
  );
  app.post(
    '/v1/screening-lists',
    {
      schema: {
        tags,
        summary: 'Load a publication whose files lie in the database already (operators only)',
        headers: idempotencyHeaders,
        body: listSchemas.loadBody,
        response: { 200: list, 201: list, ...problems },
      },
    },
    (request, reply) => {
      const body = request.body as { list: string };
      return change(parts, request, reply, {
        ...{ scope: 'operator', operation: 'screening_list.load' },
        body: body as Json,
        tell: (tx) => readList(tx, body.list),
      });
    },
  );
}

function screenRoute(app: FastifyInstance, parts: Parts, values: ValueStore): void {
  const { planes, authenticate, writer } = parts;
  const pool = planes.database.pool('policy');
  const watchlists = openWatchlists(pool);
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const { principal } = await authenticate.fresh(request, 'policy:decide');
    const { date_of_birth, countries, entity_type, ...whom } = request.body as ScreenBody;
    checkOpaque(whom.subject, '/subject');
    // On the rights that the caller has when it is recorded, as every write.
    const execute = (write: Write) => writer.one(request, 'policy:decide', write);
    const { screeningId, matches } = await screen(
      { pool, watchlists, values, execute },
      principal,
      {
        ...whom,
        ...(date_of_birth === undefined ? {} : { dateOfBirth: date_of_birth }),
        ...(countries === undefined ? {} : { countries }),
        ...(entity_type === undefined ? {} : { entityType: entity_type }),
      },
      idempotencyKeyOf(request),
    );
    written(reply, matches === null);
    return read(parts, request, (tx) => readScreening(tx, screeningId), 'policy:decide');
  };
  app.post(
    '/v1/screenings',
    {
      schema: {
        tags,
        summary: 'Screen somebody against all lists in force, and keep what was found',
        headers: idempotencyHeaders,
        body: screeningSchemas.screenBody,
        response: { 200: screening, 201: screening, ...problems },
      },
    },
    answer,
  );
}
