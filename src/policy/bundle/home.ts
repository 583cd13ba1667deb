// The currency in which a bundle counts, where it says so.
import type { Bundle } from './bundle.ts';

/** Of a node `home_currency` that is one literal: what is worked out is not known outside. */
export function homeCurrencyOf({ nodes = {} }: Bundle): string | undefined {
  const node = nodes['home_currency'];
  if (node?.kind !== 'formula') return undefined;
  return /^'([A-Z]{3})'$/.exec(node.value)?.[1];
}
