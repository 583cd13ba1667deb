// Commands and bundles against the decisions in the log: whatever is touched, `verify` names it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { derivedUuid, externalId, verifyLog } from '#core';
import { type Bank, move, openBank, openShop, seal, type Tenant } from '../../test/bank.ts';
import { checkDecisions } from './verify.ts';

async function openSealedBank(t: Parameters<typeof openBank>[0]) {
  const bank = await openBank(t);
  const shop = await openShop(bank, 5_000);
  const { tenant, customer, merchant } = shop;
  const posted = await tenant.ok(move(customer, merchant, 1_200));
  await tenant.post(move(customer, merchant, 999_999));
  const asked = { point: 'ledger-operations', facts: { principal_kind: 'agent' } };
  await tenant.execute('decision.make', asked);
  const denied = await byAgent(bank, tenant, move(customer, merchant, 1));
  return { bank, tenant, shop, posted: posted.commandId, denied: denied.commandId };
}

function byAgent(bank: Bank, { id }: Tenant, leg: ReturnType<typeof move>) {
  return bank.planes.execute({
    principal: { kind: 'agent', id: 'helper', tenant: id },
    operation: 'journal.post',
    body: { legs: [leg] as never },
    idempotencyKey: 'by-agent',
  });
}

async function findings({ url, planes }: Bank, isRepeating = true): Promise<string[]> {
  const { logId, checkpointPublicKeys: publicKeys } = planes.keyring;
  const journal = checkDecisions({ isRepeating });
  const verified = await verifyLog({ url, logId, publicKeys, journal });
  return verified.findings.map(({ what, detail }) => `${what}: ${detail}`);
}

/** Changes one row behind the back of every guard. */
async function tamper({ superuser }: Bank, sql: string, values: unknown[] = []): Promise<void> {
  const client = await superuser.connect();
  try {
    await client.query('set session_replication_role = replica');
    const { rowCount } = await client.query(sql, values);
    assert.equal(rowCount, 1, 'one row was touched');
  } finally {
    await client.query('reset session_replication_role');
    client.release();
  }
}

const { bank, tenant, posted, denied } = await openSealedBank({ after });
await seal(bank);
const named = `command ${externalId('command', posted)}`;

test('decisions that nobody touched agree with their commands, and come out the same', async () => {
  assert.deepEqual(await findings(bank), []);
});

const edits: [string, string, RegExp][] = [
  ['body', `body = replace(body, '1200', '1300')`, /: body differs/],
  ['digest', `digest = sha256(digest)`, /: digest differs/],
  ['operation', `operation = 'account.open'`, /: operation, body differ/],
  ['principal', `principal = 'user:nobody'`, /: principal differs/],
  ['instant', `received_at = received_at + interval '1 second'`, /: time of receipt differs/],
  ['decision', `decision = replace(decision, '"allow"', '"review"')`, /: outcome differs/],
  ['policy version', `decision = replace(decision, '@', '@0')`, /: policy version differs/],
];
for (const [name, change, detail] of edits) {
  test(`an edited ${name} of a command is named`, async () => {
    const before = await bank.superuser.query('select * from core.command where id = $1', [posted]);
    await tamper(bank, `update core.command set ${change} where id = $1`, [posted]);
    const found = await findings(bank);
    assert.equal(found.length, 1, found.join('\n'));
    assert.ok(found[0]?.startsWith(`command edited: ${named}`), found[0]);
    assert.match(found[0] ?? '', detail);
    const { body, digest, operation, principal, received_at, decision } = before.rows[0];
    await tamper(
      bank,
      `update core.command set body = $2, digest = $3, operation = $4, principal = $5,
         received_at = $6, decision = $7 where id = $1`,
      [posted, body, digest, operation, principal, received_at, decision],
    );
    assert.deepEqual(await findings(bank), []);
  });
}

test('a command that policy has denied, and that says it was done, is named', async () => {
  const change = 'update core.command set outcome = $2 where id = $1 returning 1';
  const { rows } = await bank.superuser.query('select outcome from core.command where id = $1', [
    denied,
  ]);
  await tamper(bank, change, [denied, '{"status":"accepted"}']);
  assert.match((await findings(bank)).join('\n'), /^command edited: .*: effect differs/);
  await tamper(bank, change, [denied, rows[0].outcome]);
});

test('a command without decision is named, and so is a decision without command', async () => {
  const added = '019b8d00-0000-7000-8000-000000000001';
  const columns = `operation, digest, principal, received_at, trace_id, decision, body, outcome`;
  await tamper(
    bank,
    `insert into core.command (tenant_id, idempotency_key, id, ${columns})
     select tenant_id, 'added', $2, ${columns} from core.command where id = $1`,
    [posted, added],
  );
  const undecided = `command added: command ${externalId('command', added)} was decided by nobody`;
  assert.deepEqual(await findings(bank), [undecided]);
  await tamper(bank, 'update core.command set idempotency_key = $2 where id = $1', [posted, 'x']);
  assert.deepEqual(await findings(bank), [`command deleted: ${named} has no row`, undecided]);
  await tamper(bank, 'delete from core.command where id = $1', [added]);
  const { rows } = await bank.superuser.query<{ key: string }>(
    `select body::jsonb #>> '{data,idempotency_key}' as key from core.event where id = $1`,
    [derivedUuid(posted, 'decision', 0)],
  );
  const { key } = rows[0] as { key: string };
  await tamper(bank, 'update core.command set idempotency_key = $2 where id = $1', [posted, key]);
  assert.deepEqual(await findings(bank), []);
});

test('a bundle that was edited or is of another engine is named by its decisions', async () => {
  const where = `tenant_id = '${tenant.id}' and name = 'ledger-operations'`;
  const cases: [string, string, RegExp][] = [
    [
      `body = replace(body, '100000000', '100000001')`,
      `body = replace(body, '100000001', '100000000')`,
      /edited$/,
    ],
    [`engine = engine || '1'`, `engine = left(engine, -1)`, /is for the engine/],
  ];
  for (const [change, back, detail] of cases) {
    await tamper(bank, `update policy.bundle set ${change} where ${where}`);
    const all = await findings(bank, false);
    const isRow = (line: string) => /^policy row edited: bundle [0-9a-f]{64}: /.test(line);
    assert.equal(all.filter(isRow).length, 1);
    const found = all.filter((line) => !isRow(line));
    assert.ok(found.length > 1);
    for (const line of found) {
      assert.match(line, /^bundle not on record: of decision dec_/);
      assert.match(line, detail);
    }
    await tamper(bank, `update policy.bundle set ${back} where ${where}`);
  }
  assert.deepEqual(await findings(bank), []);
});

test('a decision that its bundle would not give again is named by repeating it', async (t) => {
  const other = await openSealedBank(t);
  // Before it is sealed: its leaf and the signed head are over the changed text.
  await tamper(
    other.bank,
    `update core.event set body = replace(body, '"staff-and-systems"', '"large-by-hand"')
      where id = $1`,
    [derivedUuid(other.posted, 'decision', 0)],
  );
  await seal(other.bank);
  assert.deepEqual(await findings(other.bank, false), []);
  assert.match(
    (await findings(other.bank)).join('\n'),
    /^decision not repeated: decision dec_\w+: trace came out otherwise$/,
  );
});
