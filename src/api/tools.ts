// Tools over HTTP: what a caller may call, calling it, and the people's side, where a bank approves
// each tool in the form that it has.
import { Fault, type Json, nullable, type Tx } from '#core';
import {
  type AskedCall,
  declarationOf,
  readApprovals,
  readDeclarations,
  toolDigest,
  type Tool,
  toolEffects,
  toolSchemas,
} from '#gateway';
import { purposes } from '#policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type CallerOf, governed } from './governed.ts';
import { change, read } from './routes.ts';
import { answerBody, called, later, queued, sendQueued, type TicketRouteParts } from './tickets.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { givenKeyOf, queryIn, traceIdOf } from './write.ts';

const tags = ['gateway'];
const params = Type.Object({ name: toolSchemas.name });
const free = Type.Record(Type.String(), Type.Any());
const purpose = Type.Enum([...purposes]);

const toolView = Type.Object(
  {
    name: toolSchemas.name,
    title: Type.String(),
    description: Type.String(),
    version: Type.Integer(),
    effect: Type.Enum([...toolEffects]),
    input_schema: free,
    output_schema: free,
    purposes: Type.Array(purpose),
  },
  { title: 'Tool' },
);
const registered = Type.Object(
  {
    ...toolView.properties,
    owner: Type.String(),
    cost: Type.Integer({ description: 'What one call takes of its quotas, at least.' }),
    steps: Type.Optional(Type.Array(free, { description: 'Of a sequence: the calls it makes.' })),
    digest: toolSchemas.digest,
    status: Type.Enum(['approved', 'changed', 'not_approved'], {
      description: 'One that has changed since its approval is called by no agent.',
    }),
    approved_version: Type.Union([Type.Integer(), Type.Null()]),
    change: nullable(
      Type.Object(
        { was: nullable(free), is: free },
        {
          description:
            'Its declaration as it was approved and as it is, where both differ; `was` is null ' +
            'for what was approved before declarations were kept.',
        },
      ),
    ),
  },
  { title: 'Registered tool' },
);
const word = (description: string) => Type.Optional(Type.String({ description }));
const callHeaders = Type.Object({
  purpose: word('What the call is for, unless the token says it.'),
  'idempotency-key': word('Required for what writes or moves money, and for sequences.'),
  'triggering-query': word('Percent-encoded: which question or prompt has led to the call.'),
  prefer: word('`respond-async`: answer with a ticket.'),
});

type ToolParts = TicketRouteParts & { readonly callerOf: CallerOf };

export function toolRoutes(app: FastifyInstance, parts: ToolParts): void {
  callRoutes(app, parts);
  registryRoutes(app, parts);
}

// For agents --------------------------------------------------------------------------------------

function callRoutes(app: FastifyInstance, parts: ToolParts): void {
  const { host, planes, callerOf } = parts;
  app.get(
    '/v1/tools',
    {
      schema: {
        ...{ tags, summary: 'List the tools that the caller may call now' },
        response: { 200: Type.Object({ items: Type.Array(toolView) }), ...problems },
      },
    },
    async (request) => {
      return { items: await host.list(await callerOf(request, true), planes.clock.now()) };
    },
  );
  app.post(
    '/v1/tools/:name',
    {
      schema: {
        tags,
        summary: 'Call a tool, as an agent for a customer',
        description:
          'The body holds the arguments. The header Purpose says what the call is for, unless ' +
          'the token does; Triggering-Query, percent-encoded, which question has led to it, for ' +
          'the record. What writes needs an Idempotency-Key. Results are masked. With ' +
          'Prefer: respond-async, or where there is no room, the answer is a ticket.',
        params,
        headers: callHeaders,
        body: free,
        response: { 200: called, 202: Type.Union([called, queued]), ...problems },
      },
    },
    async (request, reply) => {
      const { name } = request.params as { name: string };
      const asked = askedBy(request, name);
      const ticket = await later(parts, request, asked);
      if (ticket) return sendQueued(reply, ticket);
      const answer = await governed(callerOf, request, (caller) => host.call(caller, asked));
      return reply.code(answer.status === 'done' ? 200 : 202).send(answerBody(name, answer));
    },
  );
}

function askedBy(request: FastifyRequest, tool: string): AskedCall {
  const { purpose: said } = request.headers;
  const key = givenKeyOf(request);
  const [traceId, query] = [traceIdOf(request), queryIn(request.headers)];
  const left = new AbortController();
  request.raw.once('close', () => {
    if (request.raw.destroyed && !request.raw.complete) left.abort();
  });
  return {
    ...{ tool, arguments: request.body as Json, signal: left.signal },
    ...(typeof said === 'string' ? { purpose: said } : {}),
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...(query === undefined ? {} : { query }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

// For the bank's people ---------------------------------------------------------------------------

function registryRoutes(app: FastifyInstance, parts: ToolParts): void {
  const { tools } = parts.host;
  app.get(
    '/v1/tool-registry',
    {
      schema: {
        ...{ tags, summary: 'List all tools, and which of them the bank has approved' },
        response: { 200: Type.Object({ items: Type.Array(registered) }), ...problems },
      },
    },
    (request) =>
      read(parts, request, async (tx) => ({ items: await registry(tx, tools) }), 'policy:read'),
  );
  const tell = async (tx: Tx, name: string) =>
    (await registry(tx, tools)).find((tool) => tool.name === name);
  app.post(
    '/v1/tool-registry/:name/approve',
    {
      schema: {
        tags,
        summary: 'Let agents call a tool in the form that it has now',
        description:
          'Takes the approval of another person, whose subject is the name, the version and the ' +
          'digest. A form that changes later is not called by agents until it is approved.',
        headers: idempotencyHeaders,
        params,
        body: toolSchemas.approveBody,
        response: { 200: registered, 201: registered, ...problems },
      },
    },
    async (request, reply) => {
      const tool = toolOf(request, tools);
      const form = { tool: tool.name, version: tool.version, digest: toolDigest(tool) };
      const declaration = declarationOf(tool);
      const body = { ...form, declaration, ...(request.body as object) };
      return change(parts, request, reply, {
        ...{ scope: 'policy:write', operation: 'tool.approve', body },
        tell: (tx) => tell(tx, tool.name),
      });
    },
  );
  app.post(
    '/v1/tool-registry/:name/withdraw',
    {
      schema: {
        ...{ tags, summary: 'Keep agents from calling a tool, at once' },
        headers: idempotencyHeaders,
        params,
        response: { 200: registered, 201: registered, ...problems },
      },
    },
    async (request, reply) => {
      const tool = toolOf(request, tools);
      return change(parts, request, reply, {
        ...{ scope: 'policy:write', operation: 'tool.withdraw', body: { tool: tool.name } },
        tell: (tx) => tell(tx, tool.name),
      });
    },
  );
}

function toolOf(request: FastifyRequest, tools: readonly Tool[]): Tool {
  const { name } = request.params as { name: string };
  const found = tools.find((tool) => tool.name === name);
  if (found) return found;
  throw new Fault('not_found', 'there is no such tool');
}

async function registry(tx: Tx, tools: readonly Tool[]) {
  const [approvals, declarations] = [await readApprovals(tx), await readDeclarations(tx)];
  return tools.map((tool) => {
    const digest = toolDigest(tool);
    const approved = approvals.get(tool.name);
    const isSame = approved?.digest === digest;
    return {
      ...{ name: tool.name, title: tool.title, description: tool.description },
      ...{ version: tool.version, effect: tool.effect, owner: tool.owner, digest },
      ...{ cost: tool.cost, ...(tool.steps === undefined ? {} : { steps: tool.steps }) },
      ...{ input_schema: tool.input, output_schema: tool.output, purposes: tool.purposes },
      status: approved === undefined ? 'not_approved' : isSame ? 'approved' : 'changed',
      approved_version: approved?.version ?? null,
      change:
        approved === undefined || isSame
          ? null
          : { was: declarations.get(tool.name) ?? null, is: declarationOf(tool) },
    };
  });
}
