import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OfferStatus } from './exposure.ts';
import { type OfferAct, offerActs, offerStatuses, stepOf } from './life.ts';

const open = (status: OfferStatus) => ({ status, isOver: false });
const over = (status: OfferStatus) => ({ status, isOver: true });

test('an offer is seen, accepted and booked', () => {
  assert.deepEqual(stepOf(open('presented'), 'view'), { kind: 'changes', to: 'viewed' });
  assert.deepEqual(stepOf(open('viewed'), 'accept'), { kind: 'changes', to: 'accepted' });
  assert.deepEqual(stepOf(open('accepted'), 'book'), { kind: 'changes', to: 'booked' });
});

test('what comes late or again is noted, and changes nothing', () => {
  assert.deepEqual(stepOf(open('accepted'), 'view'), { kind: 'noted' });
  assert.deepEqual(stepOf(open('accepted'), 'accept'), { kind: 'noted' });
  assert.deepEqual(stepOf(over('accepted'), 'expire'), { kind: 'noted' });
  assert.deepEqual(stepOf(open('declined'), 'withdraw'), { kind: 'noted' });
  assert.deepEqual(stepOf(open('presented'), 'expire'), { kind: 'noted' }, 'it is not over');
});

test('whose time is over cannot be accepted, be that noted yet or not', () => {
  assert.deepEqual(stepOf(over('presented'), 'accept'), { kind: 'refused', because: 'expired' });
  assert.deepEqual(stepOf(over('expired'), 'accept'), { kind: 'refused', because: 'expired' });
  assert.deepEqual(stepOf(open('withdrawn'), 'accept'), { kind: 'refused', because: 'withdrawn' });
  assert.deepEqual(stepOf(open('accepted'), 'decline'), { kind: 'refused', because: 'accepted' });
});

test('a no is heard also when it comes late, and a product books what led to it', () => {
  assert.deepEqual(stepOf(over('expired'), 'decline'), { kind: 'changes', to: 'declined' });
  assert.deepEqual(stepOf(open('presented'), 'book'), { kind: 'changes', to: 'booked' });
});

test('in whatever order acts come, what has ended well is not undone', () => {
  const acts = fc.array(fc.record({ act: fc.constantFrom(...offerActs), isOver: fc.boolean() }));
  fc.assert(
    fc.property(acts, (sequence) => {
      let status: OfferStatus = 'presented';
      for (const { act, isOver } of sequence) {
        const before: OfferStatus = status;
        const step = stepOf({ status, isOver }, act as OfferAct);
        if (step.kind === 'changes') status = step.to;
        assert.ok(offerStatuses.includes(status));
        if (before === 'booked') assert.equal(status, 'booked');
        if (before === 'accepted') assert.ok(status === 'accepted' || status === 'booked');
        // The same act once more changes nothing.
        const again = stepOf({ status, isOver }, act as OfferAct);
        assert.notEqual(again.kind, 'changes');
      }
    }),
    { seed: 38, numRuns: 500 },
  );
});
