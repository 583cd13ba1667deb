// The keys of the vault: the keyring wraps a tenant's, and these wrap those of its persons.
import {
  type Clock,
  Fault,
  instantToText,
  type Keyring,
  type Pool,
  type Random,
  type Tx,
  withTx,
} from '#core';
import type { KeyObject } from 'node:crypto';
import { newKey, type Place, unwrapKey, wrapKey } from './cipher.ts';

export type VaultOptions = {
  /** Of the role `vault`. */
  readonly pool: Pool;
  readonly keyring: Pick<Keyring, 'vaultKeys'>;
  readonly random: Random;
  readonly clock: Clock;
};

/** What opens and makes keys, with the tenants' keys that were opened already. */
export type Keys = VaultOptions & { readonly cached: Map<string, KeyObject> };

/** A key as a row holds it. */
type Wrapped = { readonly kek_id: string; readonly wrapped: Buffer };

export type EnvelopeRow = Wrapped & { readonly number: number };

export type PersonRow = { readonly person: string; readonly wrapped: Buffer };

type PersonUnder = PersonRow & { readonly envelope: number };

const cachedMax = 2_000;
/** The class of the advisory lock, beside those of gates (1) and projections (2). */
const lockClass = 3;

/** The keys of persons, made where there is none; none can be erased before the commit. */
export async function personKeys(
  keys: Keys,
  tx: Tx,
  { tenant, persons }: { tenant: string; persons: readonly string[] },
): Promise<ReadonlyMap<string, KeyObject>> {
  await lockTenant(tx, tenant, 'shared');
  const { rows } = await tx.query<PersonUnder>(
    `select person, envelope, wrapped from privacy.person_key
      where tenant_id = $1 and person = any ($2) order by person for key share`,
    [tenant, persons],
  );
  const known = new Set(rows.map(({ person }) => person));
  const absent = persons.filter((person) => !known.has(person));
  const envelopes = await readEnvelopes(tx, tenant);
  if (absent.length > 0) rows.push(...(await makePersons(keys, tx, { tenant, absent, envelopes })));
  return new Map(
    rows.map((row) => [row.person, personKey(keys, tenant, row, envelopeOf(envelopes, row))]),
  );
}

async function makePersons(
  keys: Keys,
  tx: Tx,
  of: { tenant: string; absent: readonly string[]; envelopes: readonly EnvelopeRow[] },
): Promise<PersonUnder[]> {
  const { tenant, absent, envelopes } = of;
  const current = envelopes.at(-1);
  if (current === undefined) throw new Fault('vault_damaged', `${tenant} has no envelope key`);
  const wrapped = absent.map((person) =>
    wrapPersonKey(keys, { tenant, person, key: newKey(keys.random), envelope: current }),
  );
  // Whoever was faster has made the key: the update that changes nothing locks and answers it.
  const { rows } = await tx.query<PersonUnder>(
    `insert into privacy.person_key as p (tenant_id, person, envelope, wrapped, created_at)
     select $1, n.person, $4, n.wrapped, $5 from unnest($2::text[], $3::bytea[])
       as n(person, wrapped) order by n.person collate "C"
     on conflict (tenant_id, person) do update set envelope = p.envelope
     returning person, envelope, wrapped`,
    [tenant, absent, wrapped, current.number, instantToText(keys.clock.now())],
  );
  return rows;
}

/** The key of a person's values, from its row and that of the envelope key it lies under. */
export function personKey(
  keys: Keys,
  tenant: string,
  { person, wrapped }: PersonRow,
  envelope: EnvelopeRow,
): KeyObject {
  // Never remembered: an erased key shall be nowhere.
  return unwrapKey(envelopeKey(keys, tenant, envelope), wrapped, personPlace(tenant, person));
}

export function wrapPersonKey(
  keys: Keys,
  of: { tenant: string; person: string; key: KeyObject; envelope: EnvelopeRow },
): Buffer {
  const place = personPlace(of.tenant, of.person);
  const under = envelopeKey(keys, of.tenant, of.envelope);
  return wrapKey(under, of.key, { place, random: keys.random });
}

function personPlace(tenant: string, person: string): Place {
  return ['person key', tenant, person];
}

// Keys of a tenant --------------------------------------------------------------------------------

/** A tenant's index key. The first call for a tenant makes its keys. */
export async function indexKey(keys: Keys, tenant: string): Promise<KeyObject> {
  const known = keys.cached.get(`index ${tenant}`);
  if (known) return known;
  const read = { tenant, readOnly: true };
  const row =
    (await withTx(keys.pool, (tx) => readIndexKey(tx, tenant), read)) ??
    (await withTx(keys.pool, (tx) => makeTenant(keys, tx, tenant), { tenant }));
  return remembered(keys, `index ${tenant}`, () => unwrap(keys, row, indexPlace(tenant)));
}

async function makeTenant(keys: Keys, tx: Tx, tenant: string): Promise<Wrapped> {
  await lockTenant(tx, tenant, 'alone');
  const earlier = await readIndexKey(tx, tenant);
  if (earlier) return earlier;
  const index = wrapUnderCurrent(keys, newKey(keys.random), indexPlace(tenant));
  await tx.query(
    `insert into privacy.index_key (tenant_id, kek_id, wrapped, created_at)
     values ($1, $2, $3, $4)`,
    [tenant, index.kek_id, index.wrapped, instantToText(keys.clock.now())],
  );
  await insertEnvelope(keys, tx, tenant, 1);
  return index;
}

export async function rewrapIndexKey(
  keys: Keys,
  tx: Tx,
  { tenant, index }: { tenant: string; index: KeyObject },
): Promise<void> {
  const { kek_id, wrapped } = wrapUnderCurrent(keys, index, indexPlace(tenant));
  await tx.query('update privacy.index_key set kek_id = $2, wrapped = $3 where tenant_id = $1', [
    tenant,
    kek_id,
    wrapped,
  ]);
}

export async function insertEnvelope(
  keys: Keys,
  tx: Tx,
  tenant: string,
  number: number,
): Promise<EnvelopeRow> {
  const row = wrapUnderCurrent(keys, newKey(keys.random), envelopePlace(tenant, number));
  await tx.query(
    `insert into privacy.envelope_key (tenant_id, number, kek_id, wrapped, created_at)
     values ($1, $2, $3, $4, $5)`,
    [tenant, number, row.kek_id, row.wrapped, instantToText(keys.clock.now())],
  );
  return { number, ...row };
}

async function readIndexKey(tx: Tx, tenant: string): Promise<Wrapped | undefined> {
  const { rows } = await tx.query<Wrapped>(
    'select kek_id, wrapped from privacy.index_key where tenant_id = $1',
    [tenant],
  );
  return rows[0];
}

/** The newest is the last. */
export async function readEnvelopes(tx: Tx, tenant: string): Promise<EnvelopeRow[]> {
  const { rows } = await tx.query<EnvelopeRow>(
    'select number, kek_id, wrapped from privacy.envelope_key where tenant_id = $1 order by number',
    [tenant],
  );
  return rows;
}

/** A rotation changes the set of envelope keys alone; whoever uses the newest shares the lock. */
export async function lockTenant(tx: Tx, tenant: string, how: 'alone' | 'shared'): Promise<void> {
  const lock = how === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  await tx.query(`select ${lock}(hashtextextended($1, ${lockClass}))`, [tenant]);
}

function envelopeOf(envelopes: readonly EnvelopeRow[], { envelope }: PersonUnder): EnvelopeRow {
  const found = envelopes.find(({ number }) => number === envelope);
  if (found === undefined) throw new Fault('vault_damaged', `envelope key ${envelope} is gone`);
  return found;
}

function envelopeKey(keys: Keys, tenant: string, row: EnvelopeRow): KeyObject {
  const name = `envelope ${row.number} ${tenant}`;
  return remembered(keys, name, () => unwrap(keys, row, envelopePlace(tenant, row.number)));
}

function remembered({ cached }: Keys, name: string, open: () => KeyObject): KeyObject {
  const known = cached.get(name);
  if (known) return known;
  const key = open();
  // The first to go is the first that came: a miss costs microseconds.
  const [oldest] = cached.keys();
  if (cached.size >= cachedMax && oldest !== undefined) cached.delete(oldest);
  cached.set(name, key);
  return key;
}

// Under the keyring -------------------------------------------------------------------------------

function wrapUnderCurrent(keys: Keys, key: KeyObject, place: Place): Wrapped {
  const { random, keyring } = keys;
  const kek_id = keyring.vaultKeys.currentId;
  return { kek_id, wrapped: wrapKey(keyOfKeyring(keys, kek_id), key, { place, random }) };
}

function unwrap(keys: Keys, { kek_id, wrapped }: Wrapped, place: Place): KeyObject {
  return unwrapKey(keyOfKeyring(keys, kek_id), wrapped, place);
}

function keyOfKeyring({ keyring }: Keys, id: string): KeyObject {
  const key = keyring.vaultKeys.secret(id);
  if (key === undefined) throw new Fault('keyring_invalid', `the keyring lacks the key ${id}`);
  return key;
}

function indexPlace(tenant: string): Place {
  return ['index key', tenant];
}

function envelopePlace(tenant: string, number: number): Place {
  return ['envelope key', tenant, String(number)];
}
