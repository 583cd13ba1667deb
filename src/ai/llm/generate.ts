// One question to a language model by the library `ai`, over a connection of our own: within its
// deadline, heard to a bound, tried once, and told to nobody else.
import type { Json } from '#core';
import type { LanguageModel as SdkModel, generateText } from 'ai';
import type { Agent, Dispatcher } from 'undici';
import { type Completion, type CompletionRequest, countOf, type ModelTrouble } from './model.ts';

/** What a protocol needs of its endpoint; its library is loaded when it is first asked. */
export type OpenProvider = (endpoint: {
  readonly baseURL: string;
  readonly key: string | undefined;
  readonly model: string;
  readonly fetch: typeof fetch;
}) => Promise<Opened>;

export type Opened = {
  readonly model: SdkModel;
  readonly options?: NonNullable<Parameters<typeof generateText>[0]['providerOptions']>;
};

const answerMaxBytes = 64 * 1024;
/** Thrown through the library, which hands on what it does not know. */
const oversized = new Error('the endpoint says too much');

export async function generate(
  opening: Promise<Opened>,
  request: CompletionRequest,
  deadlineMs: number,
): Promise<Completion | ModelTrouble> {
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    const { generateText, jsonSchema, Output } = await library();
    const { model, options } = await opening;
    const { name, instructions, data, outputTokensMax } = request;
    const schema = jsonSchema(request.schema as Readonly<Record<string, Json>>);
    // The schema goes to the model; whether its answer fits, those find out who have asked.
    const parseCompleteOutput = async (answer: { readonly text: string }) => answer.text;
    const output = { ...Output.object({ name, schema }), parseCompleteOutput };
    const { text, usage } = await generateText({
      ...{ model, instructions, prompt: data, output },
      ...{ temperature: 0, maxOutputTokens: outputTokensMax, maxRetries: 0 },
      ...{ abortSignal: deadline, telemetry: { isEnabled: false } },
      ...(options === undefined ? {} : { providerOptions: options }),
    });
    if (text === '') return 'unavailable';
    // Where an endpoint counts nothing, the library says nought, and a budget would never end.
    const inputTokens = countOf(usage.inputTokens || undefined, instructions, data);
    return { text, inputTokens, outputTokens: countOf(usage.outputTokens || undefined, text) };
  } catch (error) {
    // What the endpoint says of itself goes nowhere: it could hold what we have sent.
    if (error === oversized) return 'oversized';
    return deadline.aborted ? 'late' : 'unavailable';
  }
}

/** It takes some 200 ms, which no start has to wait for. */
async function library() {
  // It would warn on standard error of what an endpoint does not know.
  globalThis.AI_SDK_LOG_WARNINGS = false;
  return import('ai');
}

/** An agent of our own takes no proxy from the environment and follows no redirect. */
export function fetchBy(agent: Agent, { origin }: URL): typeof fetch {
  return async (input, { method = 'GET', headers, body, signal } = {}) => {
    const { pathname } = new URL(String(input));
    const { statusCode, body: answer } = await agent.request({
      ...{ origin, path: pathname, method: method as Dispatcher.HttpMethod },
      headers: { ...Object.fromEntries(new Headers(headers)), 'user-agent': 'countersign' },
      ...{ body: body as string, signal: signal ?? null },
    });
    const text = await readBounded(answer);
    return new Response(text, { status: statusCode });
  };
}

/** Cut off where it grows too large, with its connection: a lying endpoint fills no memory. */
async function readBounded(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > answerMaxBytes) throw oversized;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
