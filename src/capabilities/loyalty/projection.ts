// Lots and balances of members, folded from what the ledger has moved between their accounts.
import { internalId, type Projection, type SealedEvent, type Tx, type Uuid } from '#core';
import { pointsAccountRoles } from './accounts.ts';
import {
  type Balances,
  type Folded,
  foldMoves,
  type Holding,
  type Lot,
  type MemberRole,
  type Move,
  noBalances,
  type Use,
  useKey,
} from './lots.ts';

export const lotProjection: Projection = {
  name: 'loyalty',
  types: ['transaction.posted', 'transaction.reversed'],
  tables: ['loyalty.lot', 'loyalty.lot_use', 'loyalty.standing'],
  async fold(tx, generation, events) {
    const inUnits = events.filter(({ body }) => namesUnit.test(body));
    for (const [tenant, own] of Map.groupBy(inUnits, (event) => event.tenant)) {
      await foldTenant(tx, { tenant, generation }, own.map(transferOf));
    }
  },
};

/** Units of tenants have longer codes than ISO 4217: of other movements nothing is read. */
const namesUnit = /"currency":"[A-Z][A-Z0-9_]{3,11}"/;

type Part = { readonly tenant: string; readonly generation: number };

/** One member, by program and customer. */
type Owner = { readonly program: string; readonly customer: string };
type Account = Owner & { readonly role: string };

async function foldTenant(tx: Tx, part: Part, transfers: readonly Transfer[]): Promise<void> {
  const accounts = await readAccounts(tx, part, transfers);
  const movesOf = Map.groupBy(
    transfers.flatMap((transfer) => movesIn(transfer, accounts)),
    ({ owner }) => ownerKey(owner),
  );
  if (movesOf.size === 0) return;
  const members = [...movesOf].map(([key, own]) => ({
    key,
    owner: (own[0] as OwnMove).owner,
    moves: own.map(({ move }) => move),
  }));
  // Most movements name the lot that they are about, or make one: only these are read at first.
  const isWhole = new Set(
    members.filter(({ moves }) => moves.some(needsAll)).map(({ key }) => key),
  );
  const holdings = await readHoldings(tx, part, members, isWhole);
  const folded = members.map((member) => ({
    member,
    folded: foldMoves(holdingOf(holdings, member), member.moves, isWhole.has(member.key)),
  }));
  const short = folded.flatMap(({ member, folded: done }) => (done ? [] : [member]));
  const all = new Set(short.map(({ key }) => key));
  const whole = short.length === 0 ? undefined : await readHoldings(tx, part, short, all);
  const written = folded.map(({ member, folded: done }) => ({
    owner: member.owner,
    folded: done ?? (foldMoves(holdingOf(whole, member), member.moves, true) as Folded),
  }));
  await write(tx, part, written);
}

type MemberMoves = {
  readonly key: string;
  readonly owner: Owner;
  readonly moves: readonly Move[];
};
type OwnMove = { readonly owner: Owner; readonly move: Move };

/** What takes from no lot by name takes from whichever is next. */
function needsAll({ from, said, reverses }: Move): boolean {
  return (from === 'active' || from === 'pending') && !said['lot'] && reverses === null;
}

// Movements ---------------------------------------------------------------------------------------

type Transfer = {
  readonly id: string;
  readonly position: number;
  readonly points: number;
  readonly debit: Uuid;
  readonly credit: Uuid;
  readonly versions: readonly [number, number];
  readonly recordedAt: string;
  readonly effectiveAt: string;
  readonly reverses: string | null;
  readonly said: Readonly<Record<string, string>>;
};

type TransferData = {
  readonly amount: number;
  readonly payload: {
    readonly transfer_id: string;
    readonly debit_account_id: string;
    readonly credit_account_id: string;
    readonly debit_version: number;
    readonly credit_version: number;
    readonly recorded_at: string;
    readonly effective_at: string;
    readonly reverses_id: string | null;
    readonly metadata: Readonly<Record<string, string>> | null;
  };
};

function transferOf({ tenantPosition, body }: SealedEvent): Transfer {
  const { amount, payload } = (JSON.parse(body) as { data: TransferData }).data;
  return {
    id: payload.transfer_id,
    position: Number(tenantPosition),
    points: amount,
    debit: internalId('account', payload.debit_account_id) ?? '',
    credit: internalId('account', payload.credit_account_id) ?? '',
    versions: [payload.debit_version, payload.credit_version],
    recordedAt: payload.recorded_at,
    effectiveAt: payload.effective_at,
    reverses: payload.reverses_id,
    said: payload.metadata ?? {},
  };
}

/** One of a member's own, or one for each of two members; of no member, none. */
function movesIn(transfer: Transfer, accounts: ReadonlyMap<Uuid, Account>): OwnMove[] {
  const [from, to] = [accounts.get(transfer.debit), accounts.get(transfer.credit)];
  const owners = [from, to].flatMap((each) => (each && each.customer !== '' ? [each] : []));
  const [first, second] = owners;
  const isInner = first && second && ownerKey(first) === ownerKey(second);
  return (isInner ? [first] : owners).map(({ program, customer }) => {
    const owner = { program, customer };
    const isOwn = (account: Account | undefined) =>
      account?.program === program && account.customer === customer;
    const roles = { from: isOwn(from) ? from : undefined, to: isOwn(to) ? to : undefined };
    const counter = roles.from && roles.to ? null : ((roles.from ? to : from)?.role ?? null);
    const [debitVersion, creditVersion] = transfer.versions;
    const move = {
      transfer: transfer.id,
      ...{ position: transfer.position, points: transfer.points },
      ...{ recordedAt: transfer.recordedAt, effectiveAt: transfer.effectiveAt },
      from: (roles.from?.role ?? null) as MemberRole | null,
      to: (roles.to?.role ?? null) as MemberRole | null,
      counter,
      versions: {
        ...(roles.from ? { [roles.from.role]: debitVersion } : {}),
        ...(roles.to ? { [roles.to.role]: creditVersion } : {}),
      },
      ...{ reverses: transfer.reverses, said: transfer.said },
    };
    return { owner, move };
  });
}

async function readAccounts(
  tx: Tx,
  { tenant }: Part,
  transfers: readonly Transfer[],
): Promise<ReadonlyMap<Uuid, Account>> {
  const ids = [...new Set(transfers.flatMap(({ debit, credit }) => [debit, credit]))];
  const { rows } = await tx.query<
    Omit<Account, 'customer'> & { id: Uuid; customer: string | null }
  >(
    `select account_id as id, program, role, customer from loyalty.account
      where tenant_id = $1 and account_id = any ($2) and role = any ($3)`,
    [tenant, ids, pointsAccountRoles],
  );
  return new Map(rows.map(({ id, ...row }) => [id, { ...row, customer: row.customer ?? '' }]));
}

function ownerKey({ program, customer }: Owner): string {
  return `${program} ${customer}`;
}

// What they hold ----------------------------------------------------------------------------------

type Holdings = ReadonlyMap<string, Holding>;

function holdingOf(holdings: Holdings | undefined, { key }: MemberMoves): Holding {
  return holdings?.get(key) ?? { balances: noBalances, lots: new Map(), uses: new Map() };
}

/** Of the members in `whole` every lot with something left; of the others those that are named. */
async function readHoldings(
  tx: Tx,
  part: Part,
  members: readonly MemberMoves[],
  whole: ReadonlySet<string>,
): Promise<Holdings> {
  const holdings = new Map<string, Holding>();
  for (const { key, balances } of await readBalances(tx, part, members)) {
    holdings.set(key, { balances, lots: new Map(), uses: new Map() });
  }
  const moves = members.flatMap((member) => member.moves);
  const undone = named(moves, ({ said, reverses }) => [said['of'], reverses]);
  const uses = undone.length === 0 ? [] : await readUses(tx, part, undone);
  const lots = named(moves, ({ said, reverses }) => [said['lot'], reverses]);
  const ids = [...lots, ...uses.map(({ use }) => use.lot_id)];
  const owners = members.filter(({ key }) => whole.has(key)).map(({ owner }) => owner);
  for (const { key, lot } of await readLots(tx, part, { ids, owners })) {
    holdings.get(key)?.lots.set(lot.lot_id, lot);
  }
  for (const { key, use } of uses) {
    holdings.get(key)?.uses.set(useKey(use.transfer_id, use.lot_id), use);
  }
  return holdings;
}

function named(
  moves: readonly Move[],
  of: (move: Move) => readonly (string | null | undefined)[],
): string[] {
  return moves.flatMap(of).filter((each) => each !== undefined && each !== null);
}

async function readBalances(tx: Tx, part: Part, members: readonly MemberMoves[]) {
  const { rows } = await tx.query<Record<string, bigint | Date | string | null> & Owner>(
    `select s.* from unnest($3::text[], $4::text[]) as m(program, customer)
       join loyalty.standing s on s.tenant_id = $1 and s.generation = $2
        and s.program = m.program and s.customer = m.customer`,
    [part.tenant, part.generation, ...columnsOf(members.map(({ owner }) => owner))],
  );
  return rows.map((row) => {
    const { tenant_id: _t, generation: _g, program, customer, ...balances } = plain(row);
    const key = ownerKey({ program: String(program), customer: String(customer) });
    return { key, balances: balances as unknown as Balances };
  });
}

async function readLots(
  tx: Tx,
  part: Part,
  { ids, owners }: { readonly ids: readonly string[]; readonly owners: readonly Owner[] },
) {
  if (ids.length === 0 && owners.length === 0) return [];
  const { rows } = await tx.query<Record<string, bigint | Date | string | null>>(
    `select l.* from loyalty.lot l
      where l.tenant_id = $1 and l.generation = $2 and l.lot_id = any ($3)
     union
     select l.* from unnest($4::text[], $5::text[]) as m(program, customer)
       join loyalty.lot l on l.tenant_id = $1 and l.generation = $2
        and l.program = m.program and l.customer = m.customer
      where l.active > 0 or l.pending > 0`,
    [part.tenant, part.generation, [...new Set(ids)], ...columnsOf(owners)],
  );
  return rows.map((row) => {
    const { tenant_id: _t, generation: _g, program, customer, ...lot } = plain(row);
    const key = ownerKey({ program: String(program), customer: String(customer) });
    return { key, lot: lot as unknown as Lot };
  });
}

async function readUses(tx: Tx, part: Part, transfers: readonly string[]) {
  const { rows } = await tx.query<Record<string, bigint | Date | string | null>>(
    `select u.* from loyalty.lot_use u
      where u.tenant_id = $1 and u.generation = $2 and u.transfer_id = any ($3)`,
    [part.tenant, part.generation, [...new Set(transfers)]],
  );
  return rows.map((row) => {
    const { tenant_id: _t, generation: _g, program, customer, ...use } = plain(row);
    const key = ownerKey({ program: String(program), customer: String(customer) });
    return { key, use: use as unknown as Use };
  });
}

/** As the fold has it: numbers, and instants as events tell them. */
function plain(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (typeof value === 'bigint') return [name, Number(value)];
      return [name, value instanceof Date ? value.toISOString() : value];
    }),
  );
}

function columnsOf(owners: readonly Owner[]): [string[], string[]] {
  return [owners.map(({ program }) => program), owners.map(({ customer }) => customer)];
}

// Writing -----------------------------------------------------------------------------------------

type Written = { readonly owner: Owner; readonly folded: Folded };

async function write(tx: Tx, { tenant, generation }: Part, written: readonly Written[]) {
  const whole = (owner: Owner, row: object) => ({
    tenant_id: tenant,
    generation,
    ...owner,
    ...row,
  });
  const standings = written.map(({ owner, folded }) => whole(owner, folded.balances));
  const lots = written.flatMap(({ owner, folded }) => folded.lots.map((lot) => whole(owner, lot)));
  const uses = written.flatMap(({ owner, folded }) => folded.uses.map((use) => whole(owner, use)));
  await upsert(tx, 'standing', standings, {
    key: ['program', 'customer'],
    set: Object.keys(noBalances),
  });
  if (lots.length > 0) await upsert(tx, 'lot', lots, { key: ['lot_id'], set: lotChanges });
  if (uses.length === 0) return;
  await upsert(tx, 'lot_use', uses, { key: ['transfer_id', 'lot_id'], set: ['restored'] });
}

const lotChanges = [
  ...['spend_returned', 'returned', 'pending', 'active', 'settled', 'redeemed', 'expired'],
  ...['taken_back', 'forfeited', 'transferred', 'adjusted'],
];

async function upsert(
  tx: Tx,
  table: 'standing' | 'lot' | 'lot_use',
  rows: readonly object[],
  { key, set }: { readonly key: readonly string[]; readonly set: readonly string[] },
): Promise<void> {
  await tx.query(
    `insert into loyalty.${table}
     select * from jsonb_populate_recordset(null::loyalty.${table}, $1::jsonb)
     on conflict (tenant_id, generation, ${key.join(', ')}) do update set
       ${set.map((column) => `${column} = excluded.${column}`).join(', ')}`,
    [JSON.stringify(rows)],
  );
}
