// What a core tells on its way in: kept under its id before anybody answers, and how far the core
// was read. Kept by the role app, for it comes from outside; what follows of it, commands write.
import { Fault, instantFromText, instantToText, type Tx, withTx } from '#core';
import type { CoreEvent } from '../adapter.ts';
import { malformed } from '../wire.ts';
import type { Mirror } from './mirror.ts';

type Kept = Pick<Mirror, 'tenant' | 'core' | 'database' | 'clock'>;

/** Of one event, in characters. */
const bodyMax = 64 * 1024;
/** Of one id, in characters: more than any core has, and less than an index of ours can take. */
const idMax = 200;

/**
 * Answers how many were new: a redelivery is none. Throws `invalid_request`, and keeps nothing,
 * where one of them could never be mirrored.
 */
export async function keepEvents(mirror: Kept, events: readonly CoreEvent[]): Promise<number> {
  if (!events.every(isSound)) {
    throw new Fault('invalid_request', 'an event has ids, dates or texts that nobody can read');
  }
  return inApp(mirror, (tx) => insert(tx, mirror, events));
}

/** The same of what was read, with where to go on; one bad event among many holds up no other. */
export async function keepPage(
  mirror: Kept,
  { events, cursor }: { readonly events: readonly CoreEvent[]; readonly cursor: string },
  { name, onError }: { readonly name: string; readonly onError: (error: unknown) => void },
): Promise<number> {
  const sound = events.filter(isSound);
  const kept = await inApp(mirror, async (tx) => {
    const count = await insert(tx, mirror, sound);
    await moveCursor(tx, mirror, { name, value: cursor });
    return count;
  });
  if (sound.length < events.length) onError(malformed(mirror.core, 'events that can be kept'));
  return kept;
}

/** What cannot be written, or be told on, must not stand in the way of what can. */
function isSound(event: CoreEvent): boolean {
  const { id, account, party, occurredAt, entry } = event;
  const ids = [id, account, party, entry?.reference ?? null];
  if (ids.some((each) => each !== null && !isId(each))) return false;
  const instants = [occurredAt, ...(entry ? [entry.booked_at, entry.value_at] : [])];
  if (instants.some((each) => instantFromText(each) === undefined)) return false;
  const isAmount = entry === undefined || (Number.isSafeInteger(entry.amount) && entry.amount >= 0);
  const body = JSON.stringify(event);
  // JSON escapes what PostgreSQL has no text for.
  return isAmount && body.length <= bodyMax && !/\\u(?:0000|d[89a-f])/.test(body);
}

function isId(text: string): boolean {
  return text !== '' && text.length <= idMax && !/\p{Cc}/u.test(text);
}

async function insert(
  tx: Tx,
  { tenant, core, clock }: Kept,
  events: readonly CoreEvent[],
): Promise<number> {
  if (events.length === 0) return 0;
  const { rowCount } = await tx.query(
    `insert into register.core_event (tenant_id, core, id, subject, body, arrived_at)
     select $1, $2, x.id, x.subject, x.body::jsonb, $6
       from unnest($3::text[], $4::text[], $5::text[])
         with ordinality as x(id, subject, body, place)
      order by x.place on conflict do nothing`,
    [
      ...[tenant, core, events.map(({ id }) => id), events.map(subjectOf)],
      ...[events.map((event) => JSON.stringify(event)), instantToText(clock.now())],
    ],
  );
  return rowCount ?? 0;
}

/** What it is about: an account, a party, or itself. */
export function subjectOf({ id, account, party }: CoreEvent): string {
  return account ?? party ?? id;
}

/** The oldest first, of subjects that are not set aside. */
export async function openEvents(
  mirror: Kept,
  { limit, aside }: { readonly limit: number; readonly aside: readonly string[] },
): Promise<readonly CoreEvent[]> {
  return inApp(mirror, async (tx) => {
    const { rows } = await tx.query<{ body: CoreEvent }>(
      `select body from register.core_event
        where tenant_id = $1 and core = $2 and handled_at is null and subject <> all ($3)
        order by seq limit $4`,
      [mirror.tenant, mirror.core, aside, limit],
    );
    return rows.map(({ body }) => body);
  });
}

export async function settleEvent(mirror: Kept, id: string): Promise<void> {
  await inApp(mirror, (tx) =>
    tx.query(
      `update register.core_event set handled_at = $4
        where tenant_id = $1 and core = $2 and id = $3`,
      [mirror.tenant, mirror.core, id, instantToText(mirror.clock.now())],
    ),
  );
}

/** For so long an event is on its way into the mirror; after that, something is wrong. */
const waitingMs = 600_000;

/** Of these subjects, those of which something has lately come and waits to be mirrored. */
export async function subjectsWaiting(
  mirror: Kept,
  subjects: readonly string[],
): Promise<ReadonlySet<string>> {
  const since = instantToText(mirror.clock.now() - waitingMs);
  return inApp(mirror, async (tx) => {
    const { rows } = await tx.query<{ subject: string }>(
      `select distinct subject from register.core_event
        where tenant_id = $1 and core = $2 and handled_at is null and subject = any ($3)
          and arrived_at > $4`,
      [mirror.tenant, mirror.core, subjects, since],
    );
    return new Set(rows.map(({ subject }) => subject));
  });
}

/** How long what was mirrored is kept: its commands know it again for ever. */
const keptMs = 30 * 86_400_000;
/** Of one round: nobody waits for it. */
const forgottenMax = 10_000;

/** Answers how many events were old enough to go. */
export async function forgetEvents(mirror: Kept): Promise<number> {
  return inApp(mirror, async (tx) => {
    const { rowCount } = await tx.query(
      `delete from register.core_event
        where tenant_id = $1 and core = $2 and id in (
          select id from register.core_event
           where tenant_id = $1 and core = $2 and handled_at < $3 order by seq limit $4)`,
      [mirror.tenant, mirror.core, instantToText(mirror.clock.now() - keptMs), forgottenMax],
    );
    return rowCount ?? 0;
  });
}

export async function readCursor(mirror: Kept, name: string): Promise<string | undefined> {
  return inApp(mirror, async (tx) => {
    const { rows } = await tx.query<{ cursor: string }>(
      'select cursor from register.core_cursor where tenant_id = $1 and core = $2 and name = $3',
      [mirror.tenant, mirror.core, name],
    );
    return rows[0]?.cursor;
  });
}

export async function writeCursor(
  mirror: Kept,
  cursor: { readonly name: string; readonly value: string },
): Promise<void> {
  await inApp(mirror, (tx) => moveCursor(tx, mirror, cursor));
}

/** Two processes that read the same page move it to the same place. */
async function moveCursor(
  tx: Tx,
  { tenant, core }: Kept,
  { name, value }: { readonly name: string; readonly value: string },
): Promise<void> {
  await tx.query(
    `insert into register.core_cursor (tenant_id, core, name, cursor) values ($1, $2, $3, $4)
     on conflict (tenant_id, core, name) do update set cursor = excluded.cursor`,
    [tenant, core, name, value],
  );
}

function inApp<Found>({ tenant, database }: Kept, work: (tx: Tx) => Promise<Found>) {
  return withTx(database.pool('app'), work, { tenant });
}
