// Service requests: what customers ask people of the bank for, from the asking to its end.
import {
  closed,
  type Command,
  type CommandInput,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Json,
  nullable,
  type Page,
  pageOf,
  type Pool,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import {
  type CoreOperations,
  type KeyedChange,
  requestStatuses,
  requestSubjects,
  type RequestTerms,
  type ServiceRequest,
} from '../port.ts';
import type { ContactBody } from './contacts.ts';
import { partySchemas, readParty } from './parties.ts';

/** Of one party at a time: who asks for more has not been answered yet. */
const openMax = 20;

const requestId = Type.String({ pattern: '^srq_[0-9a-hjkmnp-tv-z]{26}$' });
const status = Type.Enum([...requestStatuses]);
const view = Type.Object({
  request_id: requestId,
  party_id: partySchemas.partyId,
  subject: Type.Enum(Object.keys(requestSubjects)),
  text_token: nullable(Type.String()),
  status,
  made_at: Type.String({ format: 'date-time' }),
  ended_at: nullable(Type.String({ format: 'date-time' })),
});
const endBody = Type.Object({ status: Type.Enum(['done', 'declined']) }, closed);

export const requestSchemas = { requestId, status, view, endBody };

const { made_at: _made, ended_at: _ended, ...told } = view.properties;
export const requestPayloads = {
  'service_request.made': Type.Object(told),
  'service_request.ended': Type.Object(told),
};

export const requestOperations: PolicyOperations = {
  'service_request.make': { changesRights: false, perform: make },
  'service_request.end': { changesRights: false, perform: end },
};

type MakeBody = RequestTerms & { readonly party_id: string };

async function make(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { party_id, subject, text_token } = command.body as MakeBody;
  if (!(await readParty(tx, party_id))) throw new Fault('not_found', `there is no ${party_id}`);
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from register.service_request
      where tenant_id = $1 and party_id = $2 and status = 'open'`,
    [command.tenant, party_id],
  );
  if ((rows[0]?.count ?? 0) >= openMax) {
    throw new Fault('conflict', `${openMax} requests of this customer wait already`);
  }
  await tx.query(
    `insert into register.service_request (tenant_id, id, party_id, subject, text_token, made_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      ...[command.tenant, requestOf(command.id), party_id, subject, text_token],
      instantToText(command.receivedAt),
    ],
  );
  const request_id = externalId('serviceRequest', requestOf(command.id));
  const said = { request_id, party_id, subject, text_token, status: 'open' };
  return [policyEvent(command, 'service_request.made', said)];
}

function requestOf(command: Uuid): Uuid {
  return derivedUuid(command, 'service_request', 0);
}

async function end(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as { request_id: string; status: 'done' | 'declined' };
  const found = await readOne(tx, body.request_id, 'for update');
  if (!found) throw new Fault('not_found', `there is no ${body.request_id}`);
  if (found.status !== 'open') throw new Fault('conflict', `the request is ${found.status}`);
  await tx.query(
    `update register.service_request set status = $3, ended_at = $4
      where tenant_id = $1 and id = $2`,
    [
      ...[command.tenant, internalId('serviceRequest', body.request_id), body.status],
      instantToText(command.receivedAt),
    ],
  );
  const { request_id, party_id, subject, text_token } = found;
  const said = { request_id, party_id, subject, text_token, status: body.status };
  return [policyEvent(command, 'service_request.ended', said)];
}

// Reading -----------------------------------------------------------------------------------------

type Row = RequestTerms &
  Pick<ServiceRequest, 'party_id' | 'status'> & {
    readonly id: Uuid;
    readonly made_at: Date;
    readonly ended_at: Date | null;
  };
const columns = 'id, party_id, subject, text_token, status, made_at, ended_at';

export async function readRequest(
  tx: pg.ClientBase,
  id: string,
): Promise<ServiceRequest | undefined> {
  return readOne(tx, id, '');
}

async function readOne(tx: pg.ClientBase, id: string, locking: string) {
  const { rows } = await tx.query<Row>(
    `select ${columns} from register.service_request
      where tenant_id = core.current_tenant() and id = $1 ${locking}`,
    [internalId('serviceRequest', id) ?? null],
  );
  return rows[0] && requestIn(rows[0]);
}

type RequestQuery = {
  readonly party?: string | undefined;
  readonly status?: ServiceRequest['status'] | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
};

/** Newest first, of one party or of all. */
export async function listRequests(
  tx: Tx,
  { party, status: wanted, limit, after }: RequestQuery,
): Promise<Page<ServiceRequest>> {
  const { rows } = await tx.query<Row>(
    `select ${columns} from register.service_request
      where tenant_id = core.current_tenant() and ($1::text is null or party_id = $1)
        and ($2::text is null or status = $2) and ($3::uuid is null or id < $3)
      order by id desc limit $4`,
    [
      ...[party ?? null, wanted ?? null],
      ...[(after && internalId('serviceRequest', after)) ?? null, limit + 1],
    ],
  );
  const page = pageOf(rows, limit, ({ id }) => externalId('serviceRequest', id));
  return { ...page, items: page.items.map(requestIn) };
}

function requestIn({ id, made_at, ended_at, ...row }: Row): ServiceRequest {
  return {
    ...{ request_id: externalId('serviceRequest', id), ...row },
    ...{ made_at: made_at.toISOString(), ended_at: ended_at?.toISOString() ?? null },
  };
}

// Behind the port ---------------------------------------------------------------------------------

/** The path of every write. */
export type Execute = (input: CommandInput<Json>) => Promise<{
  readonly commandId: Uuid;
  readonly outcome: { readonly status: string };
}>;

type ServiceOperations = Pick<
  CoreOperations,
  'changeContactPoint' | 'openServiceRequest' | 'listServiceRequests'
>;

/** What the register does for a customer who has agreed to it: by the core itself, on record. */
export function serviceOperations(of: {
  /** Of the role read. */
  readonly pool: Pool;
  readonly execute: Execute;
}): ServiceOperations {
  const { pool, execute } = of;
  const change = async ({ tenant, key }: KeyedChange, operation: string, body: Json) => {
    const principal = { kind: 'service', id: 'core', tenant } as const;
    const done = await execute({ principal, operation, idempotencyKey: key, body });
    if (done.outcome.status === 'accepted') return done.commandId;
    throw new Fault('denied', `policy does not let the core do ${operation}`);
  };
  const look = <Found>(tenant: string, work: (tx: Tx) => Promise<Found>) =>
    withTx(pool, work, { tenant, readOnly: true });
  return {
    async changeContactPoint({ tenant, id, key, kind, usage, value_token }) {
      const point = { party_id: id, kind, usage };
      const body: ContactBody = { ...point, tokens: { value: value_token } };
      await change({ tenant, id, key }, 'contact.set', body);
    },
    async openServiceRequest({ tenant, id, key, subject, text_token }) {
      const body: MakeBody = { party_id: id, subject, text_token };
      const command = await change({ tenant, id, key }, 'service_request.make', body);
      const request = externalId('serviceRequest', requestOf(command));
      const found = await look(tenant, (tx) => readRequest(tx, request));
      if (found) return found;
      throw new Fault('internal', 'the request that was made is not there');
    },
    listServiceRequests: ({ tenant, id, ...query }) =>
      look(tenant, (tx) => listRequests(tx, { ...query, party: id })),
  };
}
