// Leakage: whether a personal value stands in what was recorded of scores and decisions.
import { decisionOperation, sha256Hex, type Tx, type Uuid, uuidFrom } from '#core';
import { detect, textMax } from '#privacy';
import { setImmediate as others } from 'node:timers/promises';
import { decidesOnCommands, type Span } from './cases.ts';
import { scoresGeneration } from './rows.ts';

export type Leakage = {
  readonly texts: number;
  /** Those with a personal value: by event and class, never the value. */
  readonly found: readonly Leak[];
  /** Of the texts the scores of the version itself, and those in whose words it leaks. */
  readonly own: number;
  readonly ownLeaks: number;
  /** Decisions at the point of the model, and scores in its name, among the texts. */
  readonly decisions: number;
  readonly scores: number;
};

type Leak = { readonly event_id: string; readonly classes: readonly string[] };

export type LeakageQuestion = Span & {
  readonly tenant: string;
  readonly model: string;
  readonly version: number;
  readonly point: string;
};

const types = ['score.produced', 'decision.made'];
/** Places of the period that are looked into, and how many events of each. */
const places = 24;
const eventsPerPlace = 50;
/** Events that are looked through before others of the process have their turn. */
const atATime = 5;

/**
 * Looks into events spread over a period, so that a day of any size costs the same. The requester
 * is a principal that the bank has named: it means nobody's customer. Segments and figures come
 * from whoever has asked: for them no model is to blame.
 */
export async function findLeaks(tx: Tx, question: LeakageQuestion): Promise<Leakage> {
  const { model, version, point, to } = question;
  const generation = await scoresGeneration(tx);
  const isOfCommands = await decidesOnCommands(tx, { generation, model, to });
  const found: Leak[] = [];
  const counts = { texts: 0, own: 0, ownLeaks: 0, decisions: 0, scores: 0 };
  for (const { type, body } of await readEvents(tx, question)) {
    if (counts.texts % atATime === 0) await others();
    const { event_id, payload } = (JSON.parse(body) as { data: Told }).data;
    const { requester: _, segments, ...written } = payload;
    const isScore = type === 'score.produced' && payload.model?.name === model;
    const served = payload.served_by ?? payload.model;
    const isJudged = !(isOfCommands && payload.operation === decisionOperation);
    const isOwn = isScore && isJudged && served?.version === version;
    const classes = [...new Set(personalIn({ written, segments }, true))].sort();
    if (classes.length > 0) found.push({ event_id, classes });
    counts.texts += 1;
    if (isOwn) counts.own += 1;
    if (isOwn && personalIn(written, false).length > 0) counts.ownLeaks += 1;
    if (isScore) counts.scores += 1;
    if (type === 'decision.made' && payload.point === point) counts.decisions += 1;
  }
  return { ...counts, found };
}

type Told = {
  readonly event_id: string;
  readonly payload: Readonly<Record<string, unknown>> & {
    readonly model?: { readonly name: string; readonly version: number };
    readonly served_by?: { readonly version: number } | null;
    readonly operation?: string;
    readonly point?: string;
  };
};

/**
 * Of each place from somewhere within it on, and round: where, is another matter for each tenant
 * and day.
 */
async function readEvents(tx: Tx, { tenant, from, to }: LeakageQuestion) {
  const length = (to - from) / places;
  const starts = Array.from({ length: places }, (_, place) => from + length * place);
  const middles = starts.map((start, place) => {
    const digest = sha256Hex(`${tenant} ${from} ${place}`);
    return start + (length * Number.parseInt(digest.slice(0, 8), 16)) / 2 ** 32;
  });
  const bounds = [starts, middles, [...starts.slice(1), to]].map((instants) =>
    instants.map((instant) => uuidFrom(Math.floor(instant))),
  );
  const { rows } = await tx.query<{ id: Uuid; type: string; body: string }>(
    `select e.id, e.type, e.body
       from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as place(first, middle, last)
       cross join lateral (
         (select 1 as part, id, type, body from core.event
           where tenant_id = core.current_tenant() and id >= middle and id < last
           order by id limit ${eventsPerPlace})
         union all
         (select 2, id, type, body from core.event
           where tenant_id = core.current_tenant() and id > first and id < middle
           order by id limit ${eventsPerPlace})
         order by part, id limit ${eventsPerPlace}) e
      where e.type = any ($4)`,
    [...bounds, types],
  );
  return rows;
}

/** The classes of personal values among all texts, and names of members, within a value. */
function personalIn(value: unknown, withFigures: boolean): string[] {
  if (typeof value === 'string') return inText(value);
  // A figure may look like many things; only what is as long as a card number is doubted.
  if (typeof value === 'number') {
    if (!withFigures) return [];
    const digits = String(value);
    return /^\d{13,19}$/.test(digits) ? inText(digits).filter((name) => name === 'pan') : [];
  }
  if (Array.isArray(value)) return value.flatMap((each) => personalIn(each, withFigures));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, content]) => [
    ...inText(name),
    ...personalIn(content, withFigures),
  ]);
}

/** Digests and instants are ours: their digits mean nobody. */
const ours = /^([0-9a-f]{64}|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)$/;

function inText(text: string): string[] {
  if (ours.test(text)) return [];
  // What is too long to be looked at is no score and no decision of ours.
  if (text.length > textMax) return ['free_text'];
  return detect(text).map((finding) => finding.class);
}
