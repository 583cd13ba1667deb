import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import { fakeRuntime } from '../../../test/fake-runtime.ts';
import { loadWithRuntime } from './runtime.ts';

const runtime = fakeRuntime(2);
const faultOf = (code: string, why: RegExp) => (it: unknown) =>
  it instanceof Fault && it.code === code && why.test(it.message);

test('a model that hangs is ended at its deadline, and the next question starts anew', async () => {
  const model = await loadWithRuntime(new Uint8Array(1), { runtime });
  assert.equal(model.width, 2);
  assert.equal(await model.score(Float32Array.of(1, 2), 5_000), 3);
  const began = performance.now();
  const hanging = model.score(Float32Array.of(666, 0), 100);
  const behind = model.score(Float32Array.of(1, 1), 5_000);
  const late = faultOf('deadline_exceeded', /not answered within 100 ms/);
  await Promise.all([assert.rejects(hanging, late), assert.rejects(behind, late)]);
  assert.ok(performance.now() - began < 4_000);
  assert.equal(await model.score(Float32Array.of(3, 4), 5_000), 7);
  await model.close();
  const closed = faultOf('shutting_down', /put away/);
  await assert.rejects(model.score(Float32Array.of(3, 4), 5_000), closed);
});

test('a model that fails says so, and goes on', async () => {
  const model = await loadWithRuntime(new Uint8Array(1), { runtime });
  const failing = model.score(Float32Array.of(13, 0), 5_000);
  await assert.rejects(failing, faultOf('model_invalid', /unlucky/));
  assert.equal(await model.score(Float32Array.of(1, 2), 5_000), 3);
  await model.close();
});

test('a model that the runtime refuses, or never finishes to load, is a fault', async () => {
  const refused = loadWithRuntime(Uint8Array.of(1), { runtime });
  await assert.rejects(refused, faultOf('model_invalid', /opset 99/));
  const hanging = loadWithRuntime(Uint8Array.of(2), { runtime, loadDeadlineMs: 300 });
  await assert.rejects(hanging, faultOf('deadline_exceeded', /not loaded within 300 ms/));
});

test('a runtime that is not installed is named', async () => {
  const missing = loadWithRuntime(new Uint8Array(1), { runtime: 'no-such-runtime' });
  await assert.rejects(missing, faultOf('model_runtime_missing', /needs no-such-runtime/));
});
