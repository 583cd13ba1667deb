// The breaker: what opens it, what it stops, and that only a person closes it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Fault } from '#core';
import { day, openBank } from '../../../test/bank.ts';
import { openOffers, type Offers, savings } from '../../../test/offers.ts';
import { judgeOffers } from './breaker-watch.ts';
import { listBreakers } from './breaker.ts';
import { drawArm, isExplored } from './learning/arms.ts';
import { learningDefault } from './learning/settings.ts';

const bank = await openBank({ after });
const judge = ({ tenant }: Offers) => judgeOffers(bank.planes, tenant.id);
const limits = { complaints_ppm: 200_000, presented_min: 3, core_failures: 2, window_hours: 24 };
async function open() {
  const offers = await openOffers(bank);
  await offers.publish(savings);
  await bank.superuser.query(
    `update offers.learning_setting set body = jsonb_set(body, '{breaker}', $2)
      where tenant_id = $1`,
    [offers.tenant.id, JSON.stringify(limits)],
  );
  return offers;
}

async function presented(offers: Offers, count: number): Promise<string[]> {
  const people: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const who = await offers.customer();
    assert.equal((await offers.consider(who)).offers.length, 1);
    people.push(who);
  }
  return people;
}

const complain = (offers: Offers, party_id: string) =>
  offers.act('service:app', 'service_request.make', { party_id, subject: 'complaint' });

test('too many complaints open it for all offers, and nothing but a person closes it', async () => {
  const offers = await open();
  const people = await presented(offers, 4);
  assert.deepEqual(await judge(offers), []);
  await complain(offers, people[0] ?? '');
  assert.deepEqual(await judge(offers), ['*'], 'one of four is more than a fifth');
  assert.deepEqual(await judge(offers), [], 'once');
  const [found] = await offers.tenant.read(listBreakers);
  assert.deepEqual(
    [found?.scope, found?.reason, found?.opened_by, found?.closed_at],
    ['*', 'complaints', 'service:offers', null],
  );
  const { offers: none, candidates } = await offers.consider(await offers.customer());
  assert.equal(none.length, 0);
  assert.equal(candidates[0]?.refused[0]?.stage, 'breaker');
  bank.time.now += 2 * day;
  assert.deepEqual(await judge(offers), []);
  assert.equal((await offers.consider(await offers.customer())).offers.length, 0, 'it stays open');
  const note = 'the wording was corrected';
  const reset = { scope: '*', note };
  await assert.rejects(
    offers.act('service:offers', 'offers.breaker.reset', reset),
    (error: Fault) => error.code === 'denied',
  );
  await offers.act('user:mia', 'offers.breaker.reset', reset);
  assert.equal((await offers.consider(await offers.customer())).offers.length, 1);
  assert.deepEqual(await judge(offers), [], 'what was looked at is not held against it again');
  await assert.rejects(offers.act('user:mia', 'offers.breaker.reset', reset), /no breaker/);
});

test('what the core refuses again and again stops everything', async () => {
  const offers = await open();
  await presented(offers, 2);
  await bank.superuser.query(
    `insert into offers.write_back (tenant_id, offer_id, kind, outcome, status, due_at)
     select tenant_id, id, kind, 'accepted', 'given_up', $2 from offers.offer,
            unnest('{offer,interaction}'::text[]) as kind where tenant_id = $1`,
    [offers.tenant.id, new Date(bank.time.now).toISOString()],
  );
  assert.deepEqual(await judge(offers), ['*']);
  const [found] = await offers.tenant.read(listBreakers);
  assert.deepEqual([found?.reason, found?.figures], ['core_errors', { failures: 4, limit: 2 }]);
});

test('offers that reach a group surely too little are stopped, chance is not', async () => {
  const offers = await open();
  const people = await presented(offers, 3);
  const group = (customer: string, name: string) => ({ customer, attribute: 'age', group: name });
  const tell = (groups: readonly object[]) =>
    offers.act('user:ada', 'offers.groups.tell', { groups });
  // Three of thirty, against none of thirty.
  await tell([
    ...people.map((customer) => group(customer, 'young')),
    ...Array.from({ length: 27 }, (_, index) => group(`pty_y${index}`, 'young')),
    ...Array.from({ length: 30 }, (_, index) => group(`pty_o${index}`, 'old')),
  ]);
  await fold(offers);
  assert.deepEqual(await judge(offers), [], 'that may be chance');
  await tell(
    Array.from({ length: 30 - people.length }, (_, index) => group(`pty_y${index}`, 'other')),
  );
  await tell(Array.from({ length: 27 }, (_, index) => group(people[index % 3] ?? '', 'young')));
  const shown = Array.from({ length: 40 }, (_, index) => `pty_s${index}`);
  await tell(shown.map((customer) => group(customer, 'young')));
  await bank.superuser.query(
    `insert into offers.participant select tenant_id, generation, action, who, arm, product,
            channel, chosen_ppm, propensity_ppm, first_at, last_at
       from offers.participant p, unnest($2::text[]) as who
      where tenant_id = $1 and customer = $3`,
    [offers.tenant.id, shown, people[0]],
  );
  assert.deepEqual(await judge(offers), ['premium-savings']);
  const [found] = await offers.tenant.read(listBreakers);
  assert.equal(found?.reason, 'fairness');
});

test('a propensity that is another than it was stops its action', async () => {
  const offers = await open();
  const people = await presented(offers, 3);
  await bank.superuser.query('alter table offers.exposure disable trigger user');
  const sql = `insert into offers.offer select (jsonb_populate_record(o, jsonb_build_object(
        'id', gen_random_uuid(), 'customer', 'pty_d' || n, 'code', 'D' || n || $3,
        'status', 'expired', 'presented_at', $2::timestamptz))).*
       from offers.offer o, generate_series(1, 200) n where tenant_id = $1 and customer = $4`;
  const before = new Date(bank.time.now - 5 * day).toISOString();
  const now = new Date(bank.time.now).toISOString();
  await bank.superuser.query(sql, [offers.tenant.id, before, 'A', people[0]]);
  await bank.superuser.query(sql, [offers.tenant.id, now, 'B', people[0]]);
  await bank.superuser.query(
    `insert into offers.exposure select o.tenant_id, o.id, o.customer, e.action, e.action_version,
            e.channel, e.path, e.counts, e.arm, e.chosen_ppm,
            case when o.presented_at < $2 then 100000 else 600000 end, e.propensity_source,
            e.terms, e.decision_id, o.presented_at
       from offers.offer o join offers.exposure e on e.tenant_id = o.tenant_id and e.customer = $3
      where o.tenant_id = $1 and o.code ~ '^D'`,
    [offers.tenant.id, now, people[0]],
  );
  assert.deepEqual(await judge(offers), ['premium-savings']);
  const [found] = await offers.tenant.read(listBreakers);
  assert.equal(found?.reason, 'drift');
  bank.time.now += 1_000;
  const reset = { scope: 'premium-savings', note: 'as it should be' };
  await offers.act('user:mia', 'offers.breaker.reset', reset);
  assert.deepEqual(await judge(offers), [], 'what was looked at is not held against it again');
});

test('while it is open nothing is tried on anybody', () => {
  const all = { ...learningDefault, holdout_bps: 0, control_bps: 0, exploration_bps: 1_000 };
  const people = Array.from({ length: 200 }, (_, index) => `pty_${index}`);
  const arms = (isFrozen: boolean) =>
    people.filter((customer) => {
      const asked = { tenant: 't', customer, action: 'a', at: bank.time.now, isFrozen };
      return isExplored(all, asked) && drawArm(all, asked).arm === 'explored';
    }).length;
  assert.ok(arms(false) > 5);
  assert.equal(arms(true), 0);
});

async function fold({ tenant }: Offers): Promise<void> {
  await bank.superuser.query(
    `insert into offers.participant
     select tenant_id, 1, action, customer, arm, 'prem_savings', channel, chosen_ppm,
            propensity_ppm, presented_at, presented_at
       from offers.exposure where tenant_id = $1 on conflict do nothing`,
    [tenant.id],
  );
}

test('who was offered two things and complains has complained once', async () => {
  const offers = await open();
  await offers.publish({ ...savings, code: 'other', product: { code: 'OTHER', kind: 'savings' } });
  const people = [await offers.customer(), await offers.customer(), await offers.customer()];
  for (const each of people) assert.equal((await offers.consider(each)).offers.length, 2);
  await complain(offers, people[0] ?? '');
  // One of six; of either action one of three.
  assert.deepEqual(await judge(offers), ['other', 'premium-savings']);
});

test('closing the breaker of one action says nothing of the others', async () => {
  const offers = await open();
  await offers.publish({ ...savings, code: 'other', product: { code: 'OTHER', kind: 'savings' } });
  const people = [await offers.customer(), await offers.customer(), await offers.customer()];
  for (const each of people) await offers.consider(each);
  await complain(offers, people[0] ?? '');
  const scope = { scope: 'other', note: 'looked at' };
  // A system of the bank opens it by hand, as far as anybody can tell.
  await offers.act('service:crm', 'offers.breaker.open', scope);
  const [opened] = await offers.tenant.read(listBreakers);
  assert.deepEqual([opened?.reason, opened?.opened_by], ['by_hand', 'service:crm']);
  bank.time.now += 1_000;
  await offers.act('user:mia', 'offers.breaker.reset', scope);
  assert.deepEqual(await judge(offers), ['premium-savings']);
});
