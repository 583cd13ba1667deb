// A simulated core in a process of its own, with two rich accounts and one that has seen much; it
// tells where it listens and ends with its parent. Arguments: the vendor, the ids of its accounts.
import { systemClock } from '#core';
import { type BookEntry, seedBook } from '../simulators/cores/book.ts';
import { startSimulator } from '../simulators/cores/simulator.ts';
import { simulatedVendors } from '../simulators/cores/vendors.ts';

const [name = '', entries = '0', party = '', ...accounts] = process.argv.slice(2);
const open = simulatedVendors[name];
if (!open) throw new Error(`no vendor is called ${name}`);
const vendor = await open();
const simulator = await startSimulator(vendor, { clock: systemClock() });
const { book, url, credentials, settings } = simulator;
seedBook(book, {
  parties: [{ id: party, name: 'Erika Muster', country: 'DE' }],
  accounts: accounts.map((id) => {
    return { id, party, currency: 'EUR', product: vendor.ids.product, balance: 1_000_000_000 };
  }),
});
const last = book.accounts.get(accounts.at(-1) ?? '');
for (let at = 1; last && at < Number(entries); at += 1) {
  last.booked += 1;
  const entry: BookEntry = {
    ...{ number: 10_000 + at, move: `TX${String(1_000_000_000 + at)}`, account: last.id },
    ...{ counter: accounts[0] ?? '', amount: 1, balance: last.booked, valueDate: '2026-03-31' },
    at: Date.UTC(2026, 0, 1) + at * 1_000,
  };
  last.entries.push(entry);
}
process.send?.({ url, credentials, settings });
process.once('disconnect', () => process.exit());
