import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '#core';
import { shippedModel } from '../../../test/scored.ts';
import { featureCatalogue } from '../features/catalogue.ts';
import { validateApart } from './apart.ts';
import { validateModel } from './validation.ts';

const { card, artefact } = shippedModel('loan-default');

test('what is found out apart is the same, and others have their turn meanwhile', async () => {
  let turns = 0;
  const turn = setInterval(() => (turns += 1), 5);
  const apart = await validateApart(card, artefact);
  clearInterval(turn);
  assert.ok(turns > 5, `${turns} turns`);
  const here = await validateModel(card, artefact, { features: featureCatalogue });
  assert.equal(apart.cardDigest, here.cardDigest);
  assert.deepEqual(apart.report.score, here.report.score);
});

test('what is refused apart is told with its places', async () => {
  const other = { ...(card as object), artefact: '0'.repeat(64) } as Json;
  const refused = { code: 'model_invalid', message: /^\/card\/artefact: is another artefact/ };
  await assert.rejects(validateApart(other, artefact), (fault: { detail?: Told }) => {
    assert.equal(fault.detail?.errors?.[0]?.pointer, '/card/artefact');
    return true;
  });
  await assert.rejects(validateApart(other, artefact), refused);
});
type Told = { readonly errors?: readonly { readonly pointer: string }[] };

test('what takes too long is ended', async () => {
  const late = { code: 'model_invalid', message: /takes more than 1 ms/ };
  await assert.rejects(validateApart(card, artefact, 1), late);
});
