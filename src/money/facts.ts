// What policy may know of a command of the money plane: its facts, drawn from nothing but itself.
import {
  type Command,
  type Instant,
  instantFromText,
  internalId,
  type Tx,
  type Uuid,
  dayMs,
} from '#core';
import {
  type ChangeBody,
  isJournal,
  type JournalBody,
  type Leg,
  type OpenBody,
} from './journal.ts';

/**
 * Every operation has the same facts, so that a rule can look at any of them. `leg`, `currency` and
 * the accounts are those of the largest leg. Zero and the empty text stand for what the body has
 * not; `amounts` tells those of legs that name none, such as reversals.
 */
export type LedgerFacts = {
  readonly account_id: string | null;
  /** Minor units: all that leaves the account of the largest leg, in that leg's currency. */
  readonly amount: number;
  /** Minor units: of all legs in that currency. */
  readonly amount_total: number;
  readonly backdated_days: number;
  readonly counter_account_id: string | null;
  readonly credit_limit: number;
  readonly currency: string;
  readonly leg: number;
  readonly leg_kinds: readonly string[];
  readonly legs: number;
};

export function ledgerFacts(command: Command, amounts: Amounts = new Map()): LedgerFacts {
  if (isJournal(command.operation)) {
    return journalFacts(command.body as JournalBody, command.receivedAt, amounts);
  }
  switch (command.operation) {
    case 'account.open':
    case 'account.change': {
      const { credit_limit, currency } = command.body as OpenBody & ChangeBody;
      return { ...noFacts, credit_limit: credit_limit ?? 0, currency: currency ?? '' };
    }
    default:
      return noFacts;
  }
}

const noFacts: LedgerFacts = {
  account_id: null,
  amount: 0,
  amount_total: 0,
  backdated_days: 0,
  counter_account_id: null,
  credit_limit: 0,
  currency: '',
  leg: 0,
  leg_kinds: [],
  legs: 0,
};

function journalFacts(
  { legs, effective_at, held = [] }: JournalBody,
  receivedAt: Instant,
  amounts: Amounts,
): LedgerFacts {
  const amountOf = (leg: Leg) => ('amount' in leg && leg.amount) || amounts.get(namedIn(leg)) || 0;
  const largest = legs.reduce((one, other) => (amountOf(other) > amountOf(one) ? other : one));
  const sides = 'debit_account_id' in largest ? largest : null;
  const sum = (of: readonly Leg[]) => of.reduce((total, leg) => total + amountOf(leg), 0);
  const alike = legs.filter((leg) => currencyOf(leg) === sides?.currency);
  const own = alike.filter((leg) => debitOf(leg) === sides?.debit_account_id);
  const effective = effective_at === undefined ? undefined : instantFromText(effective_at);
  const back = effective === undefined ? 0 : receivedAt - effective;
  return {
    account_id: sides?.debit_account_id ?? null,
    amount: sum(own),
    amount_total: sum(alike),
    backdated_days: Math.max(0, Math.floor(back / dayMs)),
    counter_account_id: sides?.credit_account_id ?? null,
    credit_limit: 0,
    currency: sides?.currency ?? '',
    // Behind those that give back what is held.
    leg: held.length + legs.indexOf(largest),
    leg_kinds: legs.map(({ kind }) => kind),
    legs: legs.length,
  };
}

function currencyOf(leg: Leg): string | undefined {
  return 'currency' in leg ? leg.currency : undefined;
}

function debitOf(leg: Leg): string | undefined {
  return 'debit_account_id' in leg ? leg.debit_account_id : undefined;
}

/** The hold or transfer that a leg continues. */
function namedIn(leg: Leg): string {
  if ('hold_id' in leg) return leg.hold_id;
  return 'transfer_id' in leg ? leg.transfer_id : '';
}

/** Whether a leg goes on with a hold or a transfer, whose amount it may leave unsaid. */
export function isContinuing({ legs }: JournalBody): boolean {
  return legs.some((leg) => namedIn(leg) !== '');
}

/** Minor units by the public id of a hold or a transfer. */
export type Amounts = ReadonlyMap<string, number>;

/** What holds have left and transfers have moved, of those that the legs continue. */
export async function readAmounts(tx: Tx, { legs }: JournalBody): Promise<Amounts> {
  const names = [...new Set(legs.map(namedIn).filter((name) => name !== ''))];
  const byUuid = new Map(
    names.flatMap((name) => {
      const id = internalId('hold', name) ?? internalId('transfer', name);
      return id === undefined ? [] : [[id, name] as const];
    }),
  );
  const { rows } = await tx.query<{ id: Uuid; amount: bigint; rest: bigint | null }>(
    `select x.id, x.amount, h.amount - h.captured - h.released as rest
       from money.transfer x left join money.hold h
         on h.tenant_id = x.tenant_id and h.id = x.id
      where x.tenant_id = core.current_tenant() and x.id = any ($1)`,
    [[...byUuid.keys()]],
  );
  return new Map(
    rows.map(({ id, amount, rest }) => [byUuid.get(id) as string, Number(rest ?? amount)]),
  );
}
