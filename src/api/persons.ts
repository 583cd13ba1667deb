// Personal values over HTTP: in they go, and tokens come out; a person can be erased for ever.
import type { Uuid } from '#core';
import { fieldClassNames, type PersonalValue } from '#privacy';
import { personSchemas } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { change, idOf, idParams, type Parts } from './routes.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { checkOpaque } from './write.ts';

const tags = ['privacy'];
const valuesMax = 1_000;
const valueChars = 4_000;
const value = Type.Object(
  {
    person: personSchemas.person,
    class: Type.Enum([...fieldClassNames]),
    value: Type.String({ minLength: 1, maxLength: valueChars }),
  },
  { additionalProperties: false },
);

export function personRoutes(app: FastifyInstance, parts: Parts): void {
  tokenRoute(app, parts);
  eraseRoute(app, parts);
}

function tokenRoute(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.post(
    '/v1/tokens',
    {
      schema: {
        tags,
        summary: 'Put personal values into the vault, for tokens that stand for them everywhere',
        description:
          'Equal values of one person have one token, so a retry is harmless and needs no key. ' +
          'Facts, traces, logs and prompts take tokens only.',
        body: Type.Object(
          { items: Type.Array(value, { minItems: 1, maxItems: valuesMax }) },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ tokens: Type.Array(Type.String()) }), ...problems },
      },
    },
    async (request) => {
      const { principal } = await authenticate.fresh(request, 'policy:decide');
      const { items } = request.body as { items: PersonalValue[] };
      for (const [at, { person }] of items.entries()) checkOpaque(person, `/items/${at}/person`);
      return { tokens: await planes.vault.tokenize(principal.tenant, items) };
    },
  );
}

function eraseRoute(app: FastifyInstance, parts: Parts): void {
  app.delete(
    '/v1/persons/:id',
    {
      schema: {
        tags,
        summary: 'Erase a person: their values become unreadable, and nobody can undo it',
        description:
          'Tokens stay where they are, as references to nothing. A retry finishes what was cut ' +
          'off, and else does nothing: values that came since are erased under another key.',
        headers: idempotencyHeaders,
        params: idParams(personSchemas.person),
        response: { 200: Type.Object({ person: Type.String() }), ...problems },
      },
    },
    async (request, reply) => {
      const person = idOf(request);
      const { principal } = await parts.authenticate.fresh(request, 'admin');
      checkOpaque(person, '/id');
      let erasure: Uuid | undefined;
      const told = await change(parts, request, reply, {
        ...{ scope: 'admin', operation: 'person.erase', body: { person } },
        tell: async (_tx, commandId) => {
          erasure = commandId;
          return { person };
        },
      });
      if (erasure === undefined) return told;
      // On record first: whoever is cut off here tries again with the same key.
      await parts.planes.vault.erase(principal.tenant, person, erasure);
      reply.code(200);
      return told;
    },
  );
}
