// The register's parties: registered and changed by commands, which hold tokens alone.
import {
  type Page,
  pageOf,
  assert,
  type Command,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  lengthPrefixed,
  nullable,
  refuseField,
  sha256Hex,
  type Tx,
  type Uuid,
} from '#core';
import type {} from '#money';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import type { Party } from '../port.ts';

const kind = Type.Enum(['person', 'organisation']);
const status = Type.Enum(['prospect', 'customer', 'former']);
const segment = Type.Enum(['person', 'business']);
const country = Type.String({
  pattern: '^[A-Z]{2}$',
  description: 'ISO 3166-1 alpha-2, of residence or seat.',
  examples: ['DE'],
});
const merchantCategory = Type.String({
  pattern: '^[0-9]{4}$',
  description: 'ISO 18245, of a merchant.',
  examples: ['5411'],
});
const household = Type.String({
  pattern: '^[A-Za-z0-9._:-]{1,80}$',
  description: 'An opaque id that the members of a household share.',
});
const date = Type.String({ format: 'date' });
const partyId = Type.String({ pattern: '^pty_[0-9a-hjkmnp-tv-z]{26}$' });
const token = Type.String();

/** What is told about a party and is not personal. */
const open = { status, segment, country, merchant_category: merchantCategory, household };

export const partySchemas = { partyId, kind, date, open };

const view = {
  party_id: partyId,
  kind,
  status,
  segment,
  country,
  name_token: token,
  date_of_birth_token: nullable(token),
  merchant_category: nullable(merchantCategory),
  household: nullable(household),
  since: date,
};
export const partyView = Type.Object(view);

export const partyPayloads = {
  'party.registered': Type.Object(view),
  'party.changed': Type.Object(view, { description: 'The party as it is since.' }),
};

export const partyOperations: PolicyOperations = {
  'party.register': { changesRights: false, perform: registerParty },
  'party.change': { changesRights: false, perform: changeParty },
};

/** Tokens of the vault, by the field whose value they stand for. */
export type Tokens = Readonly<Record<string, string>>;

type Fields = {
  readonly status?: Party['status'];
  readonly segment?: Party['segment'];
  readonly country?: string;
  readonly merchant_category?: string | null;
  readonly household?: string | null;
};
export type RegisterBody = Fields & {
  readonly party_id: string;
  readonly kind: Party['kind'];
  readonly country: string;
  readonly since?: string;
  readonly tokens: Tokens;
};
export type PartyChangeBody = Fields & { readonly party_id: string; readonly tokens: Tokens };

/**
 * The id of the party that a key registers. The vault needs it before there is a command, and a
 * retry must name the same party: a UUIDv8 (RFC 9562, 5.8) of tenant and key.
 */
export function partyIdOf(tenant: string, idempotencyKey: string): string {
  const digest = sha256Hex(lengthPrefixed(['party', tenant, idempotencyKey]));
  const [head, middle, end] = [digest.slice(0, 12), digest.slice(12, 15), digest.slice(15, 30)];
  const uuid: Uuid = [
    ...[head.slice(0, 8), head.slice(8), `8${middle}`],
    ...[`8${end.slice(0, 3)}`, end.slice(3)],
  ].join('-');
  return externalId('party', uuid);
}

async function registerParty(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as RegisterBody;
  const today = instantToText(command.receivedAt).slice(0, 10);
  const { since = today, tokens } = body;
  if (since > today) refuseField('/since', 'must be a day that has come');
  assert(tokens['name'] !== undefined, 'a party has a name');
  const party: Party = {
    party_id: body.party_id,
    kind: body.kind,
    status: body.status ?? 'customer',
    segment: body.segment ?? (body.kind === 'person' ? 'person' : 'business'),
    country: body.country,
    name_token: tokens['name'],
    date_of_birth_token: tokens['date_of_birth'] ?? null,
    merchant_category: body.merchant_category ?? null,
    household: body.household ?? null,
    since,
  };
  checkParty(party);
  await tx.query(
    `insert into register.party (tenant_id, id, kind, status, segment, country, name_token,
       date_of_birth_token, merchant_category, household, since, registered_at, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
    [command.tenant, ...Object.values(party), instantToText(command.receivedAt)],
  );
  return [policyEvent(command, 'party.registered', party)];
}

async function changeParty(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { party_id, tokens, ...fields } = command.body as PartyChangeBody;
  const before = await readParty(tx, party_id);
  if (!before) throw new Fault('not_found', `there is no party ${party_id}`);
  const party: Party = {
    ...before,
    ...fields,
    name_token: tokens['name'] ?? before.name_token,
    date_of_birth_token: tokens['date_of_birth'] ?? before.date_of_birth_token,
  };
  checkParty(party);
  await tx.query(
    `update register.party
        set status = $3, segment = $4, country = $5, name_token = $6, date_of_birth_token = $7,
            merchant_category = $8, household = $9, changed_at = $10
      where tenant_id = $1 and id = $2`,
    [
      ...[command.tenant, party_id, party.status, party.segment, party.country],
      ...[party.name_token, party.date_of_birth_token, party.merchant_category],
      ...[party.household, instantToText(command.receivedAt)],
    ],
  );
  return [policyEvent(command, 'party.changed', party)];
}

function checkParty(party: Party): void {
  if (party.kind === 'organisation') {
    if (party.date_of_birth_token !== null) refuseField('/date_of_birth', 'is for persons');
    if (party.segment === 'person') refuseField('/segment', 'an organisation banks as a business');
  }
}

// Reading -----------------------------------------------------------------------------------------

const columns = `p.id as party_id, p.kind, p.status, p.segment, p.country, p.name_token,
  p.date_of_birth_token, p.merchant_category, p.household, p.since`;

export async function readParty(tx: pg.ClientBase, id: string): Promise<Party | undefined> {
  const { rows } = await tx.query<Party>(
    `select ${columns} from register.party p
      where p.tenant_id = core.current_tenant() and p.id = $1`,
    [id],
  );
  return rows[0];
}

/** In the order of their registration. `after` is the last of the page before. */
export async function listParties(
  tx: Tx,
  query: { limit: number; after?: string | undefined },
): Promise<Page<Party>> {
  const { rows } = await tx.query<Party>(
    `select ${columns} from register.party p
      where p.tenant_id = core.current_tenant()
        and ($1::text is null or (p.registered_at, p.id) > (
              select a.registered_at, a.id from register.party a
               where a.tenant_id = core.current_tenant() and a.id = $1))
      order by p.registered_at, p.id limit $2`,
    [query.after ?? null, query.limit + 1],
  );
  return pageOf(rows, query.limit, ({ party_id }) => party_id);
}

/** The last screening of a party, and whether it still can be screened: not once it was erased. */
export type PartyScreening = {
  readonly screening_id: string;
  readonly status: 'screened' | 'unscreenable';
};

/** Policy keeps them, with the party as their subject. */
export async function readPartyScreening(tx: Tx, id: string): Promise<PartyScreening | null> {
  const { rows } = await tx.query<{ screening_id: Uuid; unscreenable: boolean }>(
    `select screening_id, unscreenable from policy.screening_subject
      where tenant_id = core.current_tenant() and subject = $1
      order by unscreenable, screening_id desc limit 1`,
    [id],
  );
  const [row] = rows;
  if (!row) return null;
  const screening_id = externalId('screening', row.screening_id);
  return { screening_id, status: row.unscreenable ? 'unscreenable' : 'screened' };
}
