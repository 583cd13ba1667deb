// Notifications of the simulated FLEXCUBE: what its queue would carry, posted by a relay. Its codes
// for transactions, blocks and loans are such as a bank builds for itself.
import { writeXml, type XmlInput } from '#core';
import { type Book, type BookEvent, listenTo } from '../book.ts';
import type { Push } from '../simulator.ts';
import { accountRecord } from './customers.ts';
import { keyOf } from './desk.ts';
import { recordOf } from './transactions.ts';

/** As the setting of an adapter names them. */
export const ownCodes =
  'NOTIF_RT_TXN_AUTH=entry.booked, NOTIF_CA_AMTBLK_MOD=hold.changed, NOTIF_CL_ACC_NEW=loan.changed';

export type Relay = { readonly url: string; readonly secret: string };

export function startNotifications(book: Book, push: (delivery: Push) => void) {
  let relay: Relay | undefined;
  const send = (event: BookEvent) => {
    const body = notificationOf(book, event);
    if (!relay || body === undefined) return;
    const headers = { 'content-type': 'text/xml', 'x-relay-secret': relay.secret };
    push({ url: relay.url, headers, body });
  };
  listenTo(book, send);
  return {
    subscribe(to: Relay) {
      relay = to;
    },
    redeliver(account?: string) {
      for (const event of book.events) {
        if (account === undefined || event.account === account) send(event);
      }
    },
  };
}

/** Both sides of a transaction are in one notification: that of its debit. */
function notificationOf(book: Book, event: BookEvent): string | undefined {
  const told = contentOf(book, event);
  if (!told) return undefined;
  const reference = String(event.number).padStart(12, '0');
  const branch = event.account === null ? '001' : keyOf(event.account).branch;
  const header = {
    ...{ SOURCE: 'FLEXCUBE', MSGID: `N${reference}`, NOTIF_REF_NO: reference, BRANCH: branch },
    ...{ NOTIF_CODE: told.code, DESTINATION: 'RELAY' },
  };
  return writeXml({
    FCUBS_NOTIFICATION: {
      '@xmlns': 'http://fcubs.ofss.com/service/FCUBSNotification',
      FCUBS_NOTIF_HEADER: header,
      FCUBS_NOTIF_BODY: told.body,
    },
  });
}

type Content = { readonly code: string; readonly body: XmlInput };

function contentOf(book: Book, { kind, account, party, entry }: BookEvent): Content | undefined {
  switch (kind) {
    case 'entry': {
      const move = entry && entry.amount < 0 ? book.movesById.get(entry.move) : undefined;
      if (!move) return undefined;
      const record = recordOf({ book }, move) as { [name: string]: XmlInput };
      return { code: 'NOTIF_RT_TXN_AUTH', body: { 'Transaction-Details': record } };
    }
    case 'account': {
      const found = book.accounts.get(account ?? '');
      if (!found) return undefined;
      const record = accountRecord(found) as { [name: string]: XmlInput };
      return { code: 'NOTIF_CA_CUSTACC_MOD', body: { 'Cust-Account-Full': record } };
    }
    case 'hold': {
      const { branch, number } = keyOf(account ?? '');
      const block = { BRANCH: branch, ACC: number };
      return { code: 'NOTIF_CA_AMTBLK_MOD', body: { 'Amount-Blocks-Full': block } };
    }
    case 'party':
      return { code: 'NOTIF_CO_STDCIFCR', body: { 'Customer-Full': { CUSTNO: party ?? '' } } };
    case 'loan':
      return { code: 'NOTIF_CL_ACC_NEW', body: { 'Account-Master': { CUSTNO: party ?? '' } } };
  }
}
