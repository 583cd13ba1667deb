// A simulated Finacle with its adapter in front, for the tests of both.
import type { Adapter } from '../src/cores/adapter.ts';
import type { AdapterSubject } from '../src/cores/adapter-contract.ts';
import { openFinacle } from '../src/cores/finacle/core.ts';
import { type Book, type SeedAccount, seedBook, transfer } from '../simulators/cores/book.ts';
import { type FinacleTerms, finacleWith } from '../simulators/cores/finacle/finacle.ts';
import {
  type SimAnswer,
  type SimRequest,
  type Simulator,
  startSimulator,
  type Vendor,
} from '../simulators/cores/simulator.ts';
import { systemClock } from '#core';
import { openCoreBank } from './core-bank.ts';

export const accountId = finacleWith({}).ids.account;
export const customerId = finacleWith({}).ids.party(1);

/** Faults befall what moves money and what asks for balances, not the looks before an order. */
const orders = 'ServiceRequestId>(?:XferTrn|AcctLienAdd|AcctLienMod|BalInq)';

/** As the contract of adapters wants it. */
export async function openSubject(terms: FinacleTerms): Promise<AdapterSubject> {
  const subject = await openCoreBank({
    ...{ vendor: finacleWith(terms), openAdapter: openFinacle, accountId, partyId: customerId },
    ...{ product: 'SBGEN', loanProduct: 'HLGEN', warns: false, checks: false },
  });
  return { ...subject, inject: (fault) => subject.inject({ ...fault, match: orders }) };
}

export type FinacleBank = {
  readonly adapter: Adapter;
  readonly operations: Adapter['operations'];
  readonly simulator: Simulator;
  readonly book: Book;
  /** Everything that went over the wire, in order. */
  readonly said: readonly { readonly request: SimRequest; readonly answer: SimAnswer }[];
  /** Names of the services that were asked since the last call of this. */
  readonly services: () => readonly string[];
  readonly account: (number: number, of?: Partial<SeedAccount>) => string;
  readonly close: () => Promise<void>;
};

type BankOptions = FinacleTerms & {
  readonly credentials?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  /** Answers in the place of the core. */
  readonly instead?: (request: SimRequest) => SimAnswer | undefined;
};

export async function openBank(options: BankOptions = {}): Promise<FinacleBank> {
  const { credentials, now, instead, ...terms } = options;
  const said: { request: SimRequest; answer: SimAnswer }[] = [];
  const clock = now ? { now } : systemClock();
  const vendor = finacleWith(terms);
  const simulator = await startSimulator(listening(vendor, said, instead), { clock });
  const { book, url, settings } = simulator;
  seedBook(book, { parties: [{ id: customerId, name: 'Erika Muster', country: 'DE' }] });
  const adapter = openFinacle({
    ...{ url, settings, now: () => clock.now() },
    credentials: credentials ?? simulator.credentials,
    ...(terms.timeZone === undefined ? {} : { timeZone: terms.timeZone }),
  });
  let heard = 0;
  return {
    ...{ adapter, operations: adapter.operations, simulator, book, said },
    services() {
      const since = said.slice(heard);
      heard = said.length;
      return since.map(({ request }) => serviceOf(request.body));
    },
    account(number, of = {}) {
      const id = accountId(number);
      const common = { id, party: customerId, product: 'SBGEN', currency: 'EUR' };
      seedBook(book, { accounts: [{ ...common, balance: 100_000, ...of }] });
      return id;
    },
    async close() {
      await adapter.close();
      await simulator.close();
    },
  };
}

/** Moves of one minor unit each, which others have ordered. */
export function moveOften(
  book: Book,
  {
    count,
    ...sides
  }: { readonly debtor: string; readonly creditor: string; readonly count: number },
): void {
  for (let at = 0; at < count; at += 1) {
    const order = { reference: `other ${at}`, text: 'SHOP', valueDate: '2026-03-31' };
    transfer(book, { ...order, ...sides, amount: 1, currency: 'EUR' });
  }
}

export function serviceOf(body: string): string {
  return /<ServiceRequestId>(\w+)</.exec(body)?.[1] ?? '';
}

function listening(
  vendor: Vendor,
  said: { request: SimRequest; answer: SimAnswer }[],
  instead: BankOptions['instead'],
): Vendor {
  return {
    ...vendor,
    open(book, options) {
      const server = vendor.open(book, options);
      return {
        ...server,
        async handle(request) {
          const answer = instead?.(request) ?? (await server.handle(request));
          said.push({ request, answer });
          return answer;
        },
      };
    },
  };
}
