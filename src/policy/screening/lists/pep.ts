// Politically exposed persons, as CSV in a format of our own: docs/concepts/screening.md.
import { countryCode } from '../countries.ts';
import { readBirthDate } from '../birth.ts';
import { distinct, type ListEntry, listedNames } from '../entry.ts';
import { type CsvRow, readCsv, refuse } from './source.ts';

/** The header of the file, by which it is recognized. */
export const pepColumns = [
  'id',
  'name',
  'aliases',
  'country',
  'date_of_birth',
  'position',
  'source',
] as const;

const file = 'the PEP list';

export function parsePep(csv: string): ListEntry[] {
  const [header, ...rows] = readCsv(csv, { file, columns: pepColumns.length });
  if (header === undefined || header.cells.join() !== pepColumns.join()) {
    refuse({ file, line: 1 }, `is not the header ${pepColumns.join()}`);
  }
  return rows.map(entryOf);
}

function entryOf(row: CsvRow): ListEntry {
  const [id = '', name = '', aliases = '', country = '', born = '', position = ''] = row.cells.map(
    (cell) => cell.trim(),
  );
  if (id === '' || name === '') refuse(row, 'has no id or no name');
  const countries = country === '' ? [] : country.split(';').map(countryCode);
  if (countries.includes(undefined)) refuse(row, 'names a country that is none');
  const birthDate = born === '' ? undefined : readBirthDate(born);
  if (born !== '' && birthDate === undefined) refuse(row, 'has a date of birth that is none');
  return {
    id,
    entityType: 'person',
    names: listedNames([
      { text: name, kind: 'primary' },
      ...aliases.split(';').map((text) => ({ text, kind: 'alias' }) as const),
    ]),
    birthDates: distinct([birthDate]),
    countries: distinct(countries),
    programmes: distinct([position]),
  };
}
