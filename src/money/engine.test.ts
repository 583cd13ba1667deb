import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  countersigner,
  type Decision,
  externalId,
  Fault,
  internalId,
  type Json,
  newCommand,
  seededRandom,
  temporaryKeyring,
} from '#core';
import { openPlanes } from '#main';
import {
  type Bank,
  figures,
  hold,
  move,
  openBank,
  openServer,
  openShop,
  rejected,
  type Tenant,
  tenantOf,
} from '../../test/bank.ts';
import type { Leg } from './journal.ts';
import { readTrialBalance } from './read.ts';

const bank = await openBank({ after });

test('many servers post to hot accounts: nothing is lost, doubled or overdrawn', async () => {
  const { tenant, cash } = await openShop(bank, 0);
  const accounts = await Promise.all(
    Array.from({ length: 6 }, () => tenant.open({ bound: 'no_overdraft' })),
  );
  for (const account of accounts) await tenant.ok(move(cash, account, 100));
  const servers = await openServers(bank, tenant, 4);
  const random = seededRandom(7);
  const pick = (count: number) => random.uint32() % count;
  const answers = await Promise.all(
    Array.from({ length: 1200 }, (_, index) => {
      const from = pick(accounts.length);
      const to = (from + 1 + pick(accounts.length - 1)) % accounts.length;
      const leg = move(accounts[from] as string, accounts[to] as string, 1 + pick(60));
      // Every third command is sent by two servers at once, under one key.
      const senders = index % 3 === 0 ? [servers[0], servers[1]] : [servers[pick(4)]];
      const sent = senders.map((server) =>
        (server as Tenant).execute('journal.post', { legs: [leg] }, `hot-${index}`),
      );
      return Promise.all(sent);
    }),
  );
  for (const twins of answers) {
    assert.equal(new Set(twins.map(({ commandId }) => commandId)).size, 1);
    assert.equal(new Set(twins.map(({ outcome }) => outcome.status)).size, 1);
    assert.equal(twins.filter(({ replayed }) => !replayed).length, 1, 'one of them did it');
  }
  const accepted = answers.filter(([answer]) => answer?.outcome.status === 'accepted');
  const { rows } = await tenant.read((tx) =>
    tx.query(
      `select count(*)::int as posted, count(distinct command_id)::int as commands
         from money.transfer where debit_account_id <> $1`,
      [internalId('account', cash)],
    ),
  );
  assert.deepEqual(rows, [{ posted: accepted.length, commands: accepted.length }]);
  let total = 0;
  for (const account of accounts) {
    const [booked] = await figures(tenant, account);
    assert.ok(booked >= 0, 'no account is overdrawn');
    total += booked;
  }
  assert.equal(total, 600);
  const trial = await tenant.read((tx) => readTrialBalance(tx));
  assert.equal(trial.balanced, true);
  assert.equal(await deadlocks(), 0);
});

test('commands on one account keep the order in which they were submitted', async () => {
  const tenant = await bank.tenant();
  const accounts = await Promise.all(Array.from({ length: 5 }, () => tenant.open()));
  const random = seededRandom(3);
  const legs = Array.from({ length: 600 }, (_, index) => {
    const from = random.uint32() % 5;
    const to = (from + 1 + (random.uint32() % 4)) % 5;
    return move(accounts[from] as string, accounts[to] as string, index + 1);
  });
  await Promise.all(legs.map((leg) => tenant.ok(leg)));
  const { rows } = await tenant.read((tx) =>
    tx.query(
      `select count(*)::int as entries, count(*) filter (where amount < earlier)::int as early
         from (select amount, lag(amount) over (partition by account_id order by version) as earlier
                 from money.entry) entries`,
    ),
  );
  assert.deepEqual(rows, [{ entries: 1200, early: 0 }]);
});

test('an account that two servers open under one key is opened once', async () => {
  const tenant = await bank.tenant();
  const servers = await openServers(bank, tenant, 2);
  const body = { type: 'asset', currency: 'USD' };
  const pairs = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      Promise.all(servers.map((server) => server.execute('account.open', body, `open-${index}`))),
    ),
  );
  for (const [one, other] of pairs) {
    assert.equal(one?.commandId, other?.commandId);
    assert.notEqual(one?.replayed, other?.replayed);
  }
  const { rows } = await tenant.read((tx) =>
    tx.query('select count(*)::int as opened from money.account'),
  );
  assert.deepEqual(rows, [{ opened: 60 }]);
});

test('a hold that many servers capture at once is captured once', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const servers = await openServers(bank, tenant, 3);
  const { hold: id } = await tenant.ok(hold(customer, merchant, 100));
  const capture: Leg = { kind: 'capture', hold_id: id };
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => (servers[index % 3] as Tenant).post(capture)),
  );
  const outcomes = answers.map(({ outcome }) => outcome);
  assert.equal(outcomes.filter(({ status }) => status === 'accepted').length, 1);
  const others = outcomes.filter(({ status }) => status === 'rejected');
  assert.deepEqual(
    new Set(others.map((each) => JSON.stringify(each))),
    new Set([JSON.stringify(rejected('hold_captured'))]),
  );
  assert.deepEqual(await figures(tenant, merchant), [100, 0, 100]);
});

test('connections that are killed under load lose nothing and double nothing', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  const [server] = await openServers(bank, tenant, 1);
  let posting = true;
  const killer = killSessions('servers', () => posting);
  const sent = Array.from({ length: 40 }, async (_, wave) => {
    await sleep(wave * 15);
    return Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (server as Tenant).execute(
          'journal.post',
          { legs: [move(cash, customer, 1)] },
          `wave-${wave}-${index}`,
        ),
      ),
    );
  });
  const answers = (await Promise.all(sent)).flat();
  posting = false;
  const kills = await killer;
  assert.ok(kills >= 3, `${kills} sessions were killed`);
  assert.equal(answers.length, 400);
  assert.deepEqual(await figures(tenant, customer), [400, 0, 400]);
  const { rows } = await tenant.read((tx) => tx.query('select id from core.command'));
  const recorded = new Set(rows.map(({ id }) => id));
  for (const { commandId } of answers) {
    assert.ok(recorded.has(commandId), `${externalId('command', commandId)} was acknowledged`);
  }
});

test('once the books are closed nothing is posted before their end, by any server', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  const servers = await openServers(bank, tenant, 2);
  const late = { effective_at: '2025-12-31T12:00:00Z' };
  const leg = move(cash, customer, 1);
  const post = (index: number) => (servers[index % 2] as Tenant).post(leg, late);
  const early = Array.from({ length: 60 }, (_, index) => post(index));
  await sleep(10);
  const close = tenant.execute('period.close', { closed_through: '2025-12-31' });
  const rest = Array.from({ length: 60 }, (_, index) => post(index));
  assert.deepEqual((await close).outcome, { status: 'accepted' });
  const answers = await Promise.all([...early, ...rest]);
  const codes = new Set(answers.map(({ outcome }) => JSON.stringify(outcome)));
  codes.delete('{"status":"accepted"}');
  assert.deepEqual([...codes], [JSON.stringify(rejected('period_closed'))]);
  const { rows } = await tenant.read((tx) =>
    tx.query(
      `select count(*)::int as late from core.event
        where type = 'transaction.posted' and seq > (
          select seq from core.event where type = 'period.closed')`,
    ),
  );
  assert.deepEqual(rows, [{ late: 0 }]);
});

test('long journals do not gather in one batch: others are served between them', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  let commits = 0;
  const onCommit = () => {
    commits += 1;
  };
  const server = tenantOf(openPlanes({ ...bank.planes, onCommit }), bank.time, tenant.id);
  const legs = Array.from({ length: 1000 }, () => move(cash, customer, 1));
  await Promise.all(Array.from({ length: 6 }, () => server.ok(legs)));
  assert.ok(commits >= 3, `${commits} commits`);
  assert.deepEqual(await figures(tenant, customer), [6000, 0, 6000]);
});

test('a full queue answers at once that it is overloaded, and to try again', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  const { engine } = openPlanes({ ...bank.planes, queueMax: 3 });
  const items = await decided(tenant, 10, { legs: [move(cash, customer, 1)] });
  const answers = await Promise.allSettled(items.map((item) => engine.submit(item)));
  const faults = answers.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  assert.equal(faults.length, 7);
  for (const fault of faults) {
    assert.ok(fault instanceof Fault);
    assert.deepEqual([fault.code, fault.retryable], ['overloaded', true]);
  }
  assert.deepEqual(await figures(tenant, customer), [3, 0, 3]);
});

test('a stopping engine finishes what it took and refuses the rest', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  const planes = openPlanes(bank.planes);
  const [late, ...items] = await decided(tenant, 6, { legs: [move(cash, customer, 1)] });
  const taken = items.map((item) => planes.engine.submit(item));
  const stopped = planes.close();
  await assert.rejects(
    planes.engine.submit(late as (typeof items)[number]),
    (error) => error instanceof Fault && error.code === 'shutting_down' && error.retryable,
  );
  await Promise.all([stopped, ...taken]);
  assert.deepEqual(planes.engine.load(), { queued: 0, writing: 0 });
  assert.deepEqual(await figures(tenant, customer), [5, 0, 5]);
});

test('a command that the database cannot take harms no other', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  const poison = move(cash, customer, 1, { metadata: { note: 'a\u0000b' } });
  const answers = await Promise.allSettled([
    ...Array.from({ length: 5 }, () => tenant.post(move(cash, customer, 1))),
    tenant.post(poison),
    ...Array.from({ length: 5 }, () => tenant.post(move(cash, customer, 1))),
  ]);
  const failed = answers.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
  assert.deepEqual(failed, [5]);
  assert.deepEqual(await figures(tenant, customer), [10, 0, 10]);
});

test('a command without a genuine countersignature is never queued', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  const body = { legs: [move(cash, customer, 1)] };
  const principal = { kind: 'service', id: 'test', tenant: tenant.id } as const;
  const input = { principal, operation: 'journal.post', body, idempotencyKey: 'forged' };
  const command = newCommand(input, bank.planes);
  const stranger = temporaryKeyring(seededRandom(99));
  const decision: Decision = {
    id: command.id,
    outcome: 'allow',
    reasons: [],
    policyVersion: 'allow-all-1',
    modelScoreRef: null,
    consume: [],
  };
  const mark = countersigner(stranger.countersignKeys)(command, decision, command.receivedAt);
  const forged = bank.planes.engine.submit({ command, countersignature: mark });
  await assert.rejects(
    forged,
    (error) => error instanceof Fault && error.code === 'countersignature_invalid',
  );
  assert.deepEqual(await figures(tenant, customer), [0, 0, 0]);
});

test('a right that was withdrawn while the command waited is noticed', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  const body = { legs: [move(cash, customer, 1)] };
  const principal = { kind: 'service', id: 'test', tenant: tenant.id } as const;
  const at = (epoch: bigint, idempotencyKey: string) =>
    bank.planes.execute({ principal, operation: 'journal.post', body, idempotencyKey, epoch });
  await at(1n, 'before');
  await tenant.execute('api_key.issue', {
    name: 'k',
    principal: 'user:alice',
    scopes: ['ledger:write'],
    expires_at: null,
    secret_hash: '00'.repeat(32),
  });
  await assert.rejects(
    at(1n, 'after'),
    (error) => error instanceof Fault && error.code === 'rights_changed' && error.retryable,
  );
  assert.equal((await at(1n, 'before')).replayed, true, 'what was answered stays answered');
  await at(2n, 'after');
});

/** Countersigned commands that have not been submitted yet. */
function decided(tenant: Tenant, count: number, body: Json) {
  const principal = { kind: 'service', id: 'test', tenant: tenant.id } as const;
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const idempotencyKey = `decided-${index}`;
      const input = { principal, operation: 'journal.post', body, idempotencyKey };
      return bank.planes.decide(newCommand(input, bank.planes));
    }),
  );
}

/** Servers that share the bank's database and keyring, each with pools and an engine of its own. */
async function openServers(owner: Bank, tenant: Tenant, count: number): Promise<Tenant[]> {
  return Array.from({ length: count }, (_, index) => {
    const planes = openServer({ after }, owner, { name: 'servers', seed: 100 + index });
    return tenantOf(planes, owner.time, tenant.id);
  });
}

async function deadlocks(): Promise<number> {
  await bank.superuser.query('select pg_stat_force_next_flush()');
  const { rows } = await bank.superuser.query(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  return rows[0].deadlocks;
}

/** Ends sessions in the middle of their work, with time between to do some; answers how many. */
async function killSessions(application: string, during: () => boolean): Promise<number> {
  const killsMax = 12;
  let kills = 0;
  while (kills < killsMax && during()) {
    await sleep(kills % 3 === 0 ? 40 : 5);
    const { rowCount } = await bank.superuser.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = $1 and state <> 'idle'
        limit 1`,
      [`${application} money`],
    );
    kills += rowCount ?? 0;
  }
  return kills;
}
