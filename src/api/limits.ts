// Limits over HTTP: what is used of them, by whom, and what the bundles in force allow at most.
import { derivedUuid, nullable, refuseField, type Tx } from '#core';
import { type LimitView, readLimits, readTakers } from '#money';
import { limitsInForce, type LimitTerms, readDecisions } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { limitQuery, type Parts, read } from './routes.ts';
import { problems } from './views.ts';

const used = Type.Object({
  limit: Type.String({ description: 'The id of the limit in its bundle.' }),
  key: Type.String({ description: 'Whose it is, such as `account:acc_…`.' }),
  measure: Type.Enum(['amount', 'count']),
  window: Type.Record(Type.String(), Type.Any()),
  used: Type.Integer({ description: 'Minor units, or how many, within the window that is now.' }),
  cap: nullable(
    Type.Integer({
      description:
        'At most so much, as the policy in force says: where that depends on facts, on those of ' +
        'the last payment that took from it. Null where it is not known.',
    }),
  ),
  cap_rule: nullable(Type.String({ description: 'The cap as the policy has it.' })),
  currency: nullable(
    Type.String({ description: 'In which the policy counts amounts, where it says so.' }),
  ),
  point: nullable(Type.String({ description: 'Null where no policy in force has this limit.' })),
  policy_version: nullable(Type.String()),
});

export function limitRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/limits',
    {
      schema: {
        tags: ['decisions'],
        summary: 'What is used of limits, by whom, and what they allow',
        querystring: Type.Object({
          limit_id: Type.Optional(Type.String({ maxLength: 60 })),
          key: Type.Optional(Type.String({ maxLength: 300 })),
          limit: limitQuery,
          after: Type.Optional(Type.String({ maxLength: 800 })),
        }),
        response: {
          200: Type.Object({
            items: Type.Array(used),
            next: Type.Union([Type.String(), Type.Null()]),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const query = request.query as Query;
      const after = query.after === undefined ? undefined : positionIn(query.after);
      const now = parts.planes.clock.now();
      const { limit_id: limit, key, limit: count = 50 } = query;
      const { principal } = await parts.authenticate.fresh(request, 'policy:read');
      const at = { tenant: principal.tenant, at: now };
      const look = async (tx: Tx) => {
        const page = await readLimits(tx, { limit, key, after, count, now });
        const termsOf = await limitsInForce(tx, parts.planes.library, at);
        const terms = page.items.map(termsOf);
        const caps = await capsOf(tx, page.items, terms);
        const items = page.items.map((item, place) => ({
          ...item,
          cap: caps[place] ?? null,
          ...termsView(terms[place]),
        }));
        return { ...page, items };
      };
      const page = await read(parts, request, look, 'policy:read');
      const { next } = page;
      return { ...page, next: next === null ? null : Buffer.from(next).toString('base64url') };
    },
  );
}

function termsView(terms: LimitTerms | undefined) {
  if (!terms) return { cap_rule: null, currency: null, point: null, policy_version: null };
  const { capRule, currency, point, policyVersion } = terms;
  return { cap_rule: capRule, currency, point, policy_version: policyVersion };
}

/** Where a cap reads facts, those of the decision that was the last to take from the limit. */
async function capsOf(
  tx: Tx,
  limits: readonly LimitView[],
  terms: readonly (LimitTerms | undefined)[],
): Promise<readonly (number | null | undefined)[]> {
  const depending = limits.filter((_, at) => terms[at]?.isFixed === false);
  const takers = await readTakers(tx, depending);
  const decisionOf = new Map(
    depending.flatMap((limit, at) => {
      const taker = takers[at];
      return taker === undefined ? [] : [[limit, derivedUuid(taker, 'decision', 0)] as const];
    }),
  );
  const decisions = await readDecisions(tx, [...new Set(decisionOf.values())]);
  return limits.map((limit, at) => {
    if (terms[at]?.isFixed) return terms[at].capOn({});
    const facts = decisions.get(decisionOf.get(limit) ?? '')?.facts;
    return facts && terms[at]?.capOn(facts);
  });
}

type Query = {
  readonly limit_id?: string;
  readonly key?: string;
  readonly limit?: number;
  readonly after?: string;
};

function positionIn(cursor: string): string {
  const position = Buffer.from(cursor, 'base64url').toString();
  if (!position.includes('\n')) refuseField('/after', 'is no `next` of a page of limits');
  return position;
}
