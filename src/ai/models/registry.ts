// The registry: how a model comes on record, to be watched, tried, heard, stopped, and to go again.
//
// As with bundles, every act is a row that is added, and who serves follows from the acts. Nobody
// lets a model decide alone: it takes another person's approval of exactly this card, artefact and
// stage. Going back to what was approved before takes nobody; nor does stopping.
import {
  type CheckpointKey,
  closed,
  type Command,
  type EventDraft,
  Fault,
  nullable,
  plainText,
  refuseField,
} from '#core';
import { approvalId, policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { type Act, addAct, type Adding, historyOf, stages, standingOf } from './acts.ts';
import { register } from './registering.ts';

const name = Type.String({ pattern: '^[a-z][a-z0-9-]{1,59}$', examples: ['payment-fraud'] });
const digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal.' });
const version = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const shareBps = Type.Integer({
  minimum: 1,
  maximum: 9_999,
  description: 'Of a canary: the share of the keys, in hundredths of a percent.',
});
const supersedes = Type.Union([version, Type.Null()], {
  description:
    'The version in production: who replaces it has seen it. Null where there is none yet.',
});

const deployBody = Type.Object(
  {
    stage: Type.Enum([...stages]),
    version: Type.Union([version, Type.Null()], {
      description: 'Null ends a shadow or a canary.',
    }),
    share_bps: Type.Optional(shareBps),
    supersedes: Type.Optional(supersedes),
    approval_id: Type.Optional(approvalId),
  },
  closed,
);
const rollbackBody = Type.Object({ supersedes: Type.Optional(version) }, closed);
const suspendBody = Type.Object(
  {
    version: Type.Optional(
      Type.Integer({
        ...{ minimum: 1, maximum: 1_000_000 },
        description: 'One that is in production, was before, or is tried. Default: production.',
      }),
    ),
    reason: plainText({ description: 'No personal data.', minLength: 1, maxLength: 500 }),
  },
  closed,
);
const resumeBody = Type.Object(
  {
    version: Type.Optional(
      Type.Integer({
        ...{ minimum: 1, maximum: 1_000_000 },
        description: 'One that is suspended. Default: the one in production.',
      }),
    ),
    approval_id: Type.Optional(approvalId),
  },
  closed,
);

export const modelSchemas = {
  name,
  version,
  digest,
  deployBody,
  rollbackBody,
  suspendBody,
  resumeBody,
};

type Named<Body extends Type.TSchema> = Type.Static<Body> & { readonly name: string };
type DeployBody = Named<typeof deployBody>;
type RollbackBody = Named<typeof rollbackBody>;
type SuspendBody = Named<typeof suspendBody>;
type ResumeBody = Named<typeof resumeBody>;

const which = { name, version, card_digest: digest, artefact: digest };
const act = { ...which, ordinal: Type.Integer() };
export const modelPayloads = {
  'model.registered': Type.Object({ ...which, report_digest: digest }),
  'model.deployed': Type.Object({
    ...{ name, ordinal: Type.Integer(), stage: Type.Enum([...stages]) },
    version: nullable(version),
    card_digest: nullable(digest),
    artefact: nullable(digest),
    share_bps: nullable(shareBps),
    supersedes: nullable(version),
    approval_id: nullable(approvalId),
  }),
  'model.rolled_back': Type.Object({ ...act, supersedes: version }),
  'model.suspended': Type.Object(act),
  'model.resumed': Type.Object({ ...act, approval_id: approvalId }),
};

export const modelOperations: PolicyOperations = {
  'model.register': { changesRights: false, perform: register },
  'model.deploy': { changesRights: true, perform: deploy },
  'model.rollback': { changesRights: true, perform: rollback },
  'model.suspend': { changesRights: true, perform: suspend },
  'model.resume': { changesRights: true, perform: resume },
};

// Deploying ---------------------------------------------------------------------------------------

/** What the approval of a deployment is bound to. */
export function deploymentSubject(
  registered: Pick<Version, 'name' | 'version' | 'cardDigest' | 'artefact'>,
  body: Pick<DeployBody, 'stage' | 'share_bps' | 'supersedes'>,
) {
  const { cardDigest: card_digest, artefact, ...named } = registered;
  const { stage, share_bps = null, supersedes: replaced = null } = body;
  return { artefact, card_digest, ...named, share_bps, stage, supersedes: replaced };
}

async function deploy(
  tx: pg.ClientBase,
  command: Command,
  signer: CheckpointKey,
): Promise<EventDraft[]> {
  const body = command.body as DeployBody;
  const history = await historyOf(tx, body.name);
  if (body.version === null) return endTrial(tx, { command, history, signer });
  const registered = await versionOf(tx, body.name, body.version);
  checkDeployment(body, history);
  // A shadow is heard by nobody: it needs nobody.
  const isHeard = body.stage !== 'shadow';
  const used = isHeard
    ? await useApproval(tx, {
        id: body.approval_id,
        subjectKind: 'model.deploy',
        subject: deploymentSubject(pick(registered), body),
        command,
        authors: [registered.registeredBy],
      })
    : undefined;
  const added = await addAct(
    tx,
    { command, history, signer },
    {
      ...pick(registered),
      stage: body.stage,
      act: body.stage === 'production' ? 'deployed' : 'started',
      share: body.share_bps ?? null,
      approvalId: used ? (body.approval_id ?? null) : null,
    },
  );
  const told = { ...deployedOf(added), supersedes: body.supersedes ?? null };
  return [policyEvent(command, 'model.deployed', told), ...(used ? [used] : [])];
}

function checkDeployment(body: DeployBody, history: readonly Act[]): void {
  const { stage, version: wanted, share_bps: share, supersedes: replaced } = body;
  if ((stage === 'canary') !== (share !== undefined)) {
    refuseField('/share_bps', 'a canary has one, and nothing else');
  }
  const { production: live, suspensions } = standingOf(history);
  if (wanted !== null && suspensions.has(wanted)) {
    throw new Fault('conflict', `version ${wanted} of ${body.name} is suspended: resume it first`);
  }
  if (stage === 'canary' && !live) {
    throw new Fault('conflict', `nothing of ${body.name} is in production yet: there is no part`);
  }
  if (stage === 'production' && replaced === undefined) {
    refuseField('/supersedes', 'must name the version in production, or be null');
  }
  if (replaced !== undefined) refuseOvertaken(live, replaced);
  if (live?.version === wanted) {
    throw new Fault('conflict', `version ${wanted} is in production already`);
  }
}

function refuseOvertaken(live: Act | undefined, seen: number | null): void {
  const production = live?.version ?? null;
  if (production === seen) return;
  const what = production === null ? 'nothing' : `version ${production}`;
  throw new Fault('conflict', `${what} is in production`, { detail: { production } });
}

/** An act without a version: what is watched or tried is so no more. */
async function endTrial(tx: pg.ClientBase, adding: Adding): Promise<EventDraft[]> {
  const { command, history } = adding;
  const { name: model, stage } = command.body as DeployBody;
  const { canary, shadow } = standingOf(history);
  const running = { canary, shadow, production: undefined }[stage];
  if (!running) {
    throw new Fault('conflict', `${model} has no ${stage} that could end`);
  }
  const added = await addAct(tx, adding, {
    ...{ name: model, stage, act: 'stopped' },
    ...{ version: null, cardDigest: null, artefact: null },
  });
  return [policyEvent(command, 'model.deployed', { ...deployedOf(added), supersedes: null })];
}

/** Back to the version that was in production before, now: it was approved when it was deployed. */
async function rollback(
  tx: pg.ClientBase,
  command: Command,
  signer: CheckpointKey,
): Promise<EventDraft[]> {
  const { name: model, supersedes: seen } = command.body as RollbackBody;
  const history = await historyOf(tx, model);
  const { production, previous } = standingOf(history);
  if (seen !== undefined) refuseOvertaken(production, seen);
  if (production?.version == null || !previous) {
    throw new Fault('conflict', `${model} has nothing to go back to`);
  }
  const added = await addAct(
    tx,
    { command, history, signer },
    {
      ...pick(previous),
      ...{ stage: 'production', act: 'rolled_back' },
    },
  );
  const told = { ...toldOf(added), supersedes: production.version };
  return [policyEvent(command, 'model.rolled_back', told)];
}

// Stopping ----------------------------------------------------------------------------------------

/** At once, by one person or by the monitoring of its own: what stands in for a model is safe. */
async function suspend(
  tx: pg.ClientBase,
  command: Command,
  signer: CheckpointKey,
): Promise<EventDraft[]> {
  const { name: model, version: wanted, reason } = command.body as SuspendBody;
  const history = await historyOf(tx, model);
  const { production, previous, canary, shadow, suspensions } = standingOf(history);
  const roles = wanted === undefined ? [production] : [production, previous, canary, shadow];
  const stopped = roles.find((act) => act && (wanted ?? act.version) === act.version);
  if (stopped?.version == null) {
    if (history.length === 0) throw new Fault('not_found', `nothing of ${model} was ever deployed`);
    const what = wanted === undefined ? 'is in production' : `of that number is in use`;
    throw new Fault('conflict', `no version of ${model} ${what}`);
  }
  if (suspensions.has(stopped.version)) {
    throw new Fault('conflict', `version ${stopped.version} of ${model} is suspended already`);
  }
  const added = await addAct(
    tx,
    { command, history, signer },
    {
      ...pick(stopped),
      ...{ stage: 'suspension', act: 'suspended', reason },
    },
  );
  return [policyEvent(command, 'model.suspended', toldOf(added))];
}

/** What the approval of resuming is bound to: this suspension, and no later one. */
export function resumeSubject(suspension: Pick<Act, 'name' | 'version' | 'ordinal'>) {
  const { name: model, version: suspended, ordinal } = suspension;
  return { name: model, suspension: ordinal, version: suspended };
}

async function resume(
  tx: pg.ClientBase,
  command: Command,
  signer: CheckpointKey,
): Promise<EventDraft[]> {
  const { name: model, version: wanted, approval_id } = command.body as ResumeBody;
  const history = await historyOf(tx, model);
  const { production, suspensions } = standingOf(history);
  const suspension = suspensions.get(wanted ?? production?.version ?? 0);
  if (!suspension || suspension.version === null) {
    const what = wanted === undefined ? model : `version ${wanted} of ${model}`;
    throw new Fault('conflict', `${what} is not suspended`);
  }
  const { registeredBy } = await versionOf(tx, model, suspension.version);
  const used = await useApproval(tx, {
    id: approval_id,
    subjectKind: 'model.resume',
    subject: resumeSubject(suspension),
    command,
    authors: [registeredBy],
  });
  const added = await addAct(
    tx,
    { command, history, signer },
    {
      ...pick(suspension),
      ...{ stage: 'suspension', act: 'resumed', approvalId: approval_id ?? null },
    },
  );
  const told = { ...toldOf(added), approval_id: approval_id ?? '' };
  return [policyEvent(command, 'model.resumed', told), used];
}

// Rows --------------------------------------------------------------------------------------------

type Version = {
  readonly name: string;
  readonly version: number;
  readonly cardDigest: string;
  readonly artefact: string;
  readonly registeredBy: string;
};

async function versionOf(tx: pg.ClientBase, model: string, wanted: number): Promise<Version> {
  const { rows } = await tx.query<Version>(
    `select name, version, card_digest as "cardDigest", artefact,
            registered_by as "registeredBy"
       from ai.model_version where name = $1 and version = $2`,
    [model, wanted],
  );
  if (rows[0]) return rows[0];
  throw new Fault('not_found', `${model} has no version ${wanted}: register it`);
}

type Which = Pick<Act, 'name' | 'version' | 'cardDigest' | 'artefact'>;

function pick<Of extends Which>({ name: model, version: of, cardDigest, artefact }: Of) {
  return { name: model, version: of, cardDigest, artefact } as Pick<Of, keyof Which>;
}

function toldOf({ name: model, version: of, cardDigest, artefact, ordinal }: Act) {
  return { name: model, version: of, card_digest: cardDigest, artefact, ordinal };
}

function deployedOf(added: Act) {
  const { stage, share, approvalId } = added;
  return { ...toldOf(added), stage, share_bps: share, approval_id: approvalId };
}
