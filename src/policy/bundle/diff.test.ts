import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultBundle } from '../defaults.ts';
import type { Bundle, Rule } from './bundle.ts';
import { diffBundles } from './diff.ts';

const { bundle } = defaultBundle('rail-routing');

function rules(ids: readonly string[]): Bundle {
  const of = (id: string): Rule => ({ id, outcome: 'allow', reason: 'fine' });
  return { ...bundle, rules: ids.map(of) };
}

const ids = fc.uniqueArray(fc.constantFrom(...'abcdefghij'), { minLength: 1 });

test('a diff told from before leads to after, and moves as few rules as can be', () => {
  fc.assert(
    fc.property(ids, ids, (one, other) => {
      const changes = diffBundles(rules(one), rules(other));
      const named = (kind: string) =>
        changes.filter((each) => each.change === kind).map(({ id }) => id);
      assert.deepEqual(
        named('removed'),
        one.filter((id) => !other.includes(id)),
      );
      assert.deepEqual(
        named('added'),
        other.filter((id) => !one.includes(id)),
      );
      // Those that have not moved stand in the same order in both.
      const moved = named('moved');
      const still = (list: readonly string[], kept: readonly string[]) =>
        list.filter((id) => kept.includes(id) && !moved.includes(id));
      assert.deepEqual(still(one, other), still(other, one));
      for (const id of moved) {
        const with1 = (list: readonly string[], kept: readonly string[]) =>
          list.filter((each) => each === id || (kept.includes(each) && !moved.includes(each)));
        assert.notDeepEqual(with1(one, other), with1(other, one), `${id} need not be moved`);
      }
    }),
  );
});

test('what differs is told part by part, with its place in either bundle', () => {
  const changed = structuredClone(bundle) as Bundle;
  const [first, second, ...others] = changed.rules as [Rule, Rule, ...Rule[]];
  const [test1] = changed.tests;
  const after: Bundle = {
    ...changed,
    title: 'Rails',
    rules: [second, { ...first, note: 'why' }, ...others],
    tests: [...changed.tests, test1 as Bundle['tests'][number]],
  };
  const told = diffBundles(bundle, after).map(({ part, id, change, moved, fields, after: at }) => [
    ...[part, id, change, moved, fields],
    at?.pointer,
  ]);
  const name = `${test1?.name} (2)`;
  assert.deepEqual(told, [
    ['about', 'title', 'changed', false, [], '/title'],
    ['rules', second.id, 'moved', true, [], '/rules/0'],
    ['rules', first.id, 'changed', false, ['note'], '/rules/1'],
    ['tests', name, 'added', false, [], `/tests/${changed.tests.length}`],
  ]);
  assert.deepEqual(diffBundles(bundle, structuredClone(bundle) as Bundle), []);
});
