import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault, type Json } from '#core';
import { day, openBank, openServer } from '../../../test/bank.ts';
import { type Offers, openOffers, savings } from '../../../test/offers.ts';
import type { Action } from './action.ts';

const bank = await openBank({ after });

function many(count: number, more: Partial<Action> = {}): readonly Action[] {
  return Array.from({ length: count }, (_, index) => ({
    ...savings,
    code: `savings-${index}`,
    product: { code: `SAVINGS_${index}`, kind: 'savings' as const },
    ...more,
  }));
}

/** As if it had been chosen. */
function presentBody(customer: string, action: string, more: Record<string, Json> = {}) {
  return {
    ...{ customer, action, version: 1, channel: 'in_app', path: 'trigger' },
    ...{ chosen_by_model: false, arm: 'treated', chosen_ppm: 1_000_000 },
    ...{ propensity_ppm: 300_000, propensity_source: 'starting', terms: {}, because: null },
    ...more,
  };
}

async function outcomes(
  { act }: Pick<Offers, 'act'>,
  bodies: readonly Json[],
): Promise<readonly string[]> {
  const done = await Promise.allSettled(
    bodies.map((body) => act('service:offers', 'offer.present', body)),
  );
  return done.map((each) => {
    if (each.status === 'rejected') {
      const fault = each.reason as Fault;
      return `${fault.code}/${String(fault.detail['reason'])}`;
    }
    const { outcome } = each.value;
    return outcome.status === 'accepted' ? 'accepted' : String(outcome.reasons);
  });
}

test('whatever asks for it and however many at once: three a month, and never four', async () => {
  const offers = await openOffers(bank);
  const { publish, customer, offersOf, tenant } = offers;
  const actions = many(8);
  for (const action of actions) await publish(action);
  const who = await customer();
  const other = openServer({ after }, bank, { name: 'other', seed: 7 });
  const ofOther = actions.slice(4).map(({ code }, index) =>
    other
      .execute({
        principal: { kind: 'service', id: 'offers', tenant: tenant.id },
        operation: 'offer.present',
        idempotencyKey: `other-${index}`,
        body: presentBody(who, code),
      })
      .then(
        ({ outcome }) => outcome.status,
        () => 'refused',
      ),
  );
  const [own, theirs] = await Promise.all([
    outcomes(
      offers,
      actions.slice(0, 4).map(({ code }) => presentBody(who, code)),
    ),
    Promise.all(ofOther),
  ]);
  const accepted = [...own, ...theirs].filter((each) => each === 'accepted');
  assert.equal(accepted.length, 3, JSON.stringify([own, theirs]));
  assert.equal((await offersOf(who)).items.length, 3);
  bank.time.now += 31 * day;
  assert.deepEqual(await outcomes(offers, [presentBody(who, 'savings-7')]), ['accepted']);
});

test('two sessions at once present as much as one, and both show it', async () => {
  const { publish, customer, consider, offersOf } = await openOffers(bank);
  for (const action of many(6)) await publish(action);
  const who = await customer();
  const sessions = await Promise.all([consider(who), consider(who), consider(who)]);
  const items = (await offersOf(who)).items.map(({ offer_id }) => offer_id).sort();
  assert.equal(items.length, 2);
  for (const { offers } of sessions) {
    assert.deepEqual(offers.map(({ offer_id }) => offer_id).sort(), items);
  }
});

test('a channel has a cap of its own', async () => {
  const offers = await openOffers(bank);
  for (const action of many(2)) await offers.publish(action);
  const who = await offers.customer({ time_zone: 'Europe/Berlin' }, ['in_app', 'sms']);
  const sms = (code: string) => presentBody(who, code, { channel: 'sms' });
  const noon = Date.parse(`${new Date(bank.time.now).toISOString().slice(0, 10)}T12:00:00Z`);
  bank.time.now = noon + day;
  assert.deepEqual(await outcomes(offers, [sms('savings-0')]), ['accepted']);
  assert.deepEqual(await outcomes(offers, [sms('savings-1')]), ['conflict/enough_on_channel']);
  bank.time.now += 31 * day + 10 * 3_600_000;
  assert.deepEqual(await outcomes(offers, [sms('savings-1')]), ['quiet_hours'], 'it is late');
  bank.time.now += 14 * 3_600_000;
});

test('a refusal keeps the action away for 90 days, a complaint all for 30', async () => {
  const offers = await openOffers(bank);
  const { publish, customer, act, offersOf, tenant } = offers;
  for (const action of many(2)) await publish(action);
  const who = await customer();
  await outcomes(offers, [presentBody(who, 'savings-0')]);
  const [offer] = (await offersOf(who)).items;
  await act('service:app', 'offer.decline', { offer_id: offer?.offer_id, reason: 'not_now' });
  bank.time.now += 45 * day;
  assert.deepEqual(await outcomes(offers, [presentBody(who, 'savings-0')]), ['refused_recently']);
  const about = { party_id: who, subject: 'complaint', text_token: null };
  await tenant.execute('service_request.make', about);
  assert.deepEqual(await outcomes(offers, [presentBody(who, 'savings-1')]), [
    'complained_recently',
  ]);
  const { rows } = await bank.superuser.query(
    `update register.service_request set status = 'done', ended_at = $2 where tenant_id = $1
      returning id`,
    [tenant.id, new Date(bank.time.now).toISOString()],
  );
  assert.equal(rows.length, 1);
  bank.time.now += 29 * day;
  assert.deepEqual(await outcomes(offers, [presentBody(who, 'savings-1')]), [
    'complained_recently',
  ]);
  bank.time.now += 17 * day;
  const both = [presentBody(who, 'savings-1'), presentBody(who, 'savings-0')];
  assert.deepEqual(await outcomes(offers, both), ['accepted', 'accepted']);
});

test('of a scarce offer there are as many as were published, whoever comes first', async () => {
  const offers = await openOffers(bank);
  await offers.publish({ ...savings, volume: { offers_max: 2, period: 'day' } });
  const bodies: Json[] = [];
  for (let each = 0; each < 4; each += 1) {
    bodies.push(presentBody(await offers.customer(), 'premium-savings'));
  }
  const found = await outcomes(offers, bodies);
  assert.deepEqual([...found].sort(), [
    'accepted',
    'accepted',
    'conflict/none_left',
    'conflict/none_left',
  ]);
  const late = await offers.consider(await offers.customer());
  assert.deepEqual(late.candidates[0]?.refused[0]?.rule, 'none_left');
  bank.time.now += day;
  const next = await outcomes(offers, [presentBody(await offers.customer(), 'premium-savings')]);
  assert.deepEqual(next, ['accepted']);
});

test('presenting goes on beside postings, and waits for who has the tenant alone', async () => {
  const offers = await openOffers(bank);
  for (const action of many(2)) await offers.publish(action);
  const who = await offers.customer();
  const present = (index: number) => outcomes(offers, [presentBody(who, `savings-${index}`)]);
  const other = await bank.superuser.connect();
  const lock = (word: string) =>
    other.query(`select pg_advisory_xact_lock${word}(hashtextextended($1, 1))`, [offers.tenant.id]);
  try {
    await other.query('begin');
    await lock('_shared');
    assert.deepEqual(await present(0), ['accepted']);
    await other.query('commit');
    await other.query('begin');
    await lock('');
    let isDone = false;
    const waiting = present(1).finally(() => (isDone = true));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(isDone, false);
    await other.query('commit');
    assert.deepEqual(await waiting, ['accepted']);
  } finally {
    other.release();
  }
});

test('who sends the same twice at once has one offer, and one answer', async () => {
  const offers = await openOffers(bank);
  await offers.publish(savings);
  const who = await offers.customer();
  const input = {
    principal: { kind: 'service', id: 'offers', tenant: offers.tenant.id },
    ...{ operation: 'offer.present', idempotencyKey: 'twice at once' },
    body: presentBody(who, 'premium-savings'),
  } as const;
  const both = await Promise.all([1, 2, 3].map(() => bank.planes.execute(input)));
  assert.equal(both.filter(({ replayed }) => replayed).length, 2);
  assert.equal(new Set(both.map(({ commandId }) => commandId)).size, 1);
  assert.equal((await offers.offersOf(who)).items.length, 1);
});

test('what the bank must tell needs no consent, is no contact, and is told once', async () => {
  const offers = await openOffers(bank);
  const { publish, customer, offersOf } = offers;
  await publish({
    ...savings,
    ...{ code: 'new-terms', class: 'mandatory', product: { code: 'TERMS', kind: 'service' } },
    terms: { amount: 0, currency: 'EUR' },
  });
  const who = await customer({}, []);
  const body = presentBody(who, 'new-terms');
  const both = await outcomes(offers, [body, body]);
  assert.deepEqual([...both].sort(), ['accepted', 'conflict/open_offer']);
  const [told] = (await offersOf(who)).items;
  assert.equal(told?.counts, false);
  const found = await offers.consider(who);
  assert.deepEqual(
    found.candidates[0]?.refused.map(({ rule }) => rule),
    ['open_offer', 'presented_recently'],
  );
});

test('what sells cannot be called mandatory to go round the caps', async () => {
  const { act } = await openOffers(bank);
  const action = { ...savings, class: 'mandatory' };
  await assert.rejects(
    act('user:ada', 'offer.action.publish', { action }),
    (error) => error instanceof Fault && error.code === 'invalid_request',
  );
});

test('an action counts in the home currency of the bank, and in no other', async () => {
  const { act } = await openOffers(bank);
  const action = { ...savings, terms: { ...savings.terms, currency: 'USD' } };
  await assert.rejects(act('user:ada', 'offer.action.publish', { action }), (error) => {
    assert.deepEqual((error as Fault).detail['errors'], [
      { pointer: '/terms/currency', detail: 'must be EUR, the home currency of the bank' },
    ]);
    return true;
  });
});

test('a bundle and a better price want a manager among those who approve', async () => {
  const { publish } = await openOffers(bank);
  const bundle = [{ code: 'TRAVEL_INSURANCE', kind: 'insurance' as const }];
  const wants = (error: unknown) =>
    error instanceof Fault && error.detail['reason'] === 'manager_needed';
  await assert.rejects(publish({ ...savings, bundle }, 'user:bob'), wants);
  const terms = { ...savings.terms, rate_bps: 350, list_rate_bps: 290 };
  await assert.rejects(publish({ ...savings, terms }, 'user:bob'), wants);
  await publish({ ...savings, terms, bundle }, 'user:mia');
});

test('a message has slots for figures of the terms alone; conditions are checked', async () => {
  const { act } = await openOffers(bank);
  const treatments = [{ channel: 'in_app', message: 'Dear {name}' }];
  const action = {
    ...{ ...savings, treatments },
    eligibility: [{ id: 'rich', when: 'income > 5', says: 'is not rich' }],
  };
  await assert.rejects(act('user:ada', 'offer.action.publish', { action }), (error) => {
    const errors = (error as Fault).detail['errors'] as readonly { pointer: string }[];
    assert.deepEqual(
      errors.map(({ pointer }) => pointer),
      ['/eligibility/0/when', '/treatments/0/message'],
    );
    return true;
  });
});

test('no tenant sees, or presents, what is another’s', async () => {
  const [one, other] = [await openOffers(bank), await openOffers(bank)];
  await one.publish(savings);
  const who = await one.customer();
  const foreign = await outcomes(other, [presentBody(who, 'premium-savings')]);
  assert.deepEqual(foreign, ['not_found/undefined']);
  await one.consider(who);
  assert.equal((await one.offersOf(who)).items.length, 1);
  assert.equal((await other.offersOf(who)).items.length, 0);
});

test('each offer has a code of its own', async () => {
  const { publish, customer, consider, offersOf } = await openOffers(bank);
  await publish(savings);
  const codes = new Set<string>();
  for (let each = 0; each < 5; each += 1) {
    const who = await customer();
    await consider(who);
    codes.add((await offersOf(who)).items[0]?.code ?? '');
  }
  assert.equal(codes.size, 5);
  for (const code of codes) assert.match(code, /^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
});
