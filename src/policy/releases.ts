// Releases: which bundle decides in a tenant at an instant, and which others only watch.
import { assert, Fault, type Instant, type Pool, sha256Hex, withTx, invalidRequest } from '#core';
import type pg from 'pg';
import { type Bundle, bundleDigest, engineVersion, parseBundle } from './bundle/bundle.ts';
import { compileBundle, type Program } from './bundle/compile.ts';
import type { Facts } from './bundle/evaluate.ts';
import type { Bench } from './decide.ts';
import { defaultBundles } from './defaults.ts';

/** One act of publication. */
export type Release = {
  readonly name: string;
  readonly ordinal: number;
  readonly kind: 'live' | 'shadow' | 'canary';
  /** Null ends a shadow or a canary. */
  readonly digest: string | null;
  /** Of a canary: hundredths of a percent. */
  readonly share: number | null;
  readonly keyFact: string | null;
  readonly effectiveAt: Instant;
  /** Never before that of an earlier act, nor after `effectiveAt`. */
  readonly recordedAt: Instant;
  readonly act: 'seeded' | 'published' | 'rolled_back' | 'started' | 'stopped';
};

/** All that a tenant has published, as of one epoch of its rights. */
export type Releases = {
  readonly tenant: string;
  /** Undefined for a tenant that does not exist yet. */
  readonly epoch: bigint | undefined;
  /** In order of their ordinals. */
  readonly byName: ReadonlyMap<string, readonly Release[]>;
};

/** An act of release, of a bundle or of whatever else is released so. */
export type Releasing = Pick<
  Release,
  'ordinal' | 'kind' | 'digest' | 'effectiveAt' | 'recordedAt'
> & { readonly act: string };

/** What holds at a point: which bundle decides, and which others have a say or only watch. */
export type InForce<Act extends Releasing = Release> = {
  readonly live: Act | undefined;
  readonly shadow: Act | undefined;
  readonly canary: Act | undefined;
};

/**
 * Of the acts whose instant has come, the last of each kind. A trial is of one live bundle: it ends
 * when another one comes into force, so going back really is going back.
 */
export function inForceAt<Act extends Releasing>(acts: readonly Act[], at: Instant): InForce<Act> {
  const now = afterAll(acts, at);
  const last = (kind: Release['kind']) =>
    acts.findLast((each) => each.kind === kind && each.effectiveAt <= now);
  const live = last('live');
  const trial = (kind: 'shadow' | 'canary') => {
    const act = last(kind);
    return act?.digest == null || (live && isBefore(act, live)) ? undefined : act;
  };
  return { live, shadow: trial('shadow'), canary: trial('canary') };
}

/** Whoever knows of an act lives after it, though the clock may have gone back. */
function afterAll(acts: readonly Releasing[], at: Instant): Instant {
  return Math.max(at, acts.at(-1)?.recordedAt ?? at);
}

function isBefore(one: Releasing, other: Releasing): boolean {
  if (one.effectiveAt !== other.effectiveAt) return one.effectiveAt < other.effectiveAt;
  return one.ordinal < other.ordinal;
}

/** What has been published for later, and still will come into force. */
export function scheduledAfter(acts: readonly Release[], at: Instant): readonly Release[] {
  const now = afterAll(acts, at);
  return acts.filter(
    (each) => each.kind === 'live' && each.effectiveAt > now && !isOvertaken(each, acts),
  );
}

/** The bundles that have been in force, each on those that one can go back to from it. */
export function liveHistory<Act extends Releasing>(
  acts: readonly Act[],
  at: Instant,
): readonly Act[] {
  const now = afterAll(acts, at);
  const stack: Act[] = [];
  for (const each of acts) {
    if (each.kind !== 'live' || each.effectiveAt > now || isOvertaken(each, acts)) continue;
    if (each.act === 'rolled_back') {
      stack.splice(stack.findLastIndex(({ digest }) => digest === each.digest) + 1);
    } else stack.push(each);
  }
  return stack;
}

/** Whether a later act came into force before this one could. */
function isOvertaken(act: Releasing, acts: readonly Releasing[]): boolean {
  if (act.effectiveAt === act.recordedAt) return false;
  return acts.some(
    ({ kind, ordinal, effectiveAt }) =>
      kind === 'live' && ordinal > act.ordinal && effectiveAt <= act.effectiveAt,
  );
}

export async function loadReleases(tx: pg.ClientBase, tenant: string): Promise<Releases> {
  const epochs = await tx.query<{ epoch: bigint }>('select epoch from core.tenant');
  const { rows } = await tx.query<ReleaseRow>(
    `select name, ordinal, kind, digest, share, key_fact, effective_at, recorded_at,
            act
       from policy.release order by name, ordinal`,
  );
  const byName = new Map<string, Release[]>();
  for (const row of rows) {
    const list = byName.get(row.name) ?? [];
    list.push({
      name: row.name,
      ordinal: row.ordinal,
      kind: row.kind,
      digest: row.digest,
      share: row.share,
      keyFact: row.key_fact,
      effectiveAt: row.effective_at.getTime(),
      recordedAt: row.recorded_at.getTime(),
      act: row.act,
    });
    byName.set(row.name, list);
  }
  return { tenant, epoch: epochs.rows[0]?.epoch, byName };
}

type ReleaseRow = {
  name: string;
  ordinal: number;
  kind: Release['kind'];
  digest: string | null;
  share: number | null;
  key_fact: string | null;
  effective_at: Date;
  recorded_at: Date;
  act: Release['act'];
};

// The library ------------------------------------------------------------------------------------

/** Compiled programs and loaded releases: what deciding needs and never changes under its feet. */
export type Library = {
  /** The releases of a tenant; `epoch` is one that the caller knows to exist. */
  readonly releases: (tenant: string, epoch: bigint | undefined) => Promise<Releases>;
  /** Looks again at the next call: something of the tenant has changed. */
  readonly forget: (tenant: string, seen?: bigint) => void;
  /** The program of a bundle that is on record. */
  readonly program: (tenant: string, digest: string) => Promise<Program>;
  /** Who decides on these facts. */
  readonly bench: (releases: Releases, point: string, at: Instant, facts: Facts) => Promise<Bench>;
};

const tenantsKept = 10_000;
const programsKept = 500;

export function openLibrary(pool: Pool): Library {
  const tenants = new Map<string, Releases>();
  const loading = new Map<string, Promise<Releases>>();
  /**
   * By digest alone: equal texts are equal programs, whichever tenant asks. Promises, so that
   * nobody overtakes who was first to ask, and commands keep their order.
   */
  const programs = new Map<string, Promise<Program>>();

  async function releases(tenant: string, epoch: bigint | undefined): Promise<Releases> {
    const known = tenants.get(tenant);
    if (known && (epoch === undefined || known.epoch === epoch)) return known;
    const loaded = await (loading.get(tenant) ?? load(tenant));
    // A look that began before a change is too old for who knows of the change.
    const isOld = epoch !== undefined && loaded.epoch !== undefined && loaded.epoch < epoch;
    return isOld ? load(tenant) : loaded;
  }

  /** However many ask at once, one look answers them. */
  function load(tenant: string): Promise<Releases> {
    const look = withTx(pool, (tx) => loadReleases(tx, tenant), { tenant, readOnly: true })
      .then((loaded) => {
        if (tenants.size >= tenantsKept) tenants.clear();
        if (loaded.epoch !== undefined && loading.get(tenant) === look) tenants.set(tenant, loaded);
        return loaded;
      })
      .finally(() => {
        if (loading.get(tenant) === look) loading.delete(tenant);
      });
    loading.set(tenant, look);
    return look;
  }

  function program(tenant: string, digest: string): Promise<Program> {
    const known = programs.get(digest);
    if (known) return known;
    const ours = [...defaultBundles().values()].find((each) => each.digest === digest);
    const found = ours
      ? Promise.resolve(compiled(ours.bundle, digest))
      : withTx(pool, (tx) => readBundle(tx, digest), { tenant, readOnly: true })
          .catch(missingIsInvalid)
          .then((bundle) => compiled(bundle, digest));
    if (programs.size >= programsKept) programs.clear();
    programs.set(digest, found);
    found.catch(() => programs.delete(digest));
    return found;
  }

  function shipped(point: string, byName: Releases['byName']): string {
    const found = defaultBundles().get(point);
    if (!found) throw noSuchPoint([...defaultBundles().keys(), ...byName.keys()]);
    return found.digest;
  }

  return {
    releases,
    program,
    forget(tenant, seen) {
      // Of many that were too late the first has made us look again: the others wait with it.
      if (seen !== undefined && tenants.get(tenant)?.epoch !== seen) return;
      tenants.delete(tenant);
      // A look that began before sees what was: it is not kept.
      loading.delete(tenant);
    },
    async bench({ tenant, byName }, point, at, facts) {
      const { live, shadow, canary } = inForceAt(byName.get(point) ?? [], at);
      const shadows = shadow?.digest == null ? [] : [await program(tenant, shadow.digest)];
      if (canary?.digest != null && isChosen(canary, tenant, facts)) {
        return { deciding: await program(tenant, canary.digest), isCanary: true, shadows };
      }
      const deciding = await program(tenant, live?.digest ?? shipped(point, byName));
      return { deciding, isCanary: false, shadows };
    },
  };
}

/** Nobody has asked for the bundle itself: that it is gone says nothing of what was asked for. */
function missingIsInvalid(error: unknown): never {
  const isMissing = error instanceof Fault && error.code === 'not_found';
  throw isMissing ? new Fault('bundle_invalid', error.message, { cause: error }) : error;
}

function compiled(bundle: Bundle, digest: string): Program {
  const program = compileBundle(bundle);
  assert(program.digest === digest, 'a bundle on record has the digest of its text');
  return program;
}

function noSuchPoint(names: readonly string[]): Fault {
  const detail = `is no point where a policy decides: those are ${[...new Set(names)].join(', ')}`;
  return invalidRequest([{ pointer: '/point', detail }]);
}

/**
 * Whether a key falls into the canary's share. The hash leaves the share out, so whoever is in at
 * one percent is in at two. Without the key nobody is.
 */
export function isChosen({ name, share, keyFact }: Release, tenant: string, facts: Facts): boolean {
  const key = keyFact === null ? undefined : facts[keyFact];
  if (share === null || (typeof key !== 'string' && typeof key !== 'number')) return false;
  return isInShare(share, `${tenant}/${name}/${key}`);
}

/** Whether what has this name is among a share of all, in hundredths of a percent. */
export function isInShare(share: number, named: string): boolean {
  return Number.parseInt(sha256Hex(named).slice(0, 8), 16) % 10_000 < share;
}

export async function readBundle(tx: pg.ClientBase, digest: string): Promise<Bundle> {
  const { rows } = await tx.query<{ body: string; engine: string }>(
    'select body, engine from policy.bundle where digest = $1',
    [digest],
  );
  const [row] = rows;
  if (!row) throw new Fault('not_found', `there is no bundle ${digest}`);
  if (row.engine !== engineVersion) {
    throw new Fault(
      'bundle_invalid',
      `bundle ${digest} was checked by the engine ${row.engine}, and this is ${engineVersion}`,
    );
  }
  try {
    const bundle = parseBundle(JSON.parse(row.body));
    assert(bundleDigest(bundle) === digest, 'a bundle on record has the digest of its text');
    return bundle;
  } catch (cause) {
    throw new Fault('bundle_invalid', `bundle ${digest} is not what was recorded`, { cause });
  }
}
