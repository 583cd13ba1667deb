// Notifications of FLEXCUBE. The gateway puts them into a queue; a relay of the bank takes each and
// posts it to us as it is, with a secret in a header.
import { Fault, instantToText, readXml, type Xml, xmlAt, xmlText } from '#core';
import type { CoreEvent, Delivered, EventSource } from '../adapter.ts';
import { isSecret } from '../secret.ts';
import { instantIn } from '../wire.ts';
import { accountIn, entriesOf } from './mapping.ts';
import type { Bank } from './settings.ts';

export const secretHeader = 'x-relay-secret';

/** Undefined where the bank has named no secret: then nobody may tell us anything. */
export function eventsOf(bank: Bank): EventSource | undefined {
  const { relaySecret } = bank;
  if (relaySecret === null) return undefined;
  return {
    accept({ headers, body }: Delivered) {
      if (!isSecret(headers[secretHeader], relaySecret)) {
        throw new Fault('unauthenticated', 'the relay has not shown its secret');
      }
      return eventsIn(body, bank);
    },
  };
}

function eventsIn(body: string, bank: Bank): readonly CoreEvent[] {
  const message = xmlAt(readXml(body), 'FCUBS_NOTIFICATION');
  const header = partWith(message, 'NOTIF_CODE');
  const [code, reference] = ['NOTIF_CODE', 'NOTIF_REF_NO'].map((name) => xmlText(header, name));
  if (code === undefined || reference === undefined) {
    throw new Fault('invalid_request', 'this is no notification of FLEXCUBE');
  }
  const type = bank.notifications.get(code);
  if (type === undefined) return [];
  try {
    return type === 'entry.booked'
      ? entryEvents(message, reference, bank)
      : [changeEvent(message, { type, reference }, bank)];
  } catch (cause) {
    throw new Fault('invalid_request', `a notification ${code} that cannot be read`, { cause });
  }
}

/** One for each side: both are entries of their accounts. */
function entryEvents(message: Xml | undefined, reference: string, bank: Bank): CoreEvent[] {
  const record = partWith(message, 'FCCREF');
  if (record === undefined) throw new Error('no transaction in it');
  return entriesOf(record, bank).map(({ account, ...entry }) => ({
    id: `${reference}:${entry.credit_debit_indicator}`,
    type: 'entry.booked',
    occurredAt: entry.booked_at,
    ...{ account, party: null, entry },
  }));
}

function changeEvent(
  message: Xml | undefined,
  { type, reference }: { readonly type: CoreEvent['type']; readonly reference: string },
  bank: Bank,
): CoreEvent {
  const account =
    accountIn(partWith(message, 'ACC'), 'BRN', 'ACC') ??
    accountIn(partWith(message, 'ACC'), 'BRANCH', 'ACC') ??
    accountIn(partWith(message, 'CUST_AC_NO'), 'BRANCH_CODE', 'CUST_AC_NO');
  const party = xmlText(partWith(message, 'CUSTNO'), 'CUSTNO') ?? null;
  if (account === null && party === null) throw new Error('neither account nor customer in it');
  const stamp = xmlText(partWith(message, 'CHECKERSTAMP'), 'CHECKERSTAMP');
  const occurredAt = instantIn(bank.timeZone, stamp ?? '') ?? instantToText(bank.now());
  return { id: reference, type, occurredAt, account, party };
}

/** The names of the parts around a record are the bank's: what is in them counts. */
function partWith(xml: Xml | undefined, name: string, depth = 0): Xml | undefined {
  if (typeof xml !== 'object' || depth > 5) return undefined;
  if (name in xml) return xml;
  for (const child of Object.values(xml).flat()) {
    const found = partWith(child, name, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
