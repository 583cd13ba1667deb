// The list of the US Office of Foreign Assets Control: specially designated nationals, as CSV.
import { countryCode } from '../countries.ts';
import { readBirthDate } from '../birth.ts';
import {
  distinct,
  type EntityType,
  type ListEntry,
  type ListedName,
  listedNames,
} from '../entry.ts';
import { type CsvRow, readCsv, refuse } from './source.ts';

/** The files of one publication. They have no header; an absent value is `-0-`. */
export type OfacFiles = {
  /** ent_num, SDN_Name, SDN_Type, Program, Title, Call_Sign, Vess_type, Tonnage, GRT, … Remarks. */
  readonly sdn: string;
  /** ent_num, alt_num, alt_type, alt_name, alt_remarks. */
  readonly alt: string;
  /** ent_num, Add_num, Address, City, Country, Add_remarks. */
  readonly add: string;
};

const entityTypeOf: Readonly<Record<string, EntityType>> = {
  '': 'organisation',
  individual: 'person',
  vessel: 'vessel',
  aircraft: 'aircraft',
};

export function parseOfac({ sdn, alt, add }: OfacFiles): ListEntry[] {
  const primary = rowsOf(sdn, 'sdn', 12);
  const names = byEntity(rowsOf(alt, 'alt', 5));
  const addresses = byEntity(rowsOf(add, 'add', 6));
  const known = new Set(primary.map(({ cells }) => cells[0]));
  for (const [id, [row]] of [...names, ...addresses]) {
    if (!known.has(id)) refuse(row, `is of entity ${id}, which the file of entities lacks`);
  }
  return primary.map((row) => {
    const id = row.cells[0] as string;
    return entryOf(row, names.get(id) ?? [], addresses.get(id) ?? []);
  });
}

function entryOf(row: CsvRow, names: readonly CsvRow[], addresses: readonly CsvRow[]): ListEntry {
  const [id = '', name = '', type = '', programme = ''] = row.cells;
  const entityType = entityTypeOf[type];
  if (entityType === undefined) refuse(row, `has the unknown type ${type}`);
  if (!/^\d+$/.test(id) || name === '') refuse(row, 'has no entity number or no name');
  const remarks = readRemarks(row.cells[11] ?? '');
  const alternates = names.map(({ cells }): ListedName => aliasOf(cells[3] ?? ''));
  const flag = row.cells[9] ?? '';
  const places = addresses.map(({ cells }) => cells[4] ?? '');
  return {
    id,
    entityType,
    names: listedNames([{ text: name, kind: 'primary' }, ...alternates, ...remarks.names]),
    birthDates: distinct(remarks.birthDates.map(readBirthDate)),
    countries: distinct([...remarks.countries, ...places, flag].map(countryCode)),
    // Several programmes stand as `SDGT] [IFSR`.
    programmes: distinct(programme.split(/\]\s*\[/)),
  };
}

function aliasOf(text: string): ListedName {
  return { text, kind: 'alias' };
}

/** What the remarks say, as `DOB 04 Dec 1959; nationality Syria; a.k.a. 'TOMO'.` */
function readRemarks(remarks: string) {
  const names: ListedName[] = [];
  const birthDates: string[] = [];
  const countries: string[] = [];
  for (const remark of remarks.replace(/\.$/, '').split(/;\s*/)) {
    const [, kind = '', value = ''] =
      /^(?:alt\. )?(DOB|nationality|citizen|POB|Vessel Flag|[afn]\.k\.a\.) (.*)$/.exec(remark) ??
      [];
    if (kind === 'DOB') birthDates.push(value);
    else if (kind === 'POB') countries.push(value.split(/,\s*/).at(-1) ?? '');
    else if (kind.endsWith('k.a.')) names.push({ text: unquoted(value), kind: 'weak' });
    else if (kind !== '') countries.push(value);
  }
  return { names, birthDates, countries };
}

function unquoted(text: string): string {
  return text.replace(/^'|'$/g, '');
}

function rowsOf(text: string, file: string, columns: number): CsvRow[] {
  return readCsv(text, { file, columns }).map(({ cells, ...place }) => ({
    ...place,
    cells: cells.map((cell) => (cell.trim() === '-0-' ? '' : cell.trim())),
  }));
}

function byEntity(rows: readonly CsvRow[]): Map<string, CsvRow[]> {
  return Map.groupBy(rows, ({ cells }) => cells[0] ?? '');
}
