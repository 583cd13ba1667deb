// Training rows from the log: each decision with the features as they were just before it, and the
// label that came later.
//
// Point in time is a place in the log: what stands behind a decision, however it is dated, is not
// in its row. The label alone is, with the time at which it became known.
import { type Instant, instantFromText, instantToText, type Tx } from '#core';
import { createHistory } from './history.ts';
import { type Entities, entitiesOf, featureInstant, readingsOf } from './readings.ts';
import type { FeatureValues } from './values.ts';

export type TrainingQuestion = {
  /** The decision point. */
  readonly point: string;
  readonly wanted: readonly string[];
  /** Half-open, by the receipt of what was decided. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  /** Runs a read, as the role `read`, within the tenant. */
  readonly read: <Found>(work: (tx: Tx) => Promise<Found>) => Promise<Found>;
  readonly progress?: (done: number, total: number) => void;
};

export type TrainingRow = {
  readonly decisionId: string;
  readonly commandId: string;
  /** In the tenant's log. */
  readonly position: bigint;
  readonly at: string;
  readonly outcome: string;
  readonly features: FeatureValues;
  /** Those that are texts, numbers or truths. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** The latest one on record. */
  readonly label: Label | null;
};

export type Label = {
  readonly label: string;
  readonly source: string;
  readonly recordedAt: string;
};

/** What is known before the first row: what columns there are, and how things turned out. */
export type TrainingSurvey = {
  readonly facts: readonly string[];
  readonly labels: ReadonlyMap<string, Label>;
  /** Events up to which the rows are read. */
  readonly length: bigint;
};

const pageSize = 2_000;

/** Reads the log once for its labels. Memory grows with them, and not with the log. */
export async function surveyTraining(question: TrainingQuestion): Promise<TrainingSurvey> {
  const facts = new Set<string>();
  const labels = new Map<string, Label>();
  const length = await question.read(lengthOfLog);
  for await (const page of pagesOf(question, length, ['decision.made', 'label.recorded'])) {
    for (const { type, body } of page) {
      const { payload, occurred_at } = dataOf(body);
      if (type === 'label.recorded') {
        const { command_id, label, source } = payload as LabelRecorded;
        labels.set(command_id, { label, source, recordedAt: occurred_at });
        continue;
      }
      const decision = payload as DecisionMade;
      if (decision.point === question.point) {
        for (const name of Object.keys(scalarsOf(decision.facts))) facts.add(name);
      }
    }
  }
  return { facts: [...facts].sort(), labels, length };
}

/** Reads the log once more, for its features. Memory grows with entities, and not with the log. */
export async function* trainingRows(
  question: TrainingQuestion,
  { labels, length }: TrainingSurvey,
): AsyncGenerator<TrainingRow> {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = question;
  const history = createHistory();
  for await (const page of pagesOf(question, length)) {
    const bodies = await question.read((tx) => commandsOf(tx, page, question.point));
    for (const { type, body, position } of page) {
      if (type === 'decision.made') {
        const { payload, occurred_at, idempotency_key } = dataOf(body);
        const decision = payload as DecisionMade;
        const receivedAt = instantFromText(occurred_at) ?? 0;
        const isAsked = receivedAt >= from && receivedAt < to;
        if (isAsked && decision.point === question.point) {
          const asked = bodies.get(idempotency_key) ?? {};
          const { amount } = decision.facts;
          const features = history.values(question.wanted, partiesOf(asked, decision.facts), {
            at: asOf(decision, asked, receivedAt),
            amount: typeof amount === 'number' ? amount : null,
          });
          yield {
            decisionId: decision.decision_id,
            commandId: decision.command_id,
            position,
            at: instantToText(receivedAt),
            outcome: decision.outcome,
            features,
            facts: scalarsOf(decision.facts),
            label: labels.get(decision.command_id) ?? null,
          };
        }
      }
      history.fold(readingsOf({ type, body }));
    }
  }
}

type Data = {
  readonly occurred_at: string;
  readonly idempotency_key: string;
  readonly payload: unknown;
};
type DecisionMade = {
  readonly point: string;
  readonly decision_id: string;
  readonly command_id: string;
  readonly outcome: string;
  readonly requester: string;
  readonly facts: Readonly<Record<string, unknown>>;
};
type LabelRecorded = Omit<Label, 'recordedAt'> & { readonly command_id: string };
/** Of the body of what was decided: who is behind the accounts, and when it takes effect. */
type AskedBody = {
  readonly legs?: readonly { readonly metadata?: Readonly<Record<string, string>> }[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly effective_at?: string;
  readonly about?: { readonly subject?: string };
};

// Both as when it was scored: see src/facts.ts.

/** Only a service says when something has happened. */
function asOf({ requester }: DecisionMade, { effective_at }: AskedBody, receivedAt: Instant) {
  const happenedAt = requester.startsWith('service:') ? instantFromText(effective_at ?? '') : null;
  return featureInstant(happenedAt ?? receivedAt, receivedAt);
}

function partiesOf(body: AskedBody, facts: DecisionMade['facts']): Entities {
  const { account_id: debit, counter_account_id: credit } = facts;
  const { subject } = body.about ?? {};
  const customer = subject === undefined ? {} : { customer: subject };
  if (typeof debit !== 'string' || typeof credit !== 'string') return customer;
  const metadata = body.legs?.[0]?.metadata ?? body.metadata ?? null;
  const parties = entitiesOf({ debitAccountId: debit, creditAccountId: credit, metadata });
  return { ...parties, ...customer };
}

function scalarsOf(facts: DecisionMade['facts']): TrainingRow['facts'] {
  const scalars = Object.entries(facts).filter(([, fact]) =>
    ['string', 'number', 'boolean'].includes(typeof fact),
  );
  return Object.fromEntries(scalars) as TrainingRow['facts'];
}

function dataOf(body: string): Data {
  return (JSON.parse(body) as { data: Data }).data;
}

type LogRow = { readonly position: bigint; readonly type: string; readonly body: string };

async function lengthOfLog(tx: Tx): Promise<bigint> {
  const { rows } = await tx.query<{ size: bigint }>(
    'select size from core.tree where tenant_id = core.current_tenant()',
  );
  return rows[0]?.size ?? 0n;
}

async function* pagesOf(
  { read, progress }: TrainingQuestion,
  length: bigint,
  types: readonly string[] | null = null,
): AsyncGenerator<readonly LogRow[]> {
  for (let from = 0n; from < length; from += BigInt(pageSize)) {
    const until = from + BigInt(pageSize);
    yield await read((tx) => readSpan(tx, from, until < length ? until : length, types));
    progress?.(Number(until < length ? until : length), Number(length));
  }
}

async function readSpan(tx: Tx, from: bigint, to: bigint, types: readonly string[] | null) {
  const { rows } = await tx.query<LogRow>(
    `select l.tenant_position as position, e.type, e.body
       from core.leaf l join core.event e on e.seq = l.seq
      where l.tenant_id = core.current_tenant()
        and l.tenant_position > $1 and l.tenant_position <= $2
        and ($3::text[] is null or e.type = any ($3))
      order by l.tenant_position`,
    [from, to, types],
  );
  return rows;
}

/** By the idempotency key, by which commands are found. */
async function commandsOf(
  tx: Tx,
  page: readonly LogRow[],
  point: string,
): Promise<ReadonlyMap<string, AskedBody>> {
  const keys = page.flatMap(({ type, body }) => {
    if (type !== 'decision.made' || !body.includes(`"point":${JSON.stringify(point)}`)) return [];
    return [dataOf(body).idempotency_key];
  });
  if (keys.length === 0) return new Map();
  const { rows } = await tx.query<{ key: string; body: string }>(
    `select idempotency_key as key, body from core.command
      where tenant_id = core.current_tenant() and idempotency_key = any ($1)`,
    [keys],
  );
  return new Map(rows.map(({ key, body }) => [key, JSON.parse(body) as AskedBody]));
}
