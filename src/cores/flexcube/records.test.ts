import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, writeXml } from '#core';
import { changeParty } from '../../../simulators/cores/book.ts';
import { flexcube } from '../../../simulators/cores/flexcube/flexcube.ts';
import {
  debtor,
  openBank,
  openCanned,
  orderOf,
  party,
  replyTo,
} from '../../../test/flexcube-bank.ts';
import { accountKey, contactPointsOf, partyOf, remark, remarkWords } from './mapping.ts';
import { laterBy } from './loans.ts';

// Customers ---------------------------------------------------------------------------------------

test('flexcube: a contact is changed in the whole record, whose rest stays', async (t) => {
  const { changeContactPoint, readContactPoints, simulator, book } = await openBank(t);
  assert.ok(changeContactPoint && readContactPoints);
  const before = await rawCustomer(simulator.url);
  const value = 'Marktplatz 12 & 13\nHinterhaus\n70173 Stuttgart';
  const change = { id: party, key: 'K', kind: 'postal_address', usage: 'main', value } as const;
  await changeContactPoint(change);
  assert.equal(book.parties.get(party)?.address, value);
  await changeContactPoint({ id: party, key: 'K', kind: 'phone', usage: 'main', value: '+49711' });
  const points = await readContactPoints({ id: party });
  assert.deepEqual(
    points.map(({ kind, usage, value: told }) => [kind, usage, told]),
    [
      ['email', 'main', 'p000123456@mail.example'],
      ['phone', 'main', '+49711'],
      ['phone', 'mobile', '491700000001'],
      ['postal_address', 'main', value],
    ],
  );
  const fields = (xml: string) => /<UDFDETAILS>.*<\/UDFDETAILS>/s.exec(xml)?.[0];
  const after = await rawCustomer(simulator.url);
  assert.ok(fields(before)?.includes('RETAIL &amp; MORE'));
  assert.equal(fields(after), fields(before), 'what is left out of the record would be gone');
  assert.match(after, /<MODNO>3<\/MODNO>/);
  await changeContactPoint(change);
  assert.match(await rawCustomer(simulator.url), /<MODNO>3<\/MODNO>/, 'it says so already');
});

test('flexcube: a record that somebody else has changed is read once more', async (t) => {
  const { changeContactPoint, simulator, book } = await openBank(t);
  assert.ok(changeContactPoint);
  const change = { id: party, key: 'K', kind: 'email', usage: 'main' } as const;
  simulator.inject({ kind: 'latency', match: 'ModifyCustomer', ms: 120 });
  const changing = changeContactPoint({ ...change, value: 'new@mail.example' });
  await sleep(60);
  changeParty(book, party, { phone: '+49123' });
  await changing;
  const { email, phone } = book.parties.get(party) ?? {};
  assert.deepEqual([email, phone], ['new@mail.example', '+49123'], 'neither change is lost');
  simulator.inject({ kind: 'latency', match: 'ModifyCustomer', ms: 120, times: 2 });
  const late = assert.rejects(
    changeContactPoint({ ...change, value: 'newer@mail.example' }),
    (error) => error instanceof Fault && error.detail['class'] === 'stale',
  );
  for (let at = 0; at < 8; at += 1) {
    await sleep(40);
    changeParty(book, party, { phone: `+49${at}` });
  }
  await late;
  assert.equal(book.parties.get(party)?.email, 'new@mail.example');
});

test('flexcube: what it does not keep of a contact is refused at once', async (t) => {
  const { changeContactPoint, book } = await openBank(t);
  const point = { id: party, key: 'K' };
  for (const wrong of [
    { kind: 'email', usage: 'work', value: 'a@mail.example' },
    { kind: 'phone', usage: 'home', value: '+49711' },
    { kind: 'postal_address', usage: 'main', value: 'a\nb\nc\nd\ne' },
  ] as const) {
    await assert.rejects(async () => changeContactPoint?.({ ...point, ...wrong }), {
      code: 'input_invalid',
    });
  }
  assert.equal(book.parties.get(party)?.version, 1);
  const missing = { ...point, id: 'NONE', kind: 'email', usage: 'main', value: 'x' } as const;
  await assert.rejects(async () => changeContactPoint?.(missing), { code: 'not_found' });
});

test('flexcube: companies, the dead, closed and blocked accounts are what they are', async (t) => {
  const common = { CUSTNO: '1', COUNTRY: 'DE', FULLNAME: 'Muster & Sons', CTYPE: 'C' };
  const company = partyOf(common);
  assert.deepEqual(
    [company.kind, company.segment, company.status],
    ['organisation', 'business', 'customer'],
  );
  assert.equal(partyOf({ ...common, DEAD: 'Y', CTYPE: 'I' }).status, 'former');
  assert.throws(() => partyOf({ CUSTNO: '1' }), { code: 'core_failed' });
  assert.deepEqual(contactPointsOf({ ...common, ADDRLN1: 'A', ADDRLN3: 'C' })[0]?.value, 'A\nC');
  const { readAccount, account, book } = await openBank(t);
  const closed = account('001-1000000011');
  const found = book.accounts.get(closed);
  assert.ok(found);
  found.status = 'closed';
  assert.equal((await readAccount({ id: closed }))?.status, 'deleted');
  assert.equal(await readAccount({ id: 'no such form' }), undefined);
  assert.deepEqual(accountKey('001-10'), { branch: '001', number: '10' });
});

test('flexcube: remarks of ours are told from those of others, months end where they end', () => {
  assert.deepEqual(remarkWords(remark('deadbeef', 'X')), ['deadbeef', 'X']);
  assert.deepEqual(['CS rent', 'deadbeef', '', undefined].map(remarkWords), [[], [], [], []]);
  assert.equal(laterBy('2026-01-31', 1), '2026-02-28');
  assert.equal(laterBy('2026-11-30', 15), '2028-02-29');
});

test('flexcube: amounts that no currency has are malformed, never rounded', async (t) => {
  const { operations } = await openCanned(t, () => ({
    body: replyTo('QUERYACCBAL_IOFS', {
      header: '<MSGSTAT>SUCCESS</MSGSTAT>',
      body: '<ACC-Balance><ACC_BAL><CCY>JPY</CCY><CURBAL>10.5</CURBAL></ACC_BAL></ACC-Balance>',
    }),
  }));
  await assert.rejects(
    operations.readBalances({ id: debtor }),
    (error) => error instanceof Fault && error.detail['class'] === 'malformed',
  );
});

// The simulator takes only what the gateway would -------------------------------------------------

type Message = {
  readonly header?: Readonly<Record<string, string | undefined>>;
  readonly record?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

test('flexcube: the simulated gateway refuses what does not fit, and says why', async (t) => {
  const { simulator, book } = await openBank(t);
  const refused: readonly (readonly [Message, RegExp])[] = [
    [{ header: { BRANCH: undefined } }, /Fault.*BRANCH is mandatory/],
    [{ header: { MSGID: undefined } }, /Fault.*MSGID is mandatory/],
    [{ header: { UBSCOMP: undefined, SERVICE: 'FCUBSRTService', USERID: 'U' } }, /Fault.*UBSCOMP/],
    [{ header: { PASSWORD: 'x' } }, /Fault.*Invalid element PASSWORD/],
    [{ header: { SOURCE: 'OTHER' } }, /FAILURE.*GW-SRC01/],
    [{ header: { BRANCH: '002' } }, /FAILURE.*GW-BRN01/],
    [{ header: { MULTITRIPID: 'never issued' } }, /FAILURE.*GW-TRIP01/],
    [{ record: { XREF: 'A', BRN: '001', PRD: 'FTRQ' } }, /FAILURE.*Invalid place of PRD/],
    [{ record: { XREF: 'A', PRD: 'FTRQ' } }, /FAILURE.*BRN is mandatory/],
    [{ record: { XREF: 'A', REMARK: 'B' } }, /FAILURE.*Invalid element REMARK/],
    [{ namespace: 'urn:other' }, /Fault.*namespace/],
    [{ headers: { 'content-type': 'application/json' } }, /Fault.*text\/xml/],
    [{ headers: { soapaction: 'CreateTransaction' } }, /Fault.*SOAPAction/],
  ];
  for (const [at, [message, told]] of refused.entries()) {
    const header = { MSGID: `R${at}`, ...message.header };
    assert.match(await sent(simulator.url, { ...message, header }), told, JSON.stringify(message));
  }
  assert.equal(book.moves.length, 0);
  assert.match(await sent(simulator.url, {}), /MSGSTAT>SUCCESS.*ST-SAVE-002/);
  const again = await sent(simulator.url, { record: { ...transaction, XREF: 'OTHER' } });
  assert.match(again, /FAILURE.*Duplicate message identifier M1/);
  const known = await sent(simulator.url, { header: { MSGID: 'M2' } });
  assert.match(known, /FAILURE.*Duplicate external reference REF1/);
  assert.equal(book.moves.length, 1);
});

const { amount: _, ...sides } = orderOf('raw');
const [brn = '', from = ''] = sides.debtor.split('-');
const transaction = {
  ...{ XREF: 'REF1', PRD: 'FTRQ', BRN: brn, TXNBRN: brn, TXNACC: from, TXNCCY: 'EUR' },
  ...{ TXNAMT: '1.00', OFFSETBRN: brn, OFFSETACC: sides.creditor.slice(4), OFFSETCCY: 'EUR' },
  OFFSETAMT: '1.00',
};

async function sent(url: string, { header, record, namespace, headers }: Message): Promise<string> {
  const service = 'FCUBSRTService';
  const { source = '', user = '' } = flexcube.credentials;
  const head = {
    ...{ SOURCE: source, UBSCOMP: 'FCUBS', MSGID: 'M1', USERID: user, BRANCH: '001' },
    ...{ SERVICE: service, OPERATION: 'CreateTransaction' },
    ...header,
  };
  const request = {
    '@xmlns': namespace ?? `http://fcubs.ofss.com/service/${service}`,
    FCUBS_HEADER: head,
    FCUBS_BODY: { 'Transaction-Details': record ?? transaction },
  };
  return post(`${url}/${service}/${service}`, { CREATETRANSACTION_FSFS_REQ: request }, headers);
}

async function rawCustomer(url: string): Promise<string> {
  const service = 'FCUBSCustomerService';
  const { source = '', user = '' } = flexcube.credentials;
  const head = {
    ...{ SOURCE: source, UBSCOMP: 'FCUBS', MSGID: 'Q', USERID: user, BRANCH: '001' },
    ...{ SERVICE: service, OPERATION: 'QueryCustomer' },
  };
  const request = {
    '@xmlns': `http://fcubs.ofss.com/service/${service}`,
    FCUBS_HEADER: head,
    FCUBS_BODY: { 'Customer-IO': { CUSTNO: party } },
  };
  return post(`${url}/${service}/${service}`, { QUERYCUSTOMER_IOFS_REQ: request });
}

async function post(
  url: string,
  body: Parameters<typeof writeXml>[0],
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const envelope = { '@xmlns:s': 'http://schemas.xmlsoap.org/soap/envelope/', 's:Body': body };
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""', ...headers },
    body: writeXml({ 's:Envelope': envelope }),
  });
  const text = await answer.text();
  assert.equal(answer.status, text.includes('Fault') ? 500 : 200);
  return text;
}
