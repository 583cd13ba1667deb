// What a page of the log says to the programmes of a bank, and all that is read for it: in one
// look, before anything is given.
import type { SealedEvent, Tx } from '#core';
import { loadRollout, type Rollout, rolloutOf, type RolloutSettings } from '#policy';
import { keysOf } from './accrual-give.ts';
import { type Held, readHeld, readTiers } from './accrual-page.ts';
import { readRecorded, type Recorded } from './accrual-send.ts';
import {
  type Earns,
  type Happening,
  happeningsOf,
  movementOf,
  readMilestones,
  readSurroundings,
} from './earn-facts.ts';
import type { CompiledProgram } from './program/compile.ts';
import type { EarnFacts } from './program/earning.ts';
import { type Programs, readPrograms } from './program/programs.ts';

export type Seen = {
  readonly programs: Programs;
  readonly rollout: RolloutSettings;
  readonly happenings: readonly Happening[];
  readonly milestones: ReadonlyMap<string, number>;
};

/** What a programme has to look at, with all that was read for it. */
export type Sight = {
  readonly program: string;
  readonly candidates: readonly Candidate[];
  readonly recorded: ReadonlyMap<string, Recorded>;
  readonly held: Map<string, Held>;
  readonly tiers: ReadonlyMap<string, string>;
};

/** What may earn in a programme: by which version, and how far accrual may go on its own. */
export type Candidate = {
  readonly earns: Earns;
  readonly version: CompiledProgram;
  readonly facts: EarnFacts;
  readonly rollout: Rollout;
};

const accrualUseCase = 'loyalty-accrual';

/** In a setting of rollout: every one. */
const any = '*';

/** Undefined where nothing has happened that any programme could know of. In pipeline mode. */
export async function see(
  read: Tx,
  tenant: string,
  events: readonly SealedEvent[],
): Promise<Seen | undefined> {
  const all = events.map(movementOf);
  // None waits for another: they leave together.
  const [programs, rollout, around] = await Promise.all([
    readPrograms(read),
    loadRollout(read, tenant),
    readSurroundings(read, all),
  ]);
  if (programs.names.length === 0) return undefined;
  const units = new Set(
    programs.names.flatMap((name) => programs.inForce(name, Infinity)?.document.unit ?? []),
  );
  // Points that move earn no points.
  const movements = all.filter(({ currency }) => !units.has(currency));
  const happenings = movements.flatMap((each) => happeningsOf(each, around));
  if (happenings.length === 0) return undefined;
  const reached = happenings.flatMap((each) =>
    each.what === 'earns' && each.kind === 'balance_milestone' ? [each.movement] : [],
  );
  const milestones = await readMilestones(read, namesMilestones(programs) ? reached : []);
  return { programs, rollout, happenings, milestones };
}

/** What most programmes never ask is not looked up for each deposit. */
function namesMilestones(programs: Programs): boolean {
  return programs.names.some((name) => {
    const program = programs.inForce(name, Infinity);
    return program !== undefined && rewardsMilestones(program);
  });
}

function rewardsMilestones({ document: { earn } }: CompiledProgram): boolean {
  if (earn.rates.balance_milestone) return true;
  return earn.rules.some((rule) => JSON.stringify(rule.if ?? {}).includes('balance_milestone'));
}

export async function sightsOf(read: Tx, seen: Seen): Promise<Sight[]> {
  const earns = seen.happenings.filter((each) => each.what === 'earns');
  const sights: Sight[] = [];
  for (const program of seen.programs.names) {
    const possible = earns.flatMap((each) => candidateOf(seen, program, each) ?? []);
    if (possible.length === 0) continue;
    const keysIn = (each: Candidate) => keysOf(program, each.earns);
    const customers = [...new Set(possible.map(({ earns: { customer } }) => customer))];
    const [recorded, held, tiers] = await Promise.all([
      readRecorded(read, possible.flatMap(keysIn)),
      readHeld(read, { program, customers }),
      readTiers(read, { program, customers }),
    ]);
    // What was switched off meanwhile has happened all the same, where it stands on record.
    const candidates = possible.filter(
      (each) => each.rollout.mode !== 'off' || keysIn(each).some((key) => recorded.has(key)),
    );
    if (candidates.length === 0) continue;
    sights.push({ program, candidates, recorded, held, tiers });
  }
  return sights;
}

function candidateOf(
  { programs, rollout, milestones }: Seen,
  program: string,
  earns: Earns,
): Candidate | undefined {
  const { movement, kind, customer } = earns;
  const { postedAt: occurredAt, authorizedAt } = movement;
  const version = programs.versionFor(program, { occurredAt, authorizedAt });
  if (version === undefined) return undefined;
  const told = earns.facts(version.document.currency);
  const balance = milestones.get(movement.id);
  if (kind === 'balance_milestone' && (balance === undefined || !rewardsMilestones(version))) {
    return undefined;
  }
  const facts =
    balance !== undefined && kind === 'balance_milestone'
      ? { ...told, amount: balance, currency: movement.currency }
      : told;
  const place = { channel: facts.channel ?? any, product: program, cohort: any };
  const may = rolloutOf(rollout, { useCase: accrualUseCase, ...place, key: customer });
  return { earns, version, facts, rollout: may };
}
