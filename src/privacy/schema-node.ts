// What a JSON Schema says about privacy, compiled once: which fields have which class.
import type { Json } from '#core';
import { type FieldClass, fieldClasses } from './classes.ts';

/** The annotation that says which class of personal value a field of a schema holds. */
export const classKeyword = 'x-class';

export type SchemaNode = {
  class: FieldClass | undefined;
  /** Of `type`, `integer` as `number`; undefined where any may stand. */
  types: Set<string> | undefined;
  isFigure: boolean;
  /** The texts and figures of `const` and `enum`. */
  literals: Set<Json> | undefined;
  readonly members: Map<string, SchemaNode>;
  readonly patterns: [RegExp, SchemaNode][];
  /** Members that must be what they are, by which one choice is told from another. */
  readonly constants: [string, Json][];
  /** Undefined where nothing is declared. */
  others: SchemaNode | undefined;
  readonly first: SchemaNode[];
  items: SchemaNode | undefined;
  readonly choices: SchemaNode[];
  /** All that it says of a value is in its choices. */
  isComposite: boolean;
};

type Schema = { readonly [keyword: string]: unknown };

/** The definitions that a reference may mean, the nearest first. */
type Scope = { readonly root: Schema; readonly definitions: readonly Schema[] };

/** Nothing is declared: everything is searched. */
export const untyped: SchemaNode = emptyNode();

const compiled = new WeakMap<object, SchemaNode>();

export function compileSchema(schema: object | boolean): SchemaNode {
  if (typeof schema === 'boolean') return untyped;
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const root = schema as Schema;
  const node = compile(root, { root, definitions: [] }, new Map());
  compiled.set(schema, node);
  return node;
}

function emptyNode(): SchemaNode {
  return {
    ...{ class: undefined, types: undefined, isFigure: false, literals: undefined },
    ...{ members: new Map(), patterns: [], constants: [], first: [], choices: [] },
    ...{ others: undefined, items: undefined, isComposite: false },
  };
}

/** `made` ends the recursion of a schema that refers to itself. */
function compile(schema: unknown, scope: Scope, made: Map<object, SchemaNode>): SchemaNode {
  if (typeof schema !== 'object' || schema === null) return untyped;
  const known = made.get(schema);
  if (known !== undefined) return known;
  const node = emptyNode();
  made.set(schema, node);
  fill(node, schema as Schema, { scope, made, entered: new Set() });
  node.isComposite = node.choices.length > 0 && !hasOwn(node);
  return node;
}

type Filling = {
  readonly scope: Scope;
  readonly made: Map<object, SchemaNode>;
  /** By references at one place: a reference to itself says nothing. */
  readonly entered: Set<object>;
};

/** All that holds at one place goes into one node: `allOf`, `$ref` and the conditions too. */
function fill(node: SchemaNode, schema: Schema, filling: Filling): void {
  if (filling.entered.has(schema)) return;
  filling.entered.add(schema);
  const definitions = [schema['$defs'], schema['definitions']].filter(isSchema);
  const { root } = filling.scope;
  const scope = { root, definitions: [...definitions, ...filling.scope.definitions] };
  const inside = { ...filling, scope };
  fillValue(node, schema);
  fillMembers(node, schema, inside);
  fillItems(node, schema, inside);
  const choices = [schema['anyOf'], schema['oneOf']].flatMap(listOf);
  for (const keyword of ['then', 'else', 'if']) choices.push(...[schema[keyword]].filter(isSchema));
  node.choices.push(...choices.map((choice) => compile(choice, scope, filling.made)));
  for (const part of listOf(schema['allOf'])) if (isSchema(part)) fill(node, part, inside);
  const target = referred(schema['$ref'] ?? schema['$dynamicRef'], scope);
  if (target !== undefined) fill(node, target, inside);
}

function fillValue(node: SchemaNode, schema: Schema): void {
  const fieldClass = schema[classKeyword];
  if (typeof fieldClass === 'string') {
    // A class that nobody knows is no reason to show the value.
    node.class = Object.hasOwn(fieldClasses, fieldClass) ? (fieldClass as FieldClass) : 'name';
  }
  const types = listOf(schema['type']).map((type) =>
    type === 'integer' ? 'number' : String(type),
  );
  if (types.length > 0) node.types = new Set([...(node.types ?? []), ...types]);
  node.isFigure ||= types.includes('number');
  const literals = ['const' in schema ? [schema['const']] : [], schema['enum']].flatMap(listOf);
  if (literals.length > 0)
    node.literals = new Set([...(node.literals ?? []), ...literals] as Json[]);
}

function fillMembers(node: SchemaNode, schema: Schema, { scope, made }: Filling): void {
  for (const [name, member] of entriesOf(schema['properties'])) {
    node.members.set(name, compile(member, scope, made));
    if (isSchema(member) && 'const' in member) node.constants.push([name, member['const'] as Json]);
  }
  for (const [pattern, member] of entriesOf(schema['patternProperties'])) {
    node.patterns.push([new RegExp(pattern, 'u'), compile(member, scope, made)]);
  }
  const rest = schema['additionalProperties'] ?? schema['unevaluatedProperties'];
  if (isSchema(rest)) node.others = compile(rest, scope, made);
}

function fillItems(node: SchemaNode, schema: Schema, { scope, made }: Filling): void {
  const first = [schema['prefixItems'], Array.isArray(schema['items']) ? schema['items'] : []];
  node.first.push(...first.flatMap(listOf).map((item) => compile(item, scope, made)));
  const rest = [schema['items'], schema['additionalItems'], schema['unevaluatedItems']];
  const found = rest.find(isSchema);
  if (found !== undefined) node.items = compile(found, scope, made);
}

/** `#/$defs/name`, another pointer into the schema, or the bare name of a definition. */
function referred(reference: unknown, { root, definitions }: Scope): Schema | undefined {
  if (typeof reference !== 'string') return undefined;
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) {
    return definitions.map((each) => each[reference]).find(isSchema);
  }
  const path = reference.slice(2).split('/');
  let found: unknown = root;
  for (const step of path) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    found = isSchema(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return isSchema(found) ? found : undefined;
}

function hasOwn(node: SchemaNode): boolean {
  const isEmpty = node.members.size + node.patterns.length + node.first.length === 0;
  return !isEmpty || node.class !== undefined || node.literals !== undefined;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function entriesOf(value: unknown): [string, unknown][] {
  return isSchema(value) ? Object.entries(value) : [];
}
