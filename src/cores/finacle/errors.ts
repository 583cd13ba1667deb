// What Finacle says when it has not done something, classified: by the bank's own codes where the
// settings name them, by the words of the description otherwise.
import type { Fault, Xml } from '#core';
import { xmlAll, xmlAt, xmlText } from '#core';
import type { RejectionCode } from '#money';
import type { MoveAnswer } from '../adapter.ts';
import { coreFault, type FailureClass, plainCode } from '../failures.ts';

export const coreName = 'finacle';

/** A rejection whose code depends on which of both accounts it is about. */
type Sided = 'not_found' | 'closed' | 'frozen';
type Meaning = {
  readonly class: FailureClass;
  readonly words?: RegExp;
  readonly rejection?: RejectionCode;
  readonly sided?: Sided;
};

/** The first whose words are in a description counts. The setting `errors` maps codes to these. */
export const meanings = {
  no_lien: { class: 'missing', words: /NO LIEN|LIEN\b.{0,20}\bNOT (?:FOUND|EXIST)/ },
  frozen: { class: 'refused', words: /FROZEN|FREEZE/, sided: 'frozen' },
  closed: { class: 'refused', words: /\bCLOSED\b/, sided: 'closed' },
  insufficient_funds: {
    ...{ class: 'refused', rejection: 'insufficient_funds' },
    words: /INSUFFICIENT|NOT SUFFICIENT|EXCEEDS? (?:THE )?AVAILABLE/,
  },
  already_reversed: {
    ...{ class: 'refused', rejection: 'already_reversed' },
    words: /ALREADY REVERSED/,
  },
  transaction_missing: {
    ...{ class: 'missing', rejection: 'transfer_not_found' },
    words: /\bTRAN(?:SACTION)?\b.{0,20}\bNOT (?:FOUND|EXIST)/,
  },
  currency_mismatch: {
    ...{ class: 'refused', rejection: 'currency_mismatch' },
    words: /\bCURRENCY\b/,
  },
  duplicate: { class: 'duplicate', words: /\bDUPLICATE\b/ },
  locked: { class: 'locked', words: /\bLOCKED\b|\bIN USE\b/ },
  limited: { class: 'limited', words: /TOO MANY|\bTHROTTLE/ },
  unauthenticated: { class: 'unauthenticated', words: /\bPASSWORD\b|\bUSER ?ID\b|SIGN ?ON\b/ },
  forbidden: { class: 'forbidden', words: /NOT AUTHORI[SZ]ED|ACCESS DENIED|NO PERMISSION/ },
  missing: {
    ...{ class: 'missing', sided: 'not_found' },
    words: /NOT (?:BEEN )?FOUND|DOES NOT EXIST|INVALID (?:ACCOUNT|A\/C|CUST)/,
  },
  incomplete: { class: 'incomplete', words: /MANDATORY|\bREQUIRED\b|\bMISSING\b/ },
  invalid: { class: 'invalid', words: /INVALID|FORMAT|LENGTH|NOT BALANCED/ },
  refused: { class: 'refused' },
  broken: { class: 'internal' },
} as const satisfies Record<string, Meaning>;
export type MeaningName = keyof typeof meanings;

/** Codes of the bank, by the setting `errors`: `E101=insufficient_funds E205=locked`. */
export type ErrorCodes = ReadonlyMap<string, MeaningName>;

export type Refusal = {
  readonly meaning: MeaningName;
  readonly code: string;
  /** Without numbers of accounts. */
  readonly text: string;
  /** As it came: only to tell which account it is about. Never told on. */
  readonly description: string;
  /** Whether nothing was done: not so after a system exception. */
  readonly isDefinite: boolean;
};

/** Throws a plain Error for a setting that names nothing: the process shall not start with it. */
export function errorCodes(setting = ''): ErrorCodes {
  const pairs = setting.split(/[\s,]+/).filter((each) => each !== '');
  return new Map(
    pairs.map((pair) => {
      const [code = '', name = ''] = pair.split('=');
      if (Object.hasOwn(meanings, name)) return [code, name as MeaningName];
      throw new Error(`the setting errors of finacle names no meaning: ${pair}`);
    }),
  );
}

/** Of `Body/Error`; undefined where there is none. */
export function refusalIn(body: Xml | undefined, codes: ErrorCodes): Refusal | undefined {
  const error = xmlAt(body, 'Error');
  if (error === undefined) return undefined;
  const business = xmlAt(error, 'FIBusinessException');
  const details = xmlAll(business ?? xmlAt(error, 'FISystemException'), 'ErrorDetail');
  const first = details[0];
  const code = plainCode((xmlText(first, 'ErrorCode') ?? 'unnamed').slice(0, 40));
  const description = xmlText(first, 'ErrorDesc') ?? '';
  // Some cores wrap a failure inside of them, code SYS, as if a rule had spoken.
  const isDefinite = business !== undefined && code !== 'SYS';
  return {
    meaning: isDefinite ? meaningOf(code, description, codes) : 'broken',
    ...{ code, description, isDefinite },
    text: textOf(description),
  };
}

export function meaningOf(code: string, description: string, codes: ErrorCodes): MeaningName {
  const named = codes.get(code);
  if (named) return named;
  const upper = description.toUpperCase();
  const found = Object.entries(meanings).find(([, of]) => 'words' in of && of.words.test(upper));
  return (found?.[0] as MeaningName | undefined) ?? 'refused';
}

/** What follows a bar names the account and the amount; so may any longer number. */
function textOf(description: string): string {
  const [words = ''] = description.split('|');
  return words
    .replace(/\d{4,}/g, '…')
    .trim()
    .slice(0, 120);
}

export function faultOf({ meaning, code, text }: Refusal): Fault {
  return coreFault(coreName, { class: meanings[meaning].class, code, text });
}

/** Nothing was done, and the same order may do better another time. */
const comesAgain: readonly FailureClass[] = [
  ...(['locked', 'limited', 'unauthenticated', 'forbidden'] as const),
  ...(['incomplete', 'invalid'] as const),
];

/** Of a money move. Throws where nothing was done for a reason that is none of the move itself. */
export function moveAnswerOf(
  refusal: Refusal,
  { debtor, creditor }: { readonly debtor: string; readonly creditor?: string },
): MoveAnswer {
  const { code, text, description, isDefinite } = refusal;
  const of: Meaning = meanings[refusal.meaning];
  // Used before: by what, only a look-up tells.
  if (!isDefinite || of.class === 'duplicate') return { status: 'unknown' };
  if (comesAgain.includes(of.class)) throw faultOf(refusal);
  const isCreditor =
    creditor !== undefined && description.includes(creditor) && !description.includes(debtor);
  const sided = of.sided && (`${isCreditor ? 'credit' : 'debit'}_account_${of.sided}` as const);
  const rejection = of.rejection ?? sided ?? 'core_rejected';
  return { status: 'rejected', code: rejection, coreReason: `${code} ${text}`.trim() };
}

/** Of HTTP itself: the servlet answers 200 to everything, so that it speaks before or after it. */
export function httpFault(status: number, headers: Readonly<Record<string, string>>): Fault {
  const byStatus: Readonly<Record<number, FailureClass>> = {
    401: 'unauthenticated',
    403: 'forbidden',
    429: 'limited',
  };
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return coreFault(coreName, {
    class: byStatus[status] ?? (status >= 500 || status === 408 ? 'unavailable' : 'invalid'),
    ...{ code: `HTTP ${status}`, text: 'refused before the core' },
    ...(seconds >= 0 ? { retryAfterMs: Math.round(seconds * 1_000) } : {}),
  });
}
