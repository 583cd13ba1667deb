// Time passes: points mature and expire once, whoever looks, and are told of before they end.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { derivedUuid, externalId } from '#core';
import { day, openBank, openServer } from '../../../test/bank.ts';
import { checkPoints, everyday, openEarning } from '../../../test/earning.ts';
import { followPoints } from '../../../test/points.ts';
import { warnOfExpiry } from './clockwork-warnings.ts';
import { clockwork } from './clockwork.ts';
import { forfeiting } from './clockwork-closed.ts';
import { programAccounts } from './accounts.ts';
import { readMember } from './members.ts';
import { redeemCommand, restoreCommand } from './points.ts';
import { listLots, readStanding } from './standing.ts';
import type { Program } from './program/program.ts';

const bank = await openBank({ after });
const other = openServer({ after }, bank, { name: 'other', seed: 11 });
const onError = (error: unknown) => assert.ifError(error);

const rolling: Program = {
  ...everyday,
  expiry: { kind: 'rolling', months: 3, from: 'earning' },
};

test('pending points become active when their time has come, lot by lot', async () => {
  const { buy, settle, points } = await openEarning(bank, {
    document: { ...everyday, pending: { days: 14 } },
  });
  await buy(10_000);
  await settle();
  bank.time.now += 2 * day;
  await buy(20_000);
  await settle();
  assert.deepEqual(await points(), [0, 300, 0]);
  bank.time.now += 12 * day;
  await settle();
  assert.deepEqual(await points(), [100, 200, 0]);
  bank.time.now += 2 * day;
  await settle();
  assert.deepEqual(await points(), [300, 0, 0]);
});

test('points that mature pay what is owed first', async () => {
  const { buy, getBack, settle, points } = await openEarning(bank, {
    document: { ...everyday, pending: { days: 14 } },
  });
  await buy(10_000, { reference: 'order-1' });
  await settle();
  bank.time.now += 15 * day;
  await buy(5_000);
  await settle();
  assert.deepEqual(await points(), [100, 50, 0]);
  await getBack(10_000, { kind: 'refund', of: 'order-1' });
  await settle();
  assert.deepEqual(await points(), [0, 50, 0]);
  bank.time.now += 15 * day;
  await settle();
  assert.deepEqual(await points(), [50, 0, 0]);
});

test('points expire to the instant, once, with two processes at it', async () => {
  const { buy, settle, points } = await openEarning(bank, { document: rolling });
  await buy(10_000);
  await settle();
  bank.time.now += 40 * day;
  await buy(5_000);
  await settle();
  bank.time.now += 60 * day;
  const [one, two] = [bank.planes, other].map((planes) => clockwork({ ...planes, onError }));
  await Promise.all([one?.(), two?.(), one?.()]);
  await settle();
  assert.deepEqual(await points(), [50, 0, 0]);
  const { rows } = await bank.superuser.query(
    `select count(*) from core.command where operation = 'points.expire'
        and outcome::jsonb ->> 'status' = 'accepted' and received_at >= $1`,
    [new Date(bank.time.now - day)],
  );
  assert.equal(Number(rows[0].count), 1);
});

test('where the last activity counts, whoever buys keeps all points alive', async () => {
  const document: Program = {
    ...everyday,
    expiry: { kind: 'rolling', months: 3, from: 'last_activity' },
  };
  const earning = await openEarning(bank, { document });
  const { tenant, customer, buy, settle, points, events } = earning;
  const program = 'everyday';
  const stands = () =>
    tenant.read(async (tx) => {
      const at = bank.time.now;
      const { spendable, lapsed, expiring } = await readStanding(tx, program, customer, { at });
      const { items } = await listLots(tx, { program, customer }, { at });
      return { spendable, lapsed, expiring, ends: new Set(items.map((lot) => lot.expires_at)) };
    });
  await buy(10_000);
  await settle();
  bank.time.now += 80 * day;
  await buy(5_000);
  await settle();
  const ends = new Date(bank.time.now);
  ends.setUTCMonth(ends.getUTCMonth() + 3);
  bank.time.now += 30 * day;
  await settle();
  assert.deepEqual(await points(), [150, 0, 0]);
  // What was bought first would be over by now.
  const first_expires_at = ends.toISOString();
  const month = first_expires_at.slice(0, 7);
  assert.deepEqual(await stands(), {
    ...{ spendable: 150, lapsed: 0, expiring: [{ month, points: 150, first_expires_at }] },
    ends: new Set([first_expires_at]),
  });
  await warnOfExpiry(bank.planes);
  assert.deepEqual(await events('loyalty.points_expiring'), []);
  bank.time.now = ends.getTime() - 20 * day;
  await warnOfExpiry(bank.planes);
  await warnOfExpiry(bank.planes);
  assert.deepEqual(await events('loyalty.points_expiring'), [
    { program, customer, points: 150, month, first_expires_at },
  ]);
  bank.time.now = ends.getTime();
  assert.equal((await stands()).lapsed, 150);
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
});

test('who has points that end within 30 days is told so once for each month', async () => {
  const { buy, settle, events, customer } = await openEarning(bank, { document: rolling });
  await buy(10_000);
  await buy(20_000);
  await settle();
  assert.equal(await warnOfExpiry(bank.planes), 0);
  const ends = new Date(bank.time.now);
  ends.setUTCMonth(ends.getUTCMonth() + 3);
  bank.time.now = ends.getTime() - 20 * day;
  await Promise.all([warnOfExpiry(bank.planes), warnOfExpiry(other)]);
  await warnOfExpiry(bank.planes);
  const told = await events('loyalty.points_expiring');
  assert.deepEqual(told, [
    {
      ...{ program: 'everyday', customer, points: 300 },
      ...{ month: ends.toISOString().slice(0, 7), first_expires_at: ends.toISOString() },
    },
  ]);
});

test('a closed membership loses what it has and what came back, and owes nothing', async () => {
  const { tenant, customer, buy, getBack, settle, points } = await openEarning(bank, {
    document: { ...everyday, pending: { days: 14 } },
  });
  const program = 'everyday';
  await buy(10_000, { reference: 'closed-1' });
  await buy(6_000, { reference: 'closed-2' });
  await settle();
  bank.time.now += 15 * day;
  await buy(5_000);
  await settle();
  const moving = async (key: string) => {
    const seen = await tenant.read(async (tx) => ({
      program: await programAccounts(tx, program),
      member: await readMember(tx, program, customer),
    }));
    assert(seen.program && seen.member);
    const by = { kind: 'service', id: 'loyalty', tenant: tenant.id } as const;
    return { by, key, program: seen.program, member: seen.member, reason: 'voucher' };
  };
  const spent = await bank.planes.execute(
    redeemCommand({ ...(await moving('spend')), points: 130 }),
  );
  const of = externalId('transfer', derivedUuid(spent.commandId, 'transfer', 0));
  await getBack(10_000, { kind: 'refund', of: 'closed-1' });
  await settle();
  assert.deepEqual(await points(), [0, 50, 70]);
  await tenant.execute('loyalty.member.change', {
    ...{ program, customer, standing: 'closed', reason: 'asked for' },
  });
  const both = [bank.planes, other].map((planes) => forfeiting({ ...planes, onError }));
  await Promise.all([...both, ...both].map((work) => work()));
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  const forfeits = async () => {
    const { rows } = await bank.superuser.query(
      `select count(*)::integer as count from core.command
        where operation = 'points.forfeit' and outcome::jsonb ->> 'status' = 'accepted'
          and tenant_id = $1`,
      [tenant.id],
    );
    return rows[0].count;
  };
  assert.equal(await forfeits(), 1, 'two processes do it once');
  await bank.planes.execute(restoreCommand({ ...(await moving('back')), points: 130, of }));
  await settle();
  assert.deepEqual([await points(), await forfeits()], [[0, 0, 0], 2]);
});

test('whatever time does to points, none is lost or added', async () => {
  await followPoints(bank.planes);
  await checkPoints(bank);
});
