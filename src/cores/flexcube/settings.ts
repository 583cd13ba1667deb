// What a bank tells about its FLEXCUBE: branch, product, and what it has maintained in its own way.
import { Fault } from '#core';
import { type AdapterOptions, type CoreEvent, coreEventTypes } from '../adapter.ts';
import { type ErrorCodes, errorCodesOf } from './errors.ts';

export type Bank = {
  readonly source: string;
  readonly user: string;
  readonly relaySecret: string | null;
  /** In which our user works: of every header. */
  readonly branch: string;
  /** Of retail teller transactions: it debits TXNACC and credits OFFSETACC. */
  readonly product: string;
  readonly errors: ErrorCodes;
  /** By notification code. */
  readonly notifications: ReadonlyMap<string, CoreEvent['type']>;
  /** Whether the gateway refuses an XREF that it knows. */
  readonly refusesDuplicates: boolean;
  readonly givesLoans: boolean;
  readonly timeZone: string;
  readonly now: () => number;
};

/** Those of Oracle's documents; a bank builds others for itself. */
const documented: readonly (readonly [string, CoreEvent['type']])[] = [
  ['NOTIF_CA_CUSTACC_NEW', 'account.changed'],
  ['NOTIF_CA_CUSTACC_MOD', 'account.changed'],
  ['NOTIF_CA_ACCLASS_MOD', 'account.changed'],
  ['NOTIF_CO_STDCIFCR', 'party.changed'],
];

/** Throws `input_invalid`, and names what is missing. */
export function bankOf({ credentials, settings = {}, timeZone, now }: AdapterOptions): Bank {
  const needed = (of: Readonly<Record<string, string>>, name: string) => {
    const value = of[name];
    if (value) return value;
    throw new Fault('input_invalid', `flexcube needs ${name}`);
  };
  return {
    source: needed(credentials, 'source'),
    user: needed(credentials, 'user'),
    relaySecret: credentials['relaySecret'] ?? null,
    branch: needed(settings, 'branch'),
    product: needed(settings, 'product'),
    errors: errorCodesOf(settings['errors']),
    notifications: notificationsOf(settings['notifications']),
    refusesDuplicates: settings['duplicates'] !== 'posted',
    givesLoans: settings['loans'] === 'on',
    timeZone: timeZone ?? 'UTC',
    now,
  };
}

/** `NOTIF_RT_TXN=entry.booked, …` beside the documented ones. */
function notificationsOf(setting = ''): Bank['notifications'] {
  const own = setting.split(',').flatMap((pair): (readonly [string, CoreEvent['type']])[] => {
    const [code = '', told = ''] = pair.split('=').map((part) => part.trim());
    const type = coreEventTypes.find((each) => each === told);
    if (code === '') return [];
    if (type) return [[code, type]];
    throw new Fault('input_invalid', `flexcube: the setting notifications has no type "${told}"`);
  });
  return new Map([...documented, ...own]);
}
