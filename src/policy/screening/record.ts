// What was found for whom, on record by tokens alone; and hits that people have cleared.
import {
  canonicalJson,
  type Command,
  derivedUuid,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Json,
  principalText,
  type Uuid,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { policyEvent, type PolicyOperation } from '../operation.ts';
import { entityTypes } from './entry.ts';

/** Why somebody is not whom the list means. A closed list, so that no names get into it. */
export const clearanceReasons = [
  'other_birth_date',
  'other_country',
  'other_gender',
  'other_name',
  'other_entity_type',
  'documents_checked',
] as const;

const closed = { additionalProperties: false } as const;
const token = Type.String({ pattern: '^[a-z]+_[0-9a-z_]{8,80}$' });
const listVersions = Type.Record(Type.String(), Type.Integer());
const hit = Type.Object({
  list: Type.String(),
  entry_id: Type.String(),
  entry_digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  score: Type.Integer({ minimum: 0, maximum: 1000 }),
});

const screeningId = Type.String({ pattern: '^scr_[0-9a-z]{26}$' });

export const screeningSchemas = {
  screeningId,
  clearBody: Type.Object(
    {
      screening_id: screeningId,
      list: Type.String({ maxLength: 40 }),
      entry_id: Type.String({ maxLength: 80 }),
      reason: Type.Enum([...clearanceReasons]),
    },
    closed,
  ),
  /** Whom to screen; the name and the date go to the vault, and nowhere else. */
  screenBody: Type.Object(
    {
      subject: token,
      name: Type.String({ minLength: 1, maxLength: 300 }),
      date_of_birth: Type.Optional(
        Type.String({ pattern: '^\\d{4}(-\\d{2}(-\\d{2})?)?$', examples: ['1971-03-04'] }),
      ),
      countries: Type.Optional(
        Type.Array(Type.String({ pattern: '^[A-Z]{2}$' }), { maxItems: 20, uniqueItems: true }),
      ),
      entity_type: Type.Optional(Type.Enum([...entityTypes])),
    },
    closed,
  ),
};

const clearance = Type.Object({
  clearance_id: Type.String(),
  subject: token,
  list: Type.String(),
  entry_id: Type.String(),
  entry_digest: Type.String(),
  reason: Type.Enum([...clearanceReasons]),
});

export const screeningPayloads = {
  'screening.performed': Type.Object({
    screening_id: Type.String(),
    subject: token,
    cause: Type.Enum(['request', 'list_change']),
    list_versions: listVersions,
    hits: Type.Array(Type.Object({ ...hit.properties, cleared: Type.Boolean() })),
  }),
  'screening.base_rescreened': Type.Object({
    list_versions: listVersions,
    subjects: Type.Integer(),
    changed: Type.Integer(),
  }),
  'screening.cleared': clearance,
  'screening.clearance_revoked': clearance,
};

export type RecordedHit = {
  readonly list: string;
  readonly entry_id: string;
  readonly entry_digest: string;
  readonly score: number;
  /** The listed name, the pairs of tokens by position, the adjustments: no word of the asker's. */
  readonly explanation: Json;
};

export type SubjectRecord = {
  readonly subject: string;
  /** Null where the subject is on record and stays as it is. */
  readonly request: {
    readonly name_token: string;
    readonly birth_token: string | null;
    readonly countries: readonly string[];
    readonly entity_type: string | null;
  } | null;
  /** Null where nothing has changed since the last screening. */
  readonly hits: readonly RecordedHit[] | null;
};

export type RecordBody = {
  readonly cause: 'request' | 'list_change';
  readonly list_versions: Readonly<Record<string, number>>;
  readonly subjects: readonly SubjectRecord[];
};

export const screeningOperations: Readonly<Record<string, PolicyOperation>> = {
  'screening.record': { changesRights: false, perform: recordScreenings },
  'screening.clear': { changesRights: false, perform: clearHit },
  'screening.revoke_clearance': { changesRights: false, perform: revokeClearance },
};

async function recordScreenings(tx: pg.ClientBase, command: Command) {
  const body = command.body as RecordBody;
  const events = [];
  for (const [ordinal, each] of body.subjects.entries()) {
    const id = derivedUuid(command.id, 'screening', ordinal);
    await upsertSubject(tx, command, each, id);
    if (each.hits === null) continue;
    await insertScreening(tx, command, { ...each, hits: each.hits }, id);
    const cleared = await clearedHits(tx, each.subject);
    events.push(
      policyEvent(command, 'screening.performed', {
        screening_id: externalId('screening', id),
        subject: each.subject,
        cause: body.cause,
        list_versions: body.list_versions,
        hits: each.hits.map(({ list, entry_id, entry_digest, score }) => ({
          ...{ list, entry_id, entry_digest, score },
          cleared: cleared.has(hitKey({ list, entry_id, entry_digest })),
        })),
      }),
    );
  }
  if (body.cause === 'request') return events;
  const base = { list_versions: body.list_versions, subjects: body.subjects.length };
  return [
    ...events,
    policyEvent(command, 'screening.base_rescreened', { ...base, changed: events.length }),
  ];
}

async function upsertSubject(
  tx: pg.ClientBase,
  command: Command,
  { subject, request, hits }: SubjectRecord,
  id: Uuid,
): Promise<void> {
  const versions = canonicalJson((command.body as RecordBody).list_versions);
  if (request === null) {
    await tx.query(
      `update policy.screening_subject
          set list_versions = $2, screening_id = coalesce($3, screening_id) where subject = $1`,
      [subject, versions, hits === null ? null : id],
    );
    return;
  }
  await tx.query(
    `insert into policy.screening_subject (tenant_id, subject, name_token, birth_token, countries,
       entity_type, screening_id, list_versions) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (tenant_id, subject) do update set name_token = excluded.name_token,
       birth_token = excluded.birth_token, countries = excluded.countries,
       entity_type = excluded.entity_type, screening_id = excluded.screening_id,
       list_versions = excluded.list_versions`,
    [
      ...[command.tenant, subject, request.name_token, request.birth_token, request.countries],
      ...[request.entity_type, id, versions],
    ],
  );
}

async function insertScreening(
  tx: pg.ClientBase,
  command: Command,
  { subject, hits }: { subject: string; hits: readonly RecordedHit[] },
  id: Uuid,
): Promise<void> {
  const { cause, list_versions } = command.body as RecordBody;
  await tx.query(
    `insert into policy.screening (tenant_id, id, subject, cause, list_versions, screened_at,
       screened_by) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      ...[command.tenant, id, subject, cause, canonicalJson(list_versions)],
      ...[instantToText(command.receivedAt), principalText(command.principal)],
    ],
  );
  await tx.query(
    `insert into policy.screening_hit (tenant_id, screening_id, ordinal, list, entry_id,
       entry_digest, score, explanation)
     select $1, $2, h.ordinal - 1, h.list, h.entry_id, decode(h.digest, 'hex'), h.score, h.text
       from unnest($3::text[], $4::text[], $5::text[], $6::integer[], $7::text[])
         with ordinality as h (list, entry_id, digest, score, text, ordinal)`,
    [
      ...[command.tenant, id, hits.map(({ list }) => list), hits.map((each) => each.entry_id)],
      ...[hits.map((each) => each.entry_digest), hits.map(({ score }) => score)],
      hits.map(({ explanation }) => canonicalJson(explanation)),
    ],
  );
}
