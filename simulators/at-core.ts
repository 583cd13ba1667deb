// Traffic of a bank whose accounts a core keeps: what the core has when the day begins, and the day
// in single movements, which is all that every core can do.
import { assert } from '#core';
import type { Seed, SeedAccount, SeedParty } from './cores/book-types.ts';
import type { VendorIds } from './cores/simulator.ts';
import type { AccountKey, AccountSpec, Operation, Traffic } from './operation.ts';

export type AtCore = {
  readonly seed: Seed;
  /** The core's id of each account of the traffic, and of each holder's party. */
  readonly accounts: ReadonlyMap<AccountKey, string>;
  readonly parties: ReadonlyMap<string, string>;
};

/** Of those accounts that nobody holds. */
const bankHolder = 'bank';
/** The bank's own accounts and its debtors may go below zero: as far as no day comes. */
const deepest = 2 ** 50;

/** What the core has before the day: every account with what it was funded with. */
export function seedAtCore({ accounts, funding }: Traffic, ids: VendorIds): AtCore {
  const balances = new Map<AccountKey, number>();
  for (const { debit, credit, amount } of funding.flatMap((each) => legsOf(each))) {
    balances.set(debit, (balances.get(debit) ?? 0) - Number(amount));
    balances.set(credit, (balances.get(credit) ?? 0) + Number(amount));
  }
  const holders = [...new Set(accounts.map(holderOf))];
  const parties = new Map(holders.map((holder, at) => [holder, ids.party(at + 1)]));
  const numbered = new Map(accounts.map(({ account }, at) => [account, ids.account(at + 1)]));
  const told = (from: ReadonlyMap<string, string>, key: string) => {
    const found = from.get(key);
    assert(found !== undefined, `${key} has an id at the core`);
    return found;
  };
  return {
    accounts: numbered,
    parties,
    seed: {
      parties: holders.map((holder) => partyOf(told(parties, holder), holder)),
      accounts: accounts.map(
        (spec): SeedAccount => ({
          ...{ id: told(numbered, spec.account), party: told(parties, holderOf(spec)) },
          ...{ currency: spec.currency, product: ids.product, overdraft: overdraftOf(spec) },
          balance: balances.get(spec.account) ?? 0,
        }),
      ),
    },
  };
}

export function holderOf({ holderId = bankHolder }: AccountSpec): string {
  return holderId;
}

function partyOf(id: string, holder: string): SeedParty {
  const kind = holder.startsWith('customer') ? 'person' : 'organisation';
  const name = holder.replaceAll('-', ' ');
  return { id, kind, name, country: 'DE' };
}

function overdraftOf({ bound, creditLimit }: AccountSpec): number {
  if (bound === 'no_overdraft') return 0;
  return bound === 'none' ? deepest : Number(creditLimit ?? 0);
}

/** The ids here that an import has given: of accounts by their keys, of parties by holders. */
export type Imported = {
  readonly accounts: ReadonlyMap<AccountKey, string>;
  readonly parties: ReadonlyMap<string, string>;
};

/** Who pays is named by the party that holds the account; a journal of many legs becomes many. */
export function movedAtCore(traffic: Traffic, { parties }: Imported): Traffic {
  const holders = new Map(traffic.accounts.map((spec) => [spec.account, holderOf(spec)]));
  const nameOf: NameOf = (account) => parties.get(holders.get(account) ?? '');
  function* single(): Generator<Operation> {
    for (const operation of traffic.operations as Iterable<Operation>) {
      yield* singles(operation, nameOf);
    }
  }
  let total: number | undefined;
  return {
    ...{ accounts: [], funding: [], operations: { [Symbol.iterator]: single } },
    payers: () => payersOf(traffic, nameOf),
    count() {
      total ??= [...single()].length;
      return total;
    },
  };
}

/** Of the party that holds an account; undefined where nobody is known to. */
type NameOf = (account: AccountKey) => string | undefined;

function* singles(operation: Operation, nameOf: NameOf): Generator<Operation> {
  if ('leg' in operation) {
    const { leg, debtor, creditor } = operation;
    const paid = creditor === undefined ? {} : { creditor: nameOf(leg.credit) ?? creditor };
    yield { ...operation, debtor: nameOf(leg.debit) ?? debtor, ...paid };
  } else if (operation.action === 'post' && operation.legs.length > 1) {
    for (const [at, leg] of operation.legs.entries()) {
      yield { ...operation, legs: [leg], key: `${operation.key}/leg-${at}` };
    }
  } else yield operation;
}

function legsOf(operation: Operation) {
  return 'legs' in operation ? operation.legs : [];
}

/** Those of the traffic, who go by other names there. */
function payersOf(traffic: Traffic, nameOf: NameOf): readonly string[] {
  const wanted = new Set(traffic.payers?.() ?? []);
  const names = new Set<string>();
  for (const operation of traffic.operations as Iterable<Operation>) {
    if (!('leg' in operation) || !wanted.has(operation.debtor)) continue;
    names.add(nameOf(operation.leg.debit) ?? operation.debtor);
  }
  return [...names];
}
