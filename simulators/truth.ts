// The truth about a day: which of its payments are fraud, as only its generator can know.
import type { Scenario } from './fraud.ts';
import type { Operation, Traffic } from './operation.ts';

export type WhatItWas = Scenario | 'ordinary';

/** By idempotency key, of all that customers have asked for, or thieves in their names. */
export type Truth = ReadonlyMap<string, WhatItWas>;

export async function truthOf({ operations }: Traffic): Promise<Truth> {
  const truth = new Map<string, WhatItWas>();
  for await (const operation of operations) {
    if (isByCustomer(operation)) truth.set(operation.key, operation.scenario ?? 'ordinary');
  }
  return truth;
}

/** Salaries come from others, and what continues a payment is no other one. */
export function isByCustomer({ action, kind }: Operation): boolean {
  return action === 'pay' || action === 'authorize' || kind === 'fx_purchase';
}
