// The journal against its events: whatever is touched in either, `verify` names it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { verifyLog } from '#core';
import { type Bank, hold, move, openBank, openShop, seal, uuidOf } from '../../test/bank.ts';
import { journalCommand, limit, submit } from '../../test/limited.ts';
import { checkJournal } from './verify.ts';

async function openSealedBank(t: Parameters<typeof openBank>[0]) {
  const bank = await openBank(t);
  const { tenant, customer, merchant, cash } = await openShop(bank, 5_000);
  const posted = await tenant.ok(move(customer, merchant, 1_200, { metadata: { note: 'a' } }));
  const held = await tenant.ok(hold(customer, merchant, 700));
  await tenant.ok({ kind: 'capture', hold_id: held.hold, amount: 300, final: false });
  const voided = await tenant.ok(hold(customer, merchant, 50));
  await tenant.ok({ kind: 'void', hold_id: voided.hold });
  await tenant.ok({ kind: 'reverse', transfer_id: posted.transfers[0] as string });
  const command = journalCommand(bank.planes, tenant.id, {
    legs: [move(customer, merchant, 9)],
    key: 'limited',
  });
  await submit(bank.planes, command, [
    limit({ amount: 9 }),
    limit({ amount: 9, key: `account:${customer}` }),
  ]);
  await tenant.change(merchant, { status: 'frozen' });
  await seal(bank);
  return { bank, customer, cash, transfer: posted.transfers[0] as string, held };
}

async function findings({ url, planes }: Bank): Promise<string[]> {
  const { logId, checkpointPublicKeys: publicKeys } = planes.keyring;
  const verified = await verifyLog({ url, logId, publicKeys, journal: checkJournal() });
  return verified.findings.map(({ what, detail }) => `${what}: ${detail}`);
}

/** Changes a row behind the back of every guard, looks, and puts it back. */
async function tampered(bank: Bank, sql: string, values: unknown[] = []): Promise<string[]> {
  const client = await bank.superuser.connect();
  try {
    await client.query('set session_replication_role = replica');
    const { rowCount } = await client.query(sql, values);
    assert.equal(rowCount, 1, 'one row was touched');
    return await findings(bank);
  } finally {
    await client.query('reset session_replication_role');
    client.release();
  }
}

const { bank, customer, cash, transfer, held } = await openSealedBank({ after });
const id = uuidOf('transfer', transfer);

test('a journal that nobody touched has no findings', async () => {
  assert.deepEqual(await findings(bank), []);
});

const edits: [string, string, RegExp][] = [
  ['amount', 'amount = amount + 1', /amount differs/],
  ['metadata', `metadata = '{"note": "b"}'`, /metadata differs/],
  [
    'credit account',
    `credit_account_id = '${uuidOf('account', cash)}'`,
    /credit_account_id differs/,
  ],
  ['time of effect', `effective_at = effective_at - interval '1 day'`, /effective_at differs/],
];
for (const [name, change, detail] of edits) {
  test(`an edited ${name} is named with its transfer`, async () => {
    const before = await bank.superuser.query('select * from money.transfer where id = $1', [id]);
    const found = await tampered(bank, `update money.transfer set ${change} where id = $1`, [id]);
    assert.match(found[0] ?? '', detail);
    assert.ok(found[0]?.startsWith(`journal row edited: transfer ${transfer}`), found.join('\n'));
    const [row] = before.rows;
    await tampered(
      bank,
      `update money.transfer set amount = $2, metadata = $3, credit_account_id = $4,
         effective_at = $5 where id = $1`,
      [id, row.amount, row.metadata, row.credit_account_id, row.effective_at],
    );
    assert.deepEqual(await findings(bank), []);
  });
}

test('sums that do not add up are found at their entry, and at the account', async () => {
  const found = await tampered(
    bank,
    `update money.transfer set debit_sums[1] = debit_sums[1] + 7 where id = $1`,
    [id],
  );
  assert.match(found.join('\n'), /entry \d+ of account .* does not follow from those before/);
  await tampered(
    bank,
    `update money.transfer set debit_sums[1] = debit_sums[1] - 7 where id = $1`,
    [id],
  );
});

test('a balance that was changed is found, and so are a limit and a hold', async () => {
  const account = uuidOf('account', customer);
  const cases: [string, string, unknown, RegExp][] = [
    ['money.account', 'credits_posted = credits_posted + ', account, /sums of account/],
    ['money.account', 'credit_limit = credit_limit + ', account, /status or bound of account/],
    ['money.hold', 'amount = amount + ', uuidOf('hold', held.hold), /amounts of hold/],
  ];
  for (const [table, change, row, detail] of cases) {
    const found = await tampered(bank, `update ${table} set ${change} 9 where id = $1`, [row]);
    assert.match(found.join('\n'), detail);
    await tampered(bank, `update ${table} set ${change} -9 where id = $1`, [row]);
  }
  assert.deepEqual(await findings(bank), []);
});

test('a counter that is not what was taken from it is found', async () => {
  const homes = [
    ["money.counter where key = 'tenant'", /counter key tenant, .* yearly of a limit is not/],
    ['money.account where counters is not null', /counter account .* yearly of a limit is not/],
  ] as const;
  for (const [home, detail] of homes) {
    const [table = '', where = ''] = home.split(' where ');
    const { rows } = await bank.superuser.query(`select counters::text from ${home}`);
    const before = rows[0].counters as string;
    const [[name, [head]]] = Object.entries(JSON.parse(before)) as [[string, [number, number]]];
    const set = (counters: string) =>
      tampered(bank, `update ${table} set counters = $1 where ${where}`, [counters]);
    for (const edited of [{ [name]: [head, 8] }, { [name]: [head - 1, 9] }, {}]) {
      assert.match((await set(JSON.stringify(edited))).join('\n'), detail);
    }
    assert.deepEqual(await set(before), []);
  }
});

test('a transfer that was added without an event is named', async () => {
  const added = '00000000-0000-7000-8000-000000000001';
  const found = await tampered(
    bank,
    `insert into money.transfer (tenant_id, id, kind, command_id, leg, debit_account_id,
       credit_account_id, amount, currency, effective_at, recorded_at, debit_version, debit_sums,
       credit_version, credit_sums)
     select tenant_id, $2, kind, command_id, 1, debit_account_id, credit_account_id, amount,
       currency, effective_at, recorded_at, 99, debit_sums, 99, credit_sums
       from money.transfer where id = $1`,
    [id, added],
  );
  assert.ok(found.some((line) => line.startsWith(`journal row added: transfer ${added}`)));
  await tampered(bank, 'delete from money.transfer where id = $1', [added]);
});

test('a deleted transfer is named by the event that remembers it', async () => {
  const found = await tampered(bank, 'delete from money.transfer where id = $1', [id]);
  assert.match(found[0] ?? '', new RegExp(`^journal row deleted: transfer ${transfer}`));
});
