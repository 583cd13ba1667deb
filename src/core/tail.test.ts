// The end of the log in memory: what it keeps is what the log has, and who waits for it is woken.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openBank, seal } from '../../test/bank.ts';
import { consumePage, type Consumer, readSealed } from './consumer.ts';
import { withTx } from './database.ts';
import { openTail } from './tail.ts';

const bank = await openBank({ after });
const tenant = await bank.tenant();
const pool = bank.planes.database.pool('app');
const tail = openTail(pool);
await seal(bank);
await tail.grow();
const begin = (await withTx(pool, (tx) => readSealed(tx, { after: 0n, limit: 10_000 }))).length;

async function sealSome(count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) {
    await tenant.open({ type: 'liability', bound: 'none' });
  }
  await seal(bank);
}

test('it keeps what was sealed since, as the log has it', async () => {
  assert.equal(tail.rows(0n, 10), undefined, 'what was there before is read from the log');
  await sealSome(3);
  await tail.grow();
  const kept = tail.rows(BigInt(begin), 1_000);
  const read = await withTx(pool, (tx) => readSealed(tx, { after: BigInt(begin), limit: 1_000 }));
  assert.ok(read.length >= 6);
  assert.deepEqual(kept, read);
  assert.deepEqual(tail.rows(BigInt(begin), 2), read.slice(0, 2));
  assert.equal(tail.rows(read.at(-1)!.position, 1), undefined, 'the newest is known to the log');
});

test('it rings for the types that came, and for no other', async () => {
  const [opened, other] = [['account.opened'], ['transaction.posted']];
  const [before, unconcerned] = [tail.count(opened), tail.count(other)];
  const woken = tail.wait(before, 5_000, undefined, opened);
  const asleep = tail.wait(unconcerned, 300, undefined, other);
  await sealSome(1);
  await tail.grow();
  assert.deepEqual([await woken, await asleep], [true, false]);
  assert.deepEqual([tail.count(opened) > before, tail.count(other)], [true, unconcerned]);
});

test('a consumer is told the same from it as from the log, and goes on behind it', async () => {
  const told: string[][] = [[], []];
  const consumer = (number: number): Consumer => ({
    ...{ name: `tail-${number}`, types: ['account.opened'] },
    apply: async (_tx, events) => void told[number]!.push(...events.map(({ id }) => id)),
  });
  const options = [{ rows: tail.rows, pageSize: 3 }, { pageSize: 3 }];
  for (const round of [0, 1]) {
    await sealSome(round + 1);
    await tail.grow();
    for (const number of [0, 1]) {
      while ((await consumePage(consumer(number), pool, options[number])) > 0);
    }
  }
  assert.ok(told[0]!.length >= 3);
  assert.deepEqual(told[0], told[1]);
});

test('where the log cannot be read, everybody looks for himself', async () => {
  const away = openTail({
    connect: () => Promise.reject(new Error('the database is away')),
  } as unknown as typeof pool);
  const before = away.count(['account.opened']);
  await away.grow();
  assert.ok(away.count(['account.opened']) > before);
});
