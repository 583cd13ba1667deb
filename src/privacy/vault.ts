// The token vault: keeps personal values under a key per person, and hands out tokens for them.
import { assert, Fault, instantToText, lengthPrefixed, type Tx, type Uuid, withTx } from '#core';
import { createHmac, type KeyObject } from 'node:crypto';
import { decrypt, encrypt, type Place } from './cipher.ts';
import { type FieldClass, fieldClasses } from './classes.ts';
import {
  indexKey,
  type Keys,
  type PersonRow,
  personKey,
  personKeys,
  type VaultOptions,
} from './keys.ts';
import { type Rotated, rotate } from './rotation.ts';
import { isToken, newToken, type Token } from './token.ts';

/** A value about a person, whom an id names that means nothing outside of the bank. */
export type PersonalValue = {
  readonly person: string;
  readonly class: FieldClass;
  readonly value: string;
};

export type Found = { readonly person: string; readonly token: Token };

export type Vault = {
  /**
   * A token for each value, in order. One person's equal values of a class share a token for as
   * long as the person is not erased; two persons never share one.
   */
  readonly tokenize: (tenant: string, items: readonly PersonalValue[]) => Promise<Token[]>;
  /** The value of each token, in order; undefined for what is no token here, or was erased. */
  readonly detokenize: (
    tenant: string,
    tokens: readonly string[],
  ) => Promise<(string | undefined)[]>;
  /** Whether all of these stand for values of that person. Needs no key. */
  readonly owns: (tenant: string, person: string, tokens: readonly string[]) => Promise<boolean>;
  /** Who has a value, by person, up to `foundMax`; `after` is the last of the page before. */
  readonly find: (
    tenant: string,
    wanted: Omit<PersonalValue, 'person'>,
    after?: string,
  ) => Promise<Found[]>;
  /**
   * Makes a person's values unreadable for ever, and answers how many there were. With the id of
   * an erasure that was finished before, nothing happens: what came since was not meant by it.
   */
  readonly erase: (tenant: string, person: string, erasure?: Uuid) => Promise<number>;
  readonly rotate: (tenant: string) => Promise<Rotated>;
};

/** Items or tokens of one call. */
export const itemsMax = 1_000;
export const foundMax = 1_000;
/** In UTF-16 code units. */
export const valueMax = 16_384;
export const personMax = 200;

type Digested = PersonalValue & { readonly digest: Buffer };

export function openVault(options: VaultOptions): Vault {
  const keys: Keys = { ...options, cached: new Map() };
  return {
    tokenize: (tenant, items) => tokenize(keys, tenant, items),
    detokenize: (tenant, tokens) => detokenize(keys, tenant, tokens),
    owns: (tenant, person, tokens) => owns(keys, { tenant, person, tokens }),
    find: (tenant, wanted, after = '') => find(keys, tenant, { ...wanted, after }),
    erase: (tenant, person, erasure) => {
      const work = async (tx: Tx) => {
        const isNew = erasure === undefined || (await begin(keys, tx, { tenant, person, erasure }));
        return isNew ? erasePerson(tx, tenant, person) : 0;
      };
      return withTx(keys.pool, work, { tenant });
    },
    rotate: (tenant) => rotate(keys, tenant),
  };
}

async function tokenize(
  keys: Keys,
  tenant: string,
  items: readonly PersonalValue[],
): Promise<Token[]> {
  checkCount(items.length);
  items.forEach(checkItem);
  if (items.length === 0) return [];
  const index = await indexKey(keys, tenant);
  const wanted = items.map((item) => ({ ...item, digest: digestOf(index, item) }));
  const read = { tenant, readOnly: true };
  const known = await withTx(keys.pool, (tx) => findTokens(tx, tenant, wanted), read);
  const absent = new Map(
    wanted.filter((item) => !known.has(nameOf(item))).map((item) => [nameOf(item), item]),
  );
  const made =
    absent.size === 0
      ? known
      : await withTx(keys.pool, (tx) => makeTokens(keys, tx, tenant, [...absent.values()]), {
          tenant,
        });
  return wanted.map((item) => {
    const token = known.get(nameOf(item)) ?? made.get(nameOf(item));
    assert(token, 'every value has a token by now');
    return token;
  });
}

async function makeTokens(
  keys: Keys,
  tx: Tx,
  tenant: string,
  items: readonly Digested[],
): Promise<ReadonlyMap<string, Token>> {
  const { random, clock } = keys;
  const persons = [...new Set(items.map(({ person }) => person))];
  const keyOf = await personKeys(keys, tx, { tenant, persons });
  const rows = items.map((item) => {
    const key = keyOf.get(item.person);
    assert(key, 'every person has a key by now');
    const token = newToken(item.class, random);
    const place = placeOf(tenant, { ...item, token });
    return { ...item, token, ciphertext: encrypt(key, Buffer.from(item.value), { place, random }) };
  });
  // In one order, so that two who write the same wait for each other and never in a circle.
  await tx.query(
    `insert into privacy.token (tenant_id, token, person, class, digest, ciphertext, created_at)
     select $1, n.token, n.person, n.class, n.digest, n.ciphertext, $7
       from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[])
         as n(token, person, class, digest, ciphertext)
      order by n.person collate "C", n.class collate "C", n.digest
     on conflict on constraint one_token_per_value do nothing`,
    [
      tenant,
      rows.map(({ token }) => token),
      rows.map(({ person }) => person),
      rows.map((row) => row.class),
      rows.map(({ digest }) => digest),
      rows.map(({ ciphertext }) => ciphertext),
      instantToText(clock.now()),
    ],
  );
  // Read again: somebody may have been faster with some.
  return findTokens(tx, tenant, items);
}

async function detokenize(
  keys: Keys,
  tenant: string,
  tokens: readonly string[],
): Promise<(string | undefined)[]> {
  checkCount(tokens.length);
  const wanted = [...new Set(tokens)].filter(isToken);
  if (wanted.length === 0) return tokens.map(() => undefined);
  const read = { tenant, readOnly: true };
  const rows = await withTx(keys.pool, (tx) => readValues(tx, tenant, wanted), read);
  const values = new Map<string, string>();
  const opened = new Map<string, KeyObject>();
  for (const row of rows) {
    const { number, kek_id, envelope_wrapped: wrapped } = row;
    const key = opened.get(row.person) ?? personKey(keys, tenant, row, { number, kek_id, wrapped });
    opened.set(row.person, key);
    values.set(row.token, decrypt(key, row.ciphertext, placeOf(tenant, row)).toString('utf8'));
  }
  return tokens.map((token) => values.get(token));
}

async function owns(
  { pool }: Keys,
  of: { tenant: string; person: string; tokens: readonly string[] },
): Promise<boolean> {
  const { tenant, person, tokens } = of;
  checkCount(tokens.length);
  const sql = `select count(*)::int as count from privacy.token
    where tenant_id = $1 and person = $2 and token = any ($3)`;
  const wanted = [...new Set(tokens)];
  const look = (tx: Tx) => tx.query<{ count: number }>(sql, [tenant, person, wanted]);
  const { rows } = await withTx(pool, look, { tenant, readOnly: true });
  return rows[0]?.count === wanted.length;
}

async function find(
  keys: Keys,
  tenant: string,
  { after, ...wanted }: Omit<PersonalValue, 'person'> & { after: string },
): Promise<Found[]> {
  if (!fieldClasses[wanted.class].isSearchable) {
    throw new Fault('input_invalid', `values of the class ${wanted.class} are not searchable`);
  }
  const digest = digestOf(await indexKey(keys, tenant), { ...wanted, person: '' });
  const sql = `select person, token from privacy.token
    where tenant_id = $1 and class = $2 and digest = $3 and person > $4 order by person limit $5`;
  const values = [tenant, wanted.class, digest, after, foundMax];
  const read = { tenant, readOnly: true };
  return withTx(keys.pool, async (tx) => (await tx.query<Found>(sql, values)).rows, read);
}

/** On record with the erasure itself, or not at all. Of two at once the other waits here. */
async function begin(
  { clock }: Keys,
  tx: Tx,
  { tenant, person, erasure }: { tenant: string; person: string; erasure: Uuid },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into privacy.erasure (tenant_id, id, person, erased_at) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [tenant, erasure, person, instantToText(clock.now())],
  );
  return rowCount === 1;
}

async function erasePerson(tx: Tx, tenant: string, person: string): Promise<number> {
  // The lock first: a call that tokenizes for this person is done before, or begins anew after.
  const { rowCount: isThere } = await tx.query(
    'select from privacy.person_key where tenant_id = $1 and person = $2 for update',
    [tenant, person],
  );
  if (isThere === 0) return 0;
  const { rowCount } = await tx.query(
    'delete from privacy.token where tenant_id = $1 and person = $2',
    [tenant, person],
  );
  await tx.query('delete from privacy.person_key where tenant_id = $1 and person = $2', [
    tenant,
    person,
  ]);
  return rowCount ?? 0;
}

// Rows --------------------------------------------------------------------------------------------

async function findTokens(
  tx: Tx,
  tenant: string,
  items: readonly Digested[],
): Promise<ReadonlyMap<string, Token>> {
  const { rows } = await tx.query<Omit<Digested, 'value'> & { token: Token }>(
    `select t.token, t.person, t.class, t.digest
       from unnest($2::text[], $3::text[], $4::bytea[]) as n(person, class, digest)
       join privacy.token t on t.tenant_id = $1 and t.class = n.class and t.digest = n.digest
        and t.person = n.person`,
    [
      tenant,
      items.map(({ person }) => person),
      items.map((item) => item.class),
      items.map(({ digest }) => digest),
    ],
  );
  return new Map(rows.map((row) => [nameOf(row), row.token]));
}

type ValueRow = PersonRow & {
  readonly token: Token;
  readonly class: FieldClass;
  readonly ciphertext: Buffer;
  readonly number: number;
  readonly kek_id: string;
  readonly envelope_wrapped: Buffer;
};

/** In one statement: what a rotation or an erasure does meanwhile is seen whole or not at all. */
async function readValues(tx: Tx, tenant: string, tokens: readonly Token[]): Promise<ValueRow[]> {
  const { rows } = await tx.query<ValueRow>(
    `select t.token, t.class, t.ciphertext, p.person, p.wrapped,
            e.number, e.kek_id, e.wrapped as envelope_wrapped
       from privacy.token t join privacy.person_key p using (tenant_id, person)
       join privacy.envelope_key e on e.tenant_id = p.tenant_id and e.number = p.envelope
      where t.tenant_id = $1 and t.token = any ($2)`,
    [tenant, tokens],
  );
  return rows;
}

// Values ------------------------------------------------------------------------------------------

/**
 * By which equal values are found. Of a class that is not searched, the person is digested too: who
 * sees the rows cannot tell that two persons share a name or a birthday.
 */
function digestOf(index: KeyObject, { person, class: fieldClass, value }: PersonalValue): Buffer {
  const { isSearchable, normalize } = fieldClasses[fieldClass];
  const fields = [fieldClass, isSearchable ? '' : person, normalize(value)];
  return createHmac('sha256', index).update(lengthPrefixed(fields)).digest();
}

/** A ciphertext that is moved to another row, person, class or tenant does not open there. */
function placeOf(
  tenant: string,
  { person, class: fieldClass, token }: Omit<PersonalValue, 'value'> & { token: string },
): Place {
  return ['value', tenant, person, fieldClass, token];
}

function nameOf({ person, class: fieldClass, digest }: Omit<Digested, 'value'>): string {
  return lengthPrefixed([person, fieldClass, digest.toString('base64')]);
}

function checkCount(count: number): void {
  if (count > itemsMax) throw new Fault('too_many_items', `at most ${itemsMax} in one call`);
}

/** The value itself is in no message. */
function checkItem({ person, class: fieldClass, value }: PersonalValue, at: number): void {
  assert(Object.hasOwn(fieldClasses, fieldClass), `there is no class ${fieldClass}`);
  const isPerson = /^[\x21-\x7e]+$/.test(person) && person.length <= personMax;
  if (!isPerson) {
    throw new Fault('input_invalid', `item ${at}: a person is an id of 1 to ${personMax} signs`);
  }
  // Half a surrogate pair has no UTF-8: it would come back as another text.
  if (value.length === 0 || value.length > valueMax || !value.isWellFormed()) {
    throw new Fault(
      'input_invalid',
      `item ${at}: a value is a text of 1 to ${valueMax} characters`,
    );
  }
}
