// Points against the log and the ledger: whatever is touched, `verify` names it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { derivedUuid, externalId, type Finding, joinChecks, verifyLog } from '#core';
import { checkJournal } from '#money';
import { openBank } from '../../../test/bank.ts';
import { openPoints } from '../../../test/points.ts';
import { owing } from './members.ts';
import { takeBackCommand } from './points.ts';
import { checkPoints } from './verify.ts';

const bank = await openBank({ after });
const { keyring } = bank.planes;
const tenant = await bank.tenant();
const points = await openPoints(bank, tenant.id);
await points.enrol('cus_2');
const one = await points.enrol('cus_1');
const bought = await points.earn(one, 300);
await points.earn(one, 40, { to: 'pending' });
await points.redeem(one, 250);
const member = await owing(bank.planes, {
  tenant: tenant.id,
  program: 'everyday',
  customer: 'cus_1',
});
const lot = externalId('transfer', derivedUuid(bought.commandId, 'transfer', 0));
const takes = [
  { points: 50, lot },
  { points: 250, lot, from: 'owed' as const },
];
await bank.planes.execute(takeBackCommand({ ...points.moving(member), takes }));
const change = { program: 'everyday', customer: 'cus_2', reason: 'asked for' };
await tenant.execute('loyalty.member.change', { ...change, standing: 'suspended' });
await points.fold();

async function findings(): Promise<readonly Finding[]> {
  const found = await verifyLog({
    url: bank.url,
    logId: keyring.logId,
    publicKeys: keyring.checkpointPublicKeys,
    journal: joinChecks(checkJournal(), checkPoints()),
  });
  return found.findings;
}

/** Changes rows as only the owner of the database can, looks, and puts everything back. */
async function whileTampered(sql: string): Promise<readonly Finding[]> {
  const kept = [
    'loyalty.account',
    'loyalty.member',
    'loyalty.lot',
    'loyalty.standing',
    'money.account',
  ];
  const client = await bank.superuser.connect();
  const run = (text: string) => client.query(text);
  const copies = kept.map((name) => [name, name.replace('.', '_')] as const);
  try {
    await run('set session_replication_role = replica');
    for (const [name, copy] of copies) await run(`create temporary table ${copy} as table ${name}`);
    await run('alter table loyalty.lot drop constraint if exists points_of_a_lot_are_conserved');
    await run(sql);
    return await findings();
  } finally {
    for (const [name, copy] of copies) {
      await run(`delete from ${name}; insert into ${name} table ${copy}; drop table ${copy}`);
    }
    await run('reset session_replication_role');
    client.release();
  }
}

test('what nobody has touched is conserved', async () => {
  assert.deepEqual(await findings(), []);
});

test('also while movements are on their way to the lots', async () => {
  const other = await points.enrol('cus_3');
  await points.earn(other, 5);
  assert.deepEqual(await findings(), []);
  await points.fold();
  assert.deepEqual(await findings(), []);
});

const attacks: readonly [name: string, sql: string, what: string, detail: RegExp][] = [
  [
    'a lot with more points',
    'update loyalty.lot set points = points + 10, pending = pending + 10 where pending = 40',
    'points not conserved',
    /the lots of cus_1 are not what the member holds/,
  ],
  [
    'a lot that is gone',
    'delete from loyalty.lot where pending = 40',
    'points not conserved',
    /the lots of cus_1/,
  ],
  [
    'a debt forgiven by nobody',
    "update loyalty.standing set owed = 0 where customer = 'cus_1'",
    'points not conserved',
    /what cus_1 holds is not what stands in the ledger/,
  ],
  [
    'lots and balance changed alike',
    `update loyalty.standing set pending = 90 where customer = 'cus_1';
     update loyalty.lot set points = 90, pending = 90 where pending = 40`,
    'points not conserved',
    /what cus_1 holds is not what stands in the ledger/,
  ],
  [
    'more points in the ledger than were issued',
    `update money.account set credits_posted = credits_posted + 7
      where id = (select pending_account from loyalty.member where customer = 'cus_1')`,
    'points not conserved',
    /everyday: 45 points were issued, and 52 are accounted for/,
  ],
  [
    'an account that is of somebody else',
    "update loyalty.account set customer = 'cus_9' where customer = 'cus_2' and role = 'active'",
    'loyalty row edited',
    /what the account acc_\w+ is for differs from its event/,
  ],
  [
    'an account that nobody has opened',
    `insert into loyalty.account select tenant_id, gen_random_uuid(), program, role, currency,
       'cus_9', campaign, opened_at from loyalty.account where customer = 'cus_2'`,
    'loyalty row added',
    /2 accounts that no event tells of/,
  ],
  [
    'an account of nothing any more',
    "delete from loyalty.account where customer = 'cus_2' and role = 'pending'",
    'loyalty row deleted',
    /has no row/,
  ],
  [
    'a member with the account of another',
    `update loyalty.member set active_account = (select active_account from loyalty.member
       where customer = 'cus_1') where customer = 'cus_2'`,
    'loyalty row edited',
    /the member cus_2 of everyday differs from its event/,
  ],
  [
    'a member in good standing again',
    "update loyalty.member set standing = 'good' where customer = 'cus_2'",
    'loyalty row edited',
    /everyday cus_2 is good, which no event says/,
  ],
  [
    'a member whom nobody has enrolled',
    `insert into loyalty.member select tenant_id, program, 'cus_9', standing, active_account,
       pending_account, owed_account, enrolled_at, changed_at
       from loyalty.member where customer = 'cus_1'`,
    'loyalty row added',
    /1 members that no event tells of/,
  ],
];

for (const [name, sql, what, detail] of attacks) {
  test(name, async () => {
    const found = await whileTampered(sql);
    const named = found.some((each) => each.what === what && detail.test(each.detail));
    assert.ok(named, JSON.stringify(found));
  });
}
