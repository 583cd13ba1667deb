// What is in force against what the log tells of it: whatever is touched, `verify` names it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  canonicalJson,
  derivedUuid,
  externalId,
  type Json,
  principalOf,
  sha256Hex,
  type Uuid,
  verifyLog,
} from '#core';
import { initiation, type OrderBody } from '#payments';
import { type Bank, day, openBank, seal, tenantOf } from '../../test/bank.ts';
import { approvalOf, subjectDigest } from './approvals.ts';
import { bundleDigest, parseBundle } from './bundle/bundle.ts';
import { defaultBundle } from './defaults.ts';
import { canarySubject, publicationSubject } from './publication.ts';
import { authenticatorOf } from './step-up/authenticators.ts';
import { sessionOf } from './sessions.ts';
import { type Table, tables, tell, tellNothing } from './told.ts';
import { checkDecisions } from './verify.ts';

const bank = await openBank({ after });
const { id: tenant } = await bank.tenant();
const point = 'gift-cards';
const hour = 3_600_000;
let calls = 0;

/** A bundle at a point of the tenant's own: gifts above a limit are looked at. */
function gifts(limit: number): Json {
  return {
    format: 1,
    name: point,
    title: 'Gift cards',
    description: 'Who may buy how much.',
    facts: {
      amount: { type: 'integer', description: 'Minor units.' },
      buyer: { type: 'string', description: 'Who buys.', default: 'nobody' },
    },
    reasons: { small: 'It is small.', large: 'Somebody looks at it.' },
    rules: [
      { id: 'small', if: { amount: `<= ${limit}` }, outcome: 'allow', reason: 'small' },
      { id: 'large', if: { amount: `> ${limit}` }, outcome: 'review', reason: 'large' },
    ],
    tests: [
      { name: 'small', facts: { amount: limit }, expect: { outcome: 'allow' } },
      { name: 'large', facts: { amount: limit + 1 }, expect: { outcome: 'review' } },
    ],
  };
}

async function act(operation: string, body: Json, who = 'user:ann'): Promise<Uuid> {
  calls += 1;
  bank.time.now += 1_000;
  const principal = principalOf(who, tenant);
  const input = { principal, operation, body, idempotencyKey: `call-${calls}` };
  const { outcome, commandId } = await bank.planes.execute(input);
  assert.equal(outcome.status, 'accepted', `${operation}: ${JSON.stringify(outcome)}`);
  return commandId;
}

async function request(subject_kind: string, subject: Json): Promise<string> {
  const expires_at = new Date(bank.time.now + day).toISOString();
  const subject_digest = subjectDigest(subject);
  const asked = { subject_kind, subject_digest, summary: 'as agreed', expires_at };
  return approvalOf(await act('approval.request', asked));
}

async function approve(subject_kind: string, subject: Json): Promise<{ approval_id: string }> {
  const approval_id = await request(subject_kind, subject);
  await act('approval.decide', { approval_id, verdict: 'approve', reason: 'read' }, 'user:bob');
  return { approval_id };
}

type Schedule = { effective_at?: string };

async function publish(
  limit: number,
  supersedes: string | null,
  schedule: Schedule = {},
): Promise<string> {
  const digest = await draft(limit);
  const tested = await act('policy.backtest', { digest, report: { changed: 0 } });
  const backtest_id = externalId('backtest', derivedUuid(tested, 'backtest', 0));
  const body = { name: point, digest, supersedes, backtest_id, ...schedule };
  const approved = await approve('policy.publish', publicationSubject(body));
  await act('policy.publish', { ...body, ...approved });
  return digest;
}

async function draft(limit: number): Promise<string> {
  await act('policy.draft', gifts(limit));
  return bundleDigest(parseBundle(gifts(limit)));
}

const ask = (amount: number) =>
  act('decision.make', { point, facts: { amount, buyer: 'cus_1' } }, 'service:till');

async function changePolicy(): Promise<void> {
  const first = await publish(100, null);
  await ask(50);
  const second = await publish(200, first);
  await ask(150);
  const tried = await draft(300);
  await act('policy.shadow', { name: point, digest: tried });
  await ask(250);
  const canary = { name: point, digest: tried, share_bps: 9_999, key_fact: 'buyer' };
  await act('policy.canary', {
    ...canary,
    ...(await approve('policy.canary', canarySubject(canary))),
  });
  await ask(250);
  await act('policy.canary', { name: point, digest: null });
  await ask(250);
  await act('policy.rollback', { name: point, supersedes: second });
  await ask(150);
  // Scheduled, before and after its instant, and with a clock that has gone back meanwhile.
  await publish(400, first, { effective_at: new Date(bank.time.now + hour).toISOString() });
  for (const later of [0, 2 * hour, -3 * hour, 3 * hour]) {
    bank.time.now += later;
    await ask(350);
  }
}

async function changeRights(): Promise<void> {
  const key = { name: 'till', principal: 'service:till', scopes: ['ledger:read', 'events:read'] };
  const secret = { expires_at: null, secret_hash: sha256Hex('secret') };
  const issued = await act('api_key.issue', { ...key, ...secret });
  const other = { ...secret, secret_hash: sha256Hex('other') };
  const revoked = await act('api_key.issue', { ...key, ...other });
  const key_id = externalId('apiKey', derivedUuid(revoked, 'api-key', 0));
  assert.notEqual(issued, revoked);
  await act('api_key.revoke', { key_id });
  await act('api_key.revoke', { key_id });
  await act('role.grant', { principal: 'user:cleo', role: 'teller' });
  await act('role.revoke', { principal: 'user:cleo', role: 'teller' });
  await act('role.grant', { principal: 'user:cleo', role: 'teller' }, 'user:bob');
  const auditor = { principal: 'user:dora', role: 'auditor' };
  await act('role.grant', { ...auditor, ...(await approve('role.grant', auditor)) });
  const nobody = { region: null, customer: null, delegated_by: null };
  await act('principal.describe', { principal: 'user:cleo', ...nobody, region: 'north' });
  await act('role.grant', { principal: 'user:ann', role: 'developer' }, 'user:bob');
  const rules = { text: '' };
  const approved = await approve('entitlements.publish', rules);
  await act('entitlements.publish', { ...rules, ...approved });
}

async function govern(): Promise<void> {
  const subject = { use_case: 'offers' };
  const rejected = { approval_id: await request('rollout.set', subject), reason: 'no' };
  await act('approval.decide', { ...rejected, verdict: 'reject' }, 'user:bob');
  await act('approval.withdraw', { approval_id: await request('rollout.set', subject) });
  await request('rollout.set', subject);
  await act('rollout.set', { use_case: 'offers', mode: 'off' });
  await act('rollout.kill', { use_case: 'offers' });
  await act('rollout.revive', { ...subject, ...(await approve('rollout.revive', subject)) });
  const consent = { person: 'cus_01j9zk3v8w2q', source: 'app', text_version: '3' };
  const email = { ...consent, purpose: 'marketing', channel: 'email' };
  await act('consent.record', { ...email, status: 'granted' });
  await act('consent.record', { ...email, status: 'withdrawn' });
  await act('consent.record', { ...consent, purpose: 'ai_data_use', status: 'granted' });
}

async function screenSomebody(): Promise<void> {
  const entry = (entry_id: string) => ({
    list: 'pep',
    entry_id,
    entry_digest: sha256Hex(entry_id),
  });
  const request = { name_token: 'tok_a1', birth_token: null, countries: [], entity_type: null };
  const hits = ['one', 'two'].map((id) => ({ ...entry(id), score: 900, explanation: {} }));
  const screened = await act('screening.record', {
    cause: 'request',
    list_versions: { pep: 1 },
    subjects: [{ subject: 'cus_1', request, hits, unscreenable: false }],
  });
  const screening_id = externalId('screening', derivedUuid(screened, 'screening', 0));
  const hit = { screening_id, list: 'pep', reason: 'documents_checked' };
  const cleared = await act('screening.clear', { ...hit, entry_id: 'one' }, 'user:bob');
  const clearance_id = externalId('clearance', derivedUuid(cleared, 'clearance', 0));
  await act('screening.revoke_clearance', { clearance_id }, 'user:bob');
  await act('screening.clear', { ...hit, entry_id: 'two' }, 'user:bob');
}

async function signSomebodyIn(): Promise<void> {
  const body = { issuer: 'https://id.example', name: null, key_id: null };
  await act('session.open', { ...body, token_hash: '1'.repeat(64) });
  const opened = await act('session.open', { ...body, token_hash: '2'.repeat(64) });
  await act('session.close', { session_id: sessionOf(opened) }, 'user:bob');
}

async function proveSomebody(): Promise<void> {
  const { open } = tenantOf(bank.planes, bank.time, tenant);
  const subject = 'cus_01j9zk3v8w2q';
  const order: OrderBody = {
    ...{ kind: 'transfer', channel: 'web', debtor: subject, creditor_country: 'DE' },
    ...{ debtor_account_id: await open({ currency: 'EUR' }), amount: 30_000, currency: 'EUR' },
    creditor_account_id: await open({ currency: 'EUR' }),
    facts: { screening_status: 'known', local_hour: 14, new_payee: true, new_device: false },
  };
  const first = initiation(order) as unknown as Json;
  const ordered = await act('payment.initiate', first, 'service:app');
  const about = { subject, kind: 'totp', key_id: 'totp-1' };
  for (const totp_step of [1, 2]) {
    const enrolled = await act('authenticator.enrol', about);
    const authenticator_id = authenticatorOf(enrolled);
    await act('authenticator.confirm', { authenticator_id, proof: 'a', totp_step });
    for (const proven of totp_step === 1 ? [] : [false, true]) {
      await act('step_up.attempt', {
        ...{ payment_id: externalId('payment', ordered), authenticator_id, method: 'totp' },
        ...{ proof: 'b', proven, totp_step: proven ? 3 : null },
      });
    }
    await act('authenticator.revoke', { authenticator_id });
  }
}

async function findings({ url, planes }: Bank): Promise<string[]> {
  const { logId, checkpointPublicKeys: publicKeys } = planes.keyring;
  const verified = await verifyLog({ url, logId, publicKeys, journal: checkDecisions() });
  return verified.findings.map(({ what, detail }) => `${what}: ${detail}`);
}

/** Touches tables behind the back of every guard, looks, and puts them back. */
async function tampered(
  touched: readonly Table[],
  sql: string,
  look: () => Promise<void>,
): Promise<void> {
  const client = await bank.superuser.connect();
  try {
    await client.query('set session_replication_role = replica');
    for (const table of touched) {
      await client.query(`create temporary table kept_${table} as table policy.${table}`);
    }
    await client.query(sql);
    await look();
  } finally {
    for (const table of touched) {
      await client.query(
        `delete from policy.${table}; insert into policy.${table} table kept_${table}`,
      );
    }
    await client.query('reset session_replication_role');
    await client.query('discard temp');
    client.release();
  }
}

type Column = { table: Table; name: string; type: string };

/** Of the tables that events make: the key, and the others. */
async function columnsOf(table: Table): Promise<{ key: Column[]; others: Column[] }> {
  const { rows } = await bank.superuser.query<Column>(
    `select table_name as table, column_name as name, data_type as type
       from information_schema.columns where table_schema = 'policy' and table_name = $1
        and column_name <> 'tenant_id' order by ordinal_position`,
    [table],
  );
  const isKey = ({ name }: Column) => (tables[table].key as readonly string[]).includes(name);
  return { key: rows.filter(isKey), others: rows.filter((row) => !isKey(row)) };
}

const otherValues: Readonly<Record<string, (name: string) => string>> = {
  ARRAY: () => `'{}'`,
  boolean: (name) => `not ${name}`,
  bytea: (name) => `sha256(${name})`,
  integer: (name) => `coalesce(${name}, 0) + 1`,
  text: (name) => `coalesce(${name}, '') || '0'`,
  'timestamp with time zone': () => `'2020-02-02'`,
  uuid: (name) => `translate(coalesce(${name}, gen_random_uuid())::text, '0123', '3012')::uuid`,
};
const another = ({ name, type }: Column) => `${name} = ${otherValues[type]?.(name)}`;

/** One row, the last of them. */
function one(table: Table): string {
  const columns = tables[table].key.join(', ');
  return `(${columns}) = (select ${columns} from policy.${table} where tenant_id = '${tenant}'
    order by ${tables[table].key.map((column) => `${column} desc`).join(', ')} limit 1)
    and tenant_id = '${tenant}'`;
}

// What guards the rows guards nothing against whoever owns the tables.
await bank.superuser.query(`do $$ declare each record; begin
  for each in select conrelid::regclass as target, conname from pg_constraint
    where contype = 'c' and connamespace = 'policy'::regnamespace and conparentid = 0
  loop execute format('alter table %s drop constraint %I', each.target, each.conname); end loop;
end $$`);
await changePolicy();
await changeRights();
await govern();
await screenSomebody();
await proveSomebody();
await signSomebodyIn();

test('what is not sealed yet tells of its rows already', async () => {
  assert.deepEqual(await findings(bank), []);
  await seal(bank);
  assert.deepEqual(await findings(bank), []);
});

test('a point that is newer than its tenant begins with what its first act says', () => {
  const told = tellNothing('old-bank');
  const shadowed = { name: 'rail-routing', digest: 'b'.repeat(64), ordinal: 2 };
  const published = { ...shadowed, name: 'administration', supersedes: 'a'.repeat(64) };
  const act = { approval_id: '', backtest_id: '', effective_at: '2026-01-05T09:00:00.000Z' };
  const event = (type: string, payload: object) => ({
    ...{ id: derivedUuid(tenant, type, 0), type },
    body: { data: { idempotency_key: 'key', occurred_at: '2026-01-05T09:00:00.000Z', payload } },
  });
  tell(told, event('policy.shadowed', shadowed));
  tell(told, event('policy.published', { ...published, ...act }));
  const first = (name: string) => told.acts.get(name)?.[0];
  assert.equal(first('rail-routing')?.digest, defaultBundle('rail-routing').digest);
  assert.equal(first('administration')?.digest, 'a'.repeat(64));
  assert.ok(
    [...told.acts.values()].every((acts) => acts[0]?.act === 'seeded' && acts.length === 2),
  );
});

/** What no event tells, and no command either. */
const untold = ['screening_hit.explanation', 'session.last_seen_at'];

for (const table of Object.keys(tables) as Table[]) {
  const noun = table.replaceAll('_', ' ');

  test(`${noun}: a row whose every column was changed is named with each of them`, async () => {
    const columns = (await columnsOf(table)).others;
    const set = columns.map(another).join(', ');
    if (columns.length === 0) return;
    await tampered([table], `update policy.${table} set ${set} where ${one(table)}`, async () => {
      // Of a bundle that has decided, its decisions are named besides.
      const found = (await findings(bank)).filter((each) => each.startsWith('policy row'));
      const [line = ''] = found;
      assert.ok(line.startsWith(`policy row edited: ${noun} `), found.join('\n'));
      const named = /: ([a-z_, ]+) differs? from what events tell$/.exec(line)?.[1]?.split(', ');
      const told = columns.filter(({ name }) => !untold.includes(`${table}.${name}`));
      assert.deepEqual(named?.toSorted(), told.map(({ name }) => name).toSorted());
      assert.equal(found.length, 1, found.join('\n'));
    });
  });

  test(`${noun}: a row that is gone and one that nobody has made are named`, async () => {
    const { key } = await columnsOf(table);
    const set = another(key.at(-1) as Column);
    await tampered([table], `update policy.${table} set ${set} where ${one(table)}`, async () => {
      const found = (await findings(bank)).filter((line) => line.startsWith('policy row'));
      assert.match(found.join('\n'), /has no row\n.*told of by no event|no event\n.* has no row/);
      assert.equal(found.length, 2, found.join('\n'));
      assert.ok(found.every((line) => line.includes(` ${noun} `)));
    });
  });
}

test('a bundle that nobody published and that decides is named, though it is gone', async () => {
  const bundle = parseBundle(gifts(1_000_000));
  const [body, digest] = [canonicalJson(bundle as Json), bundleDigest(bundle)];
  const now = new Date(bank.time.now).toISOString();
  const sql = `insert into policy.bundle select '${tenant}', '${digest}', name, engine, '${body}',
      created_by, created_at from policy.bundle where ${one('bundle')};
    insert into policy.release (tenant_id, name, ordinal, kind, digest, effective_at, recorded_at,
      act, acted_by) values ('${tenant}', '${point}', 99, 'live', '${digest}', '${now}', '${now}',
      'published', 'user:ann')`;
  let decision = '';
  await tampered(['bundle', 'release'], sql, async () => {
    bank.planes.library.forget(tenant);
    decision = externalId('decision', derivedUuid(await ask(900_000), 'decision', 0));
    await seal(bank);
    assert.deepEqual(await findings(bank), [
      `bundle not in force: decision ${decision}: ${point}@${digest.slice(0, 12)} was not in ` +
        `force at ${point}`,
      `policy row added: bundle ${digest} is told of by no event`,
      `policy row added: release ${point}/99 is told of by no event`,
    ]);
  });
  bank.planes.library.forget(tenant);
  const found = await findings(bank);
  assert.equal(found.length, 2);
  assert.match(found.join('\n'), new RegExp(`bundle not on record: of decision ${decision}`));
  assert.match(found.join('\n'), new RegExp(`bundle not in force: decision ${decision}`));
});
