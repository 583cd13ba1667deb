// The register over HTTP: parties, how they are reached, and their accounts.
import { closed, Fault, type Json, nullable, plainText, type Tx } from '#core';
import {
  contactClasses,
  contactForms,
  type ContactPoint,
  contactSchemas,
  holdingSchemas,
  listAccountsOfParty,
  listParties,
  type Party,
  partyIdOf,
  partySchemas as s,
  partyView,
  readContactPoints,
  readParty,
  readPartyScreening,
  tokensOf,
  type Values,
} from '#cores';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { shown, visibleValues } from './personal.ts';
import { change, idOf, idParams, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';
import { checkOpaque, idempotencyKeyOf } from './write.ts';

const tags = ['register'];
const name = plainText({ minLength: 1, maxLength: 200 });
const personal = { name, date_of_birth: Type.Optional(s.date) };
const { country, ...rest } = s.open;
const open = Type.Partial(Type.Object(rest)).properties;

const registerBody = Type.Object(
  { kind: s.kind, ...personal, country, ...open, since: Type.Optional(s.date) },
  closed,
);
const changeBody = Type.Object(
  {
    ...Type.Partial(Type.Object({ ...personal, ...s.open })).properties,
    merchant_category: Type.Optional(nullable(s.open.merchant_category)),
    household: Type.Optional(nullable(s.open.household)),
  },
  { ...closed, minProperties: 1, description: 'Null says that there is none any more.' },
);
type RegisterBody = Type.Static<typeof registerBody>;
type ChangeBody = Type.Static<typeof changeBody>;

const wholeParty = Type.Object({
  ...partyView.properties,
  screening: nullable(
    Type.Object({ screening_id: Type.String(), status: Type.Enum(['screened', 'unscreenable']) }),
  ),
  visible: Type.Object({ name: shown, date_of_birth: shown }),
});

export function registerRoutes(app: FastifyInstance, parts: Parts): void {
  writeRoutes(app, parts);
  readRoutes(app, parts);
  contactRoutes(app, parts);
}

function writeRoutes(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/parties',
    {
      schema: {
        tags,
        summary: 'Register a person or an organisation',
        description:
          'Name and date of birth go to the vault; what is recorded has tokens for them. The id ' +
          'is that of the person for consents, screenings and erasure, too.',
        headers: idempotencyHeaders,
        body: registerBody,
        response: { 200: partyView, 201: partyView, ...problems },
      },
    },
    async (request, reply) => {
      const { principal } = await parts.authenticate.fresh(request, 'register:write');
      const party = partyIdOf(principal.tenant, idempotencyKeyOf(request));
      const { name: _name, date_of_birth: _born, ...told } = request.body as RegisterBody;
      return writeParty(parts, request, reply, { operation: 'party.register', party, told });
    },
  );
  app.post(
    '/v1/parties/:id/change',
    {
      schema: {
        tags,
        summary: 'Change what is known about a party',
        headers: idempotencyHeaders,
        params: idParams(s.partyId),
        body: changeBody,
        response: { 200: partyView, 201: partyView, ...problems },
      },
    },
    async (request, reply) => {
      const party = idOf(request);
      // Before anything goes into the vault for somebody who is not there.
      await read(parts, request, (tx) => readParty(tx, party), 'register:write');
      const { name: _name, date_of_birth: _born, ...told } = request.body as ChangeBody;
      return writeParty(parts, request, reply, { operation: 'party.change', party, told });
    },
  );
}

async function writeParty(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  write: { operation: string; party: string; told: Readonly<Record<string, Json>> },
): Promise<Party | FastifyReply> {
  const { operation, party, told } = write;
  if (typeof told['household'] === 'string') checkOpaque(told['household'], '/household');
  const { name: called, date_of_birth: born } = request.body as ChangeBody;
  const tokens = await tokenized(parts, request, party, {
    ...(called === undefined ? {} : { name: { class: 'name', value: called } }),
    ...(born === undefined ? {} : { date_of_birth: { class: 'date_of_birth', value: born } }),
  });
  return change(parts, request, reply, {
    ...{ scope: 'register:write', operation, body: { ...told, party_id: party, tokens } },
    tell: (tx) => found(tx, party),
  });
}

/** Whoever may write the register is known by now. */
async function tokenized(
  { planes, authenticate }: Parts,
  request: FastifyRequest,
  party: string,
  values: Values,
) {
  const { principal } = await authenticate.remembered(request, 'register:write');
  const { vault, database } = planes;
  const idempotencyKey = idempotencyKeyOf(request);
  const whose = { tenant: principal.tenant, idempotencyKey, party };
  return tokensOf({ vault, pool: database.pool('policy') }, whose, values);
}

async function found(tx: Tx, id: string): Promise<Party> {
  const party = await readParty(tx, id);
  if (!party) throw new Fault('not_found', `there is no party ${id}`);
  return party;
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/parties',
    {
      schema: {
        tags,
        summary: 'List parties in the order of their registration',
        querystring: pageQuery,
        response: { 200: page(partyView), ...problems },
      },
    },
    (request) => read(parts, request, (tx) => listParties(tx, pageOf(request)), 'register:read'),
  );
  app.get(
    '/v1/parties/:id',
    {
      schema: {
        tags,
        summary: 'Read a party',
        description:
          'What is personal is shown as far as the roles of the caller allow for the purpose ' +
          'that the header Purpose names.',
        params: idParams(s.partyId),
        response: { 200: wholeParty, ...problems },
      },
    },
    async (request) => {
      const id = idOf(request);
      const { party, screening } = await read(
        parts,
        request,
        async (tx) => ({ party: await found(tx, id), screening: await readPartyScreening(tx, id) }),
        'register:read',
      );
      const values = [
        { class: 'name', token: party.name_token },
        { class: 'date_of_birth', token: party.date_of_birth_token },
      ] as const;
      const asked = { scope: 'register:read', customer: id } as const;
      const [called = null, born = null] = await visibleValues(parts, request, asked, values);
      return { ...party, screening, visible: { name: called, date_of_birth: born } };
    },
  );
  app.get(
    '/v1/parties/:id/accounts',
    {
      schema: {
        tags,
        summary: 'List the accounts of a party, with their products and holders',
        params: idParams(s.partyId),
        querystring: pageQuery,
        response: { 200: page(holdingSchemas.accountView), ...problems },
      },
    },
    async (request) => {
      const party = idOf(request);
      const of = { party, ...pageOf(request) };
      return read(
        parts,
        request,
        async (tx) => (await readParty(tx, party)) && listAccountsOfParty(tx, of),
        'register:read',
      );
    },
  );
}

function pageOf(request: FastifyRequest): { limit: number; after?: string } {
  const { limit = 50, after } = request.query as { limit?: number; after?: string };
  return { limit, ...(after === undefined ? {} : { after }) };
}

// Contact points ----------------------------------------------------------------------------------

const contactBody = Type.Object(
  {
    ...contactSchemas,
    value: nullable(
      plainText({ minLength: 3, maxLength: 400, description: 'Null removes the contact point.' }),
    ),
  },
  closed,
);
const contactView = Type.Object({
  ...contactSchemas,
  value_token: Type.String(),
  visible: shown,
});

function contactRoutes(app: FastifyInstance, parts: Parts): void {
  const path = '/v1/parties/:id/contacts';
  const contacts = Type.Object({ items: Type.Array(contactView) });
  app.post(
    path,
    {
      schema: {
        tags,
        summary: 'Set or remove how a party is reached, for one kind and usage',
        headers: idempotencyHeaders,
        params: idParams(s.partyId),
        body: contactBody,
        response: { 200: contacts, 201: contacts, ...problems },
      },
    },
    async (request, reply) => {
      const party_id = idOf(request);
      const { kind, usage, value } = request.body as Type.Static<typeof contactBody>;
      await read(parts, request, (tx) => readParty(tx, party_id), 'register:write');
      if (value !== null && !hasForm(kind, value)) {
        throw invalidContact(kind);
      }
      const given = value === null ? {} : { value: { class: contactClasses[kind], value } };
      const tokens = await tokenized(parts, request, party_id, given);
      const done = await change(parts, request, reply, {
        ...{ scope: 'register:write', operation: 'contact.set' },
        body: { party_id, kind, usage, tokens },
        tell: (tx) => readContactPoints(tx, party_id),
      });
      return Array.isArray(done) ? contactsOf(parts, request, 'register:write', done) : done;
    },
  );
  app.get(
    path,
    {
      schema: {
        tags,
        summary: 'How a party is reached',
        params: idParams(s.partyId),
        response: { 200: contacts, ...problems },
      },
    },
    async (request) => {
      const id = idOf(request);
      const points = await read(
        parts,
        request,
        async (tx) => (await readParty(tx, id)) && readContactPoints(tx, id),
        'register:read',
      );
      return contactsOf(parts, request, 'register:read', points);
    },
  );
}

function hasForm(kind: ContactPoint['kind'], value: string): boolean {
  return new RegExp(`^(?:${contactForms[kind]})$`, 'u').test(value);
}

/** The value itself is in no message. */
function invalidContact(kind: ContactPoint['kind']): Fault {
  const errors = [{ pointer: '/value', detail: `does not look like a value of kind ${kind}` }];
  return new Fault('invalid_request', 'the request does not fit its schema', {
    detail: { errors },
  });
}

async function contactsOf(
  parts: Parts,
  request: FastifyRequest,
  scope: 'register:read' | 'register:write',
  points: readonly ContactPoint[],
) {
  const asked = points.map((each) => ({
    class: contactClasses[each.kind],
    token: each.value_token,
  }));
  const whose = { scope, customer: idOf(request) };
  const values = await visibleValues(parts, request, whose, asked);
  return { items: points.map((each, at) => ({ ...each, visible: values[at] ?? null })) };
}
