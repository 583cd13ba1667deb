// Rotation of a tenant's vault: a new envelope key, and every person's key wrapped anew under it.
import { type Tx, withTx } from '#core';
import {
  type EnvelopeRow,
  indexKey,
  insertEnvelope,
  type Keys,
  lockTenant,
  type PersonRow,
  personKey,
  readEnvelopes,
  rewrapIndexKey,
  wrapPersonKey,
} from './keys.ts';

export type Rotated = {
  /** The number of the envelope key under which all are now. */
  readonly envelope: number;
  /** How many persons' keys were wrapped anew. */
  readonly persons: number;
};

/** Persons of one transaction. */
const pageSize = 500;

/**
 * Wraps all under a new envelope key, and that under the keyring's current key. Values stay as they
 * are, and are readable throughout. After a call that was interrupted, the next finishes its work.
 */
export async function rotate(keys: Keys, tenant: string): Promise<Rotated> {
  const { pool } = keys;
  const index = await indexKey(keys, tenant);
  const envelope = await withTx(pool, (tx) => begin(keys, tx, tenant), { tenant });
  let persons = 0;
  let after: string | undefined = '';
  while (after !== undefined) {
    const page = { tenant, envelope, after };
    const done: string[] = await withTx(pool, (tx) => rewrapPage(keys, tx, page), { tenant });
    persons += done.length;
    after = done.at(-1);
  }
  await withTx(
    pool,
    async (tx) => {
      await dropOlder(tx, tenant, envelope);
      await rewrapIndexKey(keys, tx, { tenant, index });
    },
    { tenant },
  );
  return { envelope: envelope.number, persons };
}

async function begin(keys: Keys, tx: Tx, tenant: string): Promise<EnvelopeRow> {
  await lockTenant(tx, tenant, 'alone');
  const envelopes = await readEnvelopes(tx, tenant);
  const latest = envelopes.at(-1);
  const { currentId } = keys.keyring.vaultKeys;
  const isUnderWay = envelopes.length > 1 && latest?.kek_id === currentId;
  return isUnderWay ? latest : insertEnvelope(keys, tx, tenant, (latest?.number ?? 0) + 1);
}

/** Answers the persons of the page, in order. */
async function rewrapPage(
  keys: Keys,
  tx: Tx,
  { tenant, envelope, after }: { tenant: string; envelope: EnvelopeRow; after: string },
): Promise<string[]> {
  type Row = EnvelopeRow & { person: string; person_wrapped: PersonRow['wrapped'] };
  const { rows } = await tx.query<Row>(
    `select p.person, p.wrapped as person_wrapped, e.number, e.kek_id, e.wrapped
       from privacy.person_key p join privacy.envelope_key e
         on e.tenant_id = p.tenant_id and e.number = p.envelope
      where p.tenant_id = $1 and p.envelope < $2 and p.person > $3
      order by p.person limit $4 for no key update of p`,
    [tenant, envelope.number, after, pageSize],
  );
  const wrapped = rows.map((row) => {
    const { person, person_wrapped } = row;
    const key = personKey(keys, tenant, { person, wrapped: person_wrapped }, row);
    return wrapPersonKey(keys, { tenant, person, key, envelope });
  });
  const persons = rows.map(({ person }) => person);
  await tx.query(
    `update privacy.person_key p set envelope = $4, wrapped = n.wrapped
       from unnest($2::text[], $3::bytea[]) as n(person, wrapped)
      where p.tenant_id = $1 and p.person = n.person`,
    [tenant, persons, wrapped, envelope.number],
  );
  return persons;
}

async function dropOlder(tx: Tx, tenant: string, { number }: EnvelopeRow): Promise<void> {
  await lockTenant(tx, tenant, 'alone');
  await tx.query(
    `delete from privacy.envelope_key e where tenant_id = $1 and number < $2 and not exists (
       select from privacy.person_key p where p.tenant_id = $1 and p.envelope = e.number)`,
    [tenant, number],
  );
}
