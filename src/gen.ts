// Writes what is generated and committed: openapi.json, asyncapi.json, schema.sql. With --check it
// writes nothing, and fails when one of them is not as it would be written.
import {
  createBell,
  dumpSchema,
  migrate,
  openDatabase,
  seededRandom,
  startPostgres,
  systemClock,
  temporaryKeyring,
} from '#core';
import { asyncApi, createApi } from '#api';
import { openPlanes } from '#main';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import manifest from '../package.json' with { type: 'json' };
import { createLog } from './serve.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const isCheck = process.argv.includes('--check');

const generated: Readonly<Record<string, string>> = {
  'openapi.json': await openApiText(),
  'asyncapi.json': jsonText(asyncApi(manifest.version)),
  'schema.sql': await schemaText(),
};

for (const [name, text] of Object.entries(generated)) {
  const path = join(project, name);
  if (!isCheck) {
    writeFileSync(path, text);
  } else if (readText(path) !== text) {
    console.error(`${name} is out of date: run npm run gen, and commit it`);
    process.exitCode = 1;
  }
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Of the API as it is mounted; nothing connects to the database. */
async function openApiText(): Promise<string> {
  const [clock, random] = [systemClock(), seededRandom(1)];
  const keyring = temporaryKeyring(random);
  const database = openDatabase({
    url: 'postgres://nowhere/none',
    password: keyring.databasePassword,
    applicationName: 'gen',
  });
  const planes = openPlanes({ database, keyring, clock, random });
  const app = await createApi({
    planes,
    sealed: createBell(),
    version: manifest.version,
    log: createLog('silent'),
    unready: () => undefined,
    gauges: () => ({}),
  });
  await app.ready();
  const text = jsonText(app.swagger());
  await app.close();
  await planes.close();
  return text;
}

/** Of a database that the migrations have just made. */
async function schemaText(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-gen-'));
  // As root, PostgreSQL runs as another user, who must be able to pass.
  chmodSync(folder, 0o755);
  const silent = () => undefined;
  const postgres = await startPostgres({
    folder,
    log: { info: silent, warn: silent },
    progress: silent,
  });
  const url = postgres.superuserUrl('postgres');
  const client = new pg.Client({ connectionString: url });
  try {
    const password = temporaryKeyring(seededRandom(1)).databasePassword;
    await migrate({ url, password, progress: silent });
    await client.connect();
    return await dumpSchema(client);
  } finally {
    await client.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
