import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { openApi } from '../../test/api.ts';

const api = await openApi({ after });
const shipped = JSON.parse(
  readFileSync(new URL('../../policies/rail-routing.json', import.meta.url), 'utf8'),
);

test('an editor checks a bundle as it is typed, drafts it, and sees what it changes', async () => {
  const bank = await api.tenant('editors');
  const check = async (bundle: object) => (await bank.post('/v1/policies/validate', bundle)).json;
  const fine = await check(shipped);
  assert.deepEqual([fine.valid, fine.errors], [true, []]);

  // Whatever is wrong is told at its cell, and nothing is kept.
  const broken = structuredClone(shipped);
  broken.rules[0].if = { ...broken.rules[0].if, nobody: '> 1' };
  broken.rules[1].reason = 'unheard_of';
  const flawed = await check(broken);
  assert.equal(flawed.valid, false);
  assert.deepEqual(flawed.errors.map(({ pointer }: { pointer: string }) => pointer).sort(), [
    '/rules/0/if/nobody',
    '/rules/1/reason',
  ]);
  const unlike = structuredClone(shipped);
  unlike.tests[0].expect.outcome = unlike.tests[0].expect.outcome === 'deny' ? 'allow' : 'deny';
  assert.equal((await check(unlike)).errors[0].pointer, '/tests/0');
  assert.equal((await check({ name: 'x' })).valid, false);
  const listed = '/v1/policies/rail-routing/bundles';
  assert.deepEqual(
    (await bank.get(listed)).json.items.map(({ digest }: { digest: string }) => digest),
    [fine.digest],
  );

  const edited = structuredClone(shipped);
  edited.rules.reverse();
  edited.rules[0].note = 'Changed.';
  api.bank.time.now += 1;
  const draft = await bank.post('/v1/policies', edited);
  assert.equal(draft.status, 201);
  const { digest } = draft.json;
  const page = await bank.get(`${listed}?limit=1`);
  const rest = await bank.get(`${listed}?after=${page.json.next}`);
  assert.deepEqual(
    [...page.json.items, ...rest.json.items].map((each) => [each.digest, each.standing]),
    [
      [digest, 'draft'],
      [fine.digest, 'live'],
    ],
  );
  const diff = await bank.get(`/v1/policy-bundles/${digest}/diff?against=${fine.digest}`);
  assert.deepEqual(diff.json.before, {
    ...{ digest: fine.digest, version: fine.version, name: 'rail-routing' },
  });
  const noted = diff.json.changes.find((each: { change: string }) => each.change === 'changed');
  assert.deepEqual(noted.fields, ['note']);
  const nowhere = `/v1/policy-bundles/${digest}/diff?against=${'0'.repeat(64)}`;
  assert.equal((await bank.get(nowhere)).status, 404);

  // A shadow is compared with what decides since it began.
  const compared = '/v1/policies/rail-routing/shadow';
  assert.equal((await bank.get(compared)).status, 404);
  assert.equal((await bank.post(compared, { digest })).status, 201);
  const facts = { ...shipped.tests[0].facts };
  const body = { point: 'rail-routing', facts };
  assert.equal((await bank.post('/v1/decisions', body)).status, 201);
  await api.seal();
  const { json: trial } = await bank.get(compared);
  assert.deepEqual(
    [trial.shadow.digest, trial.live.digest, trial.report.decisions, trial.report.changed],
    [digest, fine.digest, 1, 0],
  );
  assert.deepEqual(
    (await bank.get(listed)).json.items.map(({ standing }: { standing: string }) => standing),
    ['shadow', 'live'],
  );
});

test('the words of bundles and the facts of points come from where they are checked', async () => {
  const bank = await api.tenant('readers');
  const { json } = await bank.get('/v1/policy-schema');
  const point = json.points.find(({ name }: { name: string }) => name === 'rail-routing');
  assert.deepEqual(
    point.facts.find(({ name }: { name: string }) => name === 'amount'),
    { name: 'amount', ...shipped.facts.amount },
  );
  assert.deepEqual(json.outcomes, ['allow', 'hold', 'review', 'deny']);
  assert.equal(json.hit_policies.length, 8);
  assert.equal(json.schema.properties.rules.maxItems, 500);
});
