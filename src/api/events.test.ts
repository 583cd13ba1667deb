import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Caller, openApi } from '../../test/api.ts';

const api = await openApi({ after });
await api.app.listen({ host: '127.0.0.1', port: 0 });
const { port } = api.app.server.address() as { port: number };

type Listed = { readonly position: number; readonly event: { readonly type: string } };

async function events(caller: Caller, query: string) {
  const { status, json, text } = await caller.get(`/v1/events?${query}`);
  assert.equal(status, 200, text);
  const positions = json.items.map(({ position }: Listed) => position);
  return { positions, next: json.next, items: json.items as readonly Listed[] };
}

test('events are read from either end, and of some types alone', async () => {
  const caller = await api.tenant('log');
  for (let count = 0; count < 3; count += 1) await caller.open();
  await api.seal();
  const whole = await events(caller, '');
  const size = whole.positions.length;
  assert.deepEqual(
    whole.positions,
    Array.from({ length: size }, (_, at) => at + 1),
  );
  assert.equal(whole.next, size);
  const [newest, rest] = [
    await events(caller, 'order=desc&limit=2'),
    await events(caller, `order=desc&after=${size - 1}`),
  ];
  assert.deepEqual([newest.positions, newest.next], [[size, size - 1], size - 1]);
  assert.deepEqual(
    [rest.positions.length, rest.positions[0], rest.next],
    [size - 2, size - 2, null],
  );
  const opened = await events(caller, 'type=account.opened,account.changed&order=desc&limit=2');
  assert.deepEqual(
    opened.items.map(({ event }) => event.type),
    ['account.opened', 'account.opened'],
  );
  const none = await events(caller, 'type=payment.posted');
  assert.deepEqual([none.positions, none.next], [[], size], 'it has looked to the end');
  const types = (await caller.get('/v1/event-types')).json.items;
  const { schema, summary } = types.find(({ type }: { type: string }) => type === 'account.opened');
  assert.equal(summary, 'An account was opened.');
  assert.deepEqual(
    types.filter((each: { summary: string }) => each.summary === ''),
    [],
  );
  assert.equal((await caller.get(schema)).json.title, 'account.opened');
});

test('a screen is told how many events of each type were sealed, of its own alone', async () => {
  const [caller, other] = [await api.tenant('screen'), await api.tenant('neighbour')];
  await api.seal();
  const { next: size } = await events(caller, 'limit=200');
  const listen = async (headers: Record<string, string> = {}, by = caller) => {
    const stopping = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/changes`, {
      headers: { authorization: `Bearer ${by.apiKey}`, ...headers },
      signal: stopping.signal,
    });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    return {
      status: answer.status,
      stop: () => stopping.abort(),
      async next() {
        const message = /^event: changes\ndata: (.+)\n\n/m;
        while (!message.test(text)) text += (await reader.read()).value ?? '';
        const [whole = '', data = ''] = message.exec(text) ?? [];
        text = text.slice(text.indexOf(whole) + whole.length);
        return JSON.parse(data);
      },
    };
  };
  const screen = await listen();
  await other.open();
  await caller.open();
  await caller.open();
  await api.seal();
  const at = new Date(api.bank.time.now).toISOString();
  const position = size + 4;
  const types = { 'account.opened': 2, 'decision.made': 2 };
  assert.deepEqual(await screen.next(), { position, at, types, skipped: 0 });
  const again = await listen({ 'last-event-id': String(position - 1) });
  assert.equal((await again.next()).position, position);
  for (const { stop } of [screen, again]) stop();
  const auditor = await api.issue(caller, 'service:pos', { scopes: ['payments:write'] });
  assert.equal((await listen({}, auditor)).status, 403);
  // One caller, however many screens it opens, leaves streams to others.
  const all = await Promise.all(Array.from({ length: 21 }, () => listen({}, other)));
  const statuses = all.map(({ status }) => status).toSorted((one, other) => one - other);
  assert.deepEqual(statuses, [...Array.from({ length: 20 }, () => 200), 503]);
  const neighbour = await listen();
  assert.equal(neighbour.status, 200);
  for (const { stop } of [...all, neighbour]) stop();
});
