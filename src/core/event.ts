// Events: CloudEvents 1.0 envelopes whose data carries the fields that every consumer relies on.
import { canonicalJson, type Json } from './canonical.ts';
import type { Command } from './command.ts';
import type { Decision } from './countersignature.ts';
import { derivedUuid, externalId, type Uuid } from './id.ts';

/** What a plane says about one effect of a command. */
export type EventDraft = {
  readonly type: string;
  /** RFC 3339: when it happened in the world, which may lie before it was recorded. */
  readonly occurredAt: string;
  readonly accountId: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly payload: Json;
};

/** An event as stored: its canonical text is the evidence. */
export type EventRow = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly type: string;
  readonly body: string;
};

/** The `nth` event of a command, or the one of that id. Equal commands give equal bytes. */
export function eventRow(
  command: Command,
  decision: Decision,
  nth: number | Uuid,
  draft: EventDraft,
): EventRow {
  const id = typeof nth === 'string' ? nth : derivedUuid(command.id, 'event', nth);
  const publicId = externalId('event', id);
  const body = canonicalJson({
    data: {
      account_id: draft.accountId,
      amount: draft.amount,
      currency: draft.currency,
      event_id: publicId,
      event_type: draft.type,
      idempotency_key: command.idempotencyKey,
      model_score_ref: decision.modelScoreRef,
      occurred_at: draft.occurredAt,
      payload: draft.payload,
      policy_decision: decision.outcome,
      policy_version: decision.policyVersion,
      tenant_id: command.tenant,
      trace_id: command.traceId,
    },
    datacontenttype: 'application/json',
    dataschema: `/v1/event-schemas/${draft.type}/1`,
    id: publicId,
    source: `/tenants/${command.tenant}`,
    specversion: '1.0',
    ...(draft.accountId === null ? {} : { subject: draft.accountId }),
    time: draft.occurredAt,
    type: draft.type,
  });
  return { tenant: command.tenant, id, type: draft.type, body };
}

/** Of the events that tell of a command's outcome, besides those of its effects. */
export function toldId(command: Uuid, ordinal: number): Uuid {
  return derivedUuid(command, 'told', ordinal);
}
