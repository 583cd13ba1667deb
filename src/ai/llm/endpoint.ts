// The language model of the configuration: one endpoint, asked within a deadline, heard to a bound.
import { Fault, hostName, type Resolve } from '#core';
import { readFileSync } from 'node:fs';
import { Agent, type Dispatcher } from 'undici';
import type {
  Completion,
  CompletionRequest,
  DayBounds,
  LanguageModel,
  ModelTrouble,
  Price,
  Provider,
} from './model.ts';
import { anthropic } from './providers/anthropic.ts';
import { openai } from './providers/openai.ts';
import { allowedLookup } from './targets.ts';

const providers: Readonly<Record<string, Provider>> = { openai, anthropic };

type Environment = Readonly<Record<string, string | undefined>>;

const answerMaxBytes = 64 * 1024;
const connectionsMax = 4;
const tokensPerDayDefault = 1_000_000;

/** Undefined without a COUNTERSIGN_LLM_URL. Throws `input_invalid`. */
export function openLanguageModel(
  environment: Environment,
  { resolve }: { readonly resolve?: Resolve } = {},
): LanguageModel | undefined {
  const base = environment['COUNTERSIGN_LLM_URL'] ?? '';
  if (base === '') return undefined;
  const url = urlOf(base);
  const kind = environment['COUNTERSIGN_LLM_KIND'] ?? 'openai';
  const provider = Object.hasOwn(providers, kind) ? providers[kind] : undefined;
  if (provider === undefined) refuse('KIND', `is one of ${Object.keys(providers).join(', ')}`);
  const model = environment['COUNTERSIGN_LLM_MODEL'] ?? '';
  if (!/^[\w./:-]{1,100}$/.test(model)) refuse('MODEL', 'names the model at COUNTERSIGN_LLM_URL');
  const region = environment['COUNTERSIGN_LLM_REGION'] ?? '';
  if (!/^[a-z0-9-]{0,40}$/.test(region)) refuse('REGION', 'is a word such as eu-central');
  const lookup = allowedLookup(url, listedIn(environment['COUNTERSIGN_LLM_ALLOW']), resolve);
  const agent = new Agent({ connections: connectionsMax, connect: { lookup } });
  const price = priceOf(environment['COUNTERSIGN_LLM_PRICE']);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'countersign',
    ...provider.headers(keyOf(environment)),
  };
  return {
    name: `${model}@${url.host}${region === '' ? '' : `/${region}`}`,
    price,
    perDay: perDayOf(environment, price),
    async complete(request, deadlineMs) {
      const body = JSON.stringify(provider.body(model, request));
      const path = `${url.pathname.replace(/\/+$/, '')}${provider.path}`;
      const ask = { origin: url.origin, path, method: 'POST', headers, body } as const;
      return send(agent, ask, { provider, request, deadlineMs });
    },
  };
}

type Asking = {
  readonly provider: Provider;
  readonly request: CompletionRequest;
  readonly deadlineMs: number;
};

/** An agent of our own takes no proxy from the environment and follows no redirect. */
async function send(
  agent: Agent,
  ask: Dispatcher.RequestOptions,
  { provider, request, deadlineMs }: Asking,
): Promise<Completion | ModelTrouble> {
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    const { statusCode, body } = await agent.request({ ...ask, signal: deadline });
    const text = await readBounded(body);
    if (text === undefined) return 'oversized';
    if (statusCode !== 200) return 'unavailable';
    return provider.read(JSON.parse(text), request) ?? 'unavailable';
  } catch {
    // What the endpoint says of itself goes nowhere: it could hold what we have sent.
    return deadline.aborted ? 'late' : 'unavailable';
  }
}

/** Cut off where it grows too large, with its connection: a lying endpoint fills no memory. */
async function readBounded(body: Dispatcher.ResponseData['body']): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > answerMaxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

// Configuration -----------------------------------------------------------------------------------

function urlOf(base: string): URL {
  const url = URL.parse(base);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  const isBare = url?.username === '' && url.password === '' && url.search + url.hash === '';
  if (!url || !isWeb || !isBare) refuse('URL', 'is http or https, and holds no password or query');
  return url;
}

function listedIn(text = ''): ReadonlySet<string> {
  const hosts = text.split(',').map((host) => hostName(host.trim()));
  return new Set(hosts.filter((host) => host !== ''));
}

/** A file is read by nobody who may only read the environment of a process. */
function keyOf(environment: Environment): string | undefined {
  const { COUNTERSIGN_LLM_KEY: key = '', COUNTERSIGN_LLM_KEY_FILE: file = '' } = environment;
  if (file === '') return key === '' ? undefined : key;
  if (key !== '') refuse('KEY_FILE', 'or COUNTERSIGN_LLM_KEY is given, not both');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Fault('input_invalid', 'COUNTERSIGN_LLM_KEY_FILE cannot be read', { cause });
  }
}

/** `EUR 25 100`: minor units for a million tokens in, and for a million out. */
function priceOf(text = ''): Price | undefined {
  if (text === '') return undefined;
  const [, currency, input, output] = /^([A-Z]{3}) (\d{1,6}) (\d{1,6})$/.exec(text) ?? [];
  if (currency === undefined) refuse('PRICE', 'is like EUR 25 100, in minor units per million');
  return { currency, input: Number(input), output: Number(output) };
}

function perDayOf(environment: Environment, price: Price | undefined): DayBounds {
  const { COUNTERSIGN_LLM_TOKENS_PER_DAY: tokens, COUNTERSIGN_LLM_COST_PER_DAY: cost } =
    environment;
  if (cost !== undefined && price === undefined) {
    refuse('COST_PER_DAY', 'needs a COUNTERSIGN_LLM_PRICE');
  }
  return {
    tokens: tokens === undefined ? tokensPerDayDefault : countIn('TOKENS_PER_DAY', tokens),
    cost: cost === undefined ? undefined : countIn('COST_PER_DAY', cost),
  };
}

function countIn(name: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) refuse(name, 'is a whole number');
  return Number(text);
}

function refuse(name: string, words: string): never {
  throw new Fault('input_invalid', `COUNTERSIGN_LLM_${name} ${words}`);
}
