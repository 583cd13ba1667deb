// Contact policy: how often customers are spoken to, and for how long they are left alone.
import {
  closed,
  type Command,
  instantToText,
  invalidRequest,
  type Json,
  principalText,
} from '#core';
import { approvalId, policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { actionParts } from './action.ts';
import type { Flaw } from './action-facts.ts';

const days = (maximum: number, description: string) =>
  Type.Integer({ minimum: 0, maximum, description });

/** P × C × V × L: how likely, how fitting here, worth how much, and how much it is wanted. */
export const arbitrationTerms = ['propensity', 'context', 'value', 'lever'] as const;
export type ArbitrationTerm = (typeof arbitrationTerms)[number];

export const contactPolicySchema = Type.Object(
  {
    offers_max: Type.Integer({
      ...{ minimum: 0, maximum: 31 },
      description: 'Contacts by all channels together, within 30 days.',
    }),
    channels: Type.Array(
      Type.Object(
        {
          channel: actionParts.channel,
          offers_max: Type.Integer({ minimum: 0, maximum: 31 }),
          days: Type.Integer({ minimum: 1, maximum: 90 }),
        },
        closed,
      ),
      { maxItems: 20, description: 'Of one channel, within so many days: all of these hold.' },
    ),
    refusal_days: days(365, 'For so long what was refused is not offered again.'),
    complaint_days: days(365, 'For so long nothing is offered to who has complained.'),
    repeat_days: days(365, 'For so long an action is not presented again, whatever its class.'),
    session_offers_max: Type.Integer({
      ...{ minimum: 1, maximum: 5 },
      description: 'Of one answer in session.',
    }),
    session_minutes: Type.Integer({
      ...{ minimum: 0, maximum: 240 },
      description: 'For so long an open offer is shown again as the same contact.',
    }),
    advise_after_days: Type.Integer({
      ...{ minimum: 1, maximum: 90 },
      description: 'After so long without an answer a person of the bank is asked to.',
    }),
    arbitration: Type.Array(Type.Enum([...arbitrationTerms]), {
      ...{ minItems: 1, maxItems: arbitrationTerms.length, uniqueItems: true },
      description: 'What the rank is a product of: propensity, context, value, lever.',
    }),
    nightly: Type.Optional(
      Type.Object(
        {
          hour: Type.Integer({
            ...{ minimum: 0, maximum: 23 },
            description: 'From which hour on, by the clock of the bank.',
          }),
          channels: Type.Array(actionParts.channel, {
            ...{ minItems: 1, maxItems: 20, uniqueItems: true },
          }),
        },
        {
          ...closed,
          description: 'Once a day every customer is put through the funnel; not unless given.',
        },
      ),
    ),
  },
  closed,
);
export type ContactPolicy = Type.Static<typeof contactPolicySchema>;

export const contactPolicyBody = Type.Object(
  {
    ...contactPolicySchema.properties,
    approval_id: Type.Optional({
      ...approvalId,
      description: 'Subject kind `offers.contact_policy`; the subject is the rest of the body.',
    }),
  },
  closed,
);

export const contactPolicyDefault: ContactPolicy = {
  offers_max: 3,
  channels: [
    { channel: 'phone', offers_max: 1, days: 30 },
    { channel: 'sms', offers_max: 1, days: 30 },
    { channel: 'email', offers_max: 2, days: 30 },
  ],
  refusal_days: 90,
  complaint_days: 30,
  repeat_days: 30,
  session_offers_max: 2,
  session_minutes: 30,
  advise_after_days: 7,
  arbitration: [...arbitrationTerms],
};

/** What "a month" is for contacts: any 30 days, so that the end of one hides nothing. */
export const contactMonthDays = 30;

export const contactPolicyPayloads = {
  'offers.configured': Type.Object({
    version: Type.Integer(),
    contact_policy: contactPolicySchema,
    approval_id: Type.String(),
  }),
};

export const contactPolicyOperations: PolicyOperations = {
  'offers.configure': { changesRights: true, perform: configure },
};

async function configure(tx: pg.ClientBase, command: Command) {
  const { approval_id, ...body } = command.body as Type.Static<typeof contactPolicyBody>;
  const flaws = contactPolicyFlaws(body);
  if (flaws.length > 0) throw invalidRequest(flaws);
  const used = await useApproval(tx, {
    ...{ id: approval_id, subjectKind: 'offers.contact_policy', command },
    subject: body as Json,
  });
  const { version: last } = await readContactPolicy(tx);
  const version = last + 1;
  await tx.query(
    `insert into offers.contact_policy (tenant_id, version, body, published_by, published_at,
       approval_id) values ($1, $2, $3, $4, $5, $6)`,
    [
      ...[command.tenant, version, JSON.stringify(body), principalText(command.principal)],
      ...[instantToText(command.receivedAt), approval_id],
    ],
  );
  const told = { version, contact_policy: body, approval_id } as Json;
  return [used, policyEvent(command, 'offers.configured', told)];
}

/** What a schema cannot tell. */
export function contactPolicyFlaws({ channels }: ContactPolicy): readonly Flaw[] {
  const names = channels.map(({ channel }) => channel);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [{ pointer: `/channels/${index}/channel`, detail: 'stands here twice' }],
  );
}

/** The one in force, as SQL; null before a tenant says anything. */
export const contactPolicySql = `(select body from offers.contact_policy
  where tenant_id = core.current_tenant() order by version desc limit 1)`;

/** Version 0 is the default, which counts before a tenant says anything. */
export async function readContactPolicy(
  tx: pg.ClientBase,
): Promise<{ readonly version: number; readonly contactPolicy: ContactPolicy }> {
  const { rows } = await tx.query<{ version: number; body: ContactPolicy }>(
    `select version, body from offers.contact_policy
      where tenant_id = core.current_tenant() order by version desc limit 1`,
  );
  const [row] = rows;
  return row
    ? { version: row.version, contactPolicy: row.body }
    : { version: 0, contactPolicy: contactPolicyDefault };
}
