// The language model of the configuration: one endpoint, and where it may be.
import { Fault, hostName, type Resolve } from '#core';
import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import { fetchBy, generate, type Opened, type OpenProvider } from './generate.ts';
import type { DayBounds, LanguageModel, Price } from './model.ts';
import { anthropic } from './providers/anthropic.ts';
import { openai } from './providers/openai.ts';
import { allowedLookup } from './targets.ts';

type Providers = Readonly<Record<string, OpenProvider>>;
const shipped: Providers = { openai, anthropic };

type Environment = Readonly<Record<string, string | undefined>>;

const connectionsMax = 4;
const tokensPerDayDefault = 1_000_000;

/** Undefined without a COUNTERSIGN_LLM_URL. Throws `input_invalid`. */
export function openLanguageModel(
  environment: Environment,
  of: { readonly resolve?: Resolve; readonly providers?: Providers } = {},
): LanguageModel | undefined {
  const { resolve, providers = shipped } = of;
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
  const endpoint = {
    ...{ baseURL: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, model },
    ...{ key: keyOf(environment), fetch: fetchBy(agent, url) },
  };
  let opening: Promise<Opened> | undefined;
  return {
    name: `${model}@${url.host}${region === '' ? '' : `/${region}`}`,
    price,
    perDay: perDayOf(environment, price),
    complete(request, deadlineMs) {
      opening ??= provider(endpoint).catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return generate(opening, request, deadlineMs);
    },
  };
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
