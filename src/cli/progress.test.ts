import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress } from './progress.ts';

function watched({ isTTY }: { isTTY: boolean }) {
  const written: string[] = [];
  const time = { now: 1_000 };
  const progress = createProgress({
    output: { isTTY, columns: 100, write: (text: string) => written.push(text) },
    clock: { now: () => time.now },
    label: 'bank day',
    unit: 'operations',
  });
  return { written, time, progress };
}

test('on a terminal one line is redrawn, at most ten times a second', () => {
  const { written, time, progress } = watched({ isTTY: true });
  for (let done = 1; done <= 5_000; done += 1) {
    if (done % 5 === 0) time.now += 1;
    progress.update(done, 10_000);
  }
  assert.equal(written.length, 10);
  const half = `${'█'.repeat(12)}${'░'.repeat(12)}  50 %`;
  const line = `bank day ${half} · 5,000 of 10,000 operations · 5,000/s · 0:01 left`;
  assert.equal(written.at(-1), `\r${line}\u001b[K`);
  progress.finish();
  assert.equal(written.at(-1), '\n');
});

test('elsewhere a line is written every five seconds, and a last one at the end', () => {
  const { written, time, progress } = watched({ isTTY: false });
  for (let done = 0; done <= 200; done += 1) {
    progress.update(done, 400);
    time.now += 50;
  }
  progress.update(400);
  progress.finish();
  assert.equal(written.length, 3);
  assert.match(written[0] ?? '', /^bank day █{6}░{18} {2}25 % · 100 of 400 operations · 20\/s/);
  assert.match(written[2] ?? '', /100 % · 400 of 400 operations · 40\/s · 0:11\n$/);
});

test('without a total there is no bar and nobody says how long it will take', () => {
  const { written, time, progress } = watched({ isTTY: false });
  time.now += 6_000;
  progress.update(12_345);
  assert.deepEqual(written, ['bank day 12,345 operations · 2,058/s · 0:06\n']);
});

test('the rate follows what happened lately', () => {
  const { written, time, progress } = watched({ isTTY: true });
  for (let second = 1; second <= 10; second += 1) {
    time.now += 1_000;
    progress.update(second <= 5 ? second * 1_000 : 5_000 + (second - 5) * 10, 1_000_000);
  }
  assert.match(written.at(-1) ?? '', / · 10\/s · /);
});
