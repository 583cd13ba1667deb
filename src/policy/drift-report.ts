// The shape of what another bundle would have said to decisions on record, as it is told and kept.
import { nullable } from '#core';
import Type from 'typebox';
import { outcomes } from './bundle/bundle.ts';

const count = Type.Integer({ minimum: 0 });
const outcome = Type.Enum([...outcomes]);
const text = Type.String();
const sum = Type.Union([Type.Integer(), Type.String()], {
  description: 'Minor units; beyond 2^53 as text.',
});
const amounts = Type.Array(Type.Object({ currency: text, amount: sum }));
const counted = { decisions: count, amounts };
const judged = Type.Object({ outcome, reasons: Type.Array(text) });

export const driftExample = Type.Object({
  decision_id: text,
  from: judged,
  to: judged,
  facts: nullable(
    Type.Record(text, Type.Any(), {
      description: 'As stored, with tokens for personal values; null where they are too long.',
    }),
  ),
});

/** Without its examples, which a replay tells in pages. */
export const driftFigures = Type.Object({
  decisions: count,
  changed: Type.Integer({ minimum: 0, description: 'Another outcome.' }),
  altered: Type.Integer({
    minimum: 0,
    description: 'The same outcome, but other reasons, obligations, limits or answers.',
  }),
  drift_rate: Type.Number({ description: 'Policy drift rate: changed / decisions.' }),
  changes: Type.Array(Type.Object({ ...counted, from: outcome, to: outcome })),
  passing: Type.Object(
    {
      new: Type.Object(counted),
      lost: Type.Object(counted),
      moved: Type.Object(counted),
    },
    { description: 'What passes and did not; what did and does not; what is stopped otherwise.' },
  ),
  reasons: Type.Array(Type.Object({ reason: text, before: count, after: count }), {
    description: 'How many decisions gave a reason, and how many would now.',
  }),
  segments: Type.Array(Type.Object({ by: text, value: text, decisions: count, changed: count })),
  amounts: Type.Array(
    Type.Object({
      currency: text,
      decisions: count,
      amount: sum,
      changed: count,
      changed_amount: sum,
    }),
  ),
  facts_missing: Type.Array(Type.Object({ fact: text, decisions: count }), {
    description: 'That the bundle needs and history has not: `review`, where they were looked at.',
  }),
});
export const driftReport = Type.Object({
  ...driftFigures.properties,
  examples: Type.Array(driftExample),
});

export const backtestReport = Type.Object({
  ...{ digest: text, version: text, engine: text },
  from_position: nullable(
    Type.Integer({ description: 'Within the tenant, looked at like `to_position`.' }),
  ),
  to_position: nullable(Type.Integer()),
  cut_short: Type.Boolean({
    description: 'Whether time was up before as many decisions were found as were asked for.',
  }),
  ...driftReport.properties,
});

export type DriftExample = Type.Static<typeof driftExample>;
export type DriftReport = Type.Static<typeof driftReport>;
export type BacktestReport = Type.Static<typeof backtestReport>;
