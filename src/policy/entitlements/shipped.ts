// The rules and the schema that come with Countersign, as files that a compliance officer can read.
import { readFileSync } from 'node:fs';
import { createEntitlements, type Entitlements } from './entitlements.ts';

const folder = new URL('../../../policies/entitlements/', import.meta.url);

export const entitlementSchema = read('schema.cedarschema');
export const shippedPolicies = ['guards.cedar', 'roles.cedar', 'fields.cedar'].map(read).join('\n');

let shipped: Entitlements | undefined;

/** One for the process: what it remembers is the same for all who ask. */
export function shippedEntitlements(): Entitlements {
  shipped ??= createEntitlements({ schema: entitlementSchema, policies: shippedPolicies });
  return shipped;
}

function read(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}
