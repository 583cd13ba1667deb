// Service requests over HTTP: what customers have asked people of the bank for, and its end.
import { listRequests, readRequest, requestSchemas as s, type ServiceRequest } from '#cores';
import { purposes } from '#policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { shown, visibleTo } from './personal.ts';
import { change, idOf, idParams, limitQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';

const tags = ['register'];
const view = Type.Interface([s.view], { visible: Type.Object({ text: shown }) });
const query = Type.Object({
  status: Type.Optional(s.status),
  limit: limitQuery,
  after: Type.Optional(s.requestId),
});

export function serviceRequestRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/service-requests',
    {
      schema: {
        tags,
        summary: 'List what customers have asked people of the bank for, newest first',
        description:
          'The customer’s words are shown as far as the roles of the caller allow for the ' +
          'purpose that the header Purpose names.',
        querystring: query,
        response: { 200: page(view), ...problems },
      },
    },
    async (request) => {
      const { limit = 50, ...of } = request.query as Type.Static<typeof query>;
      const asked = { ...of, limit };
      const found = await read(parts, request, (tx) => listRequests(tx, asked), 'register:read');
      return { ...found, items: await tell(parts, request, 'register:read', found.items) };
    },
  );
  app.post(
    '/v1/service-requests/:id/end',
    {
      schema: {
        tags,
        summary: 'Say that a request was done, or that it is declined',
        headers: idempotencyHeaders,
        params: idParams(s.requestId),
        body: s.endBody,
        response: { 200: view, 201: view, ...problems },
      },
    },
    async (request, reply) => {
      const request_id = idOf(request);
      const { status } = request.body as Type.Static<typeof s.endBody>;
      const done = await change(parts, request, reply, {
        ...{ scope: 'register:write', operation: 'service_request.end' },
        body: { request_id, status },
        tell: (tx) => readRequest(tx, request_id),
      });
      if (reply.sent || !done || !('subject' in done)) return done;
      return (await tell(parts, request, 'register:write', [done]))[0];
    },
  );
}

async function tell(
  { planes, authenticate }: Parts,
  request: FastifyRequest,
  scope: 'register:read' | 'register:write',
  items: readonly ServiceRequest[],
) {
  const caller = await authenticate.remembered(request, scope);
  const purpose = purposes.find((known) => known === request.headers['purpose']);
  const texts = await visibleTo(
    planes,
    { caller, purpose },
    items.map(({ party_id, text_token }) => {
      return { class: 'free_text', token: text_token, customer: party_id };
    }),
  );
  return items.map((item, at) => ({ ...item, visible: { text: texts[at] ?? null } }));
}
