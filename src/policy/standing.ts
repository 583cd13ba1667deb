// Standing: whether somebody can do anything in a tenant, and whether he administers it.
import { type Instant, instantToText, type Principal, principalText } from '#core';
import type pg from 'pg';

/** Of a principal at an instant, by his keys and roles; a key says no more than a role allows. */
export async function standingOf(
  tx: pg.ClientBase,
  who: Principal,
  at: Instant,
): Promise<{ readonly isKnown: boolean; readonly isAdministrator: boolean }> {
  const { rows } = await tx.query<{ scopes: string[] | null; roles: string[]; governed: boolean }>(
    `select r.roles, r.governed,
            (select array_agg(distinct scope) from policy.api_key k, unnest(k.scopes) as scope
              where k.tenant_id = $1 and k.principal = $2
                and k.revoked_at = 'infinity' and k.expires_at > $3) as scopes
       from policy.principal_rights($1, $2) as r`,
    [who.tenant, principalText(who), instantToText(at)],
  );
  const { scopes = null, roles = [], governed = false } = rows[0] ?? {};
  return {
    isKnown: scopes !== null || roles.length > 0,
    isAdministrator: (scopes ?? []).includes('admin') && (!governed || roles.includes('admin')),
  };
}
