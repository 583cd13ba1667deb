// What a programme says of a transaction for which points are missing: evaluated again by the rules
// that counted then, against what was given, in words that a customer reads.
import {
  assert,
  type Instant,
  instantFromText,
  instantToText,
  internalId,
  type Tx,
  type Uuid,
} from '#core';
import { readLines } from '#money';
import {
  type Earns,
  happeningsOf,
  type Movement,
  readMilestones,
  readSurroundings,
} from './earn-facts.ts';
import { countersOf } from './program/counters.ts';
import type { CompiledProgram } from './program/compile.ts';
import type { Earning } from './program/earning.ts';
import { evaluateEarning } from './program/evaluate.ts';
import { readPrograms } from './program/programs.ts';
import { findTier } from './tier-moves.ts';

export const findingWords = {
  due: 'Points are due for it, and were not given.',
  given: 'All points for it were given.',
  excluded: 'The rules of the programme exclude it.',
  earns_nothing: 'By the rules of the programme it earns nothing.',
  sent_back: 'It was sent back, and so were its points.',
  before_programme: 'The programme had not begun when it was made.',
  under_way: 'Its points are on their way: somebody has to agree to them first.',
} as const;
export type FindingWhy = keyof typeof findingWords;

export type Finding = {
  readonly why: FindingWhy;
  /** Of the exclusion, in the words of the programme. */
  readonly because: string | null;
  /** What the rules give, what was given, and what is missing. */
  readonly earned: number;
  readonly given: number;
  readonly due: number;
  /** Whether accrual has looked at it: what it has not, it may still give. */
  readonly seen: boolean;
  readonly spend: number;
  /** As the rules have it, wherever it is given late. */
  readonly expires_at: string | null;
  readonly version: string | null;
  readonly occurred_at: string;
};

export type Claimed = {
  readonly program: string;
  readonly customer: string;
  readonly transfer: string;
};

/** Undefined for what is no transaction of the customer's. */
export async function findingOf(tx: Tx, claimed: Claimed): Promise<Finding | undefined> {
  const movement = await readMovement(tx, claimed.transfer);
  if (!movement) return undefined;
  const around = await readSurroundings(tx, [movement.moved]);
  const own = happeningsOf(movement.moved, around).flatMap((each) =>
    each.what === 'earns' && each.customer === claimed.customer ? [each] : [],
  );
  if (own.length === 0) return undefined;
  const rows = await readEarned(tx, claimed);
  const occurred_at = instantToText(movement.moved.postedAt);
  const given = rows.reduce((sum, row) => sum + Number(row.points), 0);
  const base = { because: null, given, seen: rows.length > 0, occurred_at };
  const evaluations = await evaluated(tx, claimed, own);
  if (evaluations.length === 0) {
    return { ...nothing, ...base, why: 'before_programme' };
  }
  const earned = evaluations.reduce((sum, { earning }) => sum + earning.points, 0);
  const [first] = evaluations.toSorted((a, b) => b.earning.points - a.earning.points);
  assert(first, 'something was evaluated');
  const { earning, version } = first;
  const told = {
    ...base,
    earned,
    due: Math.max(0, earned - given),
    spend: given > 0 ? 0 : earning.spend,
    expires_at: earning.expiresAt === null ? null : instantToText(earning.expiresAt),
    version: earning.version,
  };
  const why = whyOf({ ...told, earning, rows, isUndone: movement.isUndone });
  const because = earning.excluded && exclusionTitle(version, earning.excluded);
  const due = why === 'due' ? told.due : 0;
  return { ...told, why, due, because: why === 'excluded' ? because : null };
}

const nothing = { earned: 0, due: 0, spend: 0, expires_at: null, version: null };

type Judged = {
  readonly earned: number;
  readonly given: number;
  readonly earning: Earning;
  readonly rows: readonly EarnedRow[];
  readonly isUndone: boolean;
};

function whyOf({ earned, given, earning, rows, isUndone }: Judged): FindingWhy {
  if (isUndone || rows.some((row) => Number(row.amount_back) > 0)) return 'sent_back';
  if (rows.some((row) => row.outcome === 'asked')) return 'under_way';
  if (earning.excluded !== null && earned === 0) return 'excluded';
  if (earned === 0) return 'earns_nothing';
  return given >= earned ? 'given' : 'due';
}

function exclusionTitle({ document }: CompiledProgram, id: string): string {
  const found = document.earn.exclusions.find((each) => each.id === id);
  return found?.title ?? 'It was made in another currency.';
}

type Evaluated = { readonly earning: Earning; readonly version: CompiledProgram };

/** By the counters of now: what a cap has cut since then it cuts here as well. */
async function evaluated(
  tx: Tx,
  { program, customer }: Claimed,
  own: readonly Earns[],
): Promise<Evaluated[]> {
  const programs = await readPrograms(tx);
  const tier = (await findTier(tx, { program, customer }))?.tier ?? null;
  const milestones = await readMilestones(
    tx,
    own.flatMap(({ kind, movement }) => (kind === 'balance_milestone' ? [movement] : [])),
  );
  const found: Evaluated[] = [];
  for (const each of own) {
    const { postedAt: occurredAt, authorizedAt } = each.movement;
    const version = programs.versionFor(program, { occurredAt, authorizedAt });
    if (version === undefined) continue;
    const balance = milestones.get(each.movement.id);
    const told = { ...each.facts(version.document.currency), tier };
    const isMilestone = each.kind === 'balance_milestone';
    if (isMilestone && balance === undefined) continue;
    const facts = isMilestone
      ? { ...told, amount: balance ?? 0, currency: each.movement.currency }
      : told;
    const used = await readUsed(tx, { program, customer }, [...countersOf(version, facts)]);
    found.push({ version, earning: evaluateEarning(version, facts, { used }) });
  }
  return found;
}

// Reading -----------------------------------------------------------------------------------------

type EarnedRow = {
  readonly outcome: string;
  readonly points: bigint;
  readonly amount_back: bigint;
};

async function readEarned(tx: Tx, { program, transfer }: Claimed): Promise<EarnedRow[]> {
  const { rows } = await tx.query<EarnedRow>(
    `select outcome, points, amount_back from loyalty.earned
      where tenant_id = core.current_tenant() and program = $1 and transfer_id = $2 limit 10`,
    [program, transfer],
  );
  return rows;
}

async function readUsed(
  tx: Tx,
  { program, customer }: Pick<Claimed, 'program' | 'customer'>,
  counters: readonly string[],
): Promise<Record<string, number>> {
  const { rows } = await tx.query<{ counter: string; used: bigint }>(
    `select counter, used from loyalty.counter
      where tenant_id = core.current_tenant() and program = $1 and customer = $2
        and counter = any ($3)`,
    [program, customer, counters],
  );
  return Object.fromEntries(rows.map(({ counter, used }) => [counter, Number(used)]));
}

async function readMovement(
  tx: Tx,
  transfer: string,
): Promise<{ readonly moved: Movement; readonly isUndone: boolean } | undefined> {
  const [line] = await readLines(tx, [internalId('transfer', transfer) ?? '']);
  if (!line || !['post', 'capture'].includes(line.kind)) return undefined;
  const moved: Movement = {
    id: line.id,
    ...{ tenant: '', position: 0n, command: internalId('command', line.command_id) ?? '' },
    ...{ leg: line.leg, debit: line.debit_account_id, credit: line.credit_account_id },
    ...{ amount: line.amount, currency: line.currency, metadata: line.metadata ?? {} },
    postedAt: instantFromText(line.recorded_at) ?? 0,
    authorizedAt: await heldAt(tx, line.hold_id),
    undoes: line.reverses_id,
  };
  return { moved, isUndone: line.reversed_by_id !== null };
}

async function heldAt(tx: Tx, hold: string | null): Promise<Instant | null> {
  const id: Uuid | undefined = hold === null ? undefined : internalId('hold', hold);
  if (id === undefined) return null;
  const { rows } = await tx.query<{ recorded_at: Date }>(
    'select recorded_at from money.transfer where tenant_id = core.current_tenant() and id = $1',
    [id],
  );
  return rows[0]?.recorded_at.getTime() ?? null;
}
