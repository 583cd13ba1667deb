// Authenticators: what a customer has enrolled to prove who is there, an app's codes or a device.
import {
  type Page,
  pageOf,
  closed,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  internalId,
  nullable,
  principalText,
  type Uuid,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { policyEvent, type PolicyOperations } from '../operation.ts';
import { codePattern, readPublicKey } from './proof.ts';

/** More in use at once than a person has devices is somebody else's doing. */
const authenticatorsMax = 10;

const text = Type.String();
const id = Type.String({ pattern: '^aut_[0-9a-hjkmnp-tv-z]{26}$' });
const subject = Type.String({
  pattern: '^[A-Za-z0-9._:-]{1,80}$',
  description: 'The customer, by an opaque token: never a name, an address or a number.',
  examples: ['cus_01j9zk3v8w2q'],
});
const kind = Type.Enum(['totp', 'signature']);
const code = Type.String({ pattern: codePattern, description: 'As the app shows it.' });
const coordinate = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });
const jwk = Type.Object(
  {
    kty: Type.Enum(['OKP', 'EC']),
    crv: Type.Enum(['Ed25519', 'P-256']),
    x: coordinate,
    y: Type.Optional(coordinate),
  },
  { ...closed, description: 'RFC 7517: the members that make a public key, and no other.' },
);
const pem = Type.String({
  pattern: '^-----BEGIN PUBLIC KEY-----\\r?\\n[A-Za-z0-9+/=\\r\\n]+-----END PUBLIC KEY-----\\s*$',
  maxLength: 400,
});
const enrolBody = Type.Object(
  {
    subject,
    kind,
    public_key: Type.Optional(
      Type.Union([pem, jwk], {
        description: 'Of a `signature`: the Ed25519 or P-256 key of a device, in PEM or as a JWK.',
      }),
    ),
  },
  closed,
);
const confirmBody = Type.Object({ code }, closed);
const view = Type.Object({
  id,
  subject: text,
  kind,
  status: Type.Enum(['unconfirmed', 'active', 'revoked']),
  public_key: nullable(Type.String({ description: 'SPKI, DER, base64.' })),
  enrolled_at: text,
  confirmed_at: nullable(text),
  revoked_at: nullable(text),
});

export const authenticatorSchemas = { id, subject, code, enrolBody, confirmBody, view };

export type EnrolRequest = Type.Static<typeof enrolBody>;
/** `key_id` names the key of the keyring from which the secret of a `totp` derives. */
export type EnrolBody = EnrolRequest & { readonly key_id: string | null };
export type ConfirmBody = {
  readonly authenticator_id: string;
  readonly proof: string;
  readonly totp_step: number;
};
export type AuthenticatorView = Type.Static<typeof view>;

const about = { authenticator_id: id, subject: text };
export const authenticatorPayloads = {
  'authenticator.enrolled': Type.Object({
    ...{ ...about, kind, public_key: nullable(text), key_id: nullable(text) },
  }),
  'authenticator.confirmed': Type.Object({ ...about, totp_step: Type.Integer() }),
  'authenticator.used': Type.Object({ ...about, totp_step: Type.Integer() }),
  'authenticator.revoked': Type.Object(about),
};

export const authenticatorOperations: PolicyOperations = {
  'authenticator.enrol': { changesRights: false, perform: enrol },
  'authenticator.confirm': { changesRights: false, perform: confirm },
  'authenticator.revoke': { changesRights: false, perform: revoke },
};

/** The authenticator that an enrolment has made. */
export function authenticatorOf(command: Uuid): string {
  return externalId('authenticator', derivedUuid(command, 'authenticator', 0));
}

async function enrol(tx: pg.ClientBase, command: Command) {
  const body = command.body as EnrolBody;
  const { rows } = await tx.query<{ held: number }>(
    `select count(*)::integer as held from policy.authenticator
      where subject = $1 and revoked_at is null`,
    [body.subject],
  );
  if ((rows[0]?.held ?? 0) >= authenticatorsMax) {
    refuseState('too_many', `a customer has at most ${authenticatorsMax} authenticators`);
  }
  const authenticator = derivedUuid(command.id, 'authenticator', 0);
  const public_key = body.public_key === undefined ? null : readPublicKey(body.public_key);
  const enrolledAt = instantToText(command.receivedAt);
  await tx.query(
    `insert into policy.authenticator (tenant_id, id, subject, kind, public_key, key_id,
       enrolled_at, enrolled_by, confirmed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[command.tenant, authenticator, body.subject, body.kind, public_key, body.key_id],
      ...[enrolledAt, principalText(command.principal)],
      // A code shows that the secret has arrived; a device has made its key itself.
      body.kind === 'signature' ? enrolledAt : null,
    ],
  );
  return [
    policyEvent(command, 'authenticator.enrolled', {
      authenticator_id: externalId('authenticator', authenticator),
      ...{ subject: body.subject, kind: body.kind, public_key, key_id: body.key_id },
    }),
  ];
}

async function confirm(tx: pg.ClientBase, command: Command) {
  const { authenticator_id, totp_step } = command.body as ConfirmBody;
  const found = await expectAuthenticator(tx, authenticator_id);
  if (statusOf(found) !== 'unconfirmed') {
    refuseState(statusOf(found), `the authenticator ${authenticator_id} is ${statusOf(found)}`);
  }
  await tx.query(
    'update policy.authenticator set confirmed_at = $2, totp_step = $3 where id = $1',
    [found.id, instantToText(command.receivedAt), totp_step],
  );
  const payload = { authenticator_id, subject: found.subject, totp_step };
  return [policyEvent(command, 'authenticator.confirmed', payload)];
}

async function revoke(tx: pg.ClientBase, command: Command) {
  const { authenticator_id } = command.body as { authenticator_id: string };
  const found = await expectAuthenticator(tx, authenticator_id);
  if (found.revoked_at !== null) {
    refuseState('revoked', `the authenticator ${authenticator_id} is revoked already`);
  }
  await tx.query('update policy.authenticator set revoked_at = $2 where id = $1', [
    found.id,
    instantToText(command.receivedAt),
  ]);
  const payload = { authenticator_id, subject: found.subject };
  return [policyEvent(command, 'authenticator.revoked', payload)];
}

/** A proof that was verified where the keys are, for something other than a payment. */
export type Proof = {
  readonly authenticator_id: string;
  readonly method: Authenticator['kind'];
  /** The signature, or what stands for a code: by it a repeated call is told from another one. */
  readonly proof: string;
  readonly proven: boolean;
  /** Of a right code. */
  readonly totp_step: number | null;
};

const proofFlaws = ['wrong_proof', 'code_used'] as const;
export const proofFailures = ['proof_missing', 'other_subject', ...proofFlaws] as const;

/**
 * Whether a customer proves that it is he, where he has something to prove it with: why not, or the
 * events of it. A code counts once (RFC 6238, 5.2).
 */
export async function useProof(
  tx: pg.ClientBase,
  command: Command,
  { subject, proof }: { readonly subject: string; readonly proof: Proof | undefined },
): Promise<(typeof proofFailures)[number] | readonly EventDraft[]> {
  if (proof === undefined) return (await hasActive(tx, subject)) ? 'proof_missing' : [];
  const { authenticator_id, method, proven, totp_step } = proof;
  const found = await readAuthenticator(tx, authenticator_id);
  if (found?.subject !== subject || statusOf(found) !== 'active') return 'other_subject';
  if (!proven || method !== found.kind) return 'wrong_proof';
  if (totp_step === null) return [];
  if (totp_step <= (found.totp_step ?? 0)) return 'code_used';
  const use = 'update policy.authenticator set totp_step = $2 where id = $1';
  await tx.query(use, [found.id, totp_step]);
  return [policyEvent(command, 'authenticator.used', { authenticator_id, subject, totp_step })];
}

async function hasActive(tx: pg.ClientBase, subject: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from policy.authenticator
      where subject = $1 and confirmed_at is not null and revoked_at is null limit 1`,
    [subject],
  );
  return rowCount === 1;
}

/** Refuses what cannot be done as things stand. */
export function refuseState(reason: string, words: string): never {
  throw new Fault('conflict', words, { detail: { reason } });
}

// Reading -----------------------------------------------------------------------------------------

export type Authenticator = {
  readonly id: Uuid;
  readonly subject: string;
  readonly kind: 'totp' | 'signature';
  readonly public_key: string | null;
  readonly key_id: string | null;
  readonly enrolled_at: Date;
  readonly enrolled_by: string;
  readonly confirmed_at: Date | null;
  readonly revoked_at: Date | null;
  readonly totp_step: number | null;
};

const columns = `id, subject, kind, public_key, key_id, enrolled_at, enrolled_by, confirmed_at,
  revoked_at, totp_step`;

export function statusOf({ confirmed_at, revoked_at }: Authenticator): AuthenticatorView['status'] {
  if (revoked_at !== null) return 'revoked';
  return confirmed_at === null ? 'unconfirmed' : 'active';
}

export async function readAuthenticator(
  tx: pg.ClientBase,
  authenticator: string,
): Promise<Authenticator | undefined> {
  const { rows } = await tx.query<Authenticator>(
    `select ${columns} from policy.authenticator where id = $1`,
    [internalId('authenticator', authenticator) ?? null],
  );
  return rows[0];
}

export async function expectAuthenticator(
  tx: pg.ClientBase,
  authenticator: string,
): Promise<Authenticator> {
  const found = await readAuthenticator(tx, authenticator);
  if (found === undefined) {
    throw new Fault('not_found', `there is no authenticator ${authenticator}`);
  }
  return found;
}

export function authenticatorView(row: Authenticator): AuthenticatorView {
  return {
    id: externalId('authenticator', row.id),
    subject: row.subject,
    kind: row.kind,
    status: statusOf(row),
    public_key: row.public_key,
    enrolled_at: row.enrolled_at.toISOString(),
    confirmed_at: row.confirmed_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
  };
}

/** Those of a customer, in the order of their enrolment. `after` is an id. */
export async function listAuthenticators(
  tx: pg.ClientBase,
  query: { readonly subject: string; readonly limit: number; readonly after?: Uuid | undefined },
): Promise<Page<AuthenticatorView>> {
  const { limit, after } = query;
  const { rows } = await tx.query<Authenticator>(
    `select ${columns} from policy.authenticator
      where subject = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
    [query.subject, after ?? null, limit + 1],
  );
  return pageOf(rows.map(authenticatorView), limit, ({ id }) => id);
}
