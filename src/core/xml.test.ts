import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readXml, writeXml, xmlAll, xmlAt, xmlText } from './xml.ts';

test('what is written is read back, whatever it says', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).map((each) => each.trim());
  const plain = text.filter((each) => each !== '' && !/\p{Cc}|\p{Cs}|[\ufffe\uffff]/u.test(each));
  fc.assert(
    fc.property(plain, plain, (name, note) => {
      const xml = readXml(writeXml({ order: { '@id': note, name, note: [note, name] } }));
      assert.equal(xmlText(xml, 'order', 'name'), name);
      assert.equal(xmlText(xml, 'order', '@id'), note);
      assert.deepEqual(xmlAll(xmlAt(xml, 'order'), 'note'), [note, name]);
    }),
  );
});

test('prefixes are left out, numbers stay texts, and what is missing is undefined', () => {
  const xml = readXml(
    '<s:Envelope xmlns:s="urn:x"><s:Amt Ccy="EUR">0010.50</s:Amt><e/></s:Envelope>',
  );
  assert.equal(xmlText(xml, 'Envelope', 'Amt'), '0010.50');
  assert.equal(xmlText(xml, 'Envelope', 'Amt', '@Ccy'), 'EUR');
  assert.equal(xmlText(xml, 'Envelope', 'e'), undefined);
  assert.equal(xmlAt(xml, 'Envelope', 'none', 'at', 'all'), undefined);
});

test('no document type is read, no entity is expanded, and what is no XML is undefined', () => {
  const bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>';
  assert.equal(readXml(bomb), undefined);
  assert.equal(readXml('<a>cut'), undefined);
  assert.equal(readXml(''), undefined);
  assert.equal(xmlText(readXml('<a>&file;&amp;lt;&#65;</a>'), 'a'), '&file;&lt;A');
});

test('signs that XML cannot write are left out', () => {
  assert.equal(xmlText(readXml(writeXml({ a: 'x\u0000\u0008y\u001f' })), 'a'), 'xy');
});

test('what a parser refuses to read is undefined, and nothing is thrown', () => {
  assert.equal(readXml(`${'<a>'.repeat(5_000)}x${'</a>'.repeat(5_000)}`), undefined);
  assert.equal(readXml('<a><__proto__><b>1</b></__proto__></a>'), undefined);
  // PostgreSQL has no text with these: they stay as they were written.
  assert.equal(xmlText(readXml('<a>&#0;&#xD800;&#65;</a>'), 'a'), '&#0;&#xD800;A');
});
