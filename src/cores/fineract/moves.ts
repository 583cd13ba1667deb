// Money that moves: between two savings accounts, back again, and out of what was on hold.
import type { AdapterOperations, MoveAnswer, ReverseOrder, TransferOrder } from '../adapter.ts';
import { jsonAt, jsonText, type WireJson, decimalOf } from '../wire.ts';
import type { Fineract, Ordered } from './client.ts';
import { carriedOut, transfers } from './commands.ts';
import { rejectionOf } from './errors.ts';
import { currencyOf, dayForm, textOf } from './mapping.ts';

type Moves = Pick<AdapterOperations, 'transfer' | 'reverse'>;

export function moves(core: Fineract, sides: Sides): Moves {
  return {
    transfer: async (order) => send(core, sides, { ...order, text: textOf(order) }),
    reverse: async (order) => reverse(core, sides, order),
  };
}

// Both sides --------------------------------------------------------------------------------------

/** What a transfer has to say about an account, and what never changes about it. */
type Side = { readonly client: string; readonly currency: string };
export type Sides = (account: string, signal?: AbortSignal) => Promise<Side | undefined>;

const sidesMax = 20_000;

/** An account stays with its client, and in its currency: it is asked about once. */
export function openSides(core: Fineract): Sides {
  const known = new Map<string, Side>();
  return async (account, signal) => {
    const before = known.get(account);
    if (before) return before;
    const path = `savingsaccounts/${encodeURIComponent(account)}`;
    const found = await core.find({ path, ...(signal ? { signal } : {}) });
    const client = jsonText(found, 'clientId');
    if (found === undefined || client === undefined) return undefined;
    const side = { client, currency: currencyOf(found) };
    if (known.size >= sidesMax) known.clear();
    known.set(account, side);
    return side;
  };
}

// One transfer ------------------------------------------------------------------------------------

export type Sending = Omit<TransferOrder, 'accepted' | 'mark'> & {
  readonly text: string;
  /** Where it is not the reference. */
  readonly key?: string;
};

export async function send(core: Fineract, sides: Sides, of: Sending): Promise<MoveAnswer> {
  const { refusal, body } = await bodyOf(core, sides, of);
  if (refusal) return refusal;
  const { reference, key = reference, creditor } = of;
  return answerOf(await core.order({ path: 'accounttransfers', key, body }), { creditor });
}

/** Or why it cannot be: the core has no currency in a transfer, so both accounts are asked. */
export async function bodyOf(
  { options: { settings = {} } }: Fineract,
  sides: Sides,
  { debtor, creditor, amount, currency, valueDate, text, signal }: Sending,
): Promise<{ readonly refusal?: Rejected; readonly body?: unknown }> {
  const [from, to] = await Promise.all([sides(debtor, signal), sides(creditor, signal)]);
  if (!from) return { refusal: refused('debit_account_not_found') };
  if (!to) return { refusal: refused('credit_account_not_found') };
  if (from.currency !== currency || to.currency !== currency) {
    return { refusal: refused('currency_mismatch') };
  }
  const office = settings['office'] ?? '1';
  const body = {
    ...{ fromOfficeId: office, fromClientId: from.client, fromAccountId: debtor },
    ...{ toOfficeId: office, toClientId: to.client, toAccountId: creditor },
    // 2: a savings account.
    ...{ fromAccountType: '2', toAccountType: '2' },
    transferAmount: decimalOf(amount, currency),
    ...{ transferDate: valueDate, transferDescription: text, ...dayForm },
  };
  return { body };
}

type Rejected = MoveAnswer & { readonly status: 'rejected' };

/** Found before anything was sent. */
export function refused(code: Rejected['code'], coreReason: string = code): Rejected {
  return { status: 'rejected', code, coreReason };
}

export function answerOf(
  answer: Ordered,
  { creditor }: { readonly creditor?: string } = {},
): MoveAnswer {
  if (answer.status === 'unknown') return answer;
  if (answer.status === 'refused') {
    const { told } = answer;
    const side = creditor === undefined ? {} : { creditor };
    return refused(rejectionOf(told, side), told.code);
  }
  return doneOf(answer.json, answer.isReplayed);
}

/** A command without a resource waits for a checker. */
export function doneOf(json: WireJson, isReplayed: boolean): MoveAnswer {
  const [resource, command] = [jsonText(json, 'resourceId'), jsonText(json, 'commandId')];
  if (resource !== undefined) {
    return { status: 'completed', coreReference: resource, replayed: isReplayed };
  }
  return command !== undefined && jsonAt(json, 'resourceId') === undefined
    ? { status: 'pending_approval', coreReference: command }
    : { status: 'unknown' };
}

// Back again --------------------------------------------------------------------------------------

/**
 * The core undoes deposits and withdrawals, but none that are part of a transfer: it is moved back,
 * under a key that is the same for all who would mirror that transfer.
 */
async function reverse(core: Fineract, sides: Sides, order: ReverseOrder): Promise<MoveAnswer> {
  const { of, reference, debtor, creditor, mark, signal } = order;
  const seeking = { kind: transfers, ...(signal ? { signal } : {}) };
  const [original, mirrored] = await Promise.all([
    carriedOut(core, { ...seeking, account: debtor, is: (text) => text.reference === of }),
    carriedOut(core, { ...seeking, account: creditor, is: ({ of: about }) => isMirror(about, of) }),
  ]);
  if (!original) return refused('transfer_not_found');
  if (original.text.of?.what === 'mirrors') return refused('not_reversible');
  if (mirrored) {
    const isOwn = mirrored.text.reference === reference && mirrored.resource !== undefined;
    if (!isOwn) return refused('already_reversed');
    return { status: 'completed', coreReference: mirrored.resource, replayed: true };
  }
  const text = textOf({ reference, mark, of: { what: 'mirrors', reference: of } });
  const back = { ...order, debtor: creditor, creditor: debtor, text };
  const shared = { ...back, key: `mirror ${of}` };
  const { refusal, body } = await bodyOf(core, sides, shared);
  if (refusal) return refusal;
  const path = 'accounttransfers';
  const answer = await core.order({ path, key: shared.key, body });
  if (answer.status === 'refused' && answer.isReplayed) {
    // An earlier attempt was refused, and the core would say so for ever: this one is another.
    return answerOf(await core.order({ path, key: reference, body }), { creditor: debtor });
  }
  const done = answerOf(answer, { creditor: debtor });
  if (done.status !== 'completed' || !done.replayed) return done;
  // Somebody was first, just now: perhaps we.
  const own = await carriedOut(core, {
    ...{ ...seeking, account: creditor, is: (text) => text.reference === reference },
  });
  return own ? done : refused('already_reversed');
}

function isMirror(about: { what: string; reference: string } | undefined, of: string): boolean {
  return about?.what === 'mirrors' && about.reference === of;
}
