// Intents as rows: what is asked of another core, from before it is asked to its answer.
import {
  canonicalJson,
  type Command,
  columns,
  externalId,
  Fault,
  type Instant,
  instantToText,
  internalId,
  type Json,
  lines,
  type Page,
  pageOf,
  type Pool,
  type Uuid,
  withTx,
} from '#core';
import type pg from 'pg';
import type { Book, CoreAnswer, CoreStep, IntentState } from './book.ts';
import type { Outcome, PostingItem } from './journal.ts';
import { key, NotLocked } from './state.ts';

/** An intent on record. */
export type IntentRow = {
  readonly tenant: string;
  readonly key: string;
  readonly commandId: Uuid;
  readonly digest: string;
  readonly core: string;
  readonly reference: string;
  readonly debtor: Uuid;
  readonly steps: readonly CoreStep[];
  /** What is to be posted when the core has answered; null once it is. */
  readonly item: PostingItem | null;
  readonly state: IntentState;
  readonly coreReference: string | null;
  readonly refusal: string | null;
  readonly overrides: Json;
  readonly attempts: number;
  readonly looks: number;
  readonly madeAt: Instant;
  /** When somebody was last allowed to ask the core to do it. */
  readonly askedAt: Instant;
};

/** After a core was asked: when somebody else looks whether that has been finished. */
const firstLookMs = 60_000;

/** What a batch knows of intents: those under its keys, and those that count before its items. */
export type Intents = {
  readonly byKey: ReadonlyMap<string, IntentRow>;
  readonly underWay: readonly IntentRow[];
};

export const noIntents: Intents = { byKey: new Map(), underWay: [] };

/** Whether what is on its way at a core counts before such an item. */
export function isCounting({ book }: PostingItem): boolean {
  return book !== undefined && book.kind !== 'answered';
}

export function debtorOf(book: Book): Uuid | undefined {
  switch (book.kind) {
    case 'intent':
      return book.intent.debtor;
    case 'mirror':
      return book.debtor;
    case 'answered':
      return undefined;
  }
}

export async function readIntents(
  client: pg.ClientBase,
  items: readonly PostingItem[],
): Promise<Intents> {
  const debtors = items.flatMap(({ command: { tenant }, book }) => {
    const debtor = book && debtorOf(book);
    return debtor === undefined ? [] : [{ tenant, debtor }];
  });
  const { rows } = await client.query<Row>({
    name: 'read_intents',
    text: 'select * from money.read_intents($1, $2, $3, $4)',
    values: [
      ...columns(
        items,
        ({ command }) => command.tenant,
        ({ command }) => command.idempotencyKey,
      ),
      ...columns(
        debtors,
        ({ tenant }) => tenant,
        ({ debtor }) => debtor,
      ),
    ],
  });
  const all = rows.map(intentIn);
  const isUnderWay = ({ state }: IntentRow) => underWayStates.includes(state);
  return {
    byKey: new Map(all.map((intent) => [key(intent.tenant, intent.key), intent])),
    underWay: all.filter(isUnderWay),
  };
}

/** A core may still move it by itself; where it waits for a person's acceptance it does not. */
const underWayStates: readonly IntentState[] = ['sent', 'unknown', 'pending_approval'];

/** What has been written down meanwhile was not read, nor locked: the batch begins again. */
export function expectSame(before: Intents, now: Intents): void {
  const nameOf = ({ commandId, state }: IntentRow) => `${commandId} ${state}`;
  const known = new Set([...before.byKey.values()].map(nameOf));
  if ([...now.byKey.values()].some((intent) => !known.has(nameOf(intent)))) {
    throw new NotLocked('intents');
  }
}

/** One, by its key. `pool` is of the role money. */
export async function findIntent(
  pool: Pool,
  { tenant, idempotencyKey }: Pick<Command, 'tenant' | 'idempotencyKey'>,
): Promise<IntentRow | undefined> {
  return findOne(pool, tenant, { column: 'idempotency_key', value: idempotencyKey });
}

/** The one that asked for what a command has done. */
export async function intentOf(
  pool: Pool,
  tenant: string,
  command: Uuid,
): Promise<IntentRow | undefined> {
  return findOne(pool, tenant, { column: 'command_id', value: command });
}

type Where = { readonly column: 'idempotency_key' | 'command_id'; readonly value: string };

async function findOne(pool: Pool, tenant: string, { column, value }: Where) {
  const sql = `select * from money.core_intent
    where tenant_id = core.current_tenant() and ${column} = $1`;
  const { rows } = await withTx(pool, (tx) => tx.query<Row>(sql, [value]), {
    tenant,
    readOnly: true,
  });
  return rows[0] && intentIn(rows[0]);
}

/** Those of a tenant that are open, the oldest first, behind the id of a command. */
export async function listIntents(
  tx: pg.ClientBase,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<Page<IntentRow>> {
  const { rows } = await tx.query<Row>(
    `select * from money.core_intent
      where tenant_id = core.current_tenant() and state not in ('completed', 'rejected')
        and ($1::uuid is null or command_id > $1) order by command_id limit $2`,
    [(after && internalId('command', after)) ?? null, limit + 1],
  );
  const nameOf = ({ command_id }: Row) => externalId('command', command_id);
  const page = pageOf(rows, limit, nameOf);
  return { ...page, items: page.items.map(intentIn) };
}

export type IntentNote = {
  readonly state?: IntentState;
  readonly coreReference?: string;
  readonly refusal?: string;
  readonly overrides?: Json;
  /** How often the core was asked to tell of it since the last note. */
  readonly looks?: number;
  readonly nextLookAt?: Instant;
  readonly at: Instant;
};

/** Answers whether it is still open. */
export async function noteIntent(
  pool: Pool,
  { tenant, key: of }: Pick<IntentRow, 'tenant' | 'key'>,
  note: IntentNote,
): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>(
    'select money.note_intent($1, $2, $3, $4, $5, $6, $7, $8, $9) as found',
    [
      ...[tenant, of, note.state ?? null, note.coreReference ?? null, note.refusal ?? null],
      note.overrides === undefined ? null : canonicalJson(note.overrides),
      note.looks ?? 0,
      note.nextLookAt === undefined ? null : instantToText(note.nextLookAt),
      instantToText(note.at),
    ],
  );
  return rows[0]?.found ?? false;
}

/** Whether the caller may ask the core to do it once more: of several that want to, one may. */
export async function claimIntent(
  pool: Pool,
  { tenant, key: of, attempts }: Pick<IntentRow, 'tenant' | 'key' | 'attempts'>,
  at: Instant,
): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>(
    'select money.claim_intent($1, $2, $3, $4) as found',
    [tenant, of, attempts, instantToText(at)],
  );
  return rows[0]?.found ?? false;
}

/** Takes back one of which nothing can have happened; answers whether it was such a one. */
export async function withdrawIntent(
  pool: Pool,
  { tenant, key: of, commandId }: Pick<IntentRow, 'tenant' | 'key' | 'commandId'>,
): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>(
    'select money.withdraw_intent($1, $2, $3) as found',
    [tenant, of, commandId],
  );
  return rows[0]?.found ?? false;
}

/** Why nothing is recorded under a key under which a core was asked; undefined for other errors. */
export function underWayFault(cause: unknown): Fault | undefined {
  switch ((cause as { code?: unknown }).code) {
    case 'CS002':
      return new Fault('outcome_unknown', 'the core was asked under this key: ask again', {
        cause,
      });
    case 'CS003': {
      const why = 'this key is that of another request, which is on its way: choose a new key';
      return new Fault('idempotency_key_reused', why, { cause });
    }
    default:
      return undefined;
  }
}

export type DueIntent = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly key: string;
  readonly expires_at: Date;
};

export type DueQuery = {
  readonly core: string;
  readonly now: Instant;
  readonly page: number;
  readonly looksMax: number;
  readonly after?: DueIntent | undefined;
};

/** Of all tenants at one core: at which somebody has to look now. */
export async function dueIntents(pool: Pool, query: DueQuery): Promise<readonly DueIntent[]> {
  const { after } = query;
  const { rows } = await pool.query<DueIntent>(
    'select tenant, id, key, expires_at from money.due_intents($1, $2, $3, $4, $5, $6)',
    [
      ...[query.core, instantToText(query.now), query.page, query.looksMax],
      ...[after?.expires_at ?? '-infinity', after?.id ?? '00000000-0000-0000-0000-000000000000'],
    ],
  );
  return rows;
}

/** `isLeft`: it was looked at so often that people have to go on. */
export type IntentCount = {
  readonly core: string;
  readonly state: IntentState;
  readonly isLeft: boolean;
  readonly count: number;
};

export async function countIntents(pool: Pool, looksMax: number): Promise<readonly IntentCount[]> {
  const { rows } = await pool.query<IntentCount>(
    `select core, state, is_left as "isLeft", count::float8 as count from money.count_intents($1)`,
    [looksMax],
  );
  return rows;
}

// Columns -----------------------------------------------------------------------------------------

export function intentColumns(items: readonly PostingItem[]): unknown[] {
  const rows = items.flatMap((item) => {
    const { book, command } = item;
    return book?.kind === 'intent' ? [{ item, command, intent: book.intent }] : [];
  });
  return [
    ...columns(
      rows,
      ({ command }) => command.tenant,
      ({ command }) => command.idempotencyKey,
      ({ command }) => command.id,
      ({ command }) => command.digest,
      ({ intent }) => intent.core,
      ({ intent }) => intent.reference,
      ({ intent }) => intent.debtor,
    ),
    lines(rows, ({ intent }) => canonicalJson(intent.steps as unknown as Json)),
    lines(rows, ({ item }) => itemText(item)),
    ...columns(
      rows,
      ({ intent }) => instantToText(intent.at + firstLookMs),
      ({ intent }) => instantToText(intent.at),
    ),
  ];
}

export function replacingColumns(items: readonly PostingItem[]): unknown[] {
  return columns(
    items,
    ({ command }) => command.tenant,
    ({ command }) => command.idempotencyKey,
    ({ book }) => (book?.kind === 'intent' && book.intent.replaces) || null,
  );
}

type Closing = { readonly item: PostingItem; readonly outcome: Outcome };

export function closingColumns(closed: readonly Closing[]): unknown[] {
  const rows = closed.flatMap(({ item: { command, book }, outcome }) =>
    book?.kind === 'answered' ? [{ command, outcome, answer: book.answer, at: book.at }] : [],
  );
  return [
    ...columns(
      rows,
      ({ command }) => command.tenant,
      ({ command }) => command.idempotencyKey,
      ({ outcome }) => (outcome.status === 'accepted' ? 'completed' : 'rejected'),
    ),
    lines(rows, ({ answer }) => oneLine(answer.core.reference)),
    lines(rows, ({ answer }) => oneLine(answer.core.reason)),
    ...columns(rows, ({ at }) => instantToText(at)),
  ];
}

function oneLine(text: CoreAnswer['core']['reason'] | null): string {
  return (text ?? '').replaceAll(/\s+/g, ' ');
}

/** Everything by which it can be posted by somebody else; what is derived is left out. */
function itemText({ command, countersignature, around = [], telling = null }: PostingItem): string {
  const { body: _, epoch, ...kept } = command;
  const whole = { ...kept, ...(epoch === undefined ? {} : { epoch: String(epoch) }) };
  return canonicalJson({ command: whole, countersignature, around, telling } as unknown as Json);
}

type ItemJson = Pick<PostingItem, 'countersignature' | 'around'> & {
  readonly command: Omit<Command, 'body' | 'epoch'> & { readonly epoch?: string };
  readonly telling: Json;
};

function itemFrom(text: string): PostingItem {
  const { command, countersignature, around = [], telling } = JSON.parse(text) as ItemJson;
  const { epoch, ...kept } = command;
  const whole = { ...kept, body: JSON.parse(command.bodyText) as Json };
  return {
    command: epoch === undefined ? whole : { ...whole, epoch: BigInt(epoch) },
    ...{ countersignature, around },
    ...(telling === null ? {} : { telling }),
  };
}

type Row = {
  readonly tenant_id: string;
  readonly idempotency_key: string;
  readonly command_id: Uuid;
  readonly digest: string;
  readonly core: string;
  readonly reference: string;
  readonly debtor_id: Uuid;
  readonly steps: readonly CoreStep[];
  readonly item: string | null;
  readonly state: IntentState;
  readonly core_reference: string | null;
  readonly refusal: string | null;
  readonly overrides: Json;
  readonly attempts: number;
  readonly looks: number;
  readonly made_at: Date;
  readonly asked_at: Date;
};

function intentIn(row: Row): IntentRow {
  const { digest, core, reference, steps, state, refusal, overrides, attempts, looks } = row;
  return {
    ...{ digest, core, reference, steps, state, refusal, overrides, attempts, looks },
    tenant: row.tenant_id,
    key: row.idempotency_key,
    commandId: row.command_id,
    debtor: row.debtor_id,
    item: row.item === null ? null : itemFrom(row.item),
    coreReference: row.core_reference,
    madeAt: row.made_at.getTime(),
    askedAt: row.asked_at.getTime(),
  };
}
