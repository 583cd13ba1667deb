// A database of its own for a test: real PostgreSQL, copied from the migrated template.
import type { TestContext } from 'node:test';
import pg from 'pg';
import { type Database, openDatabase } from '../src/core/database.ts';

export const testTemplate = 'countersign_template';

/** Roles belong to the whole server, and all tests share one: their passwords are constant. */
export function testPassword(role: string): string {
  return `test-${role}`;
}

/** The superuser's URL of a database on the test server. */
export function testServerUrl(database: string): string {
  const given = process.env['COUNTERSIGN_TEST_URL'];
  if (given === undefined) {
    throw new Error('there is no test server: run this file by `npm test -- FILE`');
  }
  const url = new URL(given);
  url.pathname = `/${database}`;
  return url.href;
}

/** A new database for this test, gone after it. `template0` gives one without migrations. */
export async function testDatabase(
  t: TestContext,
  { template = testTemplate }: { template?: string } = {},
): Promise<{ url: string; database: Database }> {
  made += 1;
  const name = `test_${process.pid}_${made}`;
  // Files are copied in half the time that it takes to log each of their pages.
  await asSuperuser(`create database ${name} template ${template} strategy file_copy`);
  // What migrations grant on a database itself, a copy of it has not.
  await asSuperuser(`revoke temporary on database ${name} from public`);
  const url = testServerUrl(name);
  const database = openDatabase({ url, password: testPassword, applicationName: 'test' });
  t.after(async () => {
    await database.close();
    await asSuperuser(`drop database ${name} with (force)`);
  });
  return { url, database };
}

let made = 0;

async function asSuperuser(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: testServerUrl('postgres') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
