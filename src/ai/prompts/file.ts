// Prompts as files: `prompts/NAME/VERSION.md`, a head in JSON (which is YAML) and the instructions.
import { assert, closed, Fault, type Json, sha256Hex } from '#core';
import { readdirSync, readFileSync } from 'node:fs';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { Compile as CompileSchema } from 'typebox/schema';

const name = Type.String({ pattern: '^[a-z][a-z0-9-]{1,59}$', examples: ['case-summary'] });
const version = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const count = (maximum: number) => Type.Integer({ minimum: 1, maximum });
const schema = Type.Object({ type: Type.Literal('object') }, { additionalProperties: true });

const head = Type.Object(
  {
    name,
    version,
    purpose: Type.String({ minLength: 1, maxLength: 200 }),
    /** JSON Schema of the facts, closed: what it does not name is never sent. */
    input: schema,
    /** JSON Schema of the answer, which has `statements`. */
    output: schema,
    /** What a model may ask for while it answers. */
    tools: Type.Array(Type.String({ maxLength: 80 }), { maxItems: 20 }),
    bounds: Type.Object(
      {
        input_chars: count(60_000),
        statements: count(50),
        statement_chars: count(4_000),
        output_tokens: count(8_000),
        timeout_ms: count(60_000),
        calls_per_day: count(1_000_000),
        tokens_per_day: count(1_000_000_000),
        seconds_per_day: count(86_400),
      },
      closed,
    ),
  },
  closed,
);
const headCheck = Compile(head);

export const promptSchemas = { name, version };

export type Prompt = Type.Static<typeof head> & {
  readonly instructions: string;
  /** SHA-256 of the whole file, whatever its line breaks: what a bank approves. */
  readonly digest: string;
  readonly takes: (facts: Json) => boolean;
  readonly answers: (output: unknown) => boolean;
};

/** Of one name, the oldest first. */
export type Prompts = ReadonlyMap<string, readonly Prompt[]>;

const folder = new URL('../../../prompts/', import.meta.url);
let shipped: Prompts | undefined;

/** Read once. */
export function shippedPrompts(): Prompts {
  shipped ??= readPrompts(folder);
  return shipped;
}

export function readPrompts(of: URL): Prompts {
  const found = readdirSync(of, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md'))
    .map((path) => {
      const prompt = parsePrompt(readFileSync(new URL(path, of), 'utf8'));
      assert(
        path === `${prompt.name}/${prompt.version}.md`,
        `prompts/${path} is called as it says`,
      );
      return prompt;
    });
  const inOrder = found.sort((a, b) => a.version - b.version);
  return Map.groupBy(inOrder, (prompt) => prompt.name);
}

/** Throws `input_invalid` for what is no prompt. */
export function parsePrompt(file: string): Prompt {
  const text = file.replaceAll('\r\n', '\n');
  const [, json, body] = /^---\n(.*?)\n---\n(.+)$/s.exec(text) ?? [];
  if (json === undefined || body === undefined)
    throw invalid('has a head between two lines of ---');
  const parsed = parse(json);
  if (!headCheck.Check(parsed)) {
    const [first] = headCheck.Errors(parsed);
    throw invalid(`${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}`);
  }
  const [input, output] = [CompileSchema(parsed.input), CompileSchema(parsed.output)];
  return {
    ...parsed,
    instructions: body.trim(),
    digest: sha256Hex(text),
    takes: (facts) => input.Check(facts),
    answers: (answer) => output.Check(answer),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new Fault('input_invalid', 'the head of a prompt is JSON', { cause });
  }
}

function invalid(words: string): Fault {
  return new Fault('input_invalid', `a prompt ${words}`);
}
