// Members whom something should be done about: points of theirs run out, or they are about to
// leave. Each is told of once a month at most, as far as the rollout of its use case lets it.
import { type Command, type EventDraft, instantToText, type Json, nullable } from '#core';
import { loadRollout, policyEvent, type PolicyOperations, rolloutModes, rolloutOf } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { onlySystem } from '../accounts.ts';

export type SignalKind = 'burn_suggested' | 'at_risk';

/** Of one command: what one transaction writes at once. */
export const signalsMax = 200;

export const useCases = { burn_suggested: 'loyalty-burn', at_risk: 'retention' } as const;
const events = {
  burn_suggested: 'loyalty.burn_suggested',
  at_risk: 'loyalty.member_at_risk',
} as const;

export type SignalBody = {
  readonly program: string;
  readonly kind: SignalKind;
  /** Such as `2026-03`. */
  readonly month: string;
  readonly members: readonly {
    readonly customer: string;
    readonly told: Readonly<Record<string, Json>>;
  }[];
};

const shared = {
  program: Type.String(),
  customer: Type.String(),
  month: Type.String(),
  mode: Type.Enum([...rolloutModes], { description: 'Of the rollout of the use case.' }),
  acts: Type.Boolean({ description: 'Whether anything may come of it without a person.' }),
};
export const signalPayloads = {
  'loyalty.burn_suggested': Type.Object({
    ...shared,
    points: Type.Integer({ description: 'That run out first.' }),
    first_expires_at: Type.String(),
    last_expires_at: Type.String(),
    propensities: nullable(
      Type.Record(Type.String(), Type.Number(), {
        description: 'How likely each kind of reward is what the member would take; adds up to 1.',
      }),
    ),
    redemption: nullable(
      Type.Number({ description: 'How likely it is that the member uses points by himself.' }),
    ),
    redemption_status: Type.String(),
    decision_id: Type.String(),
  }),
  'loyalty.member_at_risk': Type.Object({
    ...shared,
    churn: nullable(Type.Number({ description: 'How likely it is that they have left.' })),
    churn_status: Type.String(),
    spend: Type.Integer({ description: 'Minor units of the home currency, within a year.' }),
    days_since_activity: Type.Integer(),
    decision_id: Type.String(),
  }),
};

export const signalOperations: PolicyOperations = {
  'loyalty.signal': { changesRights: false, perform: signal },
};

/** Where the use case is off, nothing is written: it may be on before the month is over. */
async function signal(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  onlySystem(command);
  const { program, kind, month, members } = command.body as unknown as SignalBody;
  const settings = await loadRollout(tx, command.tenant);
  const place = { useCase: useCases[kind], channel: '*', product: program, cohort: '*' };
  const wanted = members.slice(0, signalsMax).flatMap(({ customer, told }) => {
    const { mode, acts } = rolloutOf(settings, { ...place, key: customer });
    return mode === 'off' ? [] : [{ customer, told, mode, acts }];
  });
  const { rows } = await tx.query<{ customer: string }>(
    `insert into loyalty.member_signal (tenant_id, program, customer, kind, month, mode, told,
       signalled_at)
     select $1, $2, s.customer, $3, $4, s.mode, s.told, $5
       from jsonb_to_recordset($6::jsonb) as s (customer text, mode text, told jsonb)
     on conflict do nothing returning customer`,
    [
      ...[command.tenant, program, kind, month, instantToText(command.receivedAt)],
      JSON.stringify(wanted),
    ],
  );
  const isNew = new Set(rows.map(({ customer }) => customer));
  return wanted
    .filter(({ customer }) => isNew.has(customer))
    .map(({ customer, told, mode, acts }) =>
      policyEvent(command, events[kind], { program, customer, month, mode, acts, ...told }),
    );
}
