// The API as TypeScript types, from its OpenAPI document: what the console is compiled against.

type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
};
type Content = { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
type Operation = {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content>>;
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const head =
  '// Generated from openapi.json by `npm run gen`: the operations, by method and path.\n';

/** One type, \`Api\`: by method and path, what each takes and answers. */
export function consoleTypes(openApi: object): string {
  const { paths, components } = openApi as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      operationType(`${method.toUpperCase()} ${path}`, operation),
    ),
  );
  const shared = Object.entries(components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};\n`,
  );
  return `${head}\n${shared.join('\n')}\nexport type Api = {\n${operations.join('')}};\n`;
}

function operationType(name: string, operation: Operation): string {
  const { parameters = [], requestBody, responses = {} } = operation;
  const given = (place: string) => {
    const own = parameters.filter((parameter) => parameter.in === place);
    if (own.length === 0) return 'Record<never, never>';
    return objectType(
      Object.fromEntries(own.map((each) => [each.name, each.schema ?? {}])),
      own.filter(({ required }) => required).map((each) => each.name),
    );
  };
  const answers = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, answer]) => jsonOf(answer));
  return [
    `  /** ${operation.summary ?? ''} */\n  '${name}': {\n`,
    `    path: ${given('path')};\n    query: ${given('query')};\n`,
    `    body: ${requestBody ? jsonOf(requestBody) : 'undefined'};\n`,
    `    answer: ${[...new Set(answers)].join(' | ') || 'unknown'};\n  };\n`,
  ].join('');
}

function jsonOf({ content = {} }: Content): string {
  const [first] = Object.values(content);
  return first?.schema ? typeOf(first.schema) : 'unknown';
}

function typeOf(schema: Schema): string {
  const { $ref, anyOf, oneOf, allOf, type } = schema;
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? 'unknown';
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  if (anyOf ?? oneOf) return union((anyOf ?? oneOf ?? []).map(typeOf));
  if (allOf) return allOf.map(typeOf).join(' & ');
  if (typeof type === 'object') return union(type.map((one) => typeOf({ ...schema, type: one })));
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `readonly ${parenthesized(typeOf(schema.items ?? {}))}[]`;
    case 'object':
      return recordType(schema);
    default:
      return 'unknown';
  }
}

function recordType(schema: Schema): string {
  const { properties = {}, required = [], patternProperties, additionalProperties } = schema;
  if (Object.keys(properties).length > 0) return objectType(properties, required);
  const [byPattern] = Object.values(patternProperties ?? {});
  const value = byPattern ?? (typeof additionalProperties === 'object' ? additionalProperties : {});
  return `Readonly<Record<string, ${typeOf(value)}>>`;
}

function objectType(properties: Readonly<Record<string, Schema>>, required: readonly string[]) {
  const members = Object.entries(properties).map(([name, schema]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    return `readonly ${key}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`;
  });
  return `{ ${members.join('; ')} }`;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ') || 'never';
}

function parenthesized(type: string): string {
  return type.includes(' | ') || type.startsWith('readonly') ? `(${type})` : type;
}
