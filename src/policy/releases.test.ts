import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inForceAt, isChosen, liveHistory, type Release, scheduledAfter } from './releases.ts';

const base: Release = {
  name: 'gifts',
  ordinal: 1,
  kind: 'live',
  digest: 'a',
  share: null,
  keyFact: null,
  effectiveAt: 0,
  recordedAt: 0,
  act: 'seeded',
};

/** Acts as publication adds them: recorded in order, effective then or later. */
function actsOf(added: readonly Partial<Release>[]): Release[] {
  const acts: Release[] = [];
  for (const each of added) {
    const recordedAt = Math.max(each.recordedAt ?? 0, acts.at(-1)?.recordedAt ?? 0);
    const effectiveAt = Math.max(recordedAt, each.effectiveAt ?? 0);
    acts.push({ ...base, ...each, ordinal: acts.length + 1, recordedAt, effectiveAt });
  }
  return acts;
}

test('the last act whose instant has come is in force', () => {
  const acts = actsOf([
    {},
    { digest: 'b', act: 'published', recordedAt: 10, effectiveAt: 50 },
    { digest: 'c', act: 'published', recordedAt: 20 },
  ]);
  const live = (at: number) => inForceAt(acts, at).live?.digest;
  assert.deepEqual([live(20), live(49), live(50), live(99)], ['c', 'c', 'c', 'c']);
  assert.deepEqual(scheduledAfter(acts, 20), [], 'c was published after b, and before its instant');
  assert.equal(inForceAt(acts, 5).live?.digest, 'c', 'whoever knows of an act lives after it');
  assert.deepEqual(
    liveHistory(acts, 99).map(({ digest }) => digest),
    ['a', 'c'],
  );
});

test('what is scheduled comes into force at its instant', () => {
  const acts = actsOf([{}, { digest: 'b', act: 'published', recordedAt: 10, effectiveAt: 50 }]);
  assert.equal(inForceAt(acts, 49).live?.digest, 'a');
  assert.deepEqual(
    scheduledAfter(acts, 49).map(({ digest }) => digest),
    ['b'],
  );
  assert.equal(inForceAt(acts, 50).live?.digest, 'b');
  assert.deepEqual(scheduledAfter(acts, 50), []);
});

test('going back goes back one bundle at a time, to the first', () => {
  const published = { act: 'published' } as const;
  const added: Partial<Release>[] = [
    {},
    { ...published, digest: 'b', recordedAt: 1 },
    { ...published, digest: 'c', recordedAt: 2 },
  ];
  const history = () => liveHistory(actsOf(added), 99).map(({ digest }) => digest);
  assert.deepEqual(history(), ['a', 'b', 'c']);
  added.push({ act: 'rolled_back', digest: 'b', recordedAt: 3 });
  assert.deepEqual(history(), ['a', 'b']);
  added.push({ act: 'rolled_back', digest: 'a', recordedAt: 4 });
  assert.deepEqual(history(), ['a']);
  added.push({ ...published, digest: 'c', recordedAt: 5 });
  assert.deepEqual(history(), ['a', 'c']);
});

test('a trial ends when another bundle comes into force, and not before', () => {
  const canary = { kind: 'canary', digest: 'c', share: 500, keyFact: 'k', act: 'started' } as const;
  const acts = actsOf([
    {},
    { digest: 'b', act: 'published', recordedAt: 10, effectiveAt: 50 },
    { ...canary, recordedAt: 20 },
    { kind: 'shadow', digest: 's', act: 'started', recordedAt: 20 },
  ]);
  const trials = (at: number) => {
    const { shadow, canary: tried } = inForceAt(acts, at);
    return [shadow?.digest, tried?.digest];
  };
  assert.deepEqual(trials(49), ['s', 'c']);
  assert.deepEqual(trials(50), [undefined, undefined]);
  const stopped = actsOf([...acts.slice(0, 1), canary, { ...canary, digest: null }]);
  assert.equal(inForceAt(stopped, 99).canary, undefined);
});

const anyAct: fc.Arbitrary<Partial<Release>> = fc.record({
  kind: fc.constantFrom('live', 'live', 'shadow', 'canary'),
  digest: fc.constantFrom('a', 'b', 'c', 'd'),
  act: fc.constantFrom('published', 'rolled_back'),
  recordedAt: fc.nat(50),
  effectiveAt: fc.nat(100),
});

test('acts in any interleaving leave exactly one bundle in force, and history ends with it', () => {
  fc.assert(
    fc.property(fc.array(anyAct, { maxLength: 12 }), fc.nat(120), (added, at) => {
      const acts = actsOf([{}, ...added]);
      const { live } = inForceAt(acts, at);
      assert.ok(live?.digest);
      const isLater = (each: Release) => each.kind === 'live' && each.ordinal > live.ordinal;
      const now = Math.max(at, acts.at(-1)?.recordedAt ?? 0);
      assert.ok(acts.filter(isLater).every(({ effectiveAt }) => effectiveAt > now));
      // However often one looks, and however the clock moves meanwhile, nobody goes back.
      const seen = Array.from(
        { length: 121 },
        (_, when) => inForceAt(acts, when).live?.ordinal ?? 0,
      );
      assert.deepEqual(
        seen,
        seen.toSorted((one, other) => one - other),
      );
    }),
  );
});

test('a canary chooses about its share of the keys, and whoever is in stays in', () => {
  const release = (share: number): Release => ({ ...base, kind: 'canary', share, keyFact: 'k' });
  const chosen = (share: number, tenant = 'bank') =>
    new Set(
      Array.from({ length: 5_000 }, (_, key) => key).filter((key) =>
        isChosen(release(share), tenant, { k: `key-${key}` }),
      ),
    );
  const [few, more] = [chosen(1_000), chosen(3_000)];
  assert.ok(Math.abs(few.size - 500) < 100, String(few.size));
  assert.ok([...few].every((key) => more.has(key)));
  assert.notDeepEqual(chosen(1_000, 'other'), few, 'each tenant has its own');
  assert.equal(isChosen(release(9_999), 'bank', {}), false, 'without the key nobody is');
});
