// What the bank's core was asked and has not answered for good: a list for people, and how they
// accept what the core warns of, or end what it knows nothing of.
import { externalId, Fault, instantToText, internalId, nullable } from '#core';
import { acceptanceBody, endingBody, looksMax } from '#cores';
import { countIntents, intentOf, intentStates, type IntentRow, listIntents } from '#money';
import type { FastifyInstance } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import Type from 'typebox';
import type { Planes } from '#main';
import { change, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';

const tags = ['administration'];

const moveView = Type.Object(
  {
    command_id: Type.String(),
    idempotency_key: Type.String(),
    core: Type.String(),
    reference: Type.String({ description: 'Ours: by it the core finds the move.' }),
    core_reference: nullable(Type.String()),
    state: Type.Enum(intentStates.filter((state) => !/^(completed|rejected)$/.test(state))),
    operation: Type.String({ description: 'Of the core: what it was asked last.' }),
    overrides: Type.Array(
      Type.Object({ id: Type.String(), code: Type.String(), text: Type.String() }),
      { description: 'What the core warns of, for people to accept.' },
    ),
    refusal: nullable(
      Type.String({ description: 'Why our ledger cannot write what the core has moved.' }),
    ),
    looks: Type.Integer({ description: 'How often the core was asked what became of it.' }),
    is_left: Type.Boolean({ description: 'No look follows by itself: people have to go on.' }),
    made_at: Type.String({ format: 'date-time' }),
  },
  { title: 'CoreMove' },
);

export function coreMoveRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/cores/moves',
    {
      schema: {
        tags,
        summary: 'What the core was asked and is still open',
        description: 'The oldest first. It is looked up by itself; what is left waits for people.',
        querystring: pageQuery,
        response: { 200: page(moveView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      return read(parts, request, async (tx) => {
        const found = await listIntents(tx, { limit, after });
        return { ...found, items: found.items.map(viewOf) };
      });
    },
  );
  acceptRoute(app, parts);
  endRoute(app, parts);
}

function acceptRoute(app: FastifyInstance, parts: Parts): void {
  const accepted = Type.Object({
    idempotency_key: Type.String(),
    overrides: Type.Array(Type.String()),
  });
  app.post(
    '/v1/cores/moves/accept',
    {
      schema: {
        tags,
        summary: 'Accept what the core warns of',
        description:
          'Needs an approval of another person for just these overrides. The command that waits ' +
          'is then sent again under its own key, and carries them to the core.',
        headers: idempotencyHeaders,
        body: acceptanceBody,
        response: { 200: accepted, 201: accepted, ...problems },
      },
    },
    (request, reply) => {
      const body = request.body as Type.Static<typeof acceptanceBody>;
      const { idempotency_key, overrides } = body;
      return change(parts, request, reply, {
        ...{ scope: 'policy:write', operation: 'core.accept_overrides', body },
        tell: async () => ({ idempotency_key, overrides }),
      });
    },
  );
}

const ended = Type.Object({
  command_id: Type.String(),
  state: Type.Enum([...intentStates], {
    description: 'rejected: it is over. Else the core may still do it, or has not told: ask again.',
  }),
});

function endRoute(app: FastifyInstance, parts: Parts): void {
  const { authenticate } = parts;
  const { database, mirrored } = parts.planes;
  const pool = database.pool('money');
  app.post(
    '/v1/cores/moves/end',
    {
      schema: {
        tags,
        summary: 'End a move of which the core knows nothing any more',
        description:
          'Needs an approval of another person for just this. The core is looked at once more: ' +
          'what it has done is posted, what still waits there goes on waiting, and of all else ' +
          'the command is rejected with core_rejected. A move is a minute old at least.',
        headers: idempotencyHeaders,
        body: endingBody,
        response: { 200: ended, 201: ended, ...problems },
      },
    },
    async (request, reply) => {
      const body = request.body as Type.Static<typeof endingBody>;
      const { principal } = await authenticate.remembered(request, 'policy:write');
      const { tenant } = principal;
      const id = internalId('command', body.command_id);
      const find = async () => {
        const row = id && (await intentOf(pool, tenant, id));
        if (row) return row;
        throw new Fault('not_found', `the core was asked for no command ${body.command_id}`);
      };
      const { key } = await find();
      return change(parts, request, reply, {
        ...{ scope: 'policy:write', operation: 'core.end_move', body },
        async tell() {
          // A core that does not answer now is looked at again by whoever asks again.
          await mirrored?.finish({ tenant, key }).catch(expectFault);
          return { command_id: body.command_id, state: (await find()).state };
        },
      });
    },
  );
}

function expectFault(error: unknown): void {
  if (!(error instanceof Fault)) throw error;
}

function viewOf(row: IntentRow): Type.Static<typeof moveView> {
  const { key, commandId, core, reference, coreReference, state, steps, looks, madeAt } = row;
  return {
    command_id: externalId('command', commandId),
    ...{ idempotency_key: key, core, reference, core_reference: coreReference, state, looks },
    operation: steps.at(-1)?.operation ?? '',
    overrides: (row.overrides ?? []) as Type.Static<typeof moveView>['overrides'],
    refusal: row.refusal,
    is_left: looks >= looksMax,
    made_at: instantToText(madeAt),
  };
}

/** What Prometheus reads: how many moves are open at the core, of all tenants. */
export function coreMoveMetrics(registry: Registry, { database, mirrored }: Planes): void {
  if (!mirrored) return;
  void new Gauge({
    name: 'countersign_core_moves_open',
    help: 'Moves that the core has not answered for good; left: only people go on with them.',
    ...{ registers: [registry], labelNames: ['core', 'state', 'left'] as const },
    async collect() {
      const counts = await countIntents(database.pool('money'), looksMax).catch(() => undefined);
      // While the database is away there is no figure, rather than a wrong one.
      this.reset();
      for (const { core, state, isLeft, count } of counts ?? []) {
        this.set({ core, state, left: String(isLeft) }, count);
      }
    },
  });
}
