// A customer's own payments: ordered by the path that every payment takes, confirmed, cancelled.
import { closed, externalId, Fault, type Json, plainText, refuseField, type Tx } from '#core';
import { hasPaidFrom, moneySchemas as s } from '#money';
import {
  cancellation,
  type Chain,
  expectState,
  initiation,
  type OrderBody,
  type PaymentBody,
  readPayment,
} from '#payments';
import {
  type AttemptRequest,
  listAuthenticators,
  readChallenge,
  expectAuthenticator,
  authenticatorSchemas,
  stepUpSchemas,
} from '#policy';
import type { Executed } from '#main';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { ResourceRight } from '../authenticate.ts';
import { firstBody } from '../authenticators.ts';
import { paymentParams } from '../payments.ts';
import { idOf, type Parts, read, sendRejection } from '../routes.ts';
import { attemptStepUp } from '../step-up.ts';
import { idempotencyHeaders, problems } from '../views.ts';
import { checkOpaque, written } from '../write.ts';
import { heldAccount, type Mine, own, ownKey, ownPayment, readOwn } from './own.ts';
import { readLine, tellLines, transactionSchema } from './transactions.ts';

const tags = ['customer'];
const orderOperation = 'payment.initiate';
/** A device that has paid once is known a day later: a cent that is sent first makes none known. */
const knownAfterMs = 86_400_000;
const authenticatorsMax = 10;

const orderBody = Type.Object(
  {
    debtor_account_id: s.accountId,
    creditor_account_id: s.accountId,
    amount: s.amount,
    currency: s.currency,
    text: Type.Optional(
      plainText({ minLength: 1, maxLength: 140, description: 'For the payee to read.' }),
    ),
    device: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9._:-]{16,80}$',
        description: 'What the app has made up for the device on which it runs, by a token.',
      }),
    ),
  },
  closed,
);
type Asked = Type.Static<typeof orderBody>;

const ownAuthenticator = Type.Object({
  id: authenticatorSchemas.id,
  kind: Type.Enum(['totp', 'signature']),
});

export function customerPaymentRoutes(app: FastifyInstance, parts: Parts): void {
  orderRoute(app, parts);
  readRoute(app, parts);
  authenticatorRoute(app, parts);
  challengeRoute(app, parts);
  attemptRoute(app, parts);
  cancelRoute(app, parts);
}

function orderRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/customer/payments',
    {
      schema: {
        tags,
        summary: 'Pay from an account of one’s own',
        description: 'Answered with the transaction as it stands: `next` says what it waits for.',
        headers: idempotencyHeaders,
        body: orderBody,
        response: { 200: transactionSchema, 201: transactionSchema, ...problems },
      },
    },
    async (request, reply) => {
      const asked = request.body as Asked;
      if (asked.device !== undefined) checkOpaque(asked.device, '/device');
      const right = own(orderOperation, asked.debtor_account_id);
      const { mine, found } = await readOwn(parts, request, right, (tx, me) =>
        readCircumstances(parts, tx, me, asked),
      );
      const idempotencyKey = ownKey(request, mine);
      const repeated = { right, operation: orderOperation, idempotencyKey };
      // What held when it was first asked holds for a call that is repeated.
      const first = await firstBody<PaymentBody>(parts, request, repeated);
      const facts = first ? circumstancesOf(first) : found;
      const body = initiation(await orderOf(parts, mine, asked, facts)) as Json;
      const executed = await parts.writer.one(request, right, {
        ...{ operation: orderOperation, body, idempotencyKey },
      });
      written(reply, executed.replayed);
      return tellPayment(parts, request, right, paymentOf(executed));
    },
  );
}

/** What policy looks at and no customer says of himself. */
type Circumstances = { readonly local_hour: number; readonly new_device: boolean };

async function readCircumstances(
  { planes }: Parts,
  tx: Tx,
  mine: Mine,
  { debtor_account_id, device }: Asked,
): Promise<Circumstances> {
  const accountId = await heldAccount(tx, mine, debtor_account_id);
  if (accountId === undefined) refuseField('/debtor_account_id', 'is none of your accounts');
  const now = planes.clock.now();
  const asked = { accountId, device: device ?? '', by: now - knownAfterMs };
  const isKnown = device !== undefined && (await hasPaidFrom(tx, asked));
  const { rows } = await tx.query<{ time_zone: string }>('select time_zone from core.tenant');
  return { local_hour: hourIn(rows[0]?.time_zone ?? 'UTC', now), new_device: !isKnown };
}

function hourIn(timeZone: string, at: number): number {
  const format = new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' });
  return Number(format.format(at));
}

function circumstancesOf({ payment = {} }: PaymentBody): Circumstances {
  const { local_hour, new_device } = payment as Circumstances;
  return { local_hour, new_device };
}

/** The text is for the payee alone: what is kept for ever has a token for it. */
async function orderOf(
  { planes }: Parts,
  { tenant, party }: Mine,
  { text, device, ...asked }: Asked,
  facts: Circumstances,
): Promise<OrderBody> {
  const value = { person: party, class: 'free_text', value: text ?? '' } as const;
  const tokens = text === undefined ? [] : await planes.vault.tokenize(tenant, [value]);
  return {
    ...asked,
    ...{ kind: 'transfer', channel: 'mobile', debtor: party, facts: { ...facts } },
    ...(device === undefined ? {} : { device }),
    ...(tokens[0] === undefined ? {} : { metadata: { remittance: tokens[0] } }),
  };
}

function paymentOf({ commandId }: Executed): string {
  return externalId('payment', commandId);
}

/** How the payment stands, for the customer. */
async function tellPayment(
  parts: Parts,
  request: FastifyRequest,
  right: ResourceRight,
  id: string,
) {
  const { mine, found } = await readOwn(parts, request, right, async (tx) => {
    const payment = await readPayment(tx, id);
    return payment && readLine(tx, payment.payment, payment.chain.first.body.metadata);
  });
  const [line] = await tellLines(parts.planes, mine, found);
  return line;
}

function readRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/customer/payments/:id',
    {
      schema: {
        tags,
        summary: 'How an own payment stands',
        params: paymentParams,
        response: { 200: transactionSchema, ...problems },
      },
    },
    async (request) => {
      const { right } = await ownPayment(parts, request, 'payment.read');
      return tellPayment(parts, request, right, idOf(request));
    },
  );
}

// Step-up -----------------------------------------------------------------------------------------

const stepUpPath = '/v1/customer/payments/:id/step-up';

/** For what is agreed to where no payment waits, such as a mandate. */
function authenticatorRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/customer/authenticators',
    {
      schema: {
        ...{ tags, summary: 'By what the customer can prove that it is he' },
        response: { 200: Type.Object({ items: Type.Array(ownAuthenticator) }), ...problems },
      },
    },
    async (request) => {
      const look = (tx: Tx, mine: Mine) => ownAuthenticators(tx, mine);
      const { found } = await readOwn(parts, request, own('payment.read'), look);
      return { items: found };
    },
  );
}

function challengeRoute(app: FastifyInstance, parts: Parts): void {
  const challenge = Type.Interface([stepUpSchemas.challengeView], {
    authenticators: Type.Array(ownAuthenticator, { description: 'What the customer can use.' }),
  });
  app.get(
    stepUpPath,
    {
      schema: {
        tags,
        summary: 'What there is to agree to, and by which authenticators',
        params: paymentParams,
        response: { 200: challenge, ...problems },
      },
    },
    async (request) => {
      const { mine, right } = await ownPayment(parts, request, 'payment.read');
      const now = parts.planes.clock.now();
      const look = async (tx: Tx) => {
        const found = await readChallenge(tx, idOf(request), now);
        return found && { ...found, authenticators: await ownAuthenticators(tx, mine) };
      };
      return read(parts, request, look, right);
    },
  );
}

async function ownAuthenticators(tx: Tx, { party }: Mine) {
  const { items } = await listAuthenticators(tx, { subject: party, limit: authenticatorsMax });
  const active = items.filter(({ status }) => status === 'active');
  return active.map(({ id, kind }) => ({ id, kind }));
}

function attemptRoute(app: FastifyInstance, parts: Parts): void {
  const attempted = Type.Interface([stepUpSchemas.attemptView], { payment: transactionSchema });
  app.post(
    stepUpPath,
    {
      schema: {
        tags,
        summary: 'Agree to an own payment, by a code or a signature',
        description: 'A wrong proof is answered with the attempts that are left.',
        headers: idempotencyHeaders,
        params: paymentParams,
        body: stepUpSchemas.attemptBody,
        response: { 200: attempted, 201: attempted, ...problems },
      },
    },
    async (request, reply) => {
      const body = request.body as AttemptRequest;
      const { mine, right } = await ownPayment(parts, request, 'payment.confirm');
      await read(parts, request, (tx) => expectOwn(tx, mine, body.authenticator_id), right);
      const answer = await attemptStepUp(parts, request, reply, {
        ...{ payment: idOf(request), right, body, idempotencyKey: ownKey(request, mine) },
      });
      if (reply.sent || !answer || typeof answer.status !== 'string') return answer;
      return { ...answer, payment: await tellPayment(parts, request, right, idOf(request)) };
    },
  );
}

/** Of somebody else's authenticator nothing is told: not even that it is there. */
async function expectOwn(tx: Tx, { party }: Mine, id: string) {
  const found = await expectAuthenticator(tx, id);
  if (found.subject === party) return found;
  throw new Fault('not_found', `there is no authenticator ${id}`);
}

// Cancelling --------------------------------------------------------------------------------------

function cancelRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/customer/payments/:id/cancel',
    {
      schema: {
        tags,
        summary: 'Cancel an own payment that waits',
        headers: idempotencyHeaders,
        params: paymentParams,
        body: Type.Object({}, closed),
        response: { 200: transactionSchema, 201: transactionSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { mine, chain, right } = await ownPayment(parts, request, 'payment.cancel');
      const executed = await parts.writer.one(request, right, {
        ...cancelled(chain),
        idempotencyKey: ownKey(request, mine),
      });
      if (executed.outcome.status === 'rejected') {
        return sendRejection(parts, request, reply, { executed, scope: right });
      }
      written(reply, executed.replayed);
      return tellPayment(parts, request, right, idOf(request));
    },
  );
}

/** What is decided is not called back: an authorization of a card is the shop's to release. */
function cancelled(chain: Chain) {
  expectState(chain, 'waiting', 'cancelled');
  return cancellation(chain, 'by the customer');
}
