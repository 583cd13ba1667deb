// What was found for whom, on record by tokens alone.
import {
  canonicalJson,
  type Command,
  derivedUuid,
  externalId,
  instantToText,
  type Json,
  principalText,
  type Uuid,
  closed,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { policyEvent, type PolicyOperations } from '../operation.ts';
import {
  clearanceOperations,
  clearancePayload,
  clearanceReasons,
  clearancesOf,
  hitKey,
} from './clearance.ts';
import { entityTypes, type EntityType } from './entry.ts';

const token = Type.String({ pattern: '^[a-z]+_[0-9a-z_]{8,80}$' });
const listVersions = Type.Record(Type.String(), Type.Integer());
const hit = Type.Object({
  list: Type.String(),
  entry_id: Type.String(),
  entry_digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  score: Type.Integer({ minimum: 0, maximum: 1000 }),
});

const screeningId = Type.String({ pattern: '^scr_[0-9a-z]{26}$' });
const clearanceId = Type.String({ pattern: '^clr_[0-9a-z]{26}$' });

export const screeningSchemas = {
  screeningId,
  clearanceId,
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
    unscreenable: Type.Array(token),
  }),
  'screening.cleared': clearancePayload,
  'screening.clearance_revoked': clearancePayload,
};

export type RecordedHit = {
  readonly list: string;
  readonly entry_id: string;
  readonly entry_digest: string;
  readonly score: number;
  /** The listed name, the pairs of tokens by position, the adjustments: no word of the asker's. */
  readonly explanation: Json;
};

/** Whom to look for, by tokens: what a screening is repeated by. */
export type RecordedRequest = {
  readonly name_token: string;
  readonly birth_token: string | null;
  readonly countries: readonly string[];
  readonly entity_type: EntityType | null;
};

export type SubjectRecord = {
  readonly subject: string;
  readonly request: RecordedRequest;
  /** Null where nothing has changed since the last screening, or nobody can know. */
  readonly hits: readonly RecordedHit[] | null;
  /** Whether the name was erased, so that nobody can be looked for. */
  readonly unscreenable: boolean;
};

export type RecordBody = {
  readonly cause: 'request' | 'list_change';
  readonly list_versions: Readonly<Record<string, number>>;
  readonly subjects: readonly SubjectRecord[];
};

export const screeningOperations: PolicyOperations = {
  'screening.record': { changesRights: false, perform: recordScreenings },
  ...clearanceOperations,
};

async function recordScreenings(tx: pg.ClientBase, command: Command) {
  const body = command.body as RecordBody;
  const events = [];
  for (const [ordinal, each] of body.subjects.entries()) {
    const id = derivedUuid(command.id, 'screening', ordinal);
    await upsertSubject(tx, command, each, id);
    if (each.hits === null) continue;
    await insertScreening(tx, command, { ...each, hits: each.hits }, id);
    const cleared = await clearancesOf(tx, each.subject);
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
  const unscreenable = body.subjects.filter((each) => each.unscreenable);
  const base = {
    list_versions: body.list_versions,
    subjects: body.subjects.length,
    changed: events.length,
    unscreenable: [...new Set(unscreenable.map(({ subject }) => subject))],
  };
  return [...events, policyEvent(command, 'screening.base_rescreened', base)];
}

async function upsertSubject(
  tx: pg.ClientBase,
  command: Command,
  { subject, request, hits, unscreenable }: SubjectRecord,
  id: Uuid,
): Promise<void> {
  const versions = canonicalJson((command.body as RecordBody).list_versions);
  // Where nothing has changed, the screening before stands.
  await tx.query(
    `insert into policy.screening_subject as s (tenant_id, subject, request, unscreenable,
       screening_id, list_versions) values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, subject, request) do update set unscreenable = excluded.unscreenable,
       screening_id = case when $7 then excluded.screening_id else s.screening_id end,
       list_versions = excluded.list_versions`,
    [
      ...[command.tenant, subject, canonicalJson(request as unknown as Json), unscreenable],
      ...[id, versions, hits !== null],
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
