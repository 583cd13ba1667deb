// Grounding: what a model has written is taken only where each statement can be traced to evidence.
import { detect } from '#privacy';
import type { Prompt } from './file.ts';

/** One sentence, with the ids of the evidence that it rests on. */
export type Statement = { readonly text: string; readonly sources: readonly string[] };

/** Why an answer is not taken. */
export type Flaw =
  | 'not_json'
  | 'other_shape'
  | 'empty'
  | 'too_long'
  | 'odd_signs'
  | 'personal_value'
  | 'no_source'
  | 'unknown_source';

/** Marks of markup, and signs that nobody sees: a line break alone is none. */
const oddSigns = /[<>`]|[^\P{C}\n]/u;
const idPattern = /\b[a-z]{3}_[0-9a-z_]{8,}\b/g;

/** The statements of an answer, each of which names its sources among those of the evidence. */
export function readAnswer(
  prompt: Prompt,
  text: string,
  sources: ReadonlySet<string>,
): readonly Statement[] | Flaw {
  const output = parseJson(text);
  if (output === undefined) return 'not_json';
  if (!prompt.answers(output) || !hasStatements(output)) return 'other_shape';
  const { statements } = output;
  if (statements.length === 0) return 'empty';
  const { bounds } = prompt;
  const isLong = statements.some((each) => each.text.length > bounds.statement_chars);
  if (isLong || statements.length > bounds.statements) return 'too_long';
  for (const statement of statements) {
    const flaw = statementFlaw(statement, sources);
    if (flaw !== undefined) return flaw;
  }
  return statements.map((each) => ({
    text: each.text.trim(),
    sources: [...new Set(each.sources)],
  }));
}

function statementFlaw(of: Statement, known: ReadonlySet<string>): Flaw | undefined {
  if (of.text.trim() === '') return 'empty';
  if (oddSigns.test(of.text)) return 'odd_signs';
  if (detect(of.text).length > 0) return 'personal_value';
  if (of.sources.length === 0) return 'no_source';
  // An id in the words is a claim on it, too.
  const named = [...of.sources, ...(of.text.match(idPattern) ?? [])];
  return named.every((id) => known.has(id)) ? undefined : 'unknown_source';
}

/** Whatever a prompt's own schema says: without them there is nothing to ground. */
function hasStatements(output: unknown): output is { readonly statements: readonly Statement[] } {
  const { statements } = output as { statements?: unknown };
  const isStatement = (each: unknown) => {
    const { text, sources } = (each ?? {}) as Partial<Statement>;
    return typeof text === 'string' && Array.isArray(sources) && sources.every(isText);
  };
  return Array.isArray(statements) && statements.every(isStatement);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
