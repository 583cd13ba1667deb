// Kills the server and PostgreSQL while customers buy and send back, with points following; then
// proves that each purchase has its points, once, and that not one point is lost or added.
//   COUNTERSIGN_KILLS=3 npm run faults -- test/faults/loyalty.test.ts      a short form
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '#core';
import { createLoadClient, type LoadClient } from '../../simulators/load-client.ts';
import { clientAt } from '../../src/cli/client.ts';
import { openProgram, provePoints } from '../../src/cli/demo-loyalty.ts';
import { invitePeople } from '../../src/cli/demo-people.ts';
import { openTenant } from '../../src/cli/tenants.ts';
import { serverProcess } from '../server-process.ts';

const kills = Number(process.env['COUNTERSIGN_KILLS'] ?? 12);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
const customers = 8;
const [pauseMinMs, pauseMaxMs] = [300, 1_500];
/** One purchase in so many is sent back, in part or whole. */
const refundEvery = 4;
const purchasesPerKill = 10;
const [catchUpMaxMs, settleMaxMs, lookEveryMs] = [60_000, 120_000, 250];

test(`${kills} kills lose no points and give none twice (seed ${seed})`, async () => {
  const server = await serverProcess();
  after(async () => {
    await server.stop();
    server.remove();
  });
  await server.start();
  const bank = { url: server.url, operatorKey: server.operatorKey(), server: undefined };
  const tenant = await openTenant(bank, 'points', 'Points');
  await invitePeople(bank, tenant, server.folder);
  await openProgram(bank, tenant, server.folder);
  const clerk = clientAt(server.url, tenant.apiKey);
  const open = async (name: string) => {
    const body = { type: 'liability', currency: 'EUR' };
    return (await clerk.post<{ id: string }>('/v1/accounts', body, name)).id;
  };
  const merchant = await open('merchant');
  const members: Member[] = [];
  for (let number = 0; number < customers; number += 1) {
    const account = await open(`account-${number}`);
    const about = { kind: 'person', name: `Member ${number}`, country: 'DE', status: 'customer' };
    const { party_id } = await clerk.post<{ party_id: string }>(
      '/v1/parties',
      about,
      `p-${number}`,
    );
    await clerk.post(`/v1/accounts/${account}/party`, { party_id }, `link-${number}`);
    members.push({ account, party: party_id, points: 0, bought: 0 });
  }
  const dice = seededRandom(seed);
  const client = createLoadClient({
    ...{ url: server.url, apiKey: tenant.systemKey, connections: customers },
    ...{ deadlineMs: 120_000, random: dice },
  });
  const stopping = new AbortController();
  const load = members.map((member, number) =>
    buyUntil(stopping.signal, { client, member, merchant, number }),
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
  }
  const bought = () => members.reduce((sum, each) => sum + each.bought, 0);
  // A slow machine has been dead for most of the time: now it may go on for a while.
  const enough = kills * purchasesPerKill;
  for (let ms = 0; ms < catchUpMaxMs && bought() < enough; ms += lookEveryMs) {
    await Promise.race([sleep(lookEveryMs), failed]);
  }
  stopping.abort();
  await failed;
  console.log(`${bought()} purchases were acknowledged, ${JSON.stringify(client.retries)}`);
  assert.ok(bought() >= enough, 'there was load');
  const system = clientAt(server.url, tenant.systemKey);
  const expected = members.map(({ points }) => points);
  const until = performance.now() + settleMaxMs;
  let held = await heldBy(system, members);
  while (performance.now() < until && held.join() !== expected.join()) {
    await sleep(lookEveryMs);
    held = await heldBy(system, members);
  }
  assert.deepEqual(held, expected);
  const proof = await provePoints(bank, tenant);
  assert.ok(proof.holds, proof.text);
  await client.close();
  await server.stop();
  const verified = await server.run('verify');
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  const rebuilt = await server.run('rebuild', 'loyalty');
  assert.equal(rebuilt.code, 0, rebuilt.stderr);
});

type Member = {
  readonly account: string;
  readonly party: string;
  /** What he has to have in the end, for so many purchases. */
  points: number;
  bought: number;
};

type Buying = {
  readonly client: LoadClient;
  readonly member: Member;
  readonly merchant: string;
  readonly number: number;
};

/** Buys one thing after the other, and sends some of it back. */
async function buyUntil(
  signal: AbortSignal,
  { client, member, merchant, number }: Buying,
): Promise<void> {
  const { uint32 } = seededRandom(seed + 1 + number);
  const post = async (body: object, idempotencyKey: string) => {
    const call = { method: 'POST', path: '/v1/transfers', idempotencyKey } as const;
    const answer = await client.send({ ...call, body: JSON.stringify(body) });
    assert.ok(answer.status === 200 || answer.status === 201, answer.text);
  };
  for (; !signal.aborted; member.bought += 1) {
    const amount = 100 + (uint32() % 5_000);
    const reference = `order-${number}-${member.bought}`;
    const purchase = { debit_account_id: member.account, credit_account_id: merchant, amount };
    const metadata = { kind: 'card', mcc: '5999', reference };
    await post({ ...purchase, currency: 'EUR', metadata }, reference);
    let left = amount;
    if (uint32() % refundEvery === 0) {
      const back = uint32() % 2 === 0 ? amount : 1 + (uint32() % amount);
      const refund = { debit_account_id: merchant, credit_account_id: member.account };
      const said = { amount: back, currency: 'EUR', metadata: { kind: 'refund', of: reference } };
      await post({ ...refund, ...said }, `${reference}-refund`);
      left -= back;
    }
    // One point for each 1.00, rounded half up.
    member.points += Math.floor((2 * left + 100) / 200);
  }
}

type Account = {
  readonly currency: string;
  readonly booked: number;
  readonly metadata: Readonly<Record<string, string>> | null;
};

/** What each has: active points less those that are owed. */
async function heldBy(
  { get }: Pick<ReturnType<typeof clientAt>, 'get'>,
  members: readonly Member[],
): Promise<number[]> {
  const path = '/v1/accounts?currency=POINTS&limit=500';
  const { items } = await get<{ items: readonly Account[] }>(path);
  return members.map(({ party }) => {
    const own = items.filter(({ metadata }) => metadata?.['member'] === party);
    const sum = (role: string) =>
      own.reduce(
        (all, { booked, metadata }) => all + (metadata?.['role'] === role ? booked : 0),
        0,
      );
    return sum('active') - sum('owed');
  });
}
