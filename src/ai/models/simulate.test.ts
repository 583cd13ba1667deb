import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { simulateModel } from '#ai';
import type { Json } from '#core';
import { openBank, seal } from '../../../test/bank.ts';
import { fakeRuntime, openWith } from '../../../test/fake-runtime.ts';
import { deployModel, shippedModel } from '../../../test/scored.ts';

const bank = await openBank({ after });
const sim = bank.planes.database.pool('sim');
const shipped = shippedModel('loan-default');
const card = shipped.card as Readonly<Record<string, Json>>;
const name = card['name'] as string;

/** The inputs of the model: what somebody owes and pays, the same every month. */
function inputsOf(owed: number, paid: number, late: number) {
  const names = (card['inputs'] as readonly { readonly name: string }[]).map((each) => each.name);
  return Object.fromEntries(
    names.map((input) => {
      if (input.startsWith('repayment_status')) return [input, late];
      return [input, input.startsWith('paid') ? paid : owed];
    }),
  );
}

/** A tenant in whose log people who pay and people who do not were scored. */
async function openScored(people: number) {
  const tenant = await bank.tenant();
  await deployModel(bank.planes, tenant.id, shipped);
  for (let at = 0; at < people; at += 1) {
    const model_inputs = at % 2 === 0 ? inputsOf(20_000, 2_000, -1) : inputsOf(50_000 + at, 0, 3);
    await tenant.execute('decision.make', { point: 'personal-loan', facts: {}, model_inputs });
  }
  return tenant;
}

const rowsOf = async (table: string) =>
  (await bank.superuser.query(`select count(*)::integer as rows from ${table}`)).rows[0].rows;

test('a version says of cases on record what it has said of them, and writes nothing', async () => {
  const tenant = await openScored(12);
  await seal(bank);
  const before = await Promise.all(['core.event', 'ai.model_act'].map(rowsOf));
  const seen: number[] = [];
  const report = await simulateModel(
    sim,
    { tenant: tenant.id },
    { name, version: 1, progress: (done) => seen.push(done) },
  );
  assert.deepEqual([report.scores, report.unscored, seen.at(-1)], [12, 0, 12]);
  assert.deepEqual(report.before, report.after);
  assert.deepEqual(report.above, { before: 6, after: 6 });
  assert.deepEqual(report.crossed, { up: 0, down: 0 });
  assert.ok(report.examples.every(({ before: was, after: is }) => was === is));
  assert.deepEqual(await Promise.all(['core.event', 'ai.model_act'].map(rowsOf)), before);
});

test('another version tells whom it would judge otherwise, and what it would need', async () => {
  const tenant = await openScored(4);
  await seal(bank);
  const output = { ...(card['output'] as object), threshold: 0.84 };
  const second = { ...card, title: 'Hardly ever', output } as unknown as Json;
  await deployModel(bank.planes, tenant.id, { ...shipped, card: second });
  const report = await simulateModel(sim, { tenant: tenant.id }, { name, version: 2 });
  assert.deepEqual(report.above, { before: 2, after: 0 });
  assert.deepEqual(report.crossed, { up: 0, down: 2 });

  const [first, ...others] = card['inputs'] as readonly Readonly<Record<string, Json>>[];
  const income = { ...first, name: 'income' };
  const { inputs: bins, ...reference } = card['reference'] as {
    readonly inputs: Readonly<Record<string, Json>>;
  };
  const { [first?.['name'] as string]: replaced, ...kept } = bins;
  const third = {
    ...card,
    inputs: [income, ...others],
    reference: { ...reference, inputs: { ...kept, income: replaced } },
  } as unknown as Json;
  await deployModel(bank.planes, tenant.id, { ...shipped, card: third });
  const needy = await simulateModel(sim, { tenant: tenant.id }, { name, version: 3 });
  assert.deepEqual([needy.scores, needy.unscored], [0, 4]);
  assert.deepEqual(needy.inputs_missing, [{ input: 'income', scores: 4 }]);
});

test('a version that is left to a runtime is simulated in that', async () => {
  const tenant = await openScored(2);
  await seal(bank);
  const inputs = card['inputs'] as readonly unknown[];
  const open = openWith(fakeRuntime(inputs.length));
  const output = { threshold: 110_000, positive: 'default' };
  const other = { ...card, runtime: 'onnxruntime', output } as Json;
  await deployModel(bank.planes, tenant.id, { ...shipped, card: other, open });
  const report = await simulateModel(sim, { tenant: tenant.id }, { name, version: 2, open });
  assert.deepEqual([report.scores, report.crossed.up], [2, 1]);
  const missing = { name, version: 2, open: openWith('no-such-runtime') };
  const refused = simulateModel(sim, { tenant: tenant.id }, missing);
  await assert.rejects(refused, /runtime_missing/);
});

test('only what lies in the span is looked at, and only of the tenant', async () => {
  const tenant = await openScored(3);
  bank.time.now += 60_000;
  await tenant.execute('decision.make', {
    ...{ point: 'personal-loan', facts: {} },
    model_inputs: inputsOf(20_000, 2_000, -1),
  });
  await seal(bank);
  const from = { instant: bank.time.now };
  const of = { name, version: 1 };
  assert.equal((await simulateModel(sim, { tenant: tenant.id, from }, of)).scores, 1);
  const other = await bank.tenant();
  await assert.rejects(simulateModel(sim, { tenant: other.id }, of), { code: 'not_found' });
});
