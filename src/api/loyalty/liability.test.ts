// What points are owed, over HTTP: asked for, worked out by itself, read with what it is made of.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantToText } from '#core';
import { openApi } from '../../../test/api.ts';
import { day } from '../../../test/bank.ts';
import { followPoints, openPoints } from '../../../test/points.ts';
import { publishProgram } from '../../../test/programs.ts';
import { liabilityKeeper } from '../../capabilities/loyalty/liability/daily.ts';
import { everydayProgram } from '../../capabilities/loyalty/program/shipped.ts';

const api = await openApi({ after });
const { bank } = api;
const { planes, time } = bank;
const keep = () => liabilityKeeper({ ...planes, onError: (error) => assert.ifError(error) })();
const url = '/v1/loyalty/liability';

let banks = 0;

async function open(owes = true) {
  banks += 1;
  const id = `owing-${banks}`;
  const boss = await api.tenant(id);
  const { liability, ...silent } = everydayProgram();
  const document = owes ? { ...silent, liability } : silent;
  await publishProgram(bank, { id }, { document });
  const read = ['loyalty:read'];
  const mara = await api.issue(boss, 'user:mara', { scopes: [...read, 'loyalty:write'] });
  const guest = await api.issue(boss, 'user:guest', { scopes: read });
  return { id, mara, guest };
}

test('a run is asked for, is there soon, and says what it is made of', async () => {
  const { id, mara, guest } = await open();
  const points = await openPoints(bank, id);
  await points.earn(await points.enrol('cus_1'), 2_000, { spend: 200_000 });
  await api.seal();
  await followPoints(planes);
  const none = await mara.get(`${url}?program=everyday`);
  assert.deepEqual(
    [none.status, none.json.detail],
    [404, 'there is no run of the programme everyday'],
  );
  time.now += day;
  const body = { program: 'everyday', as_of: instantToText(time.now - 3_600_000) };
  const forbidden = await guest.post(`${url}/runs`, body);
  assert.equal(forbidden.status, 403);
  const asked = await mara.post(`${url}/runs`, body, { key: 'ask-1' });
  assert.deepEqual([asked.status, asked.json], [201, body]);
  const again = await mara.post(`${url}/runs`, body, { key: 'ask-1' });
  assert.deepEqual([again.status, again.json], [200, body]);
  const waiting = await guest.get(`${url}/runs?program=everyday`);
  assert.equal(waiting.json.requested[0].as_of, body.as_of);
  await keep();
  const found = await guest.get(`${url}?program=everyday`);
  assert.equal(found.status, 200, found.text);
  const { figures, cohorts, forecast, triangle, posting, as_of } = found.json;
  assert.equal(as_of, body.as_of);
  assert.deepEqual(
    [figures.points, figures.outstanding, posting.status],
    [2_000, 2_000, 'nothing'],
  );
  assert.equal(forecast.length, 24);
  assert.deepEqual([triangle.months, triangle.rows], [[], []]);
  const [cohort] = cohorts;
  assert.deepEqual([cohort.points, cohort.method, cohort.redemption_rate], [2_000, 'prior', 0.8]);
  const sum = cohorts.reduce((all: number, each: { liability: number }) => all + each.liability, 0);
  assert.equal(sum, figures.liability);
  assert.ok(figures.liability > 0);
  const runs = await guest.get(`${url}/runs?program=everyday&limit=1`);
  assert.deepEqual([runs.json.items.length, runs.json.requested], [1, []]);
  const older = await guest.get(`${url}/runs?program=everyday&limit=1&after=${runs.json.next}`);
  // That of the morning, which came by itself.
  assert.deepEqual(
    [older.json.items[0].ordinal, older.json.items[0].posting.status],
    [1, 'posted'],
  );
});

test('what cannot be asked for is refused, with what to do about it', async () => {
  const { mara } = await open();
  const ask = async (body: object) => {
    const { status, json } = await mara.post(`${url}/runs`, body);
    return [status, json.errors?.[0]?.pointer ?? json.code];
  };
  const future = instantToText(time.now + day);
  assert.deepEqual(await ask({ program: 'everyday', as_of: future }), [422, '/as_of']);
  assert.deepEqual(await ask({ program: 'nowhere' }), [404, 'not_found']);
  assert.equal((await ask({ program: 'everyday', more: 1 }))[0], 422);
  const silent = await open(false);
  const { status, json } = await silent.mara.post(`${url}/runs`, { program: 'everyday' });
  assert.deepEqual([status, json.errors[0].pointer], [422, '/program']);
  assert.match(json.errors[0].detail, /publish a version of it with a member `liability`/);
});

test('a bank sees nothing of what another owes', async () => {
  const { id, mara } = await open();
  const points = await openPoints(bank, id);
  await points.earn(await points.enrol('cus_1'), 100, {});
  await api.seal();
  await followPoints(planes);
  time.now += day;
  await keep();
  assert.equal((await mara.get(`${url}?program=everyday`)).status, 200);
  const stranger = await api.tenant('stranger');
  assert.equal((await stranger.get(`${url}?program=everyday`)).status, 404);
});
