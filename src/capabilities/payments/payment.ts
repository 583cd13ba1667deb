// A payment: what is ordered, in the words of ISO 20022, and the life that it has.
import { closed, type Json, plainText } from '#core';
import { type JournalBody, moneySchemas as s } from '#money';
import { factsSchema } from '#policy';
import Type from 'typebox';

/** What policy calls the kinds of payments that may be ordered: who starts them, and how. */
export const paymentKinds = [
  'transfer',
  'bill',
  'standing_order',
  'cash',
  'payroll',
  'fee',
  'interest',
] as const;
export const paymentChannels = [
  'mobile',
  'web',
  'branch',
  'atm',
  'api',
  'batch',
  'card_present',
  'card_not_present',
] as const;
/** How a card is read (ISO 8583, field 22), in words. */
export const entryModes = [
  'chip',
  'contactless',
  'magnetic_stripe',
  'manual',
  'ecommerce',
  'credential_on_file',
] as const;

export const paymentStatuses = [
  'posted',
  'authorized',
  'step_up_required',
  'held',
  'review',
  'denied',
  'captured',
  'partially_captured',
  'cancelled',
  'expired',
  'refunded',
  'partially_refunded',
  'returned',
  'charged_back',
  'represented',
] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

/** What the caller is told at once. */
export const paymentOutcomes = ['allowed', 'denied', 'held', 'review', 'step_up_required'] as const;
export type PaymentOutcome = (typeof paymentOutcomes)[number];

/** How a posted sum goes back, in full or in part. */
export const returnKinds = ['refund', 'return', 'chargeback'] as const;
export type ReturnKind = (typeof returnKinds)[number];

const token = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._:-]{1,80}$', description }));
/** ISO 20022 Max35Text, in the letters that every rail takes. */
const reference = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 .:/_+-]{0,34}$', description });
const country = Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.' });
const mcc = Type.String({ pattern: '^[0-9]{4}$', description: 'ISO 18245.', examples: ['5812'] });
const facts = Type.Optional(
  factsSchema(60, 'What else the channel knows that policy looks at, by the names of its facts.'),
);

/** What the metadata of its transfers tells of an order, and nobody says beside it. */
const told = ['kind', 'channel', 'mcc', 'merchant', 'card', 'device', 'customer'] as const;

const parties = {
  debtor: token('Who pays, by a token. Needed for a step-up.'),
  creditor: token('Who is paid, by a token.'),
  device: token('The device that asks, by a token.'),
  session: token('The session in the channel.'),
};
const movement = {
  debtor_account_id: s.accountId,
  creditor_account_id: s.accountId,
  amount: s.amount,
  currency: s.currency,
  effective_at: Type.Optional(s.instant),
  metadata: Type.Optional(
    Type.Record(
      Type.String({
        pattern: `^(?!(${told.join('|')})$)[A-Za-z0-9_.-]{1,64}$`,
      }),
      plainText({ maxLength: 512 }),
      {
        additionalProperties: false,
        maxProperties: 12,
        description: `Opaque strings. The order itself says: ${told.join(', ')}.`,
      },
    ),
  ),
  facts,
};

const orderBody = Type.Object(
  {
    kind: Type.Optional(Type.Enum([...paymentKinds], { default: 'transfer' })),
    channel: Type.Enum([...paymentChannels]),
    ...movement,
    end_to_end_id: Type.Optional(
      reference('Unchanged from debtor to creditor (pain.001, EndToEndId).'),
    ),
    instruction_id: Type.Optional(reference('Between the caller and us (pain.001, InstrId).')),
    purpose: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{4}$',
        description: 'ExternalPurpose1Code, such as SALA or SUPP.',
      }),
    ),
    creditor_country: Type.Optional(country),
    card: token('The card that asks, at a cash dispenser.'),
    merchant: token('Whose bill it is, or whose dispenser.'),
    mcc: Type.Optional(mcc),
    ...parties,
  },
  closed,
);

const authorizationBody = Type.Object(
  {
    ...movement,
    card: Type.String({ ...token('The card, by a token.'), examples: ['card_01j9zk'] }),
    merchant: Type.Object(
      {
        id: Type.String({ pattern: '^[A-Za-z0-9._:-]{1,80}$' }),
        mcc,
        country: Type.Optional(country),
      },
      closed,
    ),
    entry_mode: Type.Enum([...entryModes]),
    network_reference: Type.Optional(reference('Of the card network, for its clearing messages.')),
    expires_at: Type.Optional(s.instant),
    ...parties,
  },
  closed,
);

const returnBody = Type.Object(
  {
    amount: s.amount,
    reason: Type.String({
      pattern: '^[A-Z0-9]{2,8}$',
      description: "A code of the rail, such as AC04 or 10.4 without its dot: '104'.",
    }),
    effective_at: Type.Optional(s.instant),
  },
  closed,
);
const clearingBody = Type.Object(
  {
    clearing_id: Type.String({
      pattern: '^[A-Za-z0-9._:-]{1,80}$',
      description: 'Of the message: sent again, in whatever order, it has its effect once.',
    }),
    amount: s.amount,
    final: Type.Optional(
      Type.Boolean({ description: 'Whether what is left is released. Default: true.' }),
    ),
    effective_at: Type.Optional(s.instant),
  },
  closed,
);
const incrementBody = Type.Object({ amount: s.amount, facts }, closed);
const cancelBody = Type.Object(
  { reason: Type.Optional(plainText({ minLength: 1, maxLength: 80 })) },
  closed,
);
const representBody = Type.Object(
  { transfer_id: Type.String({ description: 'Of the chargeback that is contested.' }) },
  closed,
);

export const paymentSchemas = {
  orderBody,
  authorizationBody,
  returnBody,
  clearingBody,
  incrementBody,
  cancelBody,
  representBody,
};

export type OrderBody = Type.Static<typeof orderBody>;
export type AuthorizationBody = Type.Static<typeof authorizationBody>;
export type ReturnBody = Type.Static<typeof returnBody>;
export type ClearingBody = Type.Static<typeof clearingBody>;
export type IncrementBody = Type.Static<typeof incrementBody>;

/** What a payment is about, for as long as it lives. */
export type Order = {
  readonly kind: string;
  readonly channel: string;
  readonly debtor_account_id: string;
  readonly creditor_account_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly end_to_end_id?: string;
  readonly instruction_id?: string;
  readonly purpose?: string;
  readonly debtor?: string;
  readonly creditor?: string;
  readonly device?: string;
  readonly session?: string;
  readonly card?: string;
  readonly merchant?: string;
  readonly mcc?: string;
  readonly entry_mode?: string;
};

/** The body of every step of a payment: a journal that knows what it is a step of. */
export type PaymentBody = JournalBody & {
  readonly order: Order;
  /** Of every step but the first, whose command the payment is named after. */
  readonly payment_id?: string;
  /** Of a resumption: what it follows from, such as a challenge or a case. */
  readonly cause?: string;
  /** Of a return: its kind; of a return or cancellation: why. */
  readonly reason?: string;
  readonly clearing_id?: string;
  readonly [more: string]: Json | undefined;
};
