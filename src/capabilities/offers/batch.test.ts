// A night's work: resumed where it stopped, the same whatever its pages are, and scarce offers to
// those who come first.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openBank } from '../../../test/bank.ts';
import { openOffers, type Offers, savings } from '../../../test/offers.ts';
import { presentBatch } from './batch-allocate.ts';
import { listBatches, runBatch } from './batch.ts';
import { openReading } from './session-read.ts';

const bank = await openBank({ after });
const { planes, superuser } = bank;
const { database } = planes;
const reading = openReading({
  pipeline: database.pipeline('read', 2),
  read: database.pool('read'),
  policy: database.pool('policy'),
});
const batch = '2026-01-05-in_app';

function run({ tenant }: Offers, pageSize: number, signal = new AbortController().signal) {
  return runBatch(
    {
      ...planes,
      ...{ published: reading.published, signal, pageSize },
    },
    tenant.id,
    batch,
  );
}

async function candidatesOf({ tenant }: Offers) {
  const { rows } = await superuser.query(
    `select customer, action, status, place::integer from offers.candidate
      where tenant_id = $1 order by action, place, customer`,
    [tenant.id],
  );
  return rows as { customer: string; action: string; status: string; place: number | null }[];
}

const scarce = {
  ...savings,
  code: 'best-savings',
  product: { code: 'BEST_SAVINGS', kind: 'savings' as const },
  value: 90_000,
  volume: { offers_max: 2, period: 'total' as const },
};

test('scarce offers go to the highest priorities, and the others get what comes next', async () => {
  const offers = await openOffers(bank);
  await offers.publish(savings);
  await offers.publish(scarce);
  const people: string[] = [];
  for (let index = 0; index < 5; index += 1) people.push(await offers.customer());
  const silent = await offers.customer({}, []);
  await offers.act('user:ada', 'offers.batch.start', { channel: 'in_app' });
  await assert.rejects(
    offers.act('user:ada', 'offers.batch.start', { channel: 'in_app' }),
    /is there already/,
  );
  assert.equal(await run(offers, 2), 6, 'in pages of two');
  const found = await candidatesOf(offers);
  assert.ok(!found.some(({ customer }) => customer === silent), 'who has agreed to nothing');
  const given = found.filter(({ status }) => status === 'allocated');
  const best = given.filter(({ action }) => action === 'best-savings');
  assert.deepEqual(
    best.map(({ place }) => place),
    [1, 2],
  );
  assert.equal(given.length, 5, 'each has one');
  assert.deepEqual(given.map(({ customer }) => customer).sort(), [...people].sort());
  // The same again in one page, into an empty table: the same places.
  await superuser.query('delete from offers.candidate where tenant_id = $1', [offers.tenant.id]);
  await superuser.query(
    `update offers.batch set status = 'running', after_customer = '', customers = 0, candidates = 0
      where tenant_id = $1`,
    [offers.tenant.id],
  );
  assert.equal(await run(offers, 100), 6);
  assert.deepEqual(await candidatesOf(offers), found);
  const signal = new AbortController().signal;
  const of = { id: batch, channel: 'in_app' as const, at: new Date(bank.time.now).toISOString() };
  assert.equal(await presentBatch({ ...planes, signal }, offers.tenant.id, of), 5);
  assert.equal(await presentBatch({ ...planes, signal }, offers.tenant.id, of), 0, 'once');
  const [shown] = await offers.tenant.read(listBatches);
  assert.deepEqual(
    [shown?.status, shown?.customers, shown?.presented, shown?.refused],
    ['done', 6, 5, 0],
  );
  const [one] = await offers.offersOf(best[0]?.customer ?? '').then(({ items }) => items);
  assert.equal(one?.action, 'best-savings');
  assert.deepEqual(offers.errors, []);
});

test('what was stopped since the night is not presented', async () => {
  const offers = await openOffers(bank);
  await offers.publish(savings);
  await offers.customer();
  await offers.act('user:ada', 'offers.batch.start', { channel: 'in_app' });
  await run(offers, 10);
  await offers.act('user:mia', 'offers.breaker.open', { scope: '*', note: 'a wrong rate' });
  const signal = new AbortController().signal;
  const of = { id: batch, channel: 'in_app' as const, at: new Date(bank.time.now).toISOString() };
  assert.equal(await presentBatch({ ...planes, signal }, offers.tenant.id, of), 0);
  assert.deepEqual(
    (await candidatesOf(offers)).map(({ status }) => status),
    ['refused'],
  );
});

test('what was interrupted goes on behind its last page, what was stopped does not', async () => {
  const offers = await openOffers(bank);
  await offers.publish(savings);
  for (let index = 0; index < 6; index += 1) await offers.customer();
  await offers.act('user:ada', 'offers.batch.start', { channel: 'in_app' });
  const away = new AbortController();
  away.abort();
  assert.equal(await run(offers, 2, away.signal), 0);
  // A process that died behind its first page.
  const half = await Promise.all([run(offers, 2), run(offers, 2)]);
  assert.equal(half[0] + half[1], 6, 'two at once score nobody twice');
  assert.equal((await candidatesOf(offers)).length, 6);
  assert.equal(await run(offers, 2), 0, 'it is allocated');
  const stopped = await openOffers(bank);
  await stopped.publish(savings);
  await stopped.customer();
  await stopped.act('user:ada', 'offers.batch.start', { channel: 'in_app' });
  await stopped.act('user:ada', 'offers.batch.stop', { batch_id: batch });
  assert.equal(await run(stopped, 2), 0);
});
