import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openSender } from './send.ts';
import type { Resolve } from '#core';
import { openTargets } from './targets.ts';

const strict = openTargets();

test('only the public Internet is sent to, and only over HTTPS', () => {
  const fine = [
    'https://bank.example/hook?for=us',
    'https://bank.example:8443/',
    'https://93.184.215.14/',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
  ];
  for (const url of fine) assert.equal(strict.refusal(url), undefined, url);
  const refused = [
    'http://bank.example/',
    'ftp://bank.example/',
    'file:///etc/passwd',
    'bank.example',
    'https://user:word@bank.example/',
    'https://user@bank.example/',
    'https://bank.example/#part',
    'https://bank.example:25/',
    'https://bank.example:22/',
    'https://127.0.0.1/',
    // The same address in other forms.
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0.0.0.0/',
    'https://10.1.2.3/',
    'https://100.64.0.1/',
    // The metadata of cloud machines.
    'https://169.254.169.254/latest/meta-data/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://192.0.2.1/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://240.0.0.1/',
    'https://255.255.255.255/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:93.184.215.14]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[64:ff9b:1::1]/',
    'https://[100::1]/',
    'https://[2001::1]/',
    'https://[2001:db8::1]/',
    'https://[2002:7f00:1::]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
  ];
  for (const url of refused) assert.notEqual(strict.refusal(url), undefined, url);
});

test('what is allowed besides is a range, an address or a host', () => {
  const targets = openTargets('10.1.0.0/16, fd00::/8 ,192.168.0.7,Hooks.Internal');
  for (const url of [
    'https://10.1.2.3/',
    'http://10.1.2.3/',
    'https://[fd12::1]/',
    'http://192.168.0.7:8080/',
    'http://hooks.internal/',
    'http://hooks.internal./',
    // Resolved later, and then to what is allowed, or to nothing.
    'http://other.internal/',
  ]) {
    assert.equal(targets.refusal(url), undefined, url);
  }
  for (const url of ['https://10.2.0.1/', 'http://192.168.0.8/', 'http://93.184.215.14/']) {
    assert.notEqual(targets.refusal(url), undefined, url);
  }
  for (const wrong of ['10.0.0.0/99', 'http://x', 'a b', '10.0.0.0/x']) {
    assert.throws(() => openTargets(wrong), { code: 'input_invalid' }, wrong);
  }
});

const addresses: Readonly<Record<string, readonly LookupAddress[]>> = {
  'public.example': [{ address: '93.184.215.14', family: 4 }],
  'private.example': [{ address: '10.1.2.3', family: 4 }],
  'mapped.example': [{ address: '::ffff:10.1.2.3', family: 6 }],
  // One of each: whichever would be connected to.
  'mixed.example': [
    { address: '93.184.215.14', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ],
  'empty.example': [],
};

test('a name is judged by all of its addresses, when it is connected to', async () => {
  const resolve: Resolve = (host, done) => done(null, addresses[host] ?? []);
  const connect = (allow: string, host: string, protocol: 'http:' | 'https:' = 'https:') =>
    new Promise<string>((tell) => {
      openTargets(allow, resolve).lookup(protocol)(host, { all: true }, (error, found) =>
        tell(error?.code ?? (found as LookupAddress[]).map(({ address }) => address).join()),
      );
    });
  const refused = 'ERR_TARGET_REFUSED';
  assert.equal(await connect('', 'public.example'), '93.184.215.14');
  assert.equal(await connect('', 'public.example', 'http:'), refused);
  for (const host of ['private', 'mapped', 'mixed', 'empty']) {
    assert.equal(await connect('', `${host}.example`), refused, host);
  }
  assert.equal(await connect('10.0.0.0/8', 'private.example', 'http:'), '10.1.2.3');
  assert.equal(await connect('private.example', 'private.example', 'http:'), '10.1.2.3');
  assert.equal(await connect('10.0.0.0/8', 'mixed.example'), refused);
});

test('a name that nobody answers for fails its connection, and nothing else', async () => {
  // What Node answers then: no list, whatever its types say.
  const resolve: Resolve = (_host, done) =>
    done(Object.assign(new Error('who?'), { code: 'ENOTFOUND' }), undefined as never);
  const code = await new Promise((tell) => {
    const lookup = openTargets('', resolve).lookup('https:');
    lookup('nobody.example', { all: true }, (error) => tell(error?.code));
  });
  assert.equal(code, 'ENOTFOUND');
});

test('a name that changes its meaning is refused at the connection', async (t) => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(200, { connection: 'close' }).end();
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.2', ready));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const answers = ['127.0.0.2', '127.0.0.1'];
  const resolve: Resolve = (_host, done) =>
    done(null, [{ address: answers.shift() ?? '', family: 4 }]);
  const targets = openTargets('127.0.0.2', resolve);
  const sender = openSender({ targets, timeoutMs: 1_000 });
  t.after(() => sender.close());
  const send = () =>
    sender.send(
      `http://rebound.example:${port}/`,
      { headers: {}, body: '{}' },
      new AbortController().signal,
    );
  assert.equal((await send()).failure, null);
  assert.equal((await send()).failure, 'target_refused');
  assert.equal(requests, 1);
});

test('what nobody listens at is unreachable', async (t) => {
  const sender = openSender({ targets: openTargets('127.0.0.1'), timeoutMs: 1_000 });
  t.after(() => sender.close());
  const { signal } = new AbortController();
  const attempt = await sender.send('http://127.0.0.1:1024/', { headers: {}, body: '' }, signal);
  assert.deepEqual([attempt.status, attempt.failure], [null, 'unreachable']);
});
