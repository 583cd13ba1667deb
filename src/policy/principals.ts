// Who is known: everybody who has ever had a key, a role, an attribute or a session.
import { type Page, pageOf, type Instant, instantToText } from '#core';
import type pg from 'pg';

export type PrincipalView = {
  readonly principal: string;
  /** Those in force. */
  readonly roles: readonly string[];
  readonly region: string | null;
  readonly customer: string | null;
  readonly delegated_by: string | null;
  /** Keys that can be used now, the scopes of all of them, and when the first of them ends. */
  readonly keys: number;
  readonly scopes: readonly string[];
  readonly next_expiry_at: string | null;
  /** In a session; what is done by a key is told by its events. */
  readonly last_seen_at: string | null;
};

type Row = Omit<PrincipalView, 'next_expiry_at' | 'last_seen_at'> & {
  readonly next_expiry_at: Date | null;
  readonly last_seen_at: Date | null;
};

/** By name. `after` is the last one seen. */
export async function listPrincipals(
  tx: pg.ClientBase,
  { limit, after = '', at }: { limit: number; after?: string | undefined; at: Instant },
): Promise<Page<PrincipalView>> {
  const known = ['api_key', 'principal_role', 'principal', 'session'].map(
    (table) => `(select distinct principal from policy.${table}
       where tenant_id = core.current_tenant() and principal > $1 order by principal limit $3)`,
  );
  const { rows } = await tx.query<Row>(
    `select k.principal, p.region, p.customer, p.delegated_by, s.last_seen_at,
            array(select role from policy.principal_role r
                   where r.tenant_id = core.current_tenant() and r.principal = k.principal
                     and r.revoked_at = 'infinity' order by role) as roles,
            keys.count as keys, keys.scopes, keys.next_expiry_at
       from (${known.join(' union ')} order by principal limit $3) k
       left join policy.principal p
         on p.tenant_id = core.current_tenant() and p.principal = k.principal
       left join lateral (select max(last_seen_at) as last_seen_at from policy.session
              where tenant_id = core.current_tenant() and principal = k.principal) s on true
      cross join lateral (
        select count(distinct a.id)::integer as count,
               coalesce(array_agg(distinct scope order by scope)
                 filter (where scope is not null), '{}') as scopes,
               min(a.expires_at) filter (where a.expires_at < 'infinity') as next_expiry_at
          from policy.api_key a left join lateral unnest(a.scopes) as held(scope) on true
         where a.tenant_id = core.current_tenant() and a.principal = k.principal
           and a.revoked_at > $2 and a.expires_at > $2) keys
      order by k.principal`,
    [after, instantToText(at), limit + 1],
  );
  const items = rows.map((row) => ({
    ...row,
    next_expiry_at: row.next_expiry_at?.toISOString() ?? null,
    last_seen_at: row.last_seen_at?.toISOString() ?? null,
  }));
  return pageOf(items, limit, ({ principal }) => principal);
}
