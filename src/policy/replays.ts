// Replays on request: asked for and ended by commands; between them a worker reads the log.
import {
  canonicalJson,
  closed,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantFromText,
  instantToText,
  internalId,
  type Json,
  nullable,
  principalText,
  refuseField,
  sha256Hex,
  type Uuid,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { defaultBundles } from './defaults.ts';
import { policyEvent, type PolicyOperations } from './operation.ts';
import type { Bound, Cohort, Span } from './recorded.ts';

/** The same decisions again, or those of another bundle, or those on the scores of a model. */
export const replayKinds = ['same', 'policy', 'model'] as const;
export const replayEndings = ['completed', 'cancelled', 'failed'] as const;

/** Of one tenant, not ended: they are carried out one after the other. */
const openMax = 10;
const accountsMax = 1_000;

const digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of a bundle.' });
const point = Type.String({ pattern: '^[a-z][a-z0-9-]{1,59}$', examples: ['rail-routing'] });
const replayId = Type.String({ pattern: '^rpl_[0-9a-hjkmnp-tv-z]{26}$' });
const place = (description: string) =>
  Type.Union([Type.Integer({ minimum: 1 }), Type.String({ format: 'date-time' })], { description });
const model = Type.Object({ name: Type.String(), version: Type.Integer({ minimum: 1 }) }, closed);

const requestBody = Type.Object(
  {
    kind: Type.Enum([...replayKinds], {
      description:
        '`same`: every decision again, by the bundle that made it. `policy`: by `bundle`. ' +
        '`model`: on what `model` says, by the bundles on record or by `bundle`.',
    }),
    point: Type.Optional(point),
    bundle: Type.Optional(digest),
    model: Type.Optional(model),
    from: Type.Optional(place('A position in the log or an instant of receipt, included.')),
    to: Type.Optional(place('The same, not included.')),
    cohort: Type.Optional(
      Type.Object(
        {
          accounts: Type.Optional(
            Type.Array(Type.String({ pattern: '^acc_[0-9a-hjkmnp-tv-z]{26}$' }), {
              minItems: 1,
              maxItems: accountsMax,
            }),
          ),
          where: Type.Optional(
            Type.Object(
              {
                fact: Type.String({ pattern: '^[a-z][a-z0-9_]{0,59}$' }),
                value: Type.Union([Type.String({ maxLength: 200 }), Type.Number(), Type.Boolean()]),
              },
              { ...closed, description: 'Only cases in which a fact has this value.' },
            ),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type ReplayBody = Type.Static<typeof requestBody>;

export const replaySchemas = { requestBody, replayId, kind: Type.Enum([...replayKinds]) };

/** What a worker has found, as the body of `replay.complete`. */
export type ReplayFound = {
  readonly replay_id: string;
  readonly status: 'completed' | 'failed';
  readonly reason: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly decisions: number;
  readonly identical: number;
  readonly changed: number;
  readonly report: Json;
  readonly examples: readonly Json[];
};

const count = Type.Integer({ minimum: 0 });
const text = nullable(Type.String());
export const replayPayloads = {
  'replay.requested': Type.Object({
    replay_id: replayId,
    kind: Type.Enum([...replayKinds]),
    point: text,
    bundle: text,
    model: nullable(model),
    from: nullable(place('As it was asked for.')),
    to: nullable(place('As it was asked for.')),
    requested_by: Type.String(),
  }),
  'replay.completed': Type.Object({
    replay_id: replayId,
    kind: Type.Enum([...replayKinds]),
    status: Type.Enum([...replayEndings]),
    reason: Type.Union([Type.String(), Type.Null()], { description: 'Of a failure.' }),
    from: Type.Union([Type.Integer(), Type.Null()], { description: 'The first position.' }),
    to: Type.Union([Type.Integer(), Type.Null()], { description: 'The last position.' }),
    decisions: count,
    identical: count,
    changed: Type.Integer({ minimum: 0, description: 'Those with another outcome.' }),
    score: Type.Number({ description: 'identical / decisions; 1 where there are none.' }),
    report_digest: Type.Union([digest, Type.Null()]),
  }),
};

export const replayOperations: PolicyOperations = {
  'replay.request': { changesRights: false, perform: requestReplay },
  'replay.cancel': { changesRights: false, perform: cancelReplay },
  'replay.complete': { changesRights: false, perform: completeReplay },
};

export function replayOf(command: Uuid): Uuid {
  return derivedUuid(command, 'replay', 0);
}

/** The part of the log that a request is about. */
export function replaySpan(tenant: string, { point: at, from, to, cohort }: ReplayBody): Span {
  const { accounts, where } = cohort ?? {};
  const among: Cohort = { where, ...(accounts ? { accounts: new Set(accounts) } : {}) };
  return { tenant, point: at, from: boundOf(from), to: boundOf(to), cohort: among };
}

function boundOf(bound: number | string | undefined): Bound | undefined {
  if (bound === undefined) return undefined;
  if (typeof bound === 'number') return { position: bound };
  const instant = instantFromText(bound);
  return instant === undefined ? undefined : { instant };
}

async function requestReplay(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as ReplayBody;
  checkRequest(body);
  await expectOnRecord(tx, body);
  const { rows } = await tx.query<{ open: number }>(
    `select count(*)::int as open from policy.replay r
      where not exists (select from policy.replay_result e where e.id = r.id)`,
  );
  if ((rows[0]?.open ?? 0) >= openMax) {
    throw new Fault('conflict', `${openMax} replays wait already: let one end, or cancel it`);
  }
  const id = replayOf(command.id);
  const requestedBy = principalText(command.principal);
  await tx.query(
    `insert into policy.replay (tenant_id, id, kind, request, requested_by, requested_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      command.tenant,
      id,
      body.kind,
      canonicalJson(body as Json),
      requestedBy,
      instantToText(command.receivedAt),
    ],
  );
  return [
    policyEvent(command, 'replay.requested', {
      replay_id: externalId('replay', id),
      kind: body.kind,
      point: body.point ?? null,
      bundle: body.bundle ?? null,
      model: body.model ?? null,
      from: body.from ?? null,
      to: body.to ?? null,
      requested_by: requestedBy,
    }),
  ];
}

/** What a schema cannot say. */
function checkRequest({ kind, bundle, model: by, from, to }: ReplayBody): void {
  if (kind === 'same' && bundle !== undefined) refuseField('/bundle', 'is for other kinds');
  if (kind === 'policy' && bundle === undefined) refuseField('/bundle', 'says which policy');
  if ((kind === 'model') !== (by !== undefined)) {
    refuseField('/model', kind === 'model' ? 'says which model' : 'is for the kind model');
  }
  for (const [name, bound] of [['from', from] as const, ['to', to] as const]) {
    if (bound !== undefined && boundOf(bound) === undefined) {
      refuseField(`/${name}`, 'must be an instant or a position');
    }
  }
  const [first, last] = [boundOf(from), boundOf(to)];
  const areInstants = first && last && 'instant' in first && 'instant' in last;
  const arePositions = first && last && 'position' in first && 'position' in last;
  const isReversed =
    (areInstants && last.instant <= first.instant) ||
    (arePositions && last.position <= first.position);
  if (isReversed) refuseField('/to', 'must lie after /from');
}

async function expectOnRecord(tx: pg.ClientBase, { bundle, model: by }: ReplayBody): Promise<void> {
  const isShipped = [...defaultBundles().values()].some((each) => each.digest === bundle);
  if (bundle !== undefined && !isShipped) {
    const found = await tx.query('select from policy.bundle where digest = $1', [bundle]);
    if (found.rowCount === 0) refuseField('/bundle', 'is no bundle on record');
  }
  if (by === undefined) return;
  const found = await tx.query('select from ai.model_version where name = $1 and version = $2', [
    by.name,
    by.version,
  ]);
  if (found.rowCount === 0) refuseField('/model', 'is no version on record');
}

// Endings -----------------------------------------------------------------------------------------

async function cancelReplay(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { replay_id } = command.body as { readonly replay_id: string };
  const none = { from: null, to: null, decisions: 0, identical: 0, changed: 0 };
  const ending = { replay_id, status: 'cancelled', reason: null, ...none } as const;
  const told = await end(tx, command, { ...ending, report: null, examples: [] });
  if (told === undefined) throw new Fault('conflict', `${replay_id} has ended already`);
  return told;
}

/** Of two that end a replay the first is heard: what comes after it changes nothing. */
async function completeReplay(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  return (await end(tx, command, command.body as ReplayFound)) ?? [];
}

type Ending = Omit<ReplayFound, 'status'> & { readonly status: (typeof replayEndings)[number] };

/** Undefined where somebody has ended it before. */
async function end(
  tx: pg.ClientBase,
  command: Command,
  ending: Ending,
): Promise<EventDraft[] | undefined> {
  const { replay_id, status, reason, from, to, decisions, identical, changed } = ending;
  const id = internalId('replay', replay_id);
  const { rows } = await tx.query<{ kind: string }>(
    'select kind from policy.replay where id = $1',
    [id ?? null],
  );
  const [replay] = rows;
  if (!replay) throw new Fault('not_found', `there is no replay ${replay_id}`);
  const report = ending.report === null ? null : canonicalJson(ending.report);
  const { rowCount } = await tx.query(
    `insert into policy.replay_result (tenant_id, id, status, reason, from_position, to_position,
       decisions, identical, changed, report, examples, ended_by, ended_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing`,
    [
      ...[command.tenant, id, status, reason, from, to, decisions, identical, changed, report],
      canonicalJson(ending.examples),
      principalText(command.principal),
      instantToText(command.receivedAt),
    ],
  );
  if (rowCount === 0) return undefined;
  return [
    policyEvent(command, 'replay.completed', {
      ...{ replay_id, kind: replay.kind, status, reason, from, to, decisions, identical, changed },
      score: decisions === 0 ? 1 : identical / decisions,
      report_digest: report === null ? null : sha256Hex(report),
    }),
  ];
}
