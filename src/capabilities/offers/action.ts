// Actions: what may be offered, to whom, in which words and at which price, as data.
import { closed, plainText } from '#core';
import { consentChannels } from '#policy';
import Type from 'typebox';

export const offerChannels = consentChannels;
export type OfferChannel = (typeof offerChannels)[number];

export const productKinds = [
  'credit',
  'savings',
  'payments',
  'insurance',
  'investment',
  'service',
] as const;
export type ProductKind = (typeof productKinds)[number];

/**
 * `default` sells. `mandatory` is what the bank has to tell, and goes before everything;
 * `transactional` follows from what the customer has done. Neither of the two counts as a contact.
 */
export const actionClasses = ['default', 'mandatory', 'transactional'] as const;
export type ActionClass = (typeof actionClasses)[number];

const amountMax = 2 ** 53 - 1;
const [conditionsMax, bundleMax, contextMax] = [20, 5, 20];

const actionCode = Type.String({
  pattern: '^[a-z][a-z0-9-]{1,59}$',
  description: 'Names the action in all of its versions.',
  examples: ['premium-savings'],
});
const productCode = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_-]{1,39}$',
  examples: ['PREM_SAVINGS'],
});
const channel = Type.Enum([...offerChannels]);
const currency = Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,11}$' });
const minor = Type.Integer({ minimum: 0, maximum: amountMax });
const percent = Type.Integer({ minimum: 1, maximum: 1_000 });
const instant = Type.String({ format: 'date-time' });
const words = (maxLength: number, description: string) =>
  plainText({ minLength: 1, maxLength, description });

/** The register's code, where it is another: who holds such a product is not offered it. */
const product = Type.Object(
  {
    code: productCode,
    kind: Type.Enum([...productKinds]),
    registered_as: Type.Optional(
      Type.String({
        pattern: '^[a-z][a-z0-9_-]{1,39}$',
        description: 'Its code in the register of products; the code in small letters without it.',
      }),
    ),
  },
  closed,
);

const condition = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z][a-z0-9_]{1,59}$' }),
    when: Type.String({
      minLength: 1,
      maxLength: 1_000,
      description: 'CEL over what is known of the customer; it must hold.',
      examples: ['balance >= 1000000'],
    }),
    says: words(200, 'What is told of a customer for whom it does not hold.'),
  },
  closed,
);
const conditions = Type.Optional(Type.Array(condition, { maxItems: conditionsMax }));
export type Condition = Type.Static<typeof condition>;

const treatment = Type.Object(
  {
    channel,
    message: words(
      400,
      'What the customer reads. Slots: {amount}, {rate}, {valid_until}, {code}, {product}. ' +
        'Nothing else is put into it: no free text of a model.',
    ),
  },
  closed,
);

const terms = Type.Object(
  {
    amount: Type.Integer({
      ...{ minimum: 0, maximum: amountMax },
      description: 'What is offered, in minor units: the loan, the deposit, the sum insured.',
    }),
    currency,
    rate_bps: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 10_000, description: 'Per year, in basis points.' }),
    ),
    list_rate_bps: Type.Optional(
      Type.Integer({
        ...{ minimum: 0, maximum: 10_000 },
        description: 'Of everybody: what is better for this customer is relationship pricing.',
      }),
    ),
  },
  closed,
);

const apply = Type.String({
  pattern: '^(/|bankapp://)[A-Za-z0-9/._~?=&%-]{1,200}$',
  description: 'Where the customer applies; without it a person of the bank takes over.',
  examples: ['/core/api/v1/products/apply?type=savings'],
});

export const actionSchema = Type.Object(
  {
    code: actionCode,
    title: words(80, 'For people of the bank.'),
    product,
    bundle: Type.Optional(
      Type.Array(product, { maxItems: bundleMax, description: 'Products that come with it.' }),
    ),
    class: Type.Optional(Type.Enum([...actionClasses], { default: 'default' })),
    treatments: Type.Array(treatment, { minItems: 1, maxItems: offerChannels.length }),
    why: words(200, 'Why this customer: shown beside the offer. The same slots.'),
    eligibility: conditions,
    applicability: conditions,
    suitability: conditions,
    value: Type.Integer({
      ...{ minimum: 0, maximum: amountMax },
      description: 'What an acceptance is worth to the bank, in minor units: V.',
    }),
    terms,
    lever_percent: Type.Optional(percent),
    context: Type.Optional(
      Type.Array(
        Type.Object({ when: Type.String({ minLength: 1, maxLength: 1_000 }), percent }, closed),
        { maxItems: contextMax, description: 'C: the first that holds counts, else 100 %.' },
      ),
    ),
    propensity: Type.Object(
      {
        starting_ppm: Type.Integer({
          ...{ minimum: 0, maximum: 1_000_000 },
          description: 'How many of a million accept, before anything was learnt.',
        }),
        evidence: Type.Integer({
          ...{ minimum: 0, maximum: 1_000_000 },
          description: 'How many answers the starting propensity is worth.',
        }),
      },
      closed,
    ),
    uses_model: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Whether a model may say how likely it is accepted: that needs consent.',
      }),
    ),
    volume: Type.Optional(
      Type.Object(
        {
          offers_max: Type.Integer({ minimum: 1, maximum: 100_000_000 }),
          period: Type.Enum(['day', 'month', 'total']),
        },
        { ...closed, description: 'Of a scarce offer: how many there are.' },
      ),
    ),
    valid_days: Type.Integer({ minimum: 1, maximum: 365 }),
    from: Type.Optional(instant),
    until: Type.Optional(instant),
    priority: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1_000, description: 'Of equals, the higher is first.' }),
    ),
    apply: Type.Optional(apply),
  },
  closed,
);

export type Action = Type.Static<typeof actionSchema>;

/** An action as it was published: what offers are made by. */
export type PublishedAction = {
  readonly code: string;
  readonly version: number;
  readonly action: Action;
};

export const actionParts = {
  ...{ actionCode, productCode, channel, currency, minor, instant, terms, apply },
};

export function classOf({ class: said = 'default' }: Pick<Action, 'class'>): ActionClass {
  return said;
}

/** The codes by which the register knows what the action offers. */
export function registeredCodes({ product: first, bundle = [] }: Action): readonly string[] {
  return [first, ...bundle].map(({ code, registered_as }) => registered_as ?? code.toLowerCase());
}

/** By how much the offer is better than the list, for credit below it and for all else above. */
export function discountBps({ product: { kind }, terms: { rate_bps, list_rate_bps } }: Action) {
  if (rate_bps === undefined || list_rate_bps === undefined) return 0;
  return Math.max(0, kind === 'credit' ? list_rate_bps - rate_bps : rate_bps - list_rate_bps);
}

/** What may stand in the braces of a message: figures of the terms, nothing about a person. */
export const slots = ['amount', 'rate', 'valid_until', 'code', 'product'] as const;
export type Slot = (typeof slots)[number];

export function slotsIn(message: string): readonly string[] {
  return [...message.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
}

export function fillSlots(message: string, values: Readonly<Record<Slot, string>>): string {
  return message.replaceAll(/\{([a-z_]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name as Slot] : whole,
  );
}
