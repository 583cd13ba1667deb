// Learning, folded from the log: tallies by day, and who took part in which experiment.
import type { Projection, Tx } from '#core';
import {
  learnedTypes,
  learningName,
  type OfferStep,
  type Outcome,
  type Participant,
  participantAfter,
  type Step,
  stepOf,
} from './rows.ts';

export const learningProjection: Projection = {
  name: learningName,
  types: learnedTypes,
  tables: ['offers.tally', 'offers.participant', 'offers.known_product', 'offers.triggered'],
  async fold(tx, generation, events) {
    for (const [tenant, own] of Map.groupBy(events, (event) => event.tenant)) {
      const steps = own.flatMap((event) => stepOf(event) ?? []);
      if (steps.length > 0) await foldTenant(tx, { tenant, generation }, steps);
    }
  },
};

type Part = { readonly tenant: string; readonly generation: number };
type Tally = Record<Outcome, number> & Record<'day' | 'action' | 'channel' | 'arm', string>;

async function foldTenant(tx: Tx, part: Part, steps: readonly Step[]): Promise<void> {
  const participants = await readParticipants(tx, part, steps);
  const products = await readProducts(tx, part, steps);
  const tallies = new Map<string, Tally>();
  for (const step of steps) {
    if (step.what === 'product') products.set(step.product_id, step.code);
    else if (step.what === 'opened') {
      open(participants, { ...step, code: products.get(step.product_id) });
    } else {
      const key = keyOf(step);
      const after = participantAfter(participants.get(key), step);
      if (after) participants.set(key, after);
      count(tallies, step, after);
    }
  }
  await writeProducts(tx, part, steps);
  await writeParticipants(tx, part, [...participants.values()]);
  await addTallies(tx, part, [...tallies.values()]);
  await writeTriggered(tx, part, steps);
}

function keyOf({ action, customer }: Pick<Participant, 'action' | 'customer'>): string {
  return `${action} ${customer}`;
}

/** Whoever has been asked for such a product, or would have been, has it since. */
function open(
  participants: Map<string, Participant>,
  { customer, code, at }: { customer: string; code: string | undefined; at: string },
): void {
  for (const [key, each] of participants) {
    const isIt = each.customer === customer && each.product === code && each.first_at <= at;
    if (isIt && each.opened_at === null) participants.set(key, { ...each, opened_at: at });
  }
}

function count(
  tallies: Map<string, Tally>,
  { what, at, action, shown }: OfferStep,
  participant: Participant | undefined,
): void {
  const { arm = 'treated', channel = '' } = shown ?? participant ?? {};
  const day = at.slice(0, 10);
  const key = JSON.stringify([day, action, channel, arm]);
  const tally = tallies.get(key) ?? { day, action, channel, arm, ...nothing };
  tallies.set(key, tally);
  tally[what] += 1;
}

const nothing: Readonly<Record<Outcome, number>> = {
  ...{ presented: 0, viewed: 0, accepted: 0, declined: 0 },
  ...{ expired: 0, withdrawn: 0, booked: 0, withheld: 0 },
};

// Rows --------------------------------------------------------------------------------------------

async function readParticipants(
  tx: Tx,
  { tenant, generation }: Part,
  steps: readonly Step[],
): Promise<Map<string, Participant>> {
  const customers = new Set(steps.flatMap((step) => ('customer' in step ? [step.customer] : [])));
  const { rows } = await tx.query<{ row: Participant }>(
    `select to_jsonb(p) - 'tenant_id' - 'generation' as row from offers.participant p
      where tenant_id = $1 and generation = $2 and customer = any ($3)`,
    [tenant, generation, [...customers]],
  );
  const instants = ['first_at', 'last_at', 'accepted_at', 'declined_at', 'opened_at'] as const;
  const found = rows.map(({ row }) => {
    const read = { ...row };
    for (const name of instants) {
      const text = read[name];
      if (text !== null) Object.assign(read, { [name]: new Date(text).toISOString() });
    }
    return [keyOf(read), read] as const;
  });
  return new Map(found);
}

async function writeParticipants(
  tx: Tx,
  { tenant, generation }: Part,
  participants: readonly Participant[],
): Promise<void> {
  const rows = participants.map((each) => ({ tenant_id: tenant, generation, ...each }));
  await tx.query(
    `insert into offers.participant
     select * from jsonb_populate_recordset(null::offers.participant, $1::jsonb)
     on conflict (tenant_id, generation, action, customer) do update set
       last_at = excluded.last_at, accepted_at = excluded.accepted_at,
       declined_at = excluded.declined_at, opened_at = excluded.opened_at`,
    [JSON.stringify(rows)],
  );
}

async function readProducts(
  tx: Tx,
  { tenant, generation }: Part,
  steps: readonly Step[],
): Promise<Map<string, string>> {
  const opened = steps.flatMap((step) => (step.what === 'opened' ? [step.product_id] : []));
  const { rows } = await tx.query<{ product_id: string; code: string }>(
    `select product_id, code from offers.known_product
      where tenant_id = $1 and generation = $2 and product_id = any ($3)`,
    [tenant, generation, opened],
  );
  return new Map(rows.map(({ product_id, code }) => [product_id, code]));
}

async function writeProducts(
  tx: Tx,
  { tenant, generation }: Part,
  steps: readonly Step[],
): Promise<void> {
  const known = steps.flatMap((step) => (step.what === 'product' ? [step] : []));
  const last = [...new Map(known.map(({ product_id, code }) => [product_id, code]))];
  await tx.query(
    `insert into offers.known_product (tenant_id, generation, product_id, code)
     select $1, $2, * from unnest($3::text[], $4::text[])
     on conflict (tenant_id, generation, product_id) do update set code = excluded.code`,
    [tenant, generation, last.map(([id]) => id), last.map(([, code]) => code)],
  );
}

/** By what somebody was first spoken to about a life event. */
async function writeTriggered(
  tx: Tx,
  { tenant, generation }: Part,
  steps: readonly Step[],
): Promise<void> {
  const rows = steps.flatMap((step) => {
    if (step.what !== 'presented' || step.because === null) return [];
    const { customer, because, at } = step;
    return [{ tenant_id: tenant, generation, customer, because, presented_at: at }];
  });
  if (rows.length === 0) return;
  await tx.query(
    `insert into offers.triggered
     select * from jsonb_populate_recordset(null::offers.triggered, $1::jsonb)
     on conflict (tenant_id, generation, customer, because) do nothing`,
    [JSON.stringify(rows)],
  );
}

async function addTallies(
  tx: Tx,
  { tenant, generation }: Part,
  tallies: readonly Tally[],
): Promise<void> {
  const rows = tallies.map((each) => ({ tenant_id: tenant, generation, ...each }));
  const added = Object.keys(nothing).map((name) => `${name} = t.${name} + excluded.${name}`);
  await tx.query(
    `insert into offers.tally as t
     select * from jsonb_populate_recordset(null::offers.tally, $1::jsonb)
     on conflict (tenant_id, generation, day, action, channel, arm)
        do update set ${added.join(', ')}`,
    [JSON.stringify(rows)],
  );
}
