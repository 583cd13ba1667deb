// Prompts as they are asked: approved, masked, bounded, checked, recorded; and stood in for by a
// template wherever one of these fails.
import {
  canonicalJson,
  type Clock,
  type CommandInput,
  externalId,
  Fault,
  type Instant,
  instantToText,
  type Json,
  type Keyring,
  newUuid,
  type Pool,
  type Random,
  sha256Hex,
  withTx,
} from '#core';
import {
  mask,
  type Masked,
  type MaskedJson,
  maskJson,
  openSealing,
  type Sealing,
  textMax,
} from '#privacy';
import {
  type Completion,
  type LanguageModel,
  type ModelTrouble,
  type Price,
  tokensOf,
} from '../llm/model.ts';
import { approvedPrompt, lastAct } from './acts.ts';
import { fitsBudget, type Reservation } from './budget.ts';
import { type CallTexts, callPlace, type RecordBody } from './calls.ts';
import { type Prompt, type Prompts, shippedPrompts } from './file.ts';
import { frame, type Framed } from './frame.ts';
import { readAnswer, type Statement } from './grounding.ts';

export type Question<Facts extends Json> = {
  readonly tenant: string;
  /** The name of a prompt. */
  readonly prompt: string;
  /** What it is about: an id. */
  readonly about: string;
  /** For whom, as `service:reviews`. */
  readonly askedBy: string;
  /** In the shape of the prompt's input; personal values are masked here, before anything else. */
  readonly facts: Facts;
  /** The ids that a statement may rest on. */
  readonly sources: ReadonlySet<string>;
  /** The built-in model: the same facts give the same statements, without a network. */
  readonly template: (masked: Facts) => readonly Statement[];
  /** What else is wrong with an answer, in a word. */
  readonly check?: (statements: readonly Statement[], masked: Facts) => string | undefined;
};

export type PromptAnswer = {
  readonly statements: readonly Statement[];
  /** `case-summary/1` where a model was heard; null where the template answers. */
  readonly prompt: string | null;
  readonly model: string | null;
  /** Why the template stands in for a model that is configured, in a word. */
  readonly stoodInBecause: string | null;
};

export type Prompter = <Facts extends Json>(question: Question<Facts>) => Promise<PromptAnswer>;

export type PrompterOptions = {
  /** Of the role `ai`. */
  readonly pool: Pool;
  readonly keyring: Pick<Keyring, 'vaultKeys'>;
  readonly clock: Clock;
  readonly random: Random;
  /** A clock for latencies alone. */
  readonly elapsedMs: () => number;
  readonly model: LanguageModel;
  /** Has a command carried out. */
  readonly execute: (
    input: CommandInput<Json>,
  ) => Promise<{ readonly outcome: { readonly status: string } }>;
  readonly prompts?: Prompts;
};

/** Calls under way at once; whoever comes then is answered by the template. */
const runningMax = 4;

type Parts = Omit<PrompterOptions, 'prompts'> & {
  readonly prompts: Prompts;
  readonly sealing: Sealing;
  readonly running: Set<Reservation>;
};

/** What a model has written, or why it was not heard. */
type Heard = { readonly statements: readonly Statement[]; readonly prompt: string } | string;

/** The built-in model, for a first start: templates alone, which nothing has to approve. */
export const builtInPrompter: Prompter = async (question) => {
  return standIn(maskedIn(shippedPrompts(), question), null);
};

export function createPrompter(options: PrompterOptions): Prompter {
  const { model, keyring, random, prompts = shippedPrompts() } = options;
  const sealing = openSealing(keyring, random);
  const parts = { ...options, prompts, sealing, running: new Set<Reservation>() };
  return async (question) => {
    const masked = maskedIn(prompts, question);
    const heard = await hear(parts, masked);
    if (typeof heard === 'string') return standIn(masked, heard);
    return { ...heard, model: model.name, stoodInBecause: null };
  };
}

type MaskedQuestion<Facts extends Json> = Omit<Question<Facts>, 'facts'> & {
  readonly facts: Facts & MaskedJson;
};

function maskedIn<Facts extends Json>(
  prompts: Prompts,
  question: Question<Facts>,
): MaskedQuestion<Facts> {
  // Without a schema everything is searched.
  const schema = prompts.get(question.prompt)?.at(-1)?.input ?? true;
  return { ...question, facts: maskJson(schema, question.facts) as Facts & MaskedJson };
}

function standIn<Facts extends Json>(
  { template, facts }: Question<Facts>,
  stoodInBecause: string | null,
): PromptAnswer {
  return { statements: template(facts), prompt: null, model: null, stoodInBecause };
}

async function hear<Facts extends Json>(
  parts: Parts,
  question: MaskedQuestion<Facts>,
): Promise<Heard> {
  const { model, pool, clock, running, random } = parts;
  const { tenant } = question;
  if (!parts.prompts.has(question.prompt)) return 'unknown_prompt';
  if (running.size >= runningMax) return 'busy';
  const at = clock.now();
  // Its place is taken before the first look, so that nobody else takes it meanwhile.
  const place = { ...nothingYet, tenant, prompt: question.prompt };
  let reserved: Reservation = place;
  running.add(place);
  try {
    const ready = await withTx(
      pool,
      async (tx) => {
        const act = await lastAct(tx, question.prompt);
        const prompt = approvedPrompt(parts.prompts, act, model.name);
        if (typeof prompt === 'string') return prompt;
        // The version that is approved may call more personal than the newest one.
        const facts = maskJson(prompt.input, question.facts) as typeof question.facts;
        if (!prompt.takes(facts)) return 'unfit_facts';
        const framed = frame(prompt, facts, random);
        if (framed.request.data.length > prompt.bounds.input_chars) return 'input_too_long';
        running.delete(place);
        reserved = reservationOf(tenant, prompt, framed, model.price);
        running.add(reserved);
        const fits = await fitsBudget(tx, { tenant, prompt, model, at, running });
        return fits ? { prompt, framed, facts } : 'budget_spent';
      },
      { tenant, readOnly: true },
    );
    if (typeof ready === 'string') return ready;
    return await ask(parts, { ...question, facts: ready.facts }, { ...ready, at });
  } finally {
    running.delete(place);
    running.delete(reserved);
  }
}

const nothingYet = { tokens: 0, cost: 0, latencyMs: 0 };

/** At the most: what was sent has been counted roughly, so it counts twice. */
function reservationOf(
  tenant: string,
  { name, bounds }: Prompt,
  { request }: Framed,
  price: Price | undefined,
): Reservation {
  const input = 2 * tokensOf(request.instructions, request.data);
  const output = bounds.output_tokens;
  const cost = costOf(price, { inputTokens: input, outputTokens: output }) ?? 0;
  return { tenant, prompt: name, tokens: input + output, cost, latencyMs: bounds.timeout_ms };
}

type Ready = { readonly prompt: Prompt; readonly framed: Framed; readonly at: Instant };

async function ask<Facts extends Json>(
  parts: Parts,
  question: MaskedQuestion<Facts>,
  { prompt, framed, at }: Ready,
): Promise<Heard> {
  const { model, elapsedMs } = parts;
  const startedAt = elapsedMs();
  const answer = await model.complete(framed.request, prompt.bounds.timeout_ms);
  const latencyMs = Math.round(elapsedMs() - startedAt);
  const read = judge(prompt, question, answer);
  const called = { prompt, framed, at, answer, latencyMs, read };
  const isRecorded = await record(parts, question, called).catch(unlessItPasses);
  if (typeof read === 'string') return read;
  return isRecorded
    ? { statements: read, prompt: `${prompt.name}/${prompt.version}` }
    : 'not_recorded';
}

function judge<Facts extends Json>(
  prompt: Prompt,
  { sources, check, facts }: Question<Facts>,
  answer: Completion | ModelTrouble,
): readonly Statement[] | string {
  if (typeof answer === 'string') return answer;
  const read = readAnswer(prompt, answer.text, sources);
  return typeof read === 'string' ? read : (check?.(read, facts) ?? read);
}

type Called = Ready & {
  readonly answer: Completion | ModelTrouble;
  readonly latencyMs: number;
  readonly read: readonly Statement[] | string;
};

/** What is not on record was never said: an answer that cannot be recorded is not used. */
async function record(
  { execute, sealing, clock, random, model }: Parts,
  { tenant, about, askedBy }: Pick<Question<Json>, 'tenant' | 'about' | 'askedBy'>,
  { prompt, framed, at, answer, latencyMs, read }: Called,
): Promise<boolean> {
  const callId = externalId('promptCall', newUuid({ clock, random }));
  const { instructions, data } = framed.request;
  // What was sent is paid for, whether or not it was answered.
  const used = {
    inputTokens: typeof answer === 'string' ? tokensOf(instructions, data) : answer.inputTokens,
    outputTokens: typeof answer === 'string' ? 0 : answer.outputTokens,
  };
  const cost = costOf(model.price, used);
  const texts: CallTexts = {
    input: framed.input,
    output: typeof answer === 'string' ? null : maskAnswer(answer.text),
  };
  const body: RecordBody = {
    ...{ call_id: callId, prompt: prompt.name, version: prompt.version, digest: prompt.digest },
    ...{ model: model.name, about, asked_by: askedBy },
    stood_in_because: typeof read === 'string' ? read : null,
    sources: typeof read === 'string' ? [] : [...new Set(read.flatMap((each) => each.sources))],
    input_digest: sha256Hex(texts.input),
    output_digest: texts.output === null ? null : sha256Hex(texts.output),
    ...{ input_tokens: used.inputTokens, output_tokens: used.outputTokens },
    ...{ cost: cost ?? null, currency: model.price?.currency ?? null, latency_ms: latencyMs },
    asked_at: instantToText(at),
    sealed: sealing.seal(canonicalJson(texts), callPlace(tenant, callId)),
  };
  const { outcome } = await execute({
    principal: { kind: 'service', id: 'prompts', tenant },
    operation: 'prompt.record',
    idempotencyKey: callId,
    body: body as unknown as Json,
  });
  return outcome.status === 'accepted';
}

/** What passes is tried again by whoever asks; nobody shall wait for what does not. */
function unlessItPasses(error: unknown): false {
  if (error instanceof Fault && !error.retryable) return false;
  throw error;
}

/** A value could hide behind the escapes of JSON, whether or not it is whole. */
function maskAnswer(text: string): Masked {
  const plain = text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return mask(plain.slice(0, textMax));
}

/** Millionths of a minor unit. */
function costOf(
  price: Price | undefined,
  { inputTokens, outputTokens }: Pick<Completion, 'inputTokens' | 'outputTokens'>,
): number | undefined {
  return price && inputTokens * price.input + outputTokens * price.output;
}
