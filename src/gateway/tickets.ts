// Tickets: calls that are carried out when there is room, with the rights of then. What was asked
// lies encrypted, what is answered lies masked, and both go after a day.
import {
  canonicalJson,
  type Clock,
  externalId,
  Fault,
  type FaultCode,
  instantToText,
  internalId,
  newUuid,
  type Pool,
  type Random,
  sha256Hex,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import type { Sealing } from '#privacy';
import Type from 'typebox';
import type { Owner, TokenClaims } from './caller-now.ts';
import type { AskedCall, ToolAnswer } from './host.ts';
import { isOpen, type Run } from './sequence-runs.ts';
import type { TicketJob, TicketQueue } from './ticket-queue.ts';

export const ticketSchemas = {
  id: Type.String({ pattern: '^tkt_[0-9a-hjkmnp-tv-z]{26}$' }),
};
export const ticketStatuses = ['queued', 'running', 'done', 'failed'] as const;

export type Ticket = Owner & {
  readonly id: Uuid;
  readonly claims: TokenClaims;
  readonly tool: string;
  readonly status: (typeof ticketStatuses)[number];
  readonly askedAt: Date;
  readonly endedAt: Date | null;
  readonly answer: TicketAnswer | null;
};

/** What the agent is told, or the problem. */
export type TicketAnswer =
  | { readonly answer: ToolAnswer }
  | { readonly fault: Pick<Fault, 'code' | 'message' | 'detail'> };

export type TicketParts = {
  /** Of the role app, which keeps the queue. */
  readonly pool: Pool;
  readonly queue: TicketQueue;
  readonly sealing: Sealing;
  readonly clock: Clock;
  readonly random: Random;
};

export type LaterCall = Omit<AskedCall, 'signal' | 'isCharged'>;
export type Tickets = ReturnType<typeof openTickets>;

/** Not ended, of one agent and of one tenant. */
const [waitingOfAgentMax, waitingMax] = [100, 2_000];
const argumentsMaxChars = 8 * 1_024;
const fullRetryMs = 5_000;
const ticketsKeptMs = 86_400_000;
/** What nobody has ended by then was lost with its worker, and would be refused by now. */
const lostMs = 60_000;

export function openTickets(parts: TicketParts) {
  return {
    /** The ticket of the key, where it was used before. Throws `overloaded` where too many wait. */
    put: (owner: Owner, claims: TokenClaims, asked: LaterCall) => put(parts, owner, claims, asked),
    /** Undefined for another agent's, another customer's, and what is forgotten. */
    find: (owner: Owner, id: string) => find(parts, owner, id),
    /** With what was asked; undefined where it has ended. */
    begin: (job: TicketJob) => begin(parts, job),
    end: (job: TicketJob, answer: TicketAnswer) => end(parts, job, answer),
    again: (job: TicketJob) => again(parts, job),
    forget: (tenant: string) => forget(parts, tenant),
    retriesMax: parts.queue.retriesMax,
    take: parts.queue.take,
    stop: parts.queue.stop,
  };
}

// For agents --------------------------------------------------------------------------------------

async function put(
  { pool, queue, sealing, clock, random }: TicketParts,
  owner: Owner,
  claims: TokenClaims,
  { tool, purpose, idempotencyKey: key, traceId, ...asked }: LaterCall,
): Promise<Ticket> {
  const text = canonicalJson(asked.arguments);
  if (text.length > argumentsMaxChars) {
    const most = `${argumentsMaxChars} characters`;
    throw new Fault('body_too_large', `what is asked for later has at most ${most}`);
  }
  const { tenant, agent, customer } = owner;
  const now = clock.now();
  const id = newUuid({ clock, random });
  const digest = sha256Hex(text);
  await queue.open();
  const work = async (tx: Tx) => {
    await forgetIn(tx, now);
    const known = key === undefined ? undefined : await readByKey(tx, owner, key);
    if (known) {
      const isSame = known.tool === tool && fingerprintIn(sealing, known) === digest;
      if (!isSame) {
        throw new Fault('idempotency_key_reused', 'this key was used before with another request');
      }
      const earlier = ticketOf(known, now);
      if (answersForKey(earlier)) return earlier;
      await tx.query('update gateway.ticket set key = null where id = $1', [known.id]);
    }
    await refuseMany(tx, agent, now);
    const { rows } = await tx.query<Row>(
      `insert into gateway.ticket (tenant_id, id, agent_id, customer, caller, tool, purpose, key,
         trace_id, asked, fingerprint, asked_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning *`,
      [
        ...[tenant, id, agent, customer, JSON.stringify(claims), tool, purpose ?? null],
        ...[key ?? null, traceId ?? null, sealing.seal(canonicalJson(asked), placeOf(tenant, id))],
        ...[sealing.seal(digest, placeOf(tenant, id, 'fingerprint')), instantToText(now)],
      ],
    );
    await queue.put(tx, { tenant, ticket: id });
    return ticketOf(rows[0] as Row, now);
  };
  return withTx(pool, work, { tenant }).catch((error: unknown) => {
    const isTaken = (error as { code?: string }).code === '23505';
    throw isTaken ? new Fault('conflict', 'the same call is being taken just now') : error;
  });
}

/** No agent fills the queue of all. */
async function refuseMany(tx: Tx, agent: string, now: number): Promise<void> {
  const { rows } = await tx.query<{ readonly all: number; readonly own: number }>(
    `select count(*)::int as "all", count(*) filter (where agent_id = $1)::int as own
       from gateway.ticket
      where status in ('queued', 'running') and caller -> 'until' > to_jsonb($2::numeric)`,
    [agent, now],
  );
  const { all = 0, own = 0 } = rows[0] ?? {};
  if (own < waitingOfAgentMax && all < waitingMax) return;
  const which = own < waitingOfAgentMax ? `${waitingMax} calls` : `${own} calls of the agent`;
  throw new Fault('overloaded', `${which} wait already: try again later`, {
    detail: { retry_after_ms: fullRetryMs },
  });
}

/** One that has failed is tried again by its key, and so is one that somebody had to agree to. */
function answersForKey({ status, answer }: Ticket): boolean {
  if (status === 'queued' || status === 'running') return true;
  if (answer === null || 'fault' in answer || answer.answer.status === 'waits') return false;
  const { run_id, status: how } = answer.answer.output as Partial<RunOutput>;
  return run_id === undefined || how === undefined || !isOpen({ status: how });
}

/** Of a sequence. */
type RunOutput = Pick<Run, 'status'> & { readonly run_id: string };

async function find(
  { pool, clock }: TicketParts,
  { tenant, agent, customer }: Owner,
  id: string,
): Promise<Ticket | undefined> {
  const uuid = internalId('ticket', id);
  if (uuid === undefined) return undefined;
  const now = clock.now();
  const look = async (tx: Tx) =>
    tx.query<Row>(
      `select * from gateway.ticket
        where id = $1 and agent_id = $2 and customer = $3 and asked_at > $4`,
      [uuid, agent, customer, instantToText(now - ticketsKeptMs)],
    );
  const { rows } = await withTx(pool, look, { tenant, readOnly: true });
  return rows[0] && ticketOf(rows[0], now);
}

// For the worker ----------------------------------------------------------------------------------

/** `wasRunning`: a worker has begun with it before, and has not come to its end. */
export type Begun = {
  readonly ticket: Ticket;
  readonly asked: LaterCall;
  readonly wasRunning: boolean;
};

async function begin(
  { pool, queue, sealing, clock }: TicketParts,
  job: TicketJob,
): Promise<Begun | undefined> {
  const { tenant, ticket: id } = job.data;
  const work = async (tx: Tx) => {
    const { rows } = await tx.query<Row>('select * from gateway.ticket where id = $1 for update', [
      id,
    ]);
    const [row] = rows;
    if (typeof row?.asked !== 'string') {
      await queue.done(tx, job);
      return undefined;
    }
    await tx.query(`update gateway.ticket set status = 'running' where id = $1`, [id]);
    return { row, text: sealing.open(row.asked, placeOf(tenant, id)) };
  };
  const begun = await withTx(pool, work, { tenant });
  if (!begun) return undefined;
  const { row, text } = begun;
  const { tool, purpose, key, trace_id: traceId } = row;
  const asked: LaterCall = {
    ...{ ...(JSON.parse(text) as Sealed), tool },
    ...(purpose === null ? {} : { purpose }),
    ...(key === null ? {} : { idempotencyKey: key }),
    ...(traceId === null ? {} : { traceId }),
  };
  return { ticket: ticketOf(row, clock.now()), asked, wasRunning: row.status === 'running' };
}

/** What was ended by another worker meanwhile stays as it is. */
async function end(
  { pool, queue, clock }: TicketParts,
  job: TicketJob,
  answer: TicketAnswer,
): Promise<void> {
  const { tenant, ticket: id } = job.data;
  const status = 'answer' in answer ? 'done' : 'failed';
  const work = async (tx: Tx) => {
    await tx.query(
      `update gateway.ticket set status = $2, ended_at = $3, answer = $4, asked = null
        where id = $1 and status in ('queued', 'running')`,
      [id, status, instantToText(clock.now()), JSON.stringify(answer)],
    );
    await queue.done(tx, job);
  };
  await withTx(pool, work, { tenant });
}

async function again({ pool, queue }: TicketParts, job: TicketJob): Promise<void> {
  const { tenant, ticket: id } = job.data;
  const work = async (tx: Tx) => {
    await tx.query(
      `update gateway.ticket set status = 'queued' where id = $1 and status = 'running'`,
      [id],
    );
    await queue.again(tx, job);
  };
  await withTx(pool, work, { tenant });
}

async function forget({ pool, clock }: TicketParts, tenant: string): Promise<void> {
  const work = async (tx: Tx) => {
    await forgetIn(tx, clock.now());
    // What was lost with its worker is asked for by nobody any more.
    await tx.query(
      `update gateway.ticket set asked = null
        where asked is not null and caller -> 'until' < to_jsonb($1::numeric)`,
      [clock.now() - lostMs],
    );
  };
  await withTx(pool, work, { tenant });
}

async function forgetIn(tx: Tx, now: number): Promise<void> {
  await tx.query('delete from gateway.ticket where asked_at < $1', [
    instantToText(now - ticketsKeptMs),
  ]);
}

// Rows --------------------------------------------------------------------------------------------

type Row = {
  readonly tenant_id: string;
  readonly id: Uuid;
  readonly agent_id: string;
  readonly customer: string;
  readonly caller: TokenClaims;
  readonly tool: string;
  readonly purpose: string | null;
  readonly key: string | null;
  readonly trace_id: string | null;
  readonly asked: string | null;
  readonly fingerprint: string;
  readonly status: Ticket['status'];
  readonly asked_at: Date;
  readonly ended_at: Date | null;
  readonly answer: TicketAnswer | null;
};

async function readByKey(tx: Tx, { agent, customer }: Owner, key: string) {
  const { rows } = await tx.query<Row>(
    'select * from gateway.ticket where agent_id = $1 and customer = $2 and key = $3',
    [agent, customer, key],
  );
  return rows[0];
}

/** As it stands: what was lost with its worker has failed, though nobody has written it down. */
function ticketOf(row: Row, now: number): Ticket {
  const { tenant_id: tenant, id, agent_id: agent, customer, caller: claims, tool } = row;
  const told = { tenant, agent, customer, id, claims, tool, askedAt: row.asked_at };
  if (row.answer !== null || now <= claims.until + lostMs) {
    return { ...told, status: row.status, endedAt: row.ended_at, answer: row.answer };
  }
  const code: FaultCode = 'outcome_unknown';
  const fault = { code, message: 'the call was broken off: ask again', detail: {} };
  const endedAt = new Date(claims.until + lostMs);
  return { ...told, status: 'failed', endedAt, answer: { fault } };
}

export function ticketId({ id }: Pick<Ticket, 'id'>): string {
  return externalId('ticket', id);
}

/** Of a call for later, what lies encrypted. */
type Sealed = Pick<LaterCall, 'arguments' | 'query' | 'door'>;

/** What is encrypted for one ticket of one tenant opens nowhere else. */
function placeOf(tenant: string, id: Uuid, ...of: readonly string[]): readonly string[] {
  return ['tool ticket', tenant, id, ...of];
}

function fingerprintIn(sealing: Sealing, row: Row): string {
  return sealing.open(row.fingerprint, placeOf(row.tenant_id, row.id, 'fingerprint'));
}
