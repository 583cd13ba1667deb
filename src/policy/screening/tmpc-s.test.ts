import { verifyLog as vl } from '#core';
import { checkDecisions as cd } from '../verify.ts';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault, type FaultCode, type Json, type Principal, withTx } from '#core';
import { type Bank, openBank, tenantOf } from '../../../test/bank.ts';
import { systemTenant } from '../tenants.ts';
import { screeningFacts } from './facts.ts';
import { stageList } from './load.ts';
import { pepColumns } from './lists/pep.ts';
import { rescreen, screen, type ScreeningParts } from './screening.ts';
import { openWatchlists } from './watchlists.ts';

const bank: Bank = await openBank({ after });
const { planes } = bank;
const pool = planes.database.pool('policy');
const system = tenantOf(planes, bank.time, systemTenant);
await system.execute('tenant.create', {
  tenant_id: systemTenant,
  name: 'system',
  time_zone: 'UTC',
});

const kept = new Map<string, string>();
const parts: ScreeningParts = {
  pool,
  watchlists: openWatchlists(pool),
  values: {
    tokenize: async (_tenant, items) =>
      items.map(({ class: kind, value }) => {
        const found = [...kept].find(([, each]) => each === value)?.[0];
        const token = found ?? `tok_${kind}_${String(kept.size).padStart(8, '0')}`;
        kept.set(token, value);
        return token;
      }),
    detokenize: async (_tenant, tokens) => tokens.map((token) => kept.get(token)),
  },
  execute: (input) => planes.execute(input),
};

const ida = 'p1,Ida Quillark,,FR,1971-03-04,Minister,gazette';
const orlo = 'p2,Orlo Ventrisk,,DE,1960,Judge,gazette';
const others = Array.from(
  { length: 8 },
  (_, at) => `x${at},Nobody Number${at}x,,FR,,Clerk,gazette`,
);

async function load(rows: readonly string[], more: { force?: boolean; list?: string } = {}) {
  const csv = [pepColumns.join(), ...rows].join('\n');
  const { list = 'pep', force = false } = more;
  const staged = { list, format: 'pep_csv', files: { csv }, force } as const;
  const body = await withTx(pool, (tx) => stageList(tx, staged));
  return system.execute('screening_list.load', body as unknown as Json);
}

let keys = 0;
function ask(tenant: string, subject: string, name: string, dateOfBirth?: string) {
  keys += 1;
  const request = { subject, name, ...(dateOfBirth === undefined ? {} : { dateOfBirth }) };
  return screen(parts, service(tenant), request, `screen-${keys}`);
}

function service(tenant: string): Principal {
  return { kind: 'service', id: 'onboarding', tenant };
}

function facts(tenant: string, subject: string) {
  return withTx(pool, (tx) => screeningFacts(tx, subject), { tenant });
}

function clear(tenant: string, body: Json, kind: Principal['kind'] = 'user') {
  keys += 1;
  const idempotencyKey = `clear-${keys}`;
  const principal = { kind, id: 'ann', tenant };
  return planes.execute({ principal, operation: 'screening.clear', body, idempotencyKey });
}

async function events(tenant: string, type: string) {
  const { rows } = await bank.superuser.query<{ body: string }>(
    'select body from core.event where tenant_id = $1 and type = $2 order by seq',
    [tenant, type],
  );
  return rows.map(({ body }) => JSON.parse(body).data.payload);
}

function fault(code: FaultCode, text = /./) {
  return (error: unknown) =>
    error instanceof Fault && error.code === code && text.test(error.message);
}

test('without a list nobody is screened, rather than everybody clean', async () => {
  const tenant = await bank.tenant();
  await assert.rejects(ask(tenant.id, 'cus_00000001', 'Ida Quillark'), fault('conflict'));
  assert.equal(await facts(tenant.id, 'cus_00000001'), undefined);
});

test('a list is loaded by its difference, and told in the log of the installation', async () => {
  await load([ida, ...others]);
  await load([ida.replace('Minister', 'Former minister'), orlo, ...others.slice(1)]);
  const told = await events(systemTenant, 'screening_list.loaded');
  assert.deepEqual(
    told.map(({ version, entries, added, changed, removed }) => [
      ...[version, entries, added, changed, removed],
    ]),
    [
      [1, 9, 9, 0, 0],
      [2, 9, 1, 1, 1],
    ],
  );
});

test('a list that is empty, cut off or known already is refused', async () => {
  await assert.rejects(load([]), fault('input_invalid', /empty/));
  await assert.rejects(load([ida, orlo]), fault('input_invalid', /has 2 entries and had 9/));
  await assert.rejects(load([ida, ida, ...others]), fault('input_invalid', /two entries p1/));
  const rows = [ida.replace('Minister', 'Former minister'), orlo, ...others.slice(1)];
  await assert.rejects(load(rows), fault('conflict'));
  const tenant = await bank.tenant();
  const csv = [pepColumns.join(), ida].join('\n');
  const staged = { list: 'mine', format: 'pep_csv', files: { csv } } as const;
  const body = await withTx(pool, (tx) => stageList(tx, staged));
  const attempt = tenant.execute('screening_list.load', body as unknown as Json);
  await assert.rejects(attempt, fault('forbidden'));
});

test('a screening is kept by tokens, never by name', async () => {
  const tenant = await bank.tenant();
  const { matches, screeningId } = await ask(
    tenant.id,
    'cus_00000001',
    'Quillarck Ida',
    '1971-03-04',
  );
  assert.deepEqual(
    matches?.map(({ listed }) => listed.entry.id),
    ['p1'],
  );
  const found = await facts(tenant.id, 'cus_00000001');
  assert.deepEqual([found?.screening_list, found?.screening_hits], ['pep', 1]);
  assert.ok((found?.screening_score ?? 0) > 940);
  const [told] = await events(tenant.id, 'screening.performed');
  assert.deepEqual([told.screening_id, told.subject], [screeningId, 'cus_00000001']);
  for (const table of [
    'core.command',
    'core.event',
    'policy.screening',
    'policy.screening_hit',
    'policy.screening_subject',
  ]) {
    const { rows } = await bank.superuser.query(
      `select count(*)::int as count from ${table} t where t::text ilike '%quillarck%'
          or t::text like '%1971-03-04%' and $1 = tenant_id`,
      [tenant.id],
    );
    assert.deepEqual(rows, [{ count: 0 }], table);
  }
});

test('a cleared hit counts no more, until its entry changes', async () => {
  const tenant = await bank.tenant();
  const subject = 'cus_00000002';
  const { screeningId } = await ask(tenant.id, subject, 'Orlo Ventrisk');
  const body = {
    screening_id: screeningId,
    list: 'pep',
    entry_id: 'p2',
    reason: 'other_birth_date',
  };
  await assert.rejects(clear(tenant.id, body, 'service'), fault('forbidden'));
  await assert.rejects(clear(tenant.id, { ...body, entry_id: 'p9' }), fault('not_found'));
  await clear(tenant.id, body);
  await assert.rejects(clear(tenant.id, body), fault('conflict'));
  const none = { screening_score: 0, screening_list: 'none', screening_hits: 0 };
  assert.deepEqual(await facts(tenant.id, subject), none);
  const again = await ask(tenant.id, subject, 'Orlo Ventrisk');
  assert.equal(again.matches?.length, 1);
  assert.deepEqual(await facts(tenant.id, subject), none, 'screened again, it stays cleared');
  await load([ida, orlo.replace('Judge', 'High judge'), ...others.slice(1)]);
  assert.deepEqual(await rescreen(parts, service(tenant.id)), { subjects: 1, changed: 1 });
  assert.equal((await facts(tenant.id, subject))?.screening_hits, 1, 'of another entry');
});

test('a clearance that is revoked counts no more', async () => {
  const tenant = await bank.tenant();
  const { screeningId } = await ask(tenant.id, 'cus_00000003', 'Orlo Ventrisk');
  await clear(tenant.id, {
    screening_id: screeningId,
    list: 'pep',
    entry_id: 'p2',
    reason: 'documents_checked',
  });
  const [{ clearance_id }] = (await events(tenant.id, 'screening.cleared')) as [
    { clearance_id: string },
  ];
  await tenant.execute('screening.revoke_clearance', { clearance_id });
  assert.equal((await facts(tenant.id, 'cus_00000003'))?.screening_hits, 1);
  const twice = tenant.execute('screening.revoke_clearance', { clearance_id });
  await assert.rejects(twice, fault('not_found'));
});

test('when a list changes, the base is screened again for what is new', async () => {
  const tenant = await bank.tenant();
  await ask(tenant.id, 'cus_00000004', 'Brenna Oxmoor');
  await ask(tenant.id, 'cus_00000005', 'Ida Quillark');
  await ask(tenant.id, 'cus_00000006', 'Somebody Else');
  assert.deepEqual(await rescreen(parts, service(tenant.id)), { subjects: 0, changed: 0 });
  await load(['p3,Brenna Oxmoor,,IE,,Senator,gazette'], { list: 'pep_two' });
  assert.deepEqual(await rescreen(parts, service(tenant.id)), { subjects: 3, changed: 1 });
  assert.equal((await facts(tenant.id, 'cus_00000004'))?.screening_list, 'pep_two');
  assert.equal((await facts(tenant.id, 'cus_00000005'))?.screening_hits, 1, 'stays as it was');
  const told = await events(tenant.id, 'screening.performed');
  assert.deepEqual(
    told.filter(({ cause }) => cause === 'list_change').map(({ subject }) => subject),
    ['cus_00000004'],
  );
  assert.equal((await events(tenant.id, 'screening.base_rescreened')).length, 1);
  await load(['p4,Other Person,,IE,,Senator,gazette'], { list: 'pep_two', force: true });
  assert.deepEqual(await rescreen(parts, service(tenant.id)), { subjects: 3, changed: 1 });
  assert.equal((await facts(tenant.id, 'cus_00000004'))?.screening_hits, 0, 'its entry is gone');
});

test('another name for a subject whitens nothing, and both are screened again', async () => {
  const tenant = await bank.tenant();
  const subject = 'cus_00000008';
  await ask(tenant.id, subject, 'Ida Quillark');
  await ask(tenant.id, subject, 'Nobody Atall');
  const found = await facts(tenant.id, subject);
  assert.deepEqual([found?.screening_score, found?.screening_hits], [1000, 1]);
  // Nor does an entry that changes: it is judged anew, and by a person.
  await load([ida.replace('Minister', 'Senator'), orlo, ...others.slice(1)]);
  await load(['p5,Nobody Atall,,IE,,Senator,gazette'], { list: 'pep_three' });
  await rescreen(parts, service(tenant.id));
  assert.deepEqual(
    [await facts(tenant.id, subject)].map((told) => [told?.screening_score, told?.screening_hits]),
    [[1000, 2]],
  );
  await load(['p6,Ida Quillark,,FR,,Senator,gazette'], { list: 'pep_four' });
  await rescreen(parts, service(tenant.id));
  assert.equal((await facts(tenant.id, subject))?.screening_hits, 3, 'by its first name still');
});

test('a hit is cleared by somebody else than who has screened', async () => {
  const tenant = await bank.tenant();
  const subject = 'cus_00000009';
  const { screeningId } = await ask(tenant.id, subject, 'Orlo Ventrisk');
  const ann: Principal = { kind: 'user', id: 'ann', tenant: tenant.id };
  await screen(parts, ann, { subject, name: 'Somebody Else' }, 'by-ann');
  const hit = { screening_id: screeningId, list: 'pep', entry_id: 'p2' };
  const body = { ...hit, reason: 'other_name' };
  await assert.rejects(clear(tenant.id, body), fault('not_a_checker'));
  assert.equal((await facts(tenant.id, subject))?.screening_hits, 1);
});

test('whoever was erased is not known to be clean: the facts are missing', async () => {
  const tenant = await bank.tenant();
  const [listed, other] = ['cus_00000010', 'cus_00000011'];
  await ask(tenant.id, listed, 'Velma Strandquist');
  await ask(tenant.id, other, 'Oskar Lindwurm');
  await load(['p7,Velma Strandquist,,SE,,Senator,gazette'], { list: 'pep_five' });
  await rescreen(parts, service(tenant.id));
  assert.equal((await facts(tenant.id, listed))?.screening_score, 1000);
  assert.equal((await facts(tenant.id, other))?.screening_score, 0);
  for (const [token, value] of kept) if (/Velma|Oskar/.test(value)) kept.delete(token);
  assert.equal((await facts(tenant.id, listed))?.screening_score, 1000, 'as it was found');
  await load(['p8,Oskar Lindwurm,,SE,,Senator,gazette'], { list: 'pep_six' });
  await rescreen(parts, service(tenant.id));
  assert.equal(await facts(tenant.id, listed), undefined);
  assert.equal(await facts(tenant.id, other), undefined);
  const told = (await events(tenant.id, 'screening.base_rescreened')).at(-1);
  assert.deepEqual(told.unscreenable, [listed, other]);
  await ask(tenant.id, listed, 'Velma Newname');
  const back = await facts(tenant.id, listed);
  assert.deepEqual(
    [back?.screening_score, back?.screening_hits],
    [1000, 1],
    'what was found stays',
  );
  // The key of the first call still has its answer, and nothing goes back into the vault.
  const size = kept.size;
  const request = { subject: other, name: 'Oskar Lindwurm' };
  await assert.rejects(
    screen(parts, service(tenant.id), { ...request, subject: listed }, `screen-${keys - 1}`),
    fault('idempotency_key_reused'),
  );
  assert.equal(
    (await screen(parts, service(tenant.id), request, `screen-${keys - 1}`)).matches,
    null,
  );
  assert.equal(kept.size, size);
});

test('a retry is told the first result, though a list has changed', async () => {
  const tenant = await bank.tenant();
  const request = { subject: 'cus_00000012', name: 'Gesine Wolkenstein', dateOfBirth: '1961' };
  const ask_ = (more = {}) =>
    screen(parts, service(tenant.id), { ...request, ...more }, 'the-same-key');
  const first = await ask_();
  await load(['p9,Gesine Wolkenstein,,AT,,Senator,gazette'], { list: 'pep_seven' });
  const again = await ask_();
  assert.deepEqual([again.screeningId, again.matches], [first.screeningId, null]);
  for (const other of [{ name: 'Else' }, { dateOfBirth: '1962' }, { countries: ['AT'] }]) {
    await assert.rejects(ask_(other), fault('idempotency_key_reused'));
  }
  const used = {
    screening_id: first.screeningId,
    list: 'pep',
    entry_id: 'p1',
    reason: 'other_name',
  };
  const { execute } = planes;
  await assert.rejects(
    execute({
      principal: { kind: 'user', id: 'ann', tenant: tenant.id },
      ...{ operation: 'screening.clear', body: used, idempotencyKey: 'the-same-key' },
    }),
    fault('idempotency_key_reused'),
  );
  // Two at once, between which a list changes: both are told of the one that came first.
  const racing = await Promise.all(
    ['x', 'y'].map(async (each) => {
      if (each === 'y') await load(['q1,Some Body,,AT,,Clerk,gazette'], { list: 'pep_eight' });
      return screen(parts, service(tenant.id), request, 'one-more-key');
    }),
  );
  assert.equal(racing[0]?.screeningId, racing[1]?.screeningId);
});

test('no tenant sees the screenings of another', async () => {
  const [tenant, other] = [await bank.tenant(), await bank.tenant()];
  const { screeningId } = await ask(tenant.id, 'cus_00000007', 'Ida Quillark');
  assert.equal(await facts(other.id, 'cus_00000007'), undefined);
  const body = {
    screening_id: screeningId,
    list: 'pep',
    entry_id: 'p1',
    reason: 'other_name',
  };
  await assert.rejects(clear(other.id, body), fault('not_found'));
});

test('ZZ verify', async () => {
  const bnk: any = bank;
  const { logId, checkpointPublicKeys: publicKeys } = bnk.planes.keyring;
  const verified = await vl({ url: bnk.url, logId, publicKeys, journal: cd() });
  assert.deepEqual(verified.findings.map((f: any) => f.tenant + ' ' + f.what + ' ' + f.detail), []);
});
