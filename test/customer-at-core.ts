// Customers whose accounts a simulated core keeps, each in a bank of their own that mirrors it.
import assert from 'node:assert/strict';
import { findIntent } from '#money';
import type { Adapter } from '../src/cores/adapter.ts';
import { type Book, seedBook } from '../simulators/cores/book.ts';
import { type Bank, figures, move } from './bank.ts';
import { mirroredBank } from './mirrored.ts';

export const eur = { currency: 'EUR' };

export type CustomerOptions = {
  readonly bank: Bank;
  readonly book: Book;
  readonly adapter: Adapter;
  /** The core's own form of ids: of the nth party, and of its first and second account. */
  readonly idsOf?: (number: number) => readonly [party: string, first: string, second: string];
  readonly product?: string;
};

/** Opens customers with two accounts, of which the first has 1,000 (EUR minor units). */
export function customersAtCore(options: CustomerOptions) {
  const { bank, book, adapter, product } = options;
  const { idsOf = (number) => [`P${number}`, `A${number}`, `B${number}`] } = options;
  const pool = bank.planes.database.pool('money');
  let customers = 0;
  return async (funds = 1_000) => {
    customers += 1;
    const [party, first, second] = idsOf(customers);
    const common = { party, currency: 'EUR', ...(product === undefined ? {} : { product }) };
    seedBook(book, {
      parties: [{ id: party, name: 'Ann Example' }],
      accounts: [
        { id: first, balance: funds, ...common },
        { id: second, ...common },
      ],
    });
    const mirrored = await mirroredBank(bank, adapter);
    await mirrored.import();
    const { tenant, mirror } = mirrored;
    const [debtor, creditor] = [await mirrored.own(first), await mirrored.own(second)];
    const owner = (await mirror.links.ofCore(tenant.id, 'party', party))?.own_id ?? null;
    return {
      ...{ ...mirrored, tenant, debtor, creditor, owner, first, second },
      pay: (amount: number, key: string) => {
        const legs = [move(debtor, creditor, amount, eur)];
        return tenant.execute('journal.post', { legs } as never, key);
      },
      intentOf: (key: string) => findIntent(pool, { tenant: tenant.id, idempotencyKey: key }),
      /** Booked, of both accounts, as the core and the mirror say. */
      both: async () => {
        const mine = [(await figures(tenant, debtor))[0], (await figures(tenant, creditor))[0]];
        const there = [book.accounts.get(first)?.booked, book.accounts.get(second)?.booked];
        assert.deepEqual(mine, there, 'the mirror says what the core says');
        return mine;
      },
    };
  };
}
