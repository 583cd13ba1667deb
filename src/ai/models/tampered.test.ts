// Rows that somebody has changed behind the server's back, as only the owner of the database can.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openModels, type Serving } from '#ai';
import type { Json } from '#core';
import { openBank, type Tenant } from '../../../test/bank.ts';
import { deployModel, shippedModel } from '../../../test/scored.ts';

const bank = await openBank({ after });
const { database, keyring } = bank.planes;
const { superuser } = bank;
const shipped = shippedModel('loan-default');
const { name } = shipped.card as { name: string };
const point = 'personal-loan';

async function servingOf({ id }: Tenant, publicKeys = keyring.checkpointPublicKeys) {
  // Alone, so that nothing is known from before.
  const models = openModels({ pool: database.pool('ai'), publicKeys });
  const [found] = await models.at(id, 1_000n, point);
  return found;
}

/** What is seen with the triggers off; then all is as before. */
async function whileTampered(
  tenant: Tenant,
  table: string,
  change: string,
): Promise<Serving | undefined> {
  await superuser.query(`create table public.kept as select * from ${table}`);
  await superuser.query(`set session_replication_role = replica; ${change};
    set session_replication_role = origin`);
  const found = await servingOf(tenant);
  await superuser.query(`set session_replication_role = replica; delete from ${table};
    insert into ${table} select * from public.kept;
    set session_replication_role = origin; drop table public.kept`);
  return found;
}

/** Version of what can be heard, or why it cannot. */
const heard = (model: Serving['production']) =>
  model && ('why' in model ? model.why : model.version);

const titled = (title: string) => ({
  ...shipped,
  card: { ...(shipped.card as object), title } as Json,
});

test('whoever changes rows behind the server’s back lets nothing serve', async () => {
  const tenant = await bank.tenant();
  await deployModel(bank.planes, tenant.id, shipped);
  const tampered = async (table: string, change: string) =>
    heard((await whileTampered(tenant, table, change))?.production);
  assert.equal(heard((await servingOf(tenant))?.production), 1);
  const where = `where tenant_id = '${tenant.id}'`;
  const unsigned = `update ai.model_act set attestation = '' ${where}`;
  assert.equal(await tampered('ai.model_act', unsigned), 'unsigned');
  const taken = `update ai.model_act set approval_id = null, act = 'rolled_back' ${where}`;
  assert.equal(await tampered('ai.model_act', taken), 'signature_wrong');
  const card = `replace(card, '"threshold":', '"threshold":0')`;
  const looser = `update ai.model_version set card = replace(card, 'limit', 'Limit') ${where}`;
  await superuser.query(
    'alter table ai.model_version drop constraint card_digest_is_that_of_its_card',
  );
  assert.equal(await tampered('ai.model_version', looser), 'signature_wrong');
  const rehashed = `update ai.model_version set card = ${card},
    card_digest = encode(sha256(convert_to(${card}, 'UTF8')), 'hex') ${where}`;
  assert.equal(await tampered('ai.model_version', rehashed), 'signature_wrong');
  await superuser.query('alter table ai.artefact drop constraint digest_is_that_of_its_bytes');
  const other = `update ai.artefact set bytes = set_byte(bytes, 100, 7) ${where}`;
  assert.equal(await tampered('ai.artefact', other), 'artefact_changed');
  const gone = `delete from ai.artefact ${where}`;
  assert.equal(await tampered('ai.artefact', gone), 'artefact_changed');
  const moved = `update ai.model_version set point = 'gift-cards' ${where}`;
  assert.equal(await tampered('ai.model_version', moved), 1, 'its card says where it is heard');
  assert.equal(await tampered('ai.model_act', 'select 1'), 1, 'all is as before');
});

test('no act can be slipped in, changed or taken away among those of a model', async () => {
  const tenant = await bank.tenant();
  for (const title of ['One', 'Two']) await deployModel(bank.planes, tenant.id, titled(title));
  await tenant.execute('model.suspend', { name, reason: 'it drifts' });
  await tenant.execute('model.deploy', { name, stage: 'shadow', version: 1 });
  const tampered = async (change: string) => {
    const found = await whileTampered(tenant, 'ai.model_act', change);
    return [heard(found?.production), heard(found?.previous), ...(found?.shadows ?? []).map(heard)];
  };
  const where = `where tenant_id = '${tenant.id}' and act = 'suspended'`;
  const resumed = `insert into ai.model_act select tenant_id, name, 5, stage, 'resumed', version,
    share, null, 'apr_x', '', acted_by, recorded_at from ai.model_act ${where}`;
  const all = (why: string) => [why, why, why];
  assert.deepEqual(await tampered(resumed), all('unsigned'), 'nobody has let it go on');
  const copied = resumed.replace("'',", 'attestation,');
  assert.deepEqual(await tampered(copied), all('signature_wrong'));
  const gone = `delete from ai.model_act ${where}`;
  assert.deepEqual(await tampered(gone), all('signature_wrong'), 'the next act tells of it');
  const other = `update ai.model_act set reason = 'none' ${where}`;
  assert.deepEqual(await tampered(other), all('signature_wrong'));
  assert.deepEqual(await tampered('select 1'), [2, 1, 1], 'all is as before');
});

test('a signature of another key than ours is none', async () => {
  const tenant = await bank.tenant();
  await deployModel(bank.planes, tenant.id, shipped);
  const found = await servingOf(tenant, [Buffer.alloc(32, 1)]);
  assert.equal(heard(found?.production), 'signature_wrong');
});
