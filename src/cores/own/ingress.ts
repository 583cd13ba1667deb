// Personal values on their way into a command of the register: tokens go in, the values stay out.
import { assert, type Pool, withTx } from '#core';
import type { PersonalValue, Vault } from '#privacy';
import type { Tokens } from './parties.ts';

/** What is said about a party, by field. */
export type Values = Readonly<Record<string, Omit<PersonalValue, 'person'>>>;

export type Ingress = {
  readonly vault: Vault;
  /** Of the role policy. */
  readonly pool: Pool;
};

export type Addressed = {
  readonly tenant: string;
  readonly idempotencyKey: string;
  readonly party: string;
};

/**
 * A token for each value. A retry whose values were erased meanwhile gets the tokens of the first
 * call: to compare would mean to put back into the vault what was taken out of it.
 */
export async function tokensOf(
  { vault, pool }: Ingress,
  { tenant, idempotencyKey, party }: Addressed,
  values: Values,
): Promise<Tokens> {
  const fields = Object.entries(values);
  const earlier = await earlierTokens(pool, tenant, idempotencyKey);
  if (earlier) {
    const kept = await vault.detokenize(tenant, Object.values(earlier));
    if (kept.includes(undefined)) return earlier;
  }
  const items = fields.map(([, value]) => ({ ...value, person: party }));
  const tokens = await vault.tokenize(tenant, items);
  return Object.fromEntries(
    fields.map(([field], at) => {
      const token = tokens[at];
      assert(token, 'every value has a token');
      return [field, token];
    }),
  );
}

/** Those of the register's command that has had this key before. */
async function earlierTokens(
  pool: Pool,
  tenant: string,
  idempotencyKey: string,
): Promise<Tokens | undefined> {
  const { rows } = await withTx(
    pool,
    (tx) =>
      tx.query<{ body: string }>(
        `select body from core.command where tenant_id = $1 and idempotency_key = $2
            and operation in ('party.register', 'party.change', 'contact.set')`,
        [tenant, idempotencyKey],
      ),
    { tenant, readOnly: true },
  );
  const [earlier] = rows;
  return earlier && (JSON.parse(earlier.body) as { tokens: Tokens }).tokens;
}
