// Holders: whose an account is, as the register has it. They pay with it, and are paid by it.
import { externalId, internalId, type Uuid } from '#core';
import type pg from 'pg';

/**
 * The tokens of those who hold one of these accounts, alone or jointly; none where all of its links
 * have ended, and undefined where the register has heard of no link at all.
 */
export async function holdersOf(
  tx: pg.ClientBase,
  accounts: readonly (string | null)[],
): Promise<readonly string[] | undefined> {
  const { rows } = await tx.query<{ party_id: string; role: string }>(
    `select distinct party_id, role from register.account_party
      where tenant_id = core.current_tenant() and account_id = any ($1::uuid[])
      order by party_id`,
    [accounts.flatMap((account) => internalId('account', account ?? '') ?? [])],
  );
  if (rows.length === 0) return undefined;
  const holders = rows.filter(({ role }) => role !== 'former').map(({ party_id }) => party_id);
  return [...new Set(holders)];
}

/** More than any person has; who has more meets the others one by one. */
const accountsMax = 1_000;

/** The accounts that somebody holds, alone or jointly. */
export async function accountsOf(tx: pg.ClientBase, holder: string): Promise<readonly string[]> {
  const { rows } = await tx.query<{ account_id: Uuid }>(
    `select account_id from register.account_party
      where tenant_id = core.current_tenant() and party_id = $1 and role <> 'former'
      order by account_id limit ${accountsMax}`,
    [holder],
  );
  return rows.map(({ account_id }) => externalId('account', account_id));
}
