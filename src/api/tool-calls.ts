// Calls of tools over HTTP, for those who audit: which there were, of whom, and what came of each.
import { internalId, refuseField, type Uuid } from '#core';
import {
  callFacets,
  type CallFilter,
  callStatuses,
  callViews,
  countCalls,
  listCalls,
  readCall,
} from '#gateway';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { shown, visibleValues } from './personal.ts';
import { idOf, idParams, limitQuery, type Parts, read, severalIn, severalOf } from './routes.ts';
import { facetsOf, page, problems } from './views.ts';

const tags = ['gateway'];
const scope = 'events:read';
const several = (word: string) => `^${word}(?:,${word}){0,49}$`;

const filterQuery = Type.Object({
  caller: Type.Optional(
    Type.String({
      ...{ pattern: several('[a-z]+:[a-z0-9_.@-]{1,80}'), examples: ['agent:spending-coach'] },
      description: 'One or several principals, with commas between them.',
    }),
  ),
  tool: Type.Optional(
    Type.String({
      pattern: several('[a-z][a-z0-9_.-]{0,63}'),
      description: 'One or several names, with commas between them.',
    }),
  ),
  status: severalOf(callStatuses),
  on_behalf_of: Type.Optional(
    Type.String({
      ...{ minLength: 1, maxLength: 80 },
      description: 'The customer for whom it was called: the id of the party.',
    }),
  ),
});
const listQuery = Type.Object({
  ...{ ...filterQuery.properties, limit: limitQuery },
  after: Type.Optional(Type.String({ pattern: '^evt_[0-9a-hjkmnp-tv-z]{26}$' })),
});
const whole = Type.Interface([callViews.whole], { visible: Type.Object({ query: shown }) });

export function toolCallRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/tool-calls',
    {
      schema: {
        ...{ tags, summary: 'List calls of tools, newest first' },
        description:
          'A page may be shorter than its limit, even empty: `next` is null only at the end.',
        querystring: listQuery,
        response: { 200: page(callViews.listed), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after, ...rest } = request.query as Type.Static<typeof listQuery>;
      const asked = { ...filterOf(rest), limit, after: after === undefined ? after : place(after) };
      return read(parts, request, (tx) => listCalls(tx, asked), scope);
    },
  );
  app.get(
    '/v1/tool-calls/facets',
    {
      schema: {
        ...{ tags, summary: 'Count calls of tools by caller, tool and status' },
        description:
          'Under the same filters as the list, but for what is chosen of a facet itself; of very ' +
          'many the newest are counted.',
        querystring: filterQuery,
        response: {
          200: facetsOf(callFacets),
          ...problems,
        },
      },
    },
    (request) => {
      const filter = filterOf(request.query as Type.Static<typeof filterQuery>);
      return read(parts, request, (tx) => countCalls(tx, filter), scope);
    },
  );
  app.get(
    '/v1/tool-calls/:id',
    {
      schema: {
        ...{ tags, summary: 'Read a call of a tool, with its arguments and its result, masked' },
        description:
          'What has made the agent call is shown as far as the roles of the caller allow for the ' +
          'purpose that the header Purpose names.',
        params: idParams(Type.String({ pattern: '^cmd_[0-9a-hjkmnp-tv-z]{26}$' })),
        response: { 200: whole, ...problems },
      },
    },
    async (request) => {
      const found = await read(parts, request, (tx) => readCall(tx, idOf(request)), scope);
      const kept = { class: 'free_text', token: found.query } as const;
      const of = { scope, customer: found.on_behalf_of ?? '' } as const;
      const [query = null] = await visibleValues(parts, request, of, [kept]);
      return { ...found, visible: { query } };
    },
  );
}

function filterOf(query: Type.Static<typeof filterQuery>): CallFilter {
  const { caller, tool, status, on_behalf_of: onBehalfOf } = query;
  return {
    ...{ caller: severalIn(caller), tool: severalIn(tool), status: severalIn(status) },
    onBehalfOf,
  };
}

function place(after: string): Uuid {
  return internalId('event', after) ?? refuseField('/after', 'is no place of this list');
}
