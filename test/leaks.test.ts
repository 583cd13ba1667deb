// No personal value gets out: not by a log line, a refusal, a trace or an export, whoever sends it
// wherever. What is counted is what `countersign mask --count` counts.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { startTelemetry } from '#core';
import { countLeaks, type KnownValue, knownValues } from '#privacy';
import { createLog } from '../src/serve.ts';
import { openBankOf, origin } from './agent-bank.ts';
import { openApi, type Reply } from './api.ts';

const person = {
  name: 'Quillark Zedworthy',
  date_of_birth: '1984-02-29',
  email: 'q.zedworthy@example.com',
  phone: '+33 1 99 00 12 34',
  address: '17 Rue des Essais, 75002 Exemplaville',
  pan: '4111 1111 1111 1111',
  iban: 'DE89 3704 0044 0532 0130 00',
  national_id: '536-22-1234',
} as const;
const values = Object.entries(person).map(([name, value]) => ({ class: name, value }));
const known = knownValues(values as readonly KnownValue[]);
const leaksIn = (text: string) => countLeaks(text, known);

const lines: string[] = [];
const log = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines.push(chunk.toString());
    done();
  },
});
const traces: string[] = [];
const collector = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => traces.push(chunk.toString()));
  request.on('end', () => response.end('{}'));
});
collector.listen(0, '127.0.0.1');
await once(collector, 'listening');
after(() => collector.close());
const { port } = collector.address() as { port: number };
// The exporter reads the standard variables itself.
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${port}`;
const telemetry = startTelemetry(process.env, { name: 'countersign', version: 'test' });
const signIn = { origin, issuer: undefined };
const api = await openApi({ after }, { log: createLog('trace', log), signIn });
const bank = await api.tenant('bank');
const scopes = ['register:read', 'register:write', 'policy:decide', 'policy:read', 'ledger:read'];
const desk = await api.issue(bank, 'service:desk', { scopes: [...scopes, 'ledger:write'] });

type Operation = {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: BodySchema }>> };
};
type BodySchema = { readonly properties?: object; readonly anyOf?: readonly BodySchema[] };

const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

/** One request to every operation, with personal values wherever something can be said. */
async function sendEverywhere(): Promise<Reply[]> {
  const replies: Reply[] = [];
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  for (const [at, { path, method, operation }] of operations.entries()) {
    // A stream that stays open.
    if (path === '/v1/changes') continue;
    const value = (more: number) => values[(at + more) % values.length]?.value ?? '';
    const query = new URLSearchParams(
      (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'query')
        .map(({ name }, index): [string, string] => [name, value(index)]),
    );
    const url = path.replace(/\{[^}]+\}/g, () => encodeURIComponent(value(1)));
    const schema = operation.requestBody?.content['application/json']?.schema;
    const names = [schema, ...(schema?.anyOf ?? [])].flatMap((each) =>
      Object.keys(each?.properties ?? {}),
    );
    const body = Object.fromEntries(
      [...names, value(2)].map((name, index) => [name, value(index)]),
    );
    const hasBody = schema !== undefined;
    replies.push(
      await desk.send({
        method: method.toUpperCase() as 'GET',
        url: `${url}?${query.toString()}`,
        headers: {
          purpose: value(3),
          'idempotency-key': `key-${at}`,
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
        },
        ...(hasBody ? { payload: JSON.stringify(body) } : {}),
      }),
    );
  }
  return replies;
}

let contacts = '';

test('a refusal repeats no personal value of the request, whatever the operation', async () => {
  const replies = await sendEverywhere();
  const refusals = replies.filter(({ status }) => status >= 400);
  assert.ok(refusals.length > 100, `${refusals.length} of ${replies.length} are refused`);
  const leaks = refusals.filter(({ text }) => Object.keys(leaksIn(text)).length > 0);
  assert.deepEqual(
    leaks.map(({ text }) => text.slice(0, 400)),
    [],
  );
});

test('what is on record of a customer leaves the vault by no export and no row', async () => {
  const { name, date_of_birth, email, phone, address, pan, iban } = person;
  const party = { kind: 'person', name, date_of_birth, country: 'FR' };
  const made = await desk.post('/v1/parties', party);
  assert.equal(made.status, 201, made.text);
  contacts = `/v1/parties/${made.json.party_id}/contacts`;
  for (const [kind, value] of Object.entries({ email, phone, postal_address: address })) {
    const set = await desk.post(contacts, { kind, usage: 'main', value });
    assert.equal(set.status, 201, set.text);
  }
  const items = Object.entries({ pan, iban }).map(([each, value]) => ({ class: each, value }));
  const kept = await desk.post('/v1/tokens', {
    items: items.map((item) => ({ ...item, person: made.json.party_id })),
  });
  assert.equal(kept.status, 200, kept.text);
  await api.seal();
  const read = await Promise.all(
    ['/v1/events?limit=100', '/v1/parties', contacts, '/v1/search?q=zed'].map((url) =>
      bank.get(url),
    ),
  );
  const { rows } = await api.bank.superuser.query<{ text: string }>(
    `select body as text from core.event union all select body from core.command
     union all select coalesce(outcome, '') from core.command
     union all select to_jsonb(p)::text from register.party p
     union all select to_jsonb(c)::text from register.contact_point c`,
  );
  const told = [...read.map(({ text }) => text), ...rows.map(({ text }) => text)];
  assert.match(told.join('\n'), /tok_mail_/, 'the test looks where they would stand');
  assert.deepEqual(
    told.filter((text) => Object.keys(leaksIn(text)).length > 0),
    [],
  );
});

test('what an agent sends of a customer is a token on record, or nothing of it', async () => {
  const tools = ['contacts.update', 'service_requests.create', 'transfers.prepare'];
  const { call, customer, stranger } = await openBankOf(api, tools);
  const { email, phone, address, name, iban } = person;
  const text = `${name} of ${address}, ${iban}`;
  const order = { from_account_id: customer.account, to_account_id: stranger.account, text };
  const calls: readonly (readonly [tool: string, args: object, status: number])[] = [
    ['contacts.update', { usage: 'main', email }, 202],
    ['contacts.update', { usage: 'main', phone }, 202],
    ['contacts.update', { usage: 'main', postal_address: address }, 202],
    ['service_requests.create', { subject: 'complaint', text }, 202],
    ['transfers.prepare', { ...order, amount: 100, currency: 'EUR' }, 200],
    // What does not pass is on record as well.
    ['contacts.update', { usage: name, email }, 422],
    ['contacts.update', { usage: 'main', email, phone }, 422],
    ['contacts.update', { usage: 'main', email: address }, 422],
    ['service_requests.create', { subject: name, text }, 422],
    ['service_requests.create', { subject: 'complaint', text, [email]: phone }, 422],
    ['transfers.prepare', { ...order, amount: -1, currency: 'EUR' }, 422],
  ];
  for (const [at, [tool, args, status]] of calls.entries()) {
    const reply = await call(tool, args, { headers: { 'idempotency-key': `leak-${at}` } });
    assert.deepEqual([reply.status, leaksIn(reply.text)], [status, {}], reply.text);
  }
  await api.seal();
  const { rows } = await api.bank.superuser.query<{ text: string }>(
    `select body as text from core.event union all select body from core.command
     union all select to_jsonb(p)::text from gateway.proposal p`,
  );
  const told = rows.map((row) => row.text);
  assert.match(told.join('\n'), /"email":"tok_mail_/, 'the test looks where they would stand');
  assert.match(told.join('\n'), /"email":"\[email\]"/);
  assert.deepEqual(
    told.filter((each) => Object.keys(leaksIn(each)).length > 0),
    [],
  );
});

test('logs and traces tell what was done, and of nobody', async () => {
  // A fault of the database, whose detail quotes the row.
  await api.bank.superuser.query('drop table register.contact_point cascade');
  const value = person.email;
  const broken = await desk.post(contacts, { kind: 'email', usage: 'main', value });
  assert.equal(broken.status, 500, broken.text);
  assert.deepEqual(leaksIn(broken.text), {});
  await telemetry.stop();
  assert.ok(lines.length > 0 && traces.length > 0);
  assert.deepEqual(
    lines.filter((line) => Object.keys(leaksIn(line)).length > 0),
    [],
  );
  // Ids of spans are digits at random: what is known is looked for, and nothing that looks alike.
  assert.deepEqual(
    traces.filter((trace) => [...known(trace)].length > 0),
    [],
  );
});

test('the scanner finds what it is there to find', () => {
  const text = [
    JSON.stringify({ note: person.name, url: `/x?mail=${encodeURIComponent(person.email)}` }),
    'QUILLARK paid 33199001234 to de89370400440532013000 &#52;111111111111111',
  ].join('\n');
  const found = leaksIn(text);
  assert.deepEqual(found, { pan: 1, iban: 1, email: 1, phone: 1, name: 3 });
  assert.deepEqual(leaksIn(`sha256 ${'0123456789abcdef'.repeat(4)}, 200 OK in 12 ms`), {});
});
