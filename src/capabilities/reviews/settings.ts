// What a tenant says about its reviews: business hours, promises, when two people must agree.
import { closed, type Command, Fault, instantToText, type Json, principalText } from '#core';
import { approvalId, policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

export const queueName = Type.String({
  pattern: '^[a-z][a-z0-9_-]{0,39}$',
  examples: ['fraud', 'compliance', 'payments'],
});
const currency = Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,11}$' });
const any = Type.Literal('*');
const localTime = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });
const amountMax = 2 ** 53 - 1;

export const settingsSchema = Type.Object(
  {
    hours: Type.Object(
      {
        days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), {
          ...{ minItems: 1, maxItems: 7, uniqueItems: true },
          description: 'ISO weekdays: 1 is Monday.',
        }),
        from: localTime,
        to: localTime,
      },
      closed,
    ),
    promises: Type.Array(
      Type.Object(
        {
          queue: Type.Union([queueName, any]),
          minutes: Type.Integer({ minimum: 1, maximum: 100_000 }),
        },
        closed,
      ),
      { maxItems: 50, description: 'Business minutes to a verdict. The first that fits counts.' },
    ),
    two_reviewers: Type.Array(
      Type.Object(
        {
          queue: Type.Union([queueName, any]),
          currency: Type.Union([currency, any]),
          amount: Type.Integer({ minimum: 0, maximum: amountMax }),
        },
        closed,
      ),
      { maxItems: 50, description: 'From these amounts on (minor units) two people must agree.' },
    ),
    rates_ppm: Type.Record(currency, Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 }), {
      description:
        'For ranking alone: millionths of a minor unit of the home currency that one minor unit ' +
        'is worth. A currency that is not named counts one to one.',
    }),
  },
  closed,
);
export type ReviewSettings = Type.Static<typeof settingsSchema>;

export const settingsBody = Type.Object(
  {
    ...settingsSchema.properties,
    approval_id: Type.Optional({
      ...approvalId,
      description: 'Subject kind `reviews.configure`; the subject is the rest of the body.',
    }),
  },
  closed,
);

export const settingsPayloads = {
  'reviews.configured': Type.Object({ settings: settingsSchema, approval_id: Type.String() }),
};

export const settingsDefault: ReviewSettings = {
  hours: { days: [1, 2, 3, 4, 5], from: '09:00', to: '17:00' },
  promises: [
    { queue: 'fraud', minutes: 240 },
    { queue: '*', minutes: 480 },
  ],
  two_reviewers: [{ queue: '*', currency: '*', amount: 1_000_000 }],
  rates_ppm: {},
};

const minutesDefault = 480;

export const settingsOperations: PolicyOperations = {
  'reviews.configure': { changesRights: true, perform: configure },
};

/** Who may release what is a matter of two: another person must agree to the change itself. */
async function configure(tx: pg.ClientBase, command: Command) {
  const { approval_id, ...settings } = command.body as Type.Static<typeof settingsBody>;
  if (settings.hours.from >= settings.hours.to) {
    throw new Fault('input_invalid', 'business hours end after they begin');
  }
  const used = await useApproval(tx, {
    ...{ id: approval_id, subjectKind: 'reviews.configure' },
    subject: settings as Json,
    command,
  });
  await tx.query(
    `insert into reviews.setting (tenant_id, body, set_by, set_at) values ($1, $2, $3, $4)
     on conflict (tenant_id) do update
       set body = excluded.body, set_by = excluded.set_by, set_at = excluded.set_at`,
    [
      ...[command.tenant, JSON.stringify(settings), principalText(command.principal)],
      instantToText(command.receivedAt),
    ],
  );
  return [used, policyEvent(command, 'reviews.configured', { settings, approval_id } as Json)];
}

export async function readSettings(tx: pg.ClientBase): Promise<ReviewSettings> {
  const { rows } = await tx.query<{ body: ReviewSettings }>('select body from reviews.setting');
  return rows[0]?.body ?? settingsDefault;
}

export function promisedMinutes({ promises }: ReviewSettings, queue: string): number {
  return promises.find((each) => fits(each.queue, queue))?.minutes ?? minutesDefault;
}

/** How many people must agree: what policy has said, and never fewer than the threshold says. */
export function checkersFor(
  { two_reviewers }: ReviewSettings,
  payment: { queue: string; amount: number; currency: string; approvals_required: number },
): number {
  const isLarge = two_reviewers.some(
    (each) =>
      fits(each.queue, payment.queue) &&
      fits(each.currency, payment.currency) &&
      payment.amount >= each.amount,
  );
  return Math.min(3, Math.max(1, payment.approvals_required, isLarge ? 2 : 1));
}

/** In minor units of the home currency, for ranking alone. */
export function homeAmount(
  { rates_ppm }: ReviewSettings,
  { amount, currency: of }: { amount: number; currency: string },
): number {
  return (amount * (rates_ppm[of] ?? 1_000_000)) / 1_000_000;
}

function fits(pattern: string, value: string): boolean {
  return pattern === '*' || pattern === value;
}
