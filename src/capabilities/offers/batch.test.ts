// A night's work: resumed where it stopped, the same whatever its pages are, and scarce offers to
// those who come first.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { day, openBank } from '../../../test/bank.ts';
import { openOffers, type Offers, savings } from '../../../test/offers.ts';
import { presentBatch } from './batch-allocate.ts';
import { batchStarter } from './batch-clock.ts';
import { listBatches, runBatch } from './batch.ts';
import { readContactPolicy } from './contact-policy.ts';
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
const hour = 3_600_000;

const going = new AbortController().signal;

function run({ tenant }: Offers, pageSize: number, signal = going, of = batch) {
  return runBatch(
    {
      ...planes,
      ...{ published: reading.published, signal, pageSize },
    },
    tenant.id,
    of,
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

test('who has one contact left gets his next best where the scarce run out', async () => {
  const offers = await openOffers(bank);
  const { contactPolicy } = await offers.tenant.read(readContactPolicy);
  await offers.approved('offers.configure', { ...contactPolicy, offers_max: 1 });
  const one = { offers_max: 1, period: 'total' as const };
  const rare = {
    code: 'rare-savings',
    product: { code: 'RARE_SAVINGS', kind: 'savings' as const },
  };
  await offers.publish(savings);
  await offers.publish({ ...scarce, volume: one });
  await offers.publish({ ...scarce, ...rare, value: 80_000, volume: one });
  for (let index = 0; index < 4; index += 1) await offers.customer();
  await offers.act('user:ada', 'offers.batch.start', { channel: 'in_app' });
  await run(offers, 3);
  const given = (await candidatesOf(offers)).filter(({ status }) => status === 'allocated');
  assert.deepEqual(
    given.map(({ action }) => action),
    ['best-savings', savings.code, savings.code, 'rare-savings'],
  );
  assert.equal(new Set(given.map(({ customer }) => customer)).size, 4, 'one for each');
  const of = { id: batch, channel: 'in_app' as const, at: new Date(bank.time.now).toISOString() };
  assert.equal(await presentBatch({ ...planes, signal: going }, offers.tenant.id, of), 4);
});

test('where there is enough of the best nothing else is kept at hand', async () => {
  const offers = await openOffers(bank);
  await offers.publish(savings);
  const { volume: _, ...plenty } = scarce;
  await offers.publish(plenty);
  await offers.customer();
  await offers.act('user:ada', 'offers.batch.start', { channel: 'in_app' });
  await run(offers, 10);
  assert.deepEqual(
    (await candidatesOf(offers)).map(({ action, status }) => [action, status]),
    [['best-savings', 'allocated']],
  );
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

test('at night a product is let as far as in session, by its name in the register', async () => {
  const offers = await openOffers(bank, 'off');
  const place = { use_case: 'next-best-offer', product: 'prem_savings' };
  await offers.approved('rollout.set', { ...place, mode: 'automatic' });
  await offers.publish(savings);
  const customer = await offers.customer();
  await offers.act('user:ada', 'offers.batch.start', { channel: 'in_app' });
  await run(offers, 10);
  assert.deepEqual(
    (await candidatesOf(offers)).map((each) => [each.customer, each.status]),
    [[customer, 'allocated']],
  );
});

test('who has left since the night, or is held out since, is presented with nothing', async () => {
  const offers = await openOffers(bank);
  const { tenant, act } = offers;
  await offers.publish(savings);
  const [left, held] = [await offers.customer(), await offers.customer()];
  await offers.consider(held);
  bank.time.now += 31 * day;
  const today = new Date(bank.time.now).toISOString().slice(0, 10);
  await superuser.query(
    `insert into offers.assignment (tenant_id, customer, action, product, arm, period, channel,
       path, propensity_ppm, withheld_at)
     values ($1, $2, $3, 'prem_savings', 'holdout', '2026-01', 'in_app', 'batch', 1, $4)`,
    [tenant.id, held, savings.code, today],
  );
  await act('user:ada', 'offers.batch.start', { channel: 'in_app' });
  const id = `${today}-in_app`;
  await run(offers, 10, going, id);
  await tenant.execute('party.change', { party_id: left, status: 'former', tokens: {} });
  const of = { id, channel: 'in_app' as const, at: new Date(bank.time.now).toISOString() };
  assert.equal(await presentBatch({ ...planes, signal: going }, tenant.id, of), 0);
  const status = new Map((await candidatesOf(offers)).map((each) => [each.customer, each.status]));
  assert.deepEqual([status.get(left), status.get(held)], ['refused', 'left_out']);
});

test('a batch begins by itself, once a day from its hour on, where there are words', async () => {
  const asked = await openOffers(bank);
  const silent = await openOffers(bank);
  for (const each of [asked, silent]) await each.publish(savings);
  const { contactPolicy } = await asked.tenant.read(readContactPolicy);
  const nightly = { hour: 2, channels: ['in_app', 'email', 'post'] };
  await asked.approved('offers.configure', { ...contactPolicy, nightly });
  const midnight = Math.ceil(bank.time.now / day) * day;
  const begun = async ({ tenant }: Offers) =>
    (await tenant.read(listBatches)).map(({ batch_id }) => batch_id).sort();
  const errors: unknown[] = [];
  const starter = () => batchStarter({ ...planes, onError: (error) => errors.push(error) });
  const start = starter();
  bank.time.now = midnight + hour;
  assert.equal(await start(), 0, 'it is too early');
  bank.time.now = midnight + 2 * hour;
  assert.equal(await start(), 2);
  assert.equal(await start(), 0);
  await starter()();
  const of = (at: number, channel: string) =>
    `${new Date(at).toISOString().slice(0, 10)}-${channel}`;
  const first = [of(midnight, 'email'), of(midnight, 'in_app')];
  assert.deepEqual(await begun(asked), first, 'another process begins none again');
  bank.time.now += day + 5 * hour;
  await start();
  const second = [of(midnight + day, 'email'), of(midnight + day, 'in_app')];
  assert.deepEqual(await begun(asked), [...first, ...second], 'later, where it was down');
  assert.deepEqual(await begun(silent), [], 'who has set no hour');
  assert.deepEqual(errors, []);
});
