// A party of the core becomes one of the register: its personal values go to the vault, and what is
// recorded has tokens for them.
import type { CoreContactPoint, CoreParty } from '../adapter.ts';
import { contactClasses } from '../own/contacts.ts';
import { tokensOf, type Values } from '../own/ingress.ts';
import { partyIdOf, type Tokens } from '../own/parties.ts';
import type { Mirror } from './mirror.ts';

/** ISO 3166-1 leaves it to users: nowhere, where the core does not say. */
const countryUnknown = 'ZZ';

/** Answers its id. */
export async function registerPartyOf(mirror: Mirror, party: CoreParty): Promise<string> {
  const key = `party ${party.id}`;
  const own_id = partyIdOf(mirror.tenant, `${mirror.core} ${key}`);
  const tokens = await tokenized(mirror, own_id, key, personalIn(party));
  await mirror.must('party.register', key, { party_id: own_id, ...openIn(party), tokens });
  await setContacts(mirror, own_id, party.id, 'import');
  await mirror.link({ kind: 'party', own_id, core_id: party.id, as_of: null });
  return own_id;
}

/** As the core has it now; `event` names what has told of the change. */
export async function changePartyTo(
  mirror: Mirror,
  { party, own_id, event }: { party: CoreParty; own_id: string; event: string },
): Promise<void> {
  const key = `party ${party.id} changed ${event}`;
  const { kind: _never, ...fields } = openIn(party);
  const tokens = await tokenized(mirror, own_id, key, personalIn(party));
  await mirror.must('party.change', key, { party_id: own_id, ...fields, tokens });
  await setContacts(mirror, own_id, party.id, event);
}

function openIn({ kind, status, segment, country }: CoreParty) {
  const isCode = /^[A-Z]{2}$/.test(country);
  return { kind, status, segment, country: isCode ? country : countryUnknown };
}

function personalIn({ id, kind, name, date_of_birth: born }: CoreParty): Values {
  const called = name.trim() === '' ? id : name.trim();
  return {
    name: { class: 'name', value: called },
    ...(born === null || kind !== 'person'
      ? {}
      : { date_of_birth: { class: 'date_of_birth', value: born } }),
  };
}

/** Those that the core has; what it has no more stays, as the register knows it. */
async function setContacts(
  mirror: Mirror,
  own_id: string,
  coreId: string,
  occasion: string,
): Promise<void> {
  const points = (await mirror.adapter.operations.readContactPoints?.({ id: coreId })) ?? [];
  for (const { kind, usage, value } of points.filter(isSaid)) {
    const key = `contact ${coreId} ${kind} ${usage} ${occasion}`;
    const given: Values = { value: { class: contactClasses[kind], value: value.trim() } };
    const tokens = await tokenized(mirror, own_id, key, given);
    await mirror.must('contact.set', key, { party_id: own_id, kind, usage, tokens });
  }
}

function isSaid({ value }: CoreContactPoint): boolean {
  return value.trim() !== '';
}

function tokenized(
  { tenant, vault, database }: Mirror,
  party: string,
  key: string,
  values: Values,
): Promise<Tokens> {
  const whose = { tenant, idempotencyKey: key, party };
  return tokensOf({ vault, pool: database.pool('policy') }, whose, values);
}
