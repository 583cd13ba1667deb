// Tools as the gateway holds them: compiled once, and one for all names that nobody has declared.
import { Fault } from '#core';
import Type from 'typebox';
import type { ToolView } from './host.ts';
import { type PersonalFields, personalFields } from './ingress.ts';
import { declarationOf, toolDigest } from './registry.ts';
import { type Checks, checksOf } from './schema.ts';
import type { Tool } from './tool.ts';

export type Entry = {
  readonly tool: Tool;
  readonly digest: string;
  readonly checks: Checks;
  readonly personal: PersonalFields;
  readonly view: ToolView;
};

export function prepared(tool: Tool): Entry {
  const { owner: _owner, cost: _cost, steps: _steps, ...view } = declarationOf(tool);
  const personal = personalFields(tool);
  return { tool, digest: toolDigest(tool), checks: checksOf(tool), personal, view };
}

/** Of names that nobody has declared nothing is kept: they are whatever somebody has sent. */
const unknownTool: Tool = {
  ...{ name: 'unknown', title: '', description: '', version: 1, owner: 'gateway' },
  ...{ effect: 'read', cost: 1, purposes: [] },
  ...{ input: Type.Object({}), output: Type.Object({}) },
  run: () => Promise.reject(new Fault('not_found', 'there is no such tool')),
};
export const unknownEntry = prepared(unknownTool);

export function changesAnything({ effect }: Tool): boolean {
  return effect === 'write' || effect === 'financial';
}
