// Sealed events as rows, without the commands that would have caused them: logs of any shape, fast.
import { canonicalJson, type Json } from '#core';
import type pg from 'pg';

export type Planted = {
  readonly type: string;
  /** As events have it; what it leaves out is empty. */
  readonly data: Readonly<Record<string, Json>>;
};

/** Appends to a tenant's sealed log. Heads and proofs are not made: nobody may verify it. */
export async function plantEvents(
  superuser: Pick<pg.Pool, 'query'>,
  tenant: string,
  events: readonly Planted[],
): Promise<void> {
  await superuser.query(
    `with planted as (
       select e.type, e.body, n, nextval('core.event_seq') as seq
         from unnest($2::text[], string_to_array($3, e'\\n')) with ordinality as e(type, body, n)),
     events as (
       insert into core.event (seq, tenant_id, id, type, body)
       select seq, $1, gen_random_uuid(), type, body from planted),
     state as (
       update core.seal_state set position = position + (select count(*) from planted)
       returning position - (select count(*) from planted) as start),
     tree as (
       insert into core.tree as t (tenant_id, size) select $1, count(*) from planted
       on conflict (tenant_id) do update set size = t.size + excluded.size
       returning size - (select count(*) from planted) as start)
     insert into core.leaf (position, tenant_id, tenant_position, seq, hash)
     select state.start + n, $1, tree.start + n, seq, sha256(convert_to(body, 'UTF8'))
       from planted, state, tree`,
    [
      tenant,
      events.map(({ type }) => type),
      events.map(({ type, data }) => canonicalJson({ type, data })).join('\n'),
    ],
  );
}
