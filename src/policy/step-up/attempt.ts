// Step-up: a payer proves to be there and to agree to one payment, in few attempts and in time.
import {
  type Command,
  externalId,
  Fault,
  type Instant,
  instantToText,
  internalId,
  nullable,
  type Uuid,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { holdersOf } from '../holders.ts';
import { policyEvent, type PolicyOperations } from '../operation.ts';
import {
  type Authenticator,
  authenticatorSchemas,
  expectAuthenticator,
  refuseState,
  statusOf,
} from './authenticators.ts';
import {
  type AskedPayment,
  attemptsMax,
  challengeSchema,
  isExpired,
  readAskedPayment,
} from './challenge.ts';

/**
 * Wrong proofs of one customer within a day, over all payments: five of each of a million payments
 * would find a code of six digits.
 */
const [failuresMax, failuresWindowMs] = [20, 86_400_000];

const attemptBody = Type.Object(
  {
    authenticator_id: authenticatorSchemas.id,
    code: Type.Optional(authenticatorSchemas.code),
    signature: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{80,100}$',
        description:
          'Over the UTF-8 bytes of `text_to_sign`, base64url: Ed25519, or ECDSA with SHA-256 ' +
          '(r and s side by side, or DER).',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'A `code` of a `totp`, or a `signature` of a device.',
  },
);
const attemptView = Type.Object({
  status: Type.Enum(['succeeded', 'failed', 'locked', 'expired']),
  attempts_left: Type.Integer(),
});
const challengeView = Type.Interface([challengeSchema], {
  status: Type.Enum(['waiting', 'succeeded', 'locked', 'expired']),
  attempts_left: Type.Integer(),
});
export const stepUpSchemas = { attemptBody, attemptView, challengeView };

export type AttemptRequest = Type.Static<typeof attemptBody>;
type AttemptView = Type.Static<typeof attemptView>;

/**
 * The body of `step_up.attempt`. The proof was verified before, where the keys are, so that living
 * it again takes none.
 */
export type AttemptBody = {
  readonly payment_id: string;
  readonly authenticator_id: string;
  readonly method: Authenticator['kind'];
  /** The signature, or what stands for a code: by it a repeated call is told from another one. */
  readonly proof: string;
  readonly proven: boolean;
  /** Of a right code. */
  readonly totp_step: number | null;
};

const failures = ['expired', 'locked', 'too_many_failures', 'wrong_proof', 'code_used'] as const;
type Failure = (typeof failures)[number];

const about = {
  command_id: Type.String(),
  payment_id: Type.String(),
  challenge_id: Type.String(),
  order_digest: Type.String(),
  authenticator_id: Type.String(),
  subject: Type.String(),
  method: Type.Enum(['totp', 'signature']),
  attempts_left: Type.Integer(),
};
export const stepUpPayloads = {
  'step_up.succeeded': Type.Object({
    ...about,
    signature: nullable(Type.String({ description: 'Over the text of the challenge.' })),
    totp_step: nullable(Type.Integer()),
  }),
  'step_up.failed': Type.Object({ ...about, reason: Type.Enum([...failures]) }),
};

export const stepUpOperations: PolicyOperations = {
  'step_up.attempt': { changesRights: false, perform: attempt },
};

/** Whether the payer has proven to agree to this payment. */
export async function stepUpDone(tx: pg.ClientBase, payment: Uuid): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from policy.step_up_attempt where payment_id = $1 and reason is null',
    [payment],
  );
  return rowCount === 1;
}

/** The tenant's gate is held, so that attempts at one payment come one after the other. */
async function attempt(tx: pg.ClientBase, command: Command) {
  const body = command.body as AttemptBody;
  const payment = await expectAskedPayment(tx, body.payment_id);
  const authenticator = await expectAuthenticator(tx, body.authenticator_id);
  await expectUsable(tx, payment, authenticator);
  if (await stepUpDone(tx, payment.id)) refuseState('succeeded', 'the payer has agreed already');
  const used = await countAttempts(tx, payment.id);
  const at = command.receivedAt;
  const failure = await failureOf(tx, { ...{ payment, authenticator, body, used }, at });
  const attempts_left = Math.max(0, attemptsMax - used - 1);
  await tx.query(
    `insert into policy.step_up_attempt (tenant_id, payment_id, id, authenticator_id, subject,
       attempted_at, reason, attempts_left) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[command.tenant, payment.id, command.id, authenticator.id, authenticator.subject],
      ...[instantToText(at), failure, attempts_left],
    ],
  );
  const { payment_id, authenticator_id, method, totp_step } = body;
  const told = {
    command_id: externalId('command', command.id),
    ...{ payment_id, challenge_id: payment.challenge.id },
    order_digest: payment.challenge.terms.order_digest,
    ...{ authenticator_id, subject: authenticator.subject, method, attempts_left },
  };
  if (failure !== null) {
    return [policyEvent(command, 'step_up.failed', { ...told, reason: failure })];
  }
  if (totp_step !== null) await useCode(tx, authenticator, totp_step);
  const signature = method === 'signature' ? body.proof : null;
  return [policyEvent(command, 'step_up.succeeded', { ...told, signature, totp_step })];
}

async function expectAskedPayment(tx: pg.ClientBase, payment: string): Promise<AskedPayment> {
  const found = await readAskedPayment(tx, payment);
  if (found === undefined) {
    throw new Fault('not_found', `there is no payment ${payment} that asks its payer`);
  }
  return found;
}

/** These are no guesses, so they take no attempt: nothing was learned of any secret by them. */
async function expectUsable(
  tx: pg.ClientBase,
  payment: AskedPayment,
  authenticator: Authenticator,
): Promise<void> {
  const payers = await payersOf(tx, payment);
  if (payers.length === 0) {
    const why = 'the register knows no holder of the account, and no service has named the payer';
    refuseState('payer_unknown', `nobody can confirm the payment: ${why}`);
  }
  if (!payers.includes(authenticator.subject)) {
    refuseProver('other_subject', 'the authenticator is not one of who pays');
  }
  const { orderedBy } = payment;
  if (!isService(orderedBy) && authenticator.enrolled_by === orderedBy) {
    refuseProver('enrolled_by_maker', 'who has ordered the payment has enrolled the authenticator');
  }
  const status = statusOf(authenticator);
  if (status !== 'active') refuseState(status, `the authenticator is ${status}`);
}

/**
 * Who can agree to a payment: the holders of the account. Where the register knows nothing of it,
 * whoever orders says himself whom it is to be, so only the bank's own services are believed.
 */
async function payersOf(
  tx: pg.ClientBase,
  { orderedBy, debtorAccountId, debtor }: AskedPayment,
): Promise<readonly string[]> {
  const holders = await holdersOf(tx, [debtorAccountId]);
  if (holders !== undefined) return holders;
  return debtor !== null && isService(orderedBy) ? [debtor] : [];
}

function isService(principal: string): boolean {
  return principal.startsWith('service:');
}

function refuseProver(reason: string, why: string): never {
  throw new Fault('denied', why, { detail: { reason } });
}

type Attempt = {
  readonly payment: AskedPayment;
  readonly authenticator: Authenticator;
  readonly body: AttemptBody;
  readonly used: number;
  readonly at: Instant;
};

/** Why the attempt counts as failed, or null. Too late or too often, a right proof is as wrong. */
async function failureOf(
  tx: pg.ClientBase,
  { payment, authenticator, body, used, at }: Attempt,
): Promise<Failure | null> {
  if (isExpired(payment.challenge, at)) return 'expired';
  if (used >= attemptsMax) return 'locked';
  if ((await countFailures(tx, authenticator.subject, at)) >= failuresMax) {
    return 'too_many_failures';
  }
  if (!body.proven || body.method !== authenticator.kind) return 'wrong_proof';
  // RFC 6238, 5.2: a code is accepted once, and none that is older than one that was.
  const isUsed = body.totp_step !== null && body.totp_step <= (authenticator.totp_step ?? 0);
  return isUsed ? 'code_used' : null;
}

async function countAttempts(tx: pg.ClientBase, payment: Uuid): Promise<number> {
  const { rows } = await tx.query<{ used: number }>(
    `select count(*)::integer as used
       from (select from policy.step_up_attempt where payment_id = $1 limit $2) attempt`,
    [payment, attemptsMax],
  );
  return rows[0]?.used ?? 0;
}

async function countFailures(tx: pg.ClientBase, subject: string, at: Instant): Promise<number> {
  const { rows } = await tx.query<{ failed: number }>(
    `select count(*)::integer as failed
       from (select from policy.step_up_attempt
              where subject = $1 and attempted_at > $2 and reason in ('wrong_proof', 'code_used')
              limit $3) attempt`,
    [subject, instantToText(at - failuresWindowMs), failuresMax],
  );
  return rows[0]?.failed ?? 0;
}

async function useCode(tx: pg.ClientBase, { id }: Authenticator, step: number): Promise<void> {
  await tx.query('update policy.authenticator set totp_step = $2 where id = $1', [id, step]);
}

// Reading -----------------------------------------------------------------------------------------

/** What became of one attempt. */
export async function readAttempt(
  tx: pg.ClientBase,
  { payment, command }: { readonly payment: string; readonly command: Uuid },
): Promise<AttemptView | undefined> {
  const { rows } = await tx.query<{ reason: Failure | null; attempts_left: number }>(
    'select reason, attempts_left from policy.step_up_attempt where payment_id = $1 and id = $2',
    [internalId('payment', payment) ?? null, command],
  );
  const [row] = rows;
  return row && { status: attemptStatus(row), attempts_left: row.attempts_left };
}

function attemptStatus(row: { reason: Failure | null; attempts_left: number }) {
  switch (row.reason) {
    case null:
      return 'succeeded';
    case 'expired':
      return 'expired';
    case 'locked':
    case 'too_many_failures':
      return 'locked';
    case 'wrong_proof':
    case 'code_used':
      return row.attempts_left === 0 ? 'locked' : 'failed';
  }
}

/** The challenge of a payment as it stands; undefined where its payer was never asked. */
export async function readChallenge(
  tx: pg.ClientBase,
  payment: string,
  at: Instant,
): Promise<Type.Static<typeof challengeView> | undefined> {
  const found = await readAskedPayment(tx, payment);
  if (found === undefined) return undefined;
  const attempts_left = attemptsMax - (await countAttempts(tx, found.id));
  const isDone = await stepUpDone(tx, found.id);
  const isLate = isExpired(found.challenge, at);
  const open = isLate ? 'expired' : attempts_left === 0 ? 'locked' : 'waiting';
  return { ...found.challenge, status: isDone ? 'succeeded' : open, attempts_left };
}
