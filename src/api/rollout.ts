// Rollout over HTTP: how far use cases may go, the kill switch, and what holds for one question.
import {
  derivedUuid,
  externalId,
  internalId,
  type Json,
  type Tx,
  refuseField,
  nullable,
} from '#core';
import {
  listRollout,
  loadRollout,
  rolloutModes,
  rolloutOf,
  type RolloutQuestion,
  rolloutSchemas as s,
} from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { change, limitQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, problems } from './views.ts';

const text = Type.String();
const mode = Type.Enum([...rolloutModes]);
const setting = Type.Object({
  id: text,
  use_case: text,
  channel: text,
  product: text,
  cohort: text,
  mode,
  percent: nullable(s.percent),
  set_at: text,
  set_by: text,
});
const tags = ['governance'];

export function rolloutRoutes(app: FastifyInstance, parts: Parts): void {
  writeRoutes(app, parts);
  listRoute(app, parts);
  effectiveRoute(app, parts);
}

function writeRoutes(app: FastifyInstance, parts: Parts): void {
  const write = <Told extends Type.TSchema>(
    path: string,
    options: {
      operation: string;
      summary: string;
      description: string;
      body: Type.TSchema;
      told: Told;
      tell: (body: Record<string, Json>, command: string) => Type.Static<Told>;
    },
  ) =>
    app.post(
      path,
      {
        schema: {
          tags,
          summary: options.summary,
          description: options.description,
          headers: idempotencyHeaders,
          body: options.body,
          response: { 200: options.told, 201: options.told, ...problems },
        },
      },
      (request, reply) => {
        const body = request.body as Record<string, Json>;
        const tell = async (_tx: Tx, command: string) => options.tell(body, command);
        const { operation } = options;
        return change(parts, request, reply, { scope: 'policy:write', operation, body, tell });
      },
    );
  write('/v1/rollout', {
    operation: 'rollout.set',
    summary: 'Set how far a use case may go',
    description: 'Going further than what is in force needs an approval; going back does not.',
    body: s.setBody,
    told: Type.Object({ id: text }),
    tell: (_body, command) => ({
      id: externalId('rollout', derivedUuid(command, 'rollout', 0)),
    }),
  });
  const use_case = text;
  const told = Type.Object({ use_case, killed: Type.Boolean() });
  write('/v1/rollout/kill', {
    operation: 'rollout.kill',
    summary: 'Stop a use case, or all of them, at once',
    description: 'Overrides every setting, and needs no approval.',
    body: s.killBody,
    told,
    tell: (body) => ({ use_case: body['use_case'] as string, killed: true }),
  });
  write('/v1/rollout/revive', {
    operation: 'rollout.revive',
    summary: 'Take a kill switch back',
    description: 'Needs an approval of another person.',
    body: s.reviveBody,
    told,
    tell: (body) => ({ use_case: body['use_case'] as string, killed: false }),
  });
}

function listRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/rollout',
    {
      schema: {
        tags,
        summary: 'List what is set, in the order of the latest changes, and what is killed',
        querystring: Type.Object({
          use_case: Type.Optional(s.useCase),
          limit: limitQuery,
          after: Type.Optional(Type.String()),
        }),
        response: {
          200: Type.Object({
            killed: Type.Array(text, { description: 'Use cases; `*` for all of them.' }),
            items: Type.Array(setting),
            next: nullable(text),
          }),
          ...problems,
        },
      },
    },
    (request) => {
      const query = request.query as { use_case?: string; limit?: number; after?: string };
      const { use_case: useCase, limit = 50 } = query;
      const after = query.after === undefined ? undefined : internalId('rollout', query.after);
      if (query.after !== undefined && after === undefined) refuseField('/after', 'is no setting');
      return read(
        parts,
        request,
        (tx) => listRollout(tx, { limit, after, useCase }),
        'policy:read',
      );
    },
  );
}

function effectiveRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/rollout/effective',
    {
      schema: {
        tags,
        summary: 'What a use case may do for one key, such as a customer, and why',
        querystring: Type.Object({
          use_case: s.useCase,
          ...s.place,
          key: Type.String({ minLength: 1, maxLength: 200 }),
        }),
        response: {
          200: Type.Object({
            mode,
            acts: Type.Boolean({ description: 'Whether it may act without a person.' }),
            setting_id: nullable(text),
            why: text,
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { use_case: useCase, ...place } = request.query as Omit<RolloutQuestion, 'useCase'> & {
        use_case: string;
      };
      const { principal } = await parts.authenticate.fresh(request, 'policy:read');
      const settings = await read(
        parts,
        request,
        (tx) => loadRollout(tx, principal.tenant),
        'policy:read',
      );
      const { settingId, ...told } = rolloutOf(settings, { useCase, ...place });
      return { ...told, setting_id: settingId };
    },
  );
}
