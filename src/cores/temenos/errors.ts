// What Temenos says when it does not do what it was asked: its codes, sorted by what they lead to.
//
// One code stands for several things, so that code, HTTP status and words are read together.
import type { RejectionCode } from '#money';
import { type Failure, type FailureClass, plainCode } from '../failures.ts';
import { jsonAt, jsonList, jsonText, readJson, type WireAnswer, type WireJson } from '../wire.ts';

export type ErrorDetail = {
  readonly field: string;
  readonly code: string;
  readonly text: string;
};

type Row = readonly [code: RegExp, status: RegExp, words: RegExp, of: FailureClass];

/** The first that fits. */
export const errorTable: readonly Row[] = [
  [/^TGVCP-001$/, /^5/, /./, 'unavailable'],
  [/^TGVCP-002$/, /^403$/, /NOT CHANGED/i, 'refused'],
  [/^TGVCP-002$/, /^403$/, /./, 'forbidden'],
  // An application that is not there is a wrong path or version: nobody can correct it by an id.
  [/^TGVCP-002$/, /^404$/, /APPLICATION/i, 'internal'],
  [/^TGVCP-002$/, /^404$/, /./, 'missing'],
  [/^TGVCP-003$/, /^4/, /./, 'invalid'],
  [/^TGVCP-005$/, /^4/, /./, 'duplicate'],
  [/^TGVCP-006$/, /./, /./, 'internal'],
  [/^TGVCP-007$/, /^404$/, /NO RECORDS/i, 'missing'],
  [/^TGVCP-007$/, /^4/, /./, 'incomplete'],
  // Parameters of the path, in spite of the status.
  [/^TGVCP-009$/, /^401$/, /./, 'incomplete'],
  [/^TGVCP-011$/, /^4/, /./, 'unauthenticated'],
  [/^TGVCP-014$/, /^4/, /MISSING/i, 'incomplete'],
  [/^TGVCP-014$/, /^4/, /./, 'invalid'],
  [/^TGVCP-017$/, /^4/, /./, 'invalid'],
  // Words of the applications behind, whatever their code.
  [/./, /^400$/, /CHANGED BY ANOTHER|CURR\.?NO/i, 'stale'],
  [/./, /^4/, /LOCKED BY|RECORD (?:IS )?LOCKED|BEING (?:USED|AMENDED)/i, 'locked'],
  [/./, /^429$/, /./, 'limited'],
  [/./, /^401$/, /./, 'unauthenticated'],
  [/./, /^403$/, /./, 'forbidden'],
  [/./, /^404$/, /RECORD MISSING/i, 'missing'],
  [/./, /^404$/, /./, 'internal'],
  [/./, /^(?:408|502|503|504)$/, /./, 'unavailable'],
  [/./, /^5/, /./, 'internal'],
  [/./, /^4/, /./, 'refused'],
];

/** Of the answer to a query or to a command; only of one that has failed. */
export function failureOf({ status, headers, body }: WireAnswer): Failure {
  const [detail] = detailsOf(readJson(body));
  const code = detail?.code ?? `HTTP-${status}`;
  const words = detail?.text ?? '';
  const row = errorTable.find(
    ([codes, statuses, text]) =>
      codes.test(code) && statuses.test(String(status)) && text.test(words === '' ? '-' : words),
  );
  const seconds = Number(headers['retry-after']);
  return {
    ...{ class: row?.[3] ?? 'malformed', code, text: words },
    ...(seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}),
  };
}

/** Of a query there is one, of a command one for each field. */
export function detailsOf(json: WireJson | undefined): readonly ErrorDetail[] {
  const error = jsonAt(json, 'error');
  const many = jsonList(error, 'errorDetails');
  return (many.length > 0 ? many : error === undefined ? [] : [error]).map((of) => ({
    field: jsonText(of, 'fieldName') ?? '',
    code: plainCode(jsonText(of, 'code') ?? 'no code'),
    text: withoutNumbers(jsonText(of, 'message') ?? ''),
  }));
}

/** Numbers of accounts and people stand in the texts of some messages. */
function withoutNumbers(text: string): string {
  return text.replace(/\d{5,}/g, '…').slice(0, 200);
}

type Refusal = readonly [words: RegExp, debit: RejectionCode, credit: RejectionCode];

/** The words of business rules: what is wrong, and with which of both accounts. */
export const refusalTable: readonly Refusal[] = [
  [/INSUFFICIENT|AVAILABLE (?:FUNDS|BALANCE)/i, 'insufficient_funds', 'insufficient_funds'],
  [/LIMIT.*EXCEED|EXCEED.*LIMIT/i, 'credit_limit_exceeded', 'credit_limit_exceeded'],
  [/POSTING.?RESTRICT|BLOCKED|FROZEN/i, 'debit_account_frozen', 'credit_account_frozen'],
  [/LOCK.*ENDED/i, 'hold_voided', 'hold_voided'],
  [/LOCKED AMOUNT/i, 'amount_exceeds_hold', 'amount_exceeds_hold'],
  [/CLOSED/i, 'debit_account_closed', 'credit_account_closed'],
  [/CURRENCY/i, 'currency_mismatch', 'currency_mismatch'],
  [
    /RECORD MISSING|INVALID ACCOUNT|NOT ON FILE/i,
    'debit_account_not_found',
    'credit_account_not_found',
  ],
];

export function rejectionOf({ field, text }: ErrorDetail): RejectionCode | 'core_rejected' {
  const row = refusalTable.find(([words]) => words.test(text));
  if (!row) return 'core_rejected';
  return /credit/i.test(field) ? row[2] : row[1];
}
