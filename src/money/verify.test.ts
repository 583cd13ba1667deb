// The journal against its events: whatever is touched in either, `verify` names it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { countersigner, derivedUuid, externalId, type Json, newCommand, verifyLog } from '#core';
import { type Bank, hold, move, openBank, openShop, seal, uuidOf } from '../../test/bank.ts';
import { allowing, journalCommand, limit, submit } from '../../test/limited.ts';
import type { Leg } from './journal.ts';
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
  const reviewed = await underReview(bank, tenant.id, move(customer, merchant, 11));
  await tenant.change(merchant, { status: 'frozen' });
  await seal(bank);
  return { bank, customer, cash, transfer: posted.transfers[0] as string, held, reviewed };
}

/** A movement that policy reviews: its sum is held, and that is all. The id of that row. */
async function underReview({ planes }: Bank, tenant: string, leg: Leg): Promise<string> {
  const { keyring, clock, engine } = planes;
  const command = newCommand(
    {
      principal: { kind: 'service', id: 'test', tenant },
      operation: 'journal.post',
      idempotencyKey: 'reviewed',
      body: { legs: [leg], reserves: { hold: 60, review: 600 } } as unknown as Json,
    },
    planes,
  );
  const decision = { ...allowing(command, []), outcome: 'review' } as const;
  const mint = countersigner(keyring.countersignKeys);
  const countersignature = mint(command, decision, clock.now());
  const { outcome } = await engine.submit({ command, countersignature });
  assert.equal(outcome.status, 'accepted');
  return derivedUuid(command.id, 'transfer', 0);
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

const { bank, customer, cash, transfer, held, reviewed } = await openSealedBank({ after });
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

// What was decided --------------------------------------------------------------------------------

const notAllowed = (row: string) =>
  `journal row not allowed: transfer ${externalId('transfer', row)} ` +
  'is not what the decision on its command allows';

test('what its decision did not allow is named, though it agrees with its event', async () => {
  const decide = (row: string, outcome: string) =>
    tampered(
      bank,
      `update core.command set decision = regexp_replace(decision, '"outcome":"[a-z]+"', $2)
        where id = (select command_id from money.transfer where id = $1)`,
      [row, `"outcome":"${outcome}"`],
    );
  const all: [string, string, string[]][] = [
    [id, 'review', [notAllowed(id)]],
    [id, 'hold', [notAllowed(id)]],
    [id, 'deny', [notAllowed(id)]],
    [id, 'allow', []],
    [reviewed, 'hold', []],
    [reviewed, 'deny', [notAllowed(reviewed)]],
    [reviewed, 'allow', [notAllowed(reviewed)]],
    [reviewed, 'review', []],
  ];
  for (const [row, outcome, expected] of all) {
    assert.deepEqual(await decide(row, outcome), expected, `${row} under ${outcome}`);
  }
});

test('what is posted beside the hold of a review, or in its place, is named', async () => {
  const added = '00000000-0000-7000-8000-000000000002';
  const found = await tampered(
    bank,
    `insert into money.transfer (tenant_id, id, kind, command_id, leg, debit_account_id,
       credit_account_id, amount, currency, effective_at, recorded_at, debit_version, debit_sums,
       credit_version, credit_sums)
     select tenant_id, $2, 'post', command_id, 1, debit_account_id, credit_account_id, amount,
       currency, effective_at, recorded_at, 99, debit_sums, 99, credit_sums
       from money.transfer where id = $1`,
    [reviewed, added],
  );
  assert.ok(found.includes(notAllowed(added)), found.join('\n'));
  await tampered(bank, 'delete from money.transfer where id = $1', [added]);
  const become = (kind: string) =>
    tampered(bank, 'update money.transfer set kind = $2 where id = $1', [reviewed, kind]);
  assert.ok((await become('post')).includes(notAllowed(reviewed)));
  assert.deepEqual(await become('hold'), []);
});

test('of a command that was refused, or is not on record, nothing moves', async () => {
  const command = `(select command_id from money.transfer where id = $1)`;
  const refuse = (from: string, to: string) =>
    tampered(
      bank,
      `update core.command set outcome = replace(outcome, $2, $3) where id = ${command}`,
      [id, from, to],
    );
  assert.deepEqual(await refuse('accepted', 'rejected'), [notAllowed(id)]);
  assert.deepEqual(await refuse('rejected', 'accepted'), []);
  const strange = 'update core.command set id = $2 where id = $1';
  const { rows } = await bank.superuser.query(`select ${command} as id`, [id]);
  const other = '00000000-0000-7000-8000-000000000003';
  assert.deepEqual(await tampered(bank, strange, [rows[0].id, other]), [notAllowed(id)]);
  assert.deepEqual(await tampered(bank, strange, [other, rows[0].id]), []);
});

// Last: what was deleted is gone ------------------------------------------------------------------

test('a deleted transfer is named by the event that remembers it', async () => {
  const found = await tampered(bank, 'delete from money.transfer where id = $1', [id]);
  assert.match(found[0] ?? '', new RegExp(`^journal row deleted: transfer ${transfer}`));
});
