// Lots as a pure fold: whatever is done in whatever order, every point is somewhere, once.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Balances,
  type Folded,
  foldMoves,
  type Holding,
  type Lot,
  lotParts,
  type MemberRole,
  type Move,
  noBalances,
  type Use,
  useKey,
} from './lots.ts';

const dayMs = 86_400_000;
const start = Date.parse('2026-01-05T09:00:00Z');
const at = (days: number) => new Date(start + days * dayMs).toISOString();

type Sides = readonly [from: string, to: string];
const own: ReadonlySet<string> = new Set(['active', 'pending', 'owed']);

/** A ledger of one member, which refuses what the real one refuses, and a fold beside it. */
function ledger() {
  const balances: Record<string, number> = { active: 0, pending: 0, owed: 0 };
  const versions: Record<string, number> = { active: 0, pending: 0, owed: 0 };
  let holding: Holding = { balances: noBalances, lots: new Map(), uses: new Map() };
  const moves: Move[] = [];
  return {
    balances,
    moves,
    holding: () => holding,
    lots: () => [...holding.lots.values()],
    lot: (id: string) => holding.lots.get(id) as Lot,
    /** Answers the id of the transfer, or nothing where the ledger refuses it. */
    move([from, to]: Sides, points: number, said: Record<string, string> = {}, day = 0) {
      const lacks =
        (own.has(from) && from !== 'owed' && balances[from]! < points) ||
        (to === 'owed' && balances['owed']! < points);
      if (lacks) return undefined;
      const count = moves.length + 1;
      for (const side of [from, to]) if (own.has(side)) versions[side]! += 1;
      if (own.has(from)) balances[from]! += from === 'owed' ? points : -points;
      if (own.has(to)) balances[to]! += to === 'owed' ? -points : points;
      const roleOf = (side: string) => (own.has(side) ? (side as MemberRole) : null);
      const isInner = own.has(from) && own.has(to);
      const move: Move = {
        ...{ transfer: `trf_${count}`, position: count, points, said, reverses: null },
        ...{ recordedAt: at(day), effectiveAt: at(day) },
        ...{ from: roleOf(from), to: roleOf(to) },
        counter: isInner ? null : own.has(from) ? to : from,
        versions: { ...versions },
      };
      moves.push(move);
      holding = joined(holding, foldMoves(holding, [move], true) as Folded);
      return move.transfer;
    },
  };
}

function joined(before: Holding, { balances, lots, uses }: Folded): Holding {
  return {
    balances,
    lots: new Map([...before.lots, ...lots.map((lot) => [lot.lot_id, lot] as const)]),
    uses: new Map([
      ...before.uses,
      ...uses.map((use) => [useKey(use.transfer_id, use.lot_id), use] as const),
    ]),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** What holds of every member at every instant. */
function checkConserved({ balances, holding }: ReturnType<typeof ledger>): void {
  const { lots, uses, balances: told } = holding();
  for (const lot of lots.values()) {
    assert.equal(sum(lotParts.map((part) => lot[part])), lot.points, lot.lot_id);
    for (const part of lotParts) assert.ok(lot[part] >= 0, `${lot.lot_id} ${part}`);
  }
  const all = [...lots.values()];
  assert.equal(sum(all.map(({ active }) => active)), balances['active']);
  assert.equal(sum(all.map(({ pending }) => pending)), balances['pending']);
  const { active, pending, owed } = told;
  assert.deepEqual({ active, pending, owed }, balances);
  for (const lot of all) {
    const of = [...uses.values()].filter(({ lot_id }) => lot_id === lot.lot_id);
    const used = sum(of.filter(({ kind }) => kind !== 'restored').map((use) => use.points));
    const back = sum(of.filter(({ kind }) => kind === 'restored').map((use) => use.points));
    const restored = sum(of.map((use) => use.restored));
    assert.equal(back, restored);
    assert.equal(used - back, lot.points - lot.active - lot.pending, lot.lot_id);
  }
}

describe('what a movement makes of lots', () => {
  test('what expires first is spent first, and of one expiry what is older', () => {
    const member = ledger();
    const late = member.move(['issued', 'active'], 100, { expires_at: at(60) })!;
    const never = member.move(['issued', 'active'], 100)!;
    const soon = member.move(['issued', 'active'], 100, { expires_at: at(30) })!;
    const twin = member.move(['issued', 'active'], 100, { expires_at: at(30) })!;
    member.move(['active', 'redeemed'], 250);
    const left = [soon, twin, late, never].map((id) => member.lot(id).active);
    assert.deepEqual(left, [0, 0, 50, 100]);
    checkConserved(member);
  });

  test('points whose time is over are left for their expiry, which takes them', () => {
    const member = ledger();
    const over = member.move(['issued', 'active'], 100, { expires_at: at(10) })!;
    const good = member.move(['issued', 'active'], 100, { expires_at: at(30) })!;
    member.move(['active', 'redeemed'], 80, {}, 20);
    assert.deepEqual([member.lot(over).active, member.lot(good).active], [100, 20]);
    member.move(['active', 'expired'], 100, { lot: over }, 20);
    assert.deepEqual([member.lot(over).expired, member.lot(good).active], [100, 20]);
    checkConserved(member);
  });

  test('the very instant of its expiry is too late for a lot', () => {
    const member = ledger();
    const over = member.move(['issued', 'active'], 10, { expires_at: at(10) })!;
    const good = member.move(['issued', 'active'], 10)!;
    member.move(['active', 'redeemed'], 10, {}, 10);
    assert.deepEqual([member.lot(over).active, member.lot(good).active], [10, 0]);
  });

  test('a lot that is named gives what it has, and the others the rest', () => {
    const member = ledger();
    const first = member.move(['issued', 'active'], 100, { expires_at: at(30) })!;
    const named = member.move(['issued', 'active'], 100, { expires_at: at(60) })!;
    member.move(['active', 'redeemed'], 30, { lot: named });
    assert.deepEqual([member.lot(first).active, member.lot(named).active], [100, 70]);
    member.move(['active', 'issued'], 90, { lot: named, spend: '4500' });
    assert.deepEqual([member.lot(first).active, member.lot(named).active], [80, 0]);
    const { returned, spend_returned, taken_back } = member.lot(named);
    assert.deepEqual([returned, spend_returned, taken_back], [90, 4500, 70]);
    checkConserved(member);
  });

  test('a redemption sent back gives its lots their points, with the expiry that they had', () => {
    const member = ledger();
    const soon = member.move(['issued', 'active'], 100, { expires_at: at(30) })!;
    const late = member.move(['issued', 'active'], 100, { expires_at: at(60) })!;
    const redeemed = member.move(['active', 'redeemed'], 150)!;
    member.move(['redeemed', 'active'], 70, { of: redeemed }, 40);
    // What was taken last comes back first.
    assert.deepEqual([member.lot(soon).active, member.lot(late).active], [20, 100]);
    assert.equal(member.lot(soon).expires_at, at(30));
    member.move(['redeemed', 'active'], 80, { of: redeemed }, 40);
    assert.deepEqual([member.lot(soon).active, member.lot(late).active], [100, 100]);
    const more = member.move(['redeemed', 'active'], 5, { of: redeemed }, 40)!;
    assert.equal(member.lot(more).entry, 'restore', 'more than was taken is a lot of its own');
    assert.deepEqual(member.holding().balances.redeemed, -5);
    checkConserved(member);
  });

  test('what is taken back below zero is owed, and paid by what comes next', () => {
    const member = ledger();
    const earned = member.move(['issued', 'active'], 100, { spend: '10000' })!;
    member.move(['active', 'redeemed'], 100);
    member.move(['owed', 'issued'], 100, { lot: earned, spend: '10000' });
    const { owed, active, earned: kept } = member.holding().balances;
    assert.deepEqual([owed, active, kept], [100, 0, 0]);
    assert.deepEqual(
      [member.lot(earned).returned, member.lot(earned).spend_returned],
      [100, 10_000],
    );
    const paid = member.move(['issued', 'owed'], 100)!;
    member.move(['issued', 'active'], 20);
    assert.deepEqual([member.lot(paid).settled, member.lot(paid).active], [100, 0]);
    assert.deepEqual([member.balances['owed'], member.balances['active']], [0, 20]);
    checkConserved(member);
  });

  test('pending points become active, or pay what is owed, and keep their lot', () => {
    const member = ledger();
    const said = { matures_at: at(5), expires_at: at(30) };
    const lot = member.move(['issued', 'pending'], 100, said)!;
    member.move(['owed', 'issued'], 30);
    member.move(['pending', 'owed'], 30, { lot }, 5);
    member.move(['pending', 'active'], 70, { lot }, 5);
    const { pending, active, settled, matures_at, expires_at } = member.lot(lot);
    assert.deepEqual([pending, active, settled], [0, 70, 30]);
    assert.deepEqual([matures_at, expires_at], [at(5), at(30)]);
    checkConserved(member);
  });

  test('a debt that is written off was given to nobody', () => {
    const member = ledger();
    member.move(['owed', 'issued'], 50);
    member.move(['forfeited', 'owed'], 50);
    assert.deepEqual([member.balances['owed'], member.lots().length], [0, 0]);
    checkConserved(member);
  });

  test('what people write into a ledger never stops the fold', () => {
    const member = ledger();
    const odd = { spend: '1e300', expires_at: 'tomorrow', matures_at: '', qualifying: 'yes' };
    const lot = member.move(['issued', 'active'], 5, { ...odd, lot: 'trf_none', of: 'trf_none' })!;
    const { spend, expires_at, qualifying } = member.lot(lot);
    assert.deepEqual([spend, expires_at, qualifying], [0, null, false]);
    member.move(['active', 'redeemed'], 5, { lot: '__proto__', spend: '-1' });
    checkConserved(member);
  });

  test('with some lots only, it says so rather than guess', () => {
    const member = ledger();
    const [one, two] = [1, 2].map(() => member.move(['issued', 'active'], 10)!) as [string, string];
    const whole = member.holding();
    const part = { ...whole, lots: new Map([[one, member.lot(one)]]) };
    const take = (points: number, said: Record<string, string>): Move => ({
      ...{ transfer: 'trf_x', position: 9, points, said, reverses: null, counter: 'expired' },
      ...{ from: 'active', to: null, versions: {}, recordedAt: at(1), effectiveAt: at(1) },
    });
    assert.equal(foldMoves(part, [take(15, { lot: one })], false), undefined);
    const enough = foldMoves(part, [take(10, { lot: one })], false) as Folded;
    assert.deepEqual(enough, foldMoves(whole, [take(10, { lot: one })], true));
    assert.equal(part.lots.get(one)?.active, 10, 'what it was given stays as it is');
    assert.equal(member.lot(two).active, 10);
  });
});

// Whatever order ----------------------------------------------------------------------------------

type Step = {
  readonly sides: Sides;
  readonly points: number;
  readonly which: number;
  readonly named: boolean;
  readonly days: number;
  readonly expiry: number | null;
};

const sides: readonly Sides[] = [
  ...([
    ['issued', 'active'],
    ['issued', 'active'],
    ['issued', 'pending'],
  ] as const),
  ...([
    ['budget', 'active'],
    ['budget', 'pending'],
    ['issued', 'owed'],
  ] as const),
  ...([
    ['pending', 'active'],
    ['pending', 'active'],
    ['pending', 'owed'],
  ] as const),
  ...([
    ['active', 'redeemed'],
    ['active', 'redeemed'],
    ['redeemed', 'active'],
  ] as const),
  ...([
    ['redeemed', 'active'],
    ['active', 'expired'],
    ['pending', 'expired'],
  ] as const),
  ...([
    ['active', 'issued'],
    ['pending', 'issued'],
    ['owed', 'issued'],
  ] as const),
  ...([
    ['active', 'forfeited'],
    ['pending', 'forfeited'],
    ['forfeited', 'owed'],
  ] as const),
];
const step: fc.Arbitrary<Step> = fc.record({
  sides: fc.constantFrom(...sides),
  points: fc.integer({ min: 1, max: 120 }),
  which: fc.nat(30),
  named: fc.boolean(),
  days: fc.integer({ min: 0, max: 6 }),
  expiry: fc.option(fc.integer({ min: 0, max: 40 })),
});

function play(steps: readonly Step[], each: (member: ReturnType<typeof ledger>) => void) {
  const member = ledger();
  const redemptions: string[] = [];
  let day = 0;
  for (const { sides: of, points, which, named, days, expiry } of steps) {
    day += days;
    const lots = member.lots();
    const lot = named && lots.length > 0 ? lots[which % lots.length]?.lot_id : undefined;
    const isBack = of[0] === 'redeemed';
    const back = isBack ? redemptions[which % Math.max(1, redemptions.length)] : undefined;
    const said = {
      ...(lot === undefined || isBack ? {} : { lot }),
      ...(back === undefined ? {} : { of: back }),
      ...(expiry === null ? {} : { expires_at: at(day + expiry) }),
    };
    const id = member.move(of, points, said, day);
    if (id !== undefined && of[1] === 'redeemed') redemptions.push(id);
    each(member);
  }
  return member;
}

test('points are conserved to the last one, in any order of any movements', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      play(steps, checkConserved);
    }),
    { numRuns: 300 },
  );
});

test('one by one, or as one page, comes to the same', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, cut) => {
      const member = play(steps, () => undefined);
      const { moves } = member;
      const begin: Holding = { balances: noBalances, lots: new Map(), uses: new Map() };
      const first = joined(begin, foldMoves(begin, moves.slice(0, cut), true) as Folded);
      const both = joined(first, foldMoves(first, moves.slice(cut), true) as Folded);
      const once = joined(begin, foldMoves(begin, moves, true) as Folded);
      assert.deepEqual(plain(both), plain(once));
      assert.deepEqual(plain(member.holding()), plain(once));
    }),
    { numRuns: 100 },
  );
});

function plain({ balances, lots, uses }: Holding): [Balances, Lot[], Use[]] {
  const byId = (one: { lot_id: string }, other: { lot_id: string }) =>
    one.lot_id < other.lot_id ? -1 : 1;
  const byUse = (one: Use, other: Use) => one.position - other.position || byId(one, other);
  return [balances, [...lots.values()].sort(byId), [...uses.values()].sort(byUse)];
}
