// Reading a list's files: what is cut off or damaged is refused, with the place.
import { Fault } from '#core';
import { CsvError, parse } from 'csv-parse/sync';

export type Place = { readonly file: string; readonly line: number };

export type CsvRow = Place & { readonly cells: readonly string[] };

export type CsvShape = {
  /** By what the file is called in complaints. */
  readonly file: string;
  /** How many cells every row has. */
  readonly columns: number;
};

const endOfFile = '\u001a';

export function readCsv(text: string, { file, columns }: CsvShape): CsvRow[] {
  // Some publishers still end a file by the end-of-file sign of DOS.
  const last = text.trimEnd();
  const content = last.endsWith(endOfFile) ? last.slice(0, -1) : text;
  try {
    const rows: { record: string[]; info: { lines: number } }[] = parse(content, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as never;
    return rows.map(({ record, info }) => {
      const row = { file, line: info.lines, cells: record };
      if (record.length !== columns) {
        refuse(row, `has ${record.length} cells instead of ${columns}`);
      }
      return row;
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] : 0;
    return refuse({ file, line }, `is no CSV: ${error.message}`);
  }
}

/** Refuses a list for what stands at a place of it. */
export function refuse(place: Place | undefined, why: string): never {
  const where = place ? `line ${place.line} of ${place.file} ` : '';
  throw new Fault('input_invalid', `${where}${why}`);
}
