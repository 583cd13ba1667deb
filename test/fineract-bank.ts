// A simulated bank on Fineract with its adapter, and all that went over the wire between them.
import { systemClock } from '#core';
import type { Adapter, AdapterOptions } from '../src/cores/adapter.ts';
import { openFineract } from '../src/cores/fineract/core.ts';
import { type Book, type SeedAccount, seedBook } from '../simulators/cores/book.ts';
import { fineract } from '../simulators/cores/fineract/fineract.ts';
import {
  type SimAnswer,
  type SimRequest,
  type Simulator,
  startSimulator,
  type Vendor,
} from '../simulators/cores/simulator.ts';

export type Exchange = { readonly request: SimRequest; readonly answer: SimAnswer };

export type FineractBank = {
  readonly simulator: Simulator;
  readonly book: Book;
  readonly adapter: Adapter;
  readonly exchanges: readonly Exchange[];
  /** Another adapter in front of the same bank. */
  readonly open: (options: Partial<AdapterOptions>) => Adapter;
  /** An account of the client with 10,000.00 EUR, or what else it is given. */
  readonly account: (number: number, of?: Partial<SeedAccount>) => string;
  readonly available: (account: string) => number;
};

export const client = fineract.ids.party(1);
const clock = systemClock();

export async function withFineract(work: (bank: FineractBank) => Promise<void>): Promise<void> {
  const exchanges: Exchange[] = [];
  const simulator = await startSimulator(recorded(exchanges), { clock });
  const { book, url, credentials, settings } = simulator;
  seedBook(book, { parties: [{ id: client, name: 'Erika Muster' }] });
  const adapters: Adapter[] = [];
  const open = (options: Partial<AdapterOptions>) => {
    const now = () => clock.now();
    const adapter = openFineract({ url, credentials, settings, now, ...options });
    adapters.push(adapter);
    return adapter;
  };
  const account = (number: number, of: Partial<SeedAccount> = {}) => {
    const id = fineract.ids.account(number);
    const common = { party: client, product: '1', currency: 'EUR', balance: 1_000_000 };
    seedBook(book, { accounts: [{ id, ...common, ...of }] });
    return id;
  };
  const available = (id: string) => {
    const of = book.accounts.get(id);
    return of ? of.booked - of.held : Number.NaN;
  };
  try {
    await work({ simulator, book, adapter: open({}), exchanges, open, account, available });
  } finally {
    for (const adapter of adapters) await adapter.close();
    await simulator.close();
  }
}

function recorded(exchanges: Exchange[]): Vendor {
  return {
    ...fineract,
    open: (book, options) => {
      const server = fineract.open(book, options);
      return {
        ...server,
        handle: async (request) => {
          const answer = await server.handle(request);
          exchanges.push({ request, answer });
          return answer;
        },
      };
    },
  };
}
