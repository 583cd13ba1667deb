// The port to language models: one call, text and schema in, text and its price out.
import type { Json } from '#core';

export type LanguageModel = {
  /** What people approve, and the log tells: the model, where it is asked, and in which region. */
  readonly name: string;
  /** Undefined where nobody has said what it costs. */
  readonly price: Price | undefined;
  /** What all prompts of one bank may take of it in a day. */
  readonly perDay: DayBounds;
  /** What keeps it from answering is its answer; a deadline in milliseconds ends it. */
  readonly complete: (
    request: CompletionRequest,
    deadlineMs: number,
  ) => Promise<Completion | ModelTrouble>;
};

/** Minor units of a currency for a million tokens: a token costs millionths of a minor unit. */
export type Price = {
  readonly currency: string;
  readonly input: number;
  readonly output: number;
};

export type DayBounds = {
  readonly tokens: number;
  /** Minor units of the price's currency. */
  readonly cost: number | undefined;
};

export type CompletionRequest = {
  /** Of the prompt. */
  readonly name: string;
  readonly instructions: string;
  /** What the instructions are about, in a block of its own. */
  readonly data: string;
  /** JSON Schema of the answer. */
  readonly schema: Json;
  readonly outputTokensMax: number;
};

export type Completion = {
  /** JSON, if the model has done as it was told. */
  readonly text: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** Why a model gave no answer. */
export type ModelTrouble = 'late' | 'oversized' | 'unavailable';

/** Beyond all that can be sent; it keeps sums in bounds. */
const countMax = 10_000_000;

/** English has about four signs in a token. */
export function tokensOf(...texts: readonly string[]): number {
  return Math.ceil(texts.join('').length / 4);
}

/** What a provider counted, if it is a count. */
export function countOf(told: unknown, ...texts: readonly string[]): number {
  const isCount = Number.isSafeInteger(told) && (told as number) >= 0;
  return isCount ? Math.min(told as number, countMax) : tokensOf(...texts);
}
