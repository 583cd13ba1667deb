// Agents over HTTP: registered with another person's approval, changed, suspended and resumed, and
// single tokens of theirs revoked.
import { type Json, refuseField } from '#core';
import { agentBodies, agentSchemas, agentView, findAgent, listAgents } from '#gateway';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { change, idOf, idParams, limitQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';
import { checkTexts } from './write.ts';

const tags = ['gateway'];
const params = idParams(agentSchemas.agentId);

export function agentRoutes(app: FastifyInstance, parts: Parts): void {
  readRoutes(app, parts);
  const { registerBody, changeBody, resumeBody, revokeBody } = agentBodies;
  const nothing = Type.Object({}, { additionalProperties: false });
  writeRoute(app, parts, {
    ...{ method: 'POST', path: '', operation: 'agent.register', body: registerBody },
    summary: 'Register an agent, with the approval of another person',
    description: 'It is given the role `agent`. What it may do follows from its record.',
  });
  writeRoute(app, parts, {
    ...{ method: 'PATCH', path: '/:id', operation: 'agent.change', body: changeBody },
    summary: 'Change what an agent may do, and how it proves who it is',
    description: 'To let it do more takes the approval of another person; to take away does not.',
  });
  writeRoute(app, parts, {
    ...{ method: 'POST', path: '/:id/suspend', operation: 'agent.suspend', body: nothing },
    summary: 'Suspend an agent, at once',
    description: 'Its tokens are refused, and it has no role any more.',
  });
  writeRoute(app, parts, {
    ...{ method: 'POST', path: '/:id/resume', operation: 'agent.resume', body: resumeBody },
    summary: 'Resume an agent, with the approval of another person',
    description: 'The approval has the subject kind `agent.resume`.',
  });
  writeRoute(app, parts, {
    ...{ method: 'POST', path: '/:id/revoke-token', operation: 'agent.revoke_token' },
    body: revokeBody,
    summary: 'Revoke one access token of an agent, at once',
    description: 'By its `jti`. To end all of them, suspend the agent.',
  });
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  const scope = 'policy:read';
  app.get(
    '/v1/agents',
    {
      schema: {
        ...{ tags, summary: 'List the agents of the tenant, by id' },
        querystring: Type.Object({
          limit: limitQuery,
          after: Type.Optional(Type.String({ maxLength: 80 })),
        }),
        response: { 200: page(agentView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      return read(parts, request, (tx) => listAgents(tx, { limit, after }), scope);
    },
  );
  app.get(
    '/v1/agents/:id',
    {
      schema: {
        ...{ tags, summary: 'Read an agent', params },
        response: { 200: agentView, ...problems },
      },
    },
    (request) => read(parts, request, (tx) => findAgent(tx, idOf(request)), scope),
  );
}

type WriteRoute = {
  readonly method: 'POST' | 'PATCH';
  readonly path: '' | `/:id${string}`;
  readonly operation: string;
  readonly summary: string;
  readonly description: string;
  readonly body: Type.TSchema;
};

function writeRoute(app: FastifyInstance, parts: Parts, route: WriteRoute): void {
  const { method, path, operation, summary, description, body } = route;
  const isNew = path === '';
  app.route({
    ...{ method, url: `/v1/agents${path}` },
    schema: {
      ...{ tags, summary, description, headers: idempotencyHeaders, body },
      ...(isNew ? {} : { params }),
      response: { 200: agentView, 201: agentView, ...problems },
    },
    handler: (request, reply) => {
      const asked = request.body as Record<string, Json>;
      checkTexts({ id: asked['id'], name: asked['name'] });
      const agent = isNew ? String(asked['id']) : idOf(request);
      return change(parts, request, reply, {
        ...{ scope: 'admin', operation, body: isNew ? asked : { ...asked, agent_id: agent } },
        tell: async (tx) => (await findAgent(tx, agent)) ?? refuseField('/id', 'is no agent'),
      });
    },
  });
}
