import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Role, roles, withTx } from '#core';
import type pg from 'pg';
import { type Bank, figures, hold, move, openBank, openShop, rejected } from './bank.ts';

const bank: Bank = await openBank({ after });
const { database } = bank.planes;

const schemas = [
  'core',
  'money',
  'policy',
  'ai',
  'gateway',
  'privacy',
  'projection',
  'register',
  'reviews',
  'slo',
  'webhooks',
  'loyalty',
  'offers',
];
const ours = `n.nspname in ('${schemas.join("', '")}')`;
const denied = '42501';

/** Every relation that shows tenants' rows: a new one is in this list by being there. */
async function tenantRelations(): Promise<{ name: string; kind: string }[]> {
  return asSuperuser(
    `select c.oid::regclass::text as name, c.relkind as kind
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where ${ours} and c.relkind in ('r', 'p', 'v', 'm') order by 1`,
  );
}

test('no plane writes a table of another, and money its own only through functions', async () => {
  const writes = await asSuperuser<{ role: string; name: string; privilege: string }>(
    `select r.role, c.oid::regclass::text as name, p.privilege
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       cross join unnest($1::text[]) as r(role)
       cross join unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER,MAINTAIN}'::text[])
         as p(privilege)
      where n.nspname !~ '^(pg_|information_schema)' and c.relkind in ('r', 'p', 'v', 'm')
        and has_table_privilege('countersign_' || r.role, c.oid, p.privilege)
      order by 1, 2, 3`,
    [roles],
  );
  const own: Readonly<Record<string, RegExp>> = {
    // Under row-level security; what may change there is granted column by column.
    policy: /^(policy|ai|gateway|register|reviews|slo|webhooks|loyalty|offers)\.\w+ INSERT$/,
    // Consumers keep their own checkpoints and projections, which the log can rebuild; and what a
    // core has told is kept as it came.
    app: /^(core\.(consumer|projection)|projection\.\w+|ai\.(feature_state|score|label|control_run|alert)|payments\.payment|webhooks\.(feed|delivery)|gateway\.ticket|register\.(core_event|core_cursor)|reviews\.case_link|slo\.(measure|checked|turn|tally|flow|rollback|folded)|offers\.(write_back|batch|candidate|tally|participant|known_product|triggered)|loyalty\.(lot|lot_use|standing|earned|counter|returned|asked|waiting|benefit)) \w+$/,
    // Nobody else has any business with the rows of the vault.
    vault: /^privacy\.\w+ \w+$/,
  };
  const others = writes.filter(
    ({ role, name, privilege }) => !own[role]?.test(`${name} ${privilege}`),
  );
  assert.deepEqual(others, []);
});

test('nobody calls what was not granted to his plane', async () => {
  const callable = await asSuperuser<{ role: string; name: string }>(
    `select r.role, n.nspname || '.' || p.proname as name
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       cross join unnest($1::text[]) as r(role)
      where ${ours} and p.provolatile = 'v'
        and has_function_privilege('countersign_' || r.role, p.oid, 'execute')
      order by 1, 2`,
    [roles],
  );
  const home: Readonly<Record<string, RegExp>> = {
    money: /^money\.|^core\.record_(commands|events)$/,
    policy: /^policy\.|^core\.record_(commands|events)$/,
    sealer: /^core\.(seal|record_tree)$/,
  };
  const strangers = callable.filter(({ role, name }) => !home[role]?.test(name));
  assert.deepEqual(strangers, []);
  const open = await asSuperuser(
    `select p.oid::regprocedure::text as name from pg_proc p
       join pg_namespace n on n.oid = p.pronamespace
       cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as acl
      where ${ours} and acl.grantee = 0`,
  );
  assert.deepEqual(open, [], 'no function is open to everybody');
});

const attempts: Readonly<Record<Role, readonly string[]>> = {
  money: [
    "update money.transfer set amount = 1 where kind = 'post'",
    'delete from money.transfer',
    'truncate money.transfer',
    'update money.account set credits_posted = 1',
    'insert into money.account_terms select * from money.account_terms',
    "update money.counter set counters = '{}'",
    'delete from money.counter',
    'delete from core.event',
    'update core.command set outcome = outcome',
    'select secret_hash from policy.api_key',
    'select token_hash from policy.session',
    "select policy.find_api_key('')",
    "select policy.find_session('')",
    'select core.seal(0, 1)',
    'alter table money.transfer disable trigger append_only',
    'alter table money.transfer disable row level security',
  ],
  policy: [
    'select * from money.account',
    'select money.close_gate(array[]::text[])',
    'update policy.api_key set scopes = scopes',
    'insert into core.tenant select * from core.tenant',
    'delete from policy.release',
    'update policy.bundle set body = body',
    'update core.tenant set epoch = 1',
    'select body from core.event',
    'update policy.principal_role set role = role',
    'update register.service_request set text_token = text_token',
    'delete from register.service_request',
    'update loyalty.account set role = role',
    'delete from loyalty.member',
    'update loyalty.member set active_account = active_account',
    'update loyalty.lot set active = 0',
    'update register.core_link set core_id = core_id',
    'delete from register.core_difference',
    'delete from policy.principal_role',
    'update policy.entitlement_set set text = text',
    'update policy.entitlement_publication set number = number',
    'update policy.authenticator set public_key = public_key',
    'delete from policy.authenticator',
    'update policy.session set principal = principal',
    'delete from policy.session',
    'update policy.step_up_attempt set reason = null',
    'delete from policy.step_up_attempt',
    'update ai.model_act set version = version',
    'delete from ai.artefact',
    'update gateway.revoked_token set jti = jti',
    'delete from gateway.agent',
    'delete from gateway.agent_client',
    'update gateway.mandate set payment_max = payment_max',
    'delete from gateway.mandate',
    'update ai.prompt_act set model = model',
    'delete from ai.prompt_call',
    'update ai.labelled_payment set merchant = merchant',
    'delete from ai.labelled_payment',
    'update reviews.case_file set weight = weight',
    'delete from reviews.case_act',
    'update reviews.case_summary set summary = summary',
    'select * from webhooks.delivery',
    'update webhooks.feed set position = position',
  ],
  ai: [
    'select * from money.account',
    'select * from money.entry',
    "select money.version_at('a', gen_random_uuid(), now())",
    'select * from policy.api_key',
    'select * from core.event',
    'select * from core.command',
    'select * from core.tenant',
    "select core.record_events(array['a'], array[gen_random_uuid()], array['x'], '{}')",
    'insert into ai.model_act select * from ai.model_act',
    'insert into ai.prompt_act select * from ai.prompt_act',
    'insert into ai.prompt_call select * from ai.prompt_call',
    'update ai.model_version set card = card',
    'delete from ai.artefact',
    'update ai.feature_state set state = state',
    'delete from ai.feature_state',
    'update ai.labelled_payment set is_fraud = false',
    "update core.projection set generation = 1 where name = 'features'",
    "select core.tenant_events('a', 0, 10, null)",
    'create table core.mine (id int)',
    'create schema mine',
  ],
  gateway: [
    'select * from money.account',
    'select * from core.event',
    'table policy.api_key',
    'update gateway.agent set status = status',
    'update gateway.mandate set ended_at = ended_at',
    'table gateway.revoked_token',
  ],
  app: [
    'select * from money.account',
    'select * from core.event',
    'select * from core.command',
    'delete from core.leaf',
    'update reviews.case_file set status = status',
    'update webhooks.endpoint set enabled = enabled',
    'insert into register.core_link select * from register.core_link',
    'insert into ai.model_act select * from ai.model_act',
  ],
  read: [
    'select secret_hash from policy.api_key',
    'select * from policy.api_key',
    'update money.account set status = status',
    'delete from core.event',
    'select money.due_holds(now(), 10)',
    'select core.list_tenants()',
    'select core.sealed_events(0, 10, null)',
    "select nextval('core.event_seq')",
  ],
  sim: [
    'update money.account set status = status',
    'insert into money.holiday values (null, null, null)',
    'delete from money.hold',
    'delete from core.event',
    'insert into policy.backtest select * from policy.backtest',
    'select money.due_holds(now(), 10)',
  ],
  sealer: [
    'select body from core.event',
    'insert into core.event values (1, null, null, null, null)',
    'update core.event set body = body',
    'insert into core.leaf select * from core.leaf',
    'update core.leaf set hash = hash',
    'delete from core.checkpoint',
    'update core.seal_state set position = 0',
    'select * from money.account',
  ],
  vault: [
    'select * from core.event',
    'select * from core.tenant',
    'select * from money.account',
    'update privacy.token set ciphertext = ciphertext',
    'update privacy.token set person = person',
    'update privacy.person_key set person = person',
    'update privacy.envelope_key set wrapped = wrapped',
    'delete from privacy.index_key',
    'alter table privacy.token disable row level security',
  ],
};

for (const role of roles) {
  test(`the role of ${role} is refused what is not its own`, async () => {
    for (const sql of attempts[role]) {
      await assert.rejects(database.pool(role).query(sql), { code: denied }, sql);
    }
  });
}

test('no plane makes temporary tables, which could shadow names', async () => {
  const sql = 'create temporary table mine (id int) on commit drop';
  for (const role of roles) {
    await assert.rejects(database.pool(role).query(sql), { code: denied }, role);
  }
});

test('what is appended stays, for the owner of the tables as well', async () => {
  const logs = (
    await asSuperuser<{ name: string }>(
      `select tgrelid::regclass::text as name from pg_trigger
        where tgname = 'append_only' and tgenabled = 'O' order by 1`,
    )
  ).map(({ name }) => name);
  const expected = [
    'core.checkpoint',
    'core.command',
    'core.event',
    'core.leaf',
    'core.node',
    'money.account_terms',
    'money.transfer',
  ];
  assert.deepEqual(
    expected.filter((name) => !logs.includes(name)),
    [],
  );
  for (const log of logs) {
    for (const sql of [
      `update ${log} set tenant_id = tenant_id`,
      `delete from ${log}`,
      `truncate ${log} cascade`,
    ]) {
      await assert.rejects(asOwner(sql), { code: '23000', message: /append-only/ }, sql);
    }
  }
});

test('whoever acts for a tenant sees no row of another in any table', async () => {
  const [mine, theirs] = await twoTenants();
  const relations = await tenantRelations();
  const seen = new Set<string>();
  for (const role of roles) {
    for (const { name } of relations) {
      const [grant] = await asSuperuser<{ may: boolean }>(
        "select has_column_privilege($1, $2, 'tenant_id', 'select') as may",
        [`countersign_${role}`, name],
      );
      if (!grant?.may || (await servesAll(role, name))) continue;
      const count = async (tenant: string | undefined) => {
        const sql = `select tenant_id, count(*)::int as count from ${name} group by 1`;
        const options = tenant === undefined ? {} : { tenant };
        return withTx(database.pool(role), async (tx) => (await tx.query(sql)).rows, options);
      };
      const rows = await count(mine);
      const foreign = rows.filter(({ tenant_id }) => tenant_id !== mine);
      assert.deepEqual(foreign, [], `${role} of ${mine} in ${name}`);
      assert.deepEqual(await count(undefined), [], `${role} of no tenant in ${name}`);
      if (rows.length > 0 && (await count(theirs)).length > 0) seen.add(name);
    }
  }
  const telling = ['core.command', 'core.event', 'core.tenant', 'money.account', 'money.entry'];
  telling.push('money.account_terms', 'money.hold', 'money.holiday', 'money.period');
  telling.push('money.transfer', 'money.unit', 'policy.api_key');
  const silent = telling.filter((name) => !seen.has(name));
  assert.deepEqual(silent, [], 'these had rows of both tenants to hide');
});

test('every table of tenants is isolated, with or without rows', async () => {
  const open = await asSuperuser(
    `select c.oid::regclass::text as name from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where ${ours} and c.relkind in ('r', 'p')
        and not (c.relrowsecurity and a.attnotnull and exists (
          select from pg_policy p where p.polrelid = c.oid and p.polroles = '{0}'
             and pg_get_expr(p.polqual, p.polrelid) = '(tenant_id = core.current_tenant())'
             and pg_get_expr(p.polwithcheck, p.polrelid) = '(tenant_id = core.current_tenant())'))`,
  );
  assert.deepEqual(open, []);
  const views = await asSuperuser(
    `select c.oid::regclass::text as name from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where ${ours} and c.relkind in ('v', 'm')
        and not coalesce(c.reloptions @> '{security_invoker=true}', false)`,
  );
  assert.deepEqual(views, [], 'a view shows what its reader may see');
});

test('only the sealer and the projections see all tenants, where they must', async () => {
  const wide = await asSuperuser(
    `select p.polrelid::regclass::text as name, p.polroles::regrole[]::text as roles
       from pg_policy p where pg_get_expr(p.polqual, p.polrelid) = 'true' order by 1`,
  );
  const sealer = '{countersign_sealer}';
  const app = '{countersign_app}';
  assert.deepEqual(wide, [
    { name: 'ai.alert', roles: app },
    { name: 'ai.control_run', roles: app },
    { name: 'ai.feature_state', roles: app },
    { name: 'ai.label', roles: app },
    { name: 'ai.score', roles: app },
    { name: 'core.checkpoint', roles: sealer },
    { name: 'core.leaf', roles: sealer },
    { name: 'core.node', roles: sealer },
    { name: 'core.tree', roles: sealer },
    { name: 'loyalty.account', roles: app },
    { name: 'loyalty.asked', roles: app },
    { name: 'loyalty.benefit', roles: app },
    { name: 'loyalty.claim', roles: app },
    { name: 'loyalty.counter', roles: app },
    { name: 'loyalty.earned', roles: app },
    { name: 'loyalty.lot', roles: app },
    { name: 'loyalty.lot_use', roles: app },
    { name: 'loyalty.member', roles: app },
    { name: 'loyalty.redemption', roles: app },
    { name: 'loyalty.returned', roles: app },
    { name: 'loyalty.standing', roles: app },
    { name: 'loyalty.tier', roles: app },
    { name: 'loyalty.waiting', roles: app },
    { name: 'loyalty.warned', roles: app },
    { name: 'offers.batch', roles: app },
    { name: 'offers.candidate', roles: app },
    { name: 'offers.known_product', roles: app },
    { name: 'offers.offer', roles: app },
    { name: 'offers.participant', roles: app },
    { name: 'offers.tally', roles: app },
    { name: 'offers.triggered', roles: app },
    { name: 'offers.write_back', roles: app },
    { name: 'payments.payment', roles: app },
    { name: 'projection.activity', roles: app },
    { name: 'projection.balance', roles: app },
    { name: 'reviews.case_file', roles: app },
    { name: 'reviews.case_link', roles: app },
    { name: 'slo.alert', roles: app },
    { name: 'slo.checked', roles: app },
    { name: 'slo.flow', roles: app },
    { name: 'slo.folded', roles: app },
    { name: 'slo.measure', roles: app },
    { name: 'slo.rollback', roles: app },
    { name: 'slo.tally', roles: app },
    { name: 'webhooks.delivery', roles: app },
    { name: 'webhooks.endpoint', roles: app },
    { name: 'webhooks.feed', roles: app },
  ]);
});

test('in a batch that mixes tenants, none reaches the accounts of another', async () => {
  const [mine, theirs] = [await openShop(bank, 100), await openShop(bank, 100)];
  const held = await theirs.tenant.ok(hold(theirs.customer, theirs.merchant, 10));
  const paid = await theirs.tenant.ok(move(theirs.customer, theirs.merchant, 10));
  const steal = { ...held, transfer: paid.transfers[0] as string };
  // Their own commands bring their accounts, hold and transfer into the state of the same batch.
  const [first, ...answers] = await Promise.all([
    theirs.tenant.post(move(theirs.customer, theirs.merchant, 1)),
    mine.tenant.post(move(theirs.customer, mine.customer, 5)),
    mine.tenant.post(move(mine.cash, theirs.customer, 5)),
    mine.tenant.post({ kind: 'capture', hold_id: steal.hold }),
    mine.tenant.post({ kind: 'void', hold_id: steal.hold }),
    mine.tenant.post({ kind: 'reverse', transfer_id: steal.transfer }),
    theirs.tenant.post({ kind: 'increase', hold_id: steal.hold, amount: 1 }),
    theirs.tenant.post({ kind: 'reverse', transfer_id: steal.transfer }),
  ]);
  assert.deepEqual(first?.outcome, { status: 'accepted' });
  assert.deepEqual(
    answers.slice(0, 5).map(({ outcome }) => outcome),
    [
      rejected('debit_account_not_found'),
      rejected('credit_account_not_found'),
      rejected('hold_not_found'),
      rejected('hold_not_found'),
      rejected('transfer_not_found'),
    ],
  );
  assert.deepEqual(await figures(theirs.tenant, theirs.customer), [99, -11, 88]);
  assert.deepEqual(await figures(mine.tenant, mine.customer), [100, 0, 100]);
});

/** Two tenants with rows in every table that the planes write. */
async function twoTenants(): Promise<[string, string]> {
  const ids: string[] = [];
  for (const date of ['2026-12-24', '2026-12-25']) {
    const { tenant, customer, merchant } = await openShop(bank, 100);
    await tenant.ok(hold(customer, merchant, 10));
    await tenant.execute('unit.register', { code: 'POINTS', exponent: 0, name: 'Points' });
    await tenant.execute('period.close', { closed_through: '2025-12-31' });
    await tenant.execute('calendar.set', { holidays: [{ date, name: 'Christmas' }] });
    await tenant.execute('api_key.issue', {
      name: 'key',
      principal: 'user:alice',
      scopes: ['ledger:read'],
      expires_at: null,
      secret_hash: Buffer.from(tenant.id.padEnd(32)).toString('hex'),
    });
    ids.push(tenant.id);
  }
  return ids as [string, string];
}

async function servesAll(role: Role, relation: string): Promise<boolean> {
  const rows = await asSuperuser(
    `select from pg_policy where polrelid = $1::regclass
        and pg_get_expr(polqual, polrelid) = 'true' and $2::regrole = any (polroles)`,
    [relation, `countersign_${role}`],
  );
  return rows.length > 0;
}

async function asSuperuser<Row extends object>(
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await bank.superuser.query<Row & pg.QueryResultRow>(sql, values)).rows;
}

async function asOwner(sql: string): Promise<void> {
  const client = await bank.superuser.connect();
  try {
    await client.query('begin; set local role countersign_owner');
    await client.query(sql);
  } finally {
    await client.query('rollback');
    client.release();
  }
}
