// Leakage: whether a personal value stands in what was recorded of scores and decisions.
import { type Instant, type Tx, type Uuid, uuidFrom } from '#core';
import { detect, textMax } from '#privacy';
import { setImmediate as others } from 'node:timers/promises';

export type Leakage = {
  readonly texts: number;
  /** Those with a personal value: by event and class, never the value. */
  readonly found: readonly { readonly event_id: string; readonly classes: readonly string[] }[];
};

const types = ['score.produced', 'decision.made'];
/** Places of the period that are looked into, and how many events of each. */
const places = 24;
const eventsPerPlace = 50;
/** Events that are looked through before others of the process have their turn. */
const atATime = 5;
const foundMax = 20;

/** Looks into events evenly over a period, so that a day of any size costs the same. */
export async function findLeaks(
  tx: Tx,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Promise<Leakage> {
  const starts = Array.from({ length: places }, (_, place) =>
    Math.floor(from + ((to - from) * place) / places),
  );
  const { rows } = await tx.query<{ id: Uuid; body: string }>(
    `select e.id, e.body
       from unnest($1::uuid[], $2::uuid[]) as place(first, last)
       cross join lateral (
         select id, type, body from core.event
          where tenant_id = core.current_tenant() and id > first and id < last
          order by id limit ${eventsPerPlace}) e
      where e.type = any ($3)`,
    [starts.map(uuidFrom), [...starts.slice(1), to].map(uuidFrom), types],
  );
  const found: { event_id: string; classes: readonly string[] }[] = [];
  for (const [index, { body }] of rows.entries()) {
    if (index % atATime === 0) await others();
    const { data } = JSON.parse(body) as { data: { event_id: string; payload: unknown } };
    const classes = [...new Set(personalIn(data.payload))].sort();
    if (classes.length > 0) found.push({ event_id: data.event_id, classes });
  }
  return { texts: rows.length, found: found.slice(0, foundMax) };
}

/** The classes of personal values among all texts, and names of members, within a value. */
function personalIn(value: unknown): string[] {
  if (typeof value === 'string') return inText(value);
  // A figure may look like many things; only what is as long as a card number is doubted.
  if (typeof value === 'number') {
    const digits = String(value);
    return /^\d{13,19}$/.test(digits) ? inText(digits).filter((name) => name === 'pan') : [];
  }
  if (Array.isArray(value)) return value.flatMap(personalIn);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, content]) => [
    ...inText(name),
    ...personalIn(content),
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
