// Members over HTTP: who they are, how they stand, their lots and entries; points by hand.
import { closed, derivedUuid, externalId, type Json, nullable, refuseField, type Tx } from '#core';
import {
  adjustmentBody,
  type AdjustmentBody,
  adjustmentFor,
  enrolled,
  listEntries,
  listLots,
  listStandings,
  memberSchemas as s,
  programName,
  readMember,
  readProgramInForce,
  readStanding,
  standings,
  tierOfMember,
} from '#loyalty';
import type { JournalBody } from '#money';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { change, limitQuery, type Parts, read, sendRejection } from '../routes.ts';
import { idempotencyHeaders, page, problems } from '../views.ts';
import { checkInstant, checkOpaque, checkTexts, idempotencyKeyOf, written } from '../write.ts';
import { expected } from '../expected.ts';

const tags = ['loyalty'];
const path = '/v1/loyalty/members';
const text = Type.String();
const textOrNull = nullable(text);
const count = Type.Integer({ minimum: 0 });
const instant = Type.String({ format: 'date-time' });
const instantOrNull = nullable(instant);
const params = Type.Object({ customer: s.customer });
const inProgram = { program: programName };
const paged = { ...inProgram, limit: limitQuery };

const balances = {
  active: count,
  pending: count,
  owed: Type.Integer({ minimum: 0, description: 'Paid by what is earned next.' }),
  balance: Type.Integer({ description: 'Active less what is owed.' }),
  lifetime_earned: Type.Integer({ description: 'Given, and not taken back.' }),
};
const listed = Type.Object({
  ...{ program: text, customer: text, standing: Type.Enum([...standings]) },
  ...balances,
  enrolled_at: instant,
});
const memberView = Type.Object({
  ...listed.properties,
  changed_at: instant,
  spendable: Type.Integer({
    minimum: 0,
    description: 'Active points whose time is not over, less what is owed.',
  }),
  lapsed: Type.Integer({ minimum: 0, description: 'Active, and their time is over already.' }),
  tier: textOrNull,
  tier_progress: nullable(
    Type.Object({
      basis: Type.Enum(['earned_points', 'spend']),
      counted: Type.Integer({ description: 'Points, or minor units of spending, in the period.' }),
      until: instantOrNull,
      next: nullable(Type.Object({ tier: text, threshold: count, missing: count })),
    }),
  ),
  expiring: Type.Array(
    Type.Object({
      month: Type.String({ examples: ['2026-04'] }),
      points: count,
      first_expires_at: instant,
    }),
    { description: 'What runs out next, by months of the programme.' },
  ),
  lifetime_redeemed: Type.Integer(),
  lifetime_expired: Type.Integer(),
  last_earned_at: instantOrNull,
  last_redeemed_at: instantOrNull,
  accounts: Type.Object(
    { active: text, pending: text, owed: textOrNull },
    { description: 'In the ledger.' },
  ),
});
const said = {
  ...{ reason: textOrNull, rules: Type.Array(text), source: textOrNull, campaign: textOrNull },
  ...{ matures_at: instantOrNull, expires_at: instantOrNull },
};
const lotView = Type.Object({
  ...{ lot_id: text, entry: text, ...said, earned_at: instant },
  ...{ points: count, pending: count, active: count },
  used: Type.Record(text, count, {
    description: 'By what has become of it: redeemed, expired, taken_back, settled and so on.',
  }),
});
const ownAccount = nullable(Type.Enum(['active', 'pending', 'owed']));
const entryView = Type.Object({
  ...{ transfer_id: text, recorded_at: instant, effective_at: instant },
  ...{ entry: textOrNull, points: count },
  change: Type.Integer({ description: 'Less than zero for what was taken, zero within.' }),
  ...{ from: ownAccount, to: ownAccount, lot: textOrNull, ...said },
});
const adjusted = Type.Object({
  ...{ program: text, customer: text, points: Type.Integer() },
  transfers: Type.Array(text, { description: 'What is owed is paid by a transfer of its own.' }),
});
const enrolBody = Type.Object({ ...inProgram, customer: s.customer }, closed);
const standingBody = Type.Object({ ...inProgram, ...s.changeBody.properties }, closed);

export function memberRoutes(app: FastifyInstance, parts: Parts): void {
  listRoute(app, parts);
  memberRoute(app, parts);
  lotsRoute(app, parts);
  entriesRoute(app, parts);
  enrolRoute(app, parts);
  standingRoute(app, parts);
  adjustmentRoute(app, parts);
}

function listRoute(app: FastifyInstance, parts: Parts): void {
  const query = Type.Object({ ...paged, after: Type.Optional(s.customer) });
  app.get(
    path,
    {
      schema: {
        ...{ tags, summary: 'List the members of a programme, by their ids', querystring: query },
        response: { 200: page(listed), ...problems },
      },
    },
    (request) => {
      const { program, ...span } = request.query as Type.Static<typeof query>;
      return read(parts, request, (tx) => listStandings(tx, program, span), 'loyalty:read');
    },
  );
}

function memberRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    `${path}/:customer`,
    {
      schema: {
        ...{ tags, summary: 'How a member stands: points, tier, and what runs out next', params },
        querystring: Type.Object(inProgram),
        response: { 200: memberView, ...problems },
      },
    },
    (request) => {
      const { program, customer } = namedIn(request);
      return read(parts, request, (tx) => viewOf(tx, parts, program, customer), 'loyalty:read');
    },
  );
}

function lotsRoute(app: FastifyInstance, parts: Parts): void {
  const query = Type.Object({
    ...paged,
    open: Type.Optional(Type.Boolean({ description: 'Only those with something left.' })),
    after: Type.Optional(Type.String({ pattern: '^[0-9]{1,16}$' })),
  });
  app.get(
    `${path}/:customer/lots`,
    {
      schema: {
        ...{ tags, summary: 'List what a member was given, lot by lot, newest first', params },
        description: 'What is taken without naming a lot is taken of the lot that expires first.',
        querystring: query,
        response: { 200: page(lotView), ...problems },
      },
    },
    (request) => {
      const { program, customer } = namedIn(request);
      const { program: _, ...span } = request.query as Type.Static<typeof query>;
      const at = parts.planes.clock.now();
      const look = async (tx: Tx) => {
        await expectMember(tx, program, customer);
        return listLots(tx, { program, customer }, { ...span, at });
      };
      return read(parts, request, look, 'loyalty:read');
    },
  );
}

function entriesRoute(app: FastifyInstance, parts: Parts): void {
  const query = Type.Object({ ...paged, after: Type.Optional(Type.String({ maxLength: 60 })) });
  app.get(
    `${path}/:customer/entries`,
    {
      schema: {
        ...{
          tags,
          summary: 'List what has moved on the accounts of a member, newest first',
          params,
        },
        querystring: query,
        response: { 200: page(entryView), ...problems },
      },
    },
    (request) => {
      const { program, customer } = namedIn(request);
      const { program: _, ...span } = request.query as Type.Static<typeof query>;
      const look = async (tx: Tx) => {
        const member = await expectMember(tx, program, customer);
        const found = await listEntries(tx, member, span);
        return found ?? refuseField('/after', 'is no `next` of entries');
      };
      return read(parts, request, look, 'loyalty:read');
    },
  );
}

function enrolRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    path,
    {
      schema: {
        ...{ tags, summary: 'Make a customer a member of a programme' },
        description: 'Who is one already stays one. Whoever earns points becomes one as well.',
        headers: idempotencyHeaders,
        body: enrolBody,
        response: { 200: memberView, ...problems },
      },
    },
    async (request) => {
      const { program, customer } = request.body as Type.Static<typeof enrolBody>;
      idempotencyKeyOf(request);
      checkOpaque(customer, '/customer');
      const { principal } = await parts.authenticate.fresh(request, 'loyalty:write');
      await enrolled(parts.planes, { tenant: principal.tenant, program, customer });
      return read(parts, request, (tx) => viewOf(tx, parts, program, customer), 'loyalty:write');
    },
  );
}

function standingRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    `${path}/:customer/standing`,
    {
      schema: {
        ...{ tags, summary: 'Suspend a membership, restore it, or close it for good', params },
        headers: idempotencyHeaders,
        body: standingBody,
        response: { 200: memberView, 201: memberView, ...problems },
      },
    },
    (request, reply) => {
      const { customer } = request.params as Type.Static<typeof params>;
      const body = request.body as Type.Static<typeof standingBody>;
      checkTexts(body);
      return change(parts, request, reply, {
        ...{ scope: 'loyalty:write', operation: 'loyalty.member.change' },
        body: { ...body, customer } as Json,
        tell: (tx) => viewOf(tx, parts, body.program, customer),
      });
    },
  );
}

function adjustmentRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    `${path}/:customer/adjustments`,
    {
      schema: {
        ...{ tags, summary: 'Give a member points by hand, or take some', params },
        description:
          'Policy decides. More than 10,000 points answer `policy_review` with the `approval` to ' +
          'ask for: when another person has approved it (above 50,000 a marketing manager), send ' +
          'the same again with the id of the approval as Idempotency-Key.',
        headers: idempotencyHeaders,
        body: adjustmentBody,
        response: { 200: adjusted, 201: adjusted, ...problems },
      },
    },
    async (request, reply) => {
      const { customer } = request.params as Type.Static<typeof params>;
      const body = request.body as AdjustmentBody;
      checkTexts(body);
      checkInstant(body.expires_at ?? undefined, '/expires_at');
      const scope = 'loyalty:write';
      const { principal } = await parts.authenticate.remembered(request, scope);
      const key = idempotencyKeyOf(request);
      const { planes } = parts;
      const asked = { ...body, customer, by: principal, key, at: planes.clock.now() };
      const command = await adjustmentFor(planes, principal.tenant, asked);
      const { operation, body: sent } = command;
      const write = { operation, body: sent, idempotencyKey: key };
      const executed = await parts.writer.one(request, scope, write);
      if (executed.outcome.status === 'rejected') {
        return sendRejection(parts, request, reply, { executed, scope });
      }
      written(reply, executed.replayed);
      const transfers = (sent as unknown as JournalBody).legs.map((_, leg) =>
        externalId('transfer', derivedUuid(executed.commandId, 'transfer', leg)),
      );
      return { program: body.program, customer, points: body.points, transfers };
    },
  );
}

function namedIn(request: FastifyRequest): { readonly program: string; readonly customer: string } {
  const { customer } = request.params as Type.Static<typeof params>;
  const { program } = request.query as { program: string };
  return { program, customer };
}

async function expectMember(tx: Tx, program: string, customer: string) {
  const found = await readMember(tx, program, customer);
  return expected(found, `member ${customer} of the programme ${program}`);
}

async function viewOf(tx: Tx, { planes }: Parts, program: string, customer: string) {
  const member = await expectMember(tx, program, customer);
  const at = planes.clock.now();
  const ruled = await readProgramInForce(tx, program, at);
  const timeZone = ruled ? { timeZone: ruled.time_zone } : {};
  const stands = await readStanding(tx, program, customer, { at, ...timeZone });
  const found = ruled ? await tierOfMember(tx, { member, ruled }, at) : null;
  const { tier = null, title: _title, benefits: _benefits, ...progress } = found ?? {};
  return { ...stands, ...member, tier, tier_progress: found && progress };
}
