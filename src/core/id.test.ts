import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { derivedUuid, externalId, type IdKind, idPrefixes, internalId, newUuid } from './id.ts';
import { seededRandom } from './random.ts';

const uuid = fc.uuid();
const kind = fc.constantFrom(...(Object.keys(idPrefixes) as IdKind[]));

function uuidAt(instant: number, seed = 1): string {
  return newUuid({ clock: { now: () => instant }, random: seededRandom(seed) });
}

test('a public id leads back to its UUID, and only as its own kind', () => {
  fc.assert(
    fc.property(uuid, kind, kind, (id, one, other) => {
      const text = externalId(one, id);
      assert.match(text, /^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/);
      assert.equal(internalId(one, text), id);
      if (one !== other) assert.equal(internalId(other, text), undefined);
    }),
  );
});

test('public ids sort as their UUIDs do', () => {
  fc.assert(
    fc.property(uuid, uuid, (a, b) => {
      assert.equal(externalId('account', a) < externalId('account', b), a < b);
    }),
  );
});

test('a text that is no id of ours is none', () => {
  const good = externalId('account', uuidAt(1));
  const bad = [
    '',
    'acc_',
    good.slice(0, -1),
    `${good}0`,
    good.toUpperCase(),
    good.replace('_', '-'),
    `acc_z${good.slice(5)}`,
    `${good.slice(0, -1)}u`,
    `${good.slice(0, -1)}é`,
  ];
  for (const text of bad) assert.equal(internalId('account', text), undefined, text);
});

test('one UUID has one public id', () => {
  const letters = [...'0123456789abcdefghjkmnpqrstvwxyz'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...letters), { minLength: 26, maxLength: 26 }), (list) => {
      const text = `acc_${list.join('')}`;
      const id = internalId('account', text);
      if (id !== undefined) assert.equal(externalId('account', id), text);
    }),
  );
});

test('a new id is a UUIDv7 of its instant', () => {
  const instant = Date.parse('2026-04-30T09:15:22.123Z');
  const id = uuidAt(instant);
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(id.replace('-', '').slice(0, 12), 16), instant);
  assert.ok(uuidAt(instant, 2) < uuidAt(instant + 1, 1));
});

test('a derived id depends on command, label and ordinal, and on nothing else', () => {
  const command = uuidAt(1_700_000_000_000);
  const drawn = ['transfer', 'event'].flatMap((label) =>
    [0, 1, 10].map((ordinal) => derivedUuid(command, label, ordinal)),
  );
  assert.equal(new Set(drawn).size, drawn.length);
  assert.equal(derivedUuid(command, 'transfer', 1), drawn[1]);
  for (const id of drawn) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(id.slice(0, 13), command.slice(0, 13), 'it sorts with its command');
  }
});
