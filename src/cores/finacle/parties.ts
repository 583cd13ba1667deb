// Customers and their accounts, as the inquiries on retail customers and on accounts tell them.
import { pageOf, type Xml, xmlAll, xmlAt, type XmlInput } from '#core';
import type {
  AdapterCalls,
  AdapterOperations,
  CoreAccount,
  CoreContactPoint,
  CoreParty,
} from '../adapter.ts';
import { coreFault } from '../failures.ts';
import type { Client } from './client.ts';
import { coreName, faultOf } from './errors.ts';
import { balancesIn, dayOf, instantOf, must, text } from './mapping.ts';
import { uuidOf } from './orders.ts';

type Parties = Pick<
  Required<AdapterOperations>,
  'readParty' | 'readContactPoints' | 'readAccount' | 'listAccounts' | 'readBalances'
> &
  Pick<AdapterOperations, 'changeContactPoint'>;

export function partiesOf(client: Client): Parties {
  const customer = async (id: string, signal?: AbortSignal) => {
    const told = await client.ask('RetCustInq', { RetCustInqRq: { CustId: id } }, signal);
    return xmlAt(told?.body, 'RetCustInqRs', 'RetCustDtls');
  };
  return {
    async readParty({ id, signal }) {
      const found = await customer(id, signal);
      return found === undefined ? undefined : partyIn(found);
    },
    async readContactPoints({ id, signal }) {
      const found = await customer(id, signal);
      return found === undefined ? [] : contactPointsIn(found);
    },
    readAccount: ({ id, signal }) => readAccount(client, id, signal),
    async listAccounts({ id, limit, after, signal }) {
      const all = (await accountsOf(client, id, signal)).map(({ account }) => account);
      const start = after === undefined ? 0 : all.findIndex((each) => each.id === after) + 1;
      return pageOf(all.slice(start, start + limit + 1), limit, (each) => each.id);
    },
    async readBalances({ id, signal }) {
      const told = await client.ask('BalInq', { BalInqRq: { AcctId: { AcctId: id } } }, signal);
      return told && balancesIn(told.body, told.at);
    },
    ...(client.settings.hasContacts ? { changeContactPoint: changeOf(client) } : {}),
  };
}

function partyIn(xml: Xml): CoreParty {
  const names = ['FirstName', 'MiddleName', 'LastName'].flatMap((each) => text(xml, each) ?? []);
  const addresses = xmlAll(xml, 'RetCustAddrInfo');
  const preferred = addresses.find((each) => text(each, 'PrefAddr') === 'Y') ?? addresses[0];
  const country = text(preferred, 'CountryCode') ?? text(preferred, 'Country');
  return {
    id: must(text(xml, 'CustId'), 'the id of a customer'),
    // A retail customer: businesses are other records, for which no description is published.
    ...{ kind: 'person', status: 'customer', segment: 'person' },
    name: must(text(xml, 'Name') ?? (names.join(' ') || undefined), 'the name of a customer'),
    // ISO 3166-1 leaves ZZ to its users: the core does not say.
    country: /^[A-Z]{2}$/.test(country ?? '') ? (country ?? 'ZZ') : 'ZZ',
    date_of_birth: dayOf(text(xml, 'BirthDt')) ?? null,
  };
}

// Contact points ----------------------------------------------------------------------------------

/** Begin of `PhoneEmailType` or `AddrCategory`. */
const usages: readonly (readonly [RegExp, CoreContactPoint['usage']])[] = [
  [/^CELL/, 'mobile'],
  [/^HOME/, 'home'],
  [/^WORK/, 'work'],
  [/^(?:COMM|MAILING)/, 'main'],
];
const phoneTypes = { mobile: 'CELLPH', home: 'HOMEPH1', work: 'WORKPH1', main: 'COMMPH1' } as const;
const emailTypes = {
  ...{ mobile: 'PALMEML', home: 'HOMEEML', work: 'WORKEML', main: 'COMMEML' },
} as const;
const categories = { mobile: 'Mailing', home: 'Home', work: 'Work', main: 'Mailing' } as const;

function usageOf(type: string | undefined): CoreContactPoint['usage'] {
  const upper = (type ?? '').toUpperCase();
  return usages.find(([begin]) => begin.test(upper))?.[1] ?? 'main';
}

function contactPointsIn(xml: Xml): readonly CoreContactPoint[] {
  const electronic = xmlAll(xml, 'PhoneEmailInfo').flatMap((each): CoreContactPoint[] => {
    const isEmail = text(each, 'PhoneOrEmail') === 'EMAIL';
    const value = text(each, isEmail ? 'PhoneEmailInfo' : 'PhoneNum');
    if (value === undefined) return [];
    const usage = usageOf(text(each, 'PhoneEmailType'));
    return [{ kind: isEmail ? 'email' : 'phone', usage, value }];
  });
  const postal = xmlAll(xml, 'RetCustAddrInfo').flatMap((each): CoreContactPoint[] => {
    const lines = ['AddrLine1', 'AddrLine2', 'AddrLine3'].flatMap((name) => text(each, name) ?? []);
    const place = [text(each, 'PostalCode'), text(each, 'City')].filter(Boolean).join(' ');
    const value = [...lines, place].filter((line) => line !== '').join(', ');
    const usage = usageOf(text(each, 'AddrCategory'));
    return value === '' ? [] : [{ kind: 'postal_address', usage, value }];
  });
  return [...electronic, ...postal];
}

/** Written as what it is to be from now on: to write it again changes nothing. */
function changeOf(client: Client): AdapterCalls['changeContactPoint'] {
  return async ({ id, key, kind, usage, value }) => {
    const data: XmlInput = { CustId: id, ...modificationOf({ kind, usage, value }) };
    const ordered = await client.order('RetCustMod', uuidOf(key), {
      RetCustModRq: { RetCustModMainData: { CustModData: data } },
    });
    if (ordered && 'refused' in ordered) throw faultOf(ordered.refused);
    if (ordered) return;
    const text = 'no answer to a change';
    throw coreFault(coreName, { class: 'unavailable', code: 'RetCustMod', text });
  };
}

/** `PhoneEmailtType` is spelled so by the core. */
function modificationOf({ kind, usage, value }: CoreContactPoint) {
  if (kind === 'postal_address') {
    return { RetAddrModDtls: { AddrLine1: value, AddrCategory: categories[usage] } };
  }
  const isEmail = kind === 'email';
  return {
    PhoneEmailModData: {
      PhoneOrEmail: isEmail ? 'EMAIL' : 'PHONE',
      PhoneEmailtType: (isEmail ? emailTypes : phoneTypes)[usage],
      ...(isEmail ? { Email: value } : { PhoneNum: value }),
    },
  };
}

// Accounts ----------------------------------------------------------------------------------------

export type ListedAccount = {
  readonly account: CoreAccount;
  readonly shortName: string | undefined;
  /** ODA, TDA, LAA … */
  readonly type: string | undefined;
};

/** All of a customer, in one answer: the core knows no pages of them. */
export async function accountsOf(
  { ask, settings }: Client,
  customer: string,
  signal?: AbortSignal,
): Promise<readonly ListedAccount[]> {
  const request = { CustAcctInqRq: { CustId: customer, CustType: 'Retail' } };
  const told = await ask('RetCustAcctInq', request, signal);
  return xmlAll(xmlAt(told?.body, 'RetCustAcctInqRs'), 'RetSaleDtls').map((each) => {
    const details = xmlAt(each, 'SaleChannelDtls');
    const isJoint = /JOINT/i.test(text(each, 'SaleCust', 'Role') ?? '');
    const isClosed = /^closed$/i.test(text(details, 'AcctStatus') ?? '');
    const account: CoreAccount = {
      id: must(text(each, 'AcctId'), 'the id of an account'),
      currency: must(text(details, 'AcctCurrCode'), 'the currency of an account'),
      status: isClosed ? 'deleted' : 'enabled',
      opened_at: instantOf(text(details, 'AcctOpeningDt'), settings.timeZone),
      product: text(each, 'ProductCategory') ?? null,
      parties: [{ id: customer, role: isJoint ? 'joint_holder' : 'holder' }],
    };
    return { account, shortName: text(details, 'AcctShortName'), type: text(each, 'ProductCode') };
  });
}

/** The inquiry on the account tells a freeze and the holders, that on the customer an end. */
async function readAccount(
  client: Client,
  id: string,
  signal?: AbortSignal,
): Promise<CoreAccount | undefined> {
  const request = { ODAcctInqRq: { ODAcctId: { AcctId: id } } };
  const told = await client.ask('ODAcctInq', request, signal);
  const found = xmlAt(told?.body, 'ODAcctInqRs');
  if (found === undefined) return undefined;
  const holder = must(text(found, 'CustId', 'CustId'), 'the holder of an account');
  const listed = await accountsOf(client, holder, signal);
  const isClosed = listed.some(({ account }) => account.id === id && account.status === 'deleted');
  const freeze = text(found, 'FreezeStatusCode');
  return {
    id,
    currency: must(text(found, 'ODAcctInq', 'AcctCurr'), 'the currency of an account'),
    // C stops credits alone: what may leave the account is what counts.
    status: isClosed ? 'deleted' : freeze === undefined || freeze === 'C' ? 'enabled' : 'disabled',
    opened_at: instantOf(text(found, 'AcctOpnDt'), client.settings.timeZone),
    product: text(found, 'ODAcctInq', 'AcctType', 'SchmCode') ?? null,
    parties: partiesIn(found, holder),
  };
}

/** Main holder and those that are joint with him: no guarantors and no agents. */
function partiesIn(xml: Xml, holder: string): CoreAccount['parties'] {
  const others = xmlAll(xml, 'RelPartyRec').flatMap((each) => {
    const id = text(each, 'CustId', 'CustId');
    const isJoint = /^JOINT/i.test(text(each, 'RelPartyTypeDesc') ?? '');
    if (id === undefined || id === holder || !isJoint) return [];
    const role = text(each, 'RecDelFlg') === 'Y' ? 'former' : 'joint_holder';
    return [{ id, role } as const];
  });
  return [{ id: holder, role: 'holder' }, ...others];
}
