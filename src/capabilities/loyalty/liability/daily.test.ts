import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault, type Json, sha256Hex } from '#core';
import { day, figures, move, openBank, seal } from '../../../../test/bank.ts';
import { type Earning, everyday, openEarning, openParty } from '../../../../test/earning.ts';
import { deployModel, shippedModel } from '../../../../test/scored.ts';
import { programAccounts } from '../accounts.ts';
import { programsInForce } from '../program/versions.ts';
import { liabilityKeeper } from './daily.ts';
import { tellMembers } from './nightly.ts';
import { readSignals } from './signals.ts';
import { listLiabilityRuns, readLiability } from './views.ts';

const bank = await openBank({ after });
const { planes, time } = bank;
const failed: unknown[] = [];
const keeper = () => liabilityKeeper({ ...planes, onError: (error) => void failed.push(error) });
after(() => assert.deepEqual(failed, []));

const burn = { expiring_days: 60, points_min: 1_000, members_max: 10 };
const document = { ...everyday, liability: { policy: 'ifrs15' as const, price_bps: 150, burn } };

const liabilityOf = ({ tenant }: Earning) => tenant.read((tx) => readLiability(tx, 'everyday'));

async function bookedOf({ tenant }: Earning): Promise<number> {
  const accounts = await tenant.read((tx) => programAccounts(tx, 'everyday'));
  assert.ok(accounts);
  return (await figures(tenant, accounts.liability))[0];
}

/** The programme's midnight, in its time zone, and some minutes. */
const nextMorning = () => {
  time.now += day;
};

test('purchases become points, and the ledger says what they are owed, day by day', async () => {
  const earning = await openEarning(bank, { document });
  await earning.buy(250_000);
  await earning.settle();
  const keep = keeper();
  nextMorning();
  await keep();
  const first = (await liabilityOf(earning)) ?? assert.fail();
  assert.deepEqual([first.figures.points, first.figures.outstanding], [2_500, 2_500]);
  assert.ok(first.figures.liability > 0);
  assert.equal(await bookedOf(earning), first.figures.liability);
  assert.equal(await keep(), 0, 'once a day');
  await earning.buy(100_000);
  await earning.getBack(50_000, { kind: 'card' });
  await earning.settle();
  nextMorning();
  // Another process, which remembers nothing, does no more than what is due.
  await keeper()();
  const second = (await liabilityOf(earning)) ?? assert.fail();
  assert.deepEqual([second.ordinal, second.follows], [first.ordinal + 1, first.ordinal]);
  assert.equal(await bookedOf(earning), second.figures.liability);
  await seal(bank);
  const told = (await earning.events('loyalty.liability_posted')) as { status: string }[];
  assert.deepEqual(
    told.map(({ status }) => status),
    ['posted', 'posted'],
  );
});

test('somebody asks for a run: it is there as of then, and waited for no more', async () => {
  const earning = await openEarning(bank, { document });
  await earning.buy(90_000);
  await earning.settle();
  nextMorning();
  await keeper()();
  time.now += 3_600_000;
  const asOf = new Date(time.now - 60_000).toISOString();
  const ask = (as_of: string) =>
    earning.tenant.execute('loyalty.liability.request', { program: 'everyday', as_of });
  await ask(asOf);
  const refused = (error: unknown) => error instanceof Fault && error.code === 'invalid_request';
  await assert.rejects(ask(new Date(time.now + 1).toISOString()), refused);
  await keeper()();
  assert.equal((await liabilityOf(earning))?.as_of, asOf);
  const runs = await earning.tenant.read((tx) => listLiabilityRuns(tx, 'everyday', { limit: 5 }));
  assert.deepEqual(runs.requested, []);
  await assert.rejects(ask(asOf), refused);
});

test('points that run out are told of once a month, as far as the rollout lets', async () => {
  const earning = await openEarning(bank, { document });
  await earning.buy(400_000);
  await earning.settle();
  // Two years, to the end of a quarter: a month before that.
  const expires = await earning.tenant.read(async (tx) => {
    const { rows } = await tx.query<{ at: Date }>(
      `select expires_at as at from loyalty.lot where program = 'everyday'`,
    );
    return rows[0]?.at.getTime() ?? 0;
  });
  const before = time.now;
  time.now = expires - 30 * day + 3_600_000;
  const suggested = () => earning.events('loyalty.burn_suggested');
  await keeper()();
  assert.deepEqual(await suggested(), [], 'off');
  await earning.setRollout('shadow', undefined, 'loyalty-burn');
  await keeper()();
  await keeper()();
  const [told, ...more] = (await suggested()) as Record<string, Json>[];
  assert.deepEqual(more, []);
  assert.deepEqual(
    [told?.['customer'], told?.['points'], told?.['mode'], told?.['acts']],
    [earning.customer, 4_000, 'shadow', false],
  );
  const kinds = told?.['propensities'] as Record<string, number>;
  assert.deepEqual(Object.values(kinds), [0.2, 0.2, 0.2, 0.2, 0.2]);
  time.now = before;
});

test('a good customer who stays away is told of, by the rule, then by the model', async () => {
  const earning = await openEarning(bank, { document });
  for (let purchase = 0; purchase < 6; purchase += 1) {
    await earning.buy(90_000);
    time.now += 7 * day;
  }
  await earning.settle();
  await earning.setRollout('automatic', undefined, 'retention');
  const atRisk = async () =>
    (await earning.events('loyalty.member_at_risk')) as Record<string, Json>[];
  time.now += 40 * day;
  await keeper()();
  assert.deepEqual(await atRisk(), [], 'without a model, seven weeks are no sign');
  time.now += 60 * day;
  await keeper()();
  await keeper()();
  const [byRule, ...more] = await atRisk();
  assert.deepEqual(more, []);
  assert.deepEqual(
    [byRule?.['churn'], byRule?.['churn_status'], byRule?.['acts'], byRule?.['spend']],
    [null, 'fallback', true, 540_000],
  );
  await deployModel(planes, earning.tenant.id, shippedModel('customer-churn'));
  time.now += 31 * day;
  await keeper()();
  // Who has not agreed is not scored: the rule of the card has no say either.
  assert.deepEqual((await atRisk()).at(-1)?.['churn_status'], 'fallback');
  const consent = { person: earning.customer, purpose: 'ai_data_use', status: 'granted' };
  await earning.tenant.execute('consent.record', { ...consent, source: 'app', text_version: '1' });
  time.now += 31 * day;
  await keeper()();
  const scored = (await atRisk()).at(-1);
  assert.equal(scored?.['churn_status'], 'scored');
  assert.ok((scored?.['churn'] as number) > 0.6);
});

test('who was looked at in vain leaves the turn to the next, for a fortnight', async () => {
  const earning = await openEarning(bank, { document });
  const { tenant, customer, merchant } = earning;
  const second = await openParty(tenant);
  const account = await tenant.open({ holder_id: second });
  await tenant.execute('account.link', { account_id: account, party_id: second });
  await earning.buy(900_000);
  await tenant.ok(move(account, merchant, 300_000, { metadata: { kind: 'card', mcc: '5999' } }));
  await earning.settle();
  await earning.setRollout('automatic', undefined, 'retention');
  const looked = async () => {
    const { rows } = await bank.superuser.query<{ customer: string; on: string }>(
      `select customer, looked_on::text as on from loyalty.member_look where tenant_id = $1
        order by looked_on, customer`,
      [tenant.id],
    );
    return rows.map(({ customer: who, on }) => [who === customer ? 'first' : 'second', on]);
  };
  const programs = await tenant.read((tx) => programsInForce(tx, time.now));
  const night = () =>
    tellMembers(planes, {
      ...{ tenant: tenant.id, program: programs[0] ?? assert.fail(), at: time.now },
      membersMax: 1,
    });
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
  const begins = time.now + 40 * day;
  for (let index = 0; index < 15; index += 1) {
    time.now = begins + index * day;
    assert.equal(await night(), 0, 'without a model, seven weeks are no sign');
    const [first, next] = [dayOf(begins), dayOf(begins + day)];
    const expected =
      index === 0
        ? [['first', first]]
        : [
            ['first', first],
            ['second', next],
          ];
    if (index < 14) assert.deepEqual(await looked(), expected);
  }
  assert.deepEqual(await looked(), [
    ['second', dayOf(begins + day)],
    ['first', dayOf(begins + 14 * day)],
  ]);
});

test('what a member is worth is told on his day of the month, where a model says it', async () => {
  const earning = await openEarning(bank, { document });
  const { customer, tenant } = earning;
  await earning.setRollout('automatic', undefined, 'customer-value');
  await deployModel(planes, tenant.id, shippedModel('customer-lifetime-value'));
  const consent = { person: customer, purpose: 'ai_data_use', status: 'granted' };
  await tenant.execute('consent.record', { ...consent, source: 'app', text_version: '1' });
  for (let purchase = 0; purchase < 5; purchase += 1) {
    await earning.buy(4_000);
    time.now += 40 * day;
  }
  await earning.settle();
  const turn = (Number.parseInt(sha256Hex(customer).slice(0, 2), 16) % 28) + 1;
  const isTurn = () => new Date(time.now).getUTCDate() === turn;
  if (isTurn()) time.now += day;
  await keeper()();
  const signals = () => tenant.read((tx) => readSignals(tx, customer));
  assert.deepEqual(await signals(), {}, 'others have their turn today');
  while (!isTurn()) time.now += day;
  await keeper()();
  await keeper()();
  const told = (await earning.events('loyalty.member_valued')) as Record<string, Json>[];
  assert.equal(told.length, 1);
  const { valued } = await signals();
  const {
    lifetime_value: value,
    lifetime_value_status: status,
    segment,
    spend,
  } = valued?.told ?? {};
  assert.deepEqual([status, spend, told[0]?.['lifetime_value']], ['scored', 20_000, value]);
  assert.ok(typeof value === 'number' && value > 0 && value < 1_000, String(value));
  assert.equal(segment, value >= 100 ? 'high' : value >= 25 ? 'middle' : 'low');
});

test('what fails of one programme keeps no other waiting', async () => {
  const earning = await openEarning(bank, { document });
  const other = { ...document, name: 'another', unit: 'OTHER_POINTS' };
  await earning.publish(other);
  time.now += day;
  const seen: unknown[] = [];
  const keep = liabilityKeeper({
    ...planes,
    onError: (error) => void seen.push(error),
    execute: (input) =>
      input.idempotencyKey.includes('another')
        ? Promise.reject(new Error('a bug'))
        : planes.execute(input),
  });
  await keep();
  assert.ok(await liabilityOf(earning), 'the other one has its run');
  assert.deepEqual(seen.map(String), ['Error: a bug']);
});
