import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault, type FaultCode, newCommand } from '#core';
import type { PostingItem } from '#money';
import { move, openBank, openShop } from '../../../test/bank.ts';
import { coreContract } from '../contract.ts';
import { capabilitiesOf, type Core } from '../port.ts';
import { ownCore } from './core.ts';
import { partyIdOf } from './parties.ts';

const bank = await openBank({ after });
const { planes } = bank;
const { clock, random, engine, database, execute } = planes;
const pools = { pool: database.pool('read'), pipeline: database.pipeline('read', 2) };
const core = ownCore({ engine, ...pools, clock, execute });

/** A core whose ledger answers with this fault, once it has done what it was asked or before. */
function failing(code: FaultCode, { before = false } = {}): Core {
  const submit: typeof engine.submit = async (item) => {
    if (!before) await engine.submit(item);
    throw new Fault(code, 'as a test wants it');
  };
  return ownCore({ engine: { submit }, ...pools, clock, execute });
}

async function itemOf(tenant: string, legs: readonly object[], key: string): Promise<PostingItem> {
  const principal = { kind: 'service', id: 'test', tenant } as const;
  const asked = { principal, operation: 'journal.post', idempotencyKey: key };
  const body = { legs: legs as never };
  return planes.decide(newCommand({ ...asked, body }, { clock, random }));
}

coreContract('own', async () => {
  const { tenant, customer: debtor, cash } = await openShop(bank, 10_000);
  const creditor = await tenant.open();
  const party = partyIdOf(tenant.id, 'ann');
  const tokens = { name: 'tok_name_00000000000000000000000000' };
  await tenant.execute('party.register', {
    party_id: party,
    kind: 'person',
    country: 'DE',
    tokens,
  });
  for (const account_id of [debtor, creditor]) {
    await tenant.execute('account.link', { account_id, party_id: party });
  }
  assert.ok(cash);
  return {
    core,
    tenant: tenant.id,
    debtor,
    creditor,
    currency: 'USD',
    funds: 10_000,
    party,
    item: (legs, key) => itemOf(tenant.id, legs, key),
    deaf: (work) => work(failing('database_unavailable')),
  };
});

test('our own core has every operation that is modelled', () => {
  const { applyForLoan, recordOffer, ...can } = capabilitiesOf(core);
  assert.deepEqual([can.transfer, can.placeHold, can.listParties], [true, true, true]);
  assert.deepEqual([applyForLoan, recordOffer], [false, false]);
});

test('a fault before the ledger had the move is thrown: nothing is unknown of it', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  const item = await itemOf(tenant.id, [move(customer, merchant, 10)], 'refused');
  for (const code of ['overloaded', 'shutting_down', 'idempotency_key_reused'] as const) {
    const { transfer } = failing(code, { before: true }).operations;
    await assert.rejects(transfer(item), (error) => error instanceof Fault && error.code === code);
  }
  const { transfer } = failing('deadline_exceeded', { before: true }).operations;
  const lost = await transfer(item);
  assert.ok(lost.status === 'unknown');
  assert.deepEqual(await core.operations.lookUp(lost.lookUp), { status: 'not_found' });
});

test('a rejection names the ledger’s own code, also when it is looked up', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const item = await itemOf(tenant.id, [move(customer, merchant, 101)], 'poor');
  const now = await core.operations.transfer(item);
  assert.ok(now.status === 'rejected');
  assert.deepEqual([now.code, now.coreReason], ['insufficient_funds', null]);
  const { digest } = item.command;
  const later = await core.operations.lookUp({
    ...{ tenant: tenant.id, idempotencyKey: 'poor', digest },
  });
  assert.ok(later.status === 'rejected');
  assert.deepEqual([later.code, later.reference], [now.code, now.reference]);
});

test('an item that nobody has countersigned moves nothing', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const item = await itemOf(tenant.id, [move(customer, merchant, 10)], 'small');
  const larger = await itemOf(tenant.id, [move(customer, merchant, 90)], 'large');
  const forged = { ...item, command: larger.command };
  await assert.rejects(core.operations.transfer(forged), { code: 'countersignature_invalid' });
});
