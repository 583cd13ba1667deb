// What Fineract says when it does not do something: by the code of a message, then by the status.
import type { RejectionCode } from '#money';
import { type Failure, type FailureClass, plainCode } from '../failures.ts';
import { jsonList, jsonText, type WireJson } from '../wire.ts';

/** A failure, and the account that it is about where the core names one. */
export type Told = Failure & { readonly account?: string };

type Row = {
  readonly class: FailureClass;
  /** For a move of money; `core_rejected` where our ledger has no word for it. */
  readonly rejection?: RejectionCode | 'frozen_side';
};

/** By the whole code of the first error, or of the answer. */
export const byCode: Readonly<Record<string, Row>> = {
  'error.msg.savingsaccount.transaction.insufficient.account.balance': {
    ...{ class: 'refused', rejection: 'insufficient_funds' },
  },
  'error.msg.savingsaccount.transaction.insufficient.account.balance.withdraw': {
    ...{ class: 'refused', rejection: 'insufficient_funds' },
  },
  'validation.msg.savingsaccount.insufficient.balance': {
    ...{ class: 'refused', rejection: 'insufficient_funds' },
  },
  'error.msg.savings.account.debit.transaction.not.allowed': {
    ...{ class: 'refused', rejection: 'debit_account_frozen' },
  },
  'error.msg.savings.account.credit.transaction.not.allowed': {
    ...{ class: 'refused', rejection: 'credit_account_frozen' },
  },
  'error.msg.saving.account.blocked.transaction.not.allowed': {
    ...{ class: 'refused', rejection: 'frozen_side' },
  },
  'error.msg.accounttransfer.different.currencies': {
    ...{ class: 'refused', rejection: 'currency_mismatch' },
  },
  'validation.msg.savingsaccount.transaction.account.is.not.active': { class: 'refused' },
  'error.msg.saving.account.id.invalid': { class: 'missing', rejection: 'account_not_found' },
  'validation.msg.savingsaccount.amount.validation.msg.amount.is.not.on.hold': {
    ...{ class: 'refused', rejection: 'hold_voided' },
  },
  'validation.msg.savingsaccount.validation.msg.validation.errors.exist': {
    ...{ class: 'missing', rejection: 'hold_not_found' },
  },
  'error.msg.loan.duplicate.externalId': { class: 'duplicate' },
  'error.msg.parameter.unsupported': { class: 'invalid' },
  'error.msg.idempotent.command.under.processing': { class: 'in_progress' },
  'error.msg.not.authenticated': { class: 'unauthenticated' },
  'error.msg.invalid.tenant.identifier': { class: 'unauthenticated' },
  'error.msg.not.authorized': { class: 'forbidden' },
  'error.msg.loan.locked': { class: 'locked' },
};

/** By how a code ends. */
const byEnding: readonly (readonly [string, Row])[] = [
  ['.cannot.be.blank', { class: 'incomplete' }],
  ['.amount.is.not.on.hold', { class: 'refused', rejection: 'hold_voided' }],
  ['.id.invalid', { class: 'missing' }],
];

export const byStatus: Readonly<Record<number, FailureClass>> = {
  ...{ 400: 'invalid', 401: 'unauthenticated', 403: 'refused', 404: 'missing', 409: 'in_progress' },
  ...{ 415: 'invalid', 423: 'locked', 425: 'in_progress', 429: 'limited', 500: 'internal' },
  ...{ 502: 'unavailable', 503: 'unavailable', 504: 'unavailable' },
};

/** Its own words are left out: they name people and accounts. */
export function failureOf(status: number, json: WireJson | undefined): Told {
  const [first] = jsonList(json, 'errors');
  const codes = [jsonText(first, 'userMessageGlobalisationCode'), outerCode(json)];
  const code = plainCode(codes.find((each) => each !== undefined) ?? `http ${status}`);
  const account = jsonText(first, 'args', 0, 'value');
  const row = codes.map(rowOf).find((each) => each !== undefined);
  const of = row?.class ?? byStatus[status] ?? (status >= 500 ? 'unavailable' : 'refused');
  return { class: of, code, text: code, ...(account === undefined ? {} : { account }) };
}

function outerCode(json: WireJson | undefined): string | undefined {
  return jsonText(json, 'userMessageGlobalisationCode');
}

function rowOf(code: string | undefined): Row | undefined {
  if (code === undefined) return undefined;
  return byCode[code] ?? byEnding.find(([ending]) => code.endsWith(ending))?.[1];
}

/** In the words of our ledger; `creditor` tells which side a blocked account is on. */
export function rejectionOf(
  { code, account }: Told,
  { creditor }: { readonly creditor?: string } = {},
): RejectionCode | 'core_rejected' {
  const rejection = rowOf(code)?.rejection;
  if (rejection !== 'frozen_side') return rejection ?? 'core_rejected';
  const isCreditor = creditor !== undefined && account === creditor;
  return isCreditor ? 'credit_account_frozen' : 'debit_account_frozen';
}
