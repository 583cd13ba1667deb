import { verifyLog as vl } from '#core';
import { checkDecisions as cd } from './verify.ts';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { externalId, Fault, type FaultCode, type Json, principalOf, withTx } from '#core';
import fc from 'fast-check';
import { day, openBank, type Tenant } from '../../test/bank.ts';
import { approvalOf, subjectDigest } from './approvals.ts';
import {
  listRollout,
  loadRollout,
  type Rollout,
  rolloutModes,
  type RolloutMode,
  rolloutOf,
  type RolloutSetting,
  type RolloutSettings,
  rolloutSource,
} from './rollout.ts';
import { raises, rolloutSubject } from './rollout-changes.ts';

const bank = await openBank({ after });
const { planes } = bank;
const pool = planes.database.pool('policy');
let calls = 0;

type Change = { use_case: string; mode: RolloutMode; percent?: number } & Record<string, Json>;

async function act(tenant: Tenant, operation: string, body: Json, who = 'user:ann') {
  calls += 1;
  const principal = principalOf(who, tenant.id);
  const input = { principal, operation, body, idempotencyKey: `call-${calls}` };
  const { outcome, commandId } = await planes.execute(input);
  assert.equal(outcome.status, 'accepted');
  return commandId;
}

async function approve(tenant: Tenant, kind: string, subject: Json): Promise<string> {
  const command = await act(tenant, 'approval.request', {
    subject_kind: kind,
    subject_digest: subjectDigest(subject),
    summary: 'further',
    expires_at: new Date(bank.time.now + day).toISOString(),
  });
  const approval_id = approvalOf(command);
  const verdict = { approval_id, verdict: 'approve', reason: 'tested' };
  await act(tenant, 'approval.decide', verdict, 'user:bob');
  return approval_id;
}

const set = (tenant: Tenant, change: Change) => act(tenant, 'rollout.set', change);
const setApproved = async (tenant: Tenant, change: Change) =>
  set(tenant, {
    ...change,
    approval_id: await approve(tenant, 'rollout.set', rolloutSubject(change)),
  });

const load = (tenant: Tenant) =>
  withTx(pool, (tx) => loadRollout(tx, tenant.id), { tenant: tenant.id });

const somewhere = { channel: 'app', product: 'card', cohort: 'staff', key: 'cus_1' };
async function ask(tenant: Tenant, more: object = {}): Promise<Rollout> {
  return rolloutOf(await load(tenant), { useCase: 'offers', ...somewhere, ...more });
}

function fault(code: FaultCode) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}

async function events(tenant: Tenant): Promise<{ type: string; payload: any }[]> {
  const sql = `select type, body::json->'data'->'payload' as payload from core.event
     where type like 'rollout.%' or type = 'approval.used' order by seq`;
  return tenant.read(async (tx) => (await tx.query(sql)).rows);
}

test('nothing goes anywhere before somebody has set it', async () => {
  const nothing = { mode: 'off', acts: false, settingId: null, why: 'nothing_set' };
  assert.deepEqual(await ask(await bank.tenant()), nothing);
});

test('going further takes the approval of exactly that; going back takes none', async () => {
  const tenant = await bank.tenant();
  const automatic = { use_case: 'offers', mode: 'automatic' } as const;
  await assert.rejects(set(tenant, automatic), fault('approval_required'));
  const canary = { use_case: 'offers', mode: 'canary', percent: 5 } as const;
  const approval_id = await approve(tenant, 'rollout.set', rolloutSubject(canary));
  await assert.rejects(set(tenant, { ...automatic, approval_id }), fault('approval_invalid'));
  await assert.rejects(
    set(tenant, { ...canary, percent: 6, approval_id }),
    fault('approval_invalid'),
  );
  await set(tenant, { ...canary, approval_id });
  await assert.rejects(
    set(tenant, { ...canary, percent: 6, approval_id }),
    fault('approval_invalid'),
  );
  await setApproved(tenant, automatic);
  assert.deepEqual([(await ask(tenant)).mode, (await ask(tenant)).acts], ['automatic', true]);
  for (const mode of ['human_in_the_loop', 'shadow', 'off'] as const) {
    await set(tenant, { use_case: 'offers', mode });
    assert.deepEqual([(await ask(tenant)).mode, (await ask(tenant)).acts], [mode, false]);
  }
  await assert.rejects(
    set(tenant, { use_case: 'offers', mode: 'shadow' }),
    fault('approval_required'),
  );
  const told = (await events(tenant)).map(({ type, payload }) => [type, payload.mode]);
  assert.deepEqual(told, [
    ['approval.used', undefined],
    ['rollout.set', 'canary'],
    ['approval.used', undefined],
    ['rollout.set', 'automatic'],
    ['rollout.set', 'human_in_the_loop'],
    ['rollout.set', 'shadow'],
    ['rollout.set', 'off'],
  ]);
});

test('the most specific setting counts; of equals the cohort, then the product', async () => {
  const tenant = await bank.tenant();
  const use_case = 'offers';
  const settings: [Change, object][] = [
    [
      { use_case, mode: 'shadow' },
      { channel: 'web', product: 'loan', cohort: 'all' },
    ],
    [
      { use_case, mode: 'automatic', channel: 'app' },
      { product: 'loan', cohort: 'all' },
    ],
    [{ use_case, mode: 'human_in_the_loop', product: 'card' }, { cohort: 'all' }],
    [{ use_case, mode: 'automatic', cohort: 'staff' }, {}],
    [{ use_case, mode: 'shadow', channel: 'app', product: 'card' }, {}],
    [{ use_case, mode: 'automatic', channel: 'app', cohort: 'staff' }, {}],
    [{ use_case, mode: 'shadow', product: 'card', cohort: 'staff' }, {}],
    [{ use_case, mode: 'off', channel: 'app', product: 'card', cohort: 'staff' }, {}],
  ];
  for (const [change, place] of settings) {
    await setApproved(tenant, change);
    const latest = (await events(tenant)).at(-1)?.payload.setting_id;
    const { mode, settingId } = await ask(tenant, place);
    assert.deepEqual([mode, settingId], [change.mode, latest]);
  }
  assert.equal((await ask(tenant, { useCase: 'loans' })).why, 'nothing_set');
});

test('one call kills a use case or all of them; only an approval revives', async () => {
  const tenant = await bank.tenant();
  for (const use_case of ['offers', 'chat']) {
    await setApproved(tenant, { use_case, mode: 'automatic' });
  }
  const states = async () =>
    Promise.all(['offers', 'chat'].map(async (useCase) => (await ask(tenant, { useCase })).acts));
  await act(tenant, 'rollout.kill', { use_case: 'offers' });
  assert.deepEqual(await states(), [false, true]);
  await act(tenant, 'rollout.kill', { use_case: '*' });
  assert.deepEqual(await states(), [false, false]);
  assert.equal((await ask(tenant, { useCase: 'chat' })).why, 'killed');
  const revive = (use_case: string, approval_id?: string) =>
    act(tenant, 'rollout.revive', { use_case, ...(approval_id ? { approval_id } : {}) });
  await assert.rejects(revive('*'), fault('approval_required'));
  const approvals = {
    all: await approve(tenant, 'rollout.revive', { use_case: '*' }),
    offers: await approve(tenant, 'rollout.revive', { use_case: 'offers' }),
  };
  await assert.rejects(revive('*', approvals.offers), fault('approval_invalid'));
  await revive('*', approvals.all);
  assert.deepEqual(await states(), [false, true], 'what was killed by itself stays so');
  await revive('offers', approvals.offers);
  assert.deepEqual(await states(), [true, true]);
  await assert.rejects(revive('offers', approvals.offers), fault('conflict'));
});

test('a canary is set with its percentage, and nothing else is', async () => {
  const tenant = await bank.tenant();
  for (const wrong of [{ mode: 'canary' }, { mode: 'automatic', percent: 5 }] as const) {
    await assert.rejects(set(tenant, { use_case: 'offers', ...wrong }), fault('invalid_request'));
  }
});

test('whoever is in a canary stays in when it grows, and about as many are in as it says', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  fc.assert(
    fc.property(
      word,
      word,
      fc.array(fc.string(), { minLength: 1, maxLength: 20 }),
      (tenant, useCase, keys) => {
        for (const key of keys) {
          const inAt = Array.from({ length: 99 }, (_, index) => {
            const settings = settingsOf(tenant, [
              place({ useCase, mode: 'canary', percent: index + 1 }),
            ]);
            return rolloutOf(settings, { useCase, ...somewhere, key }).acts;
          });
          const since = inAt.indexOf(true);
          assert.ok(since < 0 || inAt.slice(since).every(Boolean), 'once in, always in');
        }
      },
    ),
    { numRuns: 20 },
  );
  const settings = settingsOf('bank', [place({ useCase: 'offers', mode: 'canary', percent: 10 })]);
  const among = Array.from({ length: 10_000 }, (_, key) =>
    rolloutOf(settings, { useCase: 'offers', ...somewhere, key: `cus_${key}` }),
  );
  const count = among.filter(({ acts }) => acts).length;
  assert.ok(count > 880 && count < 1_120, `${count} of 10,000 at 10 %`);
  assert.ok(among.every(({ acts, why }) => why === (acts ? 'in_canary' : 'outside_canary')));
});

test('a change needs approval exactly when there is a place where it lets more happen', () => {
  const value = fc.constantFrom('*', 'a', 'b');
  const mode = fc.oneof(
    fc
      .constantFrom('off', 'shadow', 'human_in_the_loop', 'automatic')
      .map((each) => ({ mode: each as RolloutMode, percent: null })),
    fc.constantFrom(10, 20).map((percent) => ({ mode: 'canary' as RolloutMode, percent })),
  );
  const setting = fc
    .record({ channel: value, product: value, cohort: value, mode })
    .map(({ mode: how, ...at }) => place({ ...at, ...how }));
  const same = (one: RolloutSetting, other: RolloutSetting) =>
    one.channel === other.channel && one.product === other.product && one.cohort === other.cohort;
  const values = ['a', 'b', 'elsewhere'];
  const places = values.flatMap((channel) =>
    values.flatMap((product) => values.map((cohort) => ({ channel, product, cohort }))),
  );
  const goes = (settings: readonly RolloutSetting[], at: object) => {
    const { settingId, mode: told } = rolloutOf(settingsOf('bank', settings), {
      ...{ useCase: 'offers', ...somewhere },
      ...at,
    });
    const found = settings.find(({ id }) => externalId('rollout', id) === settingId);
    const percent = found?.percent ?? 0;
    return rolloutModes.indexOf(told) * 100 + percent;
  };
  fc.assert(
    fc.property(fc.array(setting, { maxLength: 8 }), setting, (drawn, change) => {
      const settings = drawn
        .filter((each, at) => drawn.findIndex((it) => same(it, each)) === at)
        .map(numbered);
      const wanted = numbered(change, 99);
      const changed = [...settings.filter((each) => !same(each, wanted)), wanted];
      const more = places.some((at) => goes(changed, at) > goes(settings, at));
      assert.equal(raises(settings, wanted), more);
    }),
    { numRuns: 400 },
  );
});

test('settings are remembered until the epoch of their tenant has passed', async () => {
  const tenant = await bank.tenant();
  const source = rolloutSource(pool);
  const epoch = async () =>
    (await tenant.read((tx) => tx.query('select epoch from core.tenant'))).rows[0].epoch;
  const acts = async () => {
    const settings = await source(tenant.id, await epoch());
    return rolloutOf(settings, { useCase: 'offers', ...somewhere }).acts;
  };
  assert.equal(await acts(), false);
  await setApproved(tenant, { use_case: 'offers', mode: 'automatic' });
  assert.equal(await acts(), true);
  const now = await epoch();
  assert.equal(await source(tenant.id, now), await source(tenant.id, now), 'read once');
  assert.equal(await source(tenant.id, now - 1n), await source(tenant.id, now), 'never older');
  await act(tenant, 'rollout.kill', { use_case: '*' });
  assert.equal(await acts(), false);
});

test('settings are listed in pages, with what is killed', async () => {
  const tenant = await bank.tenant();
  for (const use_case of ['a1', 'b1', 'c1']) {
    bank.time.now += 1;
    await set(tenant, { use_case, mode: 'off' });
  }
  await act(tenant, 'rollout.kill', { use_case: 'b1' });
  const page = await tenant.read((tx) => listRollout(tx, { limit: 2 }));
  assert.deepEqual(
    [page.items.map(({ use_case, mode }) => [use_case, mode]), page.killed],
    [
      [
        ['a1', 'off'],
        ['b1', 'off'],
      ],
      ['b1'],
    ],
  );
  assert.equal(page.next, page.items[1]?.id);
  const one = await tenant.read((tx) => listRollout(tx, { limit: 2, useCase: 'c1' }));
  assert.deepEqual([one.items.length, one.next], [1, null]);
});

/** A setting of the use case "offers" everywhere, but for what is given. */
function place(given: Partial<RolloutSetting>): RolloutSetting {
  const everywhere = { useCase: 'offers', channel: '*', product: '*', cohort: '*' };
  return { id: uuid(0), ...everywhere, mode: 'off', percent: null, ...given };
}

function numbered(setting: RolloutSetting, number: number): RolloutSetting {
  return { ...setting, id: uuid(number) };
}

function uuid(number: number): string {
  return `00000000-0000-8000-8000-${String(number).padStart(12, '0')}`;
}

function settingsOf(tenant: string, settings: readonly RolloutSetting[]): RolloutSettings {
  return {
    tenant,
    settings: Map.groupBy(settings, ({ useCase }) => useCase),
    killed: new Set(),
  };
}

test('ZZ verify', async () => {
  const bnk: any = bank;
  const { logId, checkpointPublicKeys: publicKeys } = bnk.planes.keyring;
  const verified = await vl({ url: bnk.url, logId, publicKeys, journal: cd() });
  assert.deepEqual(verified.findings.map((f: any) => f.tenant + ' ' + f.what + ' ' + f.detail), []);
});
