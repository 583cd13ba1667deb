// Every event type with its JSON Schema, and the AsyncAPI document that is made of them.
import { controlPayloads, labelPayloads, modelPayloads, promptPayloads, scorePayloads } from '#ai';
import { nullable } from '#core';
import { mirrorPayloads, registerPayloads } from '#cores';
import {
  agentPayloads,
  callPayloads,
  mandatePayloads,
  proposalPayloads,
  registryPayloads,
  sequencePayloads,
} from '#gateway';
import { moneyEventPayloads, moneySchemas as s } from '#money';
import { paymentPayloads } from '#payments';
import {
  administrationPayloads,
  approvalPayloads,
  authenticatorPayloads,
  consentPayloads,
  decisionPayloads,
  entitlementSetPayloads,
  personPayloads,
  publicationPayloads,
  replayPayloads,
  rolePayloads,
  listPayloads,
  screeningPayloads,
  sessionPayloads,
  stepUpPayloads,
  rolloutPayloads,
  tenantPayloads,
} from '#policy';
import { webhookPayloads } from '#webhooks';
import { loyaltyPayloads } from '#loyalty';
import { offerPayloads } from '#offers';
import { sloPayloads } from '#slo';
import { reviewPayloads } from '#reviews';
import { readFileSync } from 'node:fs';
import Type from 'typebox';

const payloads: Readonly<Record<string, Type.TSchema>> = {
  ...moneyEventPayloads,
  ...paymentPayloads,
  ...administrationPayloads,
  ...approvalPayloads,
  ...consentPayloads,
  ...rolloutPayloads,
  ...decisionPayloads,
  ...personPayloads,
  ...publicationPayloads,
  ...replayPayloads,
  ...modelPayloads,
  ...promptPayloads,
  ...scorePayloads,
  ...labelPayloads,
  ...controlPayloads,
  ...registerPayloads,
  ...mirrorPayloads,
  ...entitlementSetPayloads,
  ...rolePayloads,
  ...listPayloads,
  ...screeningPayloads,
  ...authenticatorPayloads,
  ...sessionPayloads,
  ...stepUpPayloads,
  ...tenantPayloads,
  ...agentPayloads,
  ...registryPayloads,
  ...callPayloads,
  ...mandatePayloads,
  ...proposalPayloads,
  ...sequencePayloads,
  ...sloPayloads,
  ...webhookPayloads,
  ...reviewPayloads,
  ...loyaltyPayloads,
  ...offerPayloads,
};

export const eventTypes: readonly string[] = Object.keys(payloads).sort();

/** The schema of a whole event: the CloudEvents envelope, the common fields, the payload. */
export function eventSchema(type: string): Type.TSchema {
  return Type.Object(
    {
      specversion: Type.Literal('1.0'),
      id: Type.String({ description: 'Unique; a consumer drops what it has seen.' }),
      source: Type.String(),
      type: Type.Literal(type),
      subject: Type.Optional(s.accountId),
      time: s.instant,
      datacontenttype: Type.Literal('application/json'),
      dataschema: Type.String(),
      data: Type.Object({
        event_id: Type.String(),
        event_type: Type.Literal(type),
        occurred_at: s.instant,
        tenant_id: Type.String(),
        account_id: nullable(s.accountId),
        idempotency_key: Type.String(),
        amount: nullable(Type.Integer({ description: 'Minor units.' })),
        currency: nullable(Type.String()),
        policy_decision: Type.String(),
        policy_version: Type.String(),
        model_score_ref: nullable(Type.String()),
        trace_id: Type.String(),
        payload: payloads[type] as Type.TSchema,
      }),
    },
    { $id: `/v1/event-schemas/${type}/1`, title: type },
  );
}

const page = new URL('../../docs/reference/events.md', import.meta.url);
let summaries: ReadonlyMap<string, string> | undefined;

/** What an event tells, in a sentence or two of Markdown: from the page that people read. */
export function eventSummary(type: string): string {
  summaries ??= parseSummaries(readFileSync(page, 'utf8'));
  return summaries.get(type) ?? '';
}

/**
 * Rows such as `| `hold.voided` | What was left of a hold was released. | … |`: the first
 * counts.
 */
function parseSummaries(markdown: string): ReadonlyMap<string, string> {
  const rows = markdown.matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| (.+?) \|/gm);
  return new Map([...rows].reverse().map(([, type = '', summary = '']) => [type, summary]));
}

/** AsyncAPI 3.0: one channel of server-sent events that carries every type. */
export function asyncApi(version: string): object {
  const messages = Object.fromEntries(
    eventTypes.map((type) => [
      type,
      {
        ...{ name: type, summary: eventSummary(type) },
        ...{ contentType: 'application/cloudevents+json', payload: eventSchema(type) },
      },
    ]),
  );
  const references = Object.fromEntries(
    eventTypes.map((type) => [type, { $ref: `#/components/messages/${type}` }]),
  );
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Countersign events',
      version,
      description:
        'Every effect of the ledger and every administrative change, in the order in which it ' +
        'was sealed. Delivery is at least once; the effects of a consumer happen once when it ' +
        'stores its position with them.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      events: {
        address: '/v1/events',
        description: 'Server-sent events of one tenant; `after` or `Last-Event-ID` resumes.',
        messages: references,
      },
    },
    operations: {
      receiveEvents: { action: 'receive', channel: { $ref: '#/channels/events' } },
    },
    components: { messages },
  };
}
