// `countersign screening`: loads lists, as a nightly job would, and searches those in force.
import { Fault, type Pool, withTx } from '#core';
import { isListLoaded, type ListFormat, openWatchlists, stageList } from '#policy';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { clientAt } from './client.ts';
import { type GlobalOptions, say, withBank, withDatabase } from './installation.ts';

export type LoadOptions = GlobalOptions & {
  readonly list: string;
  /** `part=path`. */
  readonly files: readonly string[];
  readonly format: ListFormat;
  readonly sourceDate?: string;
  readonly force?: boolean;
};

type Loaded = { readonly version: number; readonly entries: number; readonly names: number };

/** The files go straight into the database; the command that loads them goes the way of all. */
export async function loadList(options: LoadOptions): Promise<void> {
  const { list, format, sourceDate, force } = options;
  const files = Object.fromEntries(options.files.map(readPart));
  await withBank(options, async (bank) => {
    const body = await withPool(options, (pool) =>
      withTx(pool, async (tx) => {
        const more = {
          ...(sourceDate === undefined ? {} : { sourceDate }),
          ...(force === undefined ? {} : { force }),
        };
        const staged = await stageList(tx, { list, format, files, ...more });
        return (await isListLoaded(tx, staged)) ? undefined : staged;
      }),
    );
    if (body === undefined) {
      say(`${list} is in force already, from the same files`);
      return;
    }
    const { post } = clientAt(bank.url, bank.operatorKey);
    const loaded = await post<Loaded>('/v1/screening-lists', body);
    say(`${list} version ${loaded.version}: ${loaded.entries} entries, ${loaded.names} names`);
  });
}

export type SearchOptions = GlobalOptions & {
  readonly dateOfBirth?: string;
  readonly min: number;
};

export async function searchLists(name: string, options: SearchOptions): Promise<void> {
  const { dateOfBirth, min } = options;
  if (dateOfBirth !== undefined && !/^\d{4}(-\d{2}){0,2}$/.test(dateOfBirth)) {
    throw new Fault('input_invalid', `--date-of-birth is a year or a day, not ${dateOfBirth}`);
  }
  await withPool(options, async (pool) => {
    const { matcher } = await openWatchlists(pool).current();
    const subject = { name, ...(dateOfBirth === undefined ? {} : { dateOfBirth }) };
    const matches = matcher.search(subject, { min });
    for (const { score, listed, name: found, adjustments } of matches) {
      const { id, birthDates, countries, programmes } = listed.entry;
      const about = [...birthDates, ...countries, ...programmes].join(' ');
      const moved = adjustments.map(({ reason, points }) => `${reason} ${points}`).join(', ');
      console.log(
        [String(score).padStart(4), `${listed.list}/${id}`, found.text, about, moved].join('  '),
      );
    }
    if (matcher.entries === 0) say('no list is in force: screening load brings one');
    say(`${matches.length} hits among ${matcher.entries} entries with ${matcher.names} names`);
  });
}

function readPart(text: string): [string, string] {
  const [, part, path] = /^([a-z]+)=(.+)$/.exec(text) ?? [];
  if (part === undefined || path === undefined) {
    throw new Fault('input_invalid', `${text} is not of the form part=file`);
  }
  const bytes = readFileSync(path);
  return [part, (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()];
}

function withPool<Result>(
  options: GlobalOptions,
  work: (pool: Pool) => Promise<Result>,
): Promise<Result> {
  return withDatabase(options, 'screening', (database) => work(database.pool('policy')));
}
