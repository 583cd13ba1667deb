// The gateway: a bank lets an agent act for a customer who agreed, the agent reads what is the
// customer's over MCP and REST, and what it does is decided and on record.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;

async function call(token, method, path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return answer.json();
}
const bank = (path, body) => call(key, body ? 'POST' : 'GET', path, body);

// Two people of the bank. Whoever governs makes his secret himself: the bank knows its digest.
const digestOf = (text) => createHash('sha256').update(text).digest('hex');
async function person(name, scopes) {
  const secret = digestOf(`a secret of ${name}'s own, beside ${key}`);
  if ((await call(secret, 'GET', '/v1/session')).code === 'unauthenticated') {
    const user = { name, principal_kind: 'user', principal_id: name, scopes };
    const issued = { ...user, secret_digest: digestOf(secret) };
    const { code, title } = await bank('/v1/api-keys', issued);
    // Where there are people who approve already, one of them has to agree: take a new tenant.
    if (code) throw new Error(`no key for ${name}: ${code}. ${title}`);
  }
  return secret;
}
const ann = await person('ann', ['policy:read', 'policy:write']);
const ben = await person('ben', ['policy:read', 'policy:approve']);

/** What needs another person: Ann asks, Ben agrees to exactly that, and it is done. */
async function approved(path, body) {
  const refused = await bank(path, body);
  if (refused.code !== 'approval_required') return refused;
  const { subject_kind, subject } = refused;
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const request = { subject_kind, subject, summary: 'an agent for spending', expires_at };
  const { id } = await call(ann, 'POST', '/v1/approvals', request);
  const verdict = { verdict: 'approve', reason: 'its owner is known' };
  await call(ben, 'POST', `/v1/approvals/${id}/decide`, verdict);
  return bank(path, { ...body, approval_id: id });
}

// A customer with an account, who has agreed that AI reads his data.
const customer = `customer-${randomUUID()}`;
const who = { kind: 'person', country: 'DE', status: 'customer', segment: 'person' };
const party = await bank('/v1/parties', { ...who, name: 'Robin Example', since: '2020-01-01' });
await bank('/v1/role-grants', { principal: `user:${customer}`, role: 'customer' });
const link = { principal: `user:${customer}`, customer: party.party_id };
await bank('/v1/principals', { ...link, region: null, delegated_by: null });
const cash = await bank('/v1/accounts', { type: 'asset', currency: 'EUR' });
const account = await bank('/v1/accounts', { type: 'liability', currency: 'EUR' });
await bank(`/v1/accounts/${account.id}/party`, { party_id: party.party_id });
const funds = { debit_account_id: cash.id, credit_account_id: account.id, currency: 'EUR' };
await bank('/v1/transfers', { ...funds, amount: 1_234_56 });
const agreed = await bank('/v1/consents', {
  ...{ purpose: 'ai_data_use', person: party.party_id, status: 'granted' },
  ...{ source: 'app', text_version: '2026-01' },
});

// An agent, whose tokens an issuer signs that the bank has registered with it.
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [issuer, clientId] = ['https://id.example', randomUUID()];
const agent = await approved('/v1/agents', {
  ...{ id: `coach-${clientId}`, name: 'Spending coach', owner: 'user:ann' },
  purposes: ['advice'],
  tools: ['accounts.list', 'accounts.balances'].map((name) => ({ name, calls_per_minute: 60 })),
  clients: [{ issuer, client_id: clientId, jwks: { keys: [publicKey.export({ format: 'jwk' })] } }],
});
console.log(`${'the agent'.padEnd(22)}${agent.status}, for ${agent.purposes.join()}`);
for (const name of ['accounts.list', 'accounts.balances']) {
  const tool = await approved(`/v1/tool-registry/${name}/approve`, {});
  console.log(`${name.padEnd(22)}${tool.status}, version ${tool.version}, ${tool.effect}`);
}
await approved('/v1/rollout', { use_case: 'agent-tools', mode: 'automatic' });

function tokenFor(claims) {
  const now = Math.floor(Date.now() / 1_000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const all = {
    ...{ iss: issuer, aud: `${url}/mcp`, client_id: clientId, act: { sub: clientId } },
    ...{ sub: `user:${customer}`, consent: agreed.id, purpose: 'advice', scope: 'tools' },
    ...{ iat: now, exp: now + 600, jti: randomUUID(), ...claims },
  };
  const signed = `${part({ alg: 'ES256', typ: 'at+jwt' })}.${part(all)}`;
  const how = { key: privateKey, dsaEncoding: 'ieee-p1363' };
  return `${signed}.${sign('sha256', signed, how).toString('base64url')}`;
}
const token = tokenFor({});

// Over MCP, revision 2026-07-28: each request is whole, there is no session.
async function mcp(method, params, name) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const body = { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } };
  const { result } = await call(token, 'POST', '/mcp', body, {
    ...{ accept: 'application/json, text/event-stream', 'mcp-method': method },
    ...{ 'mcp-protocol-version': '2026-07-28', ...(name && { 'mcp-name': name }) },
  });
  return result;
}
const { tools } = await mcp('tools/list', {});
console.log(`${'tools/list'.padEnd(22)}${tools.map(({ name }) => name).join(', ')}`);
const name = 'accounts.balances';
const read = await mcp('tools/call', { name, arguments: { account_id: account.id } }, name);
const [booked] = read.structuredContent.balances;
console.log(`${'tools/call'.padEnd(22)}${booked.amount} ${booked.currency} are booked`);

// Over REST it is the same call, and a refusal the same problem.
const use = (as, tool, args) => call(as, 'POST', `/v1/tools/${tool}`, args);
const { call_id, output } = await use(token, 'accounts.list', {});
console.log(`${'over REST'.padEnd(22)}${output.accounts.length} account of the customer`);
const tell = (what, { code }) => console.log(`${what.padEnd(22)}${code}`);
tell('another’s account', await use(token, name, { account_id: cash.id }));
tell('another purpose', await use(tokenFor({ purpose: 'marketing' }), 'accounts.list', {}));
tell('moving money', await call(token, 'POST', '/v1/transfers', { ...funds, amount: 1 }));

// Each call is an event in the log; what it was decided on stands beside it.
await bank('/v1/consents', {
  ...{ purpose: 'ai_data_use', person: party.party_id, status: 'withdrawn' },
  ...{ source: 'app', text_version: '2026-01' },
});
tell('consent withdrawn', await use(token, 'accounts.list', {}));
const recorded = await bank(`/v1/tool-calls/${call_id}`);
console.log(
  `${'on record'.padEnd(22)}${recorded.tool}: ${recorded.status}, for ${recorded.purpose}`,
);
