// A model in production and what it has said, for tests of what is made of that.
import { scoreEvent, scoreProjection, type ModelCard } from '#ai';
import {
  type Decision,
  derivedUuid,
  type EventRow,
  eventRow,
  externalId,
  followProjection,
  instantToText,
  type Instant,
  type Json,
  newCommand,
  type PrincipalKind,
  type Uuid,
  withTx,
} from '#core';
import { keepArtefact } from '../src/ai/models/registering.ts';
import { deploymentSubject } from '../src/ai/models/registry.ts';
import { hash } from 'node:crypto';
import { type Bank, day, seal } from './bank.ts';
import { segmentsOf } from '../src/ai/scoring/segments.ts';
import { cardOf } from './scored.ts';

/** One case, as a model has scored it and policy has decided on it. */
export type Case = {
  readonly at: Instant;
  readonly value?: number | null;
  readonly fallbackReason?: 'timeout' | null;
  readonly version?: number;
  /** The version before, whose value it is. */
  readonly standsIn?: number;
  readonly inputs?: Readonly<Record<string, number | null>>;
  readonly latencyUs?: number;
  readonly operation?: string;
  /** Whether the model was asked at all. */
  readonly isScored?: boolean;
  /** Of the decision: who has asked for it. */
  readonly requester?: string;
  readonly facts?: Readonly<Record<string, Json>>;
  readonly shadows?: readonly { readonly version: number; readonly value: number }[];
};

export type Actor = { readonly tenant: string; readonly kind?: PrincipalKind; readonly id: string };

let keys = 0;

/** Carries out an operation as somebody, under a key of its own. */
export function actor({ planes }: Bank) {
  return (operation: string, body: Json, { tenant, kind = 'user', id }: Actor, key?: string) => {
    keys += 1;
    const idempotencyKey = key ?? `${operation}-${keys}`;
    return planes.execute({ principal: { kind, id, tenant }, operation, body, idempotencyKey });
  };
}

/** Registers a card and lets it decide, as one person asks for and another one approves. */
export async function deploy(
  bank: Bank,
  tenant: string,
  more: Partial<ModelCard> = {},
  supersedes: number | null = null,
): Promise<ModelCard> {
  const bytes = Buffer.from('a model');
  const card = cardOf({ ...more, artefact: hash('sha256', bytes, 'hex') });
  const { planes, time } = bank;
  const act = actor(bank);
  const as = (id: string) => ({ tenant, id });
  await withTx(planes.database.pool('policy'), (tx) => keepArtefact(tx, tenant, bytes), {
    tenant,
  });
  await act('model.register', { card: card as Json, report: {} }, as('ann'));
  const { rows } = await bank.superuser.query(
    `select name, version, card_digest as "cardDigest", artefact from ai.model_version
      where tenant_id = $1 order by version desc limit 1`,
    [tenant],
  );
  const body = { stage: 'production' as const, supersedes };
  const asked = await act(
    'approval.request',
    {
      subject_kind: 'model.deploy',
      subject: deploymentSubject(rows[0], body) as Json,
      summary: 'a model for tests',
      expires_at: instantToText(time.now + day),
    },
    as('ben'),
  );
  const approval_id = externalId('approval', derivedUuid(asked.commandId, 'approval', 0));
  const verdict = { approval_id, verdict: 'approve', reason: 'it is for tests' };
  await act('approval.decide', verdict, as('eve'));
  const { name, version } = rows[0];
  await act('model.deploy', { ...body, name, version, approval_id }, as('ben'));
  return card;
}

/** Writes the events of cases as a scored decision writes them; answers the commands' ids. */
export async function recordCases(
  { planes }: Bank,
  tenant: string,
  cases: readonly Case[],
): Promise<Uuid[]> {
  const commands: Uuid[] = [];
  const events: EventRow[] = [];
  for (const each of cases) {
    const principal = { kind: 'service', id: 'cards', tenant } as const;
    const { operation = 'journal.post' } = each;
    const input = { principal, operation, body: {}, idempotencyKey: 'none' };
    const clock = { now: () => each.at };
    const command = newCommand(input, { clock, random: planes.random });
    const id = derivedUuid(command.id, 'score', 0);
    const decision: Decision = {
      id: derivedUuid(command.id, 'decision', 0),
      outcome: 'allow',
      policyVersion: 'payment-authorization@test',
      reasons: [],
      modelScoreRef: externalId('score', id),
      consume: [],
    };
    commands.push(command.id);
    if (each.isScored ?? true) {
      events.push(eventRow(command, decision, id, scoreEvent(scoreOf(each, command.id))));
    }
    events.push(
      eventRow(command, decision, decision.id, {
        ...{ type: 'decision.made', accountId: null, amount: null, currency: null },
        occurredAt: instantToText(each.at),
        payload: {
          command_id: externalId('command', command.id),
          decision_id: externalId('decision', decision.id),
          facts: each.facts ?? {},
          model_score_ref: decision.modelScoreRef,
          operation,
          outcome: decision.outcome,
          point: 'payment-authorization',
          requester: `service:${each.requester ?? principal.id}`,
        },
      }),
    );
  }
  await withTx(planes.database.pool('policy'), (tx) =>
    tx.query('select core.record_events($1, $2, $3, $4)', [
      events.map((event) => event.tenant),
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map(({ body }) => body).join('\n'),
    ]),
  );
  return commands;
}

function scoreOf(each: Case, commandId: Uuid): Parameters<typeof scoreEvent>[0] {
  const { at, version = 1, value = 0.1, fallbackReason = null, shadows = [] } = each;
  const model = { name: 'payment-fraud', version, digest: '0'.repeat(64) };
  const isOwn = fallbackReason === null && each.standsIn === undefined;
  const before = each.standsIn === undefined ? null : { ...model, version: each.standsIn };
  return {
    ...{ id: derivedUuid(commandId, 'score', 0), commandId, at, model, value, fallbackReason },
    segments: segmentsOf(each.facts ?? {}),
    operation: each.operation ?? 'journal.post',
    point: 'payment-authorization',
    accountId: null,
    stage: isOwn ? 'production' : before ? 'previous' : 'rule',
    servedBy: isOwn ? model : before,
    status: isOwn ? 'scored' : before ? 'fallback' : 'rule',
    facts: {},
    inputs: each.inputs ?? {},
    featureDigest: '0'.repeat(64),
    reasons: [],
    shadows: shadows.map((shadow) => ({ ...model, ...shadow })),
    latencyUs: each.latencyUs ?? 900,
  };
}

/** Seals what was written, and folds it. */
export async function foldScores(bank: Bank): Promise<void> {
  await seal(bank);
  const pool = bank.planes.database.pool('app');
  while ((await followProjection(scoreProjection, pool)) > 0);
}

/** The body of `label.record` for cases that were recorded so. */
export function labelsOf(
  commands: readonly Uuid[],
  label: (index: number) => string,
  { at, source = 'chargeback' }: { at: Instant; source?: string },
): Json {
  return {
    labels: commands.map((command, index) => ({
      transfer_id: null,
      decision_id: null,
      command_id: externalId('command', command),
      ...{ account_id: null, merchant: null, amount: null, currency: null },
      paid_at: instantToText(at),
      label: label(index),
      source,
      occurred_at: null,
    })),
  };
}
