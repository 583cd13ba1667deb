// Do policy's tables hold what the log tells of them, and nothing else? Every row, both ways.
import { canonicalJson, externalId, type Finding, sha256Hex } from '#core';
import type pg from 'pg';
import {
  keyOf,
  type Row,
  type Table,
  tables,
  tell,
  tellDecision,
  type Told,
  type ToldEvent,
  toldTypes,
  type Value,
} from './told.ts';

/** Findings of one table that are named; where more are broken, the first tell enough. */
const findingsMax = 100;
const rowsPerPage = 1_000;
const eventsPerPage = 1_000;

/** Compares a tenant's rows with all that its events have told of them. */
export async function compareRows(client: pg.ClientBase, told: Told): Promise<Finding[]> {
  await tellUnsealed(client, told);
  const findings: Finding[] = [];
  for (const table of Object.keys(tables) as Table[]) {
    const found = await compareTable(client, told, table);
    findings.push(...found.slice(0, findingsMax));
  }
  return findings;
}

/** The tenants that have rows. */
export async function tenantsWithRows(client: pg.ClientBase): Promise<readonly string[]> {
  const each = Object.keys(tables).map((table) => `select tenant_id from policy.${table}`);
  const { rows } = await client.query<{ tenant_id: string }>(each.join(' union '));
  return rows.map((row) => row.tenant_id);
}

async function compareTable(client: pg.ClientBase, told: Told, table: Table): Promise<Finding[]> {
  const { tenant } = told;
  const findings: Finding[] = [];
  const missing = new Map(told.rows[table]);
  for await (const row of readRows(client, tenant, table)) {
    const key = keyOf(table, row);
    const expected = missing.get(key);
    missing.delete(key);
    const name = nameOf(table, row);
    if (expected === undefined) {
      findings.push({ tenant, what: 'policy row added', detail: `${name} is told of by no event` });
      continue;
    }
    const fields = Object.entries(expected.row).flatMap(([field, value]) =>
      value === undefined || row[field] === value ? [] : [field],
    );
    if (fields.length === 0) continue;
    const verb = fields.length === 1 ? 'differs' : 'differ';
    const detail = `${name}: ${fields.join(', ')} ${verb} from what events tell`;
    findings.push({ tenant, what: 'policy row edited', ...expected.told, detail });
  }
  for (const { row, told: place } of missing.values()) {
    const detail = `${nameOf(table, row)} has no row`;
    findings.push({ tenant, what: 'policy row deleted', ...place, detail });
  }
  return findings;
}

/** In the order of the key, a page at a time, with values as events have them. */
async function* readRows(client: pg.ClientBase, tenant: string, table: Table): AsyncGenerator<Row> {
  const { key } = tables[table];
  const behind = key.map((_, index) => `$${index + 2}`).join(', ');
  for (let last: unknown[] = []; ; ) {
    const { rows } = await client.query<Record<string, unknown>>(
      `select * from policy.${table}
        where tenant_id = $1 ${last.length > 0 ? `and (${key.join(', ')}) > (${behind})` : ''}
        order by ${key.join(', ')} limit ${rowsPerPage}`,
      [tenant, ...last],
    );
    for (const row of rows) yield valuesOf(row);
    const end = rows.at(-1);
    if (end === undefined || rows.length < rowsPerPage) return;
    last = key.map((column) => end[column]);
  }
}

/** Long texts, of which events tell the digest. */
const digested = new Set(['body', 'report', 'text']);

function valuesOf(row: Readonly<Record<string, unknown>>): Row {
  const entries = Object.entries(row).map(([column, value]): [string, Value] => {
    if (digested.has(column)) return [column, sha256Hex(String(value))];
    if (value instanceof Date) return [column, value.toISOString()];
    if (Buffer.isBuffer(value)) return [column, value.toString('hex')];
    if (Array.isArray(value)) return [column, canonicalJson(value)];
    return [column, value === Infinity ? 'infinity' : (value as Value)];
  });
  return Object.fromEntries(entries);
}

function nameOf(table: Table, row: Row): string {
  const { key, kind } = tables[table];
  const [first, ...more] = key.map((column) => String(row[column]));
  const id = kind === undefined || first === undefined ? first : externalId(kind, first);
  return `${table.replaceAll('_', ' ')} ${[id, ...more].join('/')}`;
}

/** What is committed and not sealed yet has made its rows already. */
async function tellUnsealed(client: pg.ClientBase, told: Told): Promise<void> {
  type Unsealed = { seq: string; id: string; type: string; body: string };
  for (let after: string | undefined; ; ) {
    // Up to the sealer's mark every event is sealed, or will never be.
    const { rows } = await client.query<Unsealed & { operation: string | null; command: string }>(
      `select e.seq::text, e.id, e.type, e.body, c.operation, c.body as command
         from core.event e
         left join core.command c on e.type = 'decision.made' and c.tenant_id = e.tenant_id
          and c.idempotency_key = e.body::jsonb #>> '{data,idempotency_key}'
        where e.tenant_id = $1 and e.type = any ($2)
          and e.seq > coalesce($3::bigint, (select low_seq from core.seal_state))
          and not exists (select from core.leaf l where l.seq = e.seq)
        order by e.seq limit ${eventsPerPage}`,
      [told.tenant, toldTypes, after ?? null],
    );
    for (const { id, type, body, operation, command } of rows) {
      const event: ToldEvent = { id, type, body: JSON.parse(body) };
      if (type !== 'decision.made') tell(told, event);
      else tellDecision(told, event, operation === null ? undefined : { operation, body: command });
    }
    if (rows.length < eventsPerPage) return;
    after = rows.at(-1)?.seq;
  }
}
