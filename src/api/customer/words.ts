// Every word that a customer is told of a payment: one catalogue, by the reasons on record. What a
// model has scored, which rule has held and where a threshold lies is told to nobody who pays.
import { type Consume, type Currency, formatDecimal, isoExponent, toMinorUnits } from '#core';
import type { RejectionCode } from '#money';

/** Where a payment is for the one who pays it. */
export const standings = ['pending', 'booked', 'declined', 'cancelled'] as const;
export type PaymentStanding = (typeof standings)[number];

const looked = 'We look at this payment before we carry it out. You need not do anything.';
const illegal = 'We cannot carry out this payment.';
const broken = 'We could not carry out this payment. Please try again later.';
const unable = 'The account of the payee cannot take this payment.';
const atRest = 'Your account cannot pay at the moment. Please contact us.';

/**
 * By the reasons of the policy that ships: what is looked at is told in one sentence, whatever has
 * brought it about, and what the law forbids in another.
 */
const byReason: Readonly<Record<string, string>> = {
  usual_payment: 'Carried out.',
  bank_posting: 'Booked by the bank or your employer.',
  country_prohibited: illegal,
  sanctions_match: illegal,
  fraud_block: 'We have not carried out this payment, to protect your account. Please contact us.',
  online_gambling: 'We do not carry out card payments to online gambling.',
  agent_without_authority: 'Your assistant may pay only what you have agreed to.',
  bank_postings_by_bank: illegal,
  country_watched: looked,
  country_unknown: looked,
  screening_possible_match: looked,
  fraud_suspected: looked,
  very_large: looked,
  large_without_score: looked,
  new_account_large: looked,
  many_movements: looked,
  fact_missing: looked,
  fact_invalid: looked,
  engine_error: looked,
  no_rule_held: looked,
  doubts_settled: 'Carried out.',
  fraud_possible: 'Please confirm that it is you who pays.',
  confirm_remote_card: 'Please confirm this card payment.',
  confirm_new_device: 'This device is new to us: please confirm that it is you who pays.',
  confirm_new_payee: 'You have not paid this payee before: please confirm the payment.',
  confirm_at_night: 'Please confirm that it is you who pays.',
  confirm_cash_like: 'Please confirm this payment: it cannot be called back.',
  confirm_many: 'Please confirm that it is you who pays.',
  confirm_sum: 'Please confirm that it is you who pays.',
};

const byRejection: Readonly<Partial<Record<RejectionCode, string>>> = {
  insufficient_funds: 'Declined: there was not enough money in the account.',
  credit_limit_exceeded: 'Declined: your credit limit was reached.',
  limit_exceeded: 'Declined: a limit was reached. Please try again later.',
  accounts_same: 'Declined: payer and payee are the same account.',
  currency_mismatch: 'Declined: both accounts must be in the currency of the payment.',
  unknown_currency: 'Declined: both accounts must be in the currency of the payment.',
  debit_account_frozen: atRest,
  debit_account_closed: 'Your account is closed.',
  credit_account_not_found: unable,
  credit_account_closed: unable,
  credit_account_frozen: unable,
};

/** By where a payment stands, for a reason that says nothing: also those of a bank's own policy. */
const inGeneral = {
  declined: broken,
  confirm: 'This payment waits for your confirmation.',
  wait: looked,
  cancelled: 'Cancelled. No money has moved.',
  expired: 'This payment was not confirmed in time. No money has moved.',
  refused: 'We have looked at this payment, and have not carried it out. No money has moved.',
  confirmed: 'Carried out after you have confirmed it.',
  released: 'Carried out after we have looked at it.',
  reserved: 'Reserved: it is booked when the shop claims it.',
  received: 'Received.',
  booked: 'Booked.',
} as const;

export type Said = keyof typeof inGeneral;

/** What holds for it, in words; the first of its reasons that says more than that is told. */
export function wordsFor(said: Said, reasons: readonly string[] = []): string {
  const known: Readonly<Record<string, string | undefined>> = { ...byReason, ...byRejection };
  const told = reasons.map((reason) => known[reason]).find((words) => words !== undefined);
  const isReasoned = said === 'declined' || said === 'confirm';
  return (isReasoned ? told : undefined) ?? inGeneral[said];
}

/** Of a limit of the customer's own: what it allows, in its window. */
export function limitWords(
  { cap, measure, window }: Pick<Consume, 'cap' | 'measure' | 'window'>,
  currency: Currency,
): string {
  const most = measure === 'count' ? `${cap} payments` : `${amountWords(BigInt(cap), currency)}`;
  if (window.kind === 'calendar') {
    return `Declined: over your limit of ${most} a ${window.unit}.`;
  }
  const hours = Math.max(1, Math.round(window.seconds / 3_600));
  const within = hours === 1 ? 'an hour' : `${hours} hours`;
  return `Declined: over your limit of ${most} within ${within}.`;
}

function amountWords(amount: bigint, currency: Currency): string {
  const decimal = formatDecimal(toMinorUnits(amount), isoExponent(currency) ?? 0);
  return `${decimal} ${currency}`;
}

/** Of a call that an assistant has made, by the reasons of the policy that ships. */
const byCallReason: Readonly<Record<string, string>> = {
  read_allowed: 'Your assistant may read or prepare this; names and numbers are hidden from it.',
  write_authorised: 'It was agreed to.',
  agent_suspended: 'The assistant is suspended.',
  tool_not_registered: 'The assistant may not do this.',
  purpose_missing: 'The assistant has not said what it wants this for.',
  purpose_not_allowed: 'The assistant may not do this for the purpose that it named.',
  consent_missing: 'You have not agreed that an assistant reads your data.',
  use_case_off: 'Assistants are switched off for this at the moment.',
  shadow_changes_nothing: 'Assistants are on trial: they may look, and change nothing.',
  write_needs_person: 'What an assistant would change, you confirm first.',
  person_in_the_loop: 'We look at this before it is done.',
  first_writes_reviewed: 'We look at what a new assistant does before it is done.',
  outside_text: 'We look at this before it is done.',
  high_value: 'We look at large amounts before they are moved.',
};

const callInGeneral = {
  allowed: 'It was allowed.',
  refused: 'It was not allowed. Please contact us if you have questions.',
  waits: 'It waits until it was agreed to.',
} as const;

/** Each reason for which there are words, or what holds for it in general. */
export function callWords(result: keyof typeof callInGeneral, reasons: readonly string[]) {
  const words = reasons.flatMap((reason) => byCallReason[reason] ?? []);
  return words.length === 0 ? [callInGeneral[result]] : [...new Set(words)];
}

// Kinds and shops ---------------------------------------------------------------------------------

export const kinds = [
  'card',
  'transfer',
  'bill',
  'standing_order',
  'cash',
  'salary',
  'fee',
  'interest',
  'refund',
  'other',
] as const;
export type Kind = (typeof kinds)[number];

/** Of what the bank calls it. */
export function kindOf(told: string | undefined, isBack: boolean): Kind {
  if (isBack) return 'refund';
  if (told === 'payroll') return 'salary';
  return kinds.find((kind) => kind === told) ?? 'other';
}

/** ISO 18245, in the groups in which people think of what they buy. */
const shops: readonly (readonly [from: number, to: number, words: string])[] = [
  [3000, 3350, 'Flights'],
  [3351, 3500, 'Car hire'],
  [3501, 3999, 'Hotels'],
  [4111, 4131, 'Public transport and taxis'],
  [4511, 4511, 'Flights'],
  [4722, 4722, 'Travel'],
  [4812, 4821, 'Telephone and internet'],
  [4829, 4829, 'Money transfer'],
  [4899, 4899, 'Television and streaming'],
  [4900, 4900, 'Energy and water'],
  [5200, 5299, 'Home and garden'],
  [5300, 5399, 'Department stores'],
  [5411, 5499, 'Groceries'],
  [5511, 5599, 'Car and fuel'],
  [5611, 5699, 'Clothing'],
  [5712, 5739, 'Furniture and electronics'],
  [5811, 5814, 'Restaurants and bars'],
  [5815, 5818, 'Digital goods'],
  [5912, 5912, 'Pharmacies'],
  [5940, 5949, 'Leisure and hobbies'],
  [6010, 6012, 'Cash and banks'],
  [6051, 6051, 'Money transfer'],
  [6300, 6399, 'Insurance'],
  [6513, 6513, 'Rent'],
  [7011, 7011, 'Hotels'],
  [7995, 7995, 'Betting and lotteries'],
  [7832, 7999, 'Leisure and hobbies'],
  [8011, 8099, 'Health'],
  [8211, 8299, 'Education'],
];

/** What is bought there, in words; null where the code is none that people speak of. */
export function shopWords(mcc: string | undefined): string | null {
  const code = Number(mcc ?? Number.NaN);
  return shops.find(([from, to]) => code >= from && code <= to)?.[2] ?? null;
}

// Consents ----------------------------------------------------------------------------------------

/** Of the texts below: a consent is to what was read. */
export const consentTextVersion = 'app-1';

const channelWords = {
  email: 'by e-mail',
  sms: 'by text message',
  push: 'by notifications of the app',
  phone: 'by telephone',
  post: 'by letter',
  in_app: 'within the app',
} as const;

export const consentWords = {
  marketing: (channel: keyof typeof channelWords) => ({
    title: `Offers ${channelWords[channel]}`,
    words: `We may tell you of offers ${channelWords[channel]}. You can withdraw it at any time.`,
  }),
  ai_data_use: () => ({
    title: 'Use of your data by AI',
    words:
      'Assistants and offers may look at your accounts to advise you. Without it your payments ' +
      'are carried out all the same, and are protected all the same.',
  }),
  open_banking: (party: string) => ({
    title: `Access of ${party}`,
    words: `${party} may read your accounts. It is granted where ${party} asks for it.`,
  }),
};

/** The reasons for which there are words: a reason of the policy that ships has some. */
export const reasonsWithWords: ReadonlySet<string> = new Set([
  ...Object.keys(byReason),
  ...Object.keys(byRejection),
]);
