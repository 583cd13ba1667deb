// What the clock does to points: what was pending becomes active, what is over expires. A member's
// lots that are due go together, by what was seen of his accounts: several processes do it once.
import { type Clock, dueRounds, generationSql, instantToText, type Tx } from '#core';
import {
  look,
  type ProgramAccounts,
  programAccounts,
  type SystemParts,
  systemOf,
} from './accounts.ts';
import { send } from './accrual-send.ts';
import { type Member, readMember } from './members.ts';
import { expireCommand, matureCommand, type Take } from './points.ts';
import { lotProjection } from './projection.ts';
import { readStanding, type Standing } from './standing.ts';

export type ClockworkParts = SystemParts & {
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

type DueLot = {
  readonly tenant: string;
  readonly id: string;
  readonly program: string;
  readonly customer: string;
  readonly due_at: Date;
};

/** What the clock does, and to which lots. */
type Work = {
  readonly word: 'mature' | 'expire';
  readonly column: 'matures_at' | 'expires_at';
  readonly isOpen: string;
};

const works: readonly Work[] = [
  { word: 'mature', column: 'matures_at', isOpen: 'pending > 0' },
  { word: 'expire', column: 'expires_at', isOpen: '(active > 0 or pending > 0)' },
];

const pageSize = 200;
/** Of a member, at once: a journal has room for them. */
const lotsMax = 200;
const generation = generationSql(`'${lotProjection.name}'`);

/** Answers what does all that is due by now, in its order: what expires has matured before. */
export function clockwork(parts: ClockworkParts): () => Promise<number> {
  const rounds = works.map((work) => roundOf(parts, work));
  return async () => {
    let done = 0;
    for (const round of rounds) done += await round();
    return done;
  };
}

function roundOf(parts: ClockworkParts, work: Work): () => Promise<number> {
  const { clock, onError, database } = parts;
  /** Of a page: whoever has several lots is looked at once. */
  let members = new Map<string, Promise<boolean>>();
  return dueRounds<DueLot>({
    ...{ now: () => clock.now(), onError, pageSize },
    async readPage(after) {
      members = new Map();
      const { rows } = await database.pool('app').query<DueLot>(
        `select tenant_id as tenant, lot_id as id, program, customer, ${work.column} as due_at
           from loyalty.lot
          where ${work.isOpen} and generation = ${generation} and ${work.column} <= $1
            and (${work.column}, lot_id) > ($2::timestamptz, $3)
          order by ${work.column}, lot_id limit ${pageSize}`,
        [instantToText(clock.now()), after?.due_at ?? '-infinity', after?.id ?? ''],
      );
      return rows;
    },
    perform(lot, isAgain) {
      const name = `${lot.tenant} ${lot.program} ${lot.customer}`;
      const known = members.get(name);
      if (known) return known;
      const working = perform(parts, work, { lot, isAgain });
      members.set(name, working);
      return working;
    },
  });
}

type Due = { readonly lot: DueLot; readonly isAgain: boolean };

/** False where policy says no, and where the points live on: both are looked at again later. */
async function perform(parts: ClockworkParts, work: Work, due: Due): Promise<boolean> {
  const { tenant } = due.lot;
  const now = parts.clock.now();
  const found = await look(parts, tenant, (tx) => readDue(tx, work, { ...due.lot, now }));
  if (found === undefined) return true;
  const { lots, standing, member, accounts } = found;
  if (lots.length === 0) return false;
  const { active_version, pending_version } = standing;
  const again = due.isAgain ? ` ${instantToText(now)}` : '';
  const { program, customer } = member;
  // A blank, which no caller can send. Another process that sees the same sends the same.
  const versions = `${active_version}.${pending_version}`;
  const key = `${work.word} ${program} ${customer} ${versions}${again}`;
  const { active, pending } = member.accounts;
  const isTouched = (from: string) => lots.some((each) => each.from === from);
  const moving = {
    ...{ by: systemOf(tenant), key, program: accounts, member, reason: reasons[work.word] },
    lots,
    expects: {
      ...(isTouched('active') ? { [active]: active_version } : {}),
      ...(isTouched('pending') ? { [pending]: pending_version } : {}),
    },
  };
  const { outcome } = await send(
    parts,
    work.word === 'mature'
      ? matureCommand({ ...moving, owed: standing.owed })
      : expireCommand(moving),
  );
  if (outcome.status === 'accepted') return true;
  // The member has moved meanwhile: there is another turn when that is folded.
  return outcome.code === 'account_changed' || outcome.code === 'insufficient_funds';
}

const reasons = { mature: 'waited', expire: 'time_is_over' } as const;

type Found = {
  readonly lots: readonly (Take & { readonly lot: string })[];
  readonly standing: Standing;
  readonly member: Member;
  readonly accounts: ProgramAccounts;
};

type LotRow = {
  readonly lot_id: string;
  readonly active: bigint;
  readonly pending: bigint;
};

/** Undefined where nothing is due any more. */
async function readDue(
  tx: Tx,
  { word, column, isOpen }: Work,
  { program, customer, now }: DueLot & { readonly now: number },
): Promise<Found | undefined> {
  const { rows } = await tx.query<LotRow>(
    `select lot_id, active, pending from loyalty.lot
      where tenant_id = core.current_tenant() and generation = ${generation} and program = $1
        and customer = $2 and ${isOpen} and ${column} <= $3
      order by ${column}, lot_id limit ${lotsMax}`,
    [program, customer, instantToText(now)],
  );
  const member = await readMember(tx, program, customer);
  const accounts = await programAccounts(tx, program);
  if (rows.length === 0 || !member || !accounts) return undefined;
  const standing = await readStanding(tx, program, customer, { at: now });
  const lots = rows.map((row) => ({
    lot: row.lot_id,
    ...{ active: Number(row.active), pending: Number(row.pending) },
  }));
  if (word === 'mature') {
    const takes = lots.map(({ lot, pending: points }) => ({
      lot,
      points,
      from: 'pending' as const,
    }));
    return { lots: takes, standing, member, accounts };
  }
  // Where a programme counts from what was done last, what was earned long ago lives on.
  const { kept_until: kept } = standing;
  const isKept = kept !== null && Date.parse(kept) > now;
  const takes = lots.flatMap(({ lot, active, pending }) => [
    ...(active > 0 ? [{ lot, points: active, from: 'active' as const }] : []),
    ...(pending > 0 ? [{ lot, points: pending, from: 'pending' as const }] : []),
  ]);
  return { lots: isKept ? [] : takes, standing, member, accounts };
}
