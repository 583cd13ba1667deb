// Loading a list: its files become a version, of which only the difference is stored.
import { type Command, Fault, instantToText, principalText, sha256Hex, type Tx } from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { policyEvent, type PolicyOperations } from '../operation.ts';
import { systemTenant } from '../tenants.ts';
import { entryDigest, type ListEntry } from './entry.ts';
import { parseOfac } from './lists/ofac.ts';
import { parsePep } from './lists/pep.ts';
import { refuse } from './lists/source.ts';
import { parseUn, unSourceDate } from './lists/un.ts';

export const listFormats = ['ofac_sdn', 'un_consolidated', 'pep_csv'] as const;
export type ListFormat = (typeof listFormats)[number];

/** The files of a publication, by their part in it. */
export type ListFiles = Readonly<Record<string, string>>;

type Format = {
  readonly parts: readonly string[];
  readonly parse: (files: ListFiles) => ListEntry[];
  readonly sourceDate: (files: ListFiles) => string | undefined;
};

const part = (files: ListFiles, name: string) => files[name] as string;
const formats: Readonly<Record<ListFormat, Format>> = {
  ofac_sdn: {
    parts: ['sdn', 'alt', 'add'],
    parse: (files) =>
      parseOfac({ sdn: part(files, 'sdn'), alt: part(files, 'alt'), add: part(files, 'add') }),
    sourceDate: () => undefined,
  },
  un_consolidated: {
    parts: ['xml'],
    parse: (files) => parseUn(part(files, 'xml')),
    sourceDate: (files) => unSourceDate(part(files, 'xml')),
  },
  pep_csv: {
    parts: ['csv'],
    parse: (files) => parsePep(part(files, 'csv')),
    sourceDate: () => undefined,
  },
};

/** A list that shrinks by more than this is taken for one that was cut off. */
const shrinkMax = 0.2;
/** Rows per statement. */
const page = 2_000;

const name = Type.String({ pattern: '^[a-z][a-z0-9_]{1,39}$' });
const hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const count = Type.Integer({ minimum: 0 });

export const listPayloads = {
  'screening_list.loaded': Type.Object({
    list: name,
    version: Type.Integer({ minimum: 1 }),
    format: Type.Enum([...listFormats]),
    digest: hash,
    source_date: Type.Union([Type.String(), Type.Null()]),
    entries: count,
    names: count,
    added: count,
    changed: count,
    removed: count,
    forced: Type.Boolean(),
  }),
};

export const listSchemas = {
  loadBody: Type.Object(
    {
      list: name,
      format: Type.Enum([...listFormats]),
      digest: hash,
      source_date: Type.Union([Type.String({ format: 'date' }), Type.Null()]),
      force: Type.Boolean({ description: 'Accepts a list that has shrunk by a fifth or more.' }),
    },
    { additionalProperties: false },
  ),
};

export type LoadBody = {
  readonly list: string;
  readonly format: ListFormat;
  /** Of the source, which lies in the database already. */
  readonly digest: string;
  readonly source_date: string | null;
  /** Accepts a list that has shrunk. */
  readonly force: boolean;
};

export const listOperations: PolicyOperations = {
  'screening_list.load': { changesRights: false, perform: loadVersion },
};

/** Lays a publication into the database, and answers the body of the command that loads it. */
export async function stageList(
  tx: Tx,
  list: { readonly list: string; readonly format: ListFormat; readonly files: ListFiles } & {
    readonly sourceDate?: string;
    readonly force?: boolean;
  },
): Promise<LoadBody> {
  const { format, files } = list;
  const { parts, sourceDate } = formats[format];
  const missing = parts.filter((each) => files[each] === undefined);
  if (missing.length > 0) refuse(undefined, `${format} needs the files ${parts.join(', ')}`);
  const content = JSON.stringify(parts.map((each) => [each, files[each]]));
  const digest = sha256Hex(content);
  await tx.query(
    `insert into policy.screening_source (digest, content) values ($1, $2)
     on conflict do nothing`,
    [Buffer.from(digest, 'hex'), content],
  );
  return {
    list: list.list,
    format,
    digest,
    source_date: list.sourceDate ?? sourceDate(files) ?? null,
    force: list.force ?? false,
  };
}

/** Whether a list's current version comes from this source: then there is nothing to load. */
export async function isLoaded(tx: Tx, { list, digest }: LoadBody): Promise<boolean> {
  return (await currentVersion(tx, list))?.digest === digest;
}

type Known = { readonly entry_id: string; readonly digest: string };

async function loadVersion(tx: pg.ClientBase, command: Command) {
  if (command.tenant !== systemTenant) throw new Fault('forbidden', 'lists are for operators');
  const body = command.body as LoadBody;
  const entries = await readSource(tx, body);
  const before = await currentVersion(tx, body.list);
  if (before?.digest === body.digest) throw new Fault('conflict', 'this list is loaded already');
  checkSize(entries.length, before?.entries ?? 0, body.force);
  const version = (before?.version ?? 0) + 1;
  const difference = differenceOf(entries, await entriesInForce(tx, body.list));
  const counts = {
    entries: entries.length,
    names: entries.reduce((sum, { names }) => sum + names.length, 0),
    added: difference.added.length,
    changed: difference.changed.length,
    removed: difference.removed.length,
  };
  await tx.query(
    `insert into policy.screening_list_version (list, version, format, digest, source_date,
       entries, names, added, changed, removed, loaded_at, loaded_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      ...[body.list, version, body.format, Buffer.from(body.digest, 'hex'), body.source_date],
      ...Object.values(counts),
      ...[instantToText(command.receivedAt), principalText(command.principal)],
    ],
  );
  await writeDifference(tx, { list: body.list, version }, difference);
  const { force, ...told } = body;
  return [
    policyEvent(command, 'screening_list.loaded', { ...told, version, ...counts, forced: force }),
  ];
}

async function readSource(tx: pg.ClientBase, { format, digest }: LoadBody): Promise<ListEntry[]> {
  const { rows } = await tx.query<{ content: string }>(
    'select content from policy.screening_source where digest = $1',
    [Buffer.from(digest, 'hex')],
  );
  const [source] = rows;
  if (!source) throw new Fault('not_found', `there is no source ${digest}`);
  const files = Object.fromEntries(JSON.parse(source.content) as [string, string][]);
  const entries = formats[format].parse(files);
  const ids = new Set<string>();
  for (const { id } of entries) {
    if (ids.has(id)) refuse(undefined, `the list has two entries ${id}`);
    ids.add(id);
  }
  return entries;
}

function checkSize(entries: number, before: number, force: boolean): void {
  if (entries === 0) refuse(undefined, 'the list is empty');
  if (force || entries >= before * (1 - shrinkMax)) return;
  refuse(
    undefined,
    `the list has ${entries} entries and had ${before}: load it by force if it must`,
  );
}

type Difference = {
  readonly added: readonly ListEntry[];
  readonly changed: readonly ListEntry[];
  /** Their ids. */
  readonly removed: readonly string[];
};

function differenceOf(entries: readonly ListEntry[], known: readonly Known[]): Difference {
  const digests = new Map(known.map(({ entry_id, digest }) => [entry_id, digest]));
  const added = entries.filter(({ id }) => !digests.has(id));
  const changed = entries.filter((entry) => {
    const digest = digests.get(entry.id);
    return digest !== undefined && digest !== entryDigest(entry);
  });
  const ids = new Set(entries.map(({ id }) => id));
  return { added, changed, removed: [...digests.keys()].filter((id) => !ids.has(id)) };
}

async function writeDifference(
  tx: pg.ClientBase,
  { list, version }: { list: string; version: number },
  { added, changed, removed }: Difference,
): Promise<void> {
  await tx.query(
    `update policy.screening_entry set until = $2
      where list = $1 and until = 2147483647 and entry_id = any ($3)`,
    [list, version, [...changed.map(({ id }) => id), ...removed]],
  );
  const news = [...added, ...changed];
  for (let at = 0; at < news.length; at += page) {
    const rows = news.slice(at, at + page);
    await tx.query(
      `insert into policy.screening_entry (list, entry_id, since, digest, body)
       select $1, n.id, $2, decode(n.digest, 'hex'), n.body
         from unnest($3::text[], $4::text[], $5::text[]) as n (id, digest, body)`,
      [
        ...[list, version, rows.map(({ id }) => id), rows.map(entryDigest)],
        rows.map((entry) => JSON.stringify(entry)),
      ],
    );
  }
}

async function entriesInForce(tx: pg.ClientBase, list: string): Promise<Known[]> {
  const { rows } = await tx.query<Known>(
    `select entry_id, encode(digest, 'hex') as digest from policy.screening_entry
      where list = $1 and until = 2147483647`,
    [list],
  );
  return rows;
}

type Version = { readonly version: number; readonly digest: string; readonly entries: number };

async function currentVersion(tx: pg.ClientBase, list: string): Promise<Version | undefined> {
  const { rows } = await tx.query<Version>(
    `select version, encode(digest, 'hex') as digest, entries
       from policy.screening_list_version where list = $1 order by version desc limit 1`,
    [list],
  );
  return rows[0];
}
