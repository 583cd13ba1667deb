// Kills the server and PostgreSQL at random moments under load, with clients that keep asking; then
// proves that every acknowledged transfer is there once, none twice, and that the log is whole.
//   COUNTERSIGN_KILLS=8 npm run faults      a short form
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '#core';
import { createLoadClient, type LoadClient } from '../../simulators/load-client.ts';
import { openTenant, serverProcess } from '../server-process.ts';

const kills = Number(process.env['COUNTERSIGN_KILLS'] ?? 50);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
const clients = 12;
const accounts = 25;
const [pauseMinMs, pauseMaxMs] = [150, 900];

type Acknowledged = {
  readonly id: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: number;
};

test(`${kills} kills lose nothing and repeat nothing (seed ${seed})`, async () => {
  const server = await serverProcess();
  after(async () => {
    await server.stop();
    server.remove();
  });
  await server.start();
  const apiKey = await openTenant(server, 'faults');
  const dice = seededRandom(seed);
  const client = createLoadClient({
    url: server.url,
    apiKey,
    connections: clients,
    deadlineMs: 120_000,
    random: dice,
  });
  const ids = await openAccounts(client);
  const stopping = new AbortController();
  const load = Array.from({ length: clients }, (_, number) =>
    transferUntil(stopping.signal, { client, ids, number, seed }),
  );
  const failed = Promise.all(load).then(() => undefined);
  for (let done = 1; done <= kills; done += 1) {
    await Promise.race([sleep(pauseMinMs + (dice.uint32() % (pauseMaxMs - pauseMinMs))), failed]);
    if (dice.uint32() % 2 === 0) {
      await server.killPostgres();
    } else {
      await server.kill();
      await server.start();
    }
    if (done % 10 === 0) console.log(`${done} kills`);
  }
  await sleep(500);
  stopping.abort();
  const acknowledged = (await Promise.all(load)).flat();
  console.log(
    `${acknowledged.length} transfers were acknowledged, ${JSON.stringify(client.retries)}`,
  );
  assert.ok(acknowledged.length > kills * 10, 'there was load');
  assert.equal(new Set(acknowledged.map(({ id }) => id)).size, acknowledged.length);
  await checkAccounts(client, ids, acknowledged);
  await client.close();
  await server.stop();
  const verified = await server.run('verify');
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  for (const projection of ['balances', 'activity']) {
    const rebuilt = await server.run('rebuild', projection);
    assert.equal(rebuilt.code, 0, rebuilt.stderr);
  }
});

async function openAccounts(client: LoadClient): Promise<string[]> {
  const items = Array.from({ length: accounts }, () => ({ type: 'liability', currency: 'EUR' }));
  const body = JSON.stringify(items);
  const call = { method: 'POST', path: '/v1/accounts', idempotencyKey: 'accounts', body } as const;
  const { items: opened } = JSON.parse((await client.send(call)).text) as {
    items: { account: { id: string } }[];
  };
  return opened.map(({ account }) => account.id);
}

/** Sends transfers one after the other; some again with the same key once they are answered. */
async function transferUntil(
  signal: AbortSignal,
  load: { client: LoadClient; ids: string[]; number: number; seed: number },
): Promise<Acknowledged[]> {
  const { client, ids, number } = load;
  const { uint32 } = seededRandom(load.seed + 1 + number);
  const acknowledged: Acknowledged[] = [];
  for (let count = 0; !signal.aborted; count += 1) {
    const from = uint32() % ids.length;
    const debit = ids[from] as string;
    const credit = ids[(from + 1 + (uint32() % (ids.length - 1))) % ids.length] as string;
    const amount = 1 + (uint32() % 1_000);
    const body = JSON.stringify({
      debit_account_id: debit,
      credit_account_id: credit,
      amount,
      currency: 'EUR',
    });
    const idempotencyKey = `client-${number}-${count}`;
    const call = { method: 'POST', path: '/v1/transfers', idempotencyKey, body } as const;
    const answer = await client.send(call);
    assert.ok(answer.status === 200 || answer.status === 201, answer.text);
    const { transfers } = JSON.parse(answer.text) as { transfers: [{ id: string }] };
    acknowledged.push({ id: transfers[0].id, debit, credit, amount });
    if (uint32() % 10 > 0) continue;
    const again = await client.send(call);
    assert.equal(again.text, answer.text, 'a retry gets the first answer');
  }
  return acknowledged;
}

/** Each account has the entries of its acknowledged transfers, once each, and their sums. */
async function checkAccounts(
  client: LoadClient,
  ids: readonly string[],
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  for (const id of ids) {
    const expected = new Set(
      acknowledged.filter(({ debit, credit }) => id === debit || id === credit).map((t) => t.id),
    );
    const found: string[] = [];
    for (let after: number | string | null = 0; after !== null; ) {
      const path = `/v1/accounts/${id}/entries?limit=500&after=${after}`;
      const answer = await client.send({ method: 'GET', path });
      const page = JSON.parse(answer.text) as {
        items: { transfer_id: string }[];
        next: string | null;
      };
      found.push(...page.items.map((item) => item.transfer_id));
      after = page.next;
    }
    assert.equal(found.length, expected.size, `account ${id} has as many entries as were answered`);
    assert.ok(found.every((transfer) => expected.has(transfer)));
    const path = `/v1/accounts/${id}/balances`;
    const balances = JSON.parse((await client.send({ method: 'GET', path })).text) as {
      booked: number;
    };
    let booked = 0;
    for (const { debit, credit, amount } of acknowledged) {
      if (credit === id) booked += amount;
      if (debit === id) booked -= amount;
    }
    assert.equal(balances.booked, booked);
  }
}
