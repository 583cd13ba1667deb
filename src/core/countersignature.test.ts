import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, lengthPrefixed, newCommand } from './command.ts';
import {
  type Consume,
  type Countersigned,
  type CountersignKeys,
  countersignatureVerifier,
  countersigner,
  type Decision,
} from './countersignature.ts';
import { Fault } from './fault.ts';
import { derivedUuid } from './id.ts';
import { temporaryKeyring } from './keyring.ts';
import { seededRandom } from './random.ts';

const receivedAt = Date.parse('2026-01-05T09:00:00Z');
const random = seededRandom(1);
const keys = temporaryKeyring(random).countersignKeys;
const verify = countersignatureVerifier(keys);
const daily: Consume = {
  limit: 'card-daily',
  key: 'account:1',
  window: { kind: 'sliding', seconds: 86_400 },
  measure: 'amount',
  amount: 100,
  cap: 500,
  leg: 0,
};

function signed(outcome: Decision['outcome'] = 'allow', mintKeys = keys): Countersigned {
  const command = newCommand(
    {
      principal: { kind: 'user', id: 'alice', tenant: 'bank' },
      idempotencyKey: 'k1',
      operation: 'journal.post',
      body: { legs: [{ amount: 100 }] },
    },
    { clock: { now: () => receivedAt }, random },
  );
  const decision: Decision = {
    id: derivedUuid(command.id, 'decision', 0),
    outcome,
    reasons: ['within_policy'],
    policyVersion: 'v1',
    modelScoreRef: null,
    consume: [daily],
  };
  return { command, countersignature: countersigner(mintKeys)(command, decision, receivedAt + 1) };
}

function refused(item: Countersigned, verifier = verify): void {
  assert.throws(
    () => verifier(item),
    (error) => error instanceof Fault && error.code === 'countersignature_invalid',
  );
}

test('a countersignature stands for the command that it was made for', () => {
  assert.doesNotThrow(() => verify(signed()));
});

test('a command that was touched after the decision is refused', () => {
  const item = signed();
  const other = signed();
  const touched: Partial<Command>[] = [
    { id: other.command.id },
    { tenant: 'other-bank' },
    { principal: { kind: 'user', id: 'mallory', tenant: 'bank' } },
    { principal: { kind: 'agent', id: 'alice', tenant: 'bank' } },
    { receivedAt: receivedAt - 1 },
    { idempotencyKey: 'k2' },
    { digest: 'ab'.repeat(32) },
  ];
  for (const change of touched) refused({ ...item, command: { ...item.command, ...change } });
  refused({ ...item, countersignature: other.countersignature });
});

test('a body that is not that of the digest beside it is refused', () => {
  const { command, countersignature } = signed();
  for (const change of [{ body: { legs: [{ amount: 999 }] } }, { operation: 'account.change' }]) {
    refused({ command: { ...command, ...change }, countersignature });
  }
});

test('a decision that was touched is refused', () => {
  const { command, countersignature } = signed();
  const { decision } = countersignature;
  for (const change of [
    { id: derivedUuid(command.id, 'decision', 1) },
    { policyVersion: 'v2' },
    { reasons: [] },
    { modelScoreRef: 'scr_1' },
    { consume: [] },
    { consume: [{ ...daily, cap: 501 }] },
    { consume: [daily, daily] },
  ]) {
    const forged = { ...countersignature, decision: { ...decision, ...change } };
    refused({ command, countersignature: forged });
  }
  const denied = signed('deny');
  const allowed = { ...denied.countersignature.decision, outcome: 'allow' } as const;
  refused({ ...denied, countersignature: { ...denied.countersignature, decision: allowed } });
});

test('an expiry counts at the instant of receipt, and cannot be moved', () => {
  const { command, countersignature } = signed();
  refused({ command, countersignature: { ...countersignature, expiresAt: receivedAt + 2 } });
  const late = countersigner(keys)(command, countersignature.decision, receivedAt - 1);
  refused({ command, countersignature: late });
  const last = countersigner(keys)(command, countersignature.decision, receivedAt);
  assert.doesNotThrow(() => verify({ command, countersignature: last }));
});

test('a MAC that is cut, empty or of another key is refused', () => {
  const { command, countersignature } = signed();
  const mac = Buffer.from(countersignature.mac, 'base64');
  const forged = [
    '',
    mac.subarray(0, 16).toString('base64'),
    mac.subarray(0, 31).toString('base64'),
    Buffer.concat([mac, Buffer.from([0])]).toString('base64'),
    Buffer.alloc(32).toString('base64'),
  ];
  for (const each of forged) {
    refused({ command, countersignature: { ...countersignature, mac: each } });
  }
  for (const keyId of ['', 'countersign-2', 'countersign-0', '__proto__']) {
    refused({ command, countersignature: { ...countersignature, keyId } });
  }
  const stranger = temporaryKeyring(random).countersignKeys;
  refused(signed('allow', stranger));
});

test('after a rotation old marks stay valid, and new ones name the new key', () => {
  const second = temporaryKeyring(random).countersignKeys.secret('countersign-1');
  const rotated: CountersignKeys = {
    currentId: 'countersign-2',
    secret: (keyId) => (keyId === 'countersign-2' ? second : keys.secret(keyId)),
  };
  const both = countersignatureVerifier(rotated);
  const before = signed();
  const now = signed('allow', rotated);
  assert.equal(now.countersignature.keyId, 'countersign-2');
  assert.doesNotThrow(() => both(before));
  assert.doesNotThrow(() => both(now));
  refused(now);
});

test('fields that are joined cannot be shifted into one another', () => {
  assert.notEqual(lengthPrefixed(['ab', 'c']), lengthPrefixed(['a', 'bc']));
  assert.notEqual(lengthPrefixed(['1:a', '']), lengthPrefixed(['', '1:a']));
  assert.notEqual(lengthPrefixed(['a']), lengthPrefixed(['a', '']));
});
