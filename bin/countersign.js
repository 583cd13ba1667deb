#!/usr/bin/env -S node --max-semi-space-size=4
// The command line, run by the Node that comes with the project, whichever one was found first.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Small young generations: a server that rests at 350 MB instead of 450, at the same speed.
const young = '--max-semi-space-size=4';
const cli = fileURLToPath(new URL('../src/cli/countersign.ts', import.meta.url));
if (Number(process.versions.node.split('.', 1)[0]) >= 24) {
  await import(cli);
} else {
  const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
  const node = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(node)) {
    console.error('countersign needs Node 24: run `npm ci` in its folder first');
    process.exit(1);
  }
  const { status, signal } = spawnSync(node, [young, cli, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = signal === null ? (status ?? 1) : 1;
}
