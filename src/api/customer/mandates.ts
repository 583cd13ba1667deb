// What agents may pay for a customer without asking him each time: he says so himself, and ends it.
import { Fault, nullable, refuseField, type Tx } from '#core';
import {
  type GiveBody,
  type GiveRequest,
  listMandates,
  mandateOf,
  mandateSchemas,
  mandateText,
  readMandate,
  readMandateRefusal,
} from '#gateway';
import { isSignedBy, type Proof, readAuthenticator, totpSecret } from '#policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { ResourceRight } from '../authenticate.ts';
import { firstBody } from '../authenticators.ts';
import { mandateView, mandateViewOf } from '../mandates.ts';
import { homeCurrency } from '../proposals.ts';
import { change, idOf, idParams, limitQuery, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, problems } from '../views.ts';
import { checkInstant, idempotencyKeyOf } from '../write.ts';
import { type Mine, own, ownKey, readOwn } from './own.ts';

const tags = ['customer'];
const path = '/v1/customer/mandates';
const page = Type.Object({ items: Type.Array(mandateView), next: nullable(Type.String()) });
const query = Type.Object({ limit: limitQuery, after: Type.Optional(mandateSchemas.id) });

export function customerMandateRoutes(app: FastifyInstance, parts: Parts): void {
  const now = () => parts.planes.clock.now();
  app.get(
    path,
    {
      schema: {
        ...{ tags, summary: 'What agents may pay without asking, the newest first' },
        ...{ querystring: query, response: { 200: page, ...problems } },
      },
    },
    async (request) => {
      const { limit = 50, after } = request.query as Type.Static<typeof query>;
      const at = now();
      const { found } = await readOwn(parts, request, own('payment.read'), (tx, { party }) =>
        listMandates(tx, { customer: party, at, limit, after }),
      );
      return { items: found.items.map((each) => mandateViewOf(each, at)), next: found.next };
    },
  );
  giveRoute(app, parts);
  endRoute(app, parts);
}

function giveRoute(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.post(
    path,
    {
      schema: {
        ...{ tags, summary: 'Let an agent pay within bounds, without asking each time' },
        description: 'Payments beyond them, or to a payee that is new, are asked about as ever.',
        ...{ headers: idempotencyHeaders, body: mandateSchemas.giveBody },
        response: { 200: mandateView, 201: mandateView, ...problems },
      },
    },
    async (request, reply) => {
      const asked = request.body as GiveRequest;
      checkInstant(asked.valid_until, '/valid_until');
      const right = own('payment.confirm');
      const { mine } = await readOwn(parts, request, right, async () => true);
      const idempotencyKey = ownKey(request, mine);
      const home = await homeCurrency(parts.planes, mine.tenant, clock.now());
      if (asked.currency !== home) refuseField('/currency', 'is not the currency of the bank');
      return change(parts, request, reply, {
        ...{ scope: right, operation: 'mandate.give', idempotencyKey },
        body: await proven(parts, request, { mine, asked, right, idempotencyKey }),
        async tell(tx, command) {
          const id = mandateOf(command);
          const reason = await readMandateRefusal(tx, id);
          if (reason === undefined) return tell(tx, mine, { id, at: clock.now() });
          throw new Fault('denied', 'prove that it is you, with an authenticator of yours', {
            detail: { reason },
          });
        },
      });
    },
  );
}

type Giving = {
  readonly mine: Mine;
  readonly asked: GiveRequest;
  readonly right: ResourceRight;
  readonly idempotencyKey: string;
};

/** With what the proof proves; whether that is enough is judged where attempts are counted. */
async function proven(
  parts: Parts,
  request: FastifyRequest,
  { mine: { party, tenant }, asked, right, idempotencyKey }: Giving,
): Promise<GiveBody> {
  const { proof: given, ...rest } = asked;
  const body = { ...rest, customer: party };
  if (given === undefined) return body;
  const { authenticator_id, code = '', signature = '' } = given;
  const look = (tx: Tx) => readAuthenticator(tx, authenticator_id);
  const found = await read(parts, request, look, right);
  const { id, kind: method, key_id, public_key } = found;
  const { planes } = parts;
  const told = { authenticator_id, method };
  if (public_key !== null) {
    const isRight = isSignedBy(
      public_key,
      mandateText(asked, idempotencyKeyOf(request)),
      signature,
    );
    return { ...body, proof: { ...told, proof: signature, proven: isRight, totp_step: null } };
  }
  const secret = totpSecret(planes.keyring.totpKeys, { tenant, id, keyId: key_id ?? '' });
  const digest = secret.digestOf(code);
  // A code is right for a minute; a call that is repeated later asks about the first time.
  const operation = 'mandate.give';
  const first = await firstBody<GiveBody>(parts, request, { right, operation, idempotencyKey });
  const isSame = first?.proof?.proof === digest;
  const step = isSame ? first.proof.totp_step : secret.stepOf(code, planes.clock.now());
  const proof: Proof = { ...told, proof: digest, proven: step !== null, totp_step: step };
  return { ...body, proof };
}

function endRoute(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.post(
    `${path}/:id/end`,
    {
      schema: {
        ...{ tags, summary: 'End a mandate, at once', headers: idempotencyHeaders },
        ...{ params: idParams(mandateSchemas.id), body: mandateSchemas.endBody },
        response: { 200: mandateView, 201: mandateView, ...problems },
      },
    },
    async (request, reply) => {
      const right = own('payment.cancel');
      const find = (tx: Tx, me: Mine) => tell(tx, me, of(request));
      const { mine } = await readOwn(parts, request, right, find);
      return change(parts, request, reply, {
        ...{ scope: right, operation: 'mandate.end', idempotencyKey: ownKey(request, mine) },
        body: { mandate_id: idOf(request), customer: mine.party },
        tell: (tx) => find(tx, mine),
      });
    },
  );
  const of = (request: FastifyRequest) => ({ id: idOf(request), at: clock.now() });
}

/** What is another customer's does not exist for this one. */
async function tell(tx: Tx, { party }: Mine, of: { readonly id: string; readonly at: number }) {
  const found = await readMandate(tx, of);
  return found?.customer === party ? mandateViewOf(found, of.at) : undefined;
}
