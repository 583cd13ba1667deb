import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type ModelCard, type Models, openModels, type Serving } from '#ai';
import { type Json, withTx } from '#core';
import { openBank, type Tenant } from '../../../test/bank.ts';
import { fakeRuntime, openWith } from '../../../test/fake-runtime.ts';
import { deployModel, shippedModel } from '../../../test/scored.ts';
import type { OpenEvaluator } from './evaluator.ts';
import { isInCanary, type ModelsOptions } from './load.ts';

const bank = await openBank({ after });
const { database, keyring } = bank.planes;
const shipped = shippedModel('loan-default');
const point = 'personal-loan';

function opened(more: Partial<ModelsOptions> = {}): Models {
  const publicKeys = keyring.checkpointPublicKeys;
  return openModels({ pool: database.pool('ai'), publicKeys, ...more });
}

async function epochOf({ id }: Tenant): Promise<bigint> {
  const look = { tenant: id, readOnly: true };
  const { rows } = await withTx(
    database.pool('policy'),
    (tx) => tx.query<{ epoch: bigint }>('select epoch from core.tenant'),
    look,
  );
  return rows[0]?.epoch ?? 0n;
}

const versions = (found: readonly Serving[]) =>
  found.map(({ production }) => production && 'card' in production && production.version);

test('who knows of a change sees it, and others go on with what they have', async () => {
  const tenant = await bank.tenant();
  const models = opened();
  const before = await epochOf(tenant);
  assert.deepEqual(await models.at(tenant.id, before, point), []);
  await deployModel(bank.planes, tenant.id, shipped);
  assert.deepEqual(await models.at(tenant.id, before, point), [], 'as of their epoch');
  const now = await epochOf(tenant);
  assert.ok(now > before, 'a deployment is a change of rights');
  assert.deepEqual(versions(await models.at(tenant.id, now, point)), [1]);
  assert.deepEqual(versions(await models.at(tenant.id, before, point)), [1], 'nobody goes back');
  assert.deepEqual(await models.at(tenant.id, now, 'gift-cards'), []);
  assert.deepEqual(await models.at(tenant.id, undefined, point), [], 'a tenant that is not there');
});

test('what was loaded once is the same model for everybody', async () => {
  const models = opened();
  const evaluators = [];
  for (const tenant of [await bank.tenant(), await bank.tenant()]) {
    await deployModel(bank.planes, tenant.id, shipped);
    const [found] = await models.at(tenant.id, await epochOf(tenant), point);
    const { production } = found ?? {};
    assert.ok(production && 'card' in production);
    evaluators.push(production.evaluator);
  }
  assert.equal(evaluators[0], evaluators[1]);
});

test('a model that is left to a runtime serves where that is installed', async () => {
  const tenant = await bank.tenant();
  const output = { threshold: 110_000, positive: 'default' };
  const card = { ...(shipped.card as object), runtime: 'onnxruntime', output } as Json;
  const { inputs } = card as unknown as ModelCard;
  const open = openWith(fakeRuntime(inputs.length));
  await deployModel(bank.planes, tenant.id, { ...shipped, card, open });
  const production = async (models: Models) => {
    const [found] = await models.at(tenant.id, await epochOf(tenant), point);
    assert.ok(found?.production);
    return found.production;
  };
  const missing = await production(opened({ open: openWith('no-such-runtime') }));
  assert.equal('why' in missing && missing.why, 'runtime_missing');
  const model = await production(opened({ open }));
  assert.ok('card' in model);
  const { width, score, close } = model.evaluator;
  assert.equal(await score(new Float32Array(width).fill(2), 5_000), 2 * width);
  await close?.();
});

test('what there is too much of is put away, and opened again where it is asked for', async () => {
  const closed: string[] = [];
  const open: OpenEvaluator = async () => {
    const name = `${closed.length}`;
    const close = async () => void closed.push(name);
    return { width: 1, score: () => 0.5, explain: undefined, base: 0, close };
  };
  const models = opened({ open, evaluatorsMax: 1 });
  const tenant = await bank.tenant();
  await deployModel(bank.planes, tenant.id, shipped);
  const production = async () => {
    const [found] = await models.at(tenant.id, await epochOf(tenant), point);
    return found?.production;
  };
  const first = await production();
  assert.equal(await production(), first);
  models.forget(tenant.id);
  assert.notEqual(await production(), first);
  assert.deepEqual(closed, ['0']);
});

test('a look that has failed is tried again', async () => {
  const tenant = await bank.tenant();
  await deployModel(bank.planes, tenant.id, shipped);
  let isAway = true;
  const pool = database.pool('ai');
  const models = openModels({
    publicKeys: keyring.checkpointPublicKeys,
    pool: new Proxy(pool, {
      get: (target, member) => {
        if (member === 'connect' && isAway) return () => Promise.reject(new Error('away'));
        const value = Reflect.get(target, member);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  });
  const epoch = await epochOf(tenant);
  await assert.rejects(models.at(tenant.id, epoch, point), /away/);
  isAway = false;
  assert.deepEqual(versions(await models.at(tenant.id, epoch, point)), [1]);
});

test('a canary hears the same keys every time, and more of them when it grows', () => {
  const keys = Array.from({ length: 2_000 }, (_, at) => `acc_${at}`);
  const chosen = (share: number, tenant = 'a') =>
    keys.filter((key) => isInCanary(tenant, 'payment-fraud', key, share));
  const [few, more] = [chosen(1_000), chosen(3_000)];
  assert.ok(few.length > 140 && few.length < 260, `${few.length}`);
  assert.ok(few.every((key) => more.includes(key)));
  assert.deepEqual(chosen(1_000), few);
  assert.notDeepEqual(chosen(1_000, 'b'), few, 'others in another bank');
});
