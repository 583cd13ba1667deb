// JSON Schemas of events, read for people: what a field is, whether it may be missing, what it means.
import { useApi } from '../../api/queries.ts';

export type Schema = {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
};

export type Field = {
  /** Names from the outside inwards; `[]` stands for what is in a list. */
  readonly path: readonly string[];
  readonly schema: Schema;
  readonly isRequired: boolean;
};

/** `type`: of events; undefined as long as none is known. */
export function useSchema(type: string | undefined) {
  return useApi(
    'GET /v1/event-schemas/{type}/{version}',
    { path: { type: type ?? '', version: '1' } },
    { enabled: type !== undefined },
  );
}

/** The schema at names from the outside inwards. */
export function schemaAt(schema: unknown, ...names: readonly string[]): Schema | undefined {
  let at = schema as Schema | undefined;
  for (const name of names) at = bare(at).properties?.[name];
  return at;
}

/** Without the alternative that it is null. */
export function bare(schema: Schema | undefined): Schema {
  const { anyOf = [], ...own } = schema ?? {};
  const others = anyOf.filter(({ type }) => type !== 'null');
  return others.length === 1 ? { ...own, ...others[0] } : (schema ?? {});
}

/** All fields below, in their order, with those of objects within. */
export function fieldsOf(schema: Schema | undefined, path: readonly string[] = []): Field[] {
  const { properties = {}, required = [] } = bare(schema);
  return Object.entries(properties).flatMap(([name, each]): Field[] => {
    const here = [...path, name];
    const inner = bare(each);
    const below =
      inner.items === undefined ? fieldsOf(each, here) : fieldsOf(inner.items, [...here, '[]']);
    return [{ path: here, schema: each, isRequired: required.includes(name) }, ...below];
  });
}

const plainTypes: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'yes or no',
  object: 'object',
  array: 'list',
};

/** `text`, `list of ids acc_…`, `one of allow, deny`, `instant or nothing`. */
export function typeWords(schema: Schema): string {
  const isNullable = schema.anyOf?.some(({ type }) => type === 'null') ?? false;
  return `${typeOf(bare(schema))}${isNullable ? ', or null' : ''}`;
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `always ${String(schema.const)}`;
  if (schema.enum) return `one of ${schema.enum.map(String).join(', ')}`;
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeWords))].join(', or ');
  if (schema.format === 'date-time') return 'instant';
  const prefix = /^\^([a-z]{3}_)\[/.exec(schema.pattern ?? '')?.[1];
  if (prefix !== undefined) return `id ${prefix}…`;
  if (schema.items && Object.keys(schema.items).length > 0) {
    return `list of ${typeWords(schema.items)}`;
  }
  if (schema.patternProperties) return 'object with names of its own';
  return plainTypes[schema.type ?? ''] ?? 'anything';
}
