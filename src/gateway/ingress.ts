// Personal arguments on their way in: each becomes a token of the customer's before anything of the
// call is kept. The bank's side alone opens it.
import { assert, canonicalJson, Fault, invalidRequest, type Json } from '#core';
import { classOfToken, type FieldClass, fieldClasses, isToken, type Vault } from '#privacy';
import type { Entry } from './entry.ts';
import { classKeyword, type Given, type Tool } from './tool.ts';

/** The classes of a tool's personal arguments, by name. */
export type PersonalFields = ReadonlyMap<string, FieldClass>;

export type IngressParts = { readonly vault: Pick<Vault, 'tokenize' | 'owns'> };

type Keeping = {
  readonly tenant: string;
  readonly customer: string;
  readonly fields: PersonalFields;
  /** What has made the agent call, as it says. */
  readonly query: string | undefined;
};

/** What may be kept of a call. */
export type Kept = {
  /** With a token for each personal value. */
  readonly given: Given;
  /** The names of those that came as tokens. */
  readonly handed: readonly string[];
  /** A token. */
  readonly query: string | null;
};

/** Longer questions are cut: a record is no transcript. */
const queryMaxChars = 500;

/**
 * The call with a token for each personal value, of which its question is one: people say anything.
 * A token that an agent hands on has to be one of the customer's and of the field's class: what is
 * another's looks like what there is not.
 */
export async function withTokens(
  { vault }: IngressParts,
  given: Given,
  { tenant, customer, fields, query = '' }: Keeping,
): Promise<Kept> {
  const personal = [...fields].flatMap(([name, of]) => {
    const value = given[name];
    return typeof value === 'string' ? [{ name, class: of, value, person: customer }] : [];
  });
  const tokens = personal.filter(({ value }) => isToken(value));
  for (const { name, class: of, value } of tokens) {
    const isOwn = classOfToken(value) === of && (await vault.owns(tenant, customer, [value]));
    if (isOwn) continue;
    const detail = 'is no token of the customer for such a value';
    throw invalidRequest([{ pointer: `/arguments/${name}`, detail }]);
  }
  const values = personal.filter(({ value }) => !isToken(value));
  const question = query.slice(0, queryMaxChars).toWellFormed();
  const asked = { class: 'free_text', value: question, person: customer } as const;
  const wanted = question === '' ? values : [...values, asked];
  const made = await vault.tokenize(tenant, wanted).catch(tellUnavailable);
  const kept = values.map(({ name }, at): [string, Json] => [name, made[at] ?? null]);
  return {
    given: { ...given, ...Object.fromEntries(kept) },
    handed: tokens.map(({ name }) => name),
    query: made[values.length] ?? null,
  };
}

/**
 * By which a call is the same as another. How its values came is part of it: an agent that sends a
 * value in place of a token must not learn whether the token stands for it.
 */
export function callText(given: Json, handed: readonly string[]): string {
  return canonicalJson(handed.length === 0 ? given : { given, handed });
}

/**
 * What is kept of arguments that did not pass: of what is personal not even a token, and nothing of
 * what stands where it does not belong, for that may be anything.
 */
export function withoutValues(
  { checks, personal }: Pick<Entry, 'checks' | 'personal'>,
  given: Given,
) {
  const kept = Object.entries(checks.fitting(given)).map(([name, value]): [string, Json] => {
    const of = personal.get(name);
    return [name, of === undefined ? value : `[${fieldClasses[of].label}]`];
  });
  return Object.fromEntries(kept);
}

/** Those of a tool stand at the top of its arguments, where each is looked for. */
export function personalFields({ name, input }: Pick<Tool, 'name' | 'input'>): PersonalFields {
  const { properties = {} } = input as { properties?: Readonly<Record<string, object>> };
  const fields = new Map(
    Object.entries(properties).flatMap(([field, schema]): [string, FieldClass][] => {
      const of = (schema as { readonly [classKeyword]?: FieldClass })[classKeyword];
      return of === undefined ? [] : [[field, of]];
    }),
  );
  const classes = JSON.stringify(input).split(`"${classKeyword}":`).length - 1;
  assert(classes === fields.size, `${name} takes a personal value deeper than its arguments`);
  return fields;
}

/** Keys that are not there, or rows that do not open, are the bank's trouble and no word of it. */
function tellUnavailable(error: unknown): never {
  const isOurs = error instanceof Fault && ours.has(error.code);
  if (!isOurs) throw error;
  throw new Fault('vault_unavailable', 'personal values cannot be kept for now', { cause: error });
}

const ours: ReadonlySet<string> = new Set(['keyring_invalid', 'vault_damaged']);
