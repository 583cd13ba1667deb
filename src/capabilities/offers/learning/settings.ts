// What a tenant says about learning: who is held out, what is explored, when the breaker opens.
import { closed, type Command, instantToText, type Json, principalText } from '#core';
import { approvalId, policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

const bps = (maximum: number, description: string) =>
  Type.Integer({ minimum: 0, maximum, description });
const days = (maximum: number, description: string) =>
  Type.Integer({ minimum: 1, maximum, description });

export const learningSchema = Type.Object(
  {
    holdout_bps: bps(2_000, 'Of ten thousand customers, how many are offered nothing at all.'),
    holdout_months: Type.Enum([1, 3, 6, 12], { description: 'Then others are held out.' }),
    analysis_days: days(90, 'How long after its end a hold-out is still watched.'),
    control_bps: bps(5_000, 'Of each action, how many customers are not offered it.'),
    exploration_bps: bps(1_000, 'To how many offers are drawn by chance, for a month each.'),
    attribution_days: days(180, 'How long after an offer a booked product follows from it.'),
    breaker: Type.Object(
      {
        complaints_ppm: Type.Integer({
          ...{ minimum: 1, maximum: 1_000_000 },
          description: 'Of a million offers, how many complaints open it.',
        }),
        presented_min: Type.Integer({
          ...{ minimum: 1, maximum: 1_000_000 },
          description: 'Fewer offers in the window say nothing of complaints or drift.',
        }),
        core_failures: Type.Integer({
          ...{ minimum: 1, maximum: 100_000 },
          description: 'How many writes to the core given up in the window open it.',
        }),
        window_hours: Type.Integer({ minimum: 1, maximum: 720 }),
      },
      closed,
    ),
  },
  closed,
);
export type LearningSettings = Type.Static<typeof learningSchema>;

export const learningBody = Type.Object(
  {
    ...learningSchema.properties,
    approval_id: Type.Optional({
      ...approvalId,
      description: 'Subject kind `offers.learning`; the subject is the rest of the body.',
    }),
  },
  closed,
);

export const learningPayloads = {
  'offers.learning_configured': Type.Object({
    settings: learningSchema,
    approval_id: Type.String(),
  }),
};

export const learningDefault: LearningSettings = {
  holdout_bps: 500,
  holdout_months: 6,
  analysis_days: 28,
  control_bps: 1_000,
  exploration_bps: 200,
  attribution_days: 30,
  breaker: {
    complaints_ppm: 5_000,
    presented_min: 500,
    core_failures: 50,
    window_hours: 24,
  },
};

export const learningOperations: PolicyOperations = {
  'offers.learning.configure': { changesRights: false, perform: configure },
};

/** Whoever may shrink a control group may hide what offers do: another person must agree. */
async function configure(tx: pg.ClientBase, command: Command) {
  const { approval_id, ...settings } = command.body as Type.Static<typeof learningBody>;
  const used = await useApproval(tx, {
    ...{ id: approval_id, subjectKind: 'offers.learning' },
    subject: settings as Json,
    command,
  });
  await tx.query(
    `insert into offers.learning_setting (tenant_id, body, set_by, set_at) values ($1, $2, $3, $4)
     on conflict (tenant_id) do update
       set body = excluded.body, set_by = excluded.set_by, set_at = excluded.set_at`,
    [
      ...[command.tenant, JSON.stringify(settings), principalText(command.principal)],
      instantToText(command.receivedAt),
    ],
  );
  const told = { settings, approval_id } as Json;
  return [used, policyEvent(command, 'offers.learning_configured', told)];
}

export async function readLearning(tx: pg.ClientBase): Promise<LearningSettings> {
  const { rows } = await tx.query<{ body: LearningSettings }>(
    'select body from offers.learning_setting where tenant_id = core.current_tenant()',
  );
  return rows[0]?.body ?? learningDefault;
}
