// How parties are reached: one contact point per kind and usage, its value a token.
import {
  type Command,
  type EventDraft,
  Fault,
  instantToText,
  nullable,
  refuseField,
  type Tx,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type { FieldClass } from '#privacy';
import type pg from 'pg';
import Type from 'typebox';
import { type ContactPoint, contactKinds, contactUsages } from '../port.ts';
import { partySchemas, readParty, type Tokens } from './parties.ts';

const kind = Type.Enum([...contactKinds]);
const usage = Type.Enum([...contactUsages]);

export const contactSchemas = { kind, usage };

/** As what the vault keeps the value of each kind. */
export const contactClasses = {
  email: 'email',
  phone: 'phone',
  postal_address: 'address',
} as const satisfies Record<ContactPoint['kind'], FieldClass>;

/** What a value of each kind looks like: a mistake is told before it is kept. */
export const contactForms = {
  email: '[^\\s@\\p{C}]{1,64}@[^\\s@\\p{C}]{1,190}\\.[^\\s@.\\p{C}]{2,}',
  phone: '\\+?[0-9][0-9 ()./\\-]{4,30}',
  postal_address: '(?=.*\\S)[^\\p{C}]{3,400}',
} as const satisfies Record<ContactPoint['kind'], string>;

export const contactPayloads = {
  'contact.set': Type.Object({
    party_id: partySchemas.partyId,
    kind,
    usage,
    value_token: nullable(Type.String({ description: 'Null where it was removed.' })),
  }),
};

/** Without the token of a value, the contact point is removed. */
export type ContactBody = {
  readonly party_id: string;
  readonly kind: ContactPoint['kind'];
  readonly usage: ContactPoint['usage'];
  readonly tokens: Tokens;
};

export const contactOperations: PolicyOperations = {
  'contact.set': { changesRights: false, perform: setContact },
};

async function setContact(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { tokens, ...point } = command.body as ContactBody;
  const { party_id } = point;
  if (!(await readParty(tx, party_id))) throw new Fault('not_found', `there is no ${party_id}`);
  const value_token = tokens['value'] ?? null;
  if (value_token === null && !(await isThere(tx, point))) {
    refuseField('/value', 'there is no such contact point to remove');
  }
  await tx.query(
    `insert into register.contact_point (tenant_id, party_id, kind, usage, value_token, changed_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, party_id, kind, usage)
        do update set value_token = excluded.value_token, changed_at = excluded.changed_at`,
    [
      ...[command.tenant, party_id, point.kind, point.usage, value_token],
      instantToText(command.receivedAt),
    ],
  );
  return [policyEvent(command, 'contact.set', { ...point, value_token })];
}

async function isThere(tx: pg.ClientBase, point: Omit<ContactBody, 'tokens'>): Promise<boolean> {
  const points = await readContactPoints(tx, point.party_id);
  return points.some((each) => each.kind === point.kind && each.usage === point.usage);
}

/** At most one per kind and usage: never more than a dozen. */
export async function readContactPoints(
  tx: Pick<Tx, 'query'>,
  party: string,
): Promise<ContactPoint[]> {
  const { rows } = await tx.query<ContactPoint>(
    `select kind, usage, value_token from register.contact_point
      where tenant_id = core.current_tenant() and party_id = $1 and value_token is not null
      order by kind, usage`,
    [party],
  );
  return rows;
}
