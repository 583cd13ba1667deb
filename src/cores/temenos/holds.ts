// Reserved funds, which only the model bank of the United States can create: a lock says in its
// reason who placed it and what has changed it last.
import { sharedWork } from '../turns.ts';
import type {
  AdapterOperations,
  CoreAccount,
  FoundMove,
  HoldChange,
  HoldOrder,
  LookUp,
  MoveAnswer,
} from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { dayIn, decimalOf, jsonNumber, minorUnitsOf } from '../wire.ts';
import type { Client } from './client.ts';
import { holdFrom, type Lock, lockFrom } from './mapping.ts';
import { answerOf } from './moves.ts';

type Reading = { readonly readAccount: (of: { id: string }) => Promise<CoreAccount | undefined> };
type Operations = Pick<
  AdapterOperations,
  'placeHold' | 'increaseHold' | 'releaseHold' | 'readHold'
>;
export type Holds = {
  readonly operations: Operations;
  readonly find: (of: LookUp) => Promise<FoundMove | undefined>;
};

/** What is locked on one account at most, to find one lock. */
const [locksPage, locksPagesMax] = [500, 4];

export function holdsAt(client: Client, { readAccount }: Reading): Holds {
  const once = sharedWork();
  const read: NonNullable<Operations['readHold']> = async ({ id, account, signal }) => {
    const lock = await findLock(client, { hold: id, account, signal });
    const currency = lock && (await readAccount({ id: account }))?.currency;
    if (!lock || currency === undefined) return undefined;
    return holdFrom(lock, { account, currency, timeZone: client.timeZone });
  };
  return {
    operations: {
      readHold: read,
      placeHold: (order) => once(order.reference, () => place(client, order)),
      increaseHold: (change) =>
        once(change.reference, () => changed(client, change, (left) => left + change.amount)),
      releaseHold: (change) => once(change.reference, () => changed(client, change, () => 0)),
    },
    find: (of) => findChange(client, of),
  };
}

async function place(client: Client, order: HoldOrder): Promise<MoveAnswer> {
  const { account, amount, currency, reference, mark, expiresAt, signal } = order;
  const { settings, timeZone, now } = client;
  const until = expiresAt === undefined ? undefined : dayIn(timeZone, Date.parse(expiresAt));
  const body = {
    holdTypeId: settings['holdTypeId'] ?? 'HOLD',
    description: reasonOf({ hold: reference, reference, mark }),
    fromDate: dayIn(timeZone, now()),
    ...(until === undefined ? {} : { toDate: until }),
    lockedAmount: jsonNumber(decimalOf(amount, currency)),
  };
  const path = `/order/us/accounts/${encodeURIComponent(account)}/reservedFunds`;
  return answerOf(await client.command({ service: 'usHolds', method: 'POST', path, body, signal }));
}

/** Read and written back: to a lock of which this change is the last, nothing is done again. */
async function changed(
  client: Client,
  change: HoldChange,
  wanted: (left: number) => number,
): Promise<MoveAnswer> {
  const { currency, reference, signal } = change;
  const lock = await findLock(client, change);
  if (!lock) {
    const coreReason = 'no lock of that reference on the account';
    return { status: 'rejected', code: 'hold_not_found', coreReason };
  }
  if (lock.changedBy === reference) {
    return { status: 'completed', coreReference: lock.id, replayed: true };
  }
  const left = minorUnitsOf(lock.amount, currency, client.name);
  if (left === 0) {
    return { status: 'rejected', code: 'hold_voided', coreReason: 'the lock is over' };
  }
  const body = {
    description: reasonOf(change),
    lockedAmount: jsonNumber(decimalOf(wanted(left), currency)),
  };
  const path = `/order/us/payment/holds/${encodeURIComponent(lock.id)}`;
  return answerOf(await client.command({ service: 'usHolds', method: 'PUT', path, body, signal }));
}

function reasonOf({ hold, reference, mark }: Pick<HoldChange, 'hold' | 'reference' | 'mark'>) {
  return `${hold} ${reference} ${mark}`;
}

type LockSearch = Pick<HoldChange, 'hold' | 'account'> & {
  readonly signal?: AbortSignal | undefined;
};

async function findLock(
  client: Client,
  { hold, account, signal }: LockSearch,
): Promise<Lock | undefined> {
  const list = { service: 'accounts', path: '/holdings/accounts/reservedFunds' } as const;
  const query = { accountId: account };
  let after: string | undefined;
  for (let page = 0; page < locksPagesMax; page += 1) {
    const at = after === undefined ? {} : { after };
    const found = await client.list({ ...list, query, limit: locksPage, signal, ...at });
    const lock = found.items.map(lockFrom).find((of) => of?.placedBy === hold);
    if (lock || found.next === null) return lock;
    after = found.next;
  }
  // Not to have seen it is not to know that it is not there.
  const text = 'more locks than a look-up reads';
  throw coreFault(client.name, { class: 'incomplete', code: 'search_too_wide', text });
}

/** A later change writes its own reference over that of an earlier one. */
async function findChange(client: Client, of: LookUp): Promise<FoundMove | undefined> {
  const { kind, reference, account, signal } = of;
  const hold = kind === 'hold' ? reference : of.hold;
  if (hold === undefined) return undefined;
  const lock = await findLock(client, { hold, account, signal });
  const isLast = lock?.changedBy === reference;
  if (!lock || !(isLast || kind === 'hold')) return undefined;
  const answer = { status: 'completed', coreReference: lock.id, replayed: true } as const;
  return { answer, mark: isLast ? lock.mark : null };
}
