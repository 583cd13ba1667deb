// Verification: reads the whole log again, and names every row that is not as it was sealed.
import type pg from 'pg';
import { type Finding, TreeAudit } from './audit.ts';
import { Fault } from './fault.ts';
import { parseOrigin } from './heads.ts';
import { externalId, type Uuid } from './id.ts';
import { type HeadRow, type LeafRow, type LogPage, readLog, withSnapshot } from './log-reader.ts';
import { leafHash } from './merkle.ts';
import { type Checkpoint, parseCheckpoint, verifierKey, verifyNote } from './note.ts';

export type VerifyOptions = {
  /** Of a role that sees all rows: the owner or a superuser. Nothing is written. */
  readonly url: string;
  /** The installation's, as in the origin of its checkpoints. */
  readonly logId: string;
  /** All keys that have ever signed its checkpoints. */
  readonly publicKeys: readonly Buffer[];
  /** Checkpoints that were kept outside of the database: the log must contain what they cover. */
  readonly outside?: readonly string[];
  readonly journal?: JournalCheck;
  readonly progress?: (done: number, total: number) => void;
};

export type Verification = {
  readonly events: number;
  readonly tenants: readonly VerifiedTenant[];
  /** At most a hundred per tenant. */
  readonly findings: readonly Finding[];
  /** Those beyond. */
  readonly omitted: number;
};

export type VerifiedTenant = {
  readonly tenant: string;
  readonly size: number;
  readonly root: Buffer;
  /** The size under the largest genuine head: what lies beyond is sealed, but not yet signed. */
  readonly signed: number;
};

/**
 * How another plane compares the events with its own tables in the same pass and snapshot. Events
 * come by tenant, in the tenant's order, a page at a time: a page can be compared by one query.
 */
export type JournalCheck = {
  readonly begin: (client: pg.ClientBase) => Promise<void>;
  readonly page: (
    client: pg.ClientBase,
    events: readonly VerifiedEvent[],
  ) => Promise<readonly Finding[]>;
  readonly end: (client: pg.ClientBase) => Promise<readonly Finding[]>;
};

/** Checks of several planes as one. */
export function joinChecks(...checks: readonly JournalCheck[]): JournalCheck {
  const each = async (run: (check: JournalCheck) => Promise<readonly Finding[]>) => {
    const findings: Finding[] = [];
    // One after the other: they share a connection.
    for (const check of checks) findings.push(...(await run(check)));
    return findings;
  };
  return {
    begin: async (client) => {
      for (const check of checks) await check.begin(client);
    },
    page: (client, events) => each((check) => check.page(client, events)),
    end: (client) => each((check) => check.end(client)),
  };
}

/** An event whose text is the one that its leaf was made of. */
export type VerifiedEvent = {
  readonly tenant: string;
  readonly position: number;
  readonly id: Uuid;
  readonly type: string;
  /** Parsed. */
  readonly body: unknown;
};

/** Findings of one tenant that are named; where more is broken, the first tell enough. */
const findingsMax = 100;

/** Throws `input_invalid` for an outside checkpoint that is none, or of another installation. */
export async function verifyLog(options: VerifyOptions): Promise<Verification> {
  const outside = parseOutside(options);
  return withSnapshot(options.url, (client, reader) =>
    verifySnapshot({ ...options, client, reader, outside, isWhole: true }),
  );
}

export type Pass = {
  readonly client: pg.Client;
  readonly reader: pg.Client;
  readonly logId: string;
  readonly publicKeys: readonly Buffer[];
  readonly outside: readonly OutsideHead[];
  /** Whether all tenants are seen: only then the order among them can be judged. */
  readonly isWhole: boolean;
  readonly journal?: JournalCheck;
  readonly progress?: (done: number, total: number) => void;
};

type Report = (finding: Finding) => void;
type OutsideHead = Checkpoint & { readonly tenant: string; readonly generation: number };
type TreeRow = { tenant: string; size: number; generation: number };

export async function verifySnapshot(pass: Pass): Promise<Verification> {
  const { client, journal, progress } = pass;
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  const report: Report = (finding) => {
    const count = (counts.get(finding.tenant) ?? 0) + 1;
    counts.set(finding.tenant, count);
    if (count <= findingsMax) findings.push(finding);
  };
  await journal?.begin(client);
  const trees = await readTrees(pass);
  const total = trees.reduce((sum, { size }) => sum + size, 0);
  const tenants: VerifiedTenant[] = [];
  let events = 0;
  for (const tree of trees) {
    const before = events;
    const verified = await verifyTenant(pass, tree, report, (done) => {
      events = before + done;
      progress?.(Math.min(events, total), total);
    });
    tenants.push(verified);
  }
  if (pass.isWhole) await verifyOrder(client, report, events);
  for (const finding of (await journal?.end(client)) ?? []) report(finding);
  const reported = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { events, tenants, findings: inOrder(findings), omitted: reported - findings.length };
}

function inOrder(findings: readonly Finding[]): Finding[] {
  const place = ({ position }: Finding) => position ?? Number.MAX_SAFE_INTEGER;
  return findings.toSorted(
    (a, b) => Number(a.tenant > b.tenant) - Number(a.tenant < b.tenant) || place(a) - place(b),
  );
}

async function readTrees({ client, outside }: Pass): Promise<TreeRow[]> {
  const { rows } = await client.query<TreeRow>(
    `select tenant_id as tenant, coalesce(size, 0)::float8 as size,
            coalesce(generation, 1) as generation
       from (select tenant_id from core.tree
             union select tenant_id from core.tenant
             union select tenant_id from core.checkpoint
             union select unnest($1::text[])) as known (tenant_id)
       left join core.tree using (tenant_id)
      order by 1`,
    [outside.map(({ tenant }) => tenant)],
  );
  return rows;
}

// A tenant ----------------------------------------------------------------------------------------

async function verifyTenant(
  pass: Pass,
  tree: TreeRow,
  reportAny: Report,
  progress: (done: number) => void,
): Promise<VerifiedTenant> {
  const { tenant } = tree;
  const report = (finding: Omit<Finding, 'tenant'>) => reportAny({ tenant, ...finding });
  const audit = new TreeAudit(report);
  const outside = outsideOf(pass.outside, tree);
  let signed = 0;
  let events = 0;
  let lastPosition = 0;

  function judgeHeads(heads: HeadRow[]): void {
    while (heads[0]?.tree_size === audit.size) {
      const root = signedRoot(pass, tenant, heads.shift() as HeadRow, report);
      if (root === undefined) continue;
      if (audit.prove(root)) signed = audit.size;
      else audit.refuse();
    }
    while (outside[0]?.size === audit.size) judgeOutside(audit, tree, outside.shift(), report);
  }

  /** Up to a position that has its leaf; heads within the gap are judged as elsewhere. */
  function skipTo(position: number, page: LogPage): void {
    while (audit.size < position) {
      const sizes = [position, page.heads[0]?.tree_size, outside[0]?.size];
      const next = Math.min(...sizes.filter((size) => size !== undefined));
      audit.skip(next - audit.size, page.subtrees);
      judgeHeads(page.heads);
    }
  }

  function judgeLeaf(row: LeafRow, page: LogPage): VerifiedEvent | undefined {
    skipTo(row.tenant_position - 1, page);
    const event = readEvent(tenant, row, report);
    const name = row.id === null ? '' : externalId('event', row.id);
    const hash = row.body === null ? row.hash : leafHash(row.body);
    if (row.position <= lastPosition) {
      const detail = `position ${row.tenant_position} stands before its predecessor shard-wide`;
      report({ what: 'event reordered', event: name, position: row.tenant_position, detail });
    }
    lastPosition = row.position;
    audit.append({ event: name, leaf: row.hash, hash }, page.subtrees);
    judgeHeads(page.heads);
    return hash.equals(row.hash) ? event : undefined;
  }

  for await (const page of readLog(pass.reader, tenant)) {
    const intact = page.leaves
      .map((row) => judgeLeaf(row, page))
      .filter((each) => each !== undefined);
    skipTo(page.to, page);
    for (const finding of (await pass.journal?.page(pass.client, intact)) ?? []) reportAny(finding);
    events += page.leaves.length;
    progress(events);
  }
  const [size, root] = [audit.size, audit.root()];
  audit.finish();
  await verifyEnd(pass, { tree, size, outside }, report);
  return { tenant, size, root, signed };
}

/** The event of a leaf, if the rows belong to each other. Its text is compared by its hash. */
function readEvent(
  tenant: string,
  row: LeafRow,
  report: (finding: Omit<Finding, 'tenant'>) => void,
): VerifiedEvent | undefined {
  const { id, type, body, tenant_position: position } = row;
  if (id === null || type === null || body === null) {
    const detail = `the event at position ${position} is gone, its leaf is there`;
    report({ what: 'event deleted', position, detail });
    return undefined;
  }
  const event = externalId('event', id);
  const parsed = parseJson(body);
  const { id: ownId, type: ownType } = (parsed ?? {}) as { id?: unknown; type?: unknown };
  // A changed text is found by its hash; then its contents blame nobody else.
  const isSealed = () => leafHash(body).equals(row.hash);
  if ((ownId !== event || ownType !== type) && isSealed()) {
    const detail = `the row at position ${position} has the id or type of another event`;
    report({ what: 'event edited', event, position, detail });
    return undefined;
  }
  if (row.event_tenant !== tenant) {
    const detail = `the event at position ${position} was given to tenant ${row.event_tenant}`;
    report({ what: 'event edited', event, position, detail });
  }
  return { tenant, position, id, type, body: parsed };
}

/** The root that a stored head has signed, unless it is not to be trusted. */
function signedRoot(
  { logId, publicKeys }: Pass,
  tenant: string,
  row: HeadRow,
  report: (finding: Omit<Finding, 'tenant'>) => void,
): Buffer | undefined {
  const position = row.tree_size;
  let head: Checkpoint | undefined;
  try {
    head = parseCheckpoint(row.note);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  if (head === undefined || !isSigned(head, row.note, publicKeys)) {
    const detail = `the stored head of size ${position} is not signed by our keys`;
    report({ what: 'signature invalid', position, detail });
    return undefined;
  }
  if (parseOrigin(head.origin, logId)?.tenant !== tenant || head.size !== position) {
    const detail = `the head stored at size ${position} is of ${head.origin} at size ${head.size}`;
    report({ what: 'signature invalid', position, detail });
    return undefined;
  }
  if (!head.root.equals(row.root)) {
    const detail = `the head of size ${position} is stored with another root than it has signed`;
    report({ what: 'root differs', position, detail });
  }
  return head.root;
}

/** What lies behind the last leaf: nothing, if all is well. */
async function verifyEnd(
  { client }: Pass,
  { tree, size, outside }: { tree: TreeRow; size: number; outside: readonly OutsideHead[] },
  report: (finding: Omit<Finding, 'tenant'>) => void,
): Promise<void> {
  const { rows } = await client.query<{ head: number; subtrees: number }>(
    `select (select coalesce(max(tree_size), 0)::float8 from core.checkpoint
              where tenant_id = $1) as head,
            (select count(*)::float8 from core.node
              where tenant_id = $1 and (index + 1) * 2::numeric ^ level > $2) as subtrees`,
    [tree.tenant, size],
  );
  const { head, subtrees } = rows[0] as { head: number; subtrees: number };
  const told = `the log has ${size} positions, and`;
  if (tree.size > size || head > size) {
    const detail = `${told} ${Math.max(tree.size, head)} were sealed`;
    report({ what: 'tail cut', position: size + 1, detail });
  } else if (tree.size < size) {
    const detail = `${told} only ${tree.size} were sealed`;
    report({ what: 'event added', position: tree.size + 1, detail });
  }
  if (subtrees > 0 && head <= size && tree.size <= size) {
    const detail = `${told} ${subtrees} stored subtrees reach beyond`;
    report({ what: 'subtree edited', position: size, detail });
  }
  for (const { origin, size: covered } of outside) {
    const detail = `${told} a head of ${origin} kept outside covers ${covered}`;
    report({ what: 'tail cut', position: size + 1, detail });
  }
}

// Heads kept outside ------------------------------------------------------------------------------

function parseOutside({ outside, logId, publicKeys }: VerifyOptions): OutsideHead[] {
  return (outside ?? []).map((note) => {
    const head = parseCheckpoint(note);
    const log = parseOrigin(head.origin, logId);
    if (log === undefined) {
      throw new Fault('input_invalid', `${head.origin} is a log of another installation`);
    }
    if (!isSigned(head, note, publicKeys)) {
      throw new Fault(
        'input_invalid',
        `the checkpoint of ${head.origin} is not signed by our keys`,
      );
    }
    return { ...head, ...log };
  });
}

function outsideOf(heads: readonly OutsideHead[], { tenant }: TreeRow): OutsideHead[] {
  return heads
    .filter((head) => head.tenant === tenant && head.size > 0)
    .sort((a, b) => a.size - b.size);
}

function judgeOutside(
  audit: TreeAudit,
  { generation }: TreeRow,
  head: OutsideHead | undefined,
  report: (finding: Omit<Finding, 'tenant'>) => void,
): void {
  if (head === undefined || audit.prove(head.root)) return;
  const { origin, size } = head;
  // A restore keeps what its backup had: the log before may have had more, and other events then.
  const [what, why] =
    head.generation === generation
      ? (['root differs', 'does not agree with the log'] as const)
      : (['tail cut', 'covers events that a restore has lost'] as const);
  report({ what, position: size, detail: `the head of ${origin} of size ${size} ${why}` });
}

function isSigned({ origin }: Checkpoint, note: string, publicKeys: readonly Buffer[]): boolean {
  return publicKeys.some((key) => verifyNote(note, verifierKey(origin, key)));
}

/** The shard-wide order is dense, and nothing below the sealer's horizon was left out of it. */
async function verifyOrder(client: pg.Client, report: Report, events: number): Promise<void> {
  const { rows } = await client.query<{ sealed: number; leaves: number; last: number }>(
    `select position::float8 as sealed, l.leaves, l.last
       from core.seal_state, (select count(*)::float8 as leaves,
                                     coalesce(max(position), 0)::float8 as last from core.leaf) l`,
  );
  const { sealed, leaves, last } = rows[0] ?? { sealed: 0, leaves: 0, last: 0 };
  if (leaves !== last || last !== sealed) {
    const detail = `${sealed} positions were sealed shard-wide; ${leaves} are there, to ${last}`;
    report({ tenant: '*', what: 'position missing', detail });
  }
  if (leaves !== events) {
    const detail = `${leaves - events} leaves belong to no tenant`;
    report({ tenant: '*', what: 'event added', detail });
  }
  const added = await client.query<{ tenant: string; id: Uuid; total: number }>(
    `select e.tenant_id as tenant, e.id, count(*) over ()::float8 as total
       from core.event e
      where e.seq <= (select low_seq from core.seal_state)
        and not exists (select from core.leaf l where l.seq = e.seq)
      order by e.seq limit $1`,
    [findingsMax],
  );
  for (const { tenant, id, total } of added.rows) {
    const detail = `it has no position, though all events of its time are sealed (${total} such)`;
    report({ tenant, what: 'event added', event: externalId('event', id), detail });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
