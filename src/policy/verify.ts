// Is every command decided, once, as its record says, by a bundle in force? Would it be so again?
import {
  commandDigest,
  decisionOperation,
  derivedUuid,
  externalId,
  type Finding,
  type JournalCheck,
  sha256Hex,
  type Uuid,
  type VerifiedEvent,
} from '#core';
import type pg from 'pg';
import { engineVersion, parseBundle, policyVersion } from './bundle/bundle.ts';
import { compileBundle, type Program } from './bundle/compile.ts';
import { evaluate } from './bundle/evaluate.ts';
import type { DecisionRecord } from './decision-log.ts';
import { defaultBundles } from './defaults.ts';
import { repeat } from './explanation.ts';
import { inForceAt } from './releases.ts';
import { tell, tellDecision, tellNothing, type Told } from './told.ts';
import { compareRows, tenantsWithRows } from './verify-rows.ts';

/** Commands that are named where some have no decision; the first tell enough. */
const findingsMax = 100;
const programsKept = 500;

type Row = {
  key: string;
  id: Uuid;
  operation: string;
  digest: string;
  principal: string;
  received_at: Date;
  decision: string;
  body: string;
  outcome: string;
};
type Data = {
  readonly idempotency_key: string;
  readonly model_score_ref: string | null;
  readonly occurred_at: string;
  readonly policy_decision: string;
  readonly policy_version: string;
  readonly payload: DecisionRecord;
};
/** A bundle on record, or what is wrong with it. */
type OnRecord = { readonly program: Program } | { readonly flaw: string };

/**
 * `isRepeating`: decides anew on the recorded facts and compares, which takes longer. Without
 * `withRows` policy's own tables are not compared: that takes the owner of the database.
 */
export function checkDecisions({ isRepeating = false, withRows = true } = {}): JournalCheck {
  const bundles = createBundles();
  const known = new Set<string>();
  let walk: Walk | undefined;

  /** Of the tenant whose last event was seen. */
  async function settle(client: pg.ClientBase): Promise<Finding[]> {
    if (walk === undefined) return [];
    const done = walk;
    walk = undefined;
    known.add(done.told.tenant);
    const findings = withRows ? await compareRows(client, done.told) : [];
    const early = done.early.filter((event) => !wasSeeded(done, event));
    return [...early.map((event) => findingOf(event, notInForce(event))), ...findings];
  }

  return {
    begin: async () => undefined,
    async page(client, events) {
      const [first] = events;
      if (first === undefined) return [];
      const findings = first.tenant === walk?.told.tenant ? [] : await settle(client);
      walk ??= { told: tellNothing(first.tenant), early: [] };
      const decided = events.filter(({ type }) => type === 'decision.made');
      const commands = (await readCommands(client, decided)).values();
      for (const event of events) {
        if (event.type !== 'decision.made') {
          tell(walk.told, event);
          continue;
        }
        const command = commands.next().value;
        tellDecision(walk.told, event, command);
        const flaws = [
          ...compareCommand(event, command),
          ...(await compareBundle(client, event, bundles, isRepeating)),
          ...compareInForce(walk, event),
        ];
        findings.push(...flaws.map((flaw) => findingOf(event, flaw)));
      }
      return findings;
    },
    async end(client) {
      const findings = await settle(client);
      for (const tenant of withRows ? await tenantsWithRows(client) : []) {
        if (!known.has(tenant)) findings.push(...(await compareRows(client, tellNothing(tenant))));
      }
      return [...findings, ...(await findUndecided(client))];
    },
  };
}

type Flaw = Pick<Finding, 'what' | 'detail'>;

function findingOf({ tenant, id, position }: VerifiedEvent, flaw: Flaw): Finding {
  return { tenant, event: externalId('event', id), position, ...flaw };
}

// The command -------------------------------------------------------------------------------------

/** By their keys, as the events name them; in the order of the events. */
async function readCommands(
  client: pg.ClientBase,
  events: readonly VerifiedEvent[],
): Promise<readonly (Row | undefined)[]> {
  const { rows } = await client.query<Row>(
    `select c.idempotency_key as key, c.id, c.operation, encode(c.digest, 'hex') as digest,
            c.principal, c.received_at, c.decision, c.body, c.outcome
       from unnest($1::text[], $2::text[]) with ordinality as e(tenant, key, ordinal)
       left join core.command c on c.tenant_id = e.tenant and c.idempotency_key = e.key
      order by ordinal`,
    [events.map(({ tenant }) => tenant), events.map(({ body }) => dataOf(body).idempotency_key)],
  );
  return rows.map((row) => (row.key === null ? undefined : row));
}

function compareCommand(event: VerifiedEvent, row: Row | undefined): Flaw[] {
  const { payload, ...data } = dataOf(event.body);
  const name = `command ${payload.command_id}`;
  if (!row) return [{ what: 'command deleted', detail: `${name} has no row` }];
  const decisionId = derivedUuid(row.id, 'decision', 0);
  const told = JSON.parse(row.decision) as Readonly<Record<string, unknown>>;
  const outcome = JSON.parse(row.outcome) as { status: string; code?: string };
  const { tenant } = event;
  const comparisons: [string, unknown, unknown][] = [
    ['id', externalId('command', row.id), payload.command_id],
    ['decision id', event.id, decisionId],
    ['decision id', told['decision_id'], payload.decision_id],
    ['decision id', externalId('decision', decisionId), payload.decision_id],
    ['operation', row.operation, payload.operation],
    ['digest', row.digest, payload.command_digest],
    [
      'body',
      commandDigest({ tenant, operation: row.operation, bodyText: row.body }),
      payload.command_digest,
    ],
    ['principal', row.principal, payload.requester],
    ['time of receipt', row.received_at.toISOString(), data.occurred_at],
    ['outcome', told['outcome'], payload.outcome],
    ['outcome', data.policy_decision, payload.outcome],
    ['policy version', told['policy_version'], data.policy_version],
    ['model score', told['model_score_ref'], payload.model_score_ref],
  ];
  const fields = new Set(
    comparisons.flatMap(([field, one, other]) => (one === other ? [] : [field])),
  );
  const isAllowed = payload.outcome === 'allow' || row.operation === decisionOperation;
  const isForeseen = isAllowed || foresees(row.body, payload.outcome);
  if (!isForeseen && !isPolicys(outcome)) fields.add('effect');
  if (fields.size === 0) return [];
  const verb = fields.size === 1 ? 'differs' : 'differ';
  const detail = `${name}: ${[...fields].join(', ')} ${verb} from its decision`;
  return [{ what: 'command edited', detail }];
}

/**
 * Whether the command itself says what comes of another outcome: its movements are reserved, or
 * what was reserved is given back.
 */
function foresees(body: string, outcome: string): boolean {
  const { reserves, held = [] } = JSON.parse(body) as { reserves?: object; held?: string[] };
  return outcome === 'deny' ? held.length > 0 : reserves !== undefined;
}

/** Whether a command ended with policy's refusal: what is not allowed has no effect. */
function isPolicys({ status, code = '' }: { status: string; code?: string }): boolean {
  return status === 'rejected' && code.startsWith('policy_');
}

// The bundle --------------------------------------------------------------------------------------

type Bundles = (client: pg.ClientBase, tenant: string, digest: string) => Promise<OnRecord>;

async function compareBundle(
  client: pg.ClientBase,
  { tenant, body }: VerifiedEvent,
  bundles: Bundles,
  isRepeating: boolean,
): Promise<Flaw[]> {
  const { payload, policy_version } = dataOf(body);
  const { bundle, decision_id, point } = payload;
  const onRecord = await bundles(client, tenant, bundle);
  if ('flaw' in onRecord) {
    return [
      { what: 'bundle not on record', detail: `of decision ${decision_id}: ${onRecord.flaw}` },
    ];
  }
  const { program } = onRecord;
  if (program.bundle.name !== point || policyVersion(point, bundle) !== policy_version) {
    const detail = `decision ${decision_id}: ${policy_version} is no name of it at ${point}`;
    return [{ what: 'bundle not on record', detail }];
  }
  if (!isRepeating) return [];
  const fields = repeat(program, payload);
  for (const shadow of payload.shadows) {
    const watched = await bundles(client, tenant, shadow.bundle);
    if (!('program' in watched)) continue;
    const { outcome, reasons } = evaluate(watched.program, payload.facts, payload.settled);
    const isSame = outcome === shadow.outcome && reasons.join() === shadow.reasons.join();
    if (!isSame) fields.push(`shadow ${watched.program.version}`);
  }
  if (fields.length === 0) return [];
  const detail = `decision ${decision_id}: ${fields.join(', ')} came out otherwise`;
  return [{ what: 'decision not repeated', detail }];
}

/** One tenant's log, as far as it was read. */
type Walk = {
  readonly told: Told;
  /** Decisions where nothing was published yet, by another bundle than ships today. */
  readonly early: VerifiedEvent[];
};

/** Whether those that had a say were in force, by all that was published before. */
function compareInForce({ told, early }: Walk, event: VerifiedEvent): Flaw[] {
  const { payload, occurred_at } = dataOf(event.body);
  const { point, bundle, canary, shadows } = payload;
  const acts = told.acts.get(point);
  if (acts === undefined) {
    const isShipped = defaultBundles().get(point)?.digest === bundle && !canary;
    if (!isShipped && early.length < findingsMax) early.push(event);
    return [];
  }
  const at = Date.parse(occurred_at);
  const watched = shadows.map((each) => each.bundle).join();
  const flawsBy = (known: typeof acts): Flaw[] => {
    const inForce = inForceAt(known, at);
    const deciding = canary ? inForce.canary : inForce.live;
    return [
      ...(deciding?.digest === bundle ? [] : [notInForce(event)]),
      ...(watched === (inForce.shadow?.digest ?? '')
        ? []
        : [notInForce(event, 'what watched beside it')]),
    ];
  };
  const flaws = flawsBy(acts);
  // What was decided while an act was on its way may stand behind it: a core had to be asked.
  const isEarlier = mayHaveBeenDecidedBefore(acts, at).some((known) => flawsBy(known).length === 0);
  return isEarlier ? [] : flaws;
}

/** An act takes effect with its commit, which comes at most so long after its receipt. */
const commitMaxMs = 30_000;

/** The acts that may have been all, as far as the log can tell, when it was decided. */
function mayHaveBeenDecidedBefore<Act extends { readonly recordedAt: number }>(
  acts: readonly Act[],
  at: number,
): readonly (readonly Act[])[] {
  const surely = acts.findLastIndex(({ recordedAt }) => recordedAt <= at - commitMaxMs) + 1;
  return acts.slice(surely).map((_, index) => acts.slice(0, surely + index));
}

/** The first act at a point may be what shipped with the version of that time. */
function wasSeeded({ told }: Walk, { body }: VerifiedEvent): boolean {
  const { point, bundle, canary } = dataOf(body).payload;
  const [first] = told.acts.get(point) ?? [];
  return first?.act === 'seeded' && first.digest === bundle && !canary;
}

function notInForce({ body }: VerifiedEvent, which?: string): Flaw {
  const { bundle, decision_id, point } = dataOf(body).payload;
  const name = which ?? policyVersion(point, bundle);
  const detail = `decision ${decision_id}: ${name} was not in force at ${point}`;
  return { what: 'bundle not in force', detail };
}

/** Bundles by tenant and digest, each read, digested and compiled once. */
function createBundles(): Bundles {
  const known = new Map<string, OnRecord>();
  return async (client, tenant, digest) => {
    const key = `${tenant}/${digest}`;
    const found = known.get(key) ?? (await readOnRecord(client, tenant, digest));
    if (known.size >= programsKept) known.clear();
    known.set(key, found);
    return found;
  };
}

async function readOnRecord(
  client: pg.ClientBase,
  tenant: string,
  digest: string,
): Promise<OnRecord> {
  const { rows } = await client.query<{ body: string; engine: string }>(
    'select body, engine from policy.bundle where tenant_id = $1 and digest = $2',
    [tenant, digest],
  );
  const [row] = rows;
  if (!row) {
    // A point that is newer than the tenant is decided by the bundle that ships with it.
    const shipped = [...defaultBundles().values()].find((each) => each.digest === digest);
    return shipped ? { program: compileBundle(shipped.bundle) } : { flaw: `there is no ${digest}` };
  }
  if (sha256Hex(row.body) !== digest) return { flaw: `the text of ${digest} was edited` };
  if (row.engine !== engineVersion) {
    return { flaw: `${digest} is for the engine ${row.engine}, and this is ${engineVersion}` };
  }
  return { program: compileBundle(parseBundle(JSON.parse(row.body))) };
}

// What no event tells of --------------------------------------------------------------------------

/** Commands without a decision: looked for one by one only where there are too many commands. */
async function findUndecided(client: pg.ClientBase): Promise<Finding[]> {
  const { rows: tenants } = await client.query<{ tenant: string }>(
    `with commands as (select tenant_id, count(*) as n from core.command group by 1),
          decisions as (select tenant_id, count(*) as n from core.event
            where type = 'decision.made' group by 1)
     select tenant_id as tenant from commands left join decisions using (tenant_id)
      where commands.n > coalesce(decisions.n, 0)`,
  );
  const found: Finding[] = [];
  for (const { tenant } of tenants) {
    const { rows: commands } = await client.query<{ id: Uuid }>(
      'select id from core.command where tenant_id = $1 order by id',
      [tenant],
    );
    const { rows: decisions } = await client.query<{ id: Uuid }>(
      `select id from core.event where tenant_id = $1 and type = 'decision.made'`,
      [tenant],
    );
    const known = new Set(decisions.map(({ id }) => id));
    const undecided = commands.filter(({ id }) => !known.has(derivedUuid(id, 'decision', 0)));
    for (const { id } of undecided.slice(0, findingsMax)) {
      const detail = `command ${externalId('command', id)} was decided by nobody`;
      found.push({ tenant, what: 'command added', detail });
    }
  }
  return found;
}

function dataOf(body: unknown): Data {
  return (body as { data: Data }).data;
}
