// Changes of rollout: going further needs an approval, going back and the kill switch do not.
import {
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  type Json,
  principalText,
  refuseField,
  nullable,
  closed,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { approvalId, useApproval } from './approvals.ts';
import { policyEvent, type PolicyOperations } from './operation.ts';
import {
  all,
  covers,
  dimensions,
  loadRollout,
  rolloutModes,
  type RolloutPlace,
  type RolloutSetting,
  settingFor,
} from './rollout.ts';

/** A tenant with more settings than this has lost its overview, and a look-up would be slow. */
const settingsMax = 1_000;

const word = '[a-z0-9][a-z0-9_.-]{0,63}';
const useCase = Type.String({ pattern: `^${word}$`, examples: ['offers'] });
const orAll = Type.String({ pattern: `^(\\*|${word})$`, default: all });
const percent = Type.Integer({ minimum: 1, maximum: 99 });
const place = {
  channel: Type.Optional(orAll),
  product: Type.Optional(orAll),
  cohort: Type.Optional(orAll),
};

const setBody = Type.Object(
  {
    use_case: useCase,
    ...place,
    mode: Type.Enum([...rolloutModes]),
    percent: Type.Optional(percent),
    approval_id: Type.Optional(approvalId),
  },
  closed,
);
const switched = Type.String({ pattern: `^(\\*|${word})$`, description: 'A use case, or `*`.' });
const killBody = Type.Object({ use_case: switched }, closed);
const reviveBody = Type.Object(
  { use_case: switched, approval_id: Type.Optional(approvalId) },
  closed,
);

type SetBody = Type.Static<typeof setBody>;
type KillBody = Type.Static<typeof killBody>;
type ReviveBody = Type.Static<typeof reviveBody>;

export const rolloutSchemas = { useCase, place, percent, setBody, killBody, reviveBody };

const mode = { mode: Type.Enum([...rolloutModes]), percent: nullable(percent) };
export const rolloutPayloads = {
  'rollout.set': Type.Object({
    setting_id: Type.String(),
    use_case: useCase,
    channel: orAll,
    product: orAll,
    cohort: orAll,
    ...mode,
    before: nullable(Type.Object(mode)),
    approval_id: nullable(approvalId),
  }),
  'rollout.killed': Type.Object({ use_case: switched }),
  'rollout.revived': Type.Object({ use_case: switched, approval_id: approvalId }),
};

export const rolloutOperations: PolicyOperations = {
  'rollout.set': { changesRights: true, perform: setRollout },
  'rollout.kill': { changesRights: true, perform: kill },
  'rollout.revive': { changesRights: true, perform: revive },
};

/** What the approval of a rise is bound to: the body with all of its defaults, without the id. */
export function rolloutSubject(body: Omit<SetBody, 'approval_id'>): Json {
  return {
    use_case: body.use_case,
    channel: body.channel ?? all,
    product: body.product ?? all,
    cohort: body.cohort ?? all,
    mode: body.mode,
    ...(body.percent === undefined ? {} : { percent: body.percent }),
  };
}

async function setRollout(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as SetBody;
  if ((body.mode === 'canary') !== (body.percent !== undefined)) {
    refuseField('/percent', 'goes with the mode canary, and only with it');
  }
  const id = derivedUuid(command.id, 'rollout', 0);
  const { channel = all, product = all, cohort = all } = body;
  const at = { useCase: body.use_case, channel, product, cohort };
  const wanted: RolloutSetting = { ...at, id, mode: body.mode, percent: body.percent ?? null };
  const { settings } = await loadRollout(tx, command.tenant);
  const siblings = settings.get(at.useCase) ?? [];
  const before = siblings.find((each) => isSamePlace(each, at));
  const count = [...settings.values()].reduce((sum, each) => sum + each.length, 0);
  if (!before && count >= settingsMax) {
    throw new Fault('conflict', `the tenant has ${settingsMax} rollout settings already`);
  }
  const used = raises(siblings, wanted)
    ? [await approved(tx, command, 'rollout.set', rolloutSubject(body))]
    : [];
  await tx.query(
    `insert into policy.rollout as r (tenant_id, id, use_case, channel, product, cohort, mode,
       percent, set_at, set_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict on constraint one_setting_per_place do update
       set id = excluded.id, mode = excluded.mode, percent = excluded.percent,
           set_at = excluded.set_at, set_by = excluded.set_by`,
    [
      ...[command.tenant, id, at.useCase, channel, product, cohort, wanted.mode, wanted.percent],
      ...[instantToText(command.receivedAt), principalText(command.principal)],
    ],
  );
  const payload = {
    setting_id: externalId('rollout', id),
    use_case: at.useCase,
    ...{ channel, product, cohort, mode: wanted.mode, percent: wanted.percent },
    before: before ? { mode: before.mode, percent: before.percent } : null,
    approval_id: used.length > 0 ? (body.approval_id ?? null) : null,
  };
  return [...used, policyEvent(command, 'rollout.set', payload)];
}

/**
 * Whether a setting would let the use case go further anywhere than what is in force. Where it
 * overlaps with another setting is as far as the answer can differ: it is enough to look at these
 * overlaps, with `*` for whatever no setting names.
 */
export function raises(settings: readonly RolloutSetting[], wanted: RolloutSetting): boolean {
  const after = [...settings.filter((each) => !isSamePlace(each, wanted)), wanted];
  const places = [wanted, ...settings.flatMap((each) => overlap(each, wanted) ?? [])];
  return places.some((at) => level(settingFor(after, at)) > level(settingFor(settings, at)));
}

function isSamePlace(one: RolloutPlace, other: RolloutPlace): boolean {
  return dimensions.every((name) => one[name] === other[name]);
}

function overlap(one: RolloutPlace, other: RolloutPlace): RolloutPlace | undefined {
  const both = (name: (typeof dimensions)[number]) => (one[name] === all ? other[name] : one[name]);
  const at = {
    useCase: other.useCase,
    channel: both('channel'),
    product: both('product'),
    cohort: both('cohort'),
  };
  return covers(one, at) && covers(other, at) ? at : undefined;
}

/** How far a setting goes: canaries by their percentage. */
function level(setting: RolloutSetting | undefined): number {
  return setting ? rolloutModes.indexOf(setting.mode) + (setting.percent ?? 0) / 100 : 0;
}

async function kill(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { use_case } = command.body as KillBody;
  const { killed } = await loadRollout(tx, command.tenant);
  // With so many off, what is wanted is the switch of all: that one always works.
  if (killed.size >= settingsMax && use_case !== all && !killed.has(use_case)) {
    throw new Fault('conflict', `${settingsMax} use cases are killed already: kill ${all}`);
  }
  await turn(tx, command, { use_case, killed: true });
  return [policyEvent(command, 'rollout.killed', { use_case })];
}

async function revive(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { use_case, approval_id } = command.body as ReviveBody;
  const { killed } = await loadRollout(tx, command.tenant);
  if (!killed.has(use_case)) throw new Fault('conflict', `${use_case} is not killed`);
  const used = await approved(tx, command, 'rollout.revive', { use_case });
  await turn(tx, command, { use_case, killed: false });
  const payload = { use_case, approval_id: approval_id ?? null };
  return [used, policyEvent(command, 'rollout.revived', payload)];
}

async function turn(
  tx: pg.ClientBase,
  command: Command,
  { use_case, killed }: { use_case: string; killed: boolean },
): Promise<void> {
  await tx.query(
    `insert into policy.kill_switch (tenant_id, use_case, killed, changed_at, changed_by)
     values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, use_case) do update set killed = excluded.killed,
       changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
    [
      ...[command.tenant, use_case, killed],
      ...[instantToText(command.receivedAt), principalText(command.principal)],
    ],
  );
}

function approved(tx: pg.ClientBase, command: Command, kind: string, subject: Json) {
  return useApproval(tx, {
    id: (command.body as { approval_id?: string }).approval_id,
    subjectKind: kind,
    subject: subject,
    command,
  });
}
