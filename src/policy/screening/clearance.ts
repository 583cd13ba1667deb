// Clearances: hits that a person has judged to mean somebody else, and what stays open.
import {
  type Command,
  derivedUuid,
  externalId,
  Fault,
  instantToText,
  internalId,
  principalText,
  type Uuid,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { policyEvent, type PolicyOperations } from '../operation.ts';

/** Why somebody is not whom the list means. A closed list, so that no names get into it. */
export const clearanceReasons = [
  'other_birth_date',
  'other_country',
  'other_gender',
  'other_name',
  'other_entity_type',
  'documents_checked',
] as const;

export const clearancePayload = Type.Object({
  clearance_id: Type.String(),
  subject: Type.String(),
  list: Type.String(),
  entry_id: Type.String(),
  entry_digest: Type.String(),
  reason: Type.Enum([...clearanceReasons]),
});

export const clearanceOperations: PolicyOperations = {
  'screening.clear': { changesRights: false, perform: clearHit },
  'screening.revoke_clearance': { changesRights: false, perform: revokeClearance },
};

export type HitKey = {
  readonly list: string;
  readonly entry_id: string;
  readonly entry_digest: string;
};

export function hitKey({ list, entry_id, entry_digest }: HitKey): string {
  return `${list}/${entry_id}/${entry_digest}`;
}

/** An entry that a subject may be, with the best score that was ever found for it. */
type OpenHit = { readonly list: string; readonly entry_id: string; readonly score: number };

/**
 * The entries that a subject may be, the best first: all that was found in any of its screenings,
 * under whatever name, is on its list still, and was not cleared as it stands or later stood.
 */
export async function openHits(tx: pg.ClientBase, subject: string): Promise<readonly OpenHit[]> {
  const { rows } = await tx.query<OpenHit>(
    `select h.list, h.entry_id, max(h.score) as score
       from policy.screening s join policy.screening_hit h
         on (h.tenant_id, h.screening_id) = (s.tenant_id, s.id)
      where s.subject = $1
        and exists (select from policy.screening_entry e
             where (e.list, e.entry_id) = (h.list, h.entry_id) and e.until = 2147483647)
        and not exists (
          select from policy.screening_clearance c
            join policy.screening_entry judged
              on (judged.list, judged.entry_id, judged.digest)
               = (c.list, c.entry_id, c.entry_digest)
           where c.subject = $1 and c.revoked_at = 'infinity'
             and (c.list, c.entry_id) = (h.list, h.entry_id)
             and judged.since >= all (select own.since from policy.screening_entry own
                   where (own.list, own.entry_id, own.digest)
                       = (h.list, h.entry_id, h.entry_digest)))
      group by h.list, h.entry_id
      order by max(h.score) desc, h.list, h.entry_id`,
    [subject],
  );
  return rows;
}

/** The clearances in force of a subject's hits, by their keys. */
export async function clearancesOf(
  tx: pg.ClientBase,
  subject: string,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await tx.query<HitKey & { id: Uuid }>(
    `select id, list, entry_id, encode(entry_digest, 'hex') as entry_digest
       from policy.screening_clearance where subject = $1 and revoked_at = 'infinity'`,
    [subject],
  );
  return new Map(rows.map((row) => [hitKey(row), externalId('clearance', row.id)]));
}

type ClearBody = { screening_id: string; list: string; entry_id: string; reason: string };

async function clearHit(tx: pg.ClientBase, command: Command) {
  const { screening_id, list, entry_id, reason } = command.body as ClearBody;
  if (command.principal.kind !== 'user') throw new Fault('forbidden', 'only people clear hits');
  const clearedBy = principalText(command.principal);
  const { rows } = await tx.query<HitKey & { subject: string; is_own: boolean }>(
    `select s.subject, h.list, h.entry_id, encode(h.entry_digest, 'hex') as entry_digest,
            exists (select from policy.screening p
              where p.subject = s.subject and lower(p.screened_by) = lower($4)) as is_own
       from policy.screening_hit h join policy.screening s
         on (s.tenant_id, s.id) = (h.tenant_id, h.screening_id)
      where h.screening_id = $1 and h.list = $2 and h.entry_id = $3`,
    [internalId('screening', screening_id) ?? null, list, entry_id, clearedBy],
  );
  const [found] = rows;
  if (!found) throw new Fault('not_found', `${screening_id} has no hit ${list} ${entry_id}`);
  const { is_own, ...hit } = found;
  // Whoever chooses the name must not be the one who says that it means nobody.
  if (is_own) throw new Fault('not_a_checker', 'whoever has screened somebody clears no hit');
  const id = derivedUuid(command.id, 'clearance', 0);
  await tx.query(
    `insert into policy.screening_clearance (tenant_id, id, subject, list, entry_id, entry_digest,
       reason, cleared_at, cleared_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[command.tenant, id, hit.subject, list, entry_id, Buffer.from(hit.entry_digest, 'hex')],
      ...[reason, instantToText(command.receivedAt), clearedBy],
    ],
  );
  const told = { clearance_id: externalId('clearance', id), ...hit, reason };
  return [policyEvent(command, 'screening.cleared', told)];
}

async function revokeClearance(tx: pg.ClientBase, command: Command) {
  const { clearance_id } = command.body as { clearance_id: string };
  const { rows } = await tx.query<HitKey & { subject: string; reason: string }>(
    `update policy.screening_clearance set revoked_at = $2, revoked_by = $3
      where id = $1 and revoked_at = 'infinity'
      returning subject, list, entry_id, encode(entry_digest, 'hex') as entry_digest, reason`,
    [
      internalId('clearance', clearance_id) ?? null,
      instantToText(command.receivedAt),
      principalText(command.principal),
    ],
  );
  const [row] = rows;
  if (!row) throw new Fault('not_found', `there is no clearance ${clearance_id} in force`);
  return [policyEvent(command, 'screening.clearance_revoked', { clearance_id, ...row })];
}
