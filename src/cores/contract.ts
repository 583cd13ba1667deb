// The contract of the port, as tests: what every adapter does, whichever core is behind it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivedUuid, externalId } from '#core';
import type { PostingItem } from '#money';
import {
  allOperations,
  capabilitiesOf,
  type Core,
  type MoneyMove,
  type MoveResult,
} from './port.ts';

type LegLike = Readonly<Record<string, string | number | boolean>>;

/** A core with something in it, and how a test acts on it from outside. */
export type Subject = {
  readonly core: Core;
  readonly tenant: string;
  /** Has `funds` and may not overdraw. */
  readonly debtor: string;
  readonly creditor: string;
  readonly currency: string;
  readonly funds: number;
  /** Holds both accounts; null where the core keeps no parties. */
  readonly party: string | null;
  /** An item that policy has countersigned, under this key. */
  readonly item: (legs: readonly LegLike[], idempotencyKey: string) => Promise<PostingItem>;
  /** Runs `work` while the answers of the core are lost, though it carries out what it is asked. */
  readonly deaf: <Result>(work: (core: Core) => Promise<Result>) => Promise<Result>;
};

/** Registers the tests of one adapter. `open` is called once. */
export function coreContract(name: string, open: () => Promise<Subject>): void {
  let opened: Promise<Subject> | undefined;
  const about = (sentence: string, work: (subject: Subject) => Promise<void>) => {
    void test(`${name}: ${sentence}`, async () => {
      opened ??= open();
      await work(await opened);
    });
  };
  about('its capabilities are the operations that it has', capabilities);
  about('a transfer moves the balances of both accounts', transferred);
  about('a retry under the same key moves nothing again', retried);
  about('what the core refuses is rejected with a reason, and moves nothing', rejected);
  about('a lost answer is unknown, and a look-up tells what became of it', lost);
  about('a look-up never answers a command with what became of another', mistaken);
  about('what was never sent is not found', neverSent);
  about('a hold takes from what is available, and a capture posts it', held);
  about('a hold that is released leaves everything as it was', released);
  about('a hold that was added to is taken, whole or in part, and let go', increased);
  about('a transfer is mirrored once', reversed);
  about('entries come in pages, each once', entries);
  about('a party has its accounts', parties);
  about('what is not there is undefined', absent);
}

async function capabilities({ core }: Subject): Promise<void> {
  const can = capabilitiesOf(core);
  assert.deepEqual(Object.keys(can), Object.keys(allOperations));
  for (const [operation, has] of Object.entries(can)) {
    const isThere = operation === 'followEvents' ? !!core.events : operation in core.operations;
    assert.equal(isThere, has, operation);
  }
  // Whoever can hold must be able to end it.
  assert.ok(!can.placeHold || can.releaseHold);
}

async function transferred(subject: Subject): Promise<void> {
  const before = await figures(subject);
  const result = await sent(subject, 'transfer', [transferOf(subject, 300)], 'transfer');
  expectCompleted(result);
  assert.deepEqual(await figures(subject), {
    debtor: [before.debtor[0] - 300, before.debtor[1] - 300],
    creditor: [before.creditor[0] + 300, before.creditor[1] + 300],
  });
}

async function retried(subject: Subject): Promise<void> {
  const legs = [transferOf(subject, 200)];
  const first = expectCompleted(await sent(subject, 'transfer', legs, 'retry'));
  const before = await figures(subject);
  const again = expectCompleted(await sent(subject, 'transfer', legs, 'retry'));
  assert.deepEqual([first.replayed, again.replayed], [false, true]);
  assert.equal(again.reference, first.reference);
  assert.deepEqual(await figures(subject), before);
}

async function rejected(subject: Subject): Promise<void> {
  const before = await figures(subject);
  const legs = [transferOf(subject, subject.funds * 10)];
  const result = await sent(subject, 'transfer', legs, 'too much');
  assert.equal(result.status, 'rejected');
  assert.ok(result.status === 'rejected' && result.code.length > 0);
  assert.deepEqual(await figures(subject), before);
  const again = await sent(subject, 'transfer', legs, 'too much');
  assert.ok(again.status === 'rejected' && again.code === result.code, 'a retry hears the same');
}

async function lost(subject: Subject): Promise<void> {
  const before = await figures(subject);
  const item = await subject.item([transferOf(subject, 100)], 'lost');
  const result = await subject.deaf(({ operations }) => operations.transfer(item));
  assert.equal(result.status, 'unknown');
  assert.ok(result.status === 'unknown');
  const { tenant, digest } = item.command;
  assert.deepEqual(result.lookUp, { tenant, idempotencyKey: 'lost', digest });
  const found = await subject.core.operations.lookUp(result.lookUp);
  const { debtor } = await figures(subject);
  if (found.status === 'not_found') {
    assert.deepEqual(debtor, before.debtor);
  } else {
    assert.equal(found.status, 'completed');
    assert.equal(debtor[0], before.debtor[0] - 100);
  }
  // Whatever it was: sent again under its key, it has happened once.
  expectCompleted(await subject.core.operations.transfer(item));
  assert.equal((await figures(subject)).debtor[0], before.debtor[0] - 100);
}

async function mistaken(subject: Subject): Promise<void> {
  const { operations } = subject.core;
  const item = await subject.item([transferOf(subject, 10)], 'one key');
  expectCompleted(await operations.transfer(item));
  const other = await subject.item([transferOf(subject, 77)], 'one key');
  const { tenant, idempotencyKey, digest } = other.command;
  const before = await figures(subject);
  const reused = { code: 'idempotency_key_reused' };
  await assert.rejects(operations.lookUp({ tenant, idempotencyKey, digest }), reused);
  await assert.rejects(operations.transfer(other), reused);
  const lost = await subject.deaf((core) => core.operations.transfer(other).catch(() => undefined));
  if (lost?.status === 'unknown') await assert.rejects(operations.lookUp(lost.lookUp), reused);
  assert.deepEqual(await figures(subject), before);
}

async function neverSent({ core, tenant }: Subject): Promise<void> {
  const digest = 'ab'.repeat(32);
  const found = await core.operations.lookUp({ tenant, idempotencyKey: 'never sent', digest });
  assert.deepEqual(found, { status: 'not_found' });
}

async function held(subject: Subject): Promise<void> {
  const { placeHold, captureHold, readHold } = subject.core.operations;
  if (!placeHold || !captureHold) return;
  const before = await figures(subject);
  const hold = await placed(subject, placeHold, 'hold');
  const during = await figures(subject);
  assert.deepEqual(during.debtor, [before.debtor[0], before.debtor[1] - 50]);
  const block = await readHold?.({ tenant: subject.tenant, id: hold });
  assert.ok(!readHold || (block?.status === 'open' && block.amount === 50));
  expectCompleted(await sent(subject, 'captureHold', [{ kind: 'capture', hold_id: hold }], 'take'));
  assert.deepEqual((await figures(subject)).debtor, [before.debtor[0] - 50, before.debtor[1] - 50]);
}

async function released(subject: Subject): Promise<void> {
  const { placeHold, releaseHold } = subject.core.operations;
  if (!placeHold || !releaseHold) return;
  const before = await figures(subject);
  const hold = await placed(subject, placeHold, 'hold to release');
  expectCompleted(await sent(subject, 'releaseHold', [{ kind: 'void', hold_id: hold }], 'release'));
  assert.deepEqual(await figures(subject), before);
}

/** Whether the core adds to it, or what keeps its mirror does. */
async function increased(subject: Subject): Promise<void> {
  const { placeHold, increaseHold } = subject.core.operations;
  if (!placeHold || !increaseHold) return;
  const more = async (name: string) => {
    const hold_id = await placed(subject, placeHold, name);
    const legs = [{ kind: 'increase', hold_id, amount: 30 }];
    expectCompleted(await sent(subject, 'increaseHold', legs, `${name}, more`));
    return hold_id;
  };
  const { debtor: before } = await figures(subject);
  const after = async (booked: number, available: number) => {
    const { debtor } = await figures(subject);
    assert.deepEqual(debtor, [before[0] - booked, before[1] - available]);
  };
  const hold_id = await more('to take');
  await after(0, 80);
  const whole = [{ kind: 'capture', hold_id, amount: 70 }];
  expectCompleted(await sent(subject, 'captureHold', whole, 'take it'));
  await after(70, 70);
  const other = await more('to take in part');
  const part = [{ kind: 'capture', hold_id: other, amount: 60, final: false }];
  expectCompleted(await sent(subject, 'captureHold', part, 'take a part'));
  await after(130, 150);
  expectCompleted(await sent(subject, 'releaseHold', [{ kind: 'void', hold_id: other }], 'let go'));
  await after(130, 130);
}

async function placed(subject: Subject, place: MoneyMove, key: string): Promise<string> {
  const leg = { ...transferOf(subject, 50), kind: 'hold' };
  const item = await subject.item([leg], key);
  expectCompleted(await place(item));
  return externalId('hold', derivedUuid(item.command.id, 'transfer', 0));
}

async function reversed(subject: Subject): Promise<void> {
  if (!subject.core.operations.reverse) return;
  const before = await figures(subject);
  const item = await subject.item([transferOf(subject, 40)], 'to mirror');
  expectCompleted(await subject.core.operations.transfer(item));
  // Our ledger names what it mirrors of any core by the command.
  const transfer_id = externalId('transfer', derivedUuid(item.command.id, 'transfer', 0));
  const mirror = [{ kind: 'reverse', transfer_id }];
  expectCompleted(await sent(subject, 'reverse', mirror, 'mirror'));
  assert.deepEqual(await figures(subject), before);
  assert.equal((await sent(subject, 'reverse', mirror, 'mirror again')).status, 'rejected');
}

async function entries(subject: Subject): Promise<void> {
  const { listEntries } = subject.core.operations;
  if (!listEntries) return;
  const of = { tenant: subject.tenant, id: subject.debtor };
  const all = await listEntries({ ...of, limit: 100 });
  assert.ok(all && all.items.length > 2);
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await listEntries({ ...of, limit: 2, ...(after === undefined ? {} : { after }) });
    assert.ok(page && page.items.length <= 2);
    seen.push(...page.items.map(({ reference }) => reference));
    after = page.next ?? undefined;
  } while (after !== undefined);
  assert.deepEqual(
    seen,
    all.items.map(({ reference }) => reference),
  );
  const booked = all.items.filter(({ status }) => status === 'BOOK');
  const sum = booked.reduce((total, entry) => total + signed(entry), 0);
  assert.equal(sum, (await figures(subject)).debtor[0], 'the balance is the sum of its entries');
}

async function parties(subject: Subject): Promise<void> {
  const { readParty, listAccounts } = subject.core.operations;
  const { tenant, party: id } = subject;
  if (!readParty || !listAccounts || id === null) return;
  const party = await readParty({ tenant, id });
  assert.match(party?.name_token ?? '', /^tok_/, 'a name is a token');
  const first = await listAccounts({ tenant, id, limit: 1 });
  const rest = await listAccounts({ tenant, id, limit: 10, after: first.next ?? '' });
  const found = [...first.items, ...rest.items].map(({ account_id }) => account_id).sort();
  assert.deepEqual(found, [subject.debtor, subject.creditor].sort());
}

async function absent({ core, tenant, debtor }: Subject): Promise<void> {
  const { readAccount, readBalances, readParty, listEntries } = core.operations;
  const id = `${debtor.slice(0, -4)}0000`;
  assert.equal(await readAccount({ tenant, id }), undefined);
  assert.equal(await readAccount({ tenant, id: 'no such form' }), undefined);
  assert.equal(await readBalances({ tenant, id }), undefined);
  assert.equal(await readParty?.({ tenant, id }), undefined);
  assert.equal(await listEntries?.({ tenant, id, limit: 5 }), undefined);
  assert.equal(await readAccount({ tenant: 'another-tenant', id: debtor }), undefined);
}

// Shorthand ---------------------------------------------------------------------------------------

type Move = 'transfer' | 'increaseHold' | 'captureHold' | 'releaseHold' | 'reverse';

async function sent(
  { core, item }: Subject,
  move: Move,
  legs: readonly LegLike[],
  key: string,
): Promise<MoveResult> {
  const operation = core.operations[move];
  assert.ok(operation);
  return operation(await item(legs, key));
}

function transferOf({ debtor, creditor, currency }: Subject, amount: number): LegLike {
  const accounts = { debit_account_id: debtor, credit_account_id: creditor };
  return { kind: 'post', ...accounts, amount, currency };
}

function expectCompleted(result: MoveResult) {
  assert.equal(result.status, 'completed', 'code' in result ? result.code : result.status);
  assert.ok(result.status === 'completed');
  return result;
}

/** Booked and available, as the bank owes them. */
async function figures(subject: Subject) {
  const of = async (id: string): Promise<[number, number]> => {
    const balances = await subject.core.operations.readBalances({ tenant: subject.tenant, id });
    const [booked, available] = ['ITBD', 'ITAV'].map((type) => {
      const balance = balances?.find((each) => each.type === type);
      assert.ok(balance && balance.amount >= 0, type);
      return signed(balance);
    });
    return [booked as number, available as number];
  };
  return { debtor: await of(subject.debtor), creditor: await of(subject.creditor) };
}

function signed(of: { credit_debit_indicator: 'CRDT' | 'DBIT'; amount: number }): number {
  return of.credit_debit_indicator === 'CRDT' ? of.amount : -of.amount;
}
