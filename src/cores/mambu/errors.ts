// What Mambu says when it does not do something, classified: every reason that we know, in both
// shapes in which it is told.
import type { RejectionCode } from '#money';
import type { MoveAnswer } from '../adapter.ts';
import { coreFault, type Failure, type FailureClass } from '../failures.ts';
import { jsonAt, jsonList, jsonText, readJson, type WireAnswer } from '../wire.ts';

export const coreName = 'mambu';

/** By name: of most reasons no number is published, and the names have stayed the same. */
export const classOfReason: Readonly<Record<string, FailureClass>> = {
  INVALID_BASIC_AUTHORIZATION: 'unauthenticated',
  INVALID_CREDENTIALS: 'unauthenticated',
  INVALID_API_KEY: 'unauthenticated',
  INVALID_PASSWORD: 'unauthenticated',
  USER_IS_LOCKED: 'unauthenticated',
  API_NOT_AUTHORIZED: 'forbidden',
  INVALID_PERMISSIONS: 'forbidden',
  FEATURE_NOT_ENABLED: 'forbidden',
  CARDS_FEATURE_DISABLED: 'forbidden',
  INVALID_TENANT_ID: 'forbidden',
  API_CONFIGURATION_ERROR: 'forbidden',
  INVALID_API_OPERATION: 'invalid',
  METHOD_NOT_IMPLEMENTED: 'invalid',
  INVALID_PARAMETERS: 'invalid',
  INVALID_PAGINATION_OFFSET_VALUE: 'invalid',
  OUT_OF_BOUNDS_PAGINATION_OFFSET_VALUE: 'invalid',
  INVALID_PAGINATION_LIMIT_VALUE: 'invalid',
  OUT_OF_BOUNDS_PAGINATION_LIMIT_VALUE: 'invalid',
  INVALID_FILTER_ELEMENT: 'invalid',
  INVALID_FILTER_SELECTION: 'invalid',
  INVALID_FILTER_VALUE: 'invalid',
  INVALID_SORTING_COLUMN: 'invalid',
  INVALID_DATE_FORMAT: 'invalid',
  INVALID_DATE_TIME_FORMAT: 'invalid',
  INVALID_EXTERNAL_ID: 'invalid',
  INVALID_CURRENCY_CODE: 'invalid',
  INVALID_DEPOSIT_AMOUNT: 'invalid',
  TRANSFER_AMOUNT_IS_NOT_POSITIVE: 'invalid',
  EMAIL_ADDRESS_FORMAT_IS_INVALID: 'invalid',
  INVALID_CLIENT_ID: 'missing',
  INVALID_CLIENT_KEY: 'missing',
  ACCOUNT_HOLDER_NOT_FOUND: 'missing',
  ACCOUNT_HOLDER_KEY_INVALID: 'missing',
  INVALID_ACCOUNT_HOLDER_ID: 'missing',
  INVALID_SAVINGS_ACCOUNT_ID: 'missing',
  INVALID_DEPOSIT_ACCOUNT_ID: 'missing',
  INVALID_ACCOUNT_KEY: 'missing',
  INVALID_PRODUCT_ID: 'missing',
  INVALID_PRODUCT_KEY: 'missing',
  INVALID_LOAN_ACCOUNT_ID: 'missing',
  INVALID_TRANSACTION_ID: 'missing',
  AUTHORIZATION_HOLD_NOT_FOUND: 'missing',
  REQUIRED_CUSTOM_FIELD_MISSING: 'incomplete',
  CUSTOM_FIELD_REQUIRED: 'incomplete',
  REQUIRED_ID_DOCUMENT_MISSING: 'incomplete',
  MISSING_EMAIL_ADDRESS: 'incomplete',
  MISSING_MOBILE_PHONE: 'incomplete',
  REQUIRED_INTEREST_RATE: 'incomplete',
  MISSING_CURRENCY: 'incomplete',
  EXTERNAL_ID_ALREADY_EXISTS: 'duplicate',
  DUPLICATE_AUTHORIZATION_HOLD: 'duplicate',
  ACCOUNT_ID_ALREADY_IN_USE: 'duplicate',
  ANOTHER_TASK_IN_PROGRESS: 'locked',
  DATA_IMPORT_IN_PROGRESS: 'locked',
  AUTOMATIC_END_OF_DAY_PROCESSING: 'locked',
  INTERNAL_ERROR: 'internal',
};

/** Of those numbers that are published. */
export const reasonOfCode: Readonly<Record<string, string>> = {
  ...{ 1: 'INVALID_BASIC_AUTHORIZATION', 2: 'INVALID_CREDENTIALS', 3: 'INVALID_API_OPERATION' },
  ...{ 4: 'INVALID_PARAMETERS', 5: 'METHOD_NOT_IMPLEMENTED', 6: 'INTERNAL_ERROR' },
  ...{ 7: 'API_NOT_AUTHORIZED', 8: 'USER_TRANSACTION_LIMIT_EXCEEDED' },
  ...{ 9: 'API_CONFIGURATION_ERROR', 10: 'INVALID_TENANT_ID' },
  ...{ 11: 'INVALID_PAGINATION_OFFSET_VALUE', 12: 'OUT_OF_BOUNDS_PAGINATION_OFFSET_VALUE' },
  ...{ 13: 'INVALID_PAGINATION_LIMIT_VALUE', 14: 'OUT_OF_BOUNDS_PAGINATION_LIMIT_VALUE' },
  15: 'INVALID_PERMISSIONS',
};

/** Where the status says enough, whatever stands in the body. */
export const classOfStatus: Readonly<Record<number, FailureClass>> = {
  ...{ 401: 'unauthenticated', 403: 'forbidden', 409: 'locked', 429: 'limited' },
  ...{ 500: 'internal', 502: 'unavailable', 503: 'unavailable', 504: 'unavailable' },
};

/** In the words of our ledger; a reason that is not here is the core's own. */
export const rejectionOfReason: Readonly<Record<string, RejectionCode>> = {
  BALANCE_BELOW_ZERO: 'insufficient_funds',
  AVAILABLE_BALANCE_BELOW_ZERO: 'insufficient_funds',
  INSUFFICIENT_BALANCE: 'insufficient_funds',
  INSUFFICIENT_ACCOUNT_BALANCE: 'insufficient_funds',
  WITHDRAWAL_PAST_OVERDRAFT_CONSTRAINTS: 'insufficient_funds',
  LOCKED_SAVINGS_AMOUNT: 'insufficient_funds',
  MAXIMUM_OVERDRAFT_LIMIT_EXCEEDED: 'credit_limit_exceeded',
  CREDIT_ARRANGEMENT_AMOUNT_EXCEEDED: 'credit_limit_exceeded',
  CANNOT_MAKE_TRANSFER_TO_SOURCE_ACCOUNT: 'accounts_same',
  CURRENCY_NOT_MATCHING: 'currency_mismatch',
  ACCOUNT_CURRENCY_NOT_MATCH: 'currency_mismatch',
  CANNOT_MAKE_TRANSFER_FOR_FOREIGN_CURRENCY_IF_ACCOUNTING_ENABLED: 'currency_mismatch',
  JOURNAL_ENTRY_BEFORE_CLOSURE: 'period_closed',
  AUTHORIZATION_HOLD_NOT_FOUND: 'hold_not_found',
  INVALID_TRANSACTION_ID: 'transfer_not_found',
  TRANSACTION_ALREADY_ADJUSTED: 'already_reversed',
  TRANSACTION_TYPE_DOES_NOT_ALLOW_ADJUSTMENT: 'not_reversible',
  TRANSACTION_TYPE_IS_IRREVERSIBLE: 'not_reversible',
};

/** Which of both accounts is meant, and what is wrong with it, these do not say. */
export const aboutSomeAccount: ReadonlySet<string> = new Set([
  ...['INVALID_DEPOSIT_ACCOUNT_STATE', 'INVALID_TARGET_ACCOUNT_STATE_FOR_DEPOSIT'],
  ...['ACCOUNT_NOT_ACTIVE', 'ACCOUNT_ALREADY_LOCKED', 'ACCOUNT_ALREADY_CLOSED'],
  ...['INVALID_SAVINGS_ACCOUNT_ID', 'INVALID_DEPOSIT_ACCOUNT_ID', 'INVALID_ACCOUNT_KEY'],
  ...['TRANSFER_CANT_BE_MADE', 'SAVINGS_ACCOUNT_INVALID'],
]);

const reasonPattern = /^[A-Z][A-Z0-9_]{1,99}$/;

/** Of an answer with a status of 400 and above. What nobody can read is `malformed`. */
export function failureOf({ status, headers, body }: WireAnswer): Failure {
  const json = readJson(body);
  const error = jsonList(json, 'errors')[0] ?? (jsonAt(json, 'errorCode') ? json : undefined);
  const number = jsonText(error, 'errorCode');
  const told = jsonText(error, 'errorReason');
  const reason = told && reasonPattern.test(told) ? told : reasonOfCode[number ?? ''];
  const code = reason ?? (number && /^\d{1,6}$/.test(number) ? number : `HTTP_${status}`);
  const known = classOfStatus[status] ?? (reason ? classOfReason[reason] : undefined);
  const other = error ? 'refused' : 'malformed';
  const text = number === undefined ? code : `${number} ${code}`;
  const seconds = headers['retry-after'];
  const retryAfterMs = seconds && /^\d{1,5}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
  return {
    ...{ class: known ?? other, code, text: text.slice(0, 120) },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Why a move has not happened; throws where it can be asked for again as it is. */
export function refusedAs(failure: Failure): MoveAnswer {
  switch (failure.class) {
    case 'limited':
    case 'locked':
    case 'in_progress':
    case 'unauthenticated':
    case 'forbidden':
    case 'duplicate':
      throw coreFault(coreName, failure);
    case 'unavailable':
    case 'internal':
    case 'malformed':
      return { status: 'unknown' };
    default: {
      const code = rejectionOfReason[failure.code] ?? 'core_rejected';
      return { status: 'rejected', code, coreReason: failure.text };
    }
  }
}
