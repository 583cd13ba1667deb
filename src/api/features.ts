// Features over HTTP: what models may read, how fresh it is, and what it is of one entity.
import {
  type EntityKind,
  entityKinds,
  featureCatalogue,
  featureProjection,
  lookUpFeatures,
} from '#ai';
import { foldedPosition, nullable, refuseField, type Tx, withTx } from '#core';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { type Parts, read } from './routes.ts';
import { problems, words } from './views.ts';
import { checkOpaque, instantIn } from './write.ts';

const tags = ['models'];
const text = Type.String();
const entity = words(entityKinds);

export function featureRoutes(app: FastifyInstance, parts: Parts): void {
  catalogueRoute(app, parts);
  lookUpRoute(app, parts);
}

const described = Type.Object({
  id: text,
  entity,
  unit: text,
  default: Type.Union([Type.Number(), Type.Null()], {
    description: 'Of what was never seen; null is missing.',
  }),
  description: text,
  aggregate: Type.Any({ description: 'What is counted or summed, and over which window.' }),
});
const freshnessView = Type.Object({
  events_behind: Type.Integer({
    description: 'Sealed events that are not folded yet; ten thousand where there are more.',
  }),
  oldest_sealed_at: nullable(text),
});

/** Where more wait, nobody needs to know how many. */
const behindMax = 10_000;

function catalogueRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/features',
    {
      schema: {
        tags,
        summary: 'The catalogue of features, and how far behind the log the live ones are',
        response: {
          200: Type.Object({ items: Type.Array(described), freshness: freshnessView }),
          ...problems,
        },
      },
    },
    async (request) => {
      // Positions of consumers are of all tenants: what is told is of this one alone.
      const pool = parts.planes.database.pool('app');
      const freshness = await read(
        parts,
        request,
        async (tx) =>
          readBehind(tx, await withTx(pool, (own) => foldedPosition(own, featureProjection))),
        'model:read',
      );
      return { items: [...featureCatalogue.values()], freshness };
    },
  );
}

async function readBehind(tx: Tx, folded: bigint) {
  const { rows } = await tx.query<{ behind: number; oldest: Date | null }>(
    `select count(*)::integer as behind, min(signed_at) as oldest
       from (select (select c.signed_at from core.checkpoint c
                      where c.tenant_id = l.tenant_id and c.tree_size >= l.tenant_position
                      order by c.tree_size limit 1) as signed_at
               from core.leaf l
              where l.tenant_id = core.current_tenant() and l.position > $1
              limit ${behindMax}) waiting`,
    [folded],
  );
  const { behind = 0, oldest = null } = rows[0] ?? {};
  return { events_behind: behind, oldest_sealed_at: oldest?.toISOString() ?? null };
}

function lookUpRoute(app: FastifyInstance, parts: Parts): void {
  const value = Type.Object({ id: text, value: nullable(Type.Number()), unit: text });
  app.get(
    '/v1/features/:entity/:id',
    {
      schema: {
        tags,
        summary: 'All features of one entity as they are now, or would be read at an instant',
        description:
          'An instant in the past hides what happened later, but not what was told later: what ' +
          'a decision was made on stands in its score.',
        params: Type.Object({ entity, id: Type.String({ minLength: 1, maxLength: 120 }) }),
        querystring: Type.Object({
          at: Type.Optional(Type.String({ format: 'date-time' })),
          amount: Type.Optional(
            Type.Integer({ minimum: 0, description: 'Minor units, of a payment in question.' }),
          ),
        }),
        response: {
          200: Type.Object({
            entity,
            id: text,
            as_of: text,
            seen: Type.Boolean({ description: 'Otherwise all values are defaults.' }),
            features: Type.Array(value),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { entity: kind, id } = request.params as { entity: EntityKind; id: string };
      const query = request.query as { at?: string; amount?: number };
      checkOpaque(id, '/id');
      const now = parts.planes.clock.now();
      const at = instantIn(query.at, '/at') ?? now;
      if (at > now) refuseField('/at', 'lies in the future');
      const question = { kind, id, at, amount: query.amount ?? null };
      return read(parts, request, (tx) => lookUpFeatures(tx, question), 'model:read');
    },
  );
}
