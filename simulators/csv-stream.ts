// Somebody else's transactions as traffic: a CSV file, streamed, its accounts opened as they come.
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  assert,
  Fault,
  type Instant,
  instantFromText,
  isoExponent,
  type MinorUnits,
  type Money,
  parseDecimal,
  toMinorUnits,
} from '#core';
import { parse } from 'csv-parse';
import type { AccountSpec, Operation, Traffic } from './operation.ts';

/** What each column means, by its name in the header. */
export type CsvMap = {
  /** Absent: the number of the line identifies the row. */
  readonly id?: string;
  readonly time: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: string;
  readonly currency?: string;
};

export type CsvOptions = {
  /** A .csv or .csv.gz file. */
  readonly file: string;
  readonly map: CsvMap;
  /** Of all rows, unless the map names a column for it. */
  readonly currency?: string | undefined;
  /** What the file calls 17 is account `customer-17`, where the prefix is `customer-`. */
  readonly debitPrefix?: string | undefined;
  readonly creditPrefix?: string | undefined;
  /** Only the rows of this date (UTC), such as `2018-04-03`. */
  readonly day?: string | undefined;
  /** Only the first rows, of those that are of the day. */
  readonly limit?: number | undefined;
};

export type CsvTraffic = Traffic & {
  readonly rows: RowCounts;
};

/** What became of the rows so far. */
export type RowCounts = {
  readonly taken: number;
  /** Passed over, because their amount is zero: no money moved. */
  readonly empty: number;
  /** Taken, with an amount such as 88.14999999999999: 88.15, printed by a binary fraction. */
  readonly mended: number;
};

/** Rows read before they are handed on: their new accounts are opened in one call. */
const blockRows = 500;
const keyLengthMax = 255;
const mapFields = ['id', 'time', 'debit', 'credit', 'amount', 'currency'] as const;
const requiredFields = ['time', 'debit', 'credit', 'amount'] as const;

/** Throws `input_invalid`, now or while it is read, naming the line and the column. */
export function csvTraffic(options: CsvOptions): CsvTraffic {
  if (options.map.currency === undefined && options.currency === undefined) {
    throw new Fault('input_invalid', 'name the currency of the amounts, or the column that has it');
  }
  const rows = { taken: 0, empty: 0, mended: 0 };
  return { accounts: [], funding: [], operations: operations(options, rows), rows };
}

/** `time=AT,debit=FROM,credit=TO,amount=SUM[,id=ID][,currency=CODE]`, with the file's columns. */
export function parseCsvMap(text: string): CsvMap {
  const map: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const [field = '', ...column] = pair.split('=');
    if (!(mapFields as readonly string[]).includes(field) || column.length === 0) {
      throw new Fault('input_invalid', `"${pair}" maps none of ${mapFields.join(', ')}`);
    }
    map[field] = column.join('=');
  }
  const missing = requiredFields.filter((field) => !map[field]);
  if (missing.length > 0) {
    throw new Fault('input_invalid', `the map says nothing about ${missing.join(', ')}`);
  }
  return map as CsvMap;
}

type Counts = { -readonly [Name in keyof RowCounts]: RowCounts[Name] };

/**
 * The accounts of a block open while the rows of the block before it are sent: nobody has to wait
 * for them.
 */
async function* operations(options: CsvOptions, counts: Counts): AsyncGenerator<Operation> {
  const seen = new Set<string>();
  let before: Operation[] = [];
  for await (const block of blocks(transfers(options, counts))) {
    const accounts = newAccounts(block, seen);
    if (accounts.length > 0) {
      const key = `${accounts[0]?.idempotencyKey}+${accounts.length}`;
      yield { action: 'open', accounts, kind: 'opening', key, effectiveAt: 0, chains: [] };
    }
    yield* before;
    before = block.map(({ operation }) => operation);
  }
  yield* before;
}

async function* blocks<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let block: T[] = [];
  for await (const item of items) {
    block.push(item);
    if (block.length < blockRows) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}

type Transfer = { readonly operation: Operation; readonly accounts: readonly AccountSpec[] };

function newAccounts(block: readonly Transfer[], seen: Set<string>): AccountSpec[] {
  const found: AccountSpec[] = [];
  for (const { accounts } of block) {
    for (const account of accounts) {
      if (seen.has(account.account)) continue;
      seen.add(account.account);
      found.push(account);
    }
  }
  return found;
}

async function* transfers(options: CsvOptions, counts: Counts): AsyncGenerator<Transfer> {
  const { file, day, limit = Number.POSITIVE_INFINITY } = options;
  const source = encodeURIComponent(basename(file).replace(/\.csv(\.gz)?$/, ''));
  let columns: Columns | undefined;
  for await (const { record, info } of csvRecords(file)) {
    if (!columns) {
      columns = columnsOf(record, options.map);
      continue;
    }
    const time = record[columns.time.at] as string;
    // Most rows of a long file are of other days: passed over before anything is made of them.
    if (day !== undefined && zoneless.test(time) && !time.startsWith(day)) continue;
    const row = rowOf(record, columns, info.lines);
    const at = instantOf(row);
    if (day !== undefined && new Date(at).toISOString().slice(0, 10) !== day) continue;
    const amount = amountOf(row, options, counts);
    if (amount.amount === 0n) {
      counts.empty += 1;
      continue;
    }
    counts.taken += 1;
    yield transferOf(row, { at, amount, source }, options);
    if (counts.taken >= limit) return;
  }
}

type CsvRecord = { readonly record: readonly string[]; readonly info: { readonly lines: number } };

/** The lines of a .csv or .csv.gz file, the header first. */
export async function* csvRecords(file: string): AsyncGenerator<CsvRecord> {
  const bytes = createReadStream(file);
  const parser = parse({ bom: true, info: true, skip_empty_lines: true });
  const fail = (error: Error) => parser.destroy(error);
  const plain: Readable = file.endsWith('.gz')
    ? bytes.on('error', fail).pipe(createGunzip())
    : bytes;
  plain.on('error', fail).pipe(parser);
  try {
    yield* parser as AsyncIterable<CsvRecord>;
  } catch (error) {
    // The parser's own messages name the line.
    throw new Fault('input_invalid', `${file}: ${(error as Error).message}`, { cause: error });
  } finally {
    bytes.destroy();
  }
}

type Columns = { readonly [Field in keyof CsvMap]: { readonly name: string; readonly at: number } };

function columnsOf(header: readonly string[], map: CsvMap): Columns {
  const columns: Record<string, { name: string; at: number }> = {};
  for (const field of mapFields) {
    const name = map[field];
    if (name === undefined) continue;
    const at = header.indexOf(name);
    if (at < 0) {
      const known = header.join(', ');
      throw new Fault('input_invalid', `there is no column ${name}; the header has ${known}`);
    }
    columns[field] = { name, at };
  }
  return columns as Columns;
}

type Row = {
  readonly line: number;
  readonly text: (field: keyof CsvMap) => string;
  readonly refuse: (field: keyof CsvMap, why: string) => never;
};

function rowOf(record: readonly string[], columns: Columns, line: number): Row {
  return {
    line,
    text(field) {
      const at = columns[field]?.at;
      assert(at !== undefined, 'only mapped fields are read, and every row has all columns');
      return (record[at] as string).trim();
    },
    refuse(field, why) {
      throw new Fault('input_invalid', `line ${line}, column ${columns[field]?.name}: ${why}`);
    },
  };
}

const zoneless = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)$/;

/** RFC 3339, or a date and a time without zone, which are read as UTC. */
export function csvInstant(text: string): Instant | undefined {
  return instantFromText(text.replace(zoneless, '$1T$2Z'));
}

function instantOf(row: Row): Instant {
  const text = row.text('time');
  return csvInstant(text) ?? row.refuse('time', `"${text}" is not a date and a time`);
}

type Read = { readonly at: Instant; readonly amount: Money; readonly source: string };

function transferOf(
  row: Row,
  { at, amount: { amount, currency }, source }: Read,
  { map, debitPrefix = '', creditPrefix = '' }: CsvOptions,
): Transfer {
  const debit = accountOf(row, 'debit', debitPrefix, currency);
  const credit = accountOf(row, 'credit', creditPrefix, currency);
  const key = `stream/${source}/${identityOf(row, map)}`;
  if (key.length > keyLengthMax) row.refuse('id', 'it is too long to be an idempotency key');
  return {
    accounts: [debit, credit],
    operation: {
      action: 'post',
      legs: [{ debit: debit.account, credit: credit.account, amount, currency }],
      metadata: { kind: 'streamed_transfer', source: source.slice(0, 512) },
      kind: 'streamed_transfer',
      key,
      effectiveAt: at,
      chains: [debit.account],
    },
  };
}

function identityOf(row: Row, map: CsvMap): string {
  if (map.id === undefined) return `line-${row.line}`;
  const id = row.text('id');
  return id === '' ? row.refuse('id', 'it is empty') : encodeURIComponent(id);
}

function amountOf(row: Row, { map, currency: common = '' }: CsvOptions, counts: Counts): Money {
  const currency = map.currency === undefined ? common : row.text('currency');
  const exponent = isoExponent(currency);
  if (exponent === undefined) {
    return row.refuse(map.currency ? 'currency' : 'amount', `"${currency}" is no ISO 4217 code`);
  }
  const text = row.text('amount');
  const mended = mend(text, exponent);
  if (mended !== undefined) {
    counts.mended += 1;
    return { amount: mended, currency };
  }
  let amount: MinorUnits;
  try {
    amount = parseDecimal(text, exponent);
  } catch (error) {
    return row.refuse('amount', (error as Fault).message);
  }
  return amount < 0n ? row.refuse('amount', `"${text}" is negative`) : { amount, currency };
}

const binaryFraction = /^(?:9{8,}|0{8,})\d{1,2}$/;

/**
 * The amount that a binary fraction stood for when somebody printed it with all its digits, or
 * undefined: nothing is rounded that is not within a ten-millionth of a minor unit.
 */
function mend(text: string, exponent: number): MinorUnits | undefined {
  const [whole = '', fraction = ''] = text.split('.');
  const beyond = fraction.slice(exponent);
  if (!binaryFraction.test(beyond) || !/^\d{1,16}$/.test(whole)) return undefined;
  const below = BigInt(whole + fraction.slice(0, exponent));
  return toMinorUnits(beyond.startsWith('9') ? below + 1n : below);
}

const holderPattern = /^[A-Za-z0-9:_.-]{1,80}$/;

/** Unbounded: how much was there before the file begins, nobody knows. */
function accountOf(
  row: Row,
  field: 'debit' | 'credit',
  prefix: string,
  currency: string,
): AccountSpec {
  const text = row.text(field);
  const holderId = `${prefix}${text}`;
  if (text === '' || !holderPattern.test(holderId)) {
    return row.refuse(field, `"${holderId}" is no reference of up to 80 letters, digits, :_.-`);
  }
  const account = `${holderId}/${currency}`;
  return {
    account,
    // Not of the file: another file of the same people finds the accounts of the first.
    idempotencyKey: `stream/account/${account}`,
    type: 'liability',
    currency,
    bound: 'none',
    holderId,
  };
}
