// `countersign mask`: masks test data and logs, or counts what stands in them, without a server.
import { Fault, type Json } from '#core';
import {
  countLeaks,
  type FieldClass,
  fieldClassNames,
  type KnownValue,
  type KnownValues,
  knownValues,
  maskJson,
} from '#privacy';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { grouped, table } from './table.ts';

export type MaskOptions = {
  /** A JSON Schema whose fields carry their classes. */
  readonly schema?: string;
  /** A JSON list of `{class, value}`. */
  readonly known?: string;
  /** Nothing is written but how many there are. */
  readonly count?: boolean;
};

/** By lines, so that a file of any size costs the same memory. */
export async function maskFile(file: string | undefined, options: MaskOptions): Promise<void> {
  const schema = options.schema === undefined ? true : (readJson(options.schema) as object);
  const known = options.known === undefined ? undefined : knownValues(readKnown(options.known));
  const input = file === undefined ? process.stdin : createReadStream(file);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  if (options.count === true) await countLines(lines, known);
  else for await (const line of lines) console.log(maskLine(line, schema, known));
}

function maskLine(line: string, schema: object | boolean, known: KnownValues | undefined): string {
  if (/^\s*[[{]/.test(line)) {
    const value = parsed(line);
    if (value !== undefined) return JSON.stringify(maskJson(schema, value, known));
  }
  // As text of one member: of any length, and never refused.
  return maskJson(true, line, known) as string;
}

async function countLines(lines: AsyncIterable<string>, known?: KnownValues): Promise<void> {
  const totals = new Map<FieldClass, { values: number; lines: number; first: number }>();
  let read = 0;
  for await (const line of lines) {
    read += 1;
    for (const [each, count] of Object.entries(countLeaks(line, known))) {
      const total = totals.get(each as FieldClass) ?? { values: 0, lines: 0, first: read };
      totals.set(each as FieldClass, {
        ...{ values: total.values + count, lines: total.lines + 1, first: total.first },
      });
    }
  }
  if (totals.size === 0) {
    console.log(`✓ lines: ${grouped(read)}, personal values: none`);
    return;
  }
  const rows = [...totals].map(([each, { values, lines: on, first }]) => [
    ...[each, grouped(values), grouped(on), grouped(first)],
  ]);
  console.log(table(['class', 'values', 'lines', 'first line'], rows));
  process.exitCode = 1;
}

function readKnown(path: string): KnownValue[] {
  const values = readJson(path);
  const isKnown = (value: unknown): value is KnownValue => {
    const { class: of, value: text } = (value ?? {}) as Partial<Record<keyof KnownValue, unknown>>;
    return fieldClassNames.includes(of as FieldClass) && typeof text === 'string';
  };
  if (Array.isArray(values) && values.every(isKnown)) return values;
  throw new Fault('input_invalid', `${path} is no list of {"class": …, "value": …}`);
}

function readJson(path: string): unknown {
  const value = parsed(readFileSync(path, 'utf8'));
  if (value !== undefined && value !== null && typeof value === 'object') return value;
  throw new Fault('input_invalid', `${path} is no JSON`);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
