// Every day by itself, and when somebody asks: each programme's liability is worked out and posted,
// and members are told of what concerns them.
import {
  type Clock,
  type Instant,
  instantFromText,
  localTime,
  startOfDay,
  listTenants,
} from '#core';
import type { CompiledProgram } from '../program/compile.ts';
import { programsInForce } from '../program/versions.ts';
import { look } from '../accounts.ts';
import { carryOutRun, type RunParts } from './carry-out.ts';
import { tellMembers } from './nightly.ts';
import { lastRun } from './record.ts';
import { termsOf } from './report.ts';
import { openRequests } from './views.ts';

export type DailyParts = RunParts & {
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

/** After midnight, so that what was posted before it is folded. */
const settleMs = 120_000;
/** Programmes and tenants whose day is done, remembered; the ledger remembers runs itself. */
const doneMax = 10_000;

/** Answers what takes stock of all tenants once, and says how much was done by it. */
export function liabilityKeeper(parts: DailyParts): () => Promise<number> {
  const done = new Map<string, Instant>();
  return async () => {
    let count = 0;
    for (const tenant of await listTenants(parts.database.pool('policy'))) {
      try {
        count += await keepTenant(parts, tenant, done);
      } catch (error) {
        parts.onError(error);
      }
    }
    return count;
  };
}

async function keepTenant(
  parts: DailyParts,
  tenant: string,
  done: Map<string, Instant>,
): Promise<number> {
  const now = parts.clock.now();
  const { programs, requests } = await look(parts, tenant, async (tx) => ({
    programs: await programsInForce(tx, now),
    requests: await openRequests(tx),
  }));
  let count = 0;
  for (const program of programs) {
    const { name } = program.document;
    const asked = requests.filter((each) => each.program === name).map(({ as_of }) => as_of);
    try {
      count += await keepProgram(parts, { tenant, program, now }, { asked, done });
    } catch (error) {
      // What fails of one programme keeps no other waiting.
      parts.onError(error);
    }
  }
  return count;
}

type Keeping = {
  readonly tenant: string;
  readonly program: CompiledProgram;
  readonly now: Instant;
};

async function keepProgram(
  parts: DailyParts,
  { tenant, program, now }: Keeping,
  { asked, done }: { readonly asked: readonly string[]; readonly done: Map<string, Instant> },
): Promise<number> {
  let count = 0;
  for (const asOf of await instantsDue(parts, { tenant, program, now }, asked)) {
    if (await carryOutRun(parts, { tenant, program, asOf })) count += 1;
  }
  const today = startOfToday(program, now);
  const key = `${tenant} ${program.document.name}`;
  if (done.get(key) === today || now < today + settleMs) return count;
  count += await tellMembers(parts, { tenant, program, at: now });
  if (done.size >= doneMax) done.clear();
  done.set(key, today);
  return count;
}

/** As of which instants there should be a run and is none: the earliest first. */
async function instantsDue(
  parts: DailyParts,
  { tenant, program, now }: Keeping,
  asked: readonly string[],
): Promise<readonly Instant[]> {
  const terms = termsOf(program.document);
  if (!terms) return [];
  const { name, time_zone: timeZone } = program.document;
  const last = await look(parts, tenant, (tx) => lastRun(tx, name));
  const today = startOfToday(program, now);
  const month = startOfDay(`${localTime(now, timeZone).date.slice(0, 8)}01`, timeZone);
  const regular = terms.posted === 'monthly' ? month : today;
  const wanted = [regular, ...asked.map((each) => instantFromText(each) ?? 0)];
  const isDue = (at: Instant) => (last?.as_of.getTime() ?? 0) < at && now >= at;
  const isSettled = (at: Instant) => at !== regular || now >= at + settleMs;
  const due = wanted.filter((at) => isDue(at) && isSettled(at));
  // A run that was not posted yet is gone on with.
  const open = last && last.status === null ? [last.as_of.getTime()] : [];
  return [...new Set([...open, ...due])].sort((one, other) => one - other);
}

function startOfToday({ document: { time_zone: timeZone } }: CompiledProgram, now: Instant) {
  return startOfDay(localTime(now, timeZone).date, timeZone);
}
