// The schemas of what the API answers.
import { nullable } from '#core';
import { accountStatuses, accountTypes, bounds, moneySchemas as s } from '#money';
import { factsSchema } from '#policy';
import Type from 'typebox';
import type { Problem } from './problem.ts';

const minor = Type.Integer({ description: 'Minor units.' });
export const words = (values: readonly string[]) =>
  Type.Unsafe<string>({ type: 'string', enum: [...values] });
const anyMetadata = nullable(Type.Record(Type.String(), Type.String()));

/** Makes a transfer or a hold a payment, which policy decides by more than the movement. */
export const payment = Type.Optional(
  factsSchema(
    60,
    'What the payment is about: facts that the policy payment-authorization declares.',
  ),
);

const problem = Type.Unsafe<Problem>({
  description: 'RFC 9457 problem details',
  content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
});

/** Every route may answer these. */
export const problems = { '4xx': problem, '5xx': problem };

export const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description:
        'Required. A retry with the same key and body gets the first answer; the same key with ' +
        'another body is refused. Keys never expire.',
      examples: ['8e03978e-40d5-43dd-bc93-6894a57f9324'],
    }),
  ),
  purpose: Type.Optional(Type.String({ description: 'Why it is asked; kept with the decision.' })),
});

export const account = Type.Object({
  id: s.accountId,
  type: words(accountTypes),
  normal_balance: words(['debit', 'credit']),
  currency: s.currency,
  holder_id: nullable(Type.String()),
  bound: words(bounds),
  credit_limit: minor,
  status: words(accountStatuses),
  metadata: anyMetadata,
  opened_at: s.instant,
});

const sums = {
  debits_posted: minor,
  credits_posted: minor,
  debits_pending: minor,
  credits_pending: minor,
};

export const balances = Type.Object({
  account_id: s.accountId,
  currency: s.currency,
  as_of: s.instant,
  basis: Type.String(),
  booked: minor,
  pending: minor,
  available: minor,
  ...sums,
  version: Type.Integer({ description: 'The number of the last entry that is counted.' }),
});

const kinds = words(['post', 'reverse', 'hold', 'increase', 'capture', 'void', 'expire']);

const move = {
  kind: kinds,
  amount: minor,
  released: minor,
  currency: s.currency,
  hold_id: nullable(s.holdId),
  reverses_id: nullable(s.transferId),
  effective_at: s.instant,
  recorded_at: s.instant,
  metadata: anyMetadata,
};

export const entry = Type.Object({
  version: Type.Integer(),
  side: words(['debit', 'credit']),
  transfer_id: s.transferId,
  counter_account_id: s.accountId,
  ...move,
  ...sums,
});

export const transfer = Type.Object({
  id: s.transferId,
  debit_account_id: s.accountId,
  credit_account_id: s.accountId,
  ...move,
});

const paymentId = nullable(Type.String({ description: 'The payment of which it is a part.' }));

/** A transfer with what stands around it, as the journal is read. */
export const line = Type.Object({
  ...transfer.properties,
  command_id: Type.String({ description: 'The journal: legs of one command stand together.' }),
  leg: Type.Integer(),
  reversed_by_id: nullable(s.transferId),
  payment_id: paymentId,
});

export const hold = Type.Object({
  id: s.holdId,
  debit_account_id: s.accountId,
  credit_account_id: s.accountId,
  currency: s.currency,
  amount: minor,
  captured: minor,
  released: minor,
  status: words(['open', 'captured', 'voided', 'expired']),
  expires_at: nullable(s.instant),
  created_at: s.instant,
});

export const holdOfPayment = Type.Object({ ...hold.properties, payment_id: paymentId });

export const posted = Type.Object({ status: words(['posted']), transfers: Type.Array(transfer) });
export const postedHold = Type.Object({
  status: words(['posted']),
  transfers: Type.Array(transfer),
  hold: Type.Optional(hold),
});

export const page = <T extends Type.TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    next: nullable(Type.String({ description: 'Send it as `after` for the next page.' })),
  });

const facet = Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() }));

/** How many there are of each value of some facets. */
export const facetsOf = <Facet extends string>(facets: readonly Facet[]) =>
  Type.Object({
    ...(Object.fromEntries(facets.map((name) => [name, facet])) as Record<Facet, typeof facet>),
    total: Type.Integer(),
    capped: Type.Boolean({ description: 'Whether only the newest were counted.' }),
  });

/** An array is answered item by item; a single replay is answered with the first answer. */
export const oneOrItems = (one: Type.TSchema) =>
  Type.Unsafe<unknown>({
    anyOf: [
      one,
      Type.Object({
        items: Type.Array(
          Type.Object(
            {
              status: words(['posted', 'accepted', 'decided', 'rejected', 'open']),
              code: Type.Optional(Type.String()),
              replayed: Type.Optional(Type.Boolean()),
            },
            { additionalProperties: true },
          ),
        ),
      }),
    ],
  });

export const trialBalance = Type.Object({
  currencies: Type.Array(
    Type.Object({
      currency: s.currency,
      type: words(accountTypes),
      accounts: Type.Integer(),
      ...sums,
    }),
  ),
  balanced: Type.Boolean(),
});
