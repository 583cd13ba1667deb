// Segments: the groups that a case belongs to, for monitoring to compare how they fare.
import type { Facts } from '#policy';

export type Segments = Readonly<Record<string, string>>;

/** Facts by which groups can be told: none says who somebody is. */
const names = ['channel', 'kind', 'customer_kind', 'existing_customer', 'sex', 'region'];

export function segmentsOf(facts: Facts): Segments {
  const segments: Record<string, string> = {};
  for (const name of names) {
    const value = facts[name];
    if (typeof value === 'string' || typeof value === 'boolean') segments[name] = String(value);
  }
  const age = facts['age_years'];
  if (typeof age === 'number') segments['age'] = ageBand(age);
  return segments;
}

function ageBand(years: number): string {
  if (years < 25) return 'under_25';
  if (years < 40) return '25_to_39';
  return years < 62 ? '40_to_61' : 'from_62';
}
