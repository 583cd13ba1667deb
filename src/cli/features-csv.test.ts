// Features from somebody's file: the very folds of the live store, and labels when they were known.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { exportOffline } from './features-csv.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-features-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
async function exported(lines: readonly string[], more = {}): Promise<Record<string, string>[]> {
  files += 1;
  const [events, out] = [join(folder, `${files}-in.csv`), join(folder, `${files}-out.csv`)];
  writeFileSync(events, `TX,AT,WHO,WHERE,SUM,FRAUD\n${lines.join('\n')}\n`);
  const map = 'id=TX,time=AT,account=WHO,merchant=WHERE,amount=SUM,label=FRAUD';
  await exportOffline({ events, map, out, labelDelay: '7d', decimals: 2, ...more });
  const [head = '', ...rows] = readFileSync(out, 'utf8').trim().split('\n');
  const names = head.split(',');
  return rows.map((row) =>
    Object.fromEntries(row.split(',').map((cell, index) => [names[index], cell])),
  );
}

test('a row has the features as they were before it, in minor units', async () => {
  const rows = await exported([
    '1,2026-03-01 10:00:00,ada,shop,10.00,0',
    '2,2026-03-01 10:20:00,ada,kiosk,30.10,0',
    '3,2026-03-01 10:40:00,ben,shop,5,0',
  ]);
  assert.deepEqual(
    rows.map((row) => [row['id'], row['amount'], row['account.count_1h'], row['account.sum_1d']]),
    [
      ['1', '1000', '0', '0'],
      ['2', '3010', '1', '1000'],
      ['3', '500', '0', '0'],
    ],
  );
  assert.deepEqual(
    rows.map((row) => row['merchant.count_1d']),
    ['0', '0', '1'],
  );
  assert.equal(rows[1]?.['account.amount_ratio_30d'], '3.01');
  assert.equal(rows[2]?.['account.mean_1d'], '', 'what is missing is empty');
});

test('a label is known its delay after its payment, and not before', async () => {
  const days = ['01', '02', '08', '09', '10', '16'].map(
    (date, index) => `${index},2026-03-${date} 10:00:00,ada,shop,10,${index === 0 ? 1 : 0}`,
  );
  const rows = await exported(days, { features: 'account.frauds_30d,merchant.frauds_30d' });
  const known = rows.map((row) => row['account.frauds_30d']);
  // On the 8th it is there, but its bucket of thirty hours has not passed the delay as a whole.
  assert.deepEqual(known, ['0', '0', '0', '1', '1', '1']);
  assert.deepEqual(
    rows.map((row) => row['label']),
    ['1', '0', '0', '0', '0', '0'],
  );
});

test('a span of time has the rows of that time, and the past of them all', async () => {
  const days = ['01', '02', '03', '04'].map((date) => `${date},2026-03-${date} 10:00:00,ada,s,1,0`);
  const rows = await exported(days, { from: '2026-03-03', to: '2026-03-04' });
  assert.deepEqual(
    rows.map((row) => [row['id'], row['account.count_7d']]),
    [['03', '2']],
  );
});

test('what cannot be read is told with its line and its column, and leaves no file', async () => {
  const row = '1,2026-03-01 10:00:00,ada,shop,10,0';
  const wrong = [
    [['1,2026-03-01 10:00:00,ada,shop,ten,0'], /line 2, column SUM: "ten" is not an amount/],
    [[row, '2,2026-02-28 10:00:00,ada,shop,1,0'], /line 3, column AT: .* sort the file by time/],
    [['1,yesterday,ada,shop,1,0'], /line 2, column AT: it is not a date and a time/],
  ] as const;
  for (const [lines, message] of wrong) await assert.rejects(exported(lines), { message });
  await assert.rejects(exported([row], { map: 'time=AT,account=WHO,amount=PRICE' }), {
    message: /there is no column PRICE/,
  });
  await assert.rejects(exported([row], { features: 'card.count_1h' }), {
    message: 'of account and merchant there is no card.count_1h',
  });
  assert.throws(() => readFileSync(join(folder, `${files}-out.csv`)));
});
