// The bundles that ship with Countersign: what decides in a tenant until it publishes its own.
import { assert, type Json } from '#core';
import { readdirSync, readFileSync } from 'node:fs';
import { type Bundle, bundleDigest, parseBundle } from './bundle/bundle.ts';

export type Shipped = { readonly bundle: Bundle; readonly digest: string };

const folder = new URL('../../policies/', import.meta.url);
let shipped: ReadonlyMap<string, Shipped> | undefined;

/** By name, read once. */
export function defaultBundles(): ReadonlyMap<string, Shipped> {
  shipped ??= new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => {
        const json = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Json;
        const bundle = parseBundle(json);
        assert(file === `${bundle.name}.json`, `policies/${file} is called like its bundle`);
        return [bundle.name, { bundle, digest: bundleDigest(bundle) }];
      }),
  );
  return shipped;
}

/** The one that ships for a point of ours. */
export function defaultBundle(point: string): Shipped {
  const found = defaultBundles().get(point);
  assert(found, `there is a default bundle for ${point}`);
  return found;
}
