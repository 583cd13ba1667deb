// The lists in force as one matcher in memory: built when a list changes, shared by all tenants.
import { canonicalJson, type Pool } from '#core';
import type { ListEntry } from './entry.ts';
import { buildMatcher, type Listed, type Matcher } from './matcher.ts';

/** Versions by list. */
export type ListVersions = Readonly<Record<string, number>>;

export type Watchlists = {
  readonly versions: ListVersions;
  readonly matcher: Matcher;
  /** The entry in force of a list, by its id. */
  readonly find: (list: string, id: string) => Listed | undefined;
  /** Whether an entry has come or changed after these versions. */
  readonly isNewSince: (listed: Listed, versions: ListVersions) => boolean;
};

/** Answers what is in force at the time of each call. */
export type OpenWatchlists = { readonly current: () => Promise<Watchlists> };

export function openWatchlists(pool: Pool): OpenWatchlists {
  let key: string | undefined;
  let built: Promise<Watchlists> | undefined;
  return {
    async current() {
      const versions = await readVersions(pool);
      const asked = canonicalJson(versions);
      if (built === undefined || asked !== key) {
        key = asked;
        const building = build(pool, versions);
        built = building;
        building.catch(() => {
          if (built === building) built = undefined;
        });
      }
      return built;
    },
  };
}

async function readVersions(pool: Pool): Promise<ListVersions> {
  const { rows } = await pool.query<{ list: string; version: number }>(
    `select list, max(version) as version from policy.screening_list_version
      group by list order by list`,
  );
  return Object.fromEntries(rows.map(({ list, version }) => [list, version]));
}

type Row = { list: string; entry_id: string; since: number; digest: string; body: string };

async function build(pool: Pool, versions: ListVersions): Promise<Watchlists> {
  // By version rather than what is open now: a load may come between the two statements.
  const { rows } = await pool.query<Row>(
    `select e.list, e.entry_id, e.since, encode(e.digest, 'hex') as digest, e.body
       from policy.screening_entry e
       join unnest($1::text[], $2::integer[]) as v (list, version) using (list)
      where e.since <= v.version and e.until > v.version
      order by e.list, e.entry_id`,
    [Object.keys(versions), Object.values(versions)],
  );
  const since = new Map<string, number>();
  const byId = new Map<string, Listed>();
  for (const { list, digest, body, since: version, entry_id } of rows) {
    const key = keyOf(list, entry_id);
    byId.set(key, { list, digest, entry: JSON.parse(body) as ListEntry });
    since.set(key, version);
  }
  return {
    versions,
    matcher: await buildMatcher([...byId.values()]),
    find: (list, id) => byId.get(keyOf(list, id)),
    isNewSince: ({ list, entry }, before) =>
      (since.get(keyOf(list, entry.id)) ?? 0) > (before[list] ?? 0),
  };
}

function keyOf(list: string, id: string): string {
  return `${list}/${id}`;
}
