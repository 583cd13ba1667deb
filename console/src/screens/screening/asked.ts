// Who was looked for, as far as whoever looks may see it, and why something is not shown.
import type { Screening } from './words.ts';

/** Hits are judged for this purpose, and personal data is read for it alone. */
export const purpose = 'compliance';

export type Asked = {
  readonly name: Told;
  readonly born: Told;
  readonly countries: Told;
  readonly kind: Told;
};
/** A value, or in words why there is none. */
export type Told = { readonly value: string } | { readonly why: string };

export function askedOf({ asked }: Screening): Asked {
  const { visible, date_of_birth_token, countries, entity_type } = asked;
  return {
    name: toldBy(visible.name, 'your roles do not show names, or it was erased'),
    born: toldBy(
      visible.date_of_birth,
      date_of_birth_token === null ? notSaid : 'your roles do not show it, or it was erased',
    ),
    countries: toldBy(countries.length === 0 ? null : countries.join(', '), notSaid),
    kind: toldBy(entity_type, notSaid),
  };
}

const notSaid = 'was not said';

/** Masked, only the class of a value is left of it: `[name]`. */
const masked = /^\[[a-z ]+\]$/;

function toldBy(value: string | null, why: string): Told {
  if (value === null) return { why };
  return masked.test(value) ? { why: 'masked for your roles' } : { value };
}
