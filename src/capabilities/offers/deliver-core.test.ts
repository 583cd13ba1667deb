import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault } from '#core';
import { day, openBank } from '../../../test/bank.ts';
import { openOffers, savings } from '../../../test/offers.ts';
import { coreTeller } from './deliver-core.ts';
import { readOffer } from './life-views.ts';

const bank = await openBank({ after });

type Told = { readonly key: string; readonly status?: string; readonly summary?: string };

/** A core with campaign records, which fails as often as it is told. */
function campaignCore() {
  const told: Told[] = [];
  const state = { failures: [] as (Fault | 'lost')[] };
  const write = async (asked: Told) => {
    const failure = state.failures.shift();
    if (failure instanceof Fault) throw failure;
    told.push(asked);
    // It was written, and the answer never came: as when we crash.
    if (failure === 'lost') throw new Error('the connection was lost');
    return { id: `camp-${asked.key}` };
  };
  const operations = {
    ...bank.planes.core.operations,
    recordOffer: write,
    recordInteraction: write,
  };
  return { told, state, core: { ...bank.planes.core, operations } };
}

async function offered() {
  const offers = await openOffers(bank);
  await offers.publish(savings);
  const who = await offers.customer();
  const { offers: shown } = await offers.consider(who);
  const offer_id = shown[0]?.offer_id ?? '';
  const { told, state, core } = campaignCore();
  const teller = coreTeller({ ...offers.parts, core });
  const written = async () =>
    ((await offers.tenant.read((tx) => readOffer(tx, offer_id)))?.core ?? []).map(
      ({ kind, outcome, status, attempts }) => `${kind} ${outcome} ${status} ${attempts}`,
    );
  return { ...offers, who, offer_id, told, state, core, teller, written };
}

test('the core is told what was offered and what became of it, in this order', async () => {
  const { act, offer_id, deliver, core, teller, told, written } = await offered();
  await act('service:app', 'offer.accept', { offer_id });
  await deliver.all(core);
  await teller();
  await teller();
  assert.deepEqual(await written(), [
    'interaction accepted written 1',
    'interaction offered written 1',
    'offer accepted written 1',
    'offer offered written 1',
  ]);
  const statuses = told.flatMap(({ status }) => status ?? []);
  assert.deepEqual(statuses, ['offered', 'accepted']);
  assert.equal(await teller(), 0, 'nothing is told twice');
  assert.equal(told.length, 4);
});

test('what the core does not take now it is told later, and nothing behind it before', async () => {
  const { deliver, core, teller, told, state, written, act, offer_id } = await offered();
  const away = () => new Fault('core_unavailable', 'away');
  state.failures = [away(), away()];
  await act('service:app', 'offer.decline', { offer_id });
  await deliver.all(core);
  await teller();
  assert.equal(told.length, 0);
  assert.deepEqual(
    (await written()).filter((each) => each.startsWith('offer')),
    ['offer declined waiting 0', 'offer offered waiting 1'],
  );
  bank.time.now += 120_000;
  await teller();
  await teller();
  const statuses = told.flatMap(({ status }) => status ?? []);
  assert.deepEqual(statuses, ['offered', 'declined']);
});

test('a no that comes behind the end is told behind it, whatever has failed', async () => {
  const { deliver, core, teller, told, state, act, offer_id } = await offered();
  bank.time.now += 15 * day;
  await act('service:offers', 'offer.expire', { offer_id });
  await act('service:app', 'offer.decline', { offer_id });
  await deliver.all(core);
  await teller();
  state.failures = [new Fault('core_unavailable', 'away'), new Fault('core_unavailable', 'away')];
  for (let round = 0; round < 4; round += 1) {
    await teller();
    bank.time.now += 300_000;
  }
  const statuses = told.flatMap(({ status }) => status ?? []);
  assert.deepEqual(statuses, ['offered', 'expired', 'declined']);
});

test('a crash behind the core’s answer writes again under the same key', async () => {
  const { deliver, core, teller, told, state } = await offered();
  state.failures = ['lost', 'lost'];
  await deliver.all(core);
  await teller();
  bank.time.now += 120_000;
  await teller();
  const keys = told.map(({ key }) => key);
  assert.equal(keys.length, 4);
  assert.equal(new Set(keys).size, 2);
});

test('what the core refuses is given up, and said so', async () => {
  const { deliver, core, teller, state, tenant, offer_id } = await offered();
  const refusal = () => new Fault('core_refused', 'no such campaign');
  state.failures = [refusal(), refusal()];
  await deliver.all(core);
  await teller();
  const { rows } = await bank.superuser.query(
    'select distinct due_at as at from offers.write_back where tenant_id = $1',
    [tenant.id],
  );
  // The breaker counts from then: a person who has looked at it has seen it.
  assert.deepEqual(rows, [{ at: new Date(bank.time.now) }]);
  bank.time.now += day;
  await teller();
  const found = await tenant.read((tx) => readOffer(tx, offer_id));
  assert.deepEqual(
    found?.core.map(({ status, trouble }) => `${status} ${trouble}`),
    ['given_up core_refused', 'given_up core_refused'],
  );
});

test('a core that keeps no campaigns is told nothing', async () => {
  const { deliver, offer_id, tenant } = await offered();
  await deliver.all();
  assert.deepEqual((await tenant.read((tx) => readOffer(tx, offer_id)))?.core, []);
});
