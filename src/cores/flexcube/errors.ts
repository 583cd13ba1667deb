// What FLEXCUBE says went wrong, in our words: its codes first, then what its texts speak of.
//
// Most codes of the core are maintained by the bank, so that a bank can name its own in a setting.
import { Fault } from '#core';
import type { RejectionCode } from '#money';
import type { MoveAnswer } from '../adapter.ts';
import { coreFault, type Failure, type FailureClass, isRetryable, plainCode } from '../failures.ts';

/** One ERROR or WARNING of an answer. */
export type Said = { readonly code: string; readonly text: string };

type Meaning = {
  readonly class: FailureClass;
  readonly code?: RejectionCode;
  /** Of whichever of the two accounts the text names. */
  readonly sided?: 'frozen' | 'closed' | 'not_found';
};

/** What an error can mean; the setting `errors` speaks in these words, too. */
export const meanings = {
  insufficient_funds: { class: 'refused', code: 'insufficient_funds' },
  account_frozen: { class: 'refused', sided: 'frozen' },
  account_closed: { class: 'refused', sided: 'closed' },
  currency_mismatch: { class: 'refused', code: 'currency_mismatch' },
  hold_ended: { class: 'refused', code: 'hold_voided' },
  already_reversed: { class: 'refused', code: 'already_reversed' },
  not_found: { class: 'missing', sided: 'not_found' },
  refused: { class: 'refused' },
  invalid: { class: 'invalid' },
  incomplete: { class: 'incomplete' },
  stale: { class: 'stale' },
  duplicate: { class: 'duplicate' },
  locked: { class: 'locked' },
  limited: { class: 'limited' },
  unavailable: { class: 'unavailable' },
  unauthenticated: { class: 'unauthenticated' },
  forbidden: { class: 'forbidden' },
  internal: { class: 'internal' },
} as const satisfies Record<string, Meaning>;
export type MeaningName = keyof typeof meanings;
export type ErrorCodes = ReadonlyMap<string, MeaningName>;

/** Codes that were seen in published code or documents. */
export const knownCodes: ErrorCodes = new Map<string, MeaningName>([
  ['AC-OVD01', 'insufficient_funds'],
  ['AC-OVD02', 'insufficient_funds'],
  ['UP-PMT-90', 'insufficient_funds'],
  // Dormant, which is neither frozen nor closed.
  ['AC-VAC05', 'refused'],
  ['ST-VALS-002', 'not_found'],
  ['ST-VALS-009', 'duplicate'],
  ['ST-VALS-011', 'invalid'],
  ['TR-11002', 'incomplete'],
]);

/** They say that something failed, and another error beside them says what. */
const wrappers = ['ST-SAVE-024', 'ST-SAVE-054'];

/** For all other codes; the first that fits counts. */
export const spokenOf: readonly (readonly [RegExp, MeaningName])[] = [
  [/duplicate|already exists/i, 'duplicate'],
  [/already reversed/i, 'already_reversed'],
  [/another user|modification number/i, 'stale'],
  [/locked|ORA-00054/i, 'locked'],
  [/end of day|EOTI|EOFI|EOPD/i, 'unavailable'],
  // Who asks or what for, and no record: to answer that there is none would be untrue.
  [/\b(?:user|source|service|operation)\b.{0,40}(?:not found|does not exist)/i, 'unauthenticated'],
  [/insufficient|overdrawn|exceeds available/i, 'insufficient_funds'],
  [/frozen|no debit/i, 'account_frozen'],
  [/block.* closed/i, 'hold_ended'],
  [/account.* closed/i, 'account_closed'],
  [/not found|does not exist/i, 'not_found'],
  [/currenc/i, 'currency_mismatch'],
  [/not authori[sz]ed|no rights|not allowed for user/i, 'forbidden'],
  [/invalid (?:user|source|password)|source .*not (?:maintained|registered)/i, 'unauthenticated'],
  [/ORA-\d|unhandled|PL\/SQL/i, 'internal'],
  [/blank|mandatory|is required/i, 'incomplete'],
  [/invalid|not valid/i, 'invalid'],
];

/** `AC-VAC04=account_frozen, RT-0815=duplicate`: throws `input_invalid` for other words. */
export function errorCodesOf(setting: string | undefined): ErrorCodes {
  const own = (setting ?? '').split(',').flatMap((pair): (readonly [string, MeaningName])[] => {
    const [code = '', word = ''] = pair.split('=').map((part) => part.trim());
    if (code === '') return [];
    if (!Object.hasOwn(meanings, word)) {
      throw new Fault('input_invalid', `flexcube: the setting errors cannot map to "${word}"`);
    }
    return [[code, word as MeaningName]];
  });
  return new Map([...knownCodes, ...own]);
}

/** What several errors of one answer come to: a duplicate before all, a wrapper last. */
export function failureOf(
  errors: readonly Said[],
  codes: ErrorCodes,
): Failure & { readonly meaning: Meaning; readonly said: Said } {
  const read = errors.map((said) => ({ said, meaning: meanings[meaningOf(said, codes)] }));
  const found =
    read.find(({ meaning }) => meaning.class === 'duplicate') ??
    read.find(({ said }) => !wrappers.includes(said.code)) ??
    read[0];
  const said = found?.said ?? { code: 'none', text: 'no error was named' };
  const meaning: Meaning = found?.meaning ?? meanings.internal;
  const code = plainCode(said.code);
  return { class: meaning.class, code, text: plainText(said.text), meaning, said };
}

function meaningOf({ code, text }: Said, codes: ErrorCodes): MeaningName {
  const known = codes.get(code);
  if (known) return known;
  return spokenOf.find(([words]) => words.test(`${code} ${text}`))?.[1] ?? 'refused';
}

type About = {
  /** The number of the account that is credited. */
  readonly creditor?: string;
  /** What is missing where the core says that something is. */
  readonly missing?: RejectionCode;
};

/**
 * Of a move that failed. Throws where the core says that nothing was done for a reason that is none
 * of the move; `duplicate` where only a look-up tells.
 */
export function refusalOf(
  errors: readonly Said[],
  codes: ErrorCodes,
  { creditor, missing }: About = {},
): MoveAnswer | 'duplicate' {
  const failure = failureOf(errors, codes);
  const { class: of, meaning, said } = failure;
  if (of === 'duplicate') return 'duplicate';
  // What breaks inside of the core may break after it has posted.
  if (of === 'internal') return { status: 'unknown' };
  const isOurs = !isRetryable(of) && !['unauthenticated', 'forbidden', 'stale'].includes(of);
  if (!isOurs) throw coreFault('flexcube', failure);
  const isCredit = creditor !== undefined && said.text.includes(creditor);
  const side = isCredit ? 'credit' : 'debit';
  const code = meaning.sided ? (`${side}_account_${meaning.sided}` as const) : meaning.code;
  return {
    status: 'rejected',
    code: (of === 'missing' ? missing : undefined) ?? code ?? 'core_rejected',
    coreReason: `${failure.code}: ${failure.text}`,
  };
}

/** Without numbers of accounts or customers, amounts and addresses. */
export function plainText(text: string): string {
  const isTelling = (digits: string) => digits.replace(/\D/g, '').length > 2;
  return text
    .slice(0, 200)
    .replace(/\S+@\S+/g, '#')
    .replace(/\d[\d,.-]*/g, (digits) => (isTelling(digits) ? '#' : digits));
}
