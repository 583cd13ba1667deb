// An entry of a list: whom a sanctions or PEP list names, in the one shape that all lists share.
import { canonicalJson, sha256Hex } from '#core';

export const entityTypes = ['person', 'organisation', 'vessel', 'aircraft'] as const;
export type EntityType = (typeof entityTypes)[number];

/** `weak` names are broad or of low quality by the list's own word: they must match in full. */
export type ListedName = { readonly text: string; readonly kind: 'primary' | 'alias' | 'weak' };

export type ListEntry = {
  /** The list's own id of it. */
  readonly id: string;
  readonly entityType: EntityType;
  /** The primary name comes first. */
  readonly names: readonly ListedName[];
  /** In the notation of `birth.ts`; several where the list gives several. */
  readonly birthDates: readonly string[];
  /** ISO 3166-1 alpha-2, of nationality, birth, residence or flag. */
  readonly countries: readonly string[];
  /** Why it is listed: sanctions programmes, or the position of a PEP. */
  readonly programmes: readonly string[];
};

/** Equal entries have equal digests: a cleared hit holds as long as the digest stays. */
export function entryDigest(entry: ListEntry): string {
  return sha256Hex(canonicalJson(entry));
}

/** Names in order, each once; what stands in brackets behind a name may be a name of its own. */
export function listedNames(names: readonly ListedName[]): ListedName[] {
  const seen = new Map<string, ListedName>();
  for (const { text, kind } of names.flatMap(withoutBrackets)) {
    const tidy = text.replace(/\s+/g, ' ').trim();
    if (tidy !== '' && !seen.has(tidy)) seen.set(tidy, { text: tidy, kind });
  }
  return [...seen.values()];
}

/** `BLUE RIVER LINES (BRL)` is also known as BRL; other remarks in brackets are no names. */
function withoutBrackets(name: ListedName): ListedName[] {
  const [, before = '', inside = '', after = ''] = /^(.*?)\(([^()]*)\)(.*)$/.exec(name.text) ?? [];
  const rest = `${before} ${after}`.trim();
  if (rest === '') return [name];
  const acronym = /^[A-Z]{3,8}$/.test(inside) ? [{ text: inside, kind: 'weak' } as const] : [];
  return [...withoutBrackets({ text: rest, kind: name.kind }), ...acronym];
}

/** Distinct, in a fixed order, without what is missing. */
export function distinct(values: Iterable<string | undefined>): string[] {
  const given = [...values].filter((value) => value !== undefined && value !== '') as string[];
  return [...new Set(given)].sort((a, b) => (a < b ? -1 : 1));
}
