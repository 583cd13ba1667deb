// Masked JSON: values are masked by the classes in their schema, other texts are searched.
import type { Json } from '#core';
import { type FieldClass, fieldClasses } from './classes.ts';
import { textMax } from './detect.ts';
import type { KnownValues } from './known.ts';
import { mask, maskValue } from './mask.ts';
import { compileSchema, type SchemaNode, untyped } from './schema-node.ts';

declare const kind: unique symbol;

/** Made here alone, as `Masked` is of a text. */
export type MaskedJson = Json & { readonly [kind]: true };

const depthMax = 64;
/** Text of one value that is searched, in UTF-16 code units; what is beyond goes unread. */
const searchedMax = 4 * textMax;

/**
 * Masks a value by the classes in its JSON Schema. What the schema does not declare is searched:
 * texts, names of members, and figures as long as a card number. Never fails: what is too deep, too
 * long or too much is `[text]`. Masking twice is masking once.
 */
export function maskJson(schema: object | boolean, value: Json, known?: KnownValues): MaskedJson {
  return masked(compileSchema(schema), value, { known, searched: 0, depth: 0 }) as MaskedJson;
}

type Search = { readonly known: KnownValues | undefined; searched: number; depth: number };

const unread = `[${fieldClasses.free_text.label}]`;

/** `through` are the nodes that have led here at the same value: a choice may lead back. */
function masked(
  node: SchemaNode,
  value: Json,
  search: Search,
  through: readonly SchemaNode[] = [],
): Json {
  if (node.choices.length === 0) return maskedByOwn(node, value, search);
  const chosen = node.choices.filter((each) => fits(each, value) && !through.includes(each));
  let result = node.isComposite && chosen.length > 0 ? value : maskedByOwn(node, value, search);
  // More than one may fit: then what any of them calls personal is masked.
  for (const choice of chosen) result = masked(choice, result, search, [...through, node]);
  return result;
}

function maskedByOwn(node: SchemaNode, value: Json, search: Search): Json {
  if (typeof value === 'string') return maskedText(node, value, search);
  if (typeof value === 'number') return maskedFigure(node, value);
  if (value === null || typeof value !== 'object') return value;
  if (search.depth >= depthMax) return unread;
  search.depth += 1;
  const result = Array.isArray(value)
    ? maskedItems(node, value, search)
    : maskedMembers(node, value as { readonly [member: string]: Json }, search);
  search.depth -= 1;
  return result;
}

/** Whether a choice may be meant: by the kind of the value, and by members that are constant. */
function fits(node: SchemaNode, value: Json): boolean {
  if (node.types !== undefined && !node.types.has(typeOf(value))) return false;
  return node.constants.every(
    ([member, wanted]) => (value as { readonly [member: string]: Json })?.[member] === wanted,
  );
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

// Objects and arrays ------------------------------------------------------------------------------

function maskedItems(node: SchemaNode, items: readonly Json[], search: Search): readonly Json[] {
  let changed: Json[] | undefined;
  for (let at = 0; at < items.length; at += 1) {
    const item = items[at] as Json;
    const result = masked(node.first[at] ?? node.items ?? undeclared(node), item, search);
    if (result !== item) {
      changed ??= [...items];
      changed[at] = result;
    }
  }
  return changed ?? items;
}

function maskedMembers(
  node: SchemaNode,
  value: { readonly [member: string]: Json },
  search: Search,
): Json {
  let isChanged = false;
  const entries: [string, Json][] = [];
  for (const name of Object.keys(value)) {
    const content = value[name] as Json;
    const declared = node.members.get(name);
    const result =
      content === undefined ? content : masked(declared ?? others(node, name), content, search);
    const told = declared === undefined ? searched(name, search) : name;
    isChanged ||= result !== content || told !== name;
    entries.push([told, result]);
  }
  return isChanged ? Object.fromEntries(apart(entries)) : value;
}

function others(node: SchemaNode, name: string): SchemaNode {
  return (
    node.patterns.find(([pattern]) => pattern.test(name))?.[1] ?? node.others ?? undeclared(node)
  );
}

/** A class holds for all that stands in its field. */
function undeclared(node: SchemaNode): SchemaNode {
  return node.class === undefined ? untyped : node;
}

/** Names that are one when masked stay two members. */
function apart(entries: readonly [string, Json][]): [string, Json][] {
  const seen = new Set<string>();
  return entries.map(([name, content]) => {
    let told = name;
    for (let more = 2; seen.has(told); more += 1) told = `${name} (${more})`;
    seen.add(told);
    return [told, content];
  });
}

// Texts and figures -------------------------------------------------------------------------------

function maskedText(node: SchemaNode, text: string, search: Search): string {
  if (node.class !== undefined && node.class !== 'free_text') return maskValue(node.class, text);
  return node.literals?.has(text) ? text : searched(text, search);
}

/** A figure that its schema declares is one, unless it has a class. */
function maskedFigure(node: SchemaNode, value: number): Json {
  if (node.class !== undefined) return maskValue(classOfFigure(node.class), String(value));
  if (node.isFigure || node.literals?.has(value) || Math.abs(value) < 1e12) return value;
  const text = String(Math.abs(value));
  return mask(text).startsWith(`[${fieldClasses.pan.label}`) ? mask(text) : value;
}

function classOfFigure(fieldClass: FieldClass): FieldClass {
  return fieldClass === 'free_text' ? 'account_number' : fieldClass;
}

const publicId = /^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/;
/** A day, an instant, a single word: no form of a personal value, and nothing to guess by. */
const formless = /^(?:\d{4}-\d\d-\d\d(?:T[\d:.]{8,12}Z)?|[A-Za-z_.]{0,48})$/;

function searched(text: string, search: Search): string {
  if (publicId.test(text) || (formless.test(text) && !isKnown(text, search))) return text;
  search.searched += text.length;
  if (text.length > textMax || search.searched > searchedMax) return unread;
  return search.depth < depthMax && mayBeJson(text)
    ? maskedInside(text, search)
    : mask(text, search.known);
}

function isKnown(text: string, { known }: Search): boolean {
  return known !== undefined && [...known(text)].length > 0;
}

/** JSON in a text, in whose escapes a value could hide. */
function mayBeJson(text: string): boolean {
  return text.includes('\\') && /^\s*[[{"]/.test(text);
}

function maskedInside(text: string, search: Search): string {
  let inner: Json;
  try {
    inner = JSON.parse(text) as Json;
  } catch {
    return mask(text, search.known);
  }
  search.depth += 1;
  const result = masked(untyped, inner, search);
  search.depth -= 1;
  return mask(result === inner ? text : JSON.stringify(result), search.known);
}
