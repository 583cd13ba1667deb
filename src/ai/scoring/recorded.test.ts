import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Uuid } from '#core';
import { recordedScorer } from './recorded.ts';
import { type Score, scoreEvent, scoreIdOf } from './score.ts';

const model = { name: 'offer-propensity', version: 1, digest: '0'.repeat(64) };
const commandId: Uuid = '01890a5d-ac96-774b-bcce-b302099a8057';

function score(point: string, value: number): Score {
  return {
    ...{ id: scoreIdOf(commandId), commandId, operation: 'offer.present', point, at: 0, model },
    ...{ accountId: null, stage: 'production', status: 'scored', servedBy: model, value },
    ...{ facts: {}, fallbackReason: null, inputs: {}, featureDigest: '', reasons: [] },
    ...{ shadows: [], segments: {}, latencyUs: 1 },
  };
}

test('a command that has scores of two points is told that of the one it is asked at', async () => {
  const scores = [score('offer-eligibility', 0.1), score('offer-propensity', 0.2)];
  const bodies = scores.map((each) => {
    const { accountId: account_id, payload } = scoreEvent(each);
    return JSON.stringify({ data: { account_id, payload } });
  });
  const { score: say } = recordedScorer(bodies);
  const asked = {
    ...{ tenant: 'bank', epoch: undefined, commandId, operation: 'offer.present' },
    ...{ receivedAt: 0, asOf: 0, facts: {}, inputs: {}, accountId: null, entities: {} },
    ...{ amount: null, key: 'pty_1' },
  };
  const values = async (point: string) => (await say({ ...asked, point }))?.value;
  assert.deepEqual(await values('offer-eligibility'), 0.1);
  assert.deepEqual(await values('offer-propensity'), 0.2);
  assert.deepEqual(await values('payment-authorization'), undefined);
});
