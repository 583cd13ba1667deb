import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantToText, type Json, withTx } from '#core';
import { day, openBank } from '../../../../test/bank.ts';
import { actAs, approveProgram, publishProgram } from '../../../../test/programs.ts';
import { refused } from '../../../../test/reviewed.ts';
import { earnFacts } from './earning.ts';
import { evaluateEarning } from './evaluate.ts';
import { type Program, programDigest } from './program.ts';
import { readPrograms } from './programs.ts';
import { everydayProgram } from './shipped.ts';
import { programsInForce, readProgramInForce } from './versions.ts';
import { listPrograms, listVersions, readDraft, readProgramAt, readPublished } from './views.ts';

const bank = await openBank({ after });
const everyday = everydayProgram();
const inDays = (days: number) => instantToText(bank.time.now + days * day);

/** The same with another title: another document. */
function titled(title: string, more: Partial<Program> = {}): Program {
  return { ...everyday, title, ...more };
}

async function open() {
  const tenant = await bank.tenant();
  return {
    tenant,
    publish: (document: Program, more: object = {}) =>
      publishProgram(bank, tenant, { document, ...more }),
    approved: (document: Program, more: object = {}) =>
      approveProgram(bank, tenant, { document, ...more }),
    as: (person: string) => actAs(bank, tenant, person),
    titleAt: (at: number) =>
      tenant.read(async (tx) => (await readProgramInForce(tx, 'everyday', at))?.title),
  };
}

test('what counts at once is in force, also by a clock that was looked at before', async () => {
  const { tenant, publish } = await open();
  const before = bank.time.now;
  bank.time.now += 5;
  await publish(everyday);
  const asked = { name: 'everyday', at: bank.time.now, limit: 1 };
  const [version] = (await tenant.read((tx) => listVersions(tx, asked)))?.items ?? [];
  const published = { name: 'everyday', approval: version?.approval_id ?? '', at: before };
  const told = await tenant.read((tx) => readPublished(tx, published));
  assert.equal(told?.standing, 'in_force');
});

test('what two people agree on counts from its instant on, and its event says so', async () => {
  const { tenant, publish, titleAt } = await open();
  const now = bank.time.now;
  assert.equal(await titleAt(now), undefined);
  await publish(everyday);
  await publish(titled('From tomorrow'), { effective_at: inDays(1) });
  assert.equal(await titleAt(now - 1), undefined);
  assert.equal(await titleAt(now), 'Everyday');
  assert.equal(await titleAt(now + day - 1), 'Everyday');
  assert.equal(await titleAt(now + day), 'From tomorrow');
  const [found] = await tenant.read((tx) => programsInForce(tx, now + day));
  assert.equal(found?.document.title, 'From tomorrow');
  const { rows } = await bank.superuser.query<{ payload: Record<string, unknown> }>(
    `select body::jsonb #> '{data,payload}' as payload from core.event
      where tenant_id = $1 and type = 'loyalty.program_published' order by seq`,
    [tenant.id],
  );
  assert.deepEqual(
    rows.map(({ payload }) => [payload['ordinal'], payload['effective_at'], payload['supersedes']]),
    [
      [1, instantToText(now), null],
      [2, inDays(1), programDigest(everyday)],
    ],
  );
});

test('an instant that has passed means at once', async () => {
  const { publish, titleAt } = await open();
  await publish(everyday, { effective_at: inDays(-1) });
  const now = bank.time.now;
  assert.deepEqual([await titleAt(now - 1), await titleAt(now)], [undefined, 'Everyday']);
});

test('a plan is withdrawn by publishing something else before', async () => {
  const { tenant, publish, titleAt } = await open();
  const now = bank.time.now;
  await publish(everyday);
  await publish(titled('A plan'), { effective_at: inDays(1) });
  await publish(titled('Instead'));
  assert.equal(await titleAt(now + 2 * day), 'Instead');
  const list = await tenant.read((tx) =>
    listVersions(tx, { name: 'everyday', at: now, limit: 10 }),
  );
  assert.deepEqual(
    list?.items.map(({ ordinal, standing }) => [ordinal, standing]),
    [
      [3, 'in_force'],
      [2, 'superseded'],
      [1, 'superseded'],
    ],
  );
  await publish(everyday, { effective_at: inDays(3) });
  const next = await tenant.read((tx) => listVersions(tx, { name: 'everyday', at: now, limit: 2 }));
  assert.deepEqual([next?.items[0]?.standing, next?.next], ['scheduled', '3']);
});

test('nobody publishes alone, nor what others have not seen', async () => {
  const { tenant, as, approved, publish } = await open();
  const document = everyday as unknown as Json;
  const mara = as('mara');
  await refused(mara('loyalty.program.publish', { document }), 'approval_required');
  const approval_id = await approved(everyday);
  const other = titled('Richer') as unknown as Json;
  const body = { document: other, approval_id };
  await refused(mara('loyalty.program.publish', body), 'approval_invalid', 'other_subject');
  const later = { document, approval_id, effective_at: inDays(1) };
  await refused(mara('loyalty.program.publish', later), 'approval_invalid', 'other_subject');
  const own = { document, approval_id };
  await refused(as('ben')('loyalty.program.publish', own), 'approval_invalid', 'self_approval');
  await mara('loyalty.program.publish', own);
  await refused(mara('loyalty.program.publish', own), 'conflict');
  await refused(publish(titled('Blind'), { supersedes: null }), 'conflict');
  await publish(titled('Seen'), { supersedes: programDigest(everyday) });
  const { rows } = await bank.superuser.query(
    'select from loyalty.program_version where tenant_id = $1',
    [tenant.id],
  );
  assert.equal(rows.length, 2);
});

test('who has drafted a document is no second person for it', async () => {
  const { as, approved, tenant } = await open();
  const document = titled('By Ben');
  await as('ben')('loyalty.program.draft', { document } as unknown as Json);
  const digest = programDigest(document);
  const found = await tenant.read((tx) => readDraft(tx, 'everyday', digest));
  assert.deepEqual([found?.drafted_by, found?.document], ['user:ben', document]);
  const body = { document, approval_id: await approved(document) } as unknown as Json;
  await refused(as('mara')('loyalty.program.publish', body), 'approval_invalid', 'self_approval');
});

test('a document with flaws is not kept, and unit and currency stay what they are', async () => {
  const { publish, as } = await open();
  const flawed = titled('Flawed', { currency: 'XXX' });
  await refused(publish(flawed), 'input_invalid');
  await refused(
    as('mara')('loyalty.program.draft', { document: flawed } as unknown as Json),
    'input_invalid',
  );
  await publish(everyday);
  for (const change of [{ unit: 'MILES' }, { currency: 'EUR' }]) {
    await assert.rejects(publish(titled('Changed', change)), /points are held already/);
  }
});

test('rules that change before the clearing count as the programme says', async () => {
  const { tenant, publish } = await open();
  const now = bank.time.now;
  const [dining] = everyday.earn.rules;
  assert.ok(dining);
  const richer: Program = {
    ...everyday,
    earn: { ...everyday.earn, rules: [{ ...dining, multiplier: '3' }] },
    examples: [
      {
        name: 'three times',
        transaction: { kind: 'purchase', amount: 100, mcc: '5812' },
        expect: { points: 3 },
      },
    ],
  };
  await publish(everyday);
  await publish(richer, { effective_at: inDays(1) });
  const points = async (occurredAt: number, authorizedAt: number | null) => {
    const programs = await tenant.read(readPrograms);
    const facts = {
      ...earnFacts(
        { kind: 'purchase', amount: 10_000, mcc: '5812' },
        { currency: 'USD', now: occurredAt },
      ),
      authorizedAt,
    };
    const program = programs.versionFor('everyday', facts);
    return program && evaluateEarning(program, facts, { used: {} }).points;
  };
  assert.equal(await points(now, null), 200);
  assert.equal(await points(now + 2 * day, now), 200);
  assert.equal(await points(now + 2 * day, now + day), 300);
  assert.equal(await points(now + 2 * day, null), 300);
  // Authorized before there was a programme at all.
  assert.equal(await points(now + 2 * day, now - day), undefined);
  await publish({ ...richer, rules_as_of: 'posting' }, { effective_at: inDays(3) });
  assert.equal(await points(now + 4 * day, now), 300);
});

test('programmes of one tenant are not those of another, whoever reads', async () => {
  const [one, other] = [await open(), await open()];
  const document = titled('Private');
  await one.publish(document);
  const at = bank.time.now;
  const page = await other.tenant.read((tx) => listPrograms(tx, { at, limit: 10 }));
  assert.deepEqual(page.items, []);
  const digest = programDigest(document);
  assert.equal(await other.tenant.read((tx) => readDraft(tx, 'everyday', digest)), undefined);
  assert.equal(await other.tenant.read((tx) => readProgramAt(tx, 'everyday', at)), undefined);
  // What goes on by itself serves all tenants, and reads one at a time.
  const pool = bank.planes.database.pool('app');
  const programs = await withTx(pool, readPrograms, { tenant: other.tenant.id });
  assert.deepEqual(programs.names, []);
});
