import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeParty } from '../../../simulators/cores/book.ts';
import { flexcube } from '../../../simulators/cores/flexcube/flexcube.ts';
import { creditor, debtor, openBank, orderOf, party } from '../../../test/flexcube-bank.ts';
import type { CoreEvent, Delivered } from '../adapter.ts';
import { referenceOf } from '../adapter-contract.ts';

const secret = flexcube.credentials['relaySecret'] ?? '';

test('flexcube: a transaction that its relay tells is an entry of both accounts', async (t) => {
  const { transfer, events, simulator } = await openBank(t, { timeZone: 'UTC' });
  const relay = await openRelay(t, simulator.subscribe);
  const answer = await transfer(orderOf('told', { amount: 12_345 }));
  assert.ok(answer.status === 'completed');
  const [delivered] = await relay.heard(1);
  const told = delivered && events?.accept?.(delivered);
  assert.equal(told?.length, 2);
  const [debit, credit] = told ?? [];
  assert.deepEqual(
    [debit?.type, debit?.account, credit?.account, credit?.entry?.counter_account],
    ['entry.booked', debtor, creditor, debtor],
  );
  assert.deepEqual(
    [debit?.entry?.credit_debit_indicator, credit?.entry?.credit_debit_indicator],
    ['DBIT', 'CRDT'],
  );
  const { reference, own_reference, amount, currency, status, value_at } = credit?.entry ?? {};
  assert.deepEqual(
    [reference, own_reference, amount, currency, status, value_at],
    [answer.coreReference, referenceOf('told'), 12_345, 'EUR', 'BOOK', '2026-03-31T00:00:00.000Z'],
  );
  assert.notEqual(debit?.id, credit?.id);
});

test('flexcube: told again or in another order, an event has the id that it had', async (t) => {
  const { transfer, events, simulator, book } = await openBank(t);
  const relay = await openRelay(t, simulator.subscribe);
  await transfer(orderOf('first'));
  await transfer(orderOf('second'));
  changeParty(book, party, { email: 'other@mail.example' });
  const first = await relay.heard(3);
  simulator.inject({ kind: 'redelivery' });
  const all = await relay.heard(6);
  const ids = (some: readonly Delivered[]) =>
    some.flatMap((each): readonly CoreEvent[] => events?.accept?.(each) ?? []).map(({ id }) => id);
  const before = ids(first).sort();
  assert.equal(before.length, 5);
  assert.deepEqual(ids(all.slice(3)).sort(), before);
  assert.equal(new Set(before).size, 5);
  assert.deepEqual(ids([...first].reverse()).sort(), before);
});

test('flexcube: whoever does not know the secret of the relay tells nothing', async (t) => {
  const { events } = await openBank(t);
  const body = notification('NOTIF_CO_STDCIFCR', `<CUSTNO>${party}</CUSTNO>`);
  for (const headers of [{}, { 'x-relay-secret': '' }, { 'x-relay-secret': `${secret}x` }]) {
    assert.throws(() => events?.accept?.({ headers, body }), { code: 'unauthenticated' });
  }
  const { source = '', user = '' } = flexcube.credentials;
  const open = await openBank(t, { credentials: { source, user } });
  assert.equal(open.events, undefined, 'without a secret nobody may tell anything');
});

test('flexcube: changes of accounts, blocks and customers name what they are about', async (t) => {
  const { events } = await openBank(t, { timeZone: 'Europe/Berlin' });
  const told = (code: string, content: string) => events?.accept?.(delivered(code, content)) ?? [];
  const [account] = told('NOTIF_CA_CUSTACC_MOD', '<BRN>001</BRN><ACC>10</ACC><CUSTNO>7</CUSTNO>');
  assert.deepEqual(
    [account?.type, account?.account, account?.party],
    ['account.changed', '001-10', '7'],
  );
  const block = '<BRANCH>001</BRANCH><ACC>10</ACC>';
  const stamp = '<CHECKERSTAMP>2026-07-01 12:00:00</CHECKERSTAMP>';
  const [hold] = told('NOTIF_CA_AMTBLK_MOD', block + stamp);
  assert.deepEqual(
    [hold?.type, hold?.account, hold?.occurredAt, hold?.id],
    ['hold.changed', '001-10', '2026-07-01T10:00:00.000Z', 'N-1'],
  );
  assert.equal(told('NOTIF_CO_STDCIFCR', '<CUSTNO>7</CUSTNO>')[0]?.type, 'party.changed');
  assert.deepEqual(told('NOTIF_CO_CODRATES', '<CCY>EUR</CCY>'), [], 'what is not for us');
});

test('flexcube: what cannot be read is refused, and not taken for something', async (t) => {
  const { events } = await openBank(t);
  const headers = { 'x-relay-secret': secret };
  const hidden = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>';
  for (const body of [
    ...['', 'no XML', '<other/>', '<FCUBS_NOTIFICATION/>'],
    hidden + notification('NOTIF_CO_STDCIFCR', '<CUSTNO>&e;</CUSTNO>'),
    notification('NOTIF_CO_STDCIFCR', '<NAME>nobody</NAME>'),
    notification('NOTIF_RT_TXN_AUTH', '<FCCREF>F</FCCREF>'),
  ]) {
    assert.throws(() => events?.accept?.({ headers, body }), { code: 'invalid_request' }, body);
  }
});

function delivered(code: string, content: string): Delivered {
  return { headers: { 'x-relay-secret': secret }, body: notification(code, content) };
}

function notification(code: string, content: string): string {
  const names = `<MSGID>M</MSGID><NOTIF_REF_NO>N-1</NOTIF_REF_NO><BRANCH>001</BRANCH>`;
  const header = `<HEAD>${names}<NOTIF_CODE>${code}</NOTIF_CODE></HEAD>`;
  return `<FCUBS_NOTIFICATION>${header}<BODY><R>${content}</R></BODY></FCUBS_NOTIFICATION>`;
}

/** Takes what the simulator posts, as our own door for events would. */
async function openRelay(t: TestContext, subscribe: (to: { url: string; secret: string }) => void) {
  const heard: Delivered[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((parts) => {
      const headers = request.headers as Record<string, string | undefined>;
      heard.push({ headers, body: Buffer.concat(parts as Buffer[]).toString('utf8') });
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  subscribe({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret });
  return {
    async heard(count: number): Promise<readonly Delivered[]> {
      for (let attempt = 0; attempt < 200 && heard.length < count; attempt += 1) await sleep(10);
      assert.equal(heard.length, count);
      return [...heard];
    },
  };
}
