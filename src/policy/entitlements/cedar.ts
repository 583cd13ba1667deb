// Cedar as the entitlements use it: rules read and checked once, then asked many times.
import { Fault } from '#core';
import type * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { createRequire } from 'node:module';

/** One Cedar policy. Its id and reason are what an explanation shows. */
export type Rule = {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly reason: string;
  readonly text: string;
  /** The actions and groups of which it speaks; null where it speaks of all. */
  readonly actions: readonly string[] | null;
};

export type Schema = {
  readonly text: string;
  readonly actions: ReadonlyMap<string, Action>;
};

export type Action = {
  readonly groups: readonly string[];
  /** The types of entities that it may be asked of. */
  readonly principals: readonly string[];
  readonly resources: readonly string[];
};

/** Rules that were found good under a schema, to be asked together. */
export type PreparedRules = {
  /** Content-addressed: equal ids mean equal rules under an equal schema. */
  readonly id: string;
  readonly schema: Schema;
  readonly rules: ReadonlyMap<string, Rule>;
};

export type CedarCall = Pick<cedar.StatefulAuthorizationCall, 'context' | 'entities'> &
  Readonly<Record<'principal' | 'action' | 'resource', cedar.TypeAndId>>;

export type CedarAnswer = {
  readonly allowed: boolean;
  readonly deciding: readonly string[];
  readonly errors: readonly string[];
};

export type Finding = { readonly line: number; readonly column: number; readonly detail: string };

const textMax = 32_768;
const rulesMax = 100;
const findingsMax = 10;
// Cedar recurses, and its stack holds some 130 open brackets, or an expression of some 365 levels.
// Whatever it is that nests or chains, each level takes two tokens: their number bounds all of it.
const nestingMax = 24;
const ruleTokensMax = 400;
/** Checking takes time for each, and nobody else is served meanwhile. */
const tokensMax = 4_000;
/** What Cedar holds parsed at once; it forgets nothing by itself. */
const slotsMax = 1_000;

/** One memory answers; the other reads what nobody has checked yet. */
const [serving, checking] = [openMemory(), openMemory()];

/** Asks. Whatever goes wrong is an error in the answer, and an error never allows. */
export function askCedar(prepared: PreparedRules, call: CedarCall): CedarAnswer {
  const { principal, action, resource } = call;
  const known = prepared.schema.actions.get(action.id);
  if (known === undefined) return failed([`the action ${action.id} does not exist`]);
  // Cedar's own check of a request under the schema costs as much as the answer.
  if (!known.principals.includes(principal.type) || !known.resources.includes(resource.type)) {
    return failed([`a ${principal.type} cannot ask for ${action.id} on a ${resource.type}`]);
  }
  const parents = known.groups.map((id) => ({ type: 'Action', id }));
  const answer = serving((memory) =>
    memory.cedar.statefulIsAuthorized({
      ...call,
      entities: [...call.entities, { uid: action, attrs: {}, parents }],
      preparsedPolicySetId: slotOf(memory, prepared, { ...known, id: action.id }),
    }),
  );
  if (answer.type === 'failure') return failed(told(answer));
  const { decision, diagnostics } = answer.response;
  // Cedar skips a rule that fails; were it a guard, skipping it would allow.
  const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`);
  const allowed = decision === 'allow' && errors.length === 0;
  return { allowed, deciding: diagnostics.reason.toSorted(byText), errors: errors.sort(byText) };
}

function failed(errors: readonly string[]): CedarAnswer {
  return { allowed: false, deciding: [], errors };
}

/** Cedar tells its rules in no order. */
function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}

export function readSchema(text: string): Schema {
  const answer = checking(({ cedar }) => cedar.schemaToJson(text));
  if (answer.type === 'failure') throw invalid(placed(text, answer.errors));
  const declared = Object.values(answer.json).flatMap(({ actions }) => Object.entries(actions));
  const actions = declared.map(([name, { memberOf = [], appliesTo }]): [string, Action] => [
    name,
    {
      groups: memberOf.map(({ id }) => id),
      principals: appliesTo?.principalTypes ?? [],
      resources: appliesTo?.resourceTypes ?? [],
    },
  ]);
  return { text, actions: new Map(actions) };
}

/** The rules of a text, or a Fault that names the places and the reasons. */
export function readRules(schema: Schema, text: string): readonly Rule[] {
  const shape = shapeOf(text);
  if (shape) throw invalid([shape]);
  const validated = checking(({ cedar }) =>
    cedar.validate({ schema: schema.text, policies: { staticPolicies: text } }),
  );
  if (validated.type === 'failure') throw invalid(placed(text, validated.errors));
  // A warning is a rule that can never apply, or a name that looks like another: both are mistakes.
  const mistakes = [...validated.validationErrors, ...validated.validationWarnings];
  if (mistakes.length > 0) {
    throw invalid(
      placed(
        text,
        mistakes.map(({ error }) => error),
      ),
    );
  }
  const parts = checking(({ cedar }) => cedar.policySetTextToParts(text));
  if (parts.type === 'failure') throw invalid(placed(text, parts.errors));
  if (parts.policy_templates.length > 0) throw invalid([at(text, 0, 'a rule has no ?slots')]);
  if (parts.policies.length > rulesMax) {
    throw invalid([at(text, 0, `there are more than ${rulesMax} rules`)]);
  }
  return named(text, parts.policies);
}

function named(text: string, policies: readonly string[]): Rule[] {
  const seen = new Set<string>();
  return policies.map((policy) => {
    const answer = checking(({ cedar }) => cedar.policyToJson(policy));
    const place = Math.max(0, text.indexOf(policy));
    if (answer.type === 'failure') throw invalid(placed(policy, answer.errors));
    const { effect, annotations = {} } = answer.json;
    const { id = '', reason = '' } = annotations;
    if (!/^[a-z][a-z0-9-]{0,59}$/.test(id)) {
      throw invalid([at(text, place, 'a rule needs an @id of small letters, digits and dashes')]);
    }
    if (reason.length === 0 || reason.length > 200) {
      throw invalid([at(text, place, `the rule ${id} needs a @reason of 1 to 200 characters`)]);
    }
    if (seen.has(id)) throw invalid([at(text, place, `two rules have the id ${id}`)]);
    seen.add(id);
    return { id, effect, reason, text: policy, actions: actionsOf(answer.json.action) };
  });
}

function actionsOf(constraint: cedar.ActionConstraint): readonly string[] | null {
  if ('entities' in constraint) return constraint.entities.map(idOf);
  return 'entity' in constraint ? [idOf(constraint.entity)] : null;
}

function idOf(uid: cedar.EntityUidJson): string {
  return '__entity' in uid ? uid.__entity.id : uid.id;
}

/** What is wrong with a text before Cedar reads it. */
function shapeOf(text: string): Finding | undefined {
  if (text.length > textMax) return at(text, 0, `the text is longer than ${textMax} characters`);
  let [tokens, ofRule, depth] = [0, 0, 0];
  // A string, closed or not, is one; a comment is none.
  for (const { 0: token, index } of text.matchAll(
    /"(?:[^"\\]|\\[\s\S]?)*(?:"|$)|\/\/[^\n]*|\w+|::|&&|\|\||[=!<>]=|[^\s\w]/g,
  )) {
    if (token.startsWith('//')) continue;
    if ('([{'.includes(token)) depth += 1;
    else if (')]}'.includes(token)) depth -= 1;
    tokens += 1;
    ofRule = token === ';' ? 0 : ofRule + 1;
    if (depth > nestingMax) return at(text, index, `more than ${nestingMax} brackets are open`);
    if (ofRule > ruleTokensMax) {
      return at(text, index, `a rule has more than ${ruleTokensMax} words and signs`);
    }
    if (tokens > tokensMax) {
      return at(text, index, `the text has more than ${tokensMax} words and signs`);
    }
  }
  return undefined;
}

// Cedar's memory ----------------------------------------------------------------------------------

type Memory = {
  readonly cedar: typeof cedar;
  /** Where it holds which rules parsed: the one asked least lately first. */
  readonly slots: Map<string, string>;
};

/**
 * A Cedar with a memory of its own. Once it traps, which is a failure like any other, that memory
 * answers nothing any more, to anybody: the next question finds a new one.
 */
function openMemory() {
  let memory: Memory | undefined;
  return <Answer>(call: (memory: Memory) => Answer): Answer | Failure => {
    try {
      memory ??= { cedar: loadCedar(), slots: new Map() };
      return call(memory);
    } catch (error) {
      memory = undefined;
      const message = error instanceof Error ? error.message : String(error);
      const detail = { message, help: null, code: null, url: null, severity: null };
      return { type: 'failure', errors: [detail], warnings: [] };
    }
  };
}

/** Its module is its memory, so it is loaded anew; `require` of its own, or that keeps the old. */
function loadCedar(): typeof cedar {
  const require = createRequire(import.meta.url);
  const path = require.resolve('@cedar-policy/cedar-wasm/nodejs');
  delete require.cache[path];
  return require(path) as typeof cedar;
}

/**
 * Where Cedar holds the rules parsed. Only those that speak of the action: it copies them with each
 * question, which costs more than evaluating them. The slot asked least lately is used anew.
 */
function slotOf(
  { cedar, slots }: Memory,
  { id, rules }: PreparedRules,
  action: Action & { readonly id: string },
): string {
  const key = `${id} ${action.id}`;
  const known = slots.get(key);
  if (known !== undefined) {
    slots.delete(key);
    slots.set(key, known);
    return known;
  }
  const [oldest] = slots.size < slotsMax ? [] : slots;
  const slot = oldest?.[1] ?? `rules-${slots.size}`;
  if (oldest) slots.delete(oldest[0]);
  const named = [action.id, ...action.groups];
  const speaking = [...rules.values()].filter(
    ({ actions }) => actions === null || actions.some((each) => named.includes(each)),
  );
  const staticPolicies = Object.fromEntries(speaking.map((rule) => [rule.id, rule.text]));
  const answer = cedar.preparsePolicySet(slot, { staticPolicies });
  if (answer.type === 'failure') throw new Error(told(answer).join('; '));
  slots.set(key, slot);
  return slot;
}

// Errors ------------------------------------------------------------------------------------------

type Failure = {
  type: 'failure';
  errors: cedar.DetailedError[];
  warnings: cedar.DetailedError[];
};

function told({ errors }: { errors: readonly cedar.DetailedError[] }): string[] {
  return errors.map(({ message }) => message);
}

function placed(text: string, errors: readonly cedar.DetailedError[]): Finding[] {
  const bytes = Buffer.from(text);
  const findings = errors.map((error) => {
    // The first thing that the parser stumbled over stands among the related.
    const all = [error, ...(error.related ?? [])];
    const [first = error] = all.sort((one, other) => startOf(one) - startOf(other));
    const start = startOf(first);
    const offset = Number.isFinite(start) ? bytes.subarray(0, start).toString().length : 0;
    const label = first.sourceLocations?.[0]?.label;
    const message = first.message.replace(/^for policy `\w+`[:,] /, '');
    const more = [label, first.help].filter((each) => each !== null && each !== undefined);
    return at(text, offset, [message, ...more].join('; '));
  });
  const distinct = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...distinct.values()];
}

function startOf({ sourceLocations }: cedar.DetailedError): number {
  return sourceLocations?.[0]?.start ?? Number.POSITIVE_INFINITY;
}

function at(text: string, offset: number, detail: string): Finding {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1, detail };
}

function invalid(findings: readonly Finding[]): Fault {
  const errors = findings.slice(0, findingsMax).map(({ line, column, detail }) => ({
    pointer: '/text',
    detail: `line ${line}, column ${column}: ${detail}`,
  }));
  const first = errors[0]?.detail ?? '';
  return new Fault('invalid_request', `the entitlement rules are refused: ${first}`, {
    detail: { errors },
  });
}
