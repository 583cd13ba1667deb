// Accrual: what transactions earn, as the log tells of them. Each earns once, however often a page
// is read: its commands have keys of their own, and what they say on record counts.
import {
  assert,
  type Clock,
  type Consumer,
  Fault,
  instantToText,
  type SealedEvent,
  type Tx,
  withPipelinedTx,
} from '#core';
import type { Rollout } from '#policy';
import {
  look,
  openProgramAccounts,
  type ProgramAccounts,
  programAccounts,
  type SystemParts,
} from './accounts.ts';
import { type Given, give, keysOf, type PartGiven } from './accrual-give.ts';
import {
  type Counters,
  type EarnedRow,
  type Growth,
  type Held,
  readCounters,
  writeEarned,
  writeReturned,
} from './accrual-page.ts';
import { asRecorded } from './accrual-recorded.ts';
import { type Shadowed, tellShadowed } from './accrual-shadow.ts';
import type { Recorded } from './accrual-send.ts';
import { type Candidate, see, type Sight, sightsOf } from './accrual-sight.ts';
import { exactWorth } from './accrual-worth.ts';
import { wait } from './asked-budgets.ts';
import { askFor } from './asked.ts';
import { followedTypes } from './earn-facts.ts';
import { enrolled } from './members.ts';
import type { CompiledProgram } from './program/compile.ts';
import { countersOf } from './program/counters.ts';
import type { Earning } from './program/earning.ts';
import { evaluateEarning } from './program/evaluate.ts';

export type AccrualParts = SystemParts & {
  readonly clock: Clock;
  /** Is told of what cannot be worked out for one transaction, which stops no other. */
  readonly onError?: (error: unknown) => void;
};

/** Commands take their time, and the transaction of a consumer may not wait for ever. */
const eventsMax = 400;
/** Pages that are looked into at a time. */
const readersMax = 2;
/** Customers whose points are given at the same time. */
const togetherMax = 32;

export function accrual(parts: AccrualParts): Consumer {
  const accounts = accountsOnce(parts);
  return {
    name: 'loyalty-accrual',
    types: followedTypes,
    eventsMax,
    async apply(tx, events) {
      for (const [tenant, own] of Map.groupBy(events, (event) => event.tenant)) {
        await accrueTenant({ ...parts, accounts, tx, tenant }, own);
      }
    },
  };
}

type AccountsOf = (tenant: string, program: CompiledProgram) => Promise<ProgramAccounts>;

/** Accounts of a programme never change: they are looked up once in the life of a process. */
function accountsOnce(parts: SystemParts): AccountsOf {
  const known = new Map<string, ProgramAccounts>();
  return async (tenant, { document: { name: program, unit, currency } }) => {
    const found = known.get(`${tenant} ${program}`);
    if (found) return found;
    const accounts =
      (await look(parts, tenant, (tx) => programAccounts(tx, program))) ??
      (await openProgramAccounts(parts, tenant, { program, unit, currency }));
    if (known.size >= accountsKept) known.clear();
    known.set(`${tenant} ${program}`, accounts);
    return accounts;
  };
}

const accountsKept = 1_000;

type Bank = AccrualParts & {
  readonly accounts: AccountsOf;
  /** Of the checkpoint. */
  readonly tx: Tx;
  readonly tenant: string;
};

async function accrueTenant(bank: Bank, events: readonly SealedEvent[]): Promise<void> {
  const { tenant, tx } = bank;
  const looked = async (read: Tx) => {
    const seen = await see(read, tenant, events);
    const found = seen && { happenings: seen.happenings, sights: await sightsOf(read, seen) };
    return { result: found, send: () => [] };
  };
  const pool = bank.database.pipeline('read', readersMax);
  const found = await withPipelinedTx(pool, looked, { tenant, readOnly: true });
  if (found === undefined) return;
  const { happenings, sights } = found;
  for (const sight of sights) await accrueProgram(bank, sight);
  const deals = happenings.flatMap((each) => (each.what === 'earns' ? each.deal : []));
  await writeReturned(tx, tenant, { happenings, deals });
}

// One programme -----------------------------------------------------------------------------------

/** All that the candidates of a page share. */
type Page = Bank &
  Pick<Sight, 'held' | 'tiers' | 'recorded'> & {
    readonly program: ProgramAccounts;
    readonly counters: Counters;
    readonly rows: EarnedRow[];
    readonly growths: Growth[];
    readonly shadowed: Shadowed[];
  };

async function accrueProgram(bank: Bank, sight: Sight): Promise<void> {
  const { tx, tenant } = bank;
  const { program, candidates, ...read } = sight;
  const [first] = candidates;
  assert(first, 'a programme that has nothing to look at is left out');
  const page: Page = {
    ...bank,
    ...read,
    program: await bank.accounts(tenant, first.version),
    counters: await readCounters(tx, { tenant, program }, wantedCounters(candidates)),
    ...{ rows: [], growths: [], shadowed: [] },
  };
  const byCustomer = [...Map.groupBy(candidates, ({ earns: { customer } }) => customer).values()];
  await together(byCustomer, togetherMax, async (own) => {
    for (const each of own) await accrue(page, each);
  });
  await tellShadowed(page, page.shadowed);
  // In the order of the log, whoever was done first.
  const rows = [...page.rows].sort((a, b) => Number(BigInt(a.position) - BigInt(b.position)));
  await writeEarned(tx, tenant, { rows, growths: page.growths });
}

/** What was worked out in shadow has counters of its own: nobody has had those points. */
function counterName(counter: string, { mode }: Rollout): string {
  return mode === 'shadow' ? `shadow ${counter}` : counter;
}

function wantedCounters(candidates: readonly Candidate[]): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const { earns, version, facts, rollout } of candidates) {
    const own = wanted.get(earns.customer) ?? new Set();
    for (const each of countersOf(version, facts)) own.add(counterName(each, rollout));
    wanted.set(earns.customer, own);
  }
  return wanted;
}

// One transaction ---------------------------------------------------------------------------------

async function accrue(page: Page, candidate: Candidate): Promise<void> {
  const { earns, version, rollout } = candidate;
  const { customer, movement } = earns;
  const known = keysOf(page.program.program, earns).flatMap((key) => page.recorded.get(key) ?? []);
  const earning = workOut(page, candidate, known);
  if (earning === undefined) return;
  if (earning.points === 0) {
    // Of what was excluded people ask why.
    if (earning.excluded && earns.kind === 'purchase') {
      page.rows.push(rowOf(page, candidate, earning, { outcome: 'nothing', parts: [] }));
    }
    return;
  }
  count(page, candidate, earning);
  if (rollout.mode === 'shadow' && known.length === 0) {
    const parts = earning.parts.map((part) => ({ ...part, state: 'refused' as const, lots: [] }));
    page.rows.push(rowOf(page, candidate, earning, { outcome: 'shadowed', parts, points: 0 }));
    page.shadowed.push({ movement, kind: earns.kind, customer, earning });
    return;
  }
  const held = await heldBy(page, candidate, earning);
  if (held === undefined) return;
  const given: Given = {
    ...{ tenant: page.tenant, program: page.program, movement, kind: earns.kind, earning, held },
    pointValueMicros: version.document.point_value_micros,
    isAsked: !rollout.acts && known.length === 0,
    recorded: page.recorded,
  };
  const parts = await give(page, given);
  await askPeople(page, candidate, parts);
  const outcome = outcomeOf(parts);
  page.rows.push(rowOf(page, candidate, earning, { outcome, parts }));
}

/** Undefined where the rules break on it: then that is written down, and the page goes on. */
function workOut(
  page: Page,
  candidate: Candidate,
  known: readonly Recorded[],
): Earning | undefined {
  const { earns, version } = candidate;
  const facts = { ...candidate.facts, tier: page.tiers.get(earns.customer) ?? null };
  try {
    const used = usedOf(page, candidate);
    return asRecorded(evaluateEarning(version, facts, { used }), known);
  } catch (error) {
    const nothing = { parts: [], points: 0, spend: 0, excluded: null, trace: [], counted: {} };
    const lifeless = { ...nothing, maturesAt: null, expiresAt: null, version: version.version };
    leaveOut(page, candidate, { earning: lifeless, error, reason: 'not_worked_out' });
    return undefined;
  }
}

type LeftOut = { readonly earning: Earning; readonly error: unknown; readonly reason: string };

function leaveOut(page: Page, candidate: Candidate, { earning, error, reason }: LeftOut): void {
  page.onError?.(error);
  const parts = earning.parts.map((part) => ({
    ...{ ...part, state: 'refused' as const, lots: [], reason },
  }));
  page.rows.push({ ...rowOf(page, candidate, earning, { outcome: 'refused', parts }), reason });
}

function usedOf(page: Page, { earns, rollout }: Candidate): Readonly<Record<string, number>> {
  const own = page.counters.get(earns.customer) ?? {};
  if (rollout.mode !== 'shadow') return own;
  const prefix = counterName('', rollout);
  return Object.fromEntries(
    Object.entries(own).flatMap(([name, used]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), used]] : [],
    ),
  );
}

/** What the next transaction of the page has to know of this one. */
function count(page: Page, { earns, rollout }: Candidate, { counted }: Earning): void {
  const { customer } = earns;
  const own = page.counters.get(customer) ?? {};
  const named: Record<string, number> = {};
  for (const [counter, by] of Object.entries(counted)) {
    const name = counterName(counter, rollout);
    own[name] = (own[name] ?? 0) + by;
    named[name] = by;
  }
  page.counters.set(customer, own);
  page.growths.push({ program: page.program.program, customer, counted: named });
}

/** Whoever earns for the first time is a member from then on; undefined for who cannot be one. */
async function heldBy(
  page: Page,
  candidate: Candidate,
  earning: Earning,
): Promise<Held | undefined> {
  const { customer } = candidate.earns;
  const known = page.held.get(customer);
  if (known) return known;
  const { program } = page.program;
  try {
    const member = await enrolled(page, { tenant: page.tenant, program, customer });
    const held = { member, active: 0, pending: 0, owed: 0 };
    page.held.set(customer, held);
    return held;
  } catch (error) {
    // What another try may do away with is tried again with the page.
    if (!(error instanceof Fault) || error.retryable) throw error;
    leaveOut(page, candidate, { earning, error, reason: 'not_enrolled' });
    return undefined;
  }
}

/** Asks for approvals of what waits for people, and puts what waits for a budget in its line. */
async function askPeople(
  page: Page,
  { earns: { movement, kind, customer } }: Candidate,
  parts: readonly PartGiven[],
): Promise<void> {
  const { tenant, tx } = page;
  const { program } = page.program;
  for (const [part, { state, input, points, campaign }] of parts.entries()) {
    if (input === undefined) continue;
    const of = { program, transfer_id: movement.id, kind, part };
    if (state === 'waits' && campaign !== null) {
      const { position } = movement;
      await wait(tx, { tenant, input, of: { ...of, campaign, customer, points, position } });
    } else {
      const what = `${points} points of ${program}, ${kind} ${movement.id}`;
      await askFor(page, tx, { tenant, input, of, what });
    }
  }
}

function outcomeOf(parts: readonly PartGiven[]): EarnedRow['outcome'] {
  const has = (state: PartGiven['state']) => parts.some((part) => part.state === state);
  if (has('given')) return 'earned';
  return has('asked') || has('waits') ? 'asked' : 'refused';
}

type Became = Pick<EarnedRow, 'outcome'> & {
  readonly parts: readonly (Omit<PartGiven, 'reason'> & { readonly reason?: string | null })[];
  readonly points?: number;
};

function rowOf(
  { tenant, program }: Page,
  { earns: { movement, kind, deal, customer } }: Candidate,
  earning: Earning,
  { outcome, parts, points }: Became,
): EarnedRow {
  const given = parts.filter(({ state }) => state === 'given');
  const sum = given.reduce((total, part) => total + part.points, 0);
  const reason = parts.find((part) => part.reason)?.reason ?? earning.excluded;
  return {
    ...{ tenant_id: tenant, program: program.program, transfer_id: movement.id, kind, deal },
    ...{ customer, outcome, reason: reason ?? null, amount: movement.amount },
    spend: earning.spend,
    points: points ?? sum,
    exact: exactWorth(earning, sum),
    parts: parts.map(({ points: of, campaign, rules, state, lots }) => ({
      ...{ points: of, campaign, rules, state, lots },
    })),
    version: earning.version,
    earned_at: instantToText(movement.postedAt),
    position: String(movement.position),
  };
}

/** Works on so many of them at a time. */
async function together<Item>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  const one = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  const all = await Promise.allSettled(Array.from({ length: Math.min(most, items.length) }, one));
  const failed = all.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
}
