// `countersign features export --events`: the features of somebody else's transactions, by the same
// folds as the live ones, for training without any database.
import {
  createHistory,
  type Entities,
  type EntityKind,
  entityKinds,
  featureCatalogue,
  fraudReadings,
  paymentReadings,
  type Span,
  spansMs,
} from '#ai';
import { Fault, type Instant, instantToText } from '#core';
import { csvInstant, csvRecords } from '../../simulators/csv-stream.ts';
import { say } from './installation.ts';
import { instantOf, writeNewFile } from './new-file.ts';
import { createProgress } from './progress.ts';
import { grouped } from './table.ts';

export type OfflineOptions = {
  readonly events: string;
  readonly map: string;
  readonly labelDelay: string;
  readonly out: string;
  readonly from?: string;
  readonly to?: string;
  readonly features?: string;
  /** Decimals of the amounts. */
  readonly decimals: number;
};

const otherFields = ['id', 'time', 'amount', 'label'] as const;
type Field = (typeof otherFields)[number] | EntityKind;
type CsvMap = Readonly<Partial<Record<Field, string>>>;
const fields: readonly string[] = [...otherFields, ...entityKinds];
const chunkRows = 500;

export async function exportOffline(options: OfflineOptions): Promise<void> {
  const map = parseMap(options.map);
  const delayMs = spansMs[spanOf(options.labelDelay)];
  const from = options.from === undefined ? undefined : instantOf('--from', options.from);
  const to = options.to === undefined ? undefined : instantOf('--to', options.to);
  const kinds = entityKinds.filter((kind) => map[kind] !== undefined);
  const wanted = wantedOf(options.features, kinds);
  const bar = createProgress({ label: `folding ${options.events}`, unit: 'rows' });
  const plan = { ...options, map, delayMs, kinds, wanted };
  const span = { from: from ?? Number.NEGATIVE_INFINITY, to: to ?? Number.POSITIVE_INFINITY };
  const lines = await writeNewFile(options.out, rowsOf(plan, span, bar.update));
  bar.finish();
  say(`${options.out}: ${grouped(lines - 1)} rows with ${wanted.length} features each`);
}

type Plan = Pick<OfflineOptions, 'events' | 'decimals'> & {
  readonly map: CsvMap;
  readonly delayMs: number;
  readonly kinds: readonly EntityKind[];
  readonly wanted: readonly string[];
};

type Payment = {
  readonly id: string;
  readonly at: Instant;
  readonly amount: number;
  readonly entities: Entities;
  /** As the file has it. */
  readonly label: string;
};

/**
 * Each row has the features as they were just before it. A label is folded when a bank would have
 * had it: the delay after its payment.
 */
async function* rowsOf(
  plan: Plan,
  { from, to }: { from: Instant; to: Instant },
  progress: (rows: number) => void,
): AsyncGenerator<string> {
  const { wanted, kinds, delayMs, map } = plan;
  const history = createHistory();
  const unlabelled: Payment[] = [];
  let labelled = 0;
  let done = 0;
  const last = map.label === undefined ? [] : ['label'];
  yield `${['id', 'time', ...kinds, 'amount', ...wanted, ...last].join(',')}\n`;
  let chunk: string[] = [];
  for await (const payment of paymentsOf(plan)) {
    if (payment.at >= to) break;
    for (; (unlabelled[labelled]?.at ?? Infinity) + delayMs <= payment.at; labelled += 1) {
      const { entities, at } = unlabelled[labelled] as Payment;
      history.fold(fraudReadings(entities, at));
    }
    const { id, at, amount, entities, label } = payment;
    if (at >= from) {
      const values = history.values(wanted, entities, { at, amount });
      const features = wanted.map((feature) => values[feature] ?? '');
      const names = kinds.map((kind) => quoted(entities[kind] ?? ''));
      const judged = map.label === undefined ? [] : [quoted(label)];
      chunk.push([quoted(id), instantToText(at), ...names, amount, ...features, ...judged].join());
      if (chunk.length === chunkRows) {
        yield `${chunk.join('\n')}\n`;
        chunk = [];
      }
    }
    history.fold(paymentReadings(entities, at, amount));
    if (isFraud(label)) unlabelled.push(payment);
    done += 1;
    progress(done);
  }
  if (chunk.length > 0) yield `${chunk.join('\n')}\n`;
}

async function* paymentsOf({ events, map, decimals, kinds }: Plan): AsyncGenerator<Payment> {
  let columns: Readonly<Partial<Record<Field, number>>> | undefined;
  let latest = Number.NEGATIVE_INFINITY;
  for await (const { record, info } of csvRecords(events)) {
    if (columns === undefined) {
      columns = columnsOf(record, map);
      continue;
    }
    const known = columns;
    const text = (field: Field) => {
      const at = known[field];
      return at === undefined ? undefined : record[at]?.trim();
    };
    const refuse = (field: Field, why: string): never => {
      throw new Fault('input_invalid', `line ${info.lines}, column ${map[field]}: ${why}`);
    };
    const at = csvInstant(text('time') ?? '') ?? refuse('time', 'it is not a date and a time');
    if (at < latest) refuse('time', 'it lies before the row above: sort the file by time');
    latest = at;
    const amount = Math.round(Number(text('amount') || Number.NaN) * 10 ** decimals);
    if (!(amount >= 0)) refuse('amount', `"${text('amount')}" is not an amount`);
    const entities = Object.fromEntries(
      kinds.flatMap((kind) => {
        const name = text(kind);
        return name ? [[kind, name]] : [];
      }),
    );
    yield {
      id: text('id') ?? String(info.lines),
      at,
      amount,
      entities,
      label: text('label') ?? '',
    };
  }
}

function columnsOf(header: readonly string[], map: CsvMap): Partial<Record<Field, number>> {
  return Object.fromEntries(
    Object.entries(map).map(([field, name]) => {
      const at = header.indexOf(name);
      if (at >= 0) return [field, at];
      const known = header.join(', ');
      throw new Fault('input_invalid', `there is no column ${name}; the header has ${known}`);
    }),
  );
}

function parseMap(text: string): CsvMap {
  const map: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const [field = '', ...column] = pair.split('=');
    if (!fields.includes(field) || column.length === 0) {
      throw new Fault('input_invalid', `"${pair}" maps none of ${fields.join(', ')}`);
    }
    map[field] = column.join('=');
  }
  const missing = ['time', 'amount', 'account'].filter((field) => !map[field]);
  if (missing.length === 0) return map;
  throw new Fault('input_invalid', `the map says nothing about ${missing.join(', ')}`);
}

/** Those that are asked for, or all that entities of these kinds have. */
export function wantedOf(
  list: string | undefined,
  kinds: readonly EntityKind[],
): readonly string[] {
  const all = [...featureCatalogue.values()].filter(({ entity }) => kinds.includes(entity));
  const ids = all.map(({ id }) => id);
  const wanted = list?.split(',') ?? ids;
  const unknown = wanted.filter((id) => !ids.includes(id));
  if (unknown.length === 0) return wanted;
  throw new Fault('input_invalid', `of ${kinds.join(' and ')} there is no ${unknown.join(', ')}`);
}

function spanOf(text: string): Span {
  if (text in spansMs) return text as Span;
  const known = Object.keys(spansMs).join(', ');
  throw new Fault('input_invalid', `--label-delay is one of ${known}, not ${text}`);
}

function isFraud(label: string): boolean {
  return label === '1' || label === 'true' || label === 'fraud';
}

/** RFC 4180: what would end a cell stands in quotes. */
export function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
