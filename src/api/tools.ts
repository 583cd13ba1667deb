// Tools over HTTP: what a caller may call, calling it, and the people's side, where a bank approves
// each tool in the form that it has.
import { Fault, type Json, type Tx } from '#core';
import {
  type AskedCall,
  readApprovals,
  toolDigest,
  type Tool,
  type ToolHost,
  toolEffects,
  toolSchemas,
} from '#gateway';
import { purposes } from '#policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type CallerOf, governed } from './governed.ts';
import { change, type Parts, read } from './routes.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { givenKeyOf, traceIdOf } from './write.ts';

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
    digest: toolSchemas.digest,
    status: Type.Enum(['approved', 'changed', 'not_approved'], {
      description: 'One that has changed since its approval is called by no agent.',
    }),
    approved_version: Type.Union([Type.Integer(), Type.Null()]),
  },
  { title: 'Registered tool' },
);
const called = Type.Object({
  call_id: Type.String({ description: 'Of the record in the log: `tool.called`.' }),
  tool: toolSchemas.name,
  status: Type.Enum(['done', 'waits']),
  output: Type.Optional(free),
  proposal: Type.Optional(free),
});

type ToolParts = Parts & { readonly host: ToolHost; readonly callerOf: CallerOf };

export function toolRoutes(app: FastifyInstance, parts: ToolParts): void {
  callRoutes(app, parts);
  registryRoutes(app, parts);
}

// For agents --------------------------------------------------------------------------------------

function callRoutes(app: FastifyInstance, { host, planes, callerOf }: ToolParts): void {
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
          'the token does. What writes needs an Idempotency-Key. Results are masked.',
        params,
        body: free,
        response: { 200: called, 202: called, ...problems },
      },
    },
    async (request, reply) => {
      const { name } = request.params as { name: string };
      const asked = askedBy(request, name);
      const answer = await governed(callerOf, request, (caller) => host.call(caller, asked));
      const told = { call_id: answer.callId, tool: name, status: answer.status };
      if (answer.status === 'done') return { ...told, output: answer.output };
      return reply.code(202).send({ ...told, proposal: answer.proposal });
    },
  );
}

function askedBy(request: FastifyRequest, tool: string): AskedCall {
  const { purpose: said } = request.headers;
  const key = givenKeyOf(request);
  const traceId = traceIdOf(request);
  const left = new AbortController();
  request.raw.once('close', () => {
    if (request.raw.destroyed && !request.raw.complete) left.abort();
  });
  return {
    ...{ tool, arguments: request.body as Json, signal: left.signal },
    ...(typeof said === 'string' ? { purpose: said } : {}),
    ...(key === undefined ? {} : { idempotencyKey: key }),
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
      const body = { ...form, ...(request.body as object) };
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
  const approvals = await readApprovals(tx);
  return tools.map((tool) => {
    const digest = toolDigest(tool);
    const approved = approvals.get(tool.name);
    const isSame = approved?.digest === digest;
    return {
      ...{ name: tool.name, title: tool.title, description: tool.description },
      ...{ version: tool.version, effect: tool.effect, owner: tool.owner, digest },
      ...{ input_schema: tool.input, output_schema: tool.output, purposes: tool.purposes },
      status: approved === undefined ? 'not_approved' : isSame ? 'approved' : 'changed',
      approved_version: approved?.version ?? null,
    };
  });
}
