// The wire to a core: HTTP with deadlines and a bounded pool, JSON without floating point, days and
// instants of the core's own zone.
import {
  Fault,
  formatDecimal,
  instantFromText,
  instantToText,
  isoExponent,
  parseDecimal,
  toJsonNumber,
  toMinorUnits,
} from '#core';
import { Agent, request as httpRequest } from 'undici';
import type { AdapterOptions } from './adapter.ts';
import { coreFault } from './failures.ts';

export type Wire = {
  /** For what changes nothing. Throws `core_failed` where no answer comes. */
  readonly ask: (request: WireRequest) => Promise<WireAnswer>;
  /** Undefined where it may have arrived and no answer came. Throws where it cannot have. */
  readonly order: (request: WireRequest) => Promise<WireAnswer | undefined>;
  readonly close: () => Promise<void>;
};

export type WireRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the address of the core, beginning with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
};

export type WireAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type WireOptions = Pick<AdapterOptions, 'url' | 'ca'> & {
  /** Of the core, in what is told of failures. */
  readonly core: string;
  /** On every request: credentials belong here. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
};

/** What one process asks of one core at a time; the guard around it bounds each operation. */
const connectionsMax = 64;
const answerMaxBytes = 16 * 1024 * 1024;

export function openWire({ core, url, ca, headers = {}, timeoutMs = 10_000 }: WireOptions): Wire {
  const base = url.replace(/\/+$/, '');
  const agent = new Agent({
    connections: connectionsMax,
    pipelining: 1,
    connect: { timeout: Math.min(timeoutMs, 5_000), ...(ca === undefined ? {} : { ca }) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: answerMaxBytes,
  });
  const send = async (asked: WireRequest): Promise<WireAnswer> => {
    const { method = 'GET', path, query = {}, body } = asked;
    // No escape keeps these: a URL leads to what stands above, and that is no record of that id.
    if (/\/\.{1,2}(?:\/|$)/.test(path)) {
      throw new Fault('input_invalid', `the core ${core} has nothing that is called . or ..`);
    }
    const told = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(
      told.map(([name, value]): [string, string] => [name, String(value)]),
    );
    const limit = AbortSignal.timeout(timeoutMs);
    const answer = await httpRequest(
      `${base}${path}${told.length > 0 ? `?${search.toString()}` : ''}`,
      {
        method,
        dispatcher: agent,
        headers: { ...headers, ...asked.headers },
        ...(body === undefined ? {} : { body }),
        signal: asked.signal ? AbortSignal.any([asked.signal, limit]) : limit,
      },
    );
    const names = Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as const],
    );
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(names),
      body: await answer.body.text(),
    };
  };
  const away = (cause: unknown) =>
    coreFault(core, { class: 'unavailable', code: codeOf(cause), text: 'no answer' }, cause);
  return {
    async ask(asked) {
      try {
        return await send(asked);
      } catch (cause) {
        if (asked.signal?.aborted || cause instanceof Fault) throw cause;
        throw away(cause);
      }
    },
    async order(asked) {
      try {
        return await send(asked);
      } catch (cause) {
        if (cause instanceof Fault) throw cause;
        if (isBefore(cause)) throw away(cause);
        return undefined;
      }
    },
    close: () => agent.close(),
  };
}

/** What went wrong before a connection stood. */
const neverArrived =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|.*CERT.*|.*TLS.*|DEPTH_ZERO.*|SELF_SIGNED.*|UNABLE_TO.*)$/;

/** A connection that stood can end with the same codes, behind what was sent. */
function isBefore(cause: unknown): boolean {
  const { syscall = '' } = cause as { syscall?: unknown };
  return neverArrived.test(codeOf(cause)) && syscall !== 'read' && syscall !== 'write';
}

function codeOf(cause: unknown): string {
  const { code, name } = cause as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name);
}

// JSON --------------------------------------------------------------------------------------------

/** Numbers are the texts that stood there: no amount ever becomes a floating-point number. */
export type WireJson =
  | string
  | boolean
  | null
  | readonly WireJson[]
  | { readonly [name: string]: WireJson };

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Undefined where the text is no JSON. */
export function readJson(text: string): WireJson | undefined {
  const exact: Reviver = (_key, value, { source }) =>
    typeof value === 'number' ? (source ?? String(value)) : value;
  try {
    return JSON.parse(text, exact as (key: string, value: unknown) => unknown) as WireJson;
  } catch {
    return undefined;
  }
}

/** A number of JSON with exactly these digits. */
export function jsonNumber(digits: string): unknown {
  return (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON(digits);
}

/** What stands at a path; numbers name places in arrays. */
export function jsonAt(
  json: WireJson | undefined,
  ...path: readonly (string | number)[]
): WireJson | undefined {
  return path.reduce<WireJson | undefined>(
    (at, name) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, name)
        ? (at as Readonly<Record<string | number, WireJson>>)[name]
        : undefined,
    json,
  );
}

/** A text that is not empty, or a number's digits; undefined for anything else. */
export function jsonText(
  json: WireJson | undefined,
  ...path: readonly (string | number)[]
): string | undefined {
  const found = jsonAt(json, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function jsonList(
  json: WireJson | undefined,
  ...path: readonly (string | number)[]
): readonly WireJson[] {
  const found = jsonAt(json, ...path);
  return Array.isArray(found) ? (found as readonly WireJson[]) : [];
}

// Amounts -----------------------------------------------------------------------------------------

/** `112.45` of 11245 USD. */
export function decimalOf(amount: number, currency: string): string {
  return formatDecimal(toMinorUnits(amount), exponentOf(currency));
}

/**
 * Minor units of `-112.4500`; commas are heeded between thousands alone, for elsewhere they could
 * be those of decimals. Throws `core_failed` for what is no amount of that currency.
 */
export function minorUnitsOf(text = '', currency: string, core: string): number {
  const isGrouped = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/.test(text);
  const plain = (isGrouped ? text.replaceAll(',', '') : text).replace(/^\+/, '');
  try {
    return toJsonNumber(parseDecimal(plain, exponentOf(currency)));
  } catch {
    throw malformed(core, `an amount of ${currency}`);
  }
}

function exponentOf(currency: string): number {
  const exponent = isoExponent(currency);
  if (exponent === undefined) throw new Fault('input_invalid', `${currency} is no currency`);
  return exponent;
}

/** What a core has answered and nobody can read. */
export function malformed(core: string, what: string): Fault {
  return coreFault(core, { class: 'malformed', code: 'unreadable', text: `expected ${what}` });
}

// Days and instants -------------------------------------------------------------------------------

/** RFC 3339 in UTC of what a core writes in its own zone, with or without an offset of its own. */
export function instantIn(timeZone: string, text: string): string | undefined {
  const plain = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?$/.exec(text.trim());
  if (!plain) {
    const instant = instantFromText(text.trim().replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
    return instant === undefined ? undefined : instantToText(instant);
  }
  const [, day = '', time = '00:00:00'] = plain;
  const asUtc = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time.slice(0, 12)}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // Twice: the offset may differ on the other side of a change of clocks.
  const first = asUtc - offsetMs(timeZone, asUtc);
  return instantToText(asUtc - offsetMs(timeZone, first));
}

/** `2026-03-31`: the day that an instant falls on there. */
export function dayIn(timeZone: string, instant: number): string {
  return localIn(timeZone, instant).slice(0, 10);
}

/** `2026-03-31T12:00:00.000`: what a clock there shows at that instant. */
export function localIn(timeZone: string, instant: number): string {
  return instantToText(instant + offsetMs(timeZone, instant)).slice(0, -1);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetMs(timeZone: string, instant: number): number {
  if (timeZone === 'UTC') return 0;
  let format = formats.get(timeZone);
  if (!format) {
    const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
    const day = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...day, ...parts });
    formats.set(timeZone, format);
  }
  const shown = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const at = (name: Intl.DateTimeFormatPartTypes) => shown.get(name) ?? '';
  const local = `${at('year')}-${at('month')}-${at('day')}T${at('hour')}:${at('minute')}:${at('second')}Z`;
  return Date.parse(local) - Math.floor(instant / 1_000) * 1_000;
}
