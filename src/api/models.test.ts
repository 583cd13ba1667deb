import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { openModels, type Serving } from '#ai';
import { type Caller, openApi, type Reply } from '../../test/api.ts';
import { day } from '../../test/bank.ts';

const api = await openApi({ after });
const { planes, superuser, time } = api.bank;
const folder = new URL('../../models/loan-default/', import.meta.url);
const artefact = readFileSync(new URL('model.onnx', folder), 'base64');
const shipped = JSON.parse(readFileSync(new URL('card.json', folder), 'utf8'));
const path = `/v1/models/${shipped.name}`;
const { point } = shipped.decides;

/** What the scorer of another process sees. */
const models = openModels({
  pool: planes.database.pool('ai'),
  publicKeys: planes.keyring.checkpointPublicKeys,
});

type People = {
  readonly id: string;
  readonly ann: Caller;
  readonly bob: Caller;
  readonly cid: Caller;
  readonly bot: Caller;
};
let banks = 0;

async function openPeople(): Promise<People> {
  banks += 1;
  const id = `models-${banks}`;
  const boss = await api.tenant(id);
  const makes = ['model:write', 'policy:write'];
  const ann = await api.issue(boss, 'user:ann', {
    scopes: [...makes, 'model:read', 'policy:approve'],
  });
  const checks = ['model:read', 'policy:approve', 'policy:read'];
  return {
    ...{ id, ann },
    bob: await api.issue(boss, 'user:bob', { scopes: [...makes, ...checks], checker: ann }),
    cid: await api.issue(boss, 'user:cid', { scopes: checks, checker: ann }),
    bot: await api.issue(boss, 'agent:bot', { scopes: [...makes, ...checks] }),
  };
}

const tell = ({ status, json }: Reply) => [status, json?.code];

/** Registers another version: the same artefact, under a card with another title. */
async function registered(caller: Caller, title = shipped.title): Promise<number> {
  const made = await caller.post('/v1/models', { card: { ...shipped, title }, artefact });
  assert.ok(made.status < 300, made.text);
  return made.json.version;
}

async function subjectOf(caller: Caller, version: number, more: object = {}) {
  const { json, text } = await caller.get(`${path}/versions/${version}`);
  assert.ok(json.approval, text);
  return { ...json.approval, subject: { ...json.approval.subject, ...more } };
}

async function approved(maker: Caller, checker: Caller, wanted: object): Promise<string> {
  const { json, status, text } = await maker.post('/v1/approvals', wanted);
  assert.equal(status, 201, text);
  const verdict = { verdict: 'approve', reason: 'read its report' };
  const given = await checker.post(`/v1/approvals/${json.id}/decide`, verdict);
  assert.equal(given.status, 201, given.text);
  return json.id;
}

const deploy = (caller: Caller, body: object) => caller.post(`${path}/deployments`, body);

/** Brings a version into production, with an approval of bob's for what ann has made. */
async function promoted({ ann, bob }: People, version: number): Promise<Reply> {
  const wanted = await subjectOf(ann, version);
  const approval_id = await approved(ann, bob, wanted);
  const { supersedes } = wanted.subject;
  return deploy(ann, { stage: 'production', version, supersedes, approval_id });
}

async function serving({ id }: People): Promise<Serving | undefined> {
  const { rows } = await superuser.query<{ epoch: string }>(
    'select epoch::text from core.tenant where tenant_id = $1',
    [id],
  );
  const [found] = await models.at(id, BigInt(rows[0]?.epoch ?? 0), point);
  return found;
}

/** Version of what can be heard, or why it cannot. */
const heard = (model: Serving['production']) =>
  model && ('why' in model ? model.why : model.version);

test('a model lives: watched, tried, deciding, taken back, stopped and heard again', async () => {
  const people = await openPeople();
  const { ann, bob, cid } = people;
  const made = await ann.post('/v1/models', { card: shipped, artefact });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual([made.json.version, made.json.report.samples], [1, 256]);
  assert.ok(
    made.json.report.checks.every(({ passed }: { passed: boolean }) => passed),
    made.text,
  );
  assert.equal(await serving(people), undefined, 'what is only on record serves nobody');

  assert.equal((await deploy(ann, { stage: 'shadow', version: 1 })).status, 201);
  assert.deepEqual((await serving(people))?.shadows.map(heard), [1]);
  assert.equal((await serving(people))?.production, undefined);

  const first = await promoted(people, 1);
  assert.deepEqual([first.status, first.json.act], [201, 'deployed'], first.text);
  assert.equal(heard((await serving(people))?.production), 1);

  const second = await registered(ann, 'The second');
  const part = { stage: 'canary', share_bps: 500, supersedes: null };
  const canary = { stage: 'canary', version: second, share_bps: 500 };
  const unasked = await deploy(ann, canary);
  assert.deepEqual(tell(unasked), [403, 'approval_required']);
  const approval_id = await approved(ann, cid, await subjectOf(ann, second, part));
  const more = await deploy(ann, { ...canary, share_bps: 5_000, approval_id });
  assert.deepEqual(tell(more), [409, 'approval_invalid'], 'for another share');
  assert.equal((await deploy(ann, { ...canary, approval_id })).status, 201);
  const tried = (await serving(people))?.canary;
  assert.deepEqual([heard(tried?.model), tried?.share], [2, 500]);

  assert.equal((await promoted(people, second)).status, 201);
  const now = await serving(people);
  assert.deepEqual([heard(now?.production), heard(now?.previous), now?.canary], [2, 1, undefined]);
  const back = await bob.post(`${path}/rollback`, {});
  assert.deepEqual([back.status, back.json.version], [201, 1], back.text);
  assert.equal(heard((await serving(people))?.production), 1);
  assert.deepEqual(tell(await bob.post(`${path}/rollback`, {})), [409, 'conflict']);

  const stopped = await bob.post(`${path}/suspend`, { reason: 'it drifts' });
  assert.equal(stopped.status, 201, stopped.text);
  assert.equal((await serving(people))?.isSuspended, true);
  const { suspension } = (await cid.get(path)).json;
  assert.deepEqual([suspension.by, suspension.reason], ['user:bob', 'it drifts']);
  assert.deepEqual(tell(await ann.post(`${path}/resume`, {})), [403, 'approval_required']);
  const agreed = await approved(ann, cid, suspension.approval);
  const resumed = await ann.post(`${path}/resume`, { approval_id: agreed });
  assert.equal(resumed.status, 201, resumed.text);
  assert.equal((await serving(people))?.isSuspended, false);

  const { items } = (await cid.get(`${path}/acts?limit=3`)).json;
  assert.deepEqual(
    items.map(({ act, version }: { act: string; version: number }) => [act, version]),
    [
      ['resumed', 1],
      ['suspended', 1],
      ['rolled_back', 1],
    ],
  );
});

test('nobody lets an own model decide, and an agent nothing at all', async () => {
  const people = await openPeople();
  const { ann, bob, bot, cid } = people;
  const version = await registered(ann);
  const wanted = await subjectOf(ann, version);
  const asked = await ann.post('/v1/approvals', wanted);
  const verdict = { verdict: 'approve', reason: 'mine' };
  const own = await ann.post(`/v1/approvals/${asked.json.id}/decide`, verdict);
  assert.deepEqual(tell(own), [403, 'not_a_checker']);
  const body = { stage: 'production', version, supersedes: null };
  // Asked for by bob, and approved by ann, whose model it is.
  const others = await approved(bob, ann, wanted);
  const author = await deploy(bob, { ...body, approval_id: others });
  assert.deepEqual(
    [...tell(author), author.json.reason],
    [409, 'approval_invalid', 'self_approval'],
  );
  const good = await approved(bob, cid, wanted);
  for (const call of [
    deploy(bot, { ...body, approval_id: good }),
    deploy(bot, { stage: 'shadow', version }),
    bot.post('/v1/models', { card: shipped, artefact }),
    bot.post(`${path}/suspend`, { reason: 'mine is better' }),
  ]) {
    assert.deepEqual(tell(await call), [403, 'forbidden']);
  }
  assert.deepEqual(tell(await deploy(cid, { stage: 'shadow', version })), [403, 'forbidden']);
  assert.equal(await serving(people), undefined);
  assert.equal((await deploy(bob, { ...body, approval_id: good })).status, 201);
});

test('equal content is one version, and a retry is told the first report', async () => {
  const { ann, bob } = await openPeople();
  const card = { ...shipped };
  const first = await ann.post('/v1/models', { card, artefact }, { key: 'once' });
  const again = await ann.post('/v1/models', { card, artefact }, { key: 'once' });
  assert.deepEqual([first.status, again.status], [201, 200], again.text);
  assert.deepEqual(again.json, first.json);
  const other = await bob.post('/v1/models', { card, artefact });
  assert.deepEqual([other.json.version, other.json.registered_by], [1, 'user:ann']);
  assert.equal(await registered(ann, 'Another'), 2);
  const { items } = (await ann.get(`${path}/versions`)).json;
  assert.deepEqual(
    items.map(({ version }: { version: number }) => version),
    [2, 1],
  );
});

test('what cannot serve is refused, with each place and the reason', async () => {
  const { ann } = await openPeople();
  const refusal = async (card: object, bytes = artefact) => {
    const { status, json } = await ann.post('/v1/models', { card, artefact: bytes });
    assert.equal(status, 422);
    return [json.code, json.errors?.[0].pointer, json.errors?.[0].detail].join(' ');
  };
  const { owner: _, ...ownerless } = shipped;
  assert.match(await refusal(ownerless), /^model_invalid \/card .*owner/);
  const [first, ...others] = shipped.inputs;
  const short = { ...shipped, inputs: others };
  assert.match(await refusal(short), /^model_invalid \/card\/reference\/inputs\/.* no input/);
  const strange = { ...first, name: 'account.mood', from: 'feature' };
  assert.match(
    await refusal({ ...shipped, inputs: [strange, ...others] }),
    /\/card\/inputs\/0\/name there is no feature account\.mood/,
  );
  const cut = Buffer.from(artefact, 'base64').subarray(0, 500).toString('base64');
  assert.match(await refusal(shipped, cut), /\/card\/artefact is another artefact/);
  assert.match(await refusal(shipped, ''), /invalid_request \/artefact must be an ONNX file/);
  await registered(ann);
  const elsewhere = { ...shipped, decides: { ...shipped.decides, point: 'gift-cards' } };
  assert.match(await refusal(elsewhere), /\/card\/decides\/point is personal-loan/);
  assert.match(
    await refusal({ ...shipped, name: 'loan-rival' }),
    /\/card\/decides\/point is that of loan-default: register this as a version of it/,
  );
  assert.match(await refusal({ ...shipped, runtime: 'onnxruntime' }), /^model_runtime_missing/);
});

test('a model says only what the policy of its point has left open for it', async () => {
  const { ann } = await openPeople();
  const refusal = async (more: object) => {
    const card = { ...shipped, decides: { ...shipped.decides, ...more } };
    const { status, json } = await ann.post('/v1/models', { card, artefact });
    return [status, json.errors?.[0].pointer, json.errors?.[0].detail].join(' ');
  };
  assert.match(
    await refusal({ value_fact: 'credit_score' }),
    /^422 \/card\/decides\/value_fact credit_score is no fact .* declares as a score's value/,
  );
  const { value_fact: status_fact } = shipped.decides;
  assert.match(await refusal({ status_fact }), /^422 \/card\/decides\/status_fact/);
  assert.match(await refusal({ point: 'gift-cards' }), /^422 \/card\/decides\/point no policy/);
});

test('of two deployments at once one wins, and the other is told what serves', async () => {
  const people = await openPeople();
  const { ann, bob } = people;
  const versions = [await registered(ann, 'One'), await registered(ann, 'Two')];
  const bodies = [];
  for (const version of versions) {
    const approval_id = await approved(ann, bob, await subjectOf(ann, version));
    bodies.push({ stage: 'production', version, supersedes: null, approval_id });
  }
  const answers = await Promise.all(bodies.map((body) => deploy(ann, body)));
  const [won, lost] = answers.toSorted((one, other) => one.status - other.status);
  assert.deepEqual([won?.status, ...tell(lost as Reply)], [201, 409, 'conflict']);
  assert.equal(lost?.json.production, won?.json.version);
});

test('a version that was suspended stays so, also where going back brings it again', async () => {
  const people = await openPeople();
  const { ann } = people;
  assert.equal((await promoted(people, await registered(ann, 'One'))).status, 201);
  assert.equal((await ann.post(`${path}/suspend`, { reason: 'it drifts' })).status, 201);
  assert.deepEqual(tell(await ann.post(`${path}/suspend`, { reason: 'it drifts' })), [
    409,
    'conflict',
  ]);
  assert.equal((await promoted(people, await registered(ann, 'Two'))).status, 201);
  const now = await serving(people);
  assert.equal(now?.isSuspended, false, 'another one decides');
  assert.equal(heard(now?.previous), 'suspended', 'and the one before stands in no more');
  for (const stage of ['shadow', 'production']) {
    const again = await deploy(ann, { stage, version: 1, supersedes: 2 });
    assert.deepEqual(tell(again), [409, 'conflict'], 'deploying it lets it not go on');
  }
  assert.equal((await ann.post(`${path}/rollback`, {})).status, 201);
  assert.equal((await serving(people))?.isSuspended, true);
});

test('who has tested a version stops that one, whatever decides since', async () => {
  const people = await openPeople();
  const { ann, bob, cid } = people;
  const stop = (version: number) => bob.post(`${path}/suspend`, { version, reason: 'it drifts' });
  for (const title of ['One', 'Two', 'Three']) {
    assert.equal((await promoted(people, await registered(ann, title))).status, 201);
  }
  const four = await registered(ann, 'Four');
  const part = { stage: 'canary', share_bps: 500, supersedes: null };
  const approval_id = await approved(ann, cid, await subjectOf(ann, four, part));
  const tried = { stage: 'canary', version: four, share_bps: 500, approval_id };
  assert.equal((await deploy(ann, tried)).status, 201);
  assert.deepEqual(tell(await stop(1)), [409, 'conflict'], 'nobody hears it any more');
  for (const version of [2, four]) {
    const { status, json, text } = await stop(version);
    assert.deepEqual([status, json.version], [201, version], text);
  }
  const now = await serving(people);
  assert.deepEqual(
    [now?.isSuspended, heard(now?.production), heard(now?.previous), heard(now?.canary?.model)],
    [false, 3, 'suspended', 'suspended'],
  );
  const listed = (await cid.get(`${path}/versions`)).json.items;
  assert.deepEqual(
    listed.map(({ suspended }: { suspended: boolean }) => suspended),
    [true, false, true, false],
  );
  const other = await ann.post(`${path}/resume`, {});
  assert.deepEqual(tell(other), [409, 'conflict'], 'what is in production goes on already');
  const { suspension } = (await cid.get(`${path}/versions/${four}`)).json;
  const agreed = await approved(ann, cid, suspension.approval);
  const resumed = await ann.post(`${path}/resume`, { version: four, approval_id: agreed });
  assert.equal(resumed.status, 201, resumed.text);
  const then = await serving(people);
  assert.deepEqual([heard(then?.previous), heard(then?.canary?.model)], ['suspended', four]);
});

test('a tenant sees its own models, and deploys no others', async () => {
  const [one, other] = [await openPeople(), await openPeople()];
  await promoted(one, await registered(one.ann));
  assert.deepEqual((await other.cid.get('/v1/models')).json.items, []);
  assert.equal((await other.cid.get(path)).status, 404);
  assert.equal((await other.cid.get(`${path}/versions/1`)).status, 404);
  assert.equal((await other.cid.get(`${path}/acts`)).status, 404);
  assert.deepEqual(tell(await deploy(other.ann, { stage: 'shadow', version: 1 })), [
    404,
    'not_found',
  ]);
  assert.equal(await serving(other), undefined);
});

test('the log tells of every act, by digests and without words of anybody', async () => {
  const people = await openPeople();
  await promoted(people, await registered(people.ann));
  await people.bob.post(`${path}/suspend`, { reason: 'it drifts' });
  const { rows } = await superuser.query<{ type: string; body: string }>(
    `select type, body from core.event where tenant_id = $1 and type like 'model.%' order by seq`,
    [people.id],
  );
  assert.deepEqual(
    rows.map(({ type }) => type),
    ['model.registered', 'model.deployed', 'model.suspended'],
  );
  assert.ok(rows.every(({ body }) => body.includes(shipped.artefact)));
  assert.ok(rows.every(({ body }) => !body.includes('drifts')));
  time.now += day;
});
