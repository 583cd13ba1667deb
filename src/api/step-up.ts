// Step-up over HTTP: what a payer is asked to agree to, and the proof that he does.
import { Fault, internalId, refuseField, type Tx } from '#core';
import { readHold } from '#money';
import { readChain, readPayment, resumePayment } from '#payments';
import {
  type AttemptBody,
  type AttemptRequest,
  type Authenticator,
  type Challenge,
  expectAuthenticator,
  isSignedBy,
  readAttempt,
  readChallenge,
  refuseState,
  stepUpSchemas as s,
  totpSecret,
} from '#policy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Right } from './authenticate.ts';
import { firstBody } from './authenticators.ts';
import { standing } from './payment-path.ts';
import { change, idOf, idParams, type Parts, read } from './routes.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { idempotencyKeyOf } from './write.ts';

const tags = ['payments'];
const scope = 'payments:write';
const path = '/v1/payments/:id/step-up';
const params = idParams(Type.String({ pattern: '^pay_[0-9a-hjkmnp-tv-z]{26}$' }));

/** What came of the attempt, and of the payment by it. */
const attempted = Type.Interface([s.attemptView], { payment: standing });

export function stepUpRoutes(app: FastifyInstance, parts: Parts): void {
  attemptRoute(app, parts);
  challengeRoute(app, parts);
}

function attemptRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    path,
    {
      schema: {
        tags,
        summary: 'Prove that the payer is there and agrees to this payment',
        description:
          'A wrong proof is answered with the attempts that are left. Each attempt needs an ' +
          'Idempotency-Key of its own.',
        headers: idempotencyHeaders,
        params,
        body: s.attemptBody,
        response: { 200: attempted, 201: attempted, ...problems },
      },
    },
    async (request, reply) => {
      const payment = idOf(request);
      const body = request.body as AttemptRequest;
      const answer = await attemptStepUp(parts, request, reply, { payment, right: scope, body });
      if (reply.sent || !answer || typeof answer.status !== 'string') return answer;
      const after = await read(parts, request, (tx) => readPayment(tx, payment), scope);
      return { ...answer, payment: after.payment };
    },
  );
}

type AskedAttempt = {
  readonly payment: string;
  readonly right: Right;
  readonly body: AttemptRequest;
  /** That of the header, unless given. */
  readonly idempotencyKey?: string;
};

/** Tries a proof; where it is right, the payment has gone on when this answers. */
export async function attemptStepUp(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  { payment, right, body: asked, idempotencyKey = idempotencyKeyOf(request) }: AskedAttempt,
) {
  const operation = 'step_up.attempt';
  const { principal } = await parts.authenticate.remembered(request, right);
  const { tenant } = principal;
  const repeated = { right, operation, idempotencyKey };
  const first = await firstBody<AttemptBody>(parts, request, repeated);
  const now = parts.planes.clock.now();
  const look = async (tx: Tx) => {
    const challenge = await expectChallenge(tx, payment, now);
    if (!first) await expectReserved(tx, payment, now);
    const authenticator = await expectAuthenticator(tx, asked.authenticator_id);
    return { challenge, authenticator };
  };
  const found = await read(parts, request, look, right);
  const proven = prove(parts, { ...found, asked, tenant });
  // A code is right for a minute; a call that is repeated later asks about the first time.
  const body = first && isSame(first, proven) ? first : proven;
  const answer = await change(parts, request, reply, {
    ...{ scope: right, operation, body, idempotencyKey },
    tell: (tx, command) => readAttempt(tx, { payment, command }),
  });
  const isTold = !reply.sent && answer && typeof answer.status === 'string';
  if (isTold && answer.status === 'succeeded') {
    await goOn(parts, { tenant, id: payment, cause: found.challenge.id });
  }
  return answer;
}

/** At once, for whoever waits; where that fails, the background makes up for it. */
async function goOn(
  { planes }: Parts,
  proven: { readonly tenant: string; readonly id: string; readonly cause: string },
): Promise<void> {
  const pool = planes.database.pool('read');
  await resumePayment({ pool, execute: planes.execute }, proven).catch(() => undefined);
}

async function expectChallenge(tx: Tx, payment: string, at: number) {
  const challenge = await readChallenge(tx, payment, at);
  if (challenge) return challenge;
  throw new Fault('not_found', `there is no payment ${payment} that asks its payer`);
}

/** Of a payment that was cancelled or goes on already, nobody is asked to agree to anything. */
async function expectReserved(tx: Tx, payment: string, now: number): Promise<void> {
  const [hold = ''] = (await readChain(tx, payment))?.holds ?? [];
  const id = internalId('hold', hold);
  const status = id === undefined ? 'released' : (await readHold(tx, id, now))?.status;
  if (status === 'open' || status === 'expired') return;
  refuseState('not_waiting', `the payment ${payment} does not wait for its payer`);
}

type Asked = {
  readonly challenge: Challenge;
  readonly authenticator: Authenticator;
  readonly asked: AttemptRequest;
  readonly tenant: string;
};

/** What is asked, with what it proves. Whether that counts is judged where attempts are counted. */
function prove({ planes }: Parts, { challenge, authenticator, asked, tenant }: Asked): AttemptBody {
  const { authenticator_id, code, signature } = asked;
  const { id, kind: method, key_id, public_key } = authenticator;
  const attempt = { payment_id: challenge.payment_id, authenticator_id, method };
  if (public_key !== null) {
    if (signature === undefined || code !== undefined) refuseMethod('/signature');
    const proven = isSignedBy(public_key, challenge.text_to_sign, signature);
    return { ...attempt, proof: signature, proven, totp_step: null };
  }
  if (code === undefined || signature !== undefined) refuseMethod('/code');
  const secret = totpSecret(planes.keyring.totpKeys, { tenant, id, keyId: key_id ?? '' });
  const totp_step = secret.stepOf(code, planes.clock.now());
  return { ...attempt, proof: secret.digestOf(code), proven: totp_step !== null, totp_step };
}

function refuseMethod(pointer: string): never {
  refuseField(pointer, 'and nothing else is what this authenticator gives');
}

function isSame(first: AttemptBody, again: AttemptBody): boolean {
  const { payment_id, authenticator_id, proof } = again;
  return (
    first.payment_id === payment_id &&
    first.authenticator_id === authenticator_id &&
    first.proof === proof
  );
}

function challengeRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    path,
    {
      schema: {
        tags,
        summary: 'What the payer is asked to agree to, and how that stands',
        params,
        response: { 200: s.challengeView, ...problems },
      },
    },
    (request) => {
      const now = parts.planes.clock.now();
      const find = (tx: Tx) => readChallenge(tx, idOf(request), now);
      return read(parts, request, find, 'payments:read');
    },
  );
}
