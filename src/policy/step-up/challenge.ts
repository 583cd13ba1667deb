// The challenge of a payment that waits for its payer: the exact terms, as they are to be signed.
// It is stored nowhere. It follows from the command, so it can be of no other order.
import {
  canonicalJson,
  derivedUuid,
  externalId,
  type Instant,
  instantToText,
  internalId,
  type Json,
  nullable,
  type Uuid,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { resumptionKey } from '../approved.ts';

/** How many proofs may be tried of one payment, right or wrong. */
export const attemptsMax = 5;

const text = Type.String();
const terms = Type.Object({
  creditor_account_id: Type.String({ description: 'The account of the payee.' }),
  creditor: nullable(Type.String({ description: 'The payee, by a token.' })),
  amount: Type.Integer({ description: 'Minor units.' }),
  currency: text,
  end_to_end_id: nullable(text),
  order_digest: Type.String({ description: 'SHA-256 of tenant, operation and body of the order.' }),
});
export const challengeSchema = Type.Object({
  id: text,
  payment_id: text,
  expires_at: text,
  attempts_max: Type.Integer(),
  terms,
  text_to_sign: Type.String({
    description:
      'RFC 8785 text of the terms. A device shows what it says, and signs its UTF-8 bytes: what ' +
      'is seen is what is signed.',
  }),
});
export type Challenge = Type.Static<typeof challengeSchema>;

/** The command by which a payment was ordered. */
export type OrderedPayment = {
  /** Of the command, and so of the payment. */
  readonly id: Uuid;
  /** SHA-256 of the command, hex. */
  readonly digest: string;
  /** When its payer was asked: at its receipt, or when it was taken up after a review. */
  readonly askedAt: Instant;
  readonly body: {
    readonly order: Order;
    /** For how long the funds are reserved, in seconds, by what they wait for. */
    readonly reserves?: { readonly hold: number } | undefined;
  };
};

type Order = {
  readonly debtor_account_id: string;
  readonly creditor_account_id: string;
  readonly creditor?: string | null;
  readonly debtor?: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly end_to_end_id?: string | null;
};

/** What the payer has to agree to; undefined for a payment that can wait for nobody. */
export function challengeOf(payment: OrderedPayment): Challenge | undefined {
  const { id, digest, askedAt, body } = payment;
  const { order, reserves } = body;
  if (reserves === undefined) return undefined;
  const of = {
    id: externalId('challenge', derivedUuid(id, 'challenge', 0)),
    payment_id: externalId('payment', id),
    expires_at: instantToText(askedAt + reserves.hold * 1_000),
  };
  const agreed = {
    creditor_account_id: order.creditor_account_id,
    creditor: order.creditor ?? null,
    amount: order.amount,
    currency: order.currency,
    end_to_end_id: order.end_to_end_id ?? null,
    order_digest: digest,
  };
  return {
    ...of,
    attempts_max: attemptsMax,
    terms: agreed,
    text_to_sign: signedText(of, agreed),
  };
}

/** The first member says what is signed, so that the text can be taken for nothing else. */
function signedText({ id, ...of }: { readonly id: string } & Json & object, agreed: Json & object) {
  return canonicalJson({ agree: 'countersign payment 1', challenge_id: id, ...of, ...agreed });
}

/** A payment whose payer is asked, or was. */
export type AskedPayment = {
  readonly id: Uuid;
  /** Who has ordered it, such as `service:channel`. */
  readonly orderedBy: string;
  readonly debtorAccountId: string;
  /** By whom it is paid, in a token, as the order says; null where it does not. */
  readonly debtor: string | null;
  readonly challenge: Challenge;
};

/** By its public id; undefined where there is no such payment, or its payer was never asked. */
export async function readAskedPayment(
  tx: pg.ClientBase,
  payment: string,
): Promise<AskedPayment | undefined> {
  const id = internalId('payment', payment);
  if (id === undefined) return undefined;
  const resumptions = await readResumptions(tx, payment);
  const decided = [id, ...resumptions.map((each) => each.id)];
  const { rows } = await tx.query<{
    principal: string;
    digest: Buffer;
    body: string;
    received_at: Date;
    status: string;
    asked: number | null;
  }>('select * from policy.ordered_payment($1, $2)', [
    id,
    decided.map((command) => derivedUuid(command, 'decision', 0)),
  ]);
  const [row] = rows;
  if (!row || row.asked === null || row.status === 'rejected') return undefined;
  const body = JSON.parse(row.body) as OrderedPayment['body'];
  const digest = row.digest.toString('hex');
  // Who was not asked before others had looked at it has his time from then on.
  const asked = [row, ...resumptions][row.asked - 1] ?? row;
  const challenge = challengeOf({ id, digest, body, askedAt: asked.received_at.getTime() });
  const { debtor_account_id: debtorAccountId, debtor = null } = body.order;
  return challenge && { id, orderedBy: row.principal, debtorAccountId, debtor, challenge };
}

/** Those that were carried out, in their order. */
async function readResumptions(tx: pg.ClientBase, payment: string) {
  const prefix = resumptionKey(payment, '');
  const { rows } = await tx.query<{ id: Uuid; received_at: Date }>(
    `select id, received_at from core.command
      where tenant_id = core.current_tenant() and idempotency_key >= $1 and idempotency_key < $2
        and outcome::json ->> 'status' = 'accepted'
      order by length(idempotency_key), idempotency_key`,
    [prefix, `${prefix.slice(0, -1)}!`],
  );
  return rows;
}

export function isExpired({ expires_at }: Challenge, at: Instant): boolean {
  return Date.parse(expires_at) <= at;
}
