// A day of the demo bank over each vendor's core: balances live there, decisions and holds here;
// in the evening both books agree.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { vendors } from '#cores';

const cli = fileURLToPath(new URL('../../src/cli/countersign.ts', import.meta.url));
const size = ['--customers', '60', '--transactions', '200'];
const dayMaxMs = 180_000;

for (const name of Object.keys(vendors).sort()) {
  test(`the demo day passes with ${name} behind it`, { timeout: dayMaxMs }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-day-'));
    chmodSync(folder, 0o755);
    try {
      const args = [cli, '--data', join(folder, 'data'), 'demo', '--core', name, ...size];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        timeout: dayMaxMs,
        env: { ...process.env, DATABASE_URL: undefined },
      });
      const agree = `✓ the books of ${name} and of this ledger agree: 120 accounts`;
      assert.ok(stdout.includes(agree), stdout);
      assert.ok(!stdout.includes('✗'), stdout);
      assert.match(stdout, /failed +no request/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
