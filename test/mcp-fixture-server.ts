// A bank for the conformance suite of MCP: its tools are called by a registered agent with a token,
// through every control; around them is what the suite wants besides, and ours has not.
import { shippedTools } from '#gateway';
import {
  inputRequired,
  inputResponse,
  ProtocolError,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, request as sendRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type McpExtension, mcpPath } from '../src/api/mcp/mount.ts';
import { openBankAt } from './agent-bank.ts';
import { type Api, openApi } from './api.ts';
import {
  embedded,
  type FixtureCall,
  pixel,
  type Raw,
  text,
  toolsOfFixture,
} from './mcp-fixture.ts';
import { freePort } from './server-process.ts';

type Cleaned = Parameters<typeof openApi>[0];

export type McpFixture = {
  readonly api: Api;
  readonly tools: readonly string[];
  /** Where the suite is to look. */
  readonly url: string;
};

export async function openMcpFixture(t: Cleaned): Promise<McpFixture> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const calls = new AsyncLocalStorage<FixtureCall>();
  const questions = openQuestions();
  const own = toolsOfFixture(() => calls.getStore() as FixtureCall);
  const api = await openApi(t, {
    ...{ signIn: { origin, issuer: undefined }, tools: [...shippedTools, ...own] },
    mcpExtension: extensionOf(calls, questions.ask),
  });
  const tools = own.map(({ name }) => name);
  const now = () => api.bank.time.now;
  const bank = await openBankAt(api, { more: tools, now, audience: origin, perMinute: 60_000 });
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const agent = { address, token: await bank.token(), isAnswer: questions.take };
  await standBefore(t, agent, port);
  return { api, tools, url: `${origin}${mcpPath}` };
}

type Agent = {
  readonly address: string;
  readonly token: string;
  /** Takes what answers a question of the server. */
  readonly isAnswer: (body: string) => boolean;
};

/** The suite has no token: what it sends goes on as that of the agent. */
async function standBefore(t: Cleaned, { address, token, isAnswer }: Agent, port: number) {
  const server = createServer((incoming, outgoing) => {
    void buffer(incoming).then((body) => {
      if (isAnswer(body.toString())) {
        outgoing.writeHead(202).end();
        return;
      }
      const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
      const { method } = incoming;
      const on = sendRequest(`${address}${incoming.url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      on.on('error', () => outgoing.destroy());
      outgoing.on('close', () => on.destroy());
      on.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
  });
}

type Ask = (server: Server, context: ServerContext, method: string, params: object) => Promise<any>;

/**
 * Up to 2025-11-25 a server may ask its client within a call. Ours never does, so the answers are
 * taken before they reach it; ids that are never used twice stand in for sessions.
 */
function openQuestions(): { readonly ask: Ask; readonly take: Agent['isAnswer'] } {
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
    take(body) {
      if (!body.includes('question-')) return false;
      const { id, result } = JSON.parse(body) as { id?: unknown; result?: unknown };
      const resolve = open.get(id);
      if (resolve === undefined || result === undefined) return false;
      open.delete(id);
      resolve(result);
      return true;
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
          ask: (method, params) => ask(server, context, method, params),
        };
        const result = await calls.run(call, () => tools.call(request, context));
        const told = (result['structuredContent'] ?? {}) as Partial<Raw>;
        if ('refused' in told) throw new ProtocolError(-32_602, told.refused ?? '');
        return 'raw' in told ? (told.raw as typeof result) : result;
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
