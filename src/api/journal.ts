// The journal over HTTP: what was posted, newest first, and what an account has lived through.
import { type Instant, internalId, refuseField, type Tx, type Uuid } from '#core';
import { listEntries, listJournal, listOpenHolds, moneySchemas as s, readStatement } from '#money';
import { readPaymentsOf } from '#payments';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { idParams, limitQuery, type Parts, read, uuidOf } from './routes.ts';
import * as v from './views.ts';
import { instantIn } from './write.ts';

const span = { from: Type.Optional(s.instant), to: Type.Optional(s.instant) };
const afterVersion = Type.Optional(
  Type.Integer({ minimum: 0, description: 'The version last seen.' }),
);

type SpanQuery = { readonly from?: string; readonly to?: string };
type PageQuery<After> = { readonly limit?: number; readonly after?: After };

export function journalRoutes(app: FastifyInstance, parts: Parts): void {
  transfersRoute(app, parts);
  entriesRoute(app, parts);
  statementRoute(app, parts);
  openHoldsRoute(app, parts);
}

function spanOf({ from, to }: SpanQuery): {
  readonly from: Instant | undefined;
  readonly to: Instant | undefined;
} {
  const instants = { from: instantIn(from, '/from'), to: instantIn(to, '/to') };
  if (instants.from !== undefined && instants.to !== undefined && instants.to <= instants.from) {
    refuseField('/to', 'must lie after `from`');
  }
  return instants;
}

const commandId = Type.String({ pattern: '^cmd_[0-9a-hjkmnp-tv-z]{26}$' });
function transfersRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/transfers',
    {
      schema: {
        tags: ['transfers'],
        summary: 'The journal: list transfers, newest first',
        description:
          '`from` and `to` are half-open: of all accounts by the receipt of the command, of one ' +
          'account by when it was recorded. A page that is short, or even empty, has looked at ' +
          'thousands: `next` goes on from there until it is null.',
        querystring: Type.Object({
          account_id: Type.Optional(s.accountId),
          command_id: Type.Optional(commandId),
          kind: Type.Optional(v.transfer.properties.kind),
          currency: Type.Optional(s.currency),
          ...span,
          limit: limitQuery,
          after: Type.Optional(s.transferId),
        }),
        response: { 200: v.page(v.line), ...v.problems },
      },
    },
    async (request) => {
      const query = request.query as SpanQuery &
        PageQuery<string> & {
          account_id?: string;
          command_id?: string;
          kind?: string;
          currency?: string;
        };
      const { limit = 50, after, account_id, command_id, kind, currency } = query;
      const wanted = {
        ...{ limit, kind, currency, ...spanOf(query) },
        after: after && internalId('transfer', after),
        accountId: account_id && internalId('account', account_id),
        commandId: command_id && internalId('command', command_id),
      };
      return read(parts, request, async (tx) => {
        const page = await listJournal(tx, wanted);
        return { ...page, items: await withPayments(tx, page.items) };
      });
    },
  );
}

type Moved = { readonly id: string; readonly hold_id?: string | null };

/**
 * Transfers or holds, each with the payment of which it is a part: what becomes of a hold belongs
 * to the payment that has placed it.
 */
export async function withPayments<Of extends Moved>(
  tx: Tx,
  moved: readonly Of[],
): Promise<(Of & { readonly payment_id: string | null })[]> {
  const begun = moved.map(({ id, hold_id }) => movementIn(hold_id ?? id));
  const payments = await readPaymentsOf(tx, begun);
  return moved.map((each, at) => ({ ...each, payment_id: payments.get(begun[at] ?? '') ?? null }));
}

/** A hold has the id of the transfer that has placed it. */
function movementIn(id: string): Uuid {
  return (internalId('transfer', id) ?? internalId('hold', id)) as Uuid;
}

function entriesRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/accounts/:id/entries',
    {
      schema: {
        tags: ['accounts'],
        summary: 'The entries of an account, each with the balances after it',
        description: 'Oldest first, or with `order=desc` newest first; `from` and `to` half-open.',
        params: idParams(s.accountId),
        querystring: Type.Object({
          order: Type.Optional(v.words(['asc', 'desc'])),
          ...span,
          limit: limitQuery,
          after: afterVersion,
        }),
        response: { 200: v.page(v.entry), ...v.problems },
      },
    },
    async (request) => {
      const query = request.query as SpanQuery & PageQuery<number> & { order?: 'asc' | 'desc' };
      const { limit = 50, after, order } = query;
      const wanted = { limit, after, order, ...spanOf(query) };
      const accountId = uuidOf(request, 'account');
      return read(parts, request, (tx) => listEntries(tx, { accountId, ...wanted }));
    },
  );
}

const minor = Type.Integer({ description: 'Minor units.' });
const stated = Type.Object({ as_of: s.instant, booked: minor, pending: minor, available: minor });
const statement = Type.Object({
  account_id: s.accountId,
  currency: s.currency,
  opening: stated,
  closing: stated,
  debits: Type.Integer({ description: 'Minor units that were posted in the span.' }),
  credits: Type.Integer({ description: 'Minor units that were posted in the span.' }),
  entries: Type.Integer({ description: 'How many there are, on all pages.' }),
  ...v.page(v.entry).properties,
});

function statementRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/accounts/:id/statement',
    {
      schema: {
        tags: ['accounts'],
        summary: 'Opening balance, what was posted, closing balance, and the entries between',
        description:
          'From `from` to before `to`, by when it was recorded; without `to`, until now. The ' +
          'balances are those as of just before either instant; opening and sums give closing.',
        params: idParams(s.accountId),
        querystring: Type.Object({
          from: s.instant,
          to: span.to,
          limit: limitQuery,
          after: afterVersion,
        }),
        response: { 200: statement, ...v.problems },
      },
    },
    async (request) => {
      const query = request.query as SpanQuery & PageQuery<number>;
      const { from = 0, to } = spanOf(query);
      const now = parts.planes.clock.now();
      if (from > now) refuseField('/from', 'lies in the future');
      // What nobody has recorded yet belongs to no statement.
      const wanted = { from, to: to !== undefined && to > now ? undefined : to, now };
      const { limit = 50, after } = query;
      const accountId = uuidOf(request, 'account');
      return read(parts, request, (tx) =>
        readStatement(tx, { accountId, limit, after, ...wanted }),
      );
    },
  );
}

function openHoldsRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/accounts/:id/holds',
    {
      schema: {
        tags: ['holds'],
        summary: 'The open holds on an account, on either side; what expires first comes first',
        params: idParams(s.accountId),
        querystring: Type.Object({ limit: limitQuery, after: Type.Optional(s.holdId) }),
        response: { 200: v.page(v.hold), ...v.problems },
      },
    },
    async (request) => {
      const { limit = 50, after } = request.query as PageQuery<string>;
      const wanted = {
        accountId: uuidOf(request, 'account'),
        now: parts.planes.clock.now(),
        limit,
        after: after && internalId('hold', after),
      };
      return read(parts, request, (tx) => listOpenHolds(tx, wanted));
    },
  );
}
