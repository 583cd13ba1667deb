// What an editor of bundles must know: the words there are, and the facts that each point supplies.
import type { Json } from '#core';
import { defaultBundles } from '../defaults.ts';
import { bundleSchema, engineVersion, factTypes, hitPolicies, outcomes } from './bundle.ts';
import { engineReasons } from './doubts.ts';
import { hitText } from './page.ts';

/** The same for every tenant, until another version is installed. */
export function bundleForm() {
  return {
    engine: engineVersion,
    /** JSON Schema (2020-12) of a whole bundle, with the bounds of all its parts. */
    schema: JSON.parse(JSON.stringify(bundleSchema)) as Json,
    fact_types: [...factTypes],
    /** From the mildest to the strictest: of all rules that hold, the strictest is the answer. */
    outcomes: [...outcomes],
    hit_policies: hitPolicies.map((name) => ({ name, description: hitText[name] })),
    engine_reasons: reasonsOf(engineReasons),
    points: [...defaultBundles().values()].map(({ bundle, digest }) => ({
      name: bundle.name,
      title: bundle.title,
      description: bundle.description,
      shipped: digest,
      facts: Object.entries(bundle.facts).map(([name, fact]) => ({ name, ...fact })),
      reasons: reasonsOf(bundle.reasons),
    })),
  };
}

function reasonsOf(reasons: Readonly<Record<string, string>>) {
  return Object.entries(reasons).map(([name, description]) => ({ name, description }));
}
