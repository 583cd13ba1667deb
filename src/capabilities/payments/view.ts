// Payments as they are read: pages of them, and one with its whole path.
import {
  externalId,
  type Instant,
  internalId,
  liveGenerationOf,
  type Page,
  pageOf,
  type Tx,
  type Uuid,
  uuidFrom,
  toldId,
} from '#core';
import { type Chain, readChain } from './chain.ts';
import {
  after,
  paymentProjection,
  type PaymentStep,
  type Standing,
  standingColumns,
  standingIn,
  type StandingRow,
  stepOf,
} from './projection.ts';
import { readStepsOf } from './told.ts';

export type PaymentView = Standing & { readonly history: readonly PaymentStep[] };

/** What payments are asked for: all of it has to fit, of a list any. */
export type PaymentFilter = {
  /** A payment, an account or an end-to-end id, told apart by how it looks. */
  readonly text?: string | undefined;
  /** Either side of it. */
  readonly account?: string | undefined;
  readonly debtorAccount?: string | undefined;
  readonly customer?: string | undefined;
  /** A principal: only what it has ordered. */
  readonly requestedBy?: string | undefined;
  readonly statuses?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly channels?: readonly string[] | undefined;
  readonly outcomes?: readonly string[] | undefined;
  readonly currencies?: readonly string[] | undefined;
  /** Minor units, both included. */
  readonly amountMin?: number | undefined;
  readonly amountMax?: number | undefined;
  /** Half-open, by the receipt of the order. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
};

export type PaymentQuery = PaymentFilter & {
  readonly limit: number;
  /** The `next` of the page before: the last payment at which it has looked. */
  readonly after?: string | undefined;
};

/** Payments at which one question looks: where few of them fit, a page is short, even empty. */
const scanMax = 50_000;
/** Of those that fit, how many are counted. */
const countMax = 10_000;

export const paymentFacets = ['status', 'kind', 'channel', 'outcome', 'currency'] as const;
type Facet = (typeof paymentFacets)[number];

export type PaymentCounts = Readonly<
  Record<Facet, readonly { readonly value: string; readonly count: number }[]>
> & {
  readonly total: number;
  /** Whether only the newest were counted: there may be more. */
  readonly capped: boolean;
};

/**
 * Newest first, as far as they are projected: a moment behind what is committed. `next` is null at
 * the end; a page that is short goes on from where it has looked.
 */
export async function listPayments(tx: Tx, query: PaymentQuery): Promise<Page<Standing>> {
  const { limit } = query;
  const search = await searchFor(tx, query);
  const { rows } = await tx.query<StandingRow>(
    `select ${standingColumns} from (${search.scan}) as payment where ${search.fits}
      order by payment_id desc limit ${limit + 1}`,
    search.values,
  );
  const page = pageOf(rows.map(standingIn), limit, ({ payment_id }) => payment_id);
  return page.next === null ? { ...page, next: await endOfScan(tx, search) } : page;
}

/** What a facet is chosen by. */
const filterOfFacet = {
  ...{ status: 'statuses', kind: 'kinds', channel: 'channels' },
  ...{ outcome: 'outcomes', currency: 'currencies' },
} as const satisfies Record<Facet, keyof PaymentFilter>;

/**
 * How many there are of each sort among the newest that fit, the most frequent first. What is
 * chosen of a facet does not narrow its own counts: the others can still be chosen.
 */
export async function countPayments(tx: Tx, filter: PaymentFilter): Promise<PaymentCounts> {
  const counts = await countThose(tx, filter);
  const chosen = paymentFacets.filter((facet) => filter[filterOfFacet[facet]] !== undefined);
  const others: Partial<Record<Facet, PaymentCounts[Facet]>> = {};
  for (const facet of chosen) {
    const free = { ...filter, [filterOfFacet[facet]]: undefined };
    others[facet] = (await countThose(tx, free))[facet];
  }
  return { ...counts, ...others };
}

async function countThose(tx: Tx, filter: PaymentFilter): Promise<PaymentCounts> {
  const search = await searchFor(tx, filter);
  const pairs = paymentFacets.map((facet) => `('${facet}', ${facet})`).join(', ');
  const { rows } = await tx.query<{ facet: Facet; value: string; count: bigint }>(
    `select facet.*, count(*) from (
       select * from (${search.scan}) as payment where ${search.fits}
        order by payment_id desc limit ${countMax}) as newest
       cross join lateral (values ${pairs}) as facet(facet, value)
      group by 1, 2 order by 3 desc, 2`,
    search.values,
  );
  const countsOf = (facet: Facet) =>
    rows.flatMap((row) =>
      row.facet === facet ? [{ value: row.value, count: Number(row.count) }] : [],
    );
  const status = countsOf('status');
  const total = status.reduce((sum, { count }) => sum + count, 0);
  return {
    ...{ status, kind: countsOf('kind'), channel: countsOf('channel') },
    ...{ outcome: countsOf('outcome'), currency: countsOf('currency') },
    total,
    capped: total === countMax || (await endOfScan(tx, search)) !== null,
  };
}

type Search = {
  /** The newest payments of an index, or of several that are merged. */
  readonly scan: string;
  /** Of which those are wanted that fit. */
  readonly fits: string;
  readonly values: unknown[];
  /** The first of them are of the scan. */
  readonly ofScan: number;
};

/** Where a scan was cut off; null where nothing is left behind it. */
async function endOfScan(tx: Tx, { scan, values, ofScan }: Search): Promise<string | null> {
  const { rows } = await tx.query<{ payment_id: string }>(
    `select payment_id from (${scan}) as payment
      order by payment_id desc offset ${scanMax - 1} limit 1`,
    values.slice(0, ofScan),
  );
  return rows[0]?.payment_id ?? null;
}

async function searchFor(tx: Tx, query: Omit<PaymentQuery, 'limit'>): Promise<Search> {
  // A scan ends as soon as its page is full, if it reads an index in its order; a planner that
  // expects the whole of it reads the table and sorts.
  await tx.query(`set local enable_seqscan = off; set local enable_bitmapscan = off;
    set local enable_sort = off`);
  // As a value: what a subquery finds is no condition of an index under row-level security.
  return searchOf(query, await liveGenerationOf(tx, paymentProjection.name));
}

/**
 * The scan follows what is asked first of what has an index: it leaves the fewest. Ids begin with
 * the instant of receipt, so within each index newest first is the order of the ids, and a span of
 * time is a span of the index.
 */
function searchOf(query: Omit<PaymentQuery, 'limit'>, generation: number): Search {
  const values: unknown[] = [];
  const given = (value: unknown) => `$${values.push(value)}`;
  const { after: last, from, to, amountMin, amountMax } = query;
  const all = [`tenant_id = core.current_tenant()`, `generation = ${given(generation)}`];
  if (last !== undefined) all.push(`payment_id < ${given(last)}`);
  if (from !== undefined) all.push(`payment_id >= ${given(firstIdOf(from))}`);
  if (to !== undefined) all.push(`payment_id < ${given(firstIdOf(to))}`);
  const asked = askedOf(query);
  const [first] = asked;
  const legs = first?.hasIndex ? alternatives(first, given) : ['true'];
  const ofScan = values.length;
  const newest = `order by payment_id desc limit ${scanMax}`;
  const reads = legs.map(
    (leg) => `(select * from payments.payment where ${[...all, leg].join(' and ')} ${newest})`,
  );
  // In the order of each they are merged, without a sort.
  const scan = `select * from (${reads.join(' union all ')}) as leg ${newest}`;
  const others = first?.hasIndex ? asked.slice(1) : asked;
  const fits = others.map((each) => `(${alternatives(each, given).join(' or ')})`);
  if (amountMin !== undefined) fits.push(`amount >= ${given(amountMin)}`);
  if (amountMax !== undefined) fits.push(`amount <= ${given(amountMax)}`);
  return { scan, fits: fits.join(' and ') || 'true', values, ofScan };
}

function firstIdOf(instant: Instant): string {
  return externalId('payment', uuidFrom(instant));
}

/** That one of the columns has one of the values. */
type Asked = {
  readonly columns: readonly string[];
  readonly values: readonly string[];
  readonly hasIndex: boolean;
};

/** Those with an index come first, by how few payments they may leave. */
function askedOf(query: PaymentFilter): readonly Asked[] {
  const { text, account, debtorAccount, customer, requestedBy } = query;
  const one = (columns: readonly string[], value: string | undefined) =>
    value === undefined ? [] : [{ columns, values: [value], hasIndex: true }];
  const some = (column: string, values: readonly string[] | undefined, hasIndex = false) =>
    values === undefined ? [] : [{ columns: [column], values: [...new Set(values)], hasIndex }];
  return [
    ...one(columnsOfText(text ?? ''), text),
    ...one(accountColumns, account),
    ...one(['debtor_account_id'], debtorAccount),
    ...one(['debtor', 'creditor'], customer),
    ...one(['requested_by'], requestedBy),
    ...some('status', query.statuses, true),
    ...some('kind', query.kinds),
    ...some('channel', query.channels),
    ...some('outcome', query.outcomes),
    ...some('currency', query.currencies),
  ];
}

const accountColumns = ['debtor_account_id', 'creditor_account_id'];

function columnsOfText(text: string): readonly string[] {
  if (internalId('payment', text) !== undefined) return ['payment_id'];
  return internalId('account', text) === undefined ? ['end_to_end_id'] : accountColumns;
}

/** As conditions of which a payment meets one at most: what is found by two is found once. */
function alternatives({ columns, values }: Asked, given: (value: unknown) => string): string[] {
  return values.flatMap((value) => {
    const name = given(value);
    return columns.map((column, at) =>
      [`${column} = ${name}`, ...columns.slice(0, at).map(isNot(name))].join(' and '),
    );
  });
}

function isNot(value: string): (column: string) => string {
  return (column) => `${column} is distinct from ${value}`;
}

/** A payment by its id, from what is committed: whoever has written reads what he has written. */
export async function readPayment(
  tx: Tx,
  id: string,
): Promise<{ payment: PaymentView; chain: Chain } | undefined> {
  const chain = await readChain(tx, id);
  if (!chain) return undefined;
  const history = await readSteps(tx, chain);
  const standing = history.reduce<Standing | undefined>(after, undefined);
  return standing && { payment: { ...standing, history }, chain };
}

/** Of one payment: a stay in a hotel has a dozen. */
const stepsMax = 500;

/** What its commands have told, in the order in which they were serialized. */
async function readSteps(tx: Tx, { id, first }: Chain): Promise<PaymentStep[]> {
  const named = await tx.query<{ id: Uuid }>('select id from payments.steps_of($1, $2) as id', [
    id,
    stepsMax,
  ]);
  const commands = [first.commandId, ...named.rows.map((row) => row.id)];
  const { rows } = await tx.query<{ id: string; type: string; body: string }>(
    `select e.id, e.type, e.body from unnest($1::uuid[]) as wanted(id)
       join core.event e on e.tenant_id = core.current_tenant() and e.id = wanted.id
      order by e.seq`,
    [commands.map((command) => toldId(command, 0))],
  );
  return rows.map((row) => stepOf({ ...row, tenant: '', tenantPosition: 0n, position: 0n }));
}

/**
 * The payments that have placed these holds, or posted these transfers, by their ids; others are of
 * none. `tx` reads as `read`.
 */
export async function readPaymentsOf(
  tx: Tx,
  movements: readonly Uuid[],
): Promise<ReadonlyMap<Uuid, string>> {
  const { rows } = await tx.query<{ id: Uuid; command_id: Uuid }>(
    `select t.id, t.command_id from unnest($1::uuid[]) as w(id)
       join money.transfer t on t.tenant_id = core.current_tenant() and t.id = w.id`,
    [[...new Set(movements)]],
  );
  const steps = await readStepsOf(tx, [...new Set(rows.map((row) => row.command_id))]);
  return new Map(
    rows.flatMap(({ id, command_id }) => {
      const step = steps.get(command_id);
      return step ? [[id, step.payload.payment_id] as const] : [];
    }),
  );
}
