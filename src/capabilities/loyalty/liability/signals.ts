// What is said of members: points of theirs run out, they are about to leave, or what they are
// worth. Each is told of once a month at most, as far as the rollout of its use case lets it.
import { type Command, type EventDraft, instantToText, type Json, nullable } from '#core';
import { loadRollout, policyEvent, type PolicyOperations, rolloutModes, rolloutOf } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { onlySystem } from '../accounts.ts';

export type SignalKind = 'burn_suggested' | 'at_risk' | 'valued';

/** Of one command: what one transaction writes at once. */
export const signalsMax = 200;

export const useCases = {
  burn_suggested: 'loyalty-burn',
  at_risk: 'retention',
  valued: 'customer-value',
} as const;
const events = {
  burn_suggested: 'loyalty.burn_suggested',
  at_risk: 'loyalty.member_at_risk',
  valued: 'loyalty.member_valued',
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
  /** Who was looked at on this day, whatever policy has said of him. */
  readonly looked?: { readonly on: string; readonly customers: readonly string[] };
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
  'loyalty.member_valued': Type.Object({
    ...shared,
    lifetime_value: nullable(
      Type.Number({
        description: 'Present value of what they will spend within a year, whole units.',
      }),
    ),
    lifetime_value_status: Type.String(),
    segment: nullable(Type.String({ description: 'high, middle or low, as policy says.' })),
    spend: Type.Integer({ description: 'Minor units of the home currency, within a year.' }),
    decision_id: Type.String(),
  }),
};

export const signalOperations: PolicyOperations = {
  'loyalty.signal': { changesRights: false, perform: signal },
};

/** Where the use case is off, nothing is written: it may be on before the month is over. */
async function signal(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  onlySystem(command);
  const { program, kind, month, members, looked } = command.body as unknown as SignalBody;
  const settings = await loadRollout(tx, command.tenant);
  const place = { useCase: useCases[kind], channel: '*', product: program, cohort: '*' };
  const modeOf = (key: string) => rolloutOf(settings, { ...place, key });
  const wanted = members.slice(0, signalsMax).flatMap(({ customer, told }) => {
    const { mode, acts } = modeOf(customer);
    return mode === 'off' ? [] : [{ customer, told, mode, acts }];
  });
  const seen = looked?.customers.filter((each) => modeOf(each).mode !== 'off') ?? [];
  if (looked && seen.length > 0) {
    await tx.query(
      `insert into loyalty.member_look (tenant_id, program, customer, kind, looked_on)
       select $1, $2, customer, $3, $4 from unnest($5::text[]) as customer
       on conflict (tenant_id, program, kind, customer) do update
          set looked_on = excluded.looked_on`,
      [command.tenant, program, kind, looked.on, seen.slice(0, signalsMax)],
    );
  }
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

// Reading -----------------------------------------------------------------------------------------

/** What was said of a member last, of one kind. */
export type SignalView = {
  readonly program: string;
  readonly month: string;
  readonly mode: string;
  readonly told: Readonly<Record<string, Json>>;
  readonly known_at: string;
};

/** The newest of each kind, of whichever programme. */
export async function readSignals(
  tx: Pick<pg.ClientBase, 'query'>,
  customer: string,
): Promise<Readonly<Partial<Record<SignalKind, SignalView>>>> {
  const { rows } = await tx.query<
    Omit<SignalView, 'known_at'> & { readonly kind: SignalKind; readonly at: Date }
  >(
    `select distinct on (kind) kind, program, month, mode, told, signalled_at as at
       from loyalty.member_signal where tenant_id = core.current_tenant() and customer = $1
      order by kind, month desc, signalled_at desc, program`,
    [customer],
  );
  return Object.fromEntries(
    rows.map(({ kind, at, ...row }) => [kind, { ...row, known_at: at.toISOString() }]),
  );
}
