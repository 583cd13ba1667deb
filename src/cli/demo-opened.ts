// With which customers a demo bank was opened: those who live on are the same.
import { writeDurably } from '#core';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Opened = {
  readonly tenant: string;
  readonly seed: number;
  readonly customers: number;
};

const fileName = 'demo-banks.json';

export function keepOpened(data: string, opened: Opened): void {
  const others = read(data).filter(({ tenant }) => tenant !== opened.tenant);
  const text = `${JSON.stringify([...others, opened], null, 2)}\n`;
  writeDurably(join(data, fileName), text, 0o600);
}

export function keptOpened(data: string, tenant: string): Opened | undefined {
  return read(data).find((each) => each.tenant === tenant);
}

function read(data: string): readonly Opened[] {
  const file = join(data, fileName);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly Opened[]) : [];
}
