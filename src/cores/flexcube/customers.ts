// Customers of FLEXCUBE: who they are, how they are reached, and how that is changed: by sending
// back the whole record, with the number of the version that was read.
import { Fault, type Page, pageOf, type Xml, type XmlInput, xmlAt, xmlText } from '#core';
import type { CoreAccount, CoreContactPoint, Keyed, Of, Paged } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { type Client, core } from './client.ts';
import { failureOf } from './errors.ts';
import { accountId, accountKey, accountOf, addressLines, summaryKeys } from './mapping.ts';
import type { Bank } from './settings.ts';

export function queryCustomer(client: Client, { id, signal }: Of): Promise<Xml | undefined> {
  return client.read({ operation: 'QueryCustomer', record: { CUSTNO: id }, signal });
}

export async function readAccount(
  client: Client,
  bank: Bank,
  { id, signal }: Of,
): Promise<CoreAccount | undefined> {
  const key = accountKey(id);
  if (!key) return undefined;
  const record = { BRN: key.branch, ACC: key.number };
  const found = await client.read({ operation: 'QueryCustAcc', record, signal });
  return found === undefined ? undefined : accountOf(found, bank);
}

/** The core tells all accounts of a customer at once; their details are read for one page. */
export async function listAccounts(
  client: Client,
  bank: Bank,
  { id, limit, after = '', signal }: Of & Paged,
): Promise<Page<CoreAccount>> {
  const asked = signal ? { signal } : {};
  const record = { CUST_NO: id };
  const summary = await client.read({ operation: 'QueryAccSumm', record, ...asked });
  const ids = (summary === undefined ? [] : summaryKeys(summary)).map(accountId);
  const rest = ids.filter((each) => each > after).sort();
  const page = pageOf(rest.slice(0, limit + 1), limit, (each) => each);
  const read = await Promise.all(
    page.items.map((each) => readAccount(client, bank, { id: each, ...asked })),
  );
  return { items: read.filter((each) => each !== undefined), next: page.next };
}

// Contact points ----------------------------------------------------------------------------------

const addressLineMax = 105;
const schemaLines = ['ADDRLN1', 'ADDRLN3', 'ADDRLN2', 'ADDRLN4'] as const;

/** Under any key: a record that says so already is left as it is. */
export async function changeContactPoint(
  client: Client,
  bank: Bank,
  change: Keyed & CoreContactPoint,
): Promise<void> {
  const { signal } = change;
  for (let attempt = 0; ; attempt += 1) {
    const before = await queryCustomer(client, change);
    if (typeof before !== 'object') throw missing();
    const record = changed(before, change);
    if (JSON.stringify(record) === JSON.stringify(before)) return;
    const call = { operation: 'ModifyCustomer', record: record as XmlInput, signal } as const;
    const reply = await client.order(call);
    if (!reply) throw unanswered('no answer');
    if (reply.status === 'SUCCESS') return;
    if (reply.status === 'WARNING') throw warned(reply.warnings[0]?.code);
    const failure = failureOf(reply.errors, bank.errors);
    // Somebody else was faster: what is there now is the ground for the change.
    if (failure.class !== 'stale' || attempt > 0) throw coreFault(core, failure);
  }
}

type Full = Exclude<Xml, string>;

function changed(record: Full, { kind, usage, value }: CoreContactPoint): Full {
  if (kind === 'postal_address') return addressOf(record, value);
  if (!(kind === 'email' && usage === 'main') && !(kind === 'phone' && usage !== 'home')) {
    throw new Fault('input_invalid', `flexcube keeps no ${kind} for ${usage}`);
  }
  const name = kind === 'email' ? 'EMAIL' : usage === 'mobile' ? 'MOBNUM' : 'TEL';
  const personal = xmlAt(record, 'Custpersonal');
  if (typeof personal !== 'object') {
    throw new Fault('input_invalid', 'flexcube keeps these contacts of persons only');
  }
  // The element is a decimal there.
  const text = name === 'MOBNUM' ? value.replace(/\D/g, '') : value;
  if (xmlText(personal, name) === text) return record;
  return { ...record, Custpersonal: placed(personal, name, text) };
}

/** All lines anew, in the place and the order that the schema gives them. */
function addressOf(record: Full, value: string): Full {
  const lines = value.split('\n');
  if (lines.length > addressLines.length || lines.some((line) => line.length > addressLineMax)) {
    throw new Fault('input_invalid', 'flexcube keeps four lines of an address');
  }
  const told = schemaLines.flatMap((name): (readonly [string, string])[] => {
    const line = lines[addressLines.indexOf(name)] ?? '';
    return line !== '' || name in record ? [[name, line]] : [];
  });
  const members = Object.entries(record);
  const place = members.findIndex(([name]) => name === 'ADDRLN1');
  const others = (some: typeof members) => some.filter(([name]) => !/^ADDRLN\d$/.test(name));
  const at = Math.max(place, 0);
  return Object.fromEntries([
    ...others(members.slice(0, at)),
    ...told,
    ...others(members.slice(at)),
  ]);
}

/** The gateway wants these in the order of its schema. */
const personalOrder = ['TEL', 'FAX', 'EMAIL', 'PADD1', 'PADD2', 'PADD3', 'DCNTRY', 'PCNTRY'];
const laterNames = [...personalOrder, 'RESSTATUS', 'CUSTPREFIX1', 'CUSTPREFIX2', 'MOBNUM'];

function placed(personal: Full, name: string, text: string): Full {
  if (name in personal) return { ...personal, [name]: text };
  const later = [...laterNames.slice(laterNames.indexOf(name) + 1), 'SBMTAGEPROOF'];
  const isLater = ([each]: readonly [string, unknown]) =>
    later.includes(each) || each.startsWith('Cust');
  const members = Object.entries(personal);
  const at = members.findIndex(isLater);
  const place = at === -1 ? members.length : at;
  return Object.fromEntries([...members.slice(0, place), [name, text], ...members.slice(place)]);
}

function missing(): Fault {
  return coreFault(core, { class: 'missing', code: 'none', text: 'no such customer' });
}

/** The guard makes of it that nobody knows whether it was done; it can be asked for again. */
function unanswered(text: string): Fault {
  return coreFault(core, { class: 'unavailable', code: 'none', text });
}

/** A person accepts what the core warns of, in the core itself. */
function warned(code = 'none'): Fault {
  return coreFault(core, { class: 'warned', code, text: 'a change with a warning' });
}
