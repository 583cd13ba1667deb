// The command line as people meet it: real processes, one server among them, and wrong turns that
// each end in one line which says what to do.
import assert from 'node:assert/strict';
import { sha256Hex } from '#core';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type Ran,
  runCli,
  runCliWith,
  type ServerProcess,
  serverProcess,
} from '../server-process.ts';
import { day } from '../bank.ts';

let server: ServerProcess;
let people: Awaited<ReturnType<typeof openPeople>>;

before(async () => {
  server = await serverProcess();
  await server.start();
  people = await openPeople();
});

after(async () => {
  await server.stop();
  server.remove();
});

test('every command tells its options, and examples where they are needed', async () => {
  const commands: Record<string, RegExp> = {
    '': /--data <folder>.*Examples:.*countersign demo/s,
    start: /--port <number>.*7400.*env: PORT.*--roles/s,
    demo: /--seed <number>.*--customers.*--transactions/s,
    stream: /--map <fields>.*--tenant.*Example:.*countersign stream/s,
    verify: /--checkpoint <file\.\.\.>/,
    rebuild: /<projection>|balances or activity/,
    backup: /<folder>.*keys/s,
    restore: /<folder>/,
    migrate: /without starting a server/,
    policy: /validate <file\.\.\.>.*Examples:.*policy publish/s,
    'policy canary': /--percent <share>.*--key-fact/s,
    approvals: /list.*show.*request.*approve.*reject.*withdraw.*Examples:/s,
    'approvals request': /--subject <file>.*--hours <number>.*Example:/s,
    'decisions export': /--tenant <id>.*--out <file>/s,
    'screening load': /<part=file\.\.\.>|part=file/,
    replay: /--policy <bundle>.*--model.*--where.*Examples:/s,
    'replay log': /--to <place>.*--tenant.*scratch/s,
    'keys rotate': /"countersign", "checkpoint"/,
    'keys verifier': /demo-bank/,
  };
  const asked = Object.entries(commands).map(async ([command, expected]) => {
    const { code, stdout, stderr } = await runCli(...command.split(' ').filter(Boolean), '--help');
    assert.deepEqual([code, stderr], [0, ''], command);
    assert.match(stdout, expected);
    assert.match(stdout, /--data <folder>/, `${command} can be told where the data is`);
  });
  await Promise.all(asked);
});

test('a wrong turn ends in one line that says what to do', { concurrency: 4 }, async (t) => {
  const csv = join(server.folder, 'cards.csv');
  writeFileSync(
    csv,
    'at,from,to,sum\n2026-01-05 09:00:00,a,b,1.50\n2026-01-05 09:00:01,a,b,1.505\n',
  );
  const nowhere = join(server.folder, 'nowhere');
  const map = 'time=at,debit=from,credit=to,amount=sum';
  const port = new URL(server.url).port;
  const wrong: ReadonlyArray<readonly [string, readonly string[], RegExp]> = [
    ['a command that is none', ['frobnicate'], /unknown command 'frobnicate'/],
    ['a port that is none', ['start', '--port', 'http'], /from 0 to 65535/],
    ['a role that is none', ['start', '--roles', 'king'], /api, worker, sealer/],
    ['a busy port', ['--data', nowhere, 'start', '--port', port], RegExp(`port ${port} is in use`)],
    [
      'a second server on the data folder',
      ['start', '--port', '0'],
      RegExp(`in use by the server at ${server.url} \\(process \\d+\\): use that one`),
    ],
    [
      'an address of somebody else',
      ['--data', nowhere, 'start', '--port', '0', '--host', '192.0.2.1'],
      /nothing can listen on 192\.0\.2\.1.*--host/,
    ],
    ['a data folder that is a file', ['--data', csv, 'start', '--port', '0'], /cards\.csv/],
    ['a folder without keys', ['--data', nowhere, 'verify'], /holds no keyring.*start one/],
    ['a projection that is none', ['rebuild', 'sums'], /no projection sums.*balances, activity/],
    ['a tenant that cannot be', ['keys', 'verifier', 'No Bank'], /"No Bank" is no tenant.*id/],
    ['a restore beside the server', ['restore', nowhere], RegExp(`stop.*${server.url}`)],
    ['a file that is not there', ['stream', nowhere, '--map', map], /nowhere cannot be read/],
    ['half a map', ['stream', csv, '--map', 'time=at'], /nothing about debit, credit, amount/],
    ['no map', ['stream', csv], /--map <fields>' not specified/],
    ['an amount too fine', ['stream', csv, '--map', map], /line 3, column sum: .*1\.505/],
  ];
  await Promise.all(
    wrong.map(([name, args, expected]) =>
      t.test(name, async () => {
        const ran = await server.run(...args);
        assert.notEqual(ran.code, 0);
        assert.match(complaint(ran), expected);
      }),
    ),
  );
  assert.ok(!existsSync(nowhere), 'nothing was made on the way');
});

test('a database that is not there is named by where its address came from', async () => {
  const elsewhere = join(server.folder, 'elsewhere');
  const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' };
  const args = ['--data', elsewhere, 'start', '--port', '0'];
  const ran = await runCliWith({ environment }, ...args);
  assert.equal(ran.code, 1);
  assert.match(complaint(ran), /the database cannot be reached: is DATABASE_URL right/);
});

test('beside a server, commands use its database, and leave it running', async () => {
  const decisions = join(server.folder, 'decisions.jsonl');
  const span = ['--from', '2020-01-01', '--to', '2100-01-01', '--out', decisions];
  const [verified, exported, rebuilt, keys] = await Promise.all([
    server.run('verify', '--decisions'),
    server.run('decisions', 'export', '--tenant', 'system', ...span),
    server.run('rebuild', 'balances'),
    server.run('keys', 'verifier', 'system'),
  ]);
  assert.equal(verified.code, 0, verified.stderr);
  assert.match(verified.stdout, /^system: \d+ events[^✓]*^✓ \d+ events, leaves, trees/m);
  assert.equal(exported.code, 0, exported.stderr);
  assert.match(exported.stderr, /decisions\.jsonl: [1-9]\d* decisions of system/);
  assert.match(readFileSync(decisions, 'utf8'), /^\{"format":[\s\S]+\n\{"checkpoint":.+\}\n$/);
  const again = await server.run('decisions', 'export', '--tenant', 'system', ...span);
  assert.match(complaint(again), /EEXIST/, 'nothing is overwritten');
  assert.equal(rebuilt.code, 0, rebuilt.stderr);
  assert.match(rebuilt.stderr, /it differs in 0 rows/);
  assert.match(keys.stdout, /^countersign\/[0-9a-f]{16}\/system\+[0-9a-f]{8}\+\S+\n$/);
  assert.ok((await fetch(`${server.url}/readyz`)).ok);
});

test('a bundle is published by one person, once another has approved it', async () => {
  const { ana, ben } = people;
  const bundle = JSON.parse(readFileSync('policies/offer-eligibility.json', 'utf8'));
  const file = join(server.folder, 'stricter.json');
  writeFileSync(file, JSON.stringify({ ...bundle, title: 'Stricter' }));
  const digest = (await ana('policy', 'draft', file)).stdout.trim();
  const tested = await ana('policy', 'backtest', digest, '--ask');
  const [backtest = '', approval = ''] =
    `${tested.stdout}${tested.stderr}`.match(/\b(?:bkt|apr)_\w+/g) ?? [];
  const publish = ['policy', 'publish', bundle.name, digest, '--backtest', backtest];
  const publication = [...publish, '--approval', approval];

  assert.match(complaint(await ana(...publication)), /is pending \[approval_invalid\]$/);
  const waiting = (await ben('approvals', 'list')).stdout;
  assert.match(waiting, RegExp(`^${approval} +pending, 0 of 1 +policy\\.publish +user:ana `, 'm'));
  const read = ['--reason', 'the report is read'];
  const own = await ana('approvals', 'approve', approval, ...read);
  assert.match(complaint(own), /nobody decides on his own request \[not_a_checker\]$/);
  const given = await ben('approvals', 'approve', approval, ...read);
  assert.equal(given.stdout, `${approval}: approved\n`, given.stderr);
  assert.equal((await ben('approvals', 'list')).stderr, 'no approval waits for anybody\n');
  assert.match((await ana(...publication)).stdout, /^offer-eligibility: live published /);
  const shown = (await ben('approvals', 'show', approval)).stdout;
  assert.match(shown, /^status +used$.*^approve +by user:ben at .*: the report is read$/ms);
  assert.match(shown, /^used by +cmd_\w+$.*"digest": "[0-9a-f]{64}"/ms);
});

test('an approval is asked for by its digest, withdrawn, refused', async () => {
  const { ana, ben } = people;
  const digest = 'd'.repeat(64);
  const request = ['approvals', 'request', 'command', '--summary', 'paper CA-17'];
  const ask = async (...more: string[]) => {
    const asked = await ana(...request, '--digest', digest, ...more);
    assert.match(asked.stderr, /^user:ana asks (one other person|2 other people), until \d{4}-/);
    return asked.stdout.trim();
  };
  assert.match(complaint(await ana(...request)), /--subject with a file, or its --digest/);
  assert.match(complaint(await ana(...request, '--digest', 'd')), /\[invalid_request\]$/);

  const withdrawn = await ask('--hours', '1');
  const withdrawal = await ana('approvals', 'withdraw', withdrawn);
  assert.equal(withdrawal.stdout, `${withdrawn}: withdrawn\n`);
  const refused = await ask('--checkers', '2');
  const rejection = await ben('approvals', 'reject', refused, '--reason', 'no such paper');
  assert.equal(rejection.stdout, `${refused}: rejected\n`);
  const again = await ben('approvals', 'reject', refused, '--reason', 'no such paper');
  assert.match(complaint(again), /\[(not_a_checker|conflict)\]$/);
  const all = JSON.parse((await ben('approvals', 'list', '--all', '--json')).stdout);
  assert.deepEqual(
    all.slice(0, 2).map((each: { id: string }) => each.id),
    [refused, withdrawn],
  );

  const absent = 'apr_00000000000000000000000000';
  assert.match(complaint(await ben('approvals', 'show', absent)), /\[not_found\]$/);
  const nobody = await server.run('approvals', 'list', '--key', 'cs_nobody');
  assert.match(complaint(nobody), /\[unauthenticated\]$/);
  assert.match(complaint(await server.run('approvals', 'list')), /give --key/);
  const elsewhere = ['--url', 'http://127.0.0.1:1', '--key', 'any'];
  const unreached = await server.run('approvals', 'list', ...elsewhere);
  assert.match(complaint(unreached), /127\.0\.0\.1:1 cannot be reached/);
});

test('SIGTERM ends the server and its PostgreSQL; nothing is set up again then', async () => {
  const pidFile = join(server.folder, 'pgdata', 'postmaster.pid');
  const postgres = Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]);
  assert.equal(await server.stop(), 0);
  assert.match(server.output(), /stopping\n$/);
  assert.throws(() => process.kill(postgres, 0), { code: 'ESRCH' });
  assert.ok(!existsSync(pidFile));
  assert.ok(!existsSync(join(server.folder, 'server.lock')));

  await server.start({ environment: { PORT: new URL(server.url).port } });
  assert.match(server.output(), /is ready after \S+ s/);
  // What takes its time is done once for a folder.
  assert.doesNotMatch(server.output(), /initialising PostgreSQL|applying migration/);
  const api = /^ {2}API +(\S+)\/v1$/m.exec(server.output());
  assert.equal(api?.[1], server.url, 'PORT was respected, as --port was before');
});

/** Two people of one bank, each with a command line and a key: one makes, the other checks. */
async function openPeople() {
  const post = async (path: string, secret: string, body: object) => {
    const answer = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        'idempotency-key': JSON.stringify(body).replace(/\W/g, '-').slice(0, 200),
      },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${await answer.clone().text()}`);
    return (await answer.json()) as any;
  };
  const tenant = { tenant_id: 'two-people', name: 'Two people' };
  const { api_key: boss } = await post('/v1/tenants', server.operatorKey(), tenant);
  const scopes = ['policy:approve', 'policy:read', 'policy:write'];
  const [anas, bens] = [sha256Hex('made by Ana'), sha256Hex('made by Ben')];
  const issue = (id: string, secret: string, more: object = {}) => {
    const secret_digest = sha256Hex(secret);
    const key = { name: id, principal_kind: 'user', principal_id: id, scopes, secret_digest };
    return post('/v1/api-keys', boss.secret, { ...key, ...more });
  };
  await issue('ana', anas);
  const ben = { principal: 'user:ben', scopes, secret_digest: sha256Hex(bens), expires_at: null };
  const expires_at = new Date(Date.now() + day).toISOString();
  const asked = { subject_kind: 'api_key.issue', subject: ben, summary: 'Ben is new', expires_at };
  const { id } = await post('/v1/approvals', boss.secret, asked);
  const verdict = { verdict: 'approve', reason: 'I know him' };
  await post(`/v1/approvals/${id}/decide`, anas, verdict);
  await issue('ben', bens, { approval_id: id });
  const as =
    (secret: string) =>
    (...args: string[]) =>
      server.run(...args, '--key', secret);
  return { ana: as(anas), ben: as(bens) };
}

/** The one line in which a command says why it ended. */
function complaint({ stderr }: Ran): string {
  assert.doesNotMatch(stderr, /^\s+at /m, 'there is no stack trace');
  const lines = stderr.split('\n').filter((line) => /^(countersign|error): /.test(line));
  assert.equal(lines.length, 1, stderr);
  return lines[0] as string;
}
