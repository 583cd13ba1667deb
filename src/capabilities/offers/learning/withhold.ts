// Withholding: who would have been offered something and is not, because he is held out. Without
// him nobody could say what offers have changed. Only what would have had a place counts: what is
// withheld is ranked with all the rest first, else those who are compared are not alike.
import { type Command, type EventDraft, Fault, instantToText } from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

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
  'offer.withhold': { changesRights: false, isConcurrent: true, perform: withhold },
};

/** Of one command. */
export const withheldMax = 500;

async function withhold(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  if (command.principal.kind !== 'service') {
    throw new Fault('denied', 'offer.withhold is done by the system alone');
  }
  const { withheld: all } = command.body as WithholdBody;
  // In the order of the key, so that two who withhold the same wait for each other in one order.
  const { rows } = await tx.query<{ customer: string; action: string }>(
    `insert into offers.assignment
     select * from jsonb_populate_recordset(null::offers.assignment, $1::jsonb) a
      order by a.customer, a.action, a.period
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
