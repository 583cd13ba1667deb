// The truth about a day: which of its payments are fraud, as only its generator can know.
import type { Scenario } from './fraud.ts';
import type { Operation, Traffic } from './operation.ts';
import { isByCustomer, paymentFacts } from './payment-facts.ts';

/** By idempotency key, of all that customers have asked for, or thieves in their names. */
export type Truth = ReadonlyMap<string, Scenario | 'ordinary'>;

export async function truthOf({ operations }: Traffic): Promise<Truth> {
  const truth = new Map<string, Scenario | 'ordinary'>();
  for await (const operation of operations) {
    if (isPayment(operation)) truth.set(operation.key, operation.scenario ?? 'ordinary');
  }
  return truth;
}

function isPayment(operation: Operation): boolean {
  const { action } = operation;
  if (action !== 'post' && action !== 'hold') return false;
  const legs = action === 'post' ? operation.legs : [operation.leg];
  const facts = paymentFacts({ ...operation, legs });
  return facts !== undefined && isByCustomer(facts);
}
