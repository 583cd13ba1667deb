// Becoming a member, and staying one: once, whoever asks how often at the same time.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault } from '#core';
import { openBank, openServer } from '../../../test/bank.ts';
import { openPoints } from '../../../test/points.ts';
import { budgetAccount, openBudget, openProgramAccounts, programAccounts } from './accounts.ts';
import { enrolled, membershipsOf, owing, readMember } from './members.ts';
import { listStandings } from './standing.ts';

const bank = await openBank({ after });
const { planes } = bank;
const other = openServer({ after }, bank, { name: 'other', seed: 9 });
const program = 'everyday';

const isFault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

test('two processes that open the accounts of a programme open them once', async () => {
  const { id: tenant, read } = await bank.tenant();
  const units = { program, unit: 'POINTS', currency: 'USD' };
  const [one, two] = await Promise.all([
    openProgramAccounts(planes, tenant, units),
    openProgramAccounts(other, tenant, units),
  ]);
  assert.deepEqual(one, two);
  assert.deepEqual(await read((tx) => programAccounts(tx, program)), one);
  assert.deepEqual([one.unit, one.currency], ['POINTS', 'USD']);
  assert.equal(new Set(Object.values(one)).size, Object.values(one).length);
  const { rows } = await bank.superuser.query(
    'select count(*) from money.account where tenant_id = $1',
    [tenant],
  );
  assert.equal(Number(rows[0].count), 8);
});

test('who is enrolled twice, by two processes at once, is one member', async () => {
  const tenant = await bank.tenant();
  await openPoints(bank, tenant.id);
  const named = { tenant: tenant.id, program, customer: 'cus_1' };
  const found = await Promise.all(
    Array.from({ length: 8 }, (_, at) => enrolled(at % 2 ? planes : other, named)),
  );
  for (const member of found) assert.deepEqual(member, found[0]);
  assert.deepEqual(await enrolled(planes, named), found[0]);
  const { rows } = await bank.superuser.query(
    `select (select count(*) from loyalty.member where tenant_id = $1) as members,
            (select count(*) from loyalty.account
              where tenant_id = $1 and customer is not null) as accounts,
            (select count(*) from money.account
              where tenant_id = $1 and holder_id is not null) as opened`,
    [tenant.id],
  );
  assert.deepEqual(Object.values(rows[0]).map(Number), [1, 2, 2]);
});

test('what a member owes has an account when it is needed, and one only', async () => {
  const tenant = await bank.tenant();
  const points = await openPoints(bank, tenant.id);
  const member = await points.enrol('cus_1');
  assert.equal(member.accounts.owed, null);
  const named = { tenant: tenant.id, program, customer: 'cus_1' };
  const found = await Promise.all([owing(planes, named), owing(other, named)]);
  assert.deepEqual(found[0], found[1]);
  assert.match(found[0]?.accounts.owed ?? '', /^acc_/);
  assert.deepEqual((await points.enrol('cus_1')).accounts, found[0]?.accounts);
});

test('a campaign has one budget', async () => {
  const tenant = await bank.tenant();
  await openPoints(bank, tenant.id);
  const of = { program, campaign: 'spring' };
  const [one, two] = await Promise.all([
    openBudget(planes, tenant.id, of),
    openBudget(other, tenant.id, of),
  ]);
  assert.equal(one, two);
  assert.equal(await tenant.read((tx) => budgetAccount(tx, program, 'spring')), one);
  assert.equal(await tenant.read((tx) => budgetAccount(tx, program, 'autumn')), undefined);
});

test('there are no members of what is no programme, and none without an opaque id', async () => {
  const { id: tenant } = await bank.tenant();
  const named = { tenant, program: 'nowhere', customer: 'cus_1' };
  await assert.rejects(enrolled(planes, named), isFault('not_found'));
  await openPoints(bank, tenant);
  const odd = { tenant, program, customer: 'Anna Bell' };
  await assert.rejects(enrolled(planes, odd), isFault('input_invalid'));
});

test('a membership is suspended and restored, and closed for good', async () => {
  const tenant = await bank.tenant();
  const points = await openPoints(bank, tenant.id);
  await points.enrol('cus_1');
  const change = (standing: string) =>
    tenant.execute('loyalty.member.change', {
      ...{ program, customer: 'cus_1', standing, reason: 'asked for' },
    });
  const standing = async () =>
    (await tenant.read((tx) => readMember(tx, program, 'cus_1')))?.standing;
  await change('suspended');
  assert.equal(await standing(), 'suspended');
  await assert.rejects(change('suspended'), isFault('conflict'));
  await change('good');
  await change('closed');
  assert.equal(await standing(), 'closed');
  await assert.rejects(change('good'), isFault('conflict'));
});

test('only the system enrols and opens', async () => {
  const tenant = await bank.tenant();
  await openPoints(bank, tenant.id);
  const principal = { kind: 'user', id: 'mara', tenant: tenant.id } as const;
  for (const operation of ['loyalty.enrol', 'loyalty.owe', 'loyalty.accounts.open']) {
    const body = { program, customer: 'cus_9', accounts: [] };
    const sent = planes.execute({ principal, operation, body, idempotencyKey: operation });
    await assert.rejects(sent, isFault('denied'));
  }
});

test('members of another tenant are not seen, and are others', async () => {
  const [one, two] = [await bank.tenant(), await bank.tenant()];
  const [ours, theirs] = [await openPoints(bank, one.id), await openPoints(bank, two.id)];
  const member = await ours.enrol('cus_1');
  assert.equal(await two.read((tx) => readMember(tx, program, 'cus_1')), undefined);
  const twin = await theirs.enrol('cus_1');
  assert.notEqual(member.accounts.active, twin.accounts.active);
  assert.equal((await one.read((tx) => membershipsOf(tx, 'cus_1'))).length, 1);
  for (const id of ['cus_2', 'cus_3']) await ours.enrol(id);
  const first = await one.read((tx) => listStandings(tx, program, { limit: 2 }));
  const rest = await one.read((tx) => listStandings(tx, program, { after: first.next ?? '' }));
  const ids = [...first.items, ...rest.items].map(({ customer }) => customer);
  assert.deepEqual([ids, rest.next], [['cus_1', 'cus_2', 'cus_3'], null]);
});
