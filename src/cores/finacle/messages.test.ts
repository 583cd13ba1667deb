// Messages of the adapter and of the simulated bank against published samples: every element of
// ours stands in them at the same place. Skipped where the samples are not at hand.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readXml, type Xml } from '#core';
import { customerId, openBank, serviceOf } from '../../../test/finacle-bank.ts';
import { referenceOf } from '../adapter-contract.ts';
import { balancesIn, rowIn } from './mapping.ts';
import { settingsOf } from './client.ts';
import { refusalIn } from './errors.ts';

const samples = fileURLToPath(new URL('../../../../shared/specs/finacle', import.meta.url));
const skip = existsSync(samples) ? false : 'the published samples are not beside the project';

/** Of a service: the files of its request and of its response. */
const files: Readonly<Record<string, readonly [string, string]>> = {
  BalInq: ['bal_inq_request', 'bal_inq_response'],
  getLastNTransactionsWithPagination: [
    'last_n_transactions_request',
    'last_n_transactions_response',
  ],
  ODAcctInq: ['od_acct_inq_request', 'od_acct_inq_response'],
  RetCustInq: ['ret_cust_inq_request', 'ret_cust_inq_response'],
  RetCustAcctInq: ['ret_cust_acct_inq_request', 'ret_cust_acct_inq_response'],
  LoanAcctInq: ['loan_acct_inq_request', 'loan_acct_inq_response'],
  XferTrnAdd: ['xfer_trn_add_request', 'cash_drop_response'],
};

function sample(folder: 'requests' | 'responses', name: string): string {
  return readFileSync(join(samples, folder, `${name}.xml`), 'utf8').trim();
}

/** `FIXML/Header/…` of every element. */
function pathsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (xml: Xml, path: string): void => {
    found.add(path);
    if (typeof xml === 'string') return;
    for (const [name, value] of Object.entries(xml)) {
      if (name.startsWith('@') || name === '#text') continue;
      const children = (Array.isArray(value) ? value : [value]) as readonly Xml[];
      for (const child of children) walk(child, `${path}/${name}`);
    }
  };
  walk(readXml(text) ?? '', '');
  return found;
}

async function conversation() {
  const bank = await openBank();
  const [debtor, creditor] = [bank.account(1), bank.account(2)];
  const { operations } = bank;
  const sum = { amount: 1_000, currency: 'EUR', valueDate: '2026-03-31' };
  const reference = referenceOf('sample');
  await operations.transfer({ reference, mark: 'deadbeef', debtor, creditor, ...sum });
  const terms = { product: 'HLGEN', amount: 500_000, currency: 'EUR', months: 24 };
  const loan = await operations.applyForLoan?.({ id: customerId, key: reference, ...terms });
  await operations.readLoanApplication?.({ id: loan?.id ?? '' });
  await operations.readAccount({ id: debtor });
  await operations.readBalances({ id: debtor });
  await operations.readParty?.({ id: customerId });
  await operations.listAccounts?.({ id: customerId, limit: 10 });
  await operations.readBalances({ id: '1' });
  await bank.close();
  return bank.said;
}

test('every element that is sent and answered stands in the samples', { skip }, async () => {
  const said = await conversation();
  for (const [service, [request, response]] of Object.entries(files)) {
    const own = said.filter((each) => serviceOf(each.request.body) === service);
    assert.ok(own.length > 0, `${service} was asked`);
    const asked = pathsOf(sample('requests', request));
    const answered = pathsOf(sample('responses', response));
    const failed = pathsOf(sample('responses', 'error_response'));
    for (const each of own) {
      const sent = [...pathsOf(each.request.body)].filter((path) => !asked.has(path));
      assert.deepEqual(sent, [], `of the request ${service}`);
      const known = each.answer.body.includes('<Error>') ? failed : answered;
      const told = [...pathsOf(each.answer.body)].filter((path) => !known.has(path));
      assert.deepEqual(told, [], `of the response ${service}`);
    }
  }
});

test('the elements of a request stand in the order of the samples', { skip }, async () => {
  for (const { request } of await conversation()) {
    const names = files[serviceOf(request.body)];
    if (!names) continue;
    const order = [...pathsOf(sample('requests', names[0]))];
    const places = [...pathsOf(request.body)].map((path) => order.indexOf(path));
    assert.deepEqual(
      places,
      [...places].sort((one, other) => one - other),
      request.body,
    );
  }
});

test('the samples are read as what they say', { skip }, () => {
  const settings = settingsOf({ url: '', credentials: {}, timeZone: 'Asia/Kolkata', now: () => 0 });
  const at = (name: string, ...path: readonly string[]) =>
    path.reduce<Xml | undefined>(
      (xml, part) => (typeof xml === 'object' ? (xml[part] as Xml) : undefined),
      readXml(sample('responses', name)),
    );
  const balances = balancesIn(at('bal_inq_response', 'FIXML', 'Body', 'BalInqResponse') ?? '', '');
  assert.deepEqual(
    balances.map(({ type, amount, currency }) => [type, amount, currency]),
    [
      ['ITBD', 33_946_500, 'INR'],
      ['ITAV', 33_946_500, 'INR'],
    ],
  );
  const list = 'getLastNTransactionsWithPaginationResponse';
  const path = ['FIXML', 'Body', list, 'PaginatedAccountStatement', 'transactionDetails'];
  const rows = at('last_n_transactions_response', ...path) as unknown as readonly Xml[];
  const read = rows.map((each) => rowIn(each, settings.timeZone).entry);
  assert.equal(new Set(read.map(({ reference }) => reference)).size, rows.length);
  assert.equal(read[0]?.reference, '2013-04-10/S531564/6');
  assert.equal(read[0].booked_at, '2013-09-12T13:18:32.000Z');
  for (const [name, isDefinite] of [
    ['error_response', true],
    ['system_error_response', false],
  ] as const) {
    const refusal = refusalIn(at(name, 'FIXML', 'Body'), settings.codes);
    assert.equal(refusal?.isDefinite, isDefinite);
    if (isDefinite) assert.deepEqual([refusal.meaning, refusal.code], ['frozen', 'GF3']);
  }
});
