// Mandates: what an agent may pay for a customer without asking him each time. He gives one and
// ends it himself; a payment that nobody was asked about takes from it where its proposal is used.
import {
  canonicalJson,
  closed,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  type Instant,
  instantFromText,
  instantToText,
  internalId,
  type Json,
  nullable,
  principalText,
  refuseField,
  type Uuid,
} from '#core';
import {
  policyEvent,
  type PolicyOperations,
  type Proof,
  proofFailures,
  stepUpSchemas,
  useProof,
} from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { agentSchemas } from './agent-terms.ts';
import { findAgent } from './agent-views.ts';
import {
  type Mandate,
  mandateDayMs,
  mandateLeft,
  mandateStatus,
  readMandate,
  readMandatesInForce,
} from './mandate-views.ts';
import type { Proposal } from './proposal-views.ts';

const lifeMaxMs = 366 * 86_400_000;
/** In force at once, of one customer for one agent. */
const mandatesMax = 10;
const payeesMax = 50;
/** Wrong proofs of one customer within a day: a code has six digits. */
const failuresMax = 5;

const id = Type.String({ pattern: '^mdt_[0-9a-hjkmnp-tv-z]{26}$' });
const minor = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const terms = {
  agent: agentSchemas.agentId,
  payment_max: Type.Unsafe<number>({ ...minor, description: 'Of one payment, in minor units.' }),
  daily_max: Type.Unsafe<number>({ ...minor, description: 'In any 24 hours, in minor units.' }),
  daily_count_max: Type.Integer({
    ...{ minimum: 1, maximum: 100 },
    description: 'Payments in any 24 hours.',
  }),
  currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'The home currency of the bank.' }),
};
const payees = Type.Array(Type.String({ pattern: '^acc_[0-9a-hjkmnp-tv-z]{26}$' }), {
  ...{ minItems: 1, maxItems: payeesMax, uniqueItems: true },
  description:
    'Accounts. Not given: those that the account to be debited has paid a day ago or more, or ' +
    'that have its main holder.',
});
const giveBody = Type.Object(
  {
    ...terms,
    payees: Type.Optional(payees),
    valid_until: Type.String({ format: 'date-time', description: 'Within a year.' }),
    proof: Type.Optional(
      Type.Intersect([stepUpSchemas.attemptBody], {
        description:
          'That it is he: needed of a customer who has an authenticator. A device signs RFC 8785 ' +
          'text of this body without `proof`, with `agree`: `countersign mandate 1` and the ' +
          '`idempotency_key`.',
      }),
    ),
  },
  closed,
);
export const mandateTermsView = {
  id,
  ...terms,
  payees: nullable(payees),
  given_at: Type.String(),
  valid_until: Type.String(),
};
export const mandateSchemas = { id, giveBody, endBody: Type.Object({}, closed) };

const about = {
  mandate_id: id,
  agent: Type.String(),
  customer: Type.String({ description: 'A party of the register.' }),
};
export const mandatePayloads = {
  'mandate.given': Type.Object({
    ...{ ...about, ...terms, payees: nullable(payees) },
    ...{ given_by: Type.String(), valid_until: Type.String() },
  }),
  'mandate.refused': Type.Object({
    ...{ agent: about.agent, customer: about.customer },
    reason: Type.Enum([...proofFailures, 'too_many_failures']),
  }),
  'mandate.ended': Type.Object({ ...about, ended_by: Type.String() }),
};

export const mandateOperations: PolicyOperations = {
  'mandate.give': { changesRights: false, perform: give },
  'mandate.end': { changesRights: false, perform: end },
};

/** The mandate that a command has given. */
export function mandateOf(command: Uuid): string {
  return externalId('mandate', derivedUuid(command, 'mandate', 0));
}

export type GiveRequest = Type.Static<typeof giveBody>;
/** The route knows who the customer is, and has verified his proof. */
export type GiveBody = Omit<GiveRequest, 'proof'> & {
  readonly customer: string;
  readonly proof?: Proof;
};

/** What a device signs: these terms, once. */
export function mandateText({ proof: _proof, ...asked }: GiveRequest, key: string): string {
  const agree = 'countersign mandate 1';
  return canonicalJson({ agree, idempotency_key: key, ...(asked as Json & object) });
}

async function give(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { agent, customer, proof, ...asked } = command.body as GiveBody;
  const at = command.receivedAt;
  const until = instantFromText(asked.valid_until);
  if (until === undefined || until <= at || until > at + lifeMaxMs) {
    refuseField('/valid_until', 'must be an instant within the next year');
  }
  if (asked.daily_max < asked.payment_max) {
    refuseField('/daily_max', 'must be as much as one payment may be, or more');
  }
  const found = await findAgent(tx, agent);
  if (found?.status !== 'active') refuseField('/agent', 'is no agent that may act');
  const others = await readMandatesInForce(tx, { customer, agent, at });
  if (others.length >= mandatesMax) {
    throw new Fault('conflict', `${mandatesMax} mandates for this agent are in force already`);
  }
  const proven =
    (await failureByCount(tx, customer, at)) ??
    (await useProof(tx, command, { subject: customer, proof }));
  if (typeof proven === 'string') return refuse(tx, command, { agent, customer, reason: proven });
  const by = principalText(command.principal);
  const { payment_max, daily_max, daily_count_max, currency, payees: named = [] } = asked;
  await tx.query(
    `insert into gateway.mandate (tenant_id, id, customer, agent_id, payment_max, daily_max,
       daily_count_max, currency, payees, given_by, given_at, valid_until)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      ...[command.tenant, derivedUuid(command.id, 'mandate', 0), customer, agent, payment_max],
      ...[daily_max, daily_count_max, currency, named, by],
      ...[instantToText(at), instantToText(until)],
    ],
  );
  return [
    ...proven,
    policyEvent(command, 'mandate.given', {
      ...{ mandate_id: mandateOf(command.id), agent, customer, payment_max, daily_max },
      ...{ daily_count_max, currency, payees: asked.payees ?? null },
      ...{ given_by: by, valid_until: instantToText(until) },
    }),
  ];
}

/** On record, so that guesses are counted: the mandate is not given. */
async function refuse(
  tx: pg.ClientBase,
  command: Command,
  told: { readonly agent: string; readonly customer: string; readonly reason: string },
): Promise<EventDraft[]> {
  await tx.query(
    `insert into gateway.mandate_refusal (tenant_id, id, customer, reason, refused_at)
     values ($1, $2, $3, $4, $5)`,
    [
      ...[command.tenant, derivedUuid(command.id, 'mandate', 0), told.customer, told.reason],
      instantToText(command.receivedAt),
    ],
  );
  return [policyEvent(command, 'mandate.refused', told)];
}

async function failureByCount(
  tx: pg.ClientBase,
  customer: string,
  at: Instant,
): Promise<'too_many_failures' | undefined> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from gateway.mandate_refusal
      where customer = $1 and refused_at > $2 and reason in ('wrong_proof', 'code_used')`,
    [customer, instantToText(at - mandateDayMs)],
  );
  return (rows[0]?.count ?? 0) >= failuresMax ? 'too_many_failures' : undefined;
}

export type EndBody = { readonly mandate_id: string; readonly customer: string };

/** At once: what takes from it locks it, too. */
async function end(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { mandate_id, customer } = command.body as EndBody;
  const at = command.receivedAt;
  const mandate = await lock(tx, mandate_id, at);
  if (mandate?.customer !== customer) {
    throw new Fault('not_found', `there is no mandate ${mandate_id}`);
  }
  const status = mandateStatus(mandate, at);
  if (status !== 'active') {
    throw new Fault('conflict', `the mandate ${mandate_id} is ${status}`, {
      detail: { reason: status },
    });
  }
  const by = principalText(command.principal);
  await tx.query('update gateway.mandate set ended_at = $2, ended_by = $3 where id = $1', [
    ...[mandate.id, instantToText(at), by],
  ]);
  const told = { mandate_id, agent: mandate.agent, customer, ended_by: by };
  return [policyEvent(command, 'mandate.ended', told)];
}

/**
 * For a proposal that nobody was asked about: the mandate, locked until its transaction ends, with
 * enough left. Throws `approval_invalid` where that is so no more. That its payee is known was
 * found out before, and does not change.
 */
export async function takeFromMandate(
  tx: pg.ClientBase,
  { receivedAt: at }: Pick<Command, 'receivedAt'>,
  { mandate_id, proposal }: { readonly mandate_id: string; readonly proposal: Proposal },
): Promise<Mandate> {
  const mandate = await lock(tx, mandate_id, at);
  const { amount, currency, customer, agent } = proposal;
  const isTheirs = mandate?.customer === customer && mandate.agent === agent;
  if (mandate && isTheirs && amount !== null && currency !== null) {
    const { to_account_id: payee } = JSON.parse(proposal.arguments) as { to_account_id: string };
    if (mandateLeft(mandate, { currency, payee, isPaidBefore: true }, at) >= amount) return mandate;
  }
  throw new Fault('approval_invalid', `the mandate ${mandate_id} leaves too little`, {
    detail: { reason: mandateSpent },
  });
}

/** Why a use is refused whose mandate somebody else has taken from, or ended. */
export const mandateSpent = 'mandate_spent';

/** First the lock, then what was taken from it: a statement of its own sees what came before. */
async function lock(tx: pg.ClientBase, mandate: string, at: Instant): Promise<Mandate | undefined> {
  await tx.query('select from gateway.mandate where id = $1 for update', [
    internalId('mandate', mandate) ?? null,
  ]);
  return readMandate(tx, { id: mandate, at });
}
