// Labels: what customers have answered, for the models that said how likely it was.
import type { LabelRecordBody } from '#ai';
import {
  type CommandInput,
  type Consumer,
  externalId,
  Fault,
  internalId,
  type Json,
  type Pool,
  type SealedEvent,
  type Uuid,
  withTx,
} from '#core';

export type LabelParts = {
  /** Of the role `read`. */
  readonly pool: Pool;
  readonly execute: (input: CommandInput<Json>) => Promise<unknown>;
};

const eventsMax = 200;

/** Whoever lets an offer expire has declined it as well. */
const labels: Readonly<Record<string, 'accepted' | 'declined'>> = {
  'offer.accepted': 'accepted',
  'offer.booked': 'accepted',
  'offer.declined': 'declined',
  'offer.expired': 'declined',
};

type Answered = { readonly offer_id: string };

/** The label judges the command that has presented the offer: the score stands beside it. */
export function offerLabels(parts: LabelParts): Consumer {
  return {
    name: 'offer-labels',
    types: Object.keys(labels),
    eventsMax,
    async apply(_tx, events) {
      for (const [tenant, own] of Map.groupBy(events, (event) => event.tenant)) {
        await label(parts, tenant, own);
      }
    },
  };
}

async function label(
  { pool, execute }: LabelParts,
  tenant: string,
  events: readonly SealedEvent[],
): Promise<void> {
  const answers = events.map(({ type, id, body }) => {
    const { data } = JSON.parse(body) as { data: { occurred_at: string; payload: Answered } };
    const offer = internalId('offer', data.payload.offer_id) ?? '';
    return { label: labels[type] ?? 'declined', at: data.occurred_at, offer, id };
  });
  const { rows } = await withTx(
    pool,
    (tx) =>
      tx.query<{ offer: Uuid; command: Uuid; decision: string; at: Date }>(
        `select e.offer_id as offer, a.command_id as command, e.decision_id as decision,
                e.presented_at as at
           from offers.exposure e
           join offers.offer_act a on a.tenant_id = e.tenant_id and a.offer_id = e.offer_id
            and a.number = 1
          where e.tenant_id = core.current_tenant() and e.offer_id = any ($1)`,
        [[...new Set(answers.map(({ offer }) => offer))]],
      ),
    { tenant, readOnly: true },
  );
  const shown = new Map(rows.map((row) => [row.offer, row]));
  for (const answer of answers) {
    const of = shown.get(answer.offer);
    if (!of) continue;
    const body: LabelRecordBody = {
      labels: [
        {
          ...{ transfer_id: null, decision_id: of.decision, account_id: null, merchant: null },
          command_id: externalId('command', of.command),
          ...{ amount: null, currency: null, paid_at: of.at.toISOString() },
          ...{ label: answer.label, source: 'acceptance', occurred_at: answer.at },
        },
      ],
    };
    await send(execute, {
      principal: { kind: 'service', id: 'offers', tenant },
      operation: 'label.record',
      idempotencyKey: `label ${externalId('event', answer.id)}`,
      body: body as unknown as Json,
    });
  }
}

/** What another process has done meanwhile is done. */
async function send(execute: LabelParts['execute'], input: CommandInput<Json>): Promise<void> {
  try {
    await execute(input);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'idempotency_key_reused') throw error;
  }
}
