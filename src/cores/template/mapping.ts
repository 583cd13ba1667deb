// The words of the template core and ours.
import type { CoreAccount, CoreEntry, TransferOrder } from '../adapter.ts';
import type { Balance } from '../port.ts';
import { decimalOf, jsonText, malformed, minorUnitsOf, type WireJson } from '../wire.ts';
import { core } from './client.ts';

const statuses = { open: 'enabled', blocked: 'disabled', closed: 'deleted' } as const;

export function accountOf(json: WireJson): CoreAccount {
  const status = text(json, 'status');
  return {
    id: text(json, 'id'),
    currency: text(json, 'currency'),
    status: Object.hasOwn(statuses, status)
      ? statuses[status as keyof typeof statuses]
      : 'disabled',
    opened_at: text(json, 'opened'),
    product: null,
    parties: [{ id: text(json, 'holder'), role: 'holder' }],
  };
}

export function balancesOf(json: WireJson, asOf: string): readonly Balance[] {
  const currency = text(json, 'currency');
  const balance = (type: Balance['type'], figure: string): Balance => {
    return { type, as_of: asOf, ...indicated(text(json, figure), currency) };
  };
  return [balance('ITBD', 'balance'), balance('ITAV', 'available')];
}

export function entryOf(json: WireJson): CoreEntry {
  const reference = text(json, 'move');
  return {
    ...indicated(text(json, 'amount'), text(json, 'currency')),
    ...{ reference, status: 'BOOK', booked_at: text(json, 'booked') },
    value_at: `${text(json, 'valueDate')}T00:00:00.000Z`,
    counter_account: jsonText(json, 'counter') ?? null,
    own_reference: jsonText(json, 'reference') ?? null,
  };
}

/** What it is sent; the mark goes into the text, by which commands are told apart. */
export function orderOf({ reference, mark, debtor, creditor, amount, currency }: TransferOrder) {
  const moved = { from: debtor, to: creditor, amount: decimalOf(amount, currency), currency };
  return JSON.stringify({ reference, text: mark, ...moved });
}

export function text(json: WireJson, name: string): string {
  const found = jsonText(json, name);
  if (found === undefined) throw malformed(core, name);
  return found;
}

function indicated(decimal: string, currency: string) {
  const minor = minorUnitsOf(decimal, currency, core);
  const credit_debit_indicator = minor < 0 ? ('DBIT' as const) : ('CRDT' as const);
  return { credit_debit_indicator, amount: Math.abs(minor), currency };
}
