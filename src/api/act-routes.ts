// Acts on what has a name, such as publishing a bundle or deploying a model: a route each.
import type { Json, Tx, Uuid } from '#core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type Type from 'typebox';
import type { Right } from './authenticate.ts';
import { change, type Parts } from './routes.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { checkInstant } from './write.ts';

export type Act = {
  readonly operation: string;
  readonly summary: string;
  readonly description?: string;
  readonly body: Type.TSchema;
};

export type ActRoutes = {
  /** Ends in `/:name`; the name of an act comes behind it. */
  readonly path: string;
  readonly tags: string[];
  readonly params: Type.TSchema;
  readonly scope: Right;
  readonly acts: Readonly<Record<string, Act>>;
  readonly view: Type.TSchema;
  /** The act that a command has made. */
  readonly tell: (tx: Tx, command: Uuid) => Promise<unknown>;
};

export function actRoutes(app: FastifyInstance, parts: Parts, routes: ActRoutes): void {
  const { path, tags, params, scope, view, tell } = routes;
  for (const [act, { operation, summary, description, body }] of Object.entries(routes.acts)) {
    app.post(
      `${path}/${act}`,
      {
        schema: {
          tags,
          summary,
          ...(description === undefined ? {} : { description }),
          headers: idempotencyHeaders,
          params,
          body,
          response: { 200: view, 201: view, ...problems },
        },
      },
      (request, reply) => {
        const given = request.body as Record<string, Json>;
        checkInstant(given['effective_at'] as string | undefined, '/effective_at');
        const whole = { ...given, name: nameOf(request) };
        return change(parts, request, reply, { scope, operation, body: whole, tell });
      },
    );
  }
}

/** The `:name` of the path. */
export function nameOf(request: FastifyRequest): string {
  return (request.params as { name: string }).name;
}
