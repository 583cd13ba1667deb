// A vault for a test, on a database of its own, and what its tests say again and again.
import type { TestContext } from 'node:test';
import {
  type Database,
  Fault,
  type FaultCode,
  type Keyring,
  type Pool,
  seededRandom,
  temporaryKeyring,
} from '#core';
import { openVault, type PersonalValue, type Vault } from '#privacy';
import pg from 'pg';
import { monday } from './bank.ts';
import { testDatabase } from './database.ts';

export type TestVault = {
  readonly database: Database;
  readonly superuser: pg.Pool;
  readonly keyring: Keyring;
  readonly vault: Vault;
  /** The vault as another process has it, or with another pool or keyring. */
  readonly open: (more?: { pool?: Pool; keyring?: Pick<Keyring, 'vaultKeys'> }) => Vault;
  readonly newTenant: () => string;
  /** The rows of a tenant, as the superuser sees them. */
  readonly count: (table: string, tenant: string) => Promise<number>;
};

export const ann: PersonalValue = {
  person: 'cus_ann',
  class: 'email',
  value: 'ann@example.com',
};
export const bob: PersonalValue = { ...ann, person: 'cus_bob' };

export const vaultTables = ['envelope_key', 'index_key', 'person_key', 'token'] as const;

export async function openTestVault(t: {
  readonly after: (fn: () => Promise<void>) => void;
}): Promise<TestVault> {
  const { url, database } = await testDatabase(t as TestContext);
  const superuser = new pg.Pool({ connectionString: url, max: 2 });
  // The database goes before its sessions do.
  superuser.on('error', () => undefined);
  t.after(() => superuser.end());
  const random = seededRandom(7);
  const keyring = temporaryKeyring(random);
  const clock = { now: () => monday };
  const open: TestVault['open'] = (more = {}) =>
    openVault({ pool: database.pool('vault'), keyring, random, clock, ...more });
  let tenants = 0;
  return {
    database,
    superuser,
    keyring,
    vault: open(),
    open,
    newTenant() {
      tenants += 1;
      return `bank-${tenants}`;
    },
    async count(table, tenant) {
      const sql = `select count(*)::int as n from privacy.${table} where tenant_id = $1`;
      return (await superuser.query(sql, [tenant])).rows[0].n;
    },
  };
}

export function fault(code: FaultCode) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}
