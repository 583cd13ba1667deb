// What our ledger alone holds on an account of the core: the core would let it be spent.
import {
  type Clock,
  type Command,
  externalId,
  Fault,
  internalId,
  type Pool,
  type Uuid,
  withTx,
} from '#core';
import type { Adapter } from '../adapter.ts';
import type { Links } from './links.ts';

type HeldOn = {
  readonly tenant: string;
  readonly id: string;
  readonly core: string;
  readonly now: number;
  /** A command that is on its way: what it gives back counts as held still at the core. */
  readonly but?: Uuid;
};

/**
 * In SQL, of a hold `h` that was placed at the core by the intent `i`, where the core is `$2`: what
 * was added to it without the core, and whether the core was told to give it back.
 */
export const addedAlone = `(select coalesce(sum(c.amount), 0) from money.transfer c
  where c.tenant_id = h.tenant_id and c.hold_id = h.id and c.kind = 'increase' and not exists (
    select from money.core_intent j where j.tenant_id = c.tenant_id
       and j.command_id = c.command_id and j.core = $2 and j.state = 'completed'
       and j.steps @> '[{"operation": "increaseHold"}]'))`;
export function isGivenBack(which: string): string {
  return `exists (select from money.core_intent j
    where j.tenant_id = h.tenant_id and j.debtor_id = h.debit_account_id and j.core = $2
      and jsonb_array_length(j.steps) > 1 ${which}
      and j.steps @> jsonb_build_array(jsonb_build_object('operation', 'releaseHold',
        'order', jsonb_build_object('hold', i.reference))))`;
}

/**
 * Minor units: of open holds on the account, what the core does not have. What it was told to give
 * back before something else counts, whether or not it has.
 */
export async function heldAlone(pool: Pool, of: HeldOn): Promise<number> {
  const { tenant, id, core, now, but = null } = of;
  const account = internalId('account', id) ?? null;
  const isGone = isGivenBack('and ($4::uuid is null or j.command_id <> $4)');
  const sql = `select coalesce(sum(case when i.command_id is null or ${isGone} then l.left_
        else least(l.left_, ${addedAlone}) end), 0)::float8 as held
      from money.hold h
     cross join lateral (select h.amount - h.captured - h.released as left_) l
      join money.transfer x on x.tenant_id = h.tenant_id and x.id = h.id
      left join money.core_intent i on i.tenant_id = x.tenant_id and i.command_id = x.command_id
       and i.core = $2 and i.state = 'completed' and i.steps -> -1 ->> 'operation' = 'placeHold'
     where h.tenant_id = core.current_tenant() and h.debit_account_id = $1
       and h.status = 'open' and h.expires_at > $3`;
  const { rows } = await withTx(
    pool,
    (tx) => tx.query<{ held: number }>(sql, [account, core, new Date(now), but]),
    { tenant, readOnly: true },
  );
  return rows[0]?.held ?? 0;
}

/** Minor units. */
export type ReadFunds = {
  /** On an account, what our ledger alone holds before a command. */
  readonly held: (command: Pick<Command, 'tenant' | 'id'>, account: Uuid) => Promise<number>;
  /** On an account, what the core lets go. Throws where it does not tell. */
  readonly available: (tenant: string, account: Uuid) => Promise<number>;
};

type FundsParts = {
  readonly adapter: Adapter;
  readonly links: Pick<Links, 'coreAccount'>;
  /** Of the role read. */
  readonly pool: Pool;
  readonly clock: Clock;
};

export function fundsOf({ adapter, links, pool, clock }: FundsParts): ReadFunds {
  const { name: core, operations } = adapter;
  return {
    async held({ tenant, id: but }, account) {
      const id = externalId('account', account);
      return heldAlone(pool, { tenant, id, core, now: clock.now(), but });
    },
    async available(tenant, account) {
      const there = await links.coreAccount(tenant, externalId('account', account));
      const balances = there === undefined ? [] : await operations.readBalances({ id: there });
      const balance = balances?.find(({ type }) => type === 'ITAV');
      if (!balance) throw new Fault('core_failed', `the core ${core} does not tell the balance`);
      const { credit_debit_indicator: indicator, amount } = balance;
      return indicator === 'CRDT' ? amount : -amount;
    },
  };
}
