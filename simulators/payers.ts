// Customers who are asked to confirm what they pay: each has a phone or a code generator.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert, type Clock, Fault } from '#core';
import { HOTP, URI } from 'otpauth';
import { runInOrder } from './in-order.ts';
import { type Call, type LoadClient, refuseFault } from './load-client.ts';
import type { Confirmation, Operation } from './operation.ts';

export type Payers = {
  /** Gives each of these customers what they prove themselves with; others get it when asked. */
  readonly enrol: (customers: readonly string[]) => Promise<void>;
  /** Does what whoever asks for the payment does. Whether it goes on, the bank says. */
  readonly confirm: (paymentId: string, operation: Operation) => Promise<void>;
};

type Phone = { readonly id: string; readonly kind: 'signature'; readonly key: KeyObject };
type Generator = {
  readonly id: string;
  readonly kind: 'totp';
  readonly secret: HOTP['secret'];
  lastStep: number;
};
type Authenticator = Phone | Generator;
type Asking = { readonly paymentId: string; readonly asked: string };

/** One in so many customers types codes; the others have the bank's app on a phone. */
const totpEvery = 3;
const stepMs = 30_000;
/** A thief gives up before the bank locks him out. */
const thiefTries = 2;
const enrolConcurrency = 12;
/** A confirmed payment goes on by itself: how long it is waited for, and how often looked at. */
const [goesOnMs, lookEveryMs] = [5_000, 25];

type Options = { readonly client: LoadClient; readonly clock: Clock };

export function createPayers({ client, clock }: Options): Payers {
  const known = new Map<string, Promise<Authenticator>>();

  function authenticatorOf(customer: string): Promise<Authenticator> {
    const found = known.get(customer) ?? enrolOne({ client, clock }, customer);
    known.set(customer, found);
    return found;
  }

  return {
    enrol: (customers) =>
      runInOrder(customers, {
        chainsOf: () => [],
        concurrency: enrolConcurrency,
        work: async (customer) => void (await authenticatorOf(customer)),
      }),
    async confirm(paymentId, { key: asked, circumstances, ...operation }) {
      assert('debtor' in operation, 'only payments are confirmed');
      const { confirmation = 'none' } = circumstances ?? {};
      if (confirmation === 'none') return;
      const own = await authenticatorOf(operation.debtor);
      const tries = triesOf(confirmation);
      for (const [index, isRight] of tries.entries()) {
        const proof = await proofOf({ client, clock }, paymentId, own, isRight);
        if (proof === undefined) return;
        const body = { authenticator_id: own.id, ...proof };
        const told = { paymentId, asked: `${asked}/proof-${index}` };
        if ((await attempt(client, told, body)) !== 'succeeded') continue;
        await waitUntilItGoesOn(client, paymentId);
        return;
      }
    },
  };
}

function triesOf(confirmation: Confirmation): readonly boolean[] {
  if (confirmation === 'wrong') return Array.from({ length: thiefTries }, () => false);
  return confirmation === 'second_try' ? [false, true] : [true];
}

async function attempt(
  client: LoadClient,
  { paymentId, asked }: Asking,
  body: object,
): Promise<string> {
  const told = await post<{ status: string }>(client, asked, {
    path: `/v1/payments/${paymentId}/step-up`,
    body,
  });
  return told.status;
}

/** Undefined where the generator shows no code that was not used before. */
async function proofOf(
  { client, clock }: Options,
  paymentId: string,
  own: Authenticator,
  isRight: boolean,
): Promise<object | undefined> {
  if (own.kind === 'totp') {
    // A wrong code is one of long ago.
    const step = isRight ? nextStep(own, clock) : 1;
    return step === undefined ? undefined : { code: codeAt(own.secret, step) };
  }
  const call = { method: 'GET', path: `/v1/payments/${paymentId}/step-up` } as const;
  const { text_to_sign: terms } = await ask<{ text_to_sign: string }>(client, call);
  const key = isRight ? own.key : privateKeyOf('somebody else');
  return { signature: sign(null, Buffer.from(terms), key).toString('base64url') };
}

/** A code counts once, from the half-minute before its own to the one after it. */
function nextStep(own: Generator, clock: Clock): number | undefined {
  const current = Math.floor(clock.now() / stepMs);
  const step = Math.max(current, own.lastStep + 1);
  if (step > current + 1) return undefined;
  own.lastStep = step;
  return step;
}

function codeAt(secret: HOTP['secret'], counter: number): string {
  return HOTP.generate({ secret, counter });
}

async function enrolOne({ client, clock }: Options, customer: string): Promise<Authenticator> {
  const path = '/v1/authenticators';
  const asked = `authenticator/${customer}/${clock.now()}`;
  if (digestOf(customer).readUInt32BE(0) % totpEvery !== 0) {
    const key = privateKeyOf(customer);
    const pem = createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString();
    const body = { subject: customer, kind: 'signature', public_key: pem };
    const { id } = await post<{ id: string }>(client, asked, { path, body });
    return { id, kind: 'signature', key };
  }
  const body = { subject: customer, kind: 'totp' };
  const made = await post<{ id: string; otpauth_uri: string }>(client, asked, { path, body });
  const { secret } = URI.parse(made.otpauth_uri);
  const own: Generator = { id: made.id, kind: 'totp', secret, lastStep: 0 };
  const code = codeAt(secret, nextStep(own, clock) as number);
  await post(client, `${asked}/confirm`, { path: `${path}/${made.id}/confirm`, body: { code } });
  return own;
}

/** The private key of a synthetic customer follows from the token: nobody has anything to lose. */
function privateKeyOf(customer: string): KeyObject {
  // RFC 8410: an Ed25519 key in PKCS #8 is this and the 32 bytes of its seed.
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  const key = Buffer.concat([prefix, digestOf(customer)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function digestOf(customer: string): Buffer {
  return createHash('sha256').update(customer).digest();
}

async function waitUntilItGoesOn(client: LoadClient, paymentId: string): Promise<void> {
  const call = { method: 'GET', path: `/v1/payments/${paymentId}` } as const;
  const startedMs = performance.now();
  while (performance.now() - startedMs < goesOnMs) {
    const { status } = await ask<{ status: string }>(client, call);
    if (status !== 'step_up_required') return;
    await sleep(lookEveryMs);
  }
  throw new Fault('deadline_exceeded', `${paymentId} was confirmed and does not go on`);
}

type Write = { readonly path: string; readonly body: object };

function post<Answer>(client: LoadClient, key: string, { path, body }: Write): Promise<Answer> {
  const call = { method: 'POST', path, idempotencyKey: key, body: JSON.stringify(body) } as const;
  return ask(client, call);
}

async function ask<Answer>(client: LoadClient, call: Call): Promise<Answer> {
  const answer = await client.send(call);
  refuseFault(answer, call);
  return JSON.parse(answer.text) as Answer;
}
