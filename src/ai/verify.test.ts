// What may serve against what the log tells of it: whatever is touched, `verify` names it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Finding, type Json, verifyLog } from '#core';
import { openBank, seal } from '../../test/bank.ts';
import { deployModel, shippedModel } from '../../test/scored.ts';
import { checkModels } from './verify.ts';

const bank = await openBank({ after });
const { keyring } = bank.planes;
const tenant = await bank.tenant();
const shipped = shippedModel('loan-default');
const card = { ...(shipped.card as object), title: 'The same, under another card' } as Json;
await deployModel(bank.planes, tenant.id, shipped);
await deployModel(bank.planes, tenant.id, { ...shipped, card });
await tenant.execute('model.rollback', { name: 'loan-default' });
await tenant.execute('model.suspend', { name: 'loan-default', reason: 'drifted' });
await tenant.execute('decision.make', { point: 'personal-loan', facts: { credit_consent: true } });
await seal(bank);

async function findings(): Promise<readonly Finding[]> {
  const found = await verifyLog({
    url: bank.url,
    logId: keyring.logId,
    publicKeys: keyring.checkpointPublicKeys,
    journal: checkModels(keyring.checkpointPublicKeys),
  });
  return found.findings;
}

/** Changes rows as only the owner of the database can, looks, and puts everything back. */
async function whileTampered(sql: string): Promise<readonly Finding[]> {
  const kept = ['artefact', 'model_version', 'model_act'];
  const client = await bank.superuser.connect();
  const run = (text: string) => client.query(text);
  try {
    await run('set session_replication_role = replica');
    for (const name of kept) await run(`create temporary table ${name} as table ai.${name}`);
    for (const name of kept) {
      const checks = await run(
        `select conname from pg_constraint
          where conrelid = 'ai.${name}'::regclass and contype = 'c'`,
      );
      // Whoever owns the tables can take their checks away.
      for (const { conname } of checks.rows) {
        await run(`alter table ai.${name} drop constraint ${conname}`);
      }
    }
    await run(sql);
    return await findings();
  } finally {
    for (const name of kept) {
      await run(`delete from ai.${name}; insert into ai.${name} table ${name}; drop table ${name}`);
    }
    await run('reset session_replication_role');
    client.release();
  }
}

test('an untouched registry agrees with the log', async () => {
  assert.deepEqual(await findings(), []);
});

const attacks: readonly [name: string, sql: string, what: string, detail: RegExp][] = [
  [
    'a way back that never was',
    `insert into ai.model_act select tenant_id, name, 9, stage, act, version, share, reason,
       approval_id, attestation, acted_by, recorded_at from ai.model_act where ordinal = 2`,
    'model row added',
    /act loan-default\/9 is told of by no event/,
  ],
  [
    'a suspension that is gone',
    "delete from ai.model_act where act = 'suspended'",
    'model row deleted',
    /act loan-default\/4 has no row/,
  ],
  [
    'another version in production',
    "update ai.model_act set version = 2 where act = 'rolled_back'",
    'model row edited',
    /differs from what its event tells/,
  ],
  [
    'an approval that was not that one',
    "update ai.model_act set approval_id = 'apr_x' where ordinal = 1",
    'model row edited',
    /attestation: signature wrong/,
  ],
  [
    'an act that nobody signed',
    "update ai.model_act set attestation = '' where ordinal = 1",
    'model row edited',
    /attestation: unsigned/,
  ],
  [
    'other bytes under the digest',
    "update ai.artefact set bytes = bytes || '\\x00'",
    'model row edited',
    /not those of their digests/,
  ],
  [
    'another card under the digest',
    'update ai.model_version set card = replace(card, \'"threshold":\', \'"threshold": \')',
    'model row edited',
    /not those of their digests/,
  ],
  [
    'bytes that are gone',
    'delete from ai.artefact',
    'model row edited',
    /not those of their digests/,
  ],
];

for (const [name, sql, what, detail] of attacks) {
  test(`${name}: found`, async () => {
    const [first] = await whileTampered(sql);
    assert.equal(first?.tenant, tenant.id);
    assert.equal(first?.what, what);
    assert.match(first.detail, detail);
  });
}

test('a decision rests on the score that was told with it, and on nothing else', async () => {
  const check = checkModels([]);
  const client = { query: async () => ({ rows: [] }) } as never;
  const at = { tenant: 'bank-1', position: 1, id: '01a1fecb-4b9a-8e28-a95c-d8a588b6243a' };
  const score = (id: string, value: number) => ({
    ...at,
    type: 'score.produced',
    body: { data: { payload: { score_id: id, facts: { fraud_score: value } } } },
  });
  const decision = (ref: string | null, facts: object) => ({
    ...at,
    type: 'decision.made',
    body: { data: { model_score_ref: ref, payload: { facts } } },
  });
  const whats = async (...events: ReturnType<typeof score | typeof decision>[]) =>
    (await check.page(client, events)).map(({ what }) => what);
  assert.deepEqual(await whats(score('sco_1', 0.2), decision('sco_1', { fraud_score: 0.2 })), []);
  assert.deepEqual(await whats(decision(null, { fraud_score: 0.2 })), []);
  const told = score('sco_1', 0.2);
  assert.deepEqual(await whats(told, decision('sco_1', {})), [], 'a bundle may look at less');
  assert.deepEqual(await whats(told, decision('sco_1', { fraud_score: 0.3 })), ['score differs']);
  assert.deepEqual(await whats(decision('sco_1', { fraud_score: 0.2 })), ['score missing']);
  const between = await whats(told, score('sco_2', 0.9), decision('sco_1', { fraud_score: 0.2 }));
  assert.deepEqual(between, [], 'another batch may stand between');
});
