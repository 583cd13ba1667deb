// What the template core says when it does not do what it was asked, in our words.
import type { RejectionCode } from '#money';
import type { Failure, FailureClass } from '../failures.ts';
import { jsonText, type WireJson } from '../wire.ts';

/** Codes by which it refuses a transfer: it has looked at it, and nothing was moved. */
const refusals: Readonly<Record<string, RejectionCode | 'core_rejected'>> = {
  NO_FUNDS: 'insufficient_funds',
  BLOCKED: 'debit_account_frozen',
  CLOSED: 'debit_account_closed',
  NO_ACCOUNT: 'debit_account_not_found',
};

/** By status, where the code says nothing of itself. */
const classes: Readonly<Record<number, FailureClass>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'missing',
  422: 'refused',
  429: 'limited',
  500: 'internal',
  503: 'unavailable',
};

export function failureOf(status: number, json: WireJson | undefined): Failure {
  const code = jsonText(json, 'code');
  if (code === undefined) return { class: 'malformed', code: String(status), text: '' };
  return { class: classes[status] ?? 'internal', code, text: code };
}

/** Undefined where it is no refusal of a transfer. */
export function refusalOf({ class: of, code }: Failure) {
  return of === 'refused'
    ? { code: refusals[code] ?? 'core_rejected', coreReason: code }
    : undefined;
}
