// What a programme says of a transaction for which points are missing: what accrual has worked out
// for it, or else the rules that counted then, against what was given, in words for a customer.
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
import type { EarnedPart } from './accrual-page.ts';
import { evaluateEarning } from './program/evaluate.ts';
import { readPrograms } from './program/programs.ts';
import { findTier } from './tier-moves.ts';

/** What a transaction has earned by a claim, beside what it has earned by its kinds. */
export const claimKind = 'claim';

export const findingWords = {
  due: 'Points are due for it, and were not given.',
  given: 'All points for it were given.',
  excluded: 'The rules of the programme exclude it.',
  earns_nothing: 'By the rules of the programme it earns nothing.',
  sent_back: 'It was sent back, and so were its points.',
  before_programme: 'The programme had not begun when it was made.',
  under_way: 'Its points are on their way: somebody has to agree to them first.',
  of_campaign: 'What is missing is of a campaign, which gives as long as its budget lasts.',
} as const;
export type FindingWhy = keyof typeof findingWords;

export type Finding = {
  readonly why: FindingWhy;
  /** Of the exclusion, in the words of the programme. */
  readonly because: string | null;
  /** What the programme itself gives, what was given of it, and what is missing. */
  readonly earned: number;
  readonly given: number;
  readonly due: number;
  /**
   * Whether people are asked, however little it is: accrual may still give it, has worked it out in
   * shadow alone, or people have refused it before.
   */
  readonly for_people: boolean;
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
  const found = await claimedOf(tx, claimed);
  if (!found) return undefined;
  const { own, movement, isSentBack } = found;
  const rows = await readEarned(tx, claimed);
  const parts = rows.flatMap((row) => row.parts);
  const given = sumOf(parts.filter((part) => isOwn(part) && part.state === 'given'));
  const occurred_at = instantToText(movement.postedAt);
  const base = { because: null, given, for_people: isForPeople(rows), occurred_at };
  const evaluations = await evaluated(tx, claimed, own);
  if (evaluations.length === 0) {
    return { ...nothing, ...base, why: 'before_programme' };
  }
  const [first] = evaluations.toSorted((a, b) => b.earning.points - a.earning.points);
  assert(first, 'something was evaluated');
  const { earning, version } = first;
  // What accrual has worked out counts: a tier or a cap may be another by now.
  const worked = rows.length > 0 ? parts : evaluations.flatMap((each) => each.earning.parts);
  const earned = sumOf(worked.filter(isOwn));
  const told = {
    ...base,
    earned,
    due: Math.max(0, earned - given),
    spend: given > 0 ? 0 : earning.spend,
    expires_at: earning.expiresAt === null ? null : instantToText(earning.expiresAt),
    version: earning.version,
  };
  const lacks = rows.length === 0 ? worked : parts.filter(({ state }) => state !== 'given');
  const ofCampaigns = sumOf(lacks.filter((part) => !isOwn(part)));
  const why = whyOf({ ...told, earning, rows, isSentBack, ofCampaigns });
  const because = earning.excluded && exclusionTitle(version, earning.excluded);
  const due = why === 'due' ? told.due : 0;
  return { ...told, why, due, because: why === 'excluded' ? because : null };
}

/** What a campaign gives is taken from its budget, and from nothing else. */
function isOwn({ campaign }: { readonly campaign: string | null }): boolean {
  return campaign === null;
}

function sumOf(parts: readonly { readonly points: number }[]): number {
  return parts.reduce((sum, { points }) => sum + points, 0);
}

function isForPeople(rows: readonly EarnedRow[]): boolean {
  const isRefused = ({ parts, reason }: EarnedRow) =>
    reason === 'approval' && parts.some(({ state }) => state === 'refused');
  return rows.length === 0 || rows.some((row) => row.outcome === 'shadowed' || isRefused(row));
}

type Transaction = {
  readonly movement: Movement;
  /** Of the customer, by what it was. */
  readonly own: readonly Earns[];
  /** Whether it was reversed, or anything of it was sent back. */
  readonly isSentBack: boolean;
};

/** Undefined for what is no transaction of the customer's. */
export async function claimedOf(tx: Tx, claimed: Claimed): Promise<Transaction | undefined> {
  const found = await readMovement(tx, claimed.transfer);
  if (!found) return undefined;
  const { moved: movement, isUndone } = found;
  const around = await readSurroundings(tx, [movement]);
  const own = happeningsOf(movement, around).flatMap((each) =>
    each.what === 'earns' && each.customer === claimed.customer ? [each] : [],
  );
  const [first] = own;
  if (first === undefined) return undefined;
  return { movement, own, isSentBack: isUndone || (await hasReturns(tx, first.deal)) };
}

const nothing = { earned: 0, due: 0, spend: 0, expires_at: null, version: null };

type Judged = {
  readonly earned: number;
  readonly given: number;
  readonly earning: Earning;
  readonly rows: readonly EarnedRow[];
  readonly isSentBack: boolean;
  readonly ofCampaigns: number;
};

function whyOf({ earned, given, earning, rows, isSentBack, ofCampaigns }: Judged): FindingWhy {
  if (isSentBack) return 'sent_back';
  if (rows.some((row) => row.parts.some(({ state }) => state === 'asked' || state === 'waits'))) {
    return 'under_way';
  }
  if (earning.excluded !== null && earned === 0) return 'excluded';
  if (given < earned) return 'due';
  if (ofCampaigns > 0) return 'of_campaign';
  return earned === 0 ? 'earns_nothing' : 'given';
}

function exclusionTitle({ document }: CompiledProgram, id: string): string {
  const found = document.earn.exclusions.find((each) => each.id === id);
  return found?.title ?? 'It was made in another currency.';
}

type Evaluated = { readonly earning: Earning; readonly version: CompiledProgram };

/**
 * By the counters of now: what a cap has cut since then it cuts here as well. A tier that is held
 * since then alone counts for nothing.
 */
async function evaluated(
  tx: Tx,
  { program, customer }: Claimed,
  own: readonly Earns[],
): Promise<Evaluated[]> {
  const programs = await readPrograms(tx);
  const held = await findTier(tx, { program, customer });
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
    const tier = held && held.since.getTime() <= occurredAt ? held.tier : null;
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
  readonly reason: string | null;
  readonly parts: readonly EarnedPart[];
};

/** By accrual: what a claim of it has given is no part of what it is judged by. */
async function readEarned(tx: Tx, { program, transfer }: Claimed): Promise<EarnedRow[]> {
  const { rows } = await tx.query<EarnedRow>(
    `select outcome, reason, parts from loyalty.earned
      where tenant_id = core.current_tenant() and program = $1 and transfer_id = $2
        and kind <> $3 limit 10`,
    [program, transfer, claimKind],
  );
  return rows;
}

async function hasReturns(tx: Tx, deal: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from loyalty.returned
      where tenant_id = core.current_tenant() and deal = $1 and undone_by is null limit 1`,
    [deal],
  );
  return rowCount === 1;
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
