// The matrix of docs/reference/cores.md: what each core can, read off the adapters themselves.
// COUNTERSIGN_WRITE=1 writes it anew.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allOperations, capabilitiesOf, type Core, failureClasses, type Operations } from '#cores';
import { vendors } from '../src/cores/vendors.ts';
import { simulatedVendors } from '../simulators/cores/vendors.ts';
import { openBank } from './bank.ts';

const page = fileURLToPath(new URL('../docs/reference/cores.md', import.meta.url));
const [begin, end] = ['<!-- generated: begin -->', '<!-- generated: end -->'];

test('the reference says what each core can, and what follows from failures', async (t) => {
  const bank = await openBank(t);
  const cores: Core[] = [bank.planes.core];
  for (const name of Object.keys(vendors).sort()) {
    cores.push(await vendorCore(name));
  }
  const text = readFileSync(page, 'utf8');
  const [before = '', rest = ''] = text.split(begin);
  const [, after = ''] = rest.split(end);
  const made = `${before}${begin}\n\n${matrix(cores)}\n\n${failures()}\n\n${end}${after}`;
  if (process.env['COUNTERSIGN_WRITE'] === '1') writeFileSync(page, made);
  assert.equal(readFileSync(page, 'utf8'), made, 'COUNTERSIGN_WRITE=1 writes it anew');
  assert.ok(cores.length >= 6, 'own, and five of vendors at least');
});

/** As it is by default; what a setting adds is said in the README of the adapter. */
async function vendorCore(name: string): Promise<Core> {
  const [open, simulated] = [await vendors[name]?.(), await simulatedVendors[name]?.()];
  assert.ok(open && simulated, `${name} has an adapter and a simulator`);
  const { credentials, settings = {} } = simulated;
  const adapter = open({ url: 'http://127.0.0.1:1', credentials, settings, now: () => 0 });
  await adapter.close();
  const { operations, events } = adapter;
  const told = { name, operations: operations as unknown as Operations };
  return events ? { ...told, events } : told;
}

function matrix(cores: readonly Core[]): string {
  const can = cores.map((core) => capabilitiesOf(core));
  const rows = Object.entries(allOperations).map(([name, about]) => {
    const cells = can.map((of) => (of[name as keyof typeof of] ? 'yes' : '–'));
    return `| \`${name}\` | ${about} | ${cells.join(' | ')} |`;
  });
  const names = cores.map(({ name }) => name);
  return [
    '## What each core can',
    '',
    `| Operation | What for | ${names.join(' | ')} |`,
    `|---|---|${names.map(() => '---').join('|')}|`,
    ...rows,
  ].join('\n');
}

function failures(): string {
  const rows = Object.entries(failureClasses).map(
    ([name, { leadsTo, about }]) => `| \`${name}\` | \`${leadsTo}\` | ${about} |`,
  );
  return ['## Failures', '', '| Class | Leads to | Meaning |', '|---|---|---|', ...rows].join('\n');
}
