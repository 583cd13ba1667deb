// The event store of the simulated Temenos core: what has happened, and who is called back.
import { type BookEvent, listenTo } from '../book.ts';
import type { SimAnswer, VendorOptions, VendorServer } from '../simulator.ts';
import { clockText, decimal, type Row } from './answers.ts';
import type { Desk } from './orders.ts';

/** As a bank names what it streams. */
const typeNames = {
  entry: 'Transact.AccountEntryBooked',
  hold: 'Transact.ReservedFundsChanged',
  account: 'Transact.AccountChanged',
  party: 'Transact.CustomerChanged',
  loan: 'Transact.LoanArrangementChanged',
} as const;

/** In the form of the adapter's setting: what it is for us, and what the bank calls it. */
export const eventTypes = [
  `entry.booked=${typeNames.entry}`,
  `hold.changed=${typeNames.hold}`,
  `account.changed=${typeNames.account}`,
  `party.changed=${typeNames.party}`,
  `loan.changed=${typeNames.loan}`,
].join(',');

export function listEvents(desk: Desk, type: string, query: URLSearchParams): SimAnswer {
  const [from, to] = [query.get('fromDate') ?? '0000', query.get('toDate') ?? '9999'];
  const rows = desk.book.events
    .filter((event) => typeNames[event.kind] === type)
    .map((event) => eventRow(desk, event))
    .filter(({ creationTime }) => creationTime >= from && creationTime <= to);
  return { status: 200, body: JSON.stringify(rows) };
}

function eventRow(
  { book, narratives }: Desk,
  event: BookEvent,
): Row & { readonly creationTime: string } {
  const { number, kind, account, party, entry, at } = event;
  const currency = book.accounts.get(account ?? '')?.currency ?? '';
  const about = { accountId: account ?? undefined, customerId: party ?? undefined };
  const booked = entry
    ? {
        ...{ entryReference: entry.move, currencyId: currency, valueDate: entry.valueDate },
        amount: decimal(entry.amount, currency),
        narrative: narratives.get(entry.move) ?? 'Transfer',
        ...{ bookingDate: clockText(entry.at).slice(0, 10), contraAccountId: entry.counter },
      }
    : {};
  return {
    ...{ eventId: `EV-${String(number).padStart(10, '0')}`, eventType: typeNames[kind] },
    ...{ eventSourceId: 'Transact', status: 'NEW', creationTime: clockText(at), priority: 'LOW' },
    ...{ tenantId: 'T1', organizationId: 'O1', userId: 'U1' },
    payload: JSON.stringify({ ...about, ...booked }),
  };
}

type Told = Required<Pick<VendorServer, 'redeliver' | 'subscribe'>>;

/** Calls back whoever is registered, about everything from then on. */
export function callbacks(desk: Desk, { push }: VendorOptions): Told {
  const { book } = desk;
  let to: { readonly url: string; readonly secret: string } | undefined;
  const tell = (event: BookEvent) => {
    if (!to) return;
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${to.secret}`,
    };
    const { url } = to;
    // Once the command is over: what is printed beside an entry is written down by then.
    setImmediate(() => push({ url, headers, body: JSON.stringify(eventRow(desk, event)) }));
  };
  listenTo(book, tell);
  return {
    subscribe: (next) => {
      to = next;
    },
    redeliver: (account) => {
      for (const event of book.events) {
        if (account === undefined || event.account === account) tell(event);
      }
    },
  };
}
