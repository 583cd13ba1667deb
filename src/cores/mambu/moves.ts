// Money that moves between deposit accounts of Mambu: transfers and their adjustments, and how a
// move is found again by the reference that it carries as its external id.
import type { FoundMove, LookUp, MoveAnswer, Of, ReverseOrder, TransferOrder } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { jsonText, minorUnitsOf, type WireJson } from '../wire.ts';
import { type Client, type Ordered, pathPart } from './client.ts';
import { aboutSomeAccount, coreName, refusedAs } from './errors.ts';
import { amountIn, dateTimeOf, firstOf, notedIn, notesOf, required } from './mapping.ts';

/** An order of this core, and what is the same for all of them. */
export type Moves = {
  readonly client: Client;
  /** Of accounts that have been asked for: a currency never changes. */
  readonly currencies: Map<string, string>;
};

const currenciesMax = 100_000;
/** Adjustments carry no external id: the newest of the account are looked through. */
const adjustmentsMax = 200;

// Transfers ---------------------------------------------------------------------------------------

export async function transfer(moves: Moves, order: TransferOrder): Promise<MoveAnswer> {
  const { client } = moves;
  const wrong = await wrongAccounts(moves, order);
  if (wrong) return wrong;
  const { debtor, creditor, amount, currency, reference, signal } = order;
  const ordered = await client.order({
    path: `/deposits/${pathPart(debtor)}/transfer-transactions`,
    body: {
      amount: amountIn(amount, currency),
      transferDetails: { linkedAccountType: 'DEPOSIT', linkedAccountId: creditor },
      ...{ externalId: reference, notes: notesOf(order) },
      valueDate: dateTimeOf(order.valueDate, client.timeZone),
    },
    ...{ key: `transfer ${reference}`, signal },
  });
  return answerOf(moves, ordered, order);
}

/** No transaction says its currency: both accounts must have that of the order. */
async function wrongAccounts(
  moves: Moves,
  { debtor, creditor, currency, signal }: TransferOrder,
): Promise<MoveAnswer | undefined> {
  const [from, to] = await Promise.all(
    [debtor, creditor].map((id) => currencyOf(moves, { id, ...(signal ? { signal } : {}) })),
  );
  if (from === undefined) return rejected('debit_account_not_found', 'INVALID_SAVINGS_ACCOUNT_ID');
  if (to === undefined) return rejected('credit_account_not_found', 'INVALID_SAVINGS_ACCOUNT_ID');
  if (from === currency && to === currency) return undefined;
  return rejected('currency_mismatch', 'ACCOUNT_CURRENCY_NOT_MATCH');
}

export function rejected(
  code: Extract<MoveAnswer, { status: 'rejected' }>['code'],
  coreReason: string,
): MoveAnswer {
  return { status: 'rejected', code, coreReason };
}

export async function currencyOf(moves: Moves, of: Of): Promise<string | undefined> {
  const known = moves.currencies.get(of.id);
  if (known !== undefined) return known;
  const account = await readDeposit(moves.client, of);
  if (!account) return undefined;
  const currency = required(account, 'currencyCode');
  if (moves.currencies.size >= currenciesMax) moves.currencies.clear();
  moves.currencies.set(of.id, currency);
  return currency;
}

export function readDeposit(client: Client, { id, signal }: Of): Promise<WireJson | undefined> {
  return client.read({ path: `/deposits/${pathPart(id)}`, signal });
}

/** What became of an order of a transaction under an external id. */
async function answerOf(
  moves: Moves,
  ordered: Ordered,
  order: Pick<TransferOrder, 'reference' | 'mark' | 'debtor' | 'creditor' | 'signal'>,
): Promise<MoveAnswer> {
  if (ordered.status === 'unknown') return { status: 'unknown' };
  if (ordered.status === 'done') return completed(ordered.json, false);
  const { failure } = ordered;
  if (failure.class === 'duplicate') return repeated(moves, order, failure);
  if (!aboutSomeAccount.has(failure.code)) return refusedAs(failure);
  return explained(moves, order, failure.text);
}

function completed(json: WireJson | undefined, replayed: boolean): MoveAnswer {
  const coreReference = jsonText(json, 'id');
  // Done by what the status says, but nobody can read what: a look-up can.
  if (coreReference === undefined) return { status: 'unknown' };
  return { status: 'completed', coreReference, replayed };
}

/** The external id is taken: by this command, which is done then, or by another one. */
async function repeated(
  { client }: Moves,
  { reference, mark, signal }: Pick<TransferOrder, 'reference' | 'mark' | 'signal'>,
  failure: Parameters<typeof coreFault>[1],
): Promise<MoveAnswer> {
  const found = await findTransaction(client, { reference, signal }).catch(() => undefined);
  if (!found) return { status: 'unknown' };
  if (notedIn(found)?.mark === mark) return completed(found, true);
  throw coreFault(coreName, failure);
}

type Both = Pick<TransferOrder, 'debtor' | 'creditor'> & {
  readonly signal?: AbortSignal | undefined;
};

/** Asks both accounts what is wrong with them, because the refusal does not say. */
export async function explained(
  { client }: Moves,
  { debtor, creditor, signal }: Both,
  coreReason: string,
): Promise<MoveAnswer> {
  const of = (id: string) => readDeposit(client, { id, ...(signal ? { signal } : {}) });
  const found = await Promise.all([of(debtor), of(creditor)]).catch(() => undefined);
  if (!found) return rejected('core_rejected', coreReason);
  const [from, to] = found;
  if (!from) return rejected('debit_account_not_found', coreReason);
  if (!to) return rejected('credit_account_not_found', coreReason);
  const [debit, credit] = [from, to].map((json) => jsonText(json, 'accountState') ?? '');
  if (isOver(debit)) return rejected('debit_account_closed', coreReason);
  if (isOver(credit)) return rejected('credit_account_closed', coreReason);
  if (!mayMove.has(debit ?? '')) return rejected('debit_account_frozen', coreReason);
  if (!mayMove.has(credit ?? '')) return rejected('credit_account_frozen', coreReason);
  return rejected('core_rejected', coreReason);
}

const mayMove: ReadonlySet<string> = new Set(['ACTIVE', 'ACTIVE_IN_ARREARS', 'MATURED']);

function isOver(state = ''): boolean {
  return state.startsWith('CLOSED') || state === 'WITHDRAWN';
}

// Adjustments -------------------------------------------------------------------------------------

/** Mambu undoes both sides of a transfer when one of them is adjusted. */
export async function reverse({ client }: Moves, order: ReverseOrder): Promise<MoveAnswer> {
  const { of, reference, amount, currency, signal } = order;
  const original = await findTransaction(client, { reference: of, signal });
  if (!original) return rejected('transfer_not_found', 'INVALID_TRANSACTION_ID');
  const moved = minorUnitsOf(jsonText(original, 'amount'), currency, coreName);
  const isWhole = Math.abs(moved) === amount && jsonText(original, 'currencyCode') === currency;
  if (!isWhole) return rejected('not_reversible', 'a transaction is adjusted in full only');
  const before = jsonText(original, 'adjustmentTransactionKey');
  if (before !== undefined) return adjustedBefore(client, before, order);
  const ordered = await client.order({
    path: `/deposits/transactions/${pathPart(required(original, 'id'))}:adjust`,
    body: { notes: notesOf(order) },
    ...{ key: `adjust ${reference}`, signal },
  });
  if (ordered.status === 'unknown') return ordered;
  if (ordered.status === 'refused') {
    if (ordered.failure.code !== 'TRANSACTION_ALREADY_ADJUSTED') return refusedAs(ordered.failure);
    const now = await findTransaction(client, { reference: of, signal }).catch(() => undefined);
    const by = jsonText(now, 'adjustmentTransactionKey');
    return by === undefined ? { status: 'unknown' } : adjustedBefore(client, by, order);
  }
  const key =
    jsonText(ordered.json, 'adjustmentTransactionKey') ?? jsonText(ordered.json, 'encodedKey');
  if (key === undefined) return { status: 'unknown' };
  return { status: 'completed', coreReference: key, replayed: false };
}

/** By us, under this reference, or by somebody else: what has adjusted it says so. */
async function adjustedBefore(
  client: Client,
  key: string,
  { reference, signal }: Pick<ReverseOrder, 'reference' | 'signal'>,
): Promise<MoveAnswer> {
  const by = await client.read({ path: `/deposits/transactions/${pathPart(key)}`, signal });
  const isOurs = by !== undefined && notedIn(by)?.reference === reference;
  if (isOurs) return { status: 'completed', coreReference: key, replayed: true };
  return rejected('already_reversed', 'TRANSACTION_ALREADY_ADJUSTED');
}

// Look-ups ----------------------------------------------------------------------------------------

type Referenced = { readonly reference: string; readonly signal: AbortSignal | undefined };

export async function findTransaction(
  client: Client,
  { reference, signal }: Referenced,
): Promise<WireJson | undefined> {
  const page = await client.readPage({
    ...{ path: '/deposits/transactions:search', signal, limit: 2, offset: 0 },
    query: { detailsLevel: 'FULL' },
    search: { filterCriteria: [{ field: 'externalId', operator: 'EQUALS', value: reference }] },
  });
  return firstOf(page?.items);
}

export async function lookUpTransfer(
  { client }: Moves,
  { reference, signal }: LookUp,
): Promise<FoundMove | undefined> {
  const found = await findTransaction(client, { reference, signal });
  if (found === undefined) return undefined;
  return { answer: completed(found, true), mark: notedIn(found)?.mark ?? null };
}

export async function lookUpReversal(
  { client }: Moves,
  { reference, account, signal }: LookUp,
): Promise<FoundMove | undefined> {
  const page = await client.readPage({
    ...{ path: '/deposits/transactions:search', signal, limit: adjustmentsMax, offset: 0 },
    query: { detailsLevel: 'FULL' },
    search: {
      filterCriteria: [
        { field: 'parentAccountID', operator: 'EQUALS', value: account },
        { field: 'typeIsAdjustment', operator: 'EQUALS', value: 'TRUE' },
      ],
      sortingCriteria: { field: 'creationDate', order: 'DESC' },
    },
  });
  for (const item of page?.items ?? []) {
    const noted = notedIn(item);
    const coreReference = jsonText(item, 'encodedKey');
    if (noted?.reference !== reference || coreReference === undefined) continue;
    return { answer: { status: 'completed', coreReference, replayed: true }, mark: noted.mark };
  }
  return undefined;
}
