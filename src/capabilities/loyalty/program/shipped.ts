// The programme that ships as an example: nobody is in it until a tenant publishes it.
import { assert } from '#core';
import { readFileSync } from 'node:fs';
import { parseProgram, type Program } from './program.ts';

const file = new URL('../../../../programs/everyday.json', import.meta.url);

export function everydayProgram(): Program {
  const program = parseProgram(JSON.parse(readFileSync(file, 'utf8')));
  assert(!Array.isArray(program), 'programs/everyday.json is a programme');
  return program as Program;
}
