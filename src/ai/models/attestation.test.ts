import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, temporaryKeyring } from '#core';
import { attest, type Attested, attestationFlaw } from './attestation.ts';

const { checkpointKey, checkpointPublicKeys } = temporaryKeyring(seededRandom(1));
const act: Attested = {
  tenant: 'demo-bank',
  name: 'payment-fraud',
  ordinal: 3,
  stage: 'canary',
  act: 'started',
  version: 2,
  cardDigest: '1'.repeat(64),
  artefact: '2'.repeat(64),
  share: 500,
  approvalId: 'apr_01m7z67z8bgz0bkhw0afv7vpm0',
  reason: 'it drifts',
  previous: '3'.repeat(64),
  actedBy: 'user:ann',
  recordedAt: 1_767_600_000_000,
};
const note = attest(act, checkpointKey);
const flawOf = (of: Attested, text = note, keys = checkpointPublicKeys) =>
  attestationFlaw(of, text, keys);

test('an act is what was attested, also under a key that was replaced since', () => {
  assert.equal(flawOf(act), undefined);
  const newer = temporaryKeyring(seededRandom(2)).checkpointPublicKeys;
  assert.equal(flawOf(act, note, [...newer, ...checkpointPublicKeys]), undefined);
  assert.equal(flawOf(act, note, newer), 'signature_wrong');
});

test('whatever of it is changed, it is not what was attested', () => {
  for (const [field, value] of Object.entries(act)) {
    const other = typeof value === 'number' ? value + 1 : `${value}x`;
    assert.equal(flawOf({ ...act, [field]: other } as Attested), 'signature_wrong', field);
  }
  assert.equal(flawOf({ ...act, share: null }), 'signature_wrong');
  assert.equal(flawOf({ ...act, previous: null }), 'signature_wrong');
});

test('a note that is none, or is cut, or says more, attests nothing', () => {
  assert.equal(flawOf(act, ''), 'unsigned');
  const [text = '', signature = ''] = note.split('\n\n');
  for (const broken of ['x', note.slice(0, -9), `${text}\n\n`, `${text}\nmore x\n\n${signature}`]) {
    assert.equal(flawOf(act, broken), 'signature_wrong', broken);
  }
});
