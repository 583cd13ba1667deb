// What goes on by itself, run by a test for as long as the test needs it.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const mostMs = 15_000;

/** Runs it until the condition holds, and then to its end. */
export async function during(
  run: (signal: AbortSignal) => Promise<void>,
  isOver: () => Promise<boolean> | boolean,
): Promise<void> {
  const stopping = new AbortController();
  const running = run(stopping.signal);
  const deadline = performance.now() + mostMs;
  try {
    while (!(await isOver())) {
      assert.ok(performance.now() < deadline, 'not in time');
      await sleep(20);
    }
  } finally {
    stopping.abort();
    await running;
  }
}
