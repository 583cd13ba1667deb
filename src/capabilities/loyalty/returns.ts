// Returns: what a refund, a return, a chargeback or a reversal takes of the points of its purchase,
// and what a chargeback that was contested gives again. Each purchase is brought to where its
// returns leave it, so that neither their order nor their number matters.
import { type Clock, type CommandInput, dueRounds, type Json, type Tx, withTx } from '#core';
import {
  type ProgramAccounts,
  programAccounts,
  look,
  type SystemParts,
  systemOf,
} from './accounts.ts';
import { isRejected, readBegun, send } from './accrual-send.ts';
import { keptPoints } from './accrual-worth.ts';
import { askFor } from './asked.ts';
import { owing } from './members.ts';
import { earnCommand, takeBackCommand } from './points.ts';
import type { Program } from './program/program.ts';
import { readProgramInForce } from './program/versions.ts';
import { restSettling, settledBy } from './returns-asked.ts';
import { backOf, readDeal, seeDeal } from './returns-deal.ts';
import {
  lockEarned,
  readHolding,
  type Settled,
  type Unsettled,
  writeSettled,
} from './returns-page.ts';
import { type Holding, takesOf } from './returns-takes.ts';

export type ReturnParts = SystemParts & {
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

type Item = { readonly tenant: string; readonly id: string } & Pick<
  Unsettled,
  'program' | 'transfer_id' | 'kind'
>;

const pageSize = 50;

/** Answers what settles all that is not settled yet; that answers how many it has looked at. */
export function settling(parts: ReturnParts): () => Promise<number> {
  const pool = parts.database.pool('app');
  return dueRounds<Item>({
    ...{ now: () => parts.clock.now(), onError: parts.onError, pageSize },
    async readPage(after) {
      const { rows } = await pool.query<Omit<Item, 'id'>>(
        `select tenant_id as tenant, program, transfer_id, kind from loyalty.earned
          where unsettled and (tenant_id, program, transfer_id, kind) > ($1, $2, $3, $4)
          order by tenant_id, program, transfer_id, kind limit ${pageSize}`,
        [after?.tenant ?? '', after?.program ?? '', after?.transfer_id ?? '', after?.kind ?? ''],
      );
      return rows.map((row) => ({ ...row, id: `${row.program} ${row.transfer_id} ${row.kind}` }));
    },
    perform: (item, isAgain) => withTx(pool, (tx) => settle(parts, tx, { item, isAgain })),
  });
}

type Settling = { readonly item: Item; readonly isAgain: boolean };

/** False where policy says no; what has to wait for the log to be folded is asked for again. */
async function settle(parts: ReturnParts, tx: Tx, { item, isAgain }: Settling): Promise<boolean> {
  const { tenant, program } = item;
  // Another process that has it settles it.
  const locked = await lockEarned(tx, item);
  if (locked === undefined || locked.outcome === 'asked') return true;
  const now = parts.clock.now();
  const document = await look(parts, tenant, (read) => readProgramInForce(read, program, now));
  const accounts = await look(parts, tenant, (read) => programAccounts(read, program));
  const holding = await readHolding(tx, locked);
  if (document === undefined || accounts === undefined || holding === undefined) return true;
  const deal = await readDeal(tx, locked);
  const { currency } = document;
  const of = { deal: locked.deal, customer: locked.customer, currency };
  const seen = await look(parts, tenant, (read) => seeDeal(read, deal, of));
  const { amount: back, leftOut: left_out } = backOf(locked, seen);
  const row = { ...locked, left_out };
  const target = targetOf(row, document, back);
  const prefix = `return ${item.id} ${row.settlements}`;
  // Behind what was read of the member: what is on record is in that, or has changed it since.
  const begun = await readBegun(parts, tenant, prefix);
  const done = begun.find(({ outcome }) => outcome.status === 'accepted');
  if (done) {
    const settled = settledBy(done.id, done.body);
    const isBehind = settled.amountBack !== target.amountBack;
    await writeSettled(tx, row, { ...settled, isBehind });
    return true;
  }
  // What was asked of people for another target is another command.
  const sight = `${target.amountBack} ${holding.active_version}.${holding.pending_version}`;
  const key = `${prefix} ${sight}${isAgain ? ` ${now}` : ''}`;
  const making = { tenant, row, document, accounts, holding, target, key };
  const input = await commandOf(parts, making);
  if (input === undefined) {
    await writeSettled(tx, row, { ...target, taken: 0, lots: [] });
    return true;
  }
  const { id, outcome, body } = await send(parts, input);
  if (outcome.status === 'accepted') {
    await writeSettled(tx, row, settledBy(id, body));
    return true;
  }
  if (isRejected(outcome, 'policy_review') && target.pointsBack < row.points_taken) {
    await askPeople(parts, tx, making);
    return true;
  }
  // The member has moved meanwhile: there is another turn when that is folded.
  return outcome.code === 'account_changed' || outcome.code === 'insufficient_funds';
}

/** Of what is given again; what is taken is housekeeping, and nobody is asked for it. */
async function askPeople(parts: ReturnParts, tx: Tx, making: Making): Promise<void> {
  const { tenant, row } = making;
  const { program, transfer_id, kind, settlements: part } = row;
  // What people have to agree to first pays for nothing: what is owed may be another by then.
  const input = givingAgain({ ...making, holding: { ...making.holding, owed: 0 } });
  const points = row.points_taken - making.target.pointsBack;
  const what = `${points} points of ${program} again, ${kind} ${transfer_id} was contested`;
  await askFor(parts, tx, { tenant, input, of: { program, transfer_id, kind, part }, what });
  await restSettling(tx, row);
}

/** Where the returns of a purchase leave it. */
type Target = Pick<Settled, 'amountBack' | 'pointsBack'>;

function targetOf(row: Unsettled, { earn }: Program, back: number): Target {
  const kept = keptPoints(row, { amount: row.amount, back }, earn.rounding);
  return { amountBack: back, pointsBack: row.points - kept };
}

type Making = {
  readonly tenant: string;
  readonly row: Unsettled;
  readonly document: Program;
  readonly accounts: ProgramAccounts;
  readonly holding: Holding;
  readonly target: Target;
  readonly key: string;
};

async function commandOf(
  parts: ReturnParts,
  making: Making,
): Promise<CommandInput<Json> | undefined> {
  const { row, target } = making;
  if (target.pointsBack > row.points_back) return taking(parts, making);
  return target.pointsBack < row.points_taken ? givingAgain(making) : undefined;
}

async function taking(
  parts: ReturnParts,
  { tenant, row, document, accounts, holding, target, key }: Making,
): Promise<CommandInput<Json> | undefined> {
  const points = target.pointsBack - row.points_back;
  const takes = takesOf(holding, { policy: document.returns, points });
  const [first, ...others] = takes;
  if (first === undefined) return undefined;
  const { program, customer } = row;
  const isOwing = takes.some(({ from }) => from === 'owed');
  const member = isOwing ? await owing(parts, { tenant, program, customer }) : holding.member;
  const { active, pending } = member.accounts;
  const isTouched = (from: string) => takes.some((each) => each.from === from);
  const spend = spendBack(row, target.amountBack) - spendBack(row, row.amount_back);
  const input = takeBackCommand({
    ...{ by: systemOf(tenant), key, program: accounts, member, reason: 'returned' },
    source: row.transfer_id,
    takes: [spend > 0 ? { ...first, spend } : first, ...others],
    expects: {
      ...(isTouched('active') ? { [active]: holding.active_version } : {}),
      ...(isTouched('pending') ? { [pending]: holding.pending_version } : {}),
    },
  });
  return noted(input, target);
}

/** What a return has taken and was then undone; points that nobody had are not given either. */
function givingAgain({ tenant, row, document, accounts, holding, target, key }: Making) {
  const points = row.points_taken - target.pointsBack;
  const [lot] = holding.lots;
  const spend = spendBack(row, row.amount_back) - spendBack(row, target.amountBack);
  const input = earnCommand({
    ...{ by: systemOf(tenant), key, program: accounts, member: holding.member },
    ...{ reason: 'return_undone', source: row.transfer_id },
    gifts: [
      {
        ...{ points, to: 'active', rules: row.parts.flatMap(({ rules }) => [...rules]) },
        expiresAt: lot?.expires_at ?? null,
        ...(spend > 0 ? { spend } : {}),
      },
    ],
    owed: holding.owed,
    facts: {
      customerPoints: holding.active + holding.pending - holding.owed,
      pointValueMicros: document.point_value_micros,
    },
  });
  return noted(input, target);
}

function spendBack({ spend, amount }: Unsettled, back: number): number {
  return Number((BigInt(spend) * BigInt(back)) / BigInt(Math.max(1, amount)));
}

/** Whoever finds the command on record knows how far it has settled its purchase. */
function noted(input: CommandInput<Json>, target: Target): CommandInput<Json> {
  const { amountBack: amount_back, pointsBack: points_back } = target;
  const metadata = { amount_back: String(amount_back), points_back: String(points_back) };
  return { ...input, body: { ...(input.body as Record<string, Json>), metadata } };
}
