// Masked text: the only form in which models, prompts, logs and exports take words about people.
import { type FieldClass, fieldClasses } from './classes.ts';
import { detect } from './detect.ts';
import { guessPersons } from './guess.ts';
import type { KnownValues } from './known.ts';
import { isToken } from './token.ts';

declare const masked: unique symbol;

/** Made here alone. Whoever takes it cannot be handed raw text by mistake. */
export type Masked = string & { readonly [masked]: true };

/**
 * Puts a label such as `[card …1111]` in the place of each personal value: of what its form gives
 * away, of what is known, and of names and addresses that can be guessed. Tokens and ids stay.
 * Masking twice is masking once.
 */
export function mask(text: string, known?: KnownValues): Masked {
  let result = '';
  let at = 0;
  for (const finding of detect(text, known ? [known, guessPersons] : [guessPersons])) {
    result += text.slice(at, finding.start);
    result += labelOf(finding.class, text.slice(finding.start, finding.end));
    at = finding.end;
  }
  return (result + text.slice(at)) as Masked;
}

/** Masks fields by their classes; one without a class is searched like any text. */
export function maskFields<Field extends string>(
  fields: Readonly<Record<Field, string>>,
  classes: Readonly<Partial<Record<NoInfer<Field>, FieldClass>>>,
): Readonly<Record<Field, Masked>> {
  const entries = Object.entries<string>(fields).map(([field, value]) => {
    const fieldClass: FieldClass = classes[field as Field] ?? 'free_text';
    return [field, maskValue(fieldClass, value)];
  });
  return Object.fromEntries(entries) as Readonly<Record<Field, Masked>>;
}

/** Masks a value of a known class; free text is searched. */
export function maskValue(fieldClass: FieldClass, value: string, known?: KnownValues): Masked {
  if (fieldClass === 'free_text') return mask(value, known);
  const isDone = value === '' || isToken(value) || isLabel(fieldClass, value);
  return (isDone ? value : labelOf(fieldClass, value)) as Masked;
}

/** Letters and digits that could be at the end of a value; it can be of any length. */
const endReach = 256;

function labelOf(fieldClass: FieldClass, value: string): string {
  const { label, shown } = fieldClasses[fieldClass];
  if (shown === 0) return `[${label}]`;
  const signs = value.slice(-endReach).match(/[\p{L}\p{N}]/gu) ?? [];
  // The end of a short value would be most of it.
  const isLong = signs.length >= shown * 2;
  return isLong ? `[${label} …${signs.slice(-shown).join('')}]` : `[${label}]`;
}

function isLabel(fieldClass: FieldClass, value: string): boolean {
  const { label } = fieldClasses[fieldClass];
  if (value === `[${label}]`) return true;
  return (
    value.startsWith(`[${label} …`) && /^[\p{L}\p{N}]{1,4}\]$/u.test(value.slice(label.length + 3))
  );
}
