// Cores that fail under a call, and what goes on when an agent has died.
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { finishProposals } from '#background';
import type { Core } from '#cores';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBankOf, origin, screenHolder, trustAgent } from '../../test/agent-bank.ts';
import { during } from '../../test/during.ts';
import { openApi } from '../../test/api.ts';
import { openToolHost } from './tool-host.ts';

/** How long answers of the core are kept back, though it does what it is asked. */
let lateMs = 0;
const late =
  <Asked extends unknown[], Answer>(work: (...asked: Asked) => Promise<Answer>) =>
  async (...asked: Asked) => {
    const answer = await work(...asked);
    await sleep(lateMs);
    return answer;
  };
const cores = (own: Core) => {
  const { transfer, lookUp } = own.operations;
  const operations = { ...own.operations, transfer: late(transfer), lookUp: late(lookUp) };
  const terms = { moveTimeoutMs: 100, readTimeoutMs: 100, openMs: 10 };
  return { endpoints: [{ ...own, operations }] as const, terms };
};
const api = await openApi({ after }, { signIn: { origin, issuer: undefined }, cores });
const bank = await openBankOf(api, ['transfers.prepare', 'transfers.confirm']);
const { boss, customer, stranger, agent, call } = bank;
const { planes, superuser, time } = api.bank;
const { rows: tenants } = await superuser.query<{ tenant_id: string }>(
  'select tenant_id from gateway.agent',
);
const tenant = tenants[0]?.tenant_id ?? '';
const ada = await api.issue(boss, customer.principal, {
  scopes: ['payments:read', 'payments:write'],
});
await screenHolder(api.bank, { tenant, party: stranger.party });
await trustAgent(api.bank, { tenant, agent, customer });
const host = openToolHost(planes);

async function agreed(amount: number): Promise<string> {
  const accounts = { from_account_id: customer.account, to_account_id: stranger.account };
  const { json, text } = await call('transfers.prepare', { ...accounts, amount, currency: 'EUR' });
  const id = json.output?.proposal_id ?? assert.fail(text);
  const said = await ada.post(`/v1/customer/proposals/${id}/confirm`, {});
  assert.equal(said.json.status, 'agreed', said.text);
  return id;
}

async function balance(): Promise<number> {
  return (await boss.get(`/v1/accounts/${stranger.account}/balances`)).json.available;
}

async function told(id: string): Promise<string[]> {
  const { rows } = await superuser.query<{ status: string }>(
    `select body::jsonb #>> '{data,payload,status}' as status from core.event
      where type = 'tool.called' and body::jsonb #>> '{data,payload,tool}' = 'transfers.confirm'
        and body::jsonb #>> '{data,payload,arguments,proposal_id}' = $1 order by seq`,
    [id],
  );
  return rows.map(({ status }) => status);
}

afterEach(() => {
  lateMs = 0;
});

test('a core that answers too late has moved money once, and the agent hears of it', async () => {
  const before = await balance();
  const id = await agreed(900);
  lateMs = 200;
  const headers = { 'idempotency-key': 'late' };
  const first = await call('transfers.confirm', { proposal_id: id }, { headers });
  assert.deepEqual(
    [first.status, first.json.code, first.json.retryable],
    [503, 'outcome_unknown', true],
    first.text,
  );
  const { json: cores } = await boss.get('/v1/cores');
  const transfer = cores.items[0].operations.find(({ name }: any) => name === 'transfer');
  assert.equal(cores.items[0].name, 'own');
  const { calls, failed, p50_ms, failures } = transfer.endpoints[0];
  assert.deepEqual([calls, failed, p50_ms, failures], [0, 0, null, []], 'nobody’s calls');
  const metrics = await api.app.inject('/metrics');
  assert.match(metrics.body, /countersign_core_calls_failed_total\{[^}]*"transfer"[^}]*\} [1-9]/);
  lateMs = 0;
  await sleep(20);
  const second = await call('transfers.confirm', { proposal_id: id }, { headers });
  assert.equal(second.json.output?.status, 'posted', second.text);
  assert.equal(await balance(), before + 900);
  assert.deepEqual(await told(id), ['passed', 'answered']);

  // Found by a look-up: nobody learns that there was anything.
  const other = await agreed(50);
  lateMs = 160;
  const asking = call(
    'transfers.confirm',
    { proposal_id: other },
    {
      headers: { 'idempotency-key': 'late-too' },
    },
  );
  await sleep(250);
  lateMs = 0;
  const found = await asking;
  assert.equal(found.json.output?.status, 'posted', found.text);
  assert.equal(await balance(), before + 950);
});

test('what an agent has let through and not paid is paid though it has died', async () => {
  const before = await balance();
  const id = await agreed(300);
  await planes.execute({
    principal: { kind: 'service', id: 'gateway', tenant },
    ...{ operation: 'proposal.use', idempotencyKey: `use ${id} x` },
    body: {
      ...{ proposal_id: id, call_id: 'cmd_x', policy_version: '', by_approval: false },
      key: 'of the dead agent',
    },
  });
  const running = (isOver: () => Promise<boolean>) =>
    during((signal) => finishProposals({ planes, signal, host, onError: assert.ifError }), isOver);
  const steps = [0, 1, 2];
  await running(async () => steps.pop() === undefined);
  assert.equal(await balance(), before, 'whoever has let it through may be about to pay');
  time.now += 16_000;
  await running(async () => (await balance()) !== before);
  assert.equal(await balance(), before + 300);
  const { json } = await call(
    'transfers.confirm',
    { proposal_id: id },
    {
      headers: { 'idempotency-key': 'another-agent' },
    },
  );
  assert.equal(json.output?.status, 'posted');
  assert.equal(await balance(), before + 300);
});
