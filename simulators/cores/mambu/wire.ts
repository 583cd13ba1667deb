// What goes over the wire of a simulated Mambu: JSON with exact numbers, amounts, instants of the
// organisation, errors in both of its shapes.
import { formatDecimal, isoExponent, parseDecimal, toJsonNumber, toMinorUnits } from '#core';
import type { SimAnswer } from '../simulator.ts';

// JSON --------------------------------------------------------------------------------------------

const digits = Symbol('digits');
/** A number as it was written. */
export type Digits = { readonly [digits]: string };
export type Sent = string | boolean | null | Digits | readonly Sent[] | SentObject;
export type SentObject = { readonly [name: string]: Sent; readonly [digits]?: never };

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Undefined for what is no JSON. */
export function readSent(text: string): Sent | undefined {
  const exact: Reviver = (_key, value, { source = '' }) =>
    typeof value === 'number' ? { [digits]: source } : value;
  try {
    return JSON.parse(text, exact as (key: string, value: unknown) => unknown) as Sent;
  } catch {
    return undefined;
  }
}

export function isObject(sent: Sent | undefined): sent is SentObject {
  return typeof sent === 'object' && sent !== null && !Array.isArray(sent) && !(digits in sent);
}

/** A field that is neither known nor of a set of custom fields; undefined where all are. */
export function strangerIn(body: SentObject, known: string): string | undefined {
  const names = known.split(' ');
  return Object.keys(body).find((name) => !names.includes(name) && !name.startsWith('_'));
}

export function digitsOf(sent: Sent | undefined): string | undefined {
  const isNumber = typeof sent === 'object' && sent !== null && digits in sent;
  return isNumber ? (sent as Digits)[digits] : undefined;
}

export function textOf(sent: Sent | undefined): string | undefined {
  return typeof sent === 'string' && sent !== '' ? sent : undefined;
}

// Amounts and instants ----------------------------------------------------------------------------

/** Minor units above zero; undefined for anything else, also for too many decimals. */
export function amountOf(sent: Sent | undefined, currency: string): number | undefined {
  const [text, exponent] = [digitsOf(sent), isoExponent(currency)];
  if (text === undefined || exponent === undefined) return undefined;
  try {
    const amount = toJsonNumber(parseDecimal(text, exponent));
    return amount > 0 ? amount : undefined;
  } catch {
    return undefined;
  }
}

/** A JSON number with exactly the decimals of the currency. */
export function numberOf(amount: number, currency: string): unknown {
  const text = formatDecimal(toMinorUnits(amount), isoExponent(currency) ?? 2);
  return (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON(text);
}

/** `2026-03-31T14:05:09+02:00`: an instant as the organisation's clocks show it. */
export function instantOf(timeZone: string, instant: number): string {
  const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  const day = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  let format = formats.get(timeZone);
  if (!format) {
    const zone = { timeZone, timeZoneName: 'longOffset', hourCycle: 'h23' } as const;
    format = new Intl.DateTimeFormat('en-GB', { ...zone, ...day, ...parts });
    formats.set(timeZone, format);
  }
  const shown = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const at = (name: Intl.DateTimeFormatPartTypes) => shown.get(name) ?? '';
  const offset = at('timeZoneName').slice('GMT'.length) || '+00:00';
  const date = `${at('year')}-${at('month')}-${at('day')}`;
  return `${date}T${at('hour')}:${at('minute')}:${at('second')}${offset}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

const dateTime = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?[+-]\d\d:\d\d$/;

/** The day of a date with the offset that the organisation has then; undefined for any other. */
export function dayOf(timeZone: string, sent: Sent | undefined): string | undefined {
  const text = textOf(sent) ?? '';
  const [, day] = dateTime.exec(text) ?? [];
  const instant = Date.parse(text);
  if (day === undefined || Number.isNaN(instant)) return undefined;
  return instantOf(timeZone, instant).slice(-6) === text.slice(-6) ? day : undefined;
}

// Answers -----------------------------------------------------------------------------------------

export function answer(status: number, told?: unknown, headers?: Record<string, string>) {
  const type = { 'content-type': 'application/vnd.mambu.v2+json' };
  const body = told === undefined ? '' : JSON.stringify(told);
  return { status, headers: { ...type, ...headers }, body } satisfies SimAnswer;
}

/** Numbers that are published; those of all other reasons are made up here. */
const codes: Readonly<Record<string, number>> = {
  ...{ INVALID_BASIC_AUTHORIZATION: 1, INVALID_CREDENTIALS: 2, INVALID_API_OPERATION: 3 },
  ...{ INVALID_PARAMETERS: 4, METHOD_NOT_IMPLEMENTED: 5, INTERNAL_ERROR: 6 },
  ...{ API_NOT_AUTHORIZED: 7, INVALID_PAGINATION_OFFSET_VALUE: 11 },
  ...{ INVALID_PAGINATION_LIMIT_VALUE: 13, OUT_OF_BOUNDS_PAGINATION_LIMIT_VALUE: 14 },
};
const codeOfOthers = 9_999;

export function refusal(status: number, errorReason: string, errorSource?: string): SimAnswer {
  const errorCode = codes[errorReason] ?? codeOfOthers;
  const source = errorSource === undefined ? {} : { errorSource };
  return answer(status, { errors: [{ errorCode, ...source, errorReason }] });
}

/** The other shape: one error without a list, its code a text. */
export function bareRefusal(status: number, errorReason: string): SimAnswer {
  return answer(status, { errorCode: String(codes[errorReason] ?? codeOfOthers), errorReason });
}

export function invalid(errorSource: string): SimAnswer {
  return refusal(400, 'INVALID_PARAMETERS', errorSource);
}
