// The envelopes of Temenos: what a query, a command, a refusal and a warning look like.
import { formatDecimal, isoExponent, parseDecimal, toJsonNumber, toMinorUnits } from '#core';
import type { SimAnswer } from '../simulator.ts';

export type Row = Readonly<Record<string, unknown>>;
export type ErrorDetail = {
  readonly fieldName: string;
  readonly code: string;
  readonly message: string;
};
export type OverrideDetail = {
  readonly id: string;
  readonly code: string;
  readonly description: string;
};

function audit(version = '1'): Row {
  return { T24_time: 42, responseParse_time: 1, requestParse_time: 2, versionNumber: version };
}

function told(status: number, body: Row): SimAnswer {
  return { status, body: JSON.stringify(body) };
}

/** Of a query: one code and one message. */
export function failed(status: number, code: string, message: string): SimAnswer {
  const type = status >= 500 ? 'SYSTEM' : 'BUSINESS';
  const header = { audit: audit(), status: 'failed' };
  return told(status, { header, error: { code, message, type } });
}

/** Of a command: a code and a message for each field that is wrong. */
export function refused(...errorDetails: readonly ErrorDetail[]): SimAnswer {
  const header = { audit: audit(), status: 'failed' };
  return told(400, { header, error: { errorDetails, type: 'BUSINESS' } });
}

/** A command that is right, and that somebody has to accept the consequences of. */
export function warned(...details: readonly OverrideDetail[]): SimAnswer {
  const overrideDetails = details.map((detail) => {
    return { ...detail, options: ['YES', 'NO'], type: 'OVERRIDE' };
  });
  const header = { audit: audit(), status: 'failed' };
  return told(400, { header, override: { overrideDetails } });
}

export function committed(
  header: Row & { readonly id: string; readonly transactionStatus: string },
  body: Row,
  version = '1',
): SimAnswer {
  const common = { uniqueIdentifier: `UI-${header.id}`, status: 'success', audit: audit(version) };
  return told(200, { header: { ...common, ...header }, body });
}

/** One record, with the number of its version. */
export function shown(body: Row, version = '1'): SimAnswer {
  return told(200, { header: { audit: audit(version), status: 'success' }, body });
}

export const noRecords = failed(
  404,
  'TGVCP-007',
  'No records were found that matched the selection criteria',
);
export const recordMissing = failed(404, 'TGVCP-002', 'RECORD MISSING');

export type PageAsk = {
  readonly size: number;
  readonly start: number;
  readonly token: string;
};

/** Rows are counted from one. An empty list is told as an error. */
export function listed(
  all: readonly unknown[],
  { size, start, token }: PageAsk,
  row: (of: never) => Row,
): SimAnswer {
  const part = all.slice(start - 1, start - 1 + size) as never[];
  if (part.length === 0) return noRecords;
  const paging = { page_size: size, page_start: start, total_size: all.length, page_token: token };
  const header = { audit: audit(), status: 'success', ...paging };
  return told(200, { header, body: part.map(row) });
}

/** `112.45` of 11245: as a text in some answers, as a number in others. */
export function decimal(amount: number, currency: string): string {
  return formatDecimal(toMinorUnits(amount), isoExponent(currency) ?? 2);
}

/** Undefined for what is no amount of that currency above zero. */
export function minorUnits(amount: unknown, currency: string): number | undefined {
  const exponent = isoExponent(currency);
  if (exponent === undefined || typeof amount !== 'number') return undefined;
  try {
    const units = toJsonNumber(parseDecimal(String(amount), exponent));
    return units >= 0 ? units : undefined;
  } catch {
    return undefined;
  }
}

/** An instant as it is written there: `2026-03-31T14:05:09`, in UTC and without saying so. */
export function clockText(at: number): string {
  return new Date(at).toISOString().slice(0, 19);
}
