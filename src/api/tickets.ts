// Calls of tools for later, over HTTP: an agent leaves a call with a ticket, and asks what has
// become of it.
import { Fault, instantToText, nullable } from '#core';
import {
  type AskedCall,
  openTicketQueue,
  openTickets,
  type RoomyHost,
  type Ticket,
  ticketId,
  type TicketPace,
  ticketSchemas,
  ticketStatuses,
  type Tickets,
  type ToolAnswer,
  toolSchemas,
  usualPace,
} from '#gateway';
import type { Planes } from '#main';
import { openSealing } from '#privacy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Caller } from './authenticate.ts';
import { type CallerOf, governed } from './governed.ts';
import { faultProblem } from './problem.ts';
import { idOf, idParams, type Parts } from './routes.ts';
import { problems } from './views.ts';

const free = Type.Record(Type.String(), Type.Any());

/** What a call comes to, at once or later. */
export const called = Type.Object({
  call_id: Type.String({ description: 'Of the record in the log: `tool.called`.' }),
  tool: toolSchemas.name,
  status: Type.Enum(['done', 'waits']),
  output: Type.Optional(free),
  proposal: Type.Optional(free),
});
export const queued = Type.Object({
  ticket_id: ticketSchemas.id,
  tool: toolSchemas.name,
  status: Type.Enum([...ticketStatuses]),
  location: Type.String({ description: 'Where to ask what has become of it.' }),
});
const ticketView = Type.Object(
  {
    ticket_id: ticketSchemas.id,
    tool: toolSchemas.name,
    status: Type.Enum([...ticketStatuses]),
    asked_at: Type.String(),
    ended_at: nullable(Type.String()),
    answer: nullable(called),
    problem: nullable(free),
  },
  { title: 'Ticket' },
);

export function answerBody(tool: string, answer: ToolAnswer) {
  const told = { call_id: answer.callId, tool, status: answer.status };
  if (answer.status === 'done') return { ...told, output: answer.output };
  return { ...told, proposal: answer.proposal };
}

/** The tickets of these planes: kept and queued by the role app. */
export function ticketsOf(
  { database, keyring, clock, random }: Planes,
  onError: (error: unknown) => void,
  pace: TicketPace = usualPace,
): Tickets {
  const pool = database.pool('app');
  const queue = openTicketQueue(pool, { pace, onError });
  return openTickets({ pool, queue, sealing: openSealing(keyring, random), clock, random });
}

export type TicketRouteParts = Parts & { readonly host: RoomyHost; readonly tickets: Tickets };

export function ticketRoutes(app: FastifyInstance, parts: TicketRouteParts): void {
  const { authenticate, tickets } = parts;
  app.get(
    '/v1/tool-tickets/:id',
    {
      schema: {
        tags: ['gateway'],
        summary: 'What has become of a call for later: for its agent, acting for the same customer',
        description: 'The answer is that of the call itself. Tickets are kept for a day.',
        params: idParams(ticketSchemas.id),
        response: { 200: ticketView, ...problems },
      },
    },
    async (request, reply) => {
      const id = idOf(request);
      const owner = ownerOf(await authenticate.whoever(request));
      const found = owner && (await tickets.find(owner, id));
      if (!found) throw new Fault('not_found', `there is no ticket ${id}`);
      if (found.answer === null) reply.header('retry-after', 1);
      return viewOf(found);
    },
  );
}

/**
 * Leaves the call with a ticket where the agent asks for that (RFC 7240), or there is no room now.
 * What would be refused is refused at once, and on record. Undefined for what is answered at once.
 */
export async function later(
  { authenticate, callerOf, host, tickets }: TicketRouteParts & { readonly callerOf: CallerOf },
  request: FastifyRequest,
  asked: AskedCall,
): Promise<Ticket | undefined> {
  const isAsked = /(?:^|[\s,;])respond-async(?:$|[\s,;])/i.test(String(request.headers['prefer']));
  const { tenant } = (await authenticate.recalled(request)).principal;
  if (!isAsked && !host.isFull(tenant)) return undefined;
  const caller = await authenticate.whoever(request);
  const owner = ownerOf(caller);
  const { token, scopes = [], purpose, expiresAt: until } = caller;
  if (!owner || !token) return undefined;
  await governed(callerOf, request, (now) => host.admit(now, asked));
  const { signal: _signal, ...later } = asked;
  const claims = { ...token, scopes, until, ...(purpose === undefined ? {} : { purpose }) };
  return tickets.put(owner, claims, later);
}

export function sendQueued(reply: FastifyReply, ticket: Ticket) {
  const location = `/v1/tool-tickets/${ticketId(ticket)}`;
  reply.code(202).header('location', location).header('preference-applied', 'respond-async');
  const { tool, status } = ticket;
  return reply.send({ ticket_id: ticketId(ticket), tool, status, location });
}

function ownerOf({ principal, onBehalfOf }: Caller) {
  const customer = onBehalfOf?.subject.customer;
  if (principal.kind !== 'agent' || customer === undefined || customer === null) return undefined;
  return { tenant: principal.tenant, agent: principal.id, customer };
}

function viewOf(ticket: Ticket) {
  const { tool, status, askedAt, endedAt, answer } = ticket;
  const fault = answer && 'fault' in answer ? answer.fault : null;
  return {
    ...{ ticket_id: ticketId(ticket), tool, status },
    asked_at: instantToText(askedAt.getTime()),
    ended_at: endedAt && instantToText(endedAt.getTime()),
    answer: answer && 'answer' in answer ? answerBody(tool, answer.answer) : null,
    problem: fault && faultProblem(new Fault(fault.code, fault.message, fault)),
  };
}
