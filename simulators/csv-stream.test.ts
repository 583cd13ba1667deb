import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Fault } from '#core';
import { type CsvOptions, csvTraffic, parseCsvMap } from './csv-stream.ts';
import type { Operation } from './operation.ts';

const folder = mkdtempSync(join(tmpdir(), 'csv-stream-'));
after(() => rmSync(folder, { recursive: true }));

const map = parseCsvMap('id=ID,time=AT,debit=FROM,credit=TO,amount=SUM');
const header = 'ID,AT,FROM,TO,SUM,NOTE';

function csv(rows: readonly string[], name = 'cards.csv', head = header): string {
  const path = join(folder, name);
  const text = [head, ...rows, ''].join('\n');
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

async function read(options: Partial<CsvOptions> & { file: string }) {
  const traffic = csvTraffic({ map, currency: 'EUR', ...options });
  const operations: Operation[] = [];
  for await (const operation of traffic.operations) operations.push(operation);
  const posts = operations.filter((each) => each.action === 'post');
  return { operations, posts, rows: traffic.rows };
}

test('rows become transfers between accounts that are opened once, before their use', async () => {
  const file = csv([
    '0,2018-04-01 00:00:31,596,3156,57.16,x',
    '1,2018-04-01 00:02:10,596,3412,8,y',
  ]);
  const { operations } = await read({ file, debitPrefix: 'customer-', creditPrefix: 'terminal-' });
  const [opening, first, second] = operations;
  assert.equal(operations.length, 3);
  assert.ok(opening?.action === 'open');
  const names = opening.accounts.map(({ account }) => account);
  assert.deepEqual(names, ['customer-596/EUR', 'terminal-3156/EUR', 'terminal-3412/EUR']);
  assert.equal(opening.accounts[0]?.idempotencyKey, 'stream/account/customer-596/EUR');
  assert.ok(first?.action === 'post' && second?.action === 'post');
  assert.deepEqual(first.legs, [
    { debit: 'customer-596/EUR', credit: 'terminal-3156/EUR', amount: 5716n, currency: 'EUR' },
  ]);
  assert.equal(first.key, 'stream/cards/0');
  assert.equal(first.effectiveAt, Date.parse('2018-04-01T00:00:31Z'));
  assert.equal(second.legs[0]?.amount, 800n);
});

test('a packed file is unpacked on the way, and only the rows of the day are taken', async () => {
  const rows = [
    'a,2018-04-02T23:59:59Z,1,2,1,',
    'b,2018-04-03T00:00:00Z,1,2,1,',
    'c,2018-04-03 23:59:59,1,2,1,',
    'd,2018-04-04T01:00:00+02:00,1,2,1,',
    'e,2018-04-04 00:00:00,1,2,1,',
  ];
  const file = csv(rows, 'packed.csv.gz');
  const { posts } = await read({ file, day: '2018-04-03' });
  assert.deepEqual(
    posts.map(({ key }) => key.split('/').at(-1)),
    ['b', 'c', 'd'],
  );
  const two = await read({ file, limit: 2 });
  assert.deepEqual(
    two.posts.map(({ key }) => key.split('/').at(-1)),
    ['a', 'b'],
  );
});

test('accounts of later rows are opened ahead of the rows before them', async () => {
  const rows = Array.from({ length: 1_200 }, (_, n) => `${n},2018-04-01 00:00:00,${n},shop,1,`);
  const { operations, posts } = await read({ file: csv(rows) });
  const known = new Set<string>();
  for (const operation of operations) {
    if (operation.action === 'open') {
      assert.ok(operation.accounts.length <= 1_000);
      for (const { account } of operation.accounts) known.add(account);
    } else if (operation.action === 'post') {
      for (const { debit, credit } of operation.legs)
        assert.ok(known.has(debit) && known.has(credit));
    }
  }
  assert.deepEqual(
    operations.slice(0, 2).map(({ action }) => action),
    ['open', 'open'],
  );
  assert.equal(posts.length, 1_200);
});

test('the currency may be a column, and decides how many decimals there are', async () => {
  const file = csv(['1,2018-04-01 00:00:00,a,b,500,JPY'], 'yen.csv');
  const { posts } = await read({ file, map: { ...map, currency: 'NOTE' } });
  assert.deepEqual(
    posts.map(({ legs }) => [legs[0]?.debit, legs[0]?.amount]),
    [['a/JPY', 500n]],
  );
});

test('without a column of ids the line identifies the row', async () => {
  const { id: _, ...rest } = map;
  const file = csv(['x,2018-04-01 00:00:00,a,b,1,', 'x,2018-04-01 00:00:00,a,b,1,'], 'lines.csv');
  const { posts } = await read({ file, map: rest });
  assert.deepEqual(
    posts.map(({ key }) => key),
    ['stream/lines/line-2', 'stream/lines/line-3'],
  );
});

test('printed binary fractions are mended, zero moves nothing, both are counted', async () => {
  const sums = ['88.14999999999999', '88.15000000000001', '0.00', '19.99', '99.99999999999999'];
  const file = csv(sums.map((sum, n) => `${n},2018-04-01 00:00:00,a,b,${sum},`));
  const { posts, rows } = await read({ file });
  assert.deepEqual(
    posts.map(({ legs }) => legs[0]?.amount),
    [8815n, 8815n, 1999n, 10_000n],
  );
  assert.deepEqual(rows, { taken: 4, empty: 1, mended: 3 });
});

test('what cannot be read is refused by line and column', async () => {
  const good = '1,2018-04-01 00:00:00,a,b,1.00,';
  const cases: readonly [string, RegExp][] = [
    ['2,2018-04-01 00:00:00,a,b,12.345,', /line 3, column SUM: "12.345" has more than 2 decimals/],
    ['2,2018-04-01 00:00:00,a,b,1e3,', /line 3, column SUM: "1e3" is not a decimal amount/],
    ['2,2018-04-01 00:00:00,a,b,-5,', /line 3, column SUM: "-5" is negative/],
    ['2,2018-02-30 00:00:00,a,b,5,', /line 3, column AT: "2018-02-30 00:00:00" is not a date and/],
    ['2,yesterday,a,b,5,', /line 3, column AT: "yesterday" is not a date and a time/],
    ['2,2018-04-01 00:00:00,,b,5,', /line 3, column FROM: "" is no reference/],
    ['2,2018-04-01 00:00:00,a,b c,5,', /line 3, column TO: "b c" is no reference/],
    [',2018-04-01 00:00:00,a,b,5,', /line 3, column ID: it is empty/],
    ['2,2018-04-01 00:00:00,a', /line 3/],
  ];
  for (const [row, message] of cases) {
    await assert.rejects(read({ file: csv([good, row]) }), inputInvalid(message));
  }
});

test('a file without the columns of the map, or no file, is refused', async () => {
  const file = csv([], 'other.csv', 'A,B');
  await assert.rejects(read({ file }), inputInvalid(/no column ID; the header has A, B/));
  await assert.rejects(read({ file: join(folder, 'none.csv') }), inputInvalid(/none.csv/));
  await assert.rejects(read({ file: join(folder, 'none.csv.gz') }), inputInvalid(/none.csv/));
  writeFileSync(join(folder, 'bad.csv.gz'), 'this is not packed');
  await assert.rejects(
    read({ file: join(folder, 'bad.csv.gz') }),
    inputInvalid(/incorrect header/),
  );
});

test('a map names known fields and all that are needed', () => {
  assert.throws(() => parseCsvMap('time=A,debit=B'), inputInvalid(/nothing about credit, amount/));
  assert.throws(() => parseCsvMap('when=A'), inputInvalid(/"when=A" maps none of/));
  assert.throws(() => csvTraffic({ file: 'x.csv', map }), inputInvalid(/name the currency/));
});

function inputInvalid(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof Fault && error.code === 'input_invalid', String(error));
    assert.match(error.message, message);
    return true;
  };
}
