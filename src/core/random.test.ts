import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, systemRandom } from './random.ts';

test('equal seeds give equal bytes, others do not', () => {
  const draw = (seed: number) => Buffer.from(seededRandom(seed).bytes(64)).toString('hex');
  assert.equal(draw(7), draw(7));
  assert.notEqual(draw(7), draw(8));
});

test('bytes of the system are never handed out twice, and may be kept', () => {
  const random = systemRandom();
  const kept = Array.from({ length: 2000 }, () => random.bytes(16));
  const texts = kept.map((bytes) => Buffer.from(bytes).toString('hex'));
  assert.equal(new Set(texts).size, kept.length);
  assert.equal(random.bytes(10_000).length, 10_000);
  assert.deepEqual(
    kept.map((bytes) => Buffer.from(bytes).toString('hex')),
    texts,
  );
});
