// What the words of prompts mean to the people who approve them.
import type { Answer, Operation } from '../../api/client.ts';

export type Prompt = Answer<'GET /v1/prompts'>['items'][number];
export type Whole = Answer<'GET /v1/prompts/{name}'>;
export type Version = Whole['versions'][number];
export type PromptCall = Answer<'GET /v1/prompt-calls'>['items'][number];

/** What is read again after a prompt was approved or withdrawn. */
export const promptReads: readonly Operation[] = [
  'GET /v1/prompts',
  'GET /v1/prompts/{name}',
  'GET /v1/prompts/{name}/acts',
];

/** Why the built-in model answers in the place of a language model. */
const standInWords: Readonly<Record<string, string>> = {
  no_model: 'no language model is configured',
  not_approved: 'nobody has approved it',
  other_model: 'it was approved for another language model',
  changed: 'its text has changed since it was approved',
  budget_spent: 'the budget of the day is spent',
};

export function standInText(code: string): string {
  return standInWords[code] ?? code.replaceAll('_', ' ');
}

type Bounds = {
  readonly input_chars: number;
  readonly statements: number;
  readonly statement_chars: number;
  readonly output_tokens: number;
  readonly timeout_ms: number;
  readonly calls_per_day: number;
  readonly tokens_per_day: number;
  readonly seconds_per_day: number;
};

/** The API tells them as the file holds them. */
export function boundsOf({ bounds }: Version): Bounds {
  return bounds as unknown as Bounds;
}
