import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import { parseOfac } from './ofac.ts';
import { parsePep } from './pep.ts';
import { parseUn } from './un.ts';

const sdn = [
  '101,"QUILLARK, Tamsin","individual","ALPHA] [BETA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,' +
    '"DOB 04 Dec 1959; alt. DOB circa 1961; POB Tirana, Albania; nationality Korea, North; ' +
    "a.k.a. 'THE WREN'.\"",
  '102,"BLUE HERON LINES (BHL)",-0- ,"BETA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ',
  '103,"GREY GULL 7","vessel","BETA",-0- ,"C1","Tug",-0- ,-0- ,"Malta","Owner",-0- ',
].join('\r\n');
const alt = '101,1,"aka","KWILLARK, Thamsin",-0- ';
const add = '102,9,"Pier 1","Valletta","Malta",-0- ';
const ofac = (more: Partial<Parameters<typeof parseOfac>[0]> = {}) =>
  parseOfac({ sdn: `${sdn}\r\n\u001a`, alt, add, ...more });

function refused(text: RegExp) {
  return (error: unknown) =>
    error instanceof Fault && error.code === 'input_invalid' && text.test(error.message);
}

test('the list of OFAC gives names, dates, countries and programmes', () => {
  const [person, company, vessel] = ofac();
  assert.deepEqual(person, {
    id: '101',
    entityType: 'person',
    names: [
      { text: 'QUILLARK, Tamsin', kind: 'primary' },
      { text: 'KWILLARK, Thamsin', kind: 'alias' },
      { text: 'THE WREN', kind: 'weak' },
    ],
    birthDates: ['1959-12-04', '1961~'],
    countries: ['AL', 'KP'],
    programmes: ['ALPHA', 'BETA'],
  });
  assert.deepEqual(company?.names, [
    { text: 'BLUE HERON LINES', kind: 'primary' },
    { text: 'BHL', kind: 'weak' },
  ]);
  assert.deepEqual(company.countries, ['MT']);
  assert.deepEqual([vessel?.entityType, vessel?.countries], ['vessel', ['MT']]);
});

test('a file that is cut off or damaged is refused with the line', () => {
  const cut = `${sdn}\r\n104,"HALF A NA`;
  assert.throws(() => ofac({ sdn: cut }), refused(/line \d+ of sdn is no CSV/));
  assert.throws(() => ofac({ sdn: `${sdn}\r\n104,"X"` }), refused(/line 4 of sdn has 2 cells/));
  assert.throws(
    () => ofac({ alt: `${alt}\n999,2,"aka","NOBODY",-0- ` }),
    refused(/line 2 of alt is of entity 999/),
  );
  assert.throws(() => ofac({ sdn: sdn.replace('vessel', 'ghost') }), refused(/type ghost/));
});

const un = `<?xml version="1.0"?>
<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS><INDIVIDUAL>
  <DATAID>7</DATAID><FIRST_NAME>ORLO</FIRST_NAME><SECOND_NAME>VENTRISK</SECOND_NAME>
  <NAME_ORIGINAL_SCRIPT>Орло Вентриск</NAME_ORIGINAL_SCRIPT><UN_LIST_TYPE>GAMMA</UN_LIST_TYPE>
  <NATIONALITY><VALUE>Syrian Arab Republic</VALUE></NATIONALITY>
  <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY>
    <ALIAS_NAME>Abu Orlo; Ventro</ALIAS_NAME></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1960</FROM_YEAR>
    <TO_YEAR>1963</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL></INDIVIDUALS>
  <ENTITIES><ENTITY><DATAID>8</DATAID><FIRST_NAME>NORTH TARN BUREAU</FIRST_NAME></ENTITY></ENTITIES>
</CONSOLIDATED_LIST>`;

test('the list of the United Nations gives persons and entities', () => {
  const [person, entity] = parseUn(un);
  assert.deepEqual(person, {
    id: '7',
    entityType: 'person',
    names: [
      { text: 'ORLO VENTRISK', kind: 'primary' },
      { text: 'Орло Вентриск', kind: 'alias' },
      { text: 'Abu Orlo', kind: 'weak' },
      { text: 'Ventro', kind: 'weak' },
    ],
    birthDates: ['1960/1963'],
    countries: ['SY'],
    programmes: ['GAMMA'],
  });
  assert.deepEqual([entity?.id, entity?.entityType], ['8', 'organisation']);
});

test('XML that ends early is refused with the line', () => {
  assert.throws(() => parseUn(un.slice(0, -40)), refused(/line \d+ of the UN list is no XML/));
  assert.throws(() => parseUn('<HTML></HTML>'), refused(/is no CONSOLIDATED_LIST/));
});

test('the list of exposed persons has its header, and countries and dates that exist', () => {
  const header = 'id,name,aliases,country,date_of_birth,position,source';
  const ida = 'p1,Ida Marlowe,Ida Q. Marlowe;I. Marlow,FR;DE,1971-03-04,Minister,gazette';
  const rows = `${header}\n${ida}`;
  assert.deepEqual(parsePep(rows)[0], {
    id: 'p1',
    entityType: 'person',
    names: [
      { text: 'Ida Marlowe', kind: 'primary' },
      { text: 'Ida Q. Marlowe', kind: 'alias' },
      { text: 'I. Marlow', kind: 'alias' },
    ],
    birthDates: ['1971-03-04'],
    countries: ['DE', 'FR'],
    programmes: ['Minister'],
  });
  assert.throws(() => parsePep(rows.replace('position', 'post')), refused(/line 1 .* header/));
  assert.throws(() => parsePep(rows.replace('FR;', 'QQ;')), refused(/line 2 .* country/));
  assert.throws(() => parsePep(rows.replace('1971-03', '1971-13')), refused(/line 2 .* birth/));
});
