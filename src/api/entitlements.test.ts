import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTenant } from '#api';
import { day } from '../../test/bank.ts';
import { type Caller, openApi, type Reply } from '../../test/api.ts';

const api = await openApi({ after });
const { planes, time } = api.bank;
const everything = [
  ...['ledger:read', 'ledger:write', 'events:read', 'admin'],
  ...['policy:read', 'policy:write', 'policy:approve'],
];
let banks = 0;

/** A bank whose administrator may give any scope away, and its keys for others. */
async function openBank() {
  banks += 1;
  const id = `entitled-${banks}`;
  const { apiKey } = await createTenant(planes, {
    tenant: id,
    name: id,
    timeZone: 'UTC',
    createdBy: 'service:test',
    idempotencyKey: 'create',
    scopes: everything,
  });
  const boss = api.caller(apiKey.secret);
  const keyOf = (holder: string, scopes: readonly string[], more: { checker?: Caller } = {}) =>
    api.issue(boss, holder, { scopes, ...more });
  const grant = (principal: string, role: string, more: object = {}) =>
    boss.post('/v1/role-grants', { principal, role, ...more });
  const revoke = (principal: string, role: string) =>
    remove(boss, `/v1/role-grants/${principal}/${role}`);
  const checker = await keyOf('user:checker', ['policy:approve', 'policy:read', 'policy:write']);
  const approve = async (subject_kind: string, subject: object) => {
    const expires_at = new Date(time.now + day).toISOString();
    const request = { subject_kind, subject, summary: 'why', expires_at };
    const asked = await boss.post('/v1/approvals', request);
    assert.equal(asked.status, 201, asked.text);
    const verdict = { verdict: 'approve', reason: 'fine' };
    const given = await checker.post(`/v1/approvals/${asked.json.id}/decide`, verdict);
    assert.ok(given.status < 300, given.text);
    return asked.json.id as string;
  };
  const publish = async (text: string) =>
    boss.post('/v1/entitlements', {
      text,
      approval_id: await approve('entitlements.publish', { text }),
    });
  return { id, boss, checker, keyOf, grant, revoke, approve, publish };
}

let removed = 0;
function remove(caller: Caller, url: string): Promise<Reply> {
  removed += 1;
  return caller.send({ method: 'DELETE', url, headers: { 'idempotency-key': `del-${removed}` } });
}

const opening = { type: 'liability', currency: 'EUR', bound: 'none' };

function tell({ status, json }: Reply): [number, string | undefined] {
  return [status, json?.code];
}

test('a role counts from its grant to its revocation, for a read as well as a write', async () => {
  const bank = await openBank();
  const tina = await bank.keyOf('user:tina', ['ledger:read', 'ledger:write', 'events:read']);
  assert.equal((await tina.get('/v1/events')).status, 200, 'without a role, the key says it all');
  const granted = await bank.grant('user:tina', 'teller');
  assert.equal(granted.status, 201, granted.text);
  assert.equal((await tina.post('/v1/accounts', opening)).status, 201);
  assert.equal((await tina.get('/v1/accounts')).status, 200);
  const events = await tina.get('/v1/events');
  assert.deepEqual(tell(events), [403, 'forbidden'], 'a teller reads no events');
  assert.match(events.json.detail, /user:tina is not entitled to events:read/);
  assert.equal((await bank.revoke('user:tina', 'teller')).status, 201);
  assert.deepEqual(tell(await tina.post('/v1/accounts', opening)), [403, 'forbidden']);
  assert.deepEqual(tell(await tina.get('/v1/accounts')), [403, 'forbidden']);
  assert.deepEqual(tell(await bank.revoke('user:tina', 'teller')), [404, 'not_found']);
  assert.equal((await bank.grant('user:tina', 'teller')).status, 201);
  assert.equal((await tina.post('/v1/accounts', opening)).status, 201, 'a grant as well');
  assert.deepEqual(tell(await bank.grant('user:tina', 'teller')), [409, 'conflict']);
});

test('a key may do no more than its scopes, whatever the role', async () => {
  const bank = await openBank();
  const reader = await bank.keyOf('user:tina', ['ledger:read']);
  await bank.grant('user:tina', 'teller');
  const refused = await reader.post('/v1/accounts', opening);
  assert.deepEqual(tell(refused), [403, 'forbidden']);
  assert.match(refused.json.detail, /lacks the scope ledger:write/);
});

test('nobody changes their own roles, nor gives an agent those of staff', async () => {
  const bank = await openBank();
  const own = 'user:administrator';
  const about = { principal: own, region: 'north', customer: null, delegated_by: null };
  assert.deepEqual(tell(await bank.grant(own, 'teller')), [403, 'denied']);
  assert.deepEqual(tell(await bank.boss.post('/v1/principals', about)), [403, 'denied']);
  assert.deepEqual(tell(await bank.grant('agent:copilot', 'teller')), [403, 'denied']);
  assert.deepEqual(tell(await bank.grant('user:tina', 'agent')), [403, 'denied']);
  assert.deepEqual(tell(await bank.grant('user:tina', 'king')), [422, 'invalid_request']);
});

test('roles that could undo other controls need the approval of another person', async () => {
  const bank = await openBank();
  const subject = { principal: 'user:olga', role: 'compliance' };
  assert.deepEqual(tell(await bank.grant('user:olga', 'compliance')), [403, 'approval_required']);
  const approval_id = await bank.approve('role.grant', subject);
  const other = await bank.grant('user:eve', 'compliance', { approval_id });
  assert.deepEqual(tell(other), [409, 'approval_invalid'], 'it is for somebody else');
  const granted = await bank.grant('user:olga', 'compliance', { approval_id });
  assert.equal(granted.status, 201, granted.text);
  assert.equal((await bank.revoke('user:olga', 'compliance')).status, 201);
  const again = await bank.grant('user:olga', 'compliance', { approval_id });
  assert.deepEqual(tell(again), [409, 'approval_invalid'], 'it was used');
  // The candidate has approved it herself: that is nobody else.
  const own = await bank.approve('role.grant', { principal: 'user:checker', role: 'auditor' });
  const promoted = await bank.grant('user:checker', 'auditor', { approval_id: own });
  assert.deepEqual(tell(promoted), [409, 'approval_invalid']);
});

test('an administrator gives away no right that he does not have himself', async () => {
  const bank = await openBank();
  const anna = await bank.keyOf('user:anna', everything, bank);
  const approval_id = await bank.approve('role.grant', { principal: 'user:anna', role: 'admin' });
  assert.equal((await bank.grant('user:anna', 'admin', { approval_id })).status, 201);
  const puppet = { name: 'key', principal_kind: 'service', principal_id: 'puppet' };
  for (const scope of ['policy:approve', 'ledger:write', 'policy:write']) {
    const refused = await anna.post('/v1/api-keys', { ...puppet, scopes: [scope] });
    assert.deepEqual(tell(refused), [403, 'forbidden'], scope);
  }
  assert.equal((await anna.post('/v1/api-keys', { ...puppet, scopes: ['admin'] })).status, 201);
});

test("a tenant's own rule is in force at once, for it alone, and can be taken back", async () => {
  const [bank, other] = [await openBank(), await openBank()];
  const tina = await bank.keyOf('user:tina', ['ledger:read', 'ledger:write']);
  const theirs = await other.keyOf('user:tina', ['ledger:read', 'ledger:write']);
  assert.equal((await tina.post('/v1/accounts', opening)).status, 201);
  const text =
    '@id("roles-only") @reason("Everybody needs a role.")\n' +
    'forbid (principal, action in Action::"ledger:write", resource)\n' +
    'unless { principal.governed };\n';
  assert.deepEqual(tell(await bank.boss.post('/v1/entitlements', { text })), [
    403,
    'approval_required',
  ]);
  const published = await bank.publish(text);
  assert.equal(published.status, 201, published.text);
  const refused = await tina.post('/v1/accounts', opening);
  assert.deepEqual(tell(refused), [403, 'forbidden']);
  assert.match(refused.json.detail, /roles-only/);
  assert.equal((await theirs.post('/v1/accounts', opening)).status, 201);
  assert.equal((await bank.publish('')).status, 201);
  assert.equal((await tina.post('/v1/accounts', opening)).status, 201);
  const { json } = await bank.boss.get('/v1/entitlements?limit=1');
  assert.deepEqual([json.items[0].number, json.items[0].text, json.next], [2, '', 2]);
  const earlier = await bank.boss.get('/v1/entitlements?limit=1&after=2');
  assert.deepEqual([earlier.json.items[0].text, earlier.json.next], [text, null]);
});

test('a rule that does not fit is refused with its place, as is one that locks out', async () => {
  const bank = await openBank();
  const wrong = await bank.publish(
    '@id("a") @reason("b")\nforbid (principal in Role::"x", action, resource);',
  );
  assert.deepEqual(tell(wrong), [422, 'invalid_request']);
  assert.match(wrong.json.errors[0].detail, /^line 2, column 22: /);
  assert.equal(wrong.json.errors[0].pointer, '/text');
  const shut = await bank.publish('@id("a") @reason("b") forbid (principal, action, resource);');
  assert.deepEqual(tell(shut), [403, 'denied']);
  assert.equal((await bank.boss.get('/v1/accounts')).status, 200);
});

test('rules that shut all out later are taken back by two who may under the shipped', async () => {
  const bank = await openBank();
  const text =
    '@id("shut") @reason("Shut.") forbid (principal, action, resource)\n' +
    'when { context.time > datetime("2026-01-05T10:00:00Z") };';
  assert.equal((await bank.publish(text)).status, 201);
  const opened = time.now;
  time.now = Date.parse('2026-01-05T10:01:00Z');
  assert.deepEqual(tell(await bank.boss.get('/v1/accounts')), [403, 'forbidden']);
  for (const other of ['', text].map((each) => `${each} `)) {
    const refused = await bank.boss.post('/v1/entitlements', { text: other });
    assert.deepEqual(tell(refused), [403, 'forbidden'], 'another text is none that leads back');
  }
  const alone = await bank.boss.post('/v1/entitlements', { text: '' });
  assert.deepEqual(tell(alone), [403, 'approval_required']);
  const back = await bank.publish('');
  assert.equal(back.status, 201, back.text);
  assert.equal((await bank.boss.get('/v1/accounts')).status, 200);
  time.now = opened;
});

test('rules that do not fit the shipped ones any more allow nothing but the way back', async () => {
  const bank = await openBank();
  assert.equal(
    (
      await bank.publish(
        '@id("a") @reason("b") forbid (principal in Role::"teller", action, resource);',
      )
    ).status,
    201,
  );
  const old = '@id("a") @reason("b") forbid (principal in Role::"cashier", action, resource);';
  await api.bank.superuser.query(
    `with kept as (
       insert into policy.entitlement_set (tenant_id, digest, text)
       values ($1, sha256(convert_to($2, 'UTF8')), $2) returning digest
     )
     insert into policy.entitlement_publication
     select $1, 2, digest, 'apr_of_then', 'user:administrator', '2026-01-05' from kept`,
    [bank.id, old],
  );
  const refused = await bank.boss.get('/v1/accounts');
  assert.deepEqual(tell(refused), [403, 'forbidden']);
  assert.match(refused.json.detail, /own-rules-unreadable/);
  assert.equal((await bank.publish('')).status, 201);
  assert.equal((await bank.boss.get('/v1/accounts')).status, 200);
});

test('a text that would exhaust Cedar is refused, and everybody else is answered', async () => {
  const bank = await openBank();
  const head = '@id("z") @reason("y") permit (principal, action, resource)';
  const texts = [
    `${head}${' unless {false}'.repeat(2_000)};`,
    `${head} when {[${'1,'.repeat(15_000)}1].contains(1)};`,
  ];
  for (const text of texts) {
    const refused = await bank.boss.post('/v1/entitlements', { text });
    assert.deepEqual(tell(refused), [422, 'invalid_request']);
    assert.equal((await bank.boss.get('/v1/accounts')).status, 200);
  }
});

test('an agent with its role asks people to approve, and decides nothing', async () => {
  const bank = await openBank();
  const agent = await bank.keyOf('agent:copilot', ['policy:write', 'policy:approve']);
  const expires_at = new Date(time.now + day).toISOString();
  const asked = { subject_kind: 'rollout.revive', subject: { use_case: '*' }, summary: 'why' };
  const ask = () => agent.post('/v1/approvals', { ...asked, expires_at });
  assert.deepEqual(tell(await ask()), [403, 'forbidden'], 'without its role');
  await bank.grant('agent:copilot', 'agent');
  const { status, json, text } = await ask();
  assert.deepEqual([status, json.status], [201, 'pending'], text);
  const verdict = { verdict: 'approve', reason: 'mine' };
  const decided = await agent.post(`/v1/approvals/${json.id}/decide`, verdict);
  assert.deepEqual(tell(decided), [403, 'forbidden']);
  const drafted = await agent.post('/v1/entitlements', { text: '' });
  assert.deepEqual(tell(drafted), [403, 'forbidden']);
  const withdrawn = await agent.post(`/v1/approvals/${json.id}/withdraw`, {});
  assert.deepEqual([withdrawn.status, withdrawn.json.status], [201, 'withdrawn']);
});

test('whoever may read policy learns which rules decide about anybody of the tenant', async () => {
  const bank = await openBank();
  await bank.grant('agent:copilot', 'agent');
  await bank.grant('user:carla', 'customer');
  const carla = { principal: 'user:carla', region: null, customer: 'cus_1', delegated_by: null };
  assert.equal((await bank.boss.post('/v1/principals', carla)).status, 201);
  const ask = async (body: object) => {
    const { status, json, text } = await bank.boss.post('/v1/entitlements/check', body);
    assert.equal(status, 200, text);
    return [json.allowed, json.deciding.map(({ id }: { id: string }) => id)];
  };
  const resource = { type: 'Account', id: 'acc_1', customer: 'cus_1' };
  const asked = {
    principal: 'agent:copilot',
    on_behalf_of: 'user:carla',
    action: 'account.read',
    resource,
    consents: ['ai_data_use'],
  };
  assert.deepEqual(await ask(asked), [true, ['agent-accounts', 'customer-own-accounts']]);
  assert.deepEqual(await ask({ ...asked, resource: { ...resource, customer: 'cus_2' } }), [
    false,
    ['own-customer-only'],
  ]);
  assert.deepEqual(await ask({ ...asked, on_behalf_of: 'user:nobody' }), [false, []]);
  const self = { action: 'admin', resource: { type: 'Tenant', id: bank.id } };
  assert.deepEqual(await ask(self), [true, ['scopes-alone']]);
  assert.deepEqual(await ask({ ...self, action: 'policy:decide' }), [false, ['scopes']]);
  assert.deepEqual(await ask({ ...self, principal: 'user:x', action: 'operator' }), [
    false,
    ['operators-of-the-installation'],
  ]);
  const elsewhere = { ...self, resource: { type: 'Tenant', id: 'system' } };
  const refused = await bank.boss.post('/v1/entitlements/check', elsewhere);
  assert.deepEqual(tell(refused), [403, 'forbidden']);
});

test('roles and who has them are listed in pages', async () => {
  const bank = await openBank();
  for (const name of ['user:ann', 'user:ben', 'user:cat']) await bank.grant(name, 'teller');
  await bank.revoke('user:ben', 'teller');
  const roles = await bank.boss.get('/v1/roles');
  assert.equal(roles.json.items.length, 12);
  const first = await bank.boss.get('/v1/role-grants?limit=1');
  const next = encodeURIComponent(first.json.next);
  const second = await bank.boss.get(`/v1/role-grants?limit=1&after=${next}`);
  const pages = [first, second].map(({ json }) => json.items[0].principal);
  assert.deepEqual([pages, second.json.next], [['user:ann', 'user:cat'], null]);
  assert.equal(first.json.items[0].granted_by, 'user:administrator');
});
