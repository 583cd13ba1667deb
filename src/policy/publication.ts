// Publication: how a bundle comes to decide, to be tried beside the one that does, and to go again.
//
// Every act is a row that is added; what is in force follows from the acts and an instant. Nobody
// publishes alone: it takes another person's approval of exactly this bundle, and of what it would
// have changed. Going back to what was approved before takes nobody.
import {
  type Command,
  type EventDraft,
  Fault,
  type Instant,
  instantFromText,
  instantToText,
  internalId,
  principalText,
  refuseField,
  nullable,
  closed,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { approvalId, useApproval } from './approvals.ts';
import { defaultBundles } from './defaults.ts';
import { authorOf, draft, expectBacktest, keepBundle, recordBacktest } from './drafts.ts';
import { policyEvent, type PolicyOperations } from './operation.ts';
import {
  inForceAt,
  liveHistory,
  loadReleases,
  readBundle,
  type Release,
  scheduledAfter,
} from './releases.ts';

const digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the bundle.' });
const point = Type.String({ pattern: '^[a-z][a-z0-9-]{1,59}$', examples: ['rail-routing'] });
const backtestId = Type.String({ pattern: '^bkt_[0-9a-hjkmnp-tv-z]{26}$' });
const instant = Type.String({ format: 'date-time' });
const shareBps = Type.Integer({
  minimum: 1,
  maximum: 9_999,
  description: 'The share of the keys, in hundredths of a percent.',
});
const keyFact = Type.String({
  pattern: '^[a-z][a-z0-9_]{0,59}$',
  description: 'The fact whose value says who is in: always the same ones.',
  examples: ['account_id'],
});

const publishBody = Type.Object(
  {
    digest,
    supersedes: Type.Union([digest, Type.Null()], {
      description:
        'The bundle that was published last: who publishes has seen what they replace. Null ' +
        'where nothing decides yet.',
    }),
    approval_id: approvalId,
    backtest_id: backtestId,
    effective_at: Type.Optional(instant),
  },
  closed,
);
const shadowBody = Type.Object({ digest: nullable(digest) }, closed);
const canaryBody = Type.Object(
  {
    digest: nullable(digest),
    share_bps: Type.Optional(shareBps),
    key_fact: Type.Optional(keyFact),
    approval_id: Type.Optional(approvalId),
  },
  closed,
);
const rollbackBody = Type.Object({ supersedes: Type.Optional(digest) }, closed);

export const publicationSchemas = {
  digest,
  point,
  backtestId,
  publishBody,
  shadowBody,
  canaryBody,
  rollbackBody,
};

type Named<Body extends Type.TSchema> = Type.Static<Body> & { readonly name: string };
export type PublishBody = Named<typeof publishBody>;
type ShadowBody = Named<typeof shadowBody>;
type CanaryBody = Named<typeof canaryBody>;
type RollbackBody = Named<typeof rollbackBody>;

const act = { name: point, digest: nullable(digest), ordinal: Type.Integer() };
export const publicationPayloads = {
  'policy.drafted': Type.Object({ name: point, digest, engine: Type.String() }),
  'policy.backtested': Type.Object({ backtest_id: backtestId, digest, report_digest: digest }),
  'policy.published': Type.Object({
    ...act,
    effective_at: instant,
    supersedes: nullable(digest),
    approval_id: approvalId,
    backtest_id: backtestId,
  }),
  'policy.rolled_back': Type.Object({ ...act, effective_at: instant, supersedes: digest }),
  'policy.shadowed': Type.Object(act),
  'policy.canaried': Type.Object({
    ...act,
    share_bps: nullable(shareBps),
    key_fact: nullable(keyFact),
  }),
};

export const publicationOperations: PolicyOperations = {
  'policy.draft': { changesRights: false, perform: draft },
  'policy.backtest': { changesRights: false, perform: recordBacktest },
  'policy.publish': { changesRights: true, perform: publish },
  'policy.rollback': { changesRights: true, perform: rollback },
  'policy.shadow': { changesRights: true, perform: shadow },
  'policy.canary': { changesRights: true, perform: canary },
};

/** The bundles that ship with Countersign decide from a tenant's first instant. */
export async function seedReleases(
  tx: pg.ClientBase,
  command: Command,
): Promise<Readonly<Record<string, string>>> {
  const seeded: Record<string, string> = {};
  for (const name of defaultBundles().keys()) {
    const added = await seed(tx, command, name);
    if (added?.digest != null) seeded[name] = added.digest;
  }
  return seeded;
}

async function seed(
  tx: pg.ClientBase,
  command: Command,
  name: string,
): Promise<Release | undefined> {
  const shipped = defaultBundles().get(name);
  if (!shipped) return undefined;
  await keepBundle(tx, command, shipped.bundle, shipped.digest);
  return addAct(tx, command, [], { ...noAct, name, digest: shipped.digest, act: 'seeded' });
}

// Publishing --------------------------------------------------------------------------------------

/** What the approval of a publication is bound to. */
export function publicationSubject(
  body: Pick<PublishBody, 'name' | 'digest' | 'backtest_id' | 'effective_at' | 'supersedes'>,
) {
  const { name, digest: published, backtest_id, effective_at = null, supersedes } = body;
  return { backtest_id, digest: published, effective_at, name, supersedes };
}

async function publish(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as PublishBody;
  const { name, supersedes, approval_id, backtest_id } = body;
  const acts = await actsOf(tx, command, name);
  const author = await authorOf(tx, name, body.digest);
  const last = acts.findLast(({ kind }) => kind === 'live');
  refuseOvertaken(last, supersedes);
  if (last?.digest === body.digest) throw new Fault('conflict', 'this bundle is published already');
  const effectiveAt = wantedInstant(body.effective_at);
  await expectBacktest(tx, body);
  const used = await useApproval(tx, {
    id: approval_id,
    subjectKind: 'policy.publish',
    subject: publicationSubject(body),
    command,
    authors: [author],
  });
  const added = await addAct(tx, command, acts, {
    ...noAct,
    ...{ name, digest: body.digest, act: 'published', effectiveAt },
    ...{ approvalId: approval_id, backtestId: backtest_id },
  });
  const told = {
    ...{ name, digest: body.digest, ordinal: added.ordinal },
    effective_at: instantToText(added.effectiveAt),
    ...{ supersedes, approval_id, backtest_id },
  };
  return [policyEvent(command, 'policy.published', told), used];
}

/** An instant that has passed meanwhile means at once; a text that is none is a mistake. */
function wantedInstant(text: string | undefined): Instant {
  const wanted = text === undefined ? 0 : instantFromText(text);
  if (wanted !== undefined) return wanted;
  return refuseField('/effective_at', 'must be an instant that exists');
}

function refuseOvertaken(last: Release | undefined, supersedes: string | null): void {
  const published = last?.digest ?? null;
  if (published === supersedes) return;
  throw new Fault(
    'conflict',
    published === null
      ? 'nothing decides at this point yet: supersedes is null'
      : `another bundle was published last: ${published.slice(0, 12)}`,
    { detail: { published } },
  );
}

/** Back to the bundle before, now: it was approved when it was published. */
async function rollback(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { name, supersedes } = command.body as RollbackBody;
  const acts = await actsOf(tx, command, name);
  const last = acts.findLast(({ kind }) => kind === 'live');
  if (supersedes !== undefined) refuseOvertaken(last, supersedes);
  const history = liveHistory(acts, command.receivedAt);
  // What is scheduled but not yet in force is called off by going back to what is.
  const isScheduled = scheduledAfter(acts, command.receivedAt).length > 0;
  const before = isScheduled ? history.at(-1) : history.at(-2);
  if (before?.digest == null || last?.digest == null) {
    throw new Fault('conflict', `${name} has nothing to go back to`);
  }
  const { digest: back } = before;
  const added = await addAct(tx, command, acts, {
    ...noAct,
    ...{ name, digest: back, act: 'rolled_back' },
  });
  const told = {
    ...{ name, digest: back, ordinal: added.ordinal, supersedes: last.digest },
    effective_at: instantToText(added.effectiveAt),
  };
  return [policyEvent(command, 'policy.rolled_back', told)];
}

// Trials ------------------------------------------------------------------------------------------

async function shadow(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { name, digest: watched } = command.body as ShadowBody;
  const acts = await actsOf(tx, command, name);
  expectLive(acts, command, name);
  if (watched !== null) await authorOf(tx, name, watched);
  const { ordinal } = await addAct(tx, command, acts, {
    ...noAct,
    ...{ name, kind: 'shadow', digest: watched },
    act: watched === null ? 'stopped' : 'started',
  });
  return [policyEvent(command, 'policy.shadowed', { name, digest: watched, ordinal })];
}

/** What the approval of a canary is bound to. */
export function canarySubject(body: Omit<CanaryBody, 'approval_id'>) {
  const { name, digest: tried, share_bps = null, key_fact = null } = body;
  return { digest: tried, key_fact, name, share_bps };
}

async function canary(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as CanaryBody;
  const { name, digest: tried } = body;
  const acts = await actsOf(tx, command, name);
  expectLive(acts, command, name);
  if (tried === null) {
    const { ordinal } = await addAct(tx, command, acts, {
      ...noAct,
      ...{ name, kind: 'canary', digest: null, act: 'stopped' },
    });
    const told = { name, digest: null, ordinal, share_bps: null, key_fact: null };
    return [policyEvent(command, 'policy.canaried', told)];
  }
  const { share_bps, key_fact } = body;
  const author = await authorOf(tx, name, tried);
  const { facts } = await readBundle(tx, tried);
  if (share_bps === undefined || key_fact === undefined || !Object.hasOwn(facts, key_fact)) {
    throw new Fault('input_invalid', 'a canary needs a share_bps, and a key_fact of the bundle');
  }
  const used = await useApproval(tx, {
    id: body.approval_id,
    subjectKind: 'policy.canary',
    subject: canarySubject(body),
    command,
    authors: [author],
  });
  const { ordinal } = await addAct(tx, command, acts, {
    ...noAct,
    ...{ name, kind: 'canary', digest: tried, act: 'started' },
    ...{ share: share_bps, keyFact: key_fact, approvalId: body.approval_id ?? null },
  });
  const told = { name, digest: tried, ordinal, share_bps, key_fact };
  return [policyEvent(command, 'policy.canaried', told), used];
}

/** A trial stands beside what decides. */
function expectLive(acts: readonly Release[], { receivedAt }: Command, name: string): void {
  if (inForceAt(acts, receivedAt).live) return;
  throw new Fault('conflict', `nothing decides at ${name} yet: publish first`);
}

// Rows --------------------------------------------------------------------------------------------

/** The acts at a point. One of ours that is newer than the tenant begins with what ships. */
async function actsOf(
  tx: pg.ClientBase,
  command: Command,
  name: string,
): Promise<readonly Release[]> {
  const acts = (await loadReleases(tx, command.tenant)).byName.get(name);
  if (acts !== undefined) return acts;
  const seeded = await seed(tx, command, name);
  return seeded === undefined ? [] : [seeded];
}

type NewAct = Omit<Release, 'ordinal' | 'recordedAt'> & {
  readonly approvalId: string | null;
  readonly backtestId: string | null;
};

/** Effective at once, and about the bundle that decides, unless it says otherwise. */
const noAct = {
  kind: 'live',
  effectiveAt: 0,
  share: null,
  keyFact: null,
  approvalId: null,
  backtestId: null,
} as const;

/**
 * The caller holds the tenant's gate, so ordinals are drawn one after the other; acts follow each
 * other in time as in number, though the clock may have gone back.
 */
async function addAct(
  tx: pg.ClientBase,
  command: Command,
  acts: readonly Release[],
  added: NewAct,
): Promise<Release> {
  const { approvalId, backtestId, ...told } = added;
  const last = acts.at(-1);
  const recordedAt = Math.max(command.receivedAt, last?.recordedAt ?? command.receivedAt);
  const effectiveAt = Math.max(recordedAt, added.effectiveAt);
  const ordinal = (last?.ordinal ?? 0) + 1;
  await tx.query(
    `insert into policy.release (tenant_id, name, ordinal, kind, digest, share, key_fact,
       effective_at, recorded_at, act, acted_by, approval_id, backtest_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      ...[command.tenant, added.name, ordinal, added.kind, added.digest, added.share],
      ...[added.keyFact, instantToText(effectiveAt), instantToText(recordedAt), added.act],
      ...[principalText(command.principal), approvalId],
      backtestId === null ? null : (internalId('backtest', backtestId) ?? null),
    ],
  );
  return { ...told, ordinal, recordedAt, effectiveAt };
}
