// Writes what is generated and committed: openapi.json and its types for the console,
// asyncapi.json, schema.sql, the page of the policies. With --check it writes nothing, and fails
// when one is not as it would be written.
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
import { asyncApi, consoleTypes, createApi } from '#api';
import { openPlanes } from '#main';
import { bundlePage, defaultBundles } from '#policy';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import manifest from '../package.json' with { type: 'json' };
import { createLog } from './serve.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const policiesIntroduction = `# Policies

What decides in a tenant until it publishes a bundle of its own. This page is made from the files in
\`policies/\`, which hold their examples as well.

All rules that hold are heard, and the strictest outcome is the answer: deny before review, review
before hold, hold before allow. A rule with a condition that is false does not hold, whatever else
is missing. A fact that is missing where it is needed makes the answer \`review\`, and so does a
case about which no rule says anything. Amounts are in minor units: \`100000\` is 1,000.00. Reasons
are worded so that they can be read out to a customer.`;
const isCheck = process.argv.includes('--check');

const openApi = await openApiText();
const generated: Readonly<Record<string, string>> = {
  'openapi.json': openApi,
  'console/src/api/openapi.ts': consoleTypes(JSON.parse(openApi)),
  'asyncapi.json': jsonText(asyncApi(manifest.version)),
  'schema.sql': await schemaText(),
  'docs/reference/policies.md': policiesText(),
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

function policiesText(): string {
  const bundles = [...defaultBundles().values()].map(({ bundle }) => bundle);
  const entries = bundles.map(
    ({ name, title }) => `- [${title}](#${anchorOf(title)}): \`${name}\``,
  );
  return `${[policiesIntroduction, entries.join('\n'), ...bundles.map(bundlePage)].join('\n\n')}\n`;
}

/** As Markdown readers make it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
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
