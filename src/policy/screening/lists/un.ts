// The consolidated list of the United Nations Security Council, as XML.
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { countryCode } from '../countries.ts';
import { readBirthDate } from '../birth.ts';
import { distinct, type ListEntry, type ListedName, listedNames } from '../entry.ts';
import { refuse } from './source.ts';

/** An element: its children by name, always as lists; a leaf is its text. */
type Element = { readonly [name: string]: readonly (Element | string)[] | undefined };

const file = 'the UN list';

const reader = new XMLParser({
  ignoreAttributes: true,
  isArray: () => true,
  parseTagValue: false,
  trimValues: true,
});

export function parseUn(xml: string): ListEntry[] {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) refuse({ file, line: valid.err.line }, `is no XML: ${valid.err.msg}`);
  const root = child(reader.parse(xml) as Element, 'CONSOLIDATED_LIST');
  if (root === undefined) refuse({ file, line: 1 }, 'is no CONSOLIDATED_LIST');
  const persons = children(child(root, 'INDIVIDUALS'), 'INDIVIDUAL').map(personOf);
  const entities = children(child(root, 'ENTITIES'), 'ENTITY').map(entityOf);
  return [...persons, ...entities];
}

/** The day of publication, or undefined where the list does not say. */
export function unSourceDate(xml: string): string | undefined {
  return /<CONSOLIDATED_LIST[^>]*dateGenerated="(\d{4}-\d{2}-\d{2})/.exec(xml)?.[1];
}

function personOf(element: Element): ListEntry {
  const nationalities = children(element, 'NATIONALITY').flatMap((each) => texts(each, 'VALUE'));
  return {
    ...commonOf(element, 'INDIVIDUAL'),
    entityType: 'person',
    birthDates: distinct(children(element, 'INDIVIDUAL_DATE_OF_BIRTH').map(birthOf)),
    countries: distinct(
      [
        ...nationalities,
        ...placesOf(element, 'INDIVIDUAL_ADDRESS'),
        ...placesOf(element, 'INDIVIDUAL_PLACE_OF_BIRTH'),
      ].map(countryCode),
    ),
  };
}

function entityOf(element: Element): ListEntry {
  return {
    ...commonOf(element, 'ENTITY'),
    entityType: 'organisation',
    birthDates: [],
    countries: distinct(placesOf(element, 'ENTITY_ADDRESS').map(countryCode)),
  };
}

function commonOf(element: Element, kind: 'INDIVIDUAL' | 'ENTITY') {
  const id = text(element, 'DATAID');
  const parts = ['FIRST_NAME', 'SECOND_NAME', 'THIRD_NAME', 'FOURTH_NAME'];
  const name = parts.map((part) => text(element, part)).join(' ');
  const reference = text(element, 'REFERENCE_NUMBER');
  if (id === '' || name.trim() === '') {
    refuse(
      undefined,
      `${file} has an entry without DATAID or name near ${reference || 'its start'}`,
    );
  }
  const original = text(element, 'NAME_ORIGINAL_SCRIPT');
  const names: ListedName[] = [
    { text: name, kind: 'primary' },
    ...(original === '' ? [] : [{ text: original, kind: 'alias' } as const]),
    ...children(element, `${kind}_ALIAS`).flatMap(aliasesOf),
  ];
  const programme = text(element, 'UN_LIST_TYPE');
  return { id, names: listedNames(names), programmes: distinct([programme]) };
}

/** One element may hold several names between semicolons. */
function aliasesOf(alias: Element): ListedName[] {
  const kind = text(alias, 'QUALITY').toLowerCase() === 'low' ? 'weak' : 'alias';
  return text(alias, 'ALIAS_NAME')
    .split(';')
    .map((name) => ({ text: name, kind }));
}

function birthOf(element: Element): string | undefined {
  const about = text(element, 'TYPE_OF_DATE') === 'APPROXIMATELY' ? 'circa ' : '';
  const [from, to] = [text(element, 'FROM_YEAR'), text(element, 'TO_YEAR')];
  if (from !== '' && to !== '') return readBirthDate(`${from} to ${to}`);
  return readBirthDate(about + (text(element, 'DATE') || text(element, 'YEAR')));
}

function placesOf(element: Element, name: string): string[] {
  return children(element, name).map((place) => text(place, 'COUNTRY'));
}

function children(element: Element | undefined, name: string): Element[] {
  const found = element?.[name] ?? [];
  return found.filter((each): each is Element => typeof each === 'object');
}

function child(element: Element | undefined, name: string): Element | undefined {
  return children(element, name)[0];
}

function texts(element: Element, name: string): string[] {
  return (element[name] ?? []).filter((each): each is string => typeof each === 'string');
}

function text(element: Element, name: string): string {
  return texts(element, name)[0] ?? '';
}
