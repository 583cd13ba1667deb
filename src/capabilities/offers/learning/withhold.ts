// Withholding: who would have been offered something and is not, because he is held out. Without
// him nobody could say what offers have changed. Only what would have had a place counts: what is
// withheld is ranked with all the rest first, else those who are compared are not alike.
import { type Command, type EventDraft, Fault, instantToText } from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import type { Arm } from './arms.ts';

const withheld = Type.Object({
  customer: Type.String(),
  action: Type.String(),
  product: Type.String({ description: 'The code by which the register knows it.' }),
  arm: Type.Enum(['control', 'holdout']),
  period: Type.String(),
  channel: Type.String(),
  path: Type.String(),
  propensity_ppm: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
});

/** The body of `offer.withhold`: each once, whoever looks again. */
export type WithholdBody = { readonly withheld: readonly Type.Static<typeof withheld>[] };

export const withholdPayloads = { 'offer.withheld': withheld };

export const withholdOperations: PolicyOperations = {
  'offer.withhold': { changesRights: false, perform: withhold },
};

/** Of one command. */
export const withheldMax = 500;

async function withhold(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  if (command.principal.kind !== 'service') {
    throw new Fault('denied', 'offer.withhold is done by the system alone');
  }
  const { withheld: all } = command.body as WithholdBody;
  const { rows } = await tx.query<{ customer: string; action: string }>(
    `insert into offers.assignment
     select * from jsonb_populate_recordset(null::offers.assignment, $1::jsonb)
     on conflict (tenant_id, customer, action, period) do nothing
     returning customer, action`,
    [
      JSON.stringify(
        all.slice(0, withheldMax).map((each) => ({
          ...{ tenant_id: command.tenant, ...each },
          withheld_at: instantToText(command.receivedAt),
        })),
      ),
    ],
  );
  const isNew = new Set(rows.map(({ customer, action }) => `${customer} ${action}`));
  return all
    .filter(({ customer, action }) => isNew.has(`${customer} ${action}`))
    .map((each) => policyEvent(command, 'offer.withheld', each));
}

/**
 * What was decided before, by action: who was shown an action stays treated, who was not stays
 * out. Of a hold-out only that of this period counts.
 */
export async function readStoredArms(
  tx: pg.ClientBase,
  { customer, holdout }: { readonly customer: string; readonly holdout: string },
): Promise<ReadonlyMap<string, Arm>> {
  const { rows } = await tx.query<{ action: string; arm: Arm }>(
    `select action, arm from (
       select distinct on (action) action, arm, presented_at as at from offers.exposure
        where tenant_id = core.current_tenant() and customer = $1 and arm = 'treated'
        order by action, presented_at) as shown
     union all
     select action, arm from offers.assignment
      where tenant_id = core.current_tenant() and customer = $1 and period in ('ever', $2)`,
    [customer, holdout],
  );
  return new Map(rows.map(({ action, arm }) => [action, arm]));
}
