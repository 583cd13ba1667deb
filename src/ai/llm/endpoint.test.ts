import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { openLanguageModel } from './endpoint.ts';
import type { OpenProvider } from './generate.ts';
import type { CompletionRequest } from './model.ts';
import { allowedLookup } from './targets.ts';

const request: CompletionRequest = {
  ...{ name: 'p', instructions: 'how', data: 'what', outputTokensMax: 9 },
  schema: { type: 'object' },
};
const base = { COUNTERSIGN_LLM_MODEL: 'small' };

type Asked = { path: string; headers: IncomingHttpHeaders; body: any };

async function endpoint(t: TestContext, answer: (response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      asked.push({ path: incoming.url ?? '', headers: incoming.headers, body: JSON.parse(body) });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/v1/`, asked };
}

test('both protocols carry the instructions apart from the data, and the schema', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'llm-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'key'), 'top-secret\n');
  const said = { message: { role: 'assistant', content: '{}' }, finish_reason: 'stop' };
  let answer: unknown = { choices: [said], usage: { prompt_tokens: 7 } };
  const { url, asked } = await endpoint(t, (response) => response.end(JSON.stringify(answer)));
  const key = { COUNTERSIGN_LLM_KEY_FILE: join(folder, 'key') };
  const compatible = openLanguageModel({ ...base, ...key, COUNTERSIGN_LLM_URL: url });
  assert.deepEqual(await compatible?.complete(request, 1_000), {
    ...{ text: '{}', inputTokens: 7, outputTokens: 1 },
  });
  assert.equal(asked[0]?.path, '/v1/chat/completions');
  assert.equal(asked[0]?.headers['authorization'], 'Bearer top-secret');
  assert.deepEqual(asked[0]?.body.messages, [
    { role: 'system', content: 'how' },
    { role: 'user', content: 'what' },
  ]);
  assert.deepEqual(asked[0]?.body.response_format.json_schema.schema, request.schema);
  answer = {
    ...{ type: 'message', id: 'm', model: 'small', stop_reason: 'tool_use' },
    content: [{ type: 'tool_use', id: 't', name: 'json', input: { a: 1 } }],
    usage: { input_tokens: 2, output_tokens: 3 },
  };
  const claude = { ...base, ...key, COUNTERSIGN_LLM_URL: url, COUNTERSIGN_LLM_KIND: 'anthropic' };
  const messages = openLanguageModel({ ...claude, COUNTERSIGN_LLM_REGION: 'eu-central' });
  const told = await messages?.complete(request, 1_000);
  assert.deepEqual(told, { text: '{"a":1}', inputTokens: 2, outputTokens: 3 });
  assert.equal(asked[1]?.path, '/v1/messages');
  assert.equal(asked[1]?.headers['x-api-key'], 'top-secret');
  const { system, messages: sent, tools, tool_choice } = asked[1]?.body ?? {};
  assert.deepEqual([system[0].text, sent[0].content[0].text], ['how', 'what']);
  assert.deepEqual([tools[0].input_schema, tool_choice.type], [request.schema, 'any']);
  assert.match(messages?.name ?? '', /^small@127\.0\.0\.1:\d+\/eu-central$/);
  assert.doesNotMatch(inspect([compatible, messages], { depth: 9 }), /top-secret/);
});

test('what does not answer in time, in bounds and by itself has not answered', async (t) => {
  const answers: Record<string, (response: ServerResponse) => void> = {
    late: () => undefined,
    oversized: (response) => response.end('x'.repeat(70_000)),
    'no JSON': (response) => response.end('top-secret {'),
    'nothing said': (response) => response.end('{"choices": []}'),
    'an error': (response) => response.writeHead(500).end('top-secret'),
    redirect: (response) => response.writeHead(307, { location: '/elsewhere' }).end(),
    'broken off': (response) => response.destroy(),
  };
  let answer = answers['late'];
  const { url, asked } = await endpoint(t, (response) => answer?.(response));
  const model = openLanguageModel({ ...base, COUNTERSIGN_LLM_URL: url });
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(answers)) {
    answer = answers[name];
    found[name] = await model?.complete(request, name === 'late' ? 50 : 1_000);
  }
  const { late, oversized, ...others } = found;
  assert.deepEqual([late, oversized], ['late', 'oversized']);
  assert.deepEqual(new Set(Object.values(others)), new Set(['unavailable']));
  assert.ok(
    asked.every(({ path }) => path === '/v1/chat/completions'),
    'no redirect is followed',
  );
});

test('a model is asked in the private network, and elsewhere only where the operator says', () => {
  const open = (url: string, allow = '') => {
    const more = { COUNTERSIGN_LLM_URL: url, COUNTERSIGN_LLM_ALLOW: allow };
    return () => openLanguageModel({ ...base, ...more });
  };
  for (const [url, allow] of [
    ['http://127.0.0.1:8080/v1'],
    ['http://10.1.2.3/v1'],
    ['http://[fd00::1]/v1'],
    ['https://8.8.8.8/v1', 'models.example, 8.8.8.8'],
  ] as const) {
    assert.ok(open(url, allow)(), url);
  }
  for (const [url, allow] of [
    ['https://8.8.8.8/v1'],
    ['http://8.8.8.8/v1', '8.8.8.8'],
    ['http://169.254.169.254/v1'],
    ['https://169.254.169.254/v1', '169.254.169.254'],
    ['http://[fd00:ec2::254]/v1'],
    ['http://[::ffff:169.254.169.254]/v1'],
    ['ftp://10.0.0.1/'],
    ['https://user:secret@10.0.0.1/v1'],
    ['https://10.0.0.1/v1?key=secret'],
    ['nonsense'],
  ] as const) {
    assert.throws(open(url, allow), { code: 'input_invalid' }, url);
  }
  const url = { COUNTERSIGN_LLM_URL: 'http://10.0.0.1' };
  for (const flaw of [
    { COUNTERSIGN_LLM_MODEL: '' },
    { COUNTERSIGN_LLM_KIND: 'constructor' },
    { COUNTERSIGN_LLM_REGION: 'a b' },
    { COUNTERSIGN_LLM_PRICE: 'EUR 1.5 2' },
    { COUNTERSIGN_LLM_COST_PER_DAY: '5' },
    { COUNTERSIGN_LLM_TOKENS_PER_DAY: '-1' },
    { COUNTERSIGN_LLM_KEY_FILE: '/nowhere/key' },
    { COUNTERSIGN_LLM_KEY_FILE: 'x', COUNTERSIGN_LLM_KEY: 'y' },
  ]) {
    const environment: Record<string, string> = { ...base, ...url, ...flaw };
    assert.throws(() => openLanguageModel(environment), { code: 'input_invalid' });
  }
  assert.equal(openLanguageModel({}), undefined);
});

test('a name is judged by what it means when it is connected to, and as a whole', () => {
  const meant = (host: string, addresses: readonly string[], listed: readonly string[] = []) => {
    const found = addresses.map((address) => ({ address, family: 4 }));
    const target = new URL(`https://${host}/`);
    const look = allowedLookup(target, new Set(listed), (_host, done) => done(null, found));
    let outcome: unknown;
    look(host, { all: true }, (error) => {
      outcome = (error as { code?: string } | null)?.code ?? 'reached';
    });
    return outcome;
  };
  assert.equal(meant('models.internal', ['10.0.0.7']), 'reached');
  assert.equal(meant('models.internal', ['10.0.0.7', '8.8.8.8']), 'ERR_TARGET_REFUSED');
  assert.equal(meant('models.example', ['8.8.8.8'], ['models.example']), 'reached');
  const metadata = meant('models.example', ['169.254.169.254'], ['models.example']);
  assert.equal(metadata, 'ERR_TARGET_REFUSED');
});

test('what could not be opened is opened again for the next question', async () => {
  let opened = 0;
  const openai: OpenProvider = async () => {
    opened += 1;
    throw new Error(`top-secret ${opened}`);
  };
  const model = openLanguageModel(
    { ...base, COUNTERSIGN_LLM_URL: 'http://127.0.0.1:9/' },
    { providers: { openai } },
  );
  assert.equal(await model?.complete(request, 1_000), 'unavailable');
  assert.equal(await model?.complete(request, 1_000), 'unavailable');
  assert.equal(opened, 2);
});
