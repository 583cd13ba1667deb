// A server for the conformance suite of MCP: what the suite wants besides tools, and ours has not.
import type { GatewayCaller } from '#gateway';
import {
  inputRequired,
  inputResponse,
  ProtocolError,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { fastify, type FastifyInstance } from 'fastify';
import { AsyncLocalStorage } from 'node:async_hooks';
import { type McpExtension, mcpPath, mountMcp } from '../src/api/mcp/mount.ts';
import {
  embedded,
  type FixtureCall,
  fixtureCaller,
  fixtureHost,
  pixel,
  text,
} from './mcp-fixture.ts';

/** Listens on a port of its own; `url` is where the suite is to look. */
export async function openMcpFixture(): Promise<{ app: FastifyInstance; url: string }> {
  const app = fastify();
  const calls = new AsyncLocalStorage<FixtureCall>();
  const { ask, useAnswers } = openQuestions();
  useAnswers(app);
  const callOf = (_caller: GatewayCaller) => calls.getStore() as FixtureCall;
  mountMcp(app, {
    host: fixtureHost(callOf),
    callerOf: async () => fixtureCaller,
    clock: { now: () => 0 },
    version: 'test',
    extension: extensionOf(calls, ask),
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, url: `${address.replace('127.0.0.1', 'localhost')}${mcpPath}` };
}

type Ask = (server: Server, context: ServerContext, method: string, params: object) => Promise<any>;

/**
 * Up to 2025-11-25 a server may ask its client within a call. Ours never does, so the answers are
 * read here; ids that are never used twice stand in for sessions.
 */
function openQuestions(): { ask: Ask; useAnswers: (app: FastifyInstance) => void } {
  const open = new Map<unknown, (answer: unknown) => void>();
  let count = 0;
  return {
    ask(server, context, method, params) {
      count += 1;
      const id = `question-${count}`;
      const answer = new Promise((resolve) => open.set(id, resolve));
      const options = { relatedRequestId: context.mcpReq.id };
      void server.transport?.send({ jsonrpc: '2.0', id, method, params: { ...params } }, options);
      return answer;
    },
    useAnswers(app) {
      app.addHook('preHandler', async ({ body }, reply) => {
        const { id, result } = (body ?? {}) as { id?: unknown; result?: unknown };
        const resolve = open.get(id);
        if (resolve === undefined || result === undefined) return;
        open.delete(id);
        resolve(result);
        await reply.code(202).send();
      });
    },
  };
}

function extensionOf(calls: AsyncLocalStorage<FixtureCall>, ask: Ask): McpExtension {
  return {
    capabilities: { logging: {}, completions: {}, prompts: {}, resources: { subscribe: true } },
    extend(server, tools) {
      server.setRequestHandler('tools/call', async (request, context) => {
        const call: FixtureCall = {
          context,
          arguments: (request.params.arguments ?? {}) as FixtureCall['arguments'],
          ask: (method, params) => ask(server, context, method, params),
        };
        const result = await calls.run(call, () => tools.call(request, context));
        const { raw } = (result['structuredContent'] ?? {}) as { raw?: typeof result };
        return raw ?? result;
      });
      offerPrompts(server);
      offerResources(server);
      server.setRequestHandler('completion/complete', () => ({ completion: { values: [] } }));
    },
  };
}

// Prompts -----------------------------------------------------------------------------------------

type Prompt = {
  readonly takes?: readonly string[];
  readonly messages: (given: Readonly<Record<string, string>>) => readonly object[];
};

const picture = { type: 'image', data: pixel, mimeType: 'image/png' };

const prompts: Readonly<Record<string, Prompt>> = {
  test_simple_prompt: { messages: () => [text('This is a simple prompt for testing.')] },
  test_prompt_with_arguments: {
    takes: ['arg1', 'arg2'],
    messages: ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  },
  test_prompt_with_embedded_resource: {
    takes: ['resourceUri'],
    messages: ({ resourceUri = '' }) => [embedded(resourceUri, 'text/plain', 'Embedded.')],
  },
  test_prompt_with_image: { messages: () => [picture, text('Please analyze the image above.')] },
  test_input_required_result_prompt: { messages: () => [text('With the context that was given.')] },
};

function offerPrompts(server: Server): void {
  server.setRequestHandler('prompts/list', () => ({
    prompts: Object.entries(prompts).map(([name, { takes = [] }]) => ({
      name,
      description: `For the scenario of ${name}.`,
      arguments: takes.map((each) => ({ name: each, required: true })),
    })),
  }));
  server.setRequestHandler('prompts/get', ({ params }, { mcpReq }) => {
    const prompt = prompts[params.name];
    if (prompt === undefined) throw new ProtocolError(-32_602, 'there is no such prompt');
    const isAsking = params.name === 'test_input_required_result_prompt';
    if (isAsking && inputResponse(mcpReq.inputResponses, 'user_context').kind === 'missing') {
      const properties = { context: { type: 'string' as const } };
      const requestedSchema = { type: 'object' as const, properties };
      const message = 'What context should the prompt use?';
      const user_context = inputRequired.elicit({ message, requestedSchema });
      return inputRequired({ inputRequests: { user_context } });
    }
    const contents = prompt.messages(params.arguments ?? {});
    return { messages: contents.map((content) => ({ role: 'user' as const, content })) } as never;
  });
}

// Resources ---------------------------------------------------------------------------------------

const resources: Readonly<Record<string, object>> = {
  'test://static-text': { mimeType: 'text/plain', text: 'This is the content of the resource.' },
  'test://static-binary': { mimeType: 'image/png', blob: pixel },
  'test://watched-resource': { mimeType: 'text/plain', text: 'Watched.' },
};

function offerResources(server: Server): void {
  server.setRequestHandler('resources/list', () => ({
    resources: Object.keys(resources).map((uri) => ({ uri, name: uri.slice('test://'.length) })),
  }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [{ uriTemplate: 'test://template/{id}/data', name: 'template' }],
  }));
  server.setRequestHandler('resources/read', ({ params: { uri } }) => {
    const id = /^test:\/\/template\/(\w+)\/data$/.exec(uri)?.[1];
    const templated = { mimeType: 'application/json', text: JSON.stringify({ id }) };
    const found = id === undefined ? resources[uri] : templated;
    // SEP-2164: -32602, with the address that was asked for.
    if (found === undefined) throw new ProtocolError(-32_602, 'there is no such resource', { uri });
    return { contents: [{ uri, ...found }] } as never;
  });
  server.setRequestHandler('resources/subscribe', () => ({}));
  server.setRequestHandler('resources/unsubscribe', () => ({}));
}
