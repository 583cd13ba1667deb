import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pagesOf } from './pages.ts';

async function readAll(nexts: Readonly<Record<string, string | null>>, after?: string) {
  const asked: string[] = [];
  const read = async ({ after: at = '' }: { readonly after?: string }) => {
    asked.push(at);
    return { items: [at], next: nexts[at] ?? null };
  };
  for await (const { items } of pagesOf({ core: 'tested', read, limit: 1, after })) {
    assert.equal(items.length, 1);
    assert.ok(asked.length < 10);
  }
  return asked;
}

test('all pages are read, from wherever they begin', async () => {
  assert.deepEqual(await readAll({ '': 'a', a: 'b' }), ['', 'a', 'b']);
  assert.deepEqual(await readAll({ '': 'a', a: 'b' }, 'a'), ['a', 'b']);
});

test('pages that lead back to one before them are a failure of the core', async () => {
  const failure = { code: 'core_failed', detail: { class: 'malformed' } };
  for (const nexts of [{ '': 'a', a: 'a' }, { '': 'a', a: 'b', b: 'a' }, { '': '' }]) {
    await assert.rejects(readAll(nexts), ({ code, detail }) => {
      assert.deepEqual([code, detail.class], [failure.code, failure.detail.class]);
      return true;
    });
  }
});
