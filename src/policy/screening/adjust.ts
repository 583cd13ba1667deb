// What else is known of a person or a thing, and how much nearer or farther that brings an entry.
import { compareBirth } from './birth.ts';
import type { ListEntry } from './entry.ts';
import type { Subject } from './matcher.ts';

export type Adjustment = { readonly reason: keyof typeof points; readonly points: number };

/** Points of 1000 by what was found. Lists err, so a conflict lowers a score and never clears. */
export const points = {
  birth_same_date: 80,
  birth_same_year: 30,
  birth_near: 0,
  birth_conflict: -100,
  birth_far_conflict: -200,
  country_match: 20,
  country_conflict: -40,
  entity_type_conflict: -60,
} as const;

export function adjust(subject: Subject, entry: ListEntry): Adjustment[] {
  const { dateOfBirth, countries = [], entityType } = subject;
  const reasons: (keyof typeof points)[] = [];
  const birth = dateOfBirth === undefined ? undefined : compareBirth(dateOfBirth, entry.birthDates);
  if (birth) reasons.push(`birth_${birth}`);
  if (countries.length > 0 && entry.countries.length > 0) {
    const isShared = countries.some((country) => entry.countries.includes(country));
    reasons.push(isShared ? 'country_match' : 'country_conflict');
  }
  if (entityType !== undefined && entityType !== entry.entityType) {
    reasons.push('entity_type_conflict');
  }
  return reasons.map((reason) => ({ reason, points: points[reason] }));
}
