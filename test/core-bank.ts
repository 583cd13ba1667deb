// A simulated bank with an adapter in front of it, as the contract of adapters wants it.
import { systemClock } from '#core';
import type { Adapter, AdapterOptions } from '../src/cores/adapter.ts';
import type { AdapterSubject } from '../src/cores/adapter-contract.ts';
import {
  availableOf,
  type Book,
  decide,
  type SeedAccount,
  seedBook,
  transfer,
} from '../simulators/cores/book.ts';
import { startSimulator, type Vendor } from '../simulators/cores/simulator.ts';

export type CoreBankOptions = {
  readonly vendor: Vendor;
  readonly openAdapter: (options: AdapterOptions) => Adapter;
  /** The core's own form of ids: of the first, second … account, and of the party. */
  readonly accountId: (number: number) => string;
  readonly partyId: string;
  readonly product: string;
  readonly loanProduct: string;
  /** Whether the core warns, and whether it has a second person look. */
  readonly warns: boolean;
  readonly checks: boolean;
  /** Whether it takes a reference once only. */
  readonly takesOnce?: boolean;
};

const clock = systemClock();

export async function openCoreBank(options: CoreBankOptions): Promise<AdapterSubject> {
  const { vendor, openAdapter, accountId, partyId, product } = options;
  const simulator = await startSimulator(vendor, { clock });
  const { book, url, credentials, settings } = simulator;
  const add = (number: number, of: Partial<SeedAccount> = {}) => {
    const id = accountId(number);
    const common = { id, party: partyId, product, currency: 'EUR', balance: 1_000_000 };
    seedBook(book, { accounts: [{ ...common, ...of }] });
    return id;
  };
  const party = { id: partyId, name: 'Erika Muster', country: 'DE' };
  seedBook(book, { parties: [party] });
  const [debtor, creditor] = [add(1), add(2)];
  const now = () => clock.now();
  const adapter = openAdapter({ url, credentials, settings, now });
  const other = 'other';
  seedBook(book, { parties: [{ ...party, id: other }] });
  const close = async () => {
    await adapter.close();
    await simulator.close();
  };
  return {
    ...{ debtor, creditor, party: partyId, loanProduct: options.loanProduct },
    takesOnce: options.takesOnce ?? false,
    adapter: { ...adapter, close },
    inject: simulator.inject,
    heal: simulator.heal,
    figures: (id) => figuresOf(book, id),
    movesOf: (reference) =>
      book.moves.filter((move) => `${move.reference} ${move.text}`.includes(reference)).length,
    busy: (entries) =>
      busyAccount(book, add(3, { party: other }), add(4, { party: other }), entries),
    blocked: () => add(5, { party: other, status: 'blocked' }),
    warned: options.warns
      ? () => add(6, { party: other, warns: { code: 'ACCT.UNAUTH.OD', text: 'Unauthorised' } })
      : null,
    checked: options.checks
      ? {
          account: () => add(7, { party: other, needsChecker: true }),
          agree: (id) => void decide(book, id, true),
        }
      : null,
  };
}

function figuresOf(book: Book, id: string) {
  const account = book.accounts.get(id);
  if (!account) throw new Error(`the book has no account ${id}`);
  return { booked: account.booked, available: availableOf(account) };
}

/** The first of both, with that many entries in all: one brings it along, transfers the others. */
function busyAccount(book: Book, id: string, counter: string, entries: number): string {
  for (let at = 1; at < entries; at += 1) {
    const order = { debtor: counter, creditor: id, amount: 1, currency: 'EUR' };
    transfer(book, { ...order, reference: `busy ${at}`, valueDate: '2026-03-31' });
  }
  return id;
}
