// How Fineract writes things down: days as arrays, amounts with six decimals, errors with a code to
// branch on, pages with a total.
import { formatDecimal, isoExponent, parseDecimal, toJsonNumber, toMinorUnits } from '#core';
import type { SimAnswer } from '../simulator.ts';

/** A refusal, thrown wherever it is found and answered in one place. */
export type Refused = { readonly refused: SimAnswer };

export function ok(body: unknown): SimAnswer {
  return { status: 200, body: JSON.stringify(body) };
}

type Told = { readonly code: string; readonly text: string; readonly parameter?: string };

/** A rule of the domain says no. */
export function ruled(code: string, text: string): Refused {
  return failed(403, 'validation.msg.domain.rule.violation', [{ code, text }]);
}

/** What was sent does not fit. */
export function invalid(...errors: readonly Told[]): Refused {
  return failed(400, 'validation.msg.validation.errors.exist', errors);
}

export function missing(code: string, text: string): Refused {
  return failed(404, 'error.msg.resource.not.found', [{ code, text }]);
}

export function failed(status: number, code: string, errors: readonly Told[] = []): Refused {
  const told = errors.map((error) => ({
    developerMessage: error.text,
    defaultUserMessage: error.text,
    userMessageGlobalisationCode: error.code,
    parameterName: error.parameter ?? 'id',
    args: [],
  }));
  const text = errors[0]?.text ?? code;
  return {
    refused: {
      status,
      body: JSON.stringify({
        developerMessage: text,
        httpStatusCode: String(status),
        defaultUserMessage: text,
        userMessageGlobalisationCode: code,
        errors: told,
      }),
    },
  };
}

// Amounts -----------------------------------------------------------------------------------------

/** A number of JSON with six decimals, whatever the currency has. */
export function amountOf(amount: number, currency: string): unknown {
  const [whole = '0', part = ''] = decimalOf(amount, currency).split('.');
  const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };
  return rawJSON(`${whole}.${part.padEnd(6, '0')}`);
}

export function decimalOf(amount: number, currency: string): string {
  return formatDecimal(toMinorUnits(amount), isoExponent(currency) ?? 2);
}

/** Undefined where it is no positive amount of that currency. */
export function minorUnits(text: unknown, currency: string): number | undefined {
  if (!/^\d+(?:\.\d+)?$/.test(String(text))) return undefined;
  try {
    const amount = toJsonNumber(parseDecimal(String(text), isoExponent(currency) ?? 2));
    return amount > 0 ? amount : undefined;
  } catch {
    return undefined;
  }
}

export function currencyOf(code: string): Record<string, unknown> {
  return {
    ...{ code, name: code, decimalPlaces: isoExponent(code) ?? 2, inMultiplesOf: 0 },
    ...{ displaySymbol: code, nameCode: `currency.${code}`, displayLabel: code },
  };
}

// Days --------------------------------------------------------------------------------------------

/** `[2026,3,31]` */
export function dayArray(day: string): readonly number[] {
  return day.split('-').map(Number);
}

export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

const patterns: Readonly<Record<string, RegExp>> = {
  'yyyy-MM-dd': /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)$/,
  'dd MMMM yyyy': /^(?<day>\d\d) (?<name>[A-Z][a-z]+) (?<year>\d{4})$/,
};
const months: readonly string[] = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August'],
  ...['September', 'October', 'November', 'December'],
];

/** `2026-03-31` of a text in the format that came with it. */
export function dayFrom(text: unknown, format: unknown): string | undefined {
  const found = patterns[String(format)]?.exec(String(text))?.groups;
  if (!found) return undefined;
  const at = months.indexOf(found['name'] ?? '') + 1;
  const month = found['month'] ?? String(at).padStart(2, '0');
  const day = `${found['year']}-${month}-${found['day']}`;
  return Number.isNaN(Date.parse(day)) ? undefined : day;
}

// Requests ----------------------------------------------------------------------------------------

export type Body = Readonly<Record<string, unknown>>;

export type Members = Readonly<Record<string, 'text' | 'number' | 'optional' | 'date'>>;

/** All of one kind. */
export function membersOf(kind: Members[string], ...names: readonly string[]): Members {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

/** An object with these members alone; those that are not optional must be there. */
export function bodyOf(text: string, members: Members, resource: string): Body {
  const body = objectIn(text);
  for (const name of Object.keys(body)) {
    if (members[name] !== undefined) continue;
    throw invalid({
      code: 'error.msg.parameter.unsupported',
      text: `The parameter ${name} is not supported.`,
      parameter: name,
    });
  }
  const wrong = Object.entries(members).flatMap(([name, kind]) => {
    const value = body[name];
    const code = `validation.msg.${resource}.${name}`;
    if (value === undefined || value === null || value === '') {
      if (kind === 'optional') return [];
      const text = `The parameter ${name} is mandatory.`;
      return [{ code: `${code}.cannot.be.blank`, text, parameter: name }];
    }
    const isKind =
      kind === 'optional' || typeof value === (kind === 'number' ? 'number' : 'string');
    const isDay = kind !== 'date' || dayFrom(value, body['dateFormat']) !== undefined;
    if (isKind && isDay) return [];
    return [
      { code: `${code}.invalid`, text: `The parameter ${name} is invalid.`, parameter: name },
    ];
  });
  if (wrong.length > 0) throw invalid(...wrong);
  return body;
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const body = JSON.parse(text) as unknown;
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
      return body as Record<string, unknown>;
    }
  } catch {
    // Told below.
  }
  throw failed(400, 'error.msg.invalid.request.body');
}

/** `{totalFilteredRecords,pageItems}` of what the offset and the limit leave. */
export function pageOf<Item>(items: readonly Item[], query: URLSearchParams) {
  const [offset, limit] = [Number(query.get('offset') ?? 0), Number(query.get('limit') ?? 200)];
  return { total: items.length, items: items.slice(offset, offset + limit) };
}
