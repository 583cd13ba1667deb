// Labels: how cases turned out, recorded as commands, joined to the scores that they judge.
import {
  pageOf,
  closed,
  type Command,
  derivedUuid,
  externalId,
  Fault,
  type EventDraft,
  instantFromText,
  instantToText,
  nullable,
  principalText,
  refuseField,
  type Tx,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { scoresGeneration } from './rows.ts';

/** Where a label comes from. A review is a person's opinion, the others are how it turned out. */
export const labelSources = ['chargeback', 'repayment', 'acceptance', 'review'] as const;

/** Of what a model may look for, the opposite. */
const opposites: Readonly<Record<string, string>> = {
  fraud: 'genuine',
  default: 'repaid',
  accepted: 'declined',
};

/** The label that says that something is not what a model looks for: `not_churn`, where unnamed. */
export function oppositeOf(positive: string): string {
  return opposites[positive] ?? `not_${positive}`;
}

export const labelsMax = 500;

const slug = Type.String({ pattern: '^[a-z][a-z0-9_]{0,39}$', examples: ['fraud', 'genuine'] });
const source = Type.Enum([...labelSources]);
const instant = Type.String({ format: 'date-time' });
const id = (prefix: string) => Type.String({ pattern: `^${prefix}_[0-9a-hjkmnp-tv-z]{26}$` });

/** As callers send them: which payment or decision it is about is looked up. */
const labelBody = Type.Object(
  {
    labels: Type.Array(
      Type.Object(
        {
          transfer_id: Type.Optional(id('trf')),
          decision_id: Type.Optional(id('dec')),
          label: slug,
          source,
          occurred_at: Type.Optional(instant),
        },
        closed,
      ),
      { minItems: 1, maxItems: labelsMax },
    ),
  },
  closed,
);
export type LabelBody = Type.Static<typeof labelBody>;

/** What a label is about: a payment as it was authorized, or a decision alone. */
export type Labelled = {
  readonly transfer_id: string | null;
  readonly decision_id: string | null;
  readonly command_id: string;
  readonly account_id: string | null;
  readonly merchant: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly paid_at: string;
};
/** The body of `label.record`. */
export type LabelRecordBody = {
  readonly labels: readonly (Labelled & {
    readonly label: string;
    readonly source: (typeof labelSources)[number];
    readonly occurred_at: string | null;
  })[];
};

const text = nullable(Type.String());
const about = {
  transfer_id: text,
  decision_id: text,
  command_id: Type.String({ description: 'That was decided on: what a label judges.' }),
  account_id: text,
  merchant: text,
  amount: nullable(Type.Integer({ description: 'Minor units.' })),
  currency: text,
  paid_at: instant,
};
export const labelView = Type.Object({
  label_id: Type.String(),
  label: slug,
  source,
  ...about,
  occurred_at: instant,
  recorded_at: instant,
  recorded_by: Type.String(),
});
export const labelSchemas = { labelBody, labelView, source };

export const labelPayloads = {
  'label.recorded': Type.Object({
    label_id: Type.String(),
    label: slug,
    source,
    ...about,
    fraud_change: Type.Integer({
      ...{ minimum: -1, maximum: 1 },
      description: 'By how much the frauds of the account and the merchant have changed by it.',
    }),
    occurred_at: instant,
    recorded_by: Type.String(),
  }),
};
export type LabelRecorded = Type.Static<(typeof labelPayloads)['label.recorded']>;

export const labelOperations: PolicyOperations = {
  'label.record': { changesRights: false, perform: recordLabels },
};

/** Whoever reads labels reads a fold over their events. */
async function recordLabels(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { labels } = command.body as LabelRecordBody;
  const { kind } = command.principal;
  if (kind === 'agent') throw new Fault('denied', 'an agent records no labels');
  const frauds = await fraudChanges(tx, command);
  return labels.map((each, ordinal) => {
    const pointer = `/labels/${ordinal}`;
    if (each.source === 'review' && kind !== 'user') {
      refuseField(`${pointer}/source`, 'only a person reviews');
    }
    const occurredAt =
      each.occurred_at === null ? command.receivedAt : instantFromText(each.occurred_at);
    if (occurredAt === undefined || occurredAt > command.receivedAt) {
      refuseField(`${pointer}/occurred_at`, 'must be an instant that has passed');
    }
    const payload: LabelRecorded = {
      ...each,
      label_id: externalId('label', derivedUuid(command.id, 'label', ordinal)),
      fraud_change: frauds[ordinal] ?? 0,
      occurred_at: instantToText(occurredAt),
      recorded_by: principalText(command.principal),
    };
    return policyEvent(command, 'label.recorded', payload);
  });
}

/** What a label makes of a payment; undefined where it is about another matter. */
const verdicts: ReadonlyMap<string, boolean> = new Map([
  ['fraud', true],
  [oppositeOf('fraud'), false],
]);

type Payment = Pick<Labelled, 'command_id' | 'account_id' | 'merchant'>;
type LabelledPayment = Payment & { readonly is_fraud: boolean };

/**
 * By how much each label changes the number of frauds. The last label of a payment counts, wherever
 * it comes from; the tenant's gate is held, so nobody else labels meanwhile. A decision alone has
 * moved no money.
 */
async function fraudChanges(
  tx: pg.ClientBase,
  { tenant, body }: Command,
): Promise<readonly number[]> {
  const { labels } = body as LabelRecordBody;
  const { rows } = await tx.query<LabelledPayment>(
    `select command_id, account_id, merchant, is_fraud from ai.labelled_payment
      where command_id = any ($1)`,
    [labels.map(({ command_id }) => command_id)],
  );
  const known = new Map(rows.map((row) => [keyOf(row), row]));
  const judged = new Map<string, LabelledPayment>();
  const changes = labels.map(({ transfer_id, label, command_id, account_id, merchant }) => {
    const is_fraud = verdicts.get(label);
    if (transfer_id === null || is_fraud === undefined) return 0;
    const payment = { command_id, account_id, merchant };
    const key = keyOf(payment);
    const before = (judged.get(key) ?? known.get(key))?.is_fraud ?? false;
    judged.set(key, { ...payment, is_fraud });
    return Number(is_fraud) - Number(before);
  });
  await tx.query(
    `insert into ai.labelled_payment (tenant_id, command_id, account_id, merchant, is_fraud)
     select $1, command_id, account_id, merchant, is_fraud
       from jsonb_populate_recordset(null::ai.labelled_payment, $2::jsonb)
     on conflict (tenant_id, command_id, account_id, merchant)
        do update set is_fraud = excluded.is_fraud`,
    [tenant, JSON.stringify([...judged.values()])],
  );
  return changes;
}

function keyOf({ command_id, account_id, merchant }: Payment): string {
  return JSON.stringify([command_id, account_id, merchant]);
}

/** Newest first. `after` is the `next` of the page before. */
export async function listLabels(
  tx: Tx,
  query: { limit: number; after?: string | undefined; source?: string | undefined },
) {
  const { limit, after, source: from } = query;
  const { rows } = await tx.query(
    `select label_id, label, source, transfer_id, decision_id, command_id, account_id, merchant,
            amount, currency, paid_at, occurred_at, recorded_at, recorded_by
       from ai.label
      where generation = $1 and ($2::text is null or label_id < $2)
        and ($3::text is null or source = $3)
      order by label_id desc limit $4`,
    [await scoresGeneration(tx), after ?? null, from ?? null, limit + 1],
  );
  const items = rows.map((row) => ({
    ...row,
    amount: row.amount === null ? null : Number(row.amount),
    paid_at: row.paid_at.toISOString(),
    occurred_at: row.occurred_at.toISOString(),
    recorded_at: row.recorded_at.toISOString(),
  }));
  return pageOf(items, limit, (item) => item.label_id);
}
