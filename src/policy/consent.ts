// Consent: what a person has agreed to, for which purpose, and since and until when.
import {
  assert,
  type Command,
  derivedUuid,
  externalId,
  type Instant,
  instantFromText,
  instantToText,
  internalId,
  type Pool,
  principalText,
  type SharedRead,
  sharedRead,
  type Uuid,
  refuseField,
  closed,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { policyEvent, type PolicyOperations } from './operation.ts';

export const consentChannels = ['email', 'sms', 'push', 'phone', 'post', 'in_app'] as const;
export type ConsentChannel = (typeof consentChannels)[number];

/** What consent is for. Consent to one says nothing about another. */
export type Purpose =
  | { readonly purpose: 'marketing'; readonly channel: ConsentChannel }
  | { readonly purpose: 'ai_data_use' }
  | { readonly purpose: 'open_banking'; readonly party: string };

/** More questions than this are asked in parts. */
const questionsMax = 10_000;

/** A digit is asked for so that a name after the prefix does not pass for a token. */
const person = Type.String({
  pattern: '^(cus|pty|tok)_(?=[a-z_]*[0-9])[0-9a-z_]{8,80}$',
  description: 'An opaque token for the person: never a name, an address or a number.',
  examples: ['cus_01j9zk3v8w2q'],
});
const party = Type.String({ pattern: '^[A-Za-z0-9._-]{1,80}$', description: 'The third party.' });
const instant = Type.String({ format: 'date-time' });
const status = Type.Enum(['granted', 'withdrawn']);

const fields = {
  person,
  status,
  effective_at: Type.Optional(instant),
  expires_at: Type.Optional(instant),
  source: Type.String({
    pattern: '^[a-z][a-z0-9_.-]{0,39}$',
    description: 'Where it was given.',
    examples: ['branch', 'app'],
  }),
  text_version: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$',
    description: 'The version of the text that the person has read.',
  }),
};
const recordBody = Type.Union([
  Type.Object(
    { purpose: Type.Literal('marketing'), channel: Type.Enum([...consentChannels]), ...fields },
    closed,
  ),
  Type.Object({ purpose: Type.Literal('ai_data_use'), ...fields }, closed),
  Type.Object({ purpose: Type.Literal('open_banking'), party, ...fields }, closed),
]);

type Status = 'granted' | 'withdrawn';
type RecordBody = Purpose & {
  readonly person: string;
  readonly status: Status;
  readonly effective_at?: string;
  readonly expires_at?: string;
  readonly source: string;
  readonly text_version: string;
};

export const consentSchemas = { person, party, recordBody };

const payload = Type.Object({
  consent_id: Type.String(),
  person,
  purpose: Type.String(),
  channel: Type.Union([Type.String(), Type.Null()]),
  party: Type.Union([Type.String(), Type.Null()]),
  effective_at: Type.String(),
  expires_at: Type.Union([Type.String(), Type.Null()]),
  source: Type.String(),
  text_version: Type.String(),
});
export const consentPayloads = { 'consent.granted': payload, 'consent.withdrawn': payload };

export const consentOperations: PolicyOperations = {
  'consent.record': { changesRights: true, perform: recordConsent },
};

async function recordConsent(tx: pg.ClientBase, command: Command) {
  const body = command.body as RecordBody;
  const recordedAt = instantToText(command.receivedAt);
  const effectiveAt = instantOf(body.effective_at, '/effective_at') ?? recordedAt;
  const expiresAt = instantOf(body.expires_at, '/expires_at');
  if (expiresAt !== undefined) {
    if (body.status === 'withdrawn') refuseField('/expires_at', 'is for what is granted');
    if (expiresAt <= effectiveAt) refuseField('/expires_at', 'must be later than effective_at');
  }
  const id = derivedUuid(command.id, 'consent', 0);
  await tx.query(
    `insert into policy.consent (tenant_id, id, person, topic, status, effective_at, expires_at,
       source, text_version, recorded_at, recorded_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[command.tenant, id, body.person, topicOf(body), body.status],
      ...[effectiveAt, expiresAt ?? 'infinity', body.source, body.text_version],
      ...[recordedAt, principalText(command.principal)],
    ],
  );
  return [
    policyEvent(command, `consent.${body.status}`, {
      consent_id: externalId('consent', id),
      person: body.person,
      ...purposeOf(topicOf(body)),
      effective_at: effectiveAt,
      expires_at: expiresAt ?? null,
      source: body.source,
      text_version: body.text_version,
    }),
  ];
}

function instantOf(value: string | undefined, pointer: string): string | undefined {
  if (value === undefined) return undefined;
  const instant = instantFromText(value);
  if (instant === undefined) refuseField(pointer, 'must be an RFC 3339 instant that exists');
  return instantToText(instant);
}

/** The purpose as one word, by which records of the same matter are found. */
function topicOf(purpose: Purpose): string {
  switch (purpose.purpose) {
    case 'marketing':
      return `marketing/${purpose.channel}`;
    case 'ai_data_use':
      return 'ai_data_use';
    case 'open_banking':
      return `open_banking/${purpose.party}`;
  }
}

function purposeOf(topic: string) {
  const [purpose = '', of] = topic.split('/');
  return {
    purpose,
    channel: purpose === 'marketing' ? (of ?? null) : null,
    party: purpose === 'open_banking' ? (of ?? null) : null,
  };
}

// Asking ------------------------------------------------------------------------------------------

/** Of two that take effect at once the stricter counts, whichever was recorded first. */
const latestFirst = `effective_at desc, status desc, expires_at, id desc`;

export type ConsentQuestion = Purpose & { readonly person: string; readonly at: Instant };

/** Whether each consent is in effect, in their order. Without a record it is not. */
export async function haveConsent(
  tx: pg.ClientBase,
  questions: readonly ConsentQuestion[],
): Promise<boolean[]> {
  assert(questions.length <= questionsMax, `at most ${questionsMax} questions at once`);
  const { rows } = await tx.query<{ has: boolean }>({
    name: 'have-consent',
    text: `select coalesce((
             select status = 'granted' and expires_at > asked.at from policy.consent c
              where c.tenant_id = core.current_tenant() and c.person = asked.person
                and c.topic = asked.topic and c.effective_at <= asked.at
              order by ${latestFirst} limit 1), false) as has
             from unnest($1::text[], $2::text[], $3::timestamptz[])
               with ordinality as asked(person, topic, at, place)
            order by place`,
    values: [
      questions.map(({ person: asked }) => asked),
      questions.map(topicOf),
      questions.map(({ at }) => instantToText(at)),
    ],
  });
  return rows.map(({ has }) => has);
}

/** For what is decided many times a second: questions that come together are asked together. */
export type ReadConsent = SharedRead<ConsentQuestion, boolean>;

/** `pool` is of the role policy, in pipeline mode. */
export function consentReader(pool: Pool): ReadConsent {
  return sharedRead({ name: 'consents', pool, read: haveConsent });
}

/** By when records have taken effect, or only by those that had been recorded by then, too. */
export type ConsentBasis = 'effective' | 'recorded';

type Row = {
  readonly id: Uuid;
  readonly topic: string;
  readonly status: Status;
  readonly effective_at: Date;
  readonly expires_at: Date | null;
  readonly source: string;
  readonly text_version: string;
  readonly recorded_at: Date;
  readonly recorded_by: string;
};

const columns = `id, topic, status, effective_at, nullif(expires_at, 'infinity') as expires_at,
  source, text_version, recorded_at, recorded_by`;
const known = `effective_at <= $2 and ($3 or recorded_at <= $2)`;

export type Consent = ReturnType<typeof viewOf>;

function viewOf(row: Row) {
  return {
    id: externalId('consent', row.id),
    ...purposeOf(row.topic),
    status: row.status,
    effective_at: row.effective_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    source: row.source,
    text_version: row.text_version,
    recorded_at: row.recorded_at.toISOString(),
    recorded_by: row.recorded_by,
  };
}

type Page = { readonly limit?: number; readonly after?: string | undefined };

/**
 * What counts for a person at an instant, one record per purpose. On the basis `recorded`, as it
 * was known then: what was recorded later with an earlier effect is left out.
 */
export async function consentsOf(
  tx: pg.ClientBase,
  asked: string,
  at: Instant,
  options: Page & { readonly basis?: ConsentBasis } = {},
): Promise<{ items: (Consent & { in_effect: boolean })[]; next: string | null }> {
  const { basis = 'effective', limit = 500, after = '' } = options;
  const { rows } = await tx.query<Row>(
    `select distinct on (topic) ${columns} from policy.consent
      where person = $1 and ${known} and topic > $4
      order by topic, ${latestFirst} limit $5`,
    [asked, instantToText(at), basis === 'effective', after, limit + 1],
  );
  const page = rows.slice(0, limit);
  const next = rows.length > limit ? (page.at(-1)?.topic ?? null) : null;
  const inEffect = ({ status: said, expires_at }: Row) =>
    said === 'granted' && (expires_at === null || expires_at.getTime() > at);
  return { items: page.map((row) => ({ ...viewOf(row), in_effect: inEffect(row) })), next };
}

/** Every record of a person up to an instant, in the order of recording: by instant, then id. */
export async function consentHistory(
  tx: pg.ClientBase,
  asked: string,
  at: Instant,
  { limit = 500, after }: Page = {},
): Promise<{ items: Consent[]; next: string | null }> {
  const from = after === undefined ? null : (internalId('consent', after) ?? null);
  const { rows } = await tx.query<Row>(
    `select ${columns} from policy.consent
      where person = $1 and recorded_at <= $2 and ($3::uuid is null or id > $3)
      order by id limit $4`,
    [asked, instantToText(at), from, limit + 1],
  );
  const items = rows.slice(0, limit).map((row) => viewOf(row));
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
