// What a movement of money says to a programme: who has earned by what, and what has gone back.
import {
  derivedUuid,
  type Instant,
  instantFromText,
  internalId,
  type SealedEvent,
  toldId,
  type Tx,
  type Uuid,
} from '#core';
import type { EarnFacts } from './program/earning.ts';
import type { EarnKind } from './program/earning-terms.ts';

/** The events of the ledger that say anything; with the movements of points among them. */
export const followedTypes = [
  'transaction.posted',
  'hold.captured',
  'transaction.reversed',
] as const;

/** A movement of money, as the ledger tells it. */
export type Movement = {
  readonly id: string;
  readonly tenant: string;
  readonly position: bigint;
  readonly command: Uuid;
  readonly leg: number;
  readonly debit: string;
  readonly credit: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly postedAt: Instant;
  readonly authorizedAt: Instant | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** The movement that it undoes. */
  readonly undoes: string | null;
};

/** What is known around the movements of a page. */
export type Surroundings = {
  /** Who holds an account, the holder first. */
  readonly holders: ReadonlyMap<string, readonly Holder[]>;
  /** The steps of payments that commands were, by the command. */
  readonly steps: ReadonlyMap<Uuid, Step>;
  /** What payments were decided on, by their first command. */
  readonly orders: ReadonlyMap<Uuid, OrderFacts>;
};

type Holder = { readonly party: string; readonly country: string };
type Step = { readonly type: string; readonly payment: string };
type OrderFacts = {
  readonly country: string | null;
  /** Minor units: what was ordered, and what that was worth at home. */
  readonly amount: number | null;
  readonly amountHome: number | null;
};

/** What follows from a movement. */
export type Happening =
  | {
      readonly what: 'earns';
      readonly movement: Movement;
      readonly customer: string;
      readonly kind: EarnKind;
      readonly deal: string;
      readonly facts: (currency: string) => EarnFacts;
    }
  | {
      readonly what: 'goes_back';
      readonly movement: Movement;
      readonly deal: string;
      readonly reason: 'refund' | 'return' | 'chargeback';
    }
  | { readonly what: 'is_undone'; readonly movement: Movement; readonly undoes: string };

export type Earns = Extract<Happening, { readonly what: 'earns' }>;

type Told = {
  readonly account_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly payload: {
    readonly transfer_id: string;
    readonly command_id: string;
    readonly leg: number;
    readonly debit_account_id: string;
    readonly credit_account_id: string;
    readonly recorded_at: string;
    readonly hold: { readonly created_at: string } | null;
    readonly reverses_id: string | null;
    readonly metadata: Readonly<Record<string, string>> | null;
  };
};

export function movementOf({ tenant, position, body }: SealedEvent): Movement {
  const { amount, currency, payload } = (JSON.parse(body) as { data: Told }).data;
  return {
    id: payload.transfer_id,
    ...{ tenant, position, amount, currency },
    command: internalId('command', payload.command_id) ?? '',
    leg: payload.leg,
    debit: payload.debit_account_id,
    credit: payload.credit_account_id,
    postedAt: instantFromText(payload.recorded_at) ?? 0,
    authorizedAt: payload.hold ? (instantFromText(payload.hold.created_at) ?? null) : null,
    metadata: payload.metadata ?? {},
    undoes: payload.reverses_id,
  };
}

const returnSteps: Readonly<Record<string, 'refund' | 'return' | 'chargeback'>> = {
  'payment.refunded': 'refund',
  'payment.returned': 'return',
  'payment.charged_back': 'chargeback',
};
const returnKinds: readonly string[] = Object.values(returnSteps);
/** What the bank takes and gives by itself is nothing that a customer has done. */
const silentKinds: readonly string[] = [
  ...['fee', 'interest', 'funding', 'cashback', 'statement_credit'],
];
/** Who pays like this buys something. */
const buyingKinds: readonly string[] = ['card', 'bill', 'purchase'];

/**
 * In an order that is always the same. What payments have moved is known by the payment; whoever
 * posts for another system says in the metadata `kind` (such as `refund`), a `reference` of a
 * purchase, and as `of` the reference that a refund is of, which may come before its purchase.
 */
export function happeningsOf(movement: Movement, around: Surroundings): readonly Happening[] {
  const { metadata, command, undoes, id } = movement;
  if (undoes !== null) return [{ what: 'is_undone', movement, undoes }];
  const step = around.steps.get(command);
  const { kind = '', of, reference } = metadata;
  const reason = step ? returnSteps[step.type] : undefined;
  if (step && reason) return [{ what: 'goes_back', movement, deal: step.payment, reason }];
  if (of !== undefined && returnKinds.includes(kind)) {
    const deal = { deal: of, reason: kind as 'refund' | 'return' | 'chargeback' };
    return [{ what: 'goes_back', movement, ...deal }];
  }
  // What is sent back without a word of what is no deposit.
  if (returnKinds.includes(kind) || silentKinds.includes(kind)) return [];
  return earningsOf(movement, around, step?.payment ?? reference ?? id);
}

function earningsOf(movement: Movement, around: Surroundings, deal: string): Happening[] {
  const payers = around.holders.get(movement.debit) ?? [];
  const payees = around.holders.get(movement.credit) ?? [];
  // From one's own account to another one's own nothing has happened.
  if (payers.some(({ party }) => payees.some((other) => other.party === party))) return [];
  const { kind = '', mcc, merchant } = movement.metadata;
  const isPurchase = mcc !== undefined || merchant !== undefined || buyingKinds.includes(kind);
  const order = around.orders.get(firstCommand(movement, around));
  const country = order?.country ?? movement.metadata['country'] ?? null;
  const [payer] = payers;
  const [payee] = payees;
  const earns = (earnKind: EarnKind, customer: string): Happening => ({
    ...{ what: 'earns' as const, movement, customer, kind: earnKind, deal },
    facts: (currency) => factsOf(movement, { kind: earnKind, customer, currency, country, order }),
  });
  if (isPurchase) return payer ? [earns('purchase', payer.party)] : [];
  const isAbroad = payer && country !== null && country !== payer.country;
  return [
    ...(isAbroad ? [earns('international_payment', payer.party)] : []),
    ...(payee ? [earns('deposit', payee.party), earns('balance_milestone', payee.party)] : []),
  ];
}

type About = {
  readonly kind: EarnKind;
  readonly customer: string;
  readonly currency: string;
  readonly country: string | null;
  readonly order: OrderFacts | undefined;
};

/** Of a milestone the amount is still to be read: it is the balance. */
function factsOf(movement: Movement, about: About): EarnFacts {
  const { kind, customer, currency, country, order } = about;
  const { metadata, postedAt, authorizedAt } = movement;
  const worth = atHome(movement, currency, order);
  return {
    kind,
    amount: worth ?? movement.amount,
    currency: worth === undefined ? movement.currency : currency,
    mcc: metadata['mcc'] ?? null,
    merchant: metadata['merchant'] ?? null,
    partner: metadata['partner'] ?? null,
    channel: metadata['channel'] ?? null,
    country,
    tier: null,
    customer,
    occurredAt: postedAt,
    authorizedAt,
  };
}

/**
 * Of what was captured in part, that part of what the whole was worth. What the whole was worth is
 * the word of a caller: one that makes no amount of it is not known.
 */
function atHome(
  { amount, currency }: Pick<Movement, 'amount' | 'currency'>,
  home: string,
  order: OrderFacts | undefined,
): number | undefined {
  if (currency === home) return amount;
  if (!order?.amountHome || !order.amount) return undefined;
  const worth = Number((BigInt(order.amountHome) * BigInt(amount)) / BigInt(order.amount));
  return worth >= 0 && Number.isSafeInteger(worth) ? worth : undefined;
}

function firstCommand({ command }: Commanded, { steps }: Pick<Surroundings, 'steps'>): Uuid {
  const step = steps.get(command);
  return (step && internalId('payment', step.payment)) ?? command;
}

// Reading -----------------------------------------------------------------------------------------

/** With the tenant set, as the role that reads. */
export async function readSurroundings(
  tx: Tx,
  movements: readonly Movement[],
): Promise<Surroundings> {
  const holders = await readHolders(tx, movements);
  // Of what moves nobody's money nothing else is asked.
  const wanted = movements.filter(({ debit, credit }) => holders.has(debit) || holders.has(credit));
  if (wanted.length === 0) return { holders, steps: new Map(), orders: new Map() };
  const steps = await readSteps(tx, wanted);
  return { holders, steps, orders: await readOrders(tx, wanted, steps) };
}

async function readHolders(tx: Tx, movements: readonly Movement[]) {
  const ids = new Map<Uuid, string>();
  for (const { debit, credit } of movements) {
    for (const each of [debit, credit]) ids.set(internalId('account', each) ?? '', each);
  }
  const { rows } = await tx.query<Holder & { account_id: Uuid }>({
    name: 'loyalty.holders',
    text: `select a.account_id, a.party_id as party, p.country
       from register.account_party a
       join register.party p on p.tenant_id = a.tenant_id and p.id = a.party_id
      where a.tenant_id = core.current_tenant() and a.account_id = any ($1::uuid[])
        and a.role <> 'former'
      order by a.account_id, a.role <> 'holder', a.party_id`,
    values: [[...ids.keys()]],
  });
  const found = Map.groupBy(rows, ({ account_id }) => ids.get(account_id) as string);
  return found as ReadonlyMap<string, readonly Holder[]>;
}

type Commanded = Pick<Movement, 'command'>;

/**
 * By movement: what it is worth at home, in minor units. Of one that is missing nobody has said it,
 * and it is in another currency.
 */
export async function readWorths(
  tx: Tx,
  movements: readonly Pick<Movement, 'id' | 'command' | 'amount' | 'currency'>[],
  home: string,
): Promise<ReadonlyMap<string, number>> {
  const steps = await readSteps(tx, movements);
  const orders = await readOrders(tx, movements, steps);
  return new Map(
    movements.flatMap((each) => {
      const worth = atHome(each, home, orders.get(firstCommand(each, { steps })));
      return worth === undefined ? [] : [[each.id, worth] as const];
    }),
  );
}

/** What is told of a command stands in its own transaction, so that it is always there. */
async function readSteps(tx: Tx, movements: readonly Commanded[]) {
  const byTold = new Map(movements.map(({ command }) => [toldId(command, 0), command]));
  const { rows } = await tx.query<{ id: Uuid; type: string; payment: string }>({
    name: 'loyalty.steps',
    text: `select id, type, body::json #>> '{data,payload,payment_id}' as payment from core.event
      where tenant_id = core.current_tenant() and id = any ($1::uuid[])
        and type like 'payment.%'`,
    values: [[...byTold.keys()]],
  });
  return new Map(
    rows.map(({ id, type, payment }) => [byTold.get(id) as Uuid, { type, payment }] as const),
  );
}

async function readOrders(
  tx: Tx,
  movements: readonly Commanded[],
  steps: ReadonlyMap<Uuid, Step>,
): Promise<ReadonlyMap<Uuid, OrderFacts>> {
  const byDecision = new Map(
    movements.map((each) => {
      const first = firstCommand(each, { steps });
      return [derivedUuid(first, 'decision', 0), first] as const;
    }),
  );
  const { rows } = await tx.query<{ id: Uuid; facts: Readonly<Record<string, unknown>> | null }>({
    name: 'loyalty.orders',
    text: `select id, body::json #> '{data,payload,facts}' as facts from core.event
      where tenant_id = core.current_tenant() and id = any ($1::uuid[])`,
    values: [[...byDecision.keys()]],
  });
  return new Map(
    rows.map(({ id, facts }) => {
      const { counterparty_country: country, amount, amount_home: amountHome } = facts ?? {};
      const told: OrderFacts = {
        country: typeof country === 'string' ? country : null,
        amount: Number.isSafeInteger(amount) ? (amount as number) : null,
        amountHome: Number.isSafeInteger(amountHome) ? (amountHome as number) : null,
      };
      return [byDecision.get(id) as Uuid, told] as const;
    }),
  );
}

/** What an account stood at after a movement, in minor units; none for what is not there. */
export async function readMilestones(
  tx: Tx,
  movements: readonly Movement[],
): Promise<ReadonlyMap<string, number>> {
  if (movements.length === 0) return new Map();
  const byId = new Map(movements.map(({ id }) => [internalId('transfer', id) ?? '', id]));
  // Posted debits and credits come first among the sums of an account after its entry.
  const { rows } = await tx.query<{ id: Uuid; sums: readonly bigint[] }>(
    `select id, credit_sums as sums from money.transfer
      where tenant_id = core.current_tenant() and id = any ($1::uuid[])`,
    [[...byId.keys()]],
  );
  return new Map(
    rows.map(({ id, sums: [debits = 0n, credits = 0n] }) => [
      byId.get(id) as string,
      Math.max(0, Number(credits - debits)),
    ]),
  );
}
