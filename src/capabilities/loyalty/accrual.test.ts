// Points follow transactions: each once, by the rules that counted, however the log was read.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { consumePage, externalId, type Json } from '#core';
import { authorization } from '#payments';
import { day, move, openBank, openServer, seal } from '../../../test/bank.ts';
import {
  checkPoints,
  crashBehindPage,
  everyday,
  openEarning,
  openParty,
  withEarn,
} from '../../../test/earning.ts';
import { accrual } from './accrual.ts';
import type { Program } from './program/program.ts';

const bank = await openBank({ after });

test('a dinner for 149.99 at twice the points gives 300, and the entry says why', async () => {
  const { buy, settle, points, tenant, customer } = await openEarning(bank);
  const dinner = await buy(14_999, { mcc: '5812' });
  await settle();
  assert.deepEqual(await points(), [300, 0, 0]);
  const { rows } = await bank.superuser.query(
    'select metadata, amount from money.transfer where tenant_id = $1 and currency = $2',
    [tenant.id, 'POINTS'],
  );
  assert.equal(rows.length, 1);
  const { expires_at, ...said } = rows[0].metadata;
  assert.deepEqual(said, {
    ...{ program: 'everyday', member: customer, entry: 'earn', reason: 'purchase' },
    ...{ rule: 'rate,dining', source: dinner, spend: '14999' },
  });
  assert.equal(expires_at, '2028-04-01T00:00:00.000Z');
});

test('what the programme leaves out, and what stays within the family, earns nothing', async () => {
  const { buy, settle, points, tenant, customer, account, earned } = await openEarning(bank);
  const savings = await tenant.open({ holder_id: customer });
  await tenant.execute('account.link', { account_id: savings, party_id: customer });
  await buy(5_000, { mcc: '7995' });
  await buy(5_000, { kind: 'fee' });
  await tenant.ok(move(account, savings, 500_000, { metadata: { kind: 'transfer' } }));
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  assert.deepEqual(
    (await earned()).map(({ outcome, reason }) => [outcome, reason]),
    [['nothing', 'gambling']],
  );
});

test('deposits, payments abroad and milestones earn by their own rules', async () => {
  const { tenant, account, settle, earned, merchant } = await openEarning(bank);
  const employer = await tenant.open();
  await tenant.ok(move(employer, account, 150_000, { metadata: { kind: 'payroll' } }));
  const abroad = { kind: 'transfer', country: 'AT' };
  await tenant.ok(move(account, merchant, 30_000, { metadata: abroad }));
  await tenant.ok(move(employer, account, 900_000, { metadata: { kind: 'payroll' } }));
  await settle();
  assert.deepEqual(
    (await earned()).map(({ kind, points }) => [kind, points]),
    [
      ['deposit', 100],
      ['international_payment', 150],
      ['balance_milestone', 1_000],
    ],
  );
});

test('a captured authorization earns once for each clearing, as much as was taken', async () => {
  const { authorize, capture, settle, points, earned } = await openEarning(bank);
  const payment = await authorize(10_000);
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  await capture(payment, 4_000, false);
  await capture(payment, 5_000);
  await settle();
  assert.deepEqual(await points(), [180, 0, 0]);
  assert.equal((await earned()).length, 2);
});

test('what nobody can make an amount of stops no other transaction', async () => {
  const { tenant, customer, merchant, buy, capture, settle, points } = await openEarning(bank);
  const sides = { currency: 'EUR' };
  const account = await tenant.open({ ...sides, holder_id: customer });
  const shop = await tenant.open(sides);
  await tenant.execute('account.link', { account_id: account, party_id: customer });
  for (const amount_home of [-100, 0, 250]) {
    const body = authorization({
      ...{ debtor_account_id: account, creditor_account_id: shop, amount: 200, currency: 'EUR' },
      ...{ card: 'card_1', entry_mode: 'chip', debtor: customer },
      merchant: { id: merchant, mcc: '5812', country: 'DE' },
      facts: { screening_status: 'known', amount_home },
    });
    const { commandId } = await tenant.execute('payment.authorize', body as Json);
    await capture(externalId('payment', commandId), 200);
  }
  await buy(10_000);
  await settle();
  // 2.50 at home in a restaurant are 5 points.
  assert.deepEqual(await points(), [105, 0, 0]);
});

test('rules change before the clearing: the programme says which count', async () => {
  const byPosting: Program = { ...everyday, rules_as_of: 'posting' };
  for (const [first, expected] of [
    [everyday, 200],
    [byPosting, 300],
  ] as const) {
    const { authorize, capture, settle, points, publish } = await openEarning(bank, {
      document: first,
    });
    const payment = await authorize(10_000);
    bank.time.now += 60_000;
    await publish(withDining(first, '3'));
    bank.time.now += 60_000;
    await capture(payment, 10_000);
    await settle();
    assert.deepEqual(await points(), [expected, 0, 0]);
  }
});

test('a page that was carried out, not written down, is taken as it is on record', async () => {
  const { buy, settle, points, publish, earned } = await openEarning(bank);
  await buy(10_000, { mcc: '5812' });
  await crashBehindPage(bank);
  assert.deepEqual(await points(), [200, 0, 0]);
  assert.deepEqual(await earned(), []);
  // By now the same would give more: what was given was given.
  await publish(withDining(everyday, '3'));
  await settle();
  assert.deepEqual(await points(), [200, 0, 0]);
  assert.deepEqual(
    (await earned()).map((row) => [row.outcome, row.points]),
    [['earned', 200]],
  );
});

test('what was switched off behind a crash has been given all the same', async () => {
  const { buy, settle, points, setRollout, earned } = await openEarning(bank);
  await buy(10_000);
  await crashBehindPage(bank);
  await setRollout('off');
  await settle();
  assert.deepEqual(await points(), [100, 0, 0]);
  assert.equal((await earned()).length, 1);
  await buy(10_000);
  await settle();
  assert.deepEqual(await points(), [100, 0, 0], 'what comes now earns nothing');
});

test('two processes that follow the log give each purchase its points once', async () => {
  const { buy, settle, points } = await openEarning(bank);
  const other = openServer({ after }, bank, { name: 'other', seed: 7 });
  for (let count = 0; count < 20; count += 1) await buy(1_000 + count * 100);
  await seal(bank);
  const consumers = [bank.planes, other].map(async (planes) => {
    const consumer = accrual(planes);
    while ((await consumePage(consumer, planes.database.pool('app'), { pageSize: 7 })) > 0);
  });
  await Promise.all(consumers);
  await settle();
  assert.deepEqual(await points(), [390, 0, 0]);
});

test('caps end what is given, over pages and crashes', async () => {
  const capped = withEarn(everyday, { caps: [{ per: 'day', points: 250 }] });
  const { buy, settle, points } = await openEarning(bank, { document: capped });
  await buy(10_000);
  await buy(10_000);
  await crashBehindPage(bank);
  await settle();
  await buy(10_000);
  await settle();
  assert.deepEqual(await points(), [250, 0, 0]);
  bank.time.now += day;
  await buy(10_000);
  await settle();
  assert.deepEqual(await points(), [350, 0, 0]);
});

test('in shadow it is told what would have been given, once, and nothing is', async () => {
  const { buy, settle, points, events, earned, customer } = await openEarning(bank, {
    mode: 'shadow',
  });
  const first = await buy(10_000);
  await crashBehindPage(bank);
  await buy(20_000);
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  const told = (await events('loyalty.accrual_shadowed')) as { items: object[] }[];
  const items = told.flatMap((each) => each.items as { transfer_id: string; points: number }[]);
  assert.deepEqual(
    items.map(({ points: of }) => of),
    [100, 200],
  );
  assert.deepEqual(items[0], {
    ...{ transfer_id: first, kind: 'purchase', customer, points: 100 },
    version: (items[0] as unknown as { version: string }).version,
    parts: [{ points: 100, campaign: null, rules: ['rate'] }],
  });
  assert.deepEqual(
    (await earned()).map(({ outcome }) => outcome),
    ['shadowed', 'shadowed'],
  );
});

test('with a person in the loop each earning waits for one, and is then given', async () => {
  const { buy, settle, points, open, approve, earned } = await openEarning(bank, {
    mode: 'human_in_the_loop',
  });
  await buy(10_000);
  await settle();
  bank.time.now += 1_000;
  await buy(20_000);
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  const [first = '', second = ''] = await open();
  await approve(first);
  await approve(second, 'reject');
  await settle();
  assert.deepEqual(await points(), [100, 0, 0]);
  assert.deepEqual(
    (await earned()).map(({ outcome }) => outcome),
    ['earned', 'refused'],
  );
});

test('a canary gives to some customers always, and asks a person for the others', async () => {
  const bankOf = await openEarning(bank, { mode: 'off' });
  await bankOf.setRollout('canary', 50);
  const { tenant, merchant, settle, earned } = bankOf;
  for (let count = 0; count < 12; count += 1) {
    const customer = await openParty(tenant);
    const account = await tenant.open({ holder_id: customer });
    await tenant.execute('account.link', { account_id: account, party_id: customer });
    for (let turn = 0; turn < 2; turn += 1) {
      await tenant.ok(move(account, merchant, 1_000, { metadata: { kind: 'card', mcc: '5999' } }));
    }
  }
  await settle();
  const outcomes = (await earned()).map(({ outcome }) => outcome);
  assert.deepEqual([...new Set(outcomes)].sort(), ['asked', 'earned']);
});

test('more than 10,000 points at once are given when somebody else has agreed', async () => {
  const { buy, settle, points, open, approve, earned } = await openEarning(bank);
  await buy(2_000_000);
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  const [approval = ''] = await open();
  await approve(approval);
  await settle();
  assert.deepEqual(await points(), [20_000, 0, 0]);
  const [row] = await earned();
  assert.deepEqual([row?.outcome, row?.points], ['earned', 20_000]);
});

test('of all that was earned not one point is lost or added', async () => {
  await checkPoints(bank);
});

function withDining(document: Program, multiplier: string): Program {
  const rules = document.earn.rules.map((rule) =>
    rule.id === 'dining' ? { ...rule, multiplier } : rule,
  );
  return withEarn(document, { rules });
}
