// A tenant's settings over HTTP: units, the closed period, the business calendar.
import { dateIn, isoCurrencies, type Json, type Tx, type Unit, withTx } from '#core';
import { businessDayFrom, moneySchemas as s } from '#money';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { type Parts, sendRejection } from './routes.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { idempotencyKeyOf, written } from './write.ts';

export function settingsRoutes(app: FastifyInstance, parts: Parts): void {
  const { writer } = parts;
  const setting = (path: string, operation: string, summary: string, body: Type.TSchema) =>
    app.post(
      path,
      {
        schema: {
          tags: ['administration'],
          summary,
          headers: idempotencyHeaders,
          body,
          response: { 200: body, 201: body, ...problems },
        },
      },
      async (request, reply) => {
        const executed = await writer.one(request, 'admin', {
          operation,
          body: request.body as Json,
          idempotencyKey: idempotencyKeyOf(request),
        });
        if (executed.outcome.status === 'rejected') {
          return sendRejection(parts, request, reply, { executed, scope: 'admin' });
        }
        written(reply, executed.replayed);
        return request.body;
      },
    );
  setting('/v1/units', 'unit.register', 'Register a unit beside ISO 4217', s.unitBody);
  setting('/v1/periods', 'period.close', 'Close the books through a day', s.periodBody);
  setting('/v1/calendar', 'calendar.set', 'Name holidays', s.holidaysBody);

  unitsRoute(app, parts);
  calendarRoute(app, parts);
}

function unitsRoute(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.get(
    '/v1/units',
    {
      schema: {
        tags: ['administration'],
        summary: 'Every currency and unit, with how many decimals an amount of it has',
        description: 'ISO 4217 and what the tenant has registered: amounts are shown by these.',
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({ code: s.currency, exponent: Type.Integer(), name: Type.String() }),
            ),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      // Whoever sees any amount needs them.
      const { tenant } = (await authenticate.whoever(request)).principal;
      const own = await withTx(planes.database.pool('read'), ownUnits, { tenant, readOnly: true });
      return { items: [...own, ...isoCurrencies] };
    },
  );
}

function calendarRoute(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.get(
    '/v1/calendar',
    {
      schema: {
        tags: ['administration'],
        summary: 'The business day of today, the closed period and the holidays ahead',
        response: {
          200: Type.Object({
            time_zone: Type.String(),
            today: s.date,
            business_day: s.date,
            closed_through: Type.Union([s.date, Type.Null()]),
            holidays: Type.Array(Type.Object({ date: s.date, name: Type.String() })),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { principal } = await authenticate.fresh(request, 'ledger:read');
      return withTx(planes.database.pool('read'), (tx) => calendar(tx, planes.clock.now()), {
        tenant: principal.tenant,
      });
    },
  );
}

/** They are registered one by one, by people. */
const ownUnitsMax = 1_000;

async function ownUnits(tx: Tx): Promise<readonly Unit[]> {
  const { rows } = await tx.query<Unit>(
    `select code, exponent, name from money.unit order by code limit ${ownUnitsMax}`,
  );
  return rows;
}

async function calendar(tx: Tx, now: number) {
  const { rows } = await tx.query<{ time_zone: string; closed_through: string | null }>(
    `select t.time_zone, p.closed_through::text from core.tenant t
       left join money.period p using (tenant_id)`,
  );
  const { time_zone = 'UTC', closed_through = null } = rows[0] ?? {};
  const today = dateIn(now, time_zone);
  const holidays = await tx.query<{ date: string; name: string }>(
    'select date::text, name from money.holiday where date >= $1 order by date limit 400',
    [today],
  );
  const days = new Set(holidays.rows.map(({ date }) => date));
  return {
    time_zone,
    today,
    business_day: businessDayFrom(today, days),
    closed_through,
    holidays: holidays.rows,
  };
}
