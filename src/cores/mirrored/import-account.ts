// An account of the core gets its mirror: an account of the ledger, with what the core has booked
// on it by then, its holders, and the link that is written last.
import { Fault } from '#core';
import type { CoreAccount } from '../adapter.ts';
import { readProduct } from '../own/products.ts';
import type { Balance } from '../port.ts';
import type { Importer } from './import.ts';
import { readCursor, writeCursor } from './incoming.ts';
import { bookedAtCore, type Mirror, openedAccount, signed } from './mirror.ts';
import { readOpening } from './opening.ts';

/** Answers our account. */
export async function openAccountAt(
  mirror: Mirror,
  importer: Pick<Importer, 'party' | 'product'>,
  account: CoreAccount,
): Promise<string> {
  const { id, currency } = account;
  const balances = await mirror.adapter.operations.readBalances({ id });
  if (!balances) throw new Fault('not_found', `the core has no balance of the account ${id}`);
  const opened = await mirror.must('account.open', `account ${id}`, {
    ...{ type: 'liability', currency, ...boundIn(mirror, balances, currency) },
    metadata: { core: mirror.core },
  });
  const own_id = openedAccount(opened);
  const as_of = await bookOpening(mirror, { own_id, id, currency });
  await holdBy(mirror, importer, { own_id, account });
  if (account.status === 'disabled') await freeze(mirror, own_id, 'import');
  await mirror.link({ kind: 'account', own_id, core_id: id, as_of });
  return own_id;
}

/**
 * Where the core keeps holds itself it is the judge of what is there to be spent. Where it has none
 * they are kept in the mirror alone, which can only heed them with a bound of its own.
 */
function boundIn({ adapter, core }: Mirror, balances: readonly Balance[], currency: string) {
  if (adapter.operations.placeHold) return { bound: 'none' };
  const booked = bookedAtCore(balances, { core, currency }) ?? 0;
  const told = balances.find(({ type }) => type === 'ITAV');
  const beyond = (told ? signed(told) : booked) - booked;
  if (beyond > 0) return { bound: 'credit_limit', credit_limit: beyond };
  return { bound: booked < 0 ? 'none' : 'no_overdraft' };
}

/** Brings the mirror to what the core has booked, and answers of which instant that is. */
async function bookOpening(
  mirror: Mirror,
  { own_id, id, currency }: { own_id: string; id: string; currency: string },
): Promise<string> {
  const { booked, as_of } = await readOpening(mirror, { id, currency });
  const ours = await mirror.booked(own_id);
  const missing = booked - ours.amount;
  if (missing !== 0) {
    const clearing = await mirror.clearing(currency);
    const [debtor, creditor] = missing > 0 ? [clearing, own_id] : [own_id, clearing];
    const outcome = await mirror.post({
      // What stands on the account is part of the key: nothing is booked twice on top of it.
      key: `opening ${id} ${ours.version}`,
      ...{ debtor, creditor, amount: Math.abs(missing), currency },
      metadata: { purpose: 'opening balance', core: mirror.core },
    });
    if (outcome.status === 'rejected') {
      const why = `its opening balance was refused: ${outcome.code}`;
      throw new Fault('denied', `the account ${id} of the core cannot be mirrored, ${why}`);
    }
  }
  return as_of;
}

async function holdBy(
  mirror: Mirror,
  importer: Pick<Importer, 'party' | 'product'>,
  { own_id, account }: { own_id: string; account: CoreAccount },
): Promise<void> {
  const product_id = account.product === null ? undefined : await importer.product(account.product);
  const isOffered = product_id !== undefined && (await isOfferedNow(mirror, product_id));
  let hasHolder = false;
  for (const { id, role } of account.parties) {
    const party_id = role === 'former' ? undefined : await importer.party(id);
    if (party_id === undefined) continue;
    // The register knows one holder of an account; the others hold it with him.
    const as = hasHolder ? 'joint_holder' : 'holder';
    hasHolder = true;
    await mirror.must('account.link', `holder ${account.id} ${id}`, {
      ...{ account_id: own_id, party_id, role: as },
      ...(isOffered ? { product_id } : {}),
    });
  }
}

async function isOfferedNow({ read }: Mirror, product: string): Promise<boolean> {
  return (await read((tx) => readProduct(tx, product)))?.status === 'offered';
}

/** `occasion` tells one change from another. */
export async function freeze(mirror: Mirror, account_id: string, occasion: string): Promise<void> {
  const body = { account_id, status: 'frozen' };
  await writeCursor(mirror, { name: frozenName(account_id), value: occasion });
  await mirror.must('account.change', `freeze ${account_id} ${occasion}`, body);
}

/** Only what was frozen because the core had blocked it: what people freeze here, they open. */
export async function unfreeze(mirror: Mirror, account_id: string, occasion: string) {
  const name = frozenName(account_id);
  if (!(await readCursor(mirror, name))) return;
  const body = { account_id, status: 'open' };
  await mirror.must('account.change', `unfreeze ${account_id} ${occasion}`, body);
  await writeCursor(mirror, { name, value: '' });
}

function frozenName(account_id: string): string {
  return `frozen ${account_id}`;
}
