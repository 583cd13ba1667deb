import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import { decide } from '../../../simulators/cores/book.ts';
import { flexcube, flexcubeWith } from '../../../simulators/cores/flexcube/flexcube.ts';
import { openCoreBank } from '../../../test/core-bank.ts';
import {
  creditor,
  debtor,
  openBank,
  openCanned,
  orderOf,
  party,
  replyTo,
} from '../../../test/flexcube-bank.ts';
import { adapterContract, referenceOf } from '../adapter-contract.ts';
import { openFlexcube } from './core.ts';

adapterContract('flexcube', () =>
  openCoreBank({
    ...{ vendor: flexcube, openAdapter: openFlexcube },
    accountId: (number) => `001-${String(1_000_000_000 + number)}`,
    ...{ partyId: '000123456', product: 'CASA01', loanProduct: 'PLN1' },
    ...{ warns: true, checks: true, takesOnce: true },
  }),
);

// Transfers ---------------------------------------------------------------------------------------

test('flexcube: amounts of no, two and three decimals are exact through the wire', async (t) => {
  const { transfer, readBalances, account, book } = await openBank(t);
  for (const [at, [currency, amount]] of [
    ...([
      ['JPY', 1],
      ['EUR', 1],
      ['KWD', 1],
      ['JPY', 987_654_321],
    ] as const),
    ...([
      ['EUR', 9_007_199_254_740],
      ['KWD', 4_503_599_627_370_497],
    ] as const),
  ].entries()) {
    const [from, to] = [`001-20000000${at}1`, `001-20000000${at}2`];
    account(from, { currency, balance: amount });
    account(to, { currency, balance: 0 });
    const order = orderOf(`${currency} ${amount}`, {
      debtor: from,
      creditor: to,
      amount,
      currency,
    });
    const answer = await transfer(order);
    assert.equal(answer.status, 'completed', JSON.stringify(answer));
    assert.equal(book.accounts.get(to)?.booked, amount);
    const balances = await readBalances({ id: to });
    assert.deepEqual(
      balances?.map(({ type, amount: told, currency: in_ }) => [type, told, in_]),
      [
        ['ITBD', amount, currency],
        ['ITAV', amount, currency],
      ],
    );
  }
});

test('flexcube: twenty transfers at once under one reference have one effect', async (t) => {
  const { transfer, book } = await openBank(t);
  const order = orderOf('twenty');
  const answers = await Promise.all(Array.from({ length: 20 }, () => transfer(order)));
  assert.equal(book.moves.length, 1);
  const [move] = book.moves;
  for (const answer of answers) {
    assert.ok(answer.status === 'completed' && answer.coreReference === move?.id);
  }
  const first = answers.filter((answer) => answer.status === 'completed' && !answer.replayed);
  assert.equal(first.length, 1, 'all others hear that an earlier call did it');
});

test('flexcube: a message that the network brings twice is done once', async (t) => {
  const { transfer, placeHold, simulator, book } = await openBank(t);
  simulator.inject({ kind: 'duplicate', match: 'CreateTransaction' });
  const moved = await transfer(orderOf('twice'));
  assert.ok(moved.status === 'completed' && moved.replayed);
  simulator.inject({ kind: 'duplicate', match: 'AmountBlocksNew' });
  const { reference, mark, amount, currency } = orderOf('held twice');
  const held = await placeHold?.({ reference, mark, amount, currency, account: debtor });
  assert.ok(held?.status === 'completed' && held.replayed, JSON.stringify(held));
  assert.equal(book.accounts.get(debtor)?.held, amount);
});

test('flexcube: another command under a reference is never told as done', async (t) => {
  const { transfer, lookUp, book } = await openBank(t);
  await transfer(orderOf('one'));
  const other = await transfer(orderOf('one', { mark: 'cafecafe', amount: 7 }));
  assert.deepEqual(other, { status: 'unknown' });
  const found = await lookUp({ reference: referenceOf('one'), kind: 'transfer', account: debtor });
  assert.equal(found?.mark, 'deadbeef', 'by which whoever looks sees that it is another one');
  assert.equal(book.moves.length, 1);
});

test('flexcube: where the gateway posts an XREF twice, the adapter looks first', async (t) => {
  const vendor = flexcubeWith({ duplicates: 'posted' });
  const { transfer, book, simulator } = await openBank(t, { vendor });
  const order = orderOf('careful');
  simulator.inject({ kind: 'lost', match: 'CreateTransaction' });
  assert.deepEqual(await transfer(order), { status: 'unknown' });
  const again = await transfer(order);
  assert.ok(again.status === 'completed' && again.replayed);
  assert.equal(book.moves.length, 1);
  // Told that it refuses what it knows, the adapter would not look: the setting must be right.
  const blind = await openBank(t, { vendor, settings: { duplicates: 'refused' } });
  await blind.transfer(order);
  await blind.transfer(order);
  assert.equal(blind.book.moves.length, 2);
});

test('flexcube: a warning without a way to accept it is unknown, and is looked up', async (t) => {
  const body = '<FCUBS_WARNING_RESP><WARNING><WCODE>W</WCODE></WARNING></FCUBS_WARNING_RESP>';
  const { operations } = await openCanned(t, (id) => ({
    body: replyTo('CREATETRANSACTION_FSFS', {
      ...{ header: `<CORRELID>${id}</CORRELID><MSGSTAT>WARNING</MSGSTAT>`, body },
    }),
  }));
  assert.deepEqual(await operations.transfer(orderOf('warned')), { status: 'unknown' });
});

test('flexcube: several warnings are all asked for, and what changes is asked anew', async (t) => {
  const warning = (code: string, text: string) =>
    `<WARNING><WCODE>${code}</WCODE><WDESC>${text}</WDESC></WARNING>`;
  let left = '10.00';
  const { operations } = await openCanned(t, (_, sent) => {
    const isAccepted = sent.includes('<MULTITRIPID>T1</MULTITRIPID>');
    const block = (content: string) => `<FCUBS_WARNING_RESP>${content}</FCUBS_WARNING_RESP>`;
    const first = block(warning('A', `only ${left} left`) + warning('B', 'second'));
    const record = '<FCCREF>F1</FCCREF><AUTHSTAT>A</AUTHSTAT>';
    const done = `<Transaction-Details>${record}</Transaction-Details>`;
    const held = '<MULTITRIPID>T1</MULTITRIPID><MSGSTAT>WARNING</MSGSTAT>';
    return {
      body: replyTo('CREATETRANSACTION_FSFS', {
        header: isAccepted ? '<MSGSTAT>SUCCESS</MSGSTAT>' : held,
        body: isAccepted ? done : first + block(warning('C', 'third')),
      }),
    };
  });
  const first = await operations.transfer(orderOf('several'));
  assert.ok(first.status === 'needs_override');
  assert.deepEqual(
    first.overrides.map(({ code, text }) => [code, text]),
    [
      ['A', 'only # left'],
      ['B', 'second'],
      ['C', 'third'],
    ],
  );
  const accepted = first.overrides.map(({ id }) => id);
  const partly = orderOf('several', { accepted: accepted.slice(1) });
  assert.equal((await operations.transfer(partly)).status, 'needs_override');
  left = '9.00';
  assert.equal((await operations.transfer({ ...partly, accepted })).status, 'needs_override');
  left = '10.00';
  const last = await operations.transfer({ ...partly, accepted });
  assert.deepEqual(last, { status: 'completed', coreReference: 'F1', replayed: false });
});

test('flexcube: an answer to another message counts for nothing', async (t) => {
  const { operations } = await openCanned(t, (_, sent) => ({
    body: replyTo(/<soapenv:Body><(\w+)_REQ/.exec(sent)?.[1] ?? '', {
      ...{ header: '<CORRELID>OTHER</CORRELID><MSGSTAT>SUCCESS</MSGSTAT>', body: '' },
    }),
  }));
  assert.deepEqual(await operations.transfer(orderOf('mixed up')), { status: 'unknown' });
  await assert.rejects(operations.readBalances({ id: debtor }), failsAs('malformed', 'escalate'));
});

test('flexcube: what its checker deletes is rejected', async (t) => {
  const { transfer, lookUp, account, book } = await openBank(t);
  const from = account('001-1000000009', { needsChecker: true });
  const order = orderOf('declined', { debtor: from });
  const answer = await transfer(order);
  assert.ok(answer.status === 'pending_approval');
  decide(book, answer.coreReference, false);
  const found = await lookUp({ reference: order.reference, kind: 'transfer', account: from });
  assert.equal(found?.answer.status, 'rejected');
});

// Reversals ---------------------------------------------------------------------------------------

test('flexcube: a reversal is found by the transfer that it is of', async (t) => {
  const { transfer, reverse, lookUp, simulator, book } = await openBank(t);
  assert.ok(reverse);
  const { amount, currency, valueDate, reference: of } = orderOf('to mirror');
  await transfer(orderOf('to mirror'));
  const back = { of, debtor, creditor, amount, currency, valueDate, mark: 'beef0000' };
  const order = { ...back, reference: referenceOf('mirror') };
  const sought = { reference: order.reference, kind: 'reverse', account: debtor } as const;
  assert.equal(await lookUp({ ...sought, of }), undefined);
  simulator.inject({ kind: 'lost', match: 'ReverseTransaction' });
  assert.deepEqual(await reverse(order), { status: 'unknown' });
  const found = await lookUp({ ...sought, of });
  assert.deepEqual([found?.answer.status, found?.mark], ['completed', 'beef0000']);
  const again = await reverse(order);
  assert.ok(again.status === 'completed' && again.replayed, 'the refusal is of our own reversal');
  const other = { ...sought, reference: referenceOf('other'), of };
  assert.equal(await lookUp(other), undefined);
  await assert.rejects(lookUp(sought), failsAs('incomplete', 'enrich'));
  assert.equal(book.accounts.get(debtor)?.booked, 1_000_000);
  const never = await reverse({ ...order, of: referenceOf('never') });
  assert.ok(never.status === 'rejected' && never.code === 'transfer_not_found');
});

// Holds -------------------------------------------------------------------------------------------

test('flexcube: additions to a hold count once each, also at the same time', async (t) => {
  const { placeHold, increaseHold, readHold, lookUp, book, simulator } = await openBank(t);
  assert.ok(placeHold && increaseHold && readHold);
  const { reference: hold, mark, currency } = orderOf('hold');
  await placeHold({ reference: hold, mark, account: debtor, amount: 500, currency });
  const about = { hold, account: debtor, currency, mark: 'cafe0001' };
  const more = (name: string, amount: number) =>
    increaseHold({ ...about, reference: referenceOf(name), amount });
  simulator.inject({ kind: 'lost', match: 'AmountBlocksModify' });
  assert.deepEqual(await more('first', 100), { status: 'unknown' });
  const sought = { reference: referenceOf('first'), kind: 'hold', account: debtor, hold } as const;
  const found = await lookUp(sought);
  assert.deepEqual([found?.answer.status, found?.mark], ['completed', 'cafe0001']);
  const again = await more('first', 100);
  assert.ok(again.status === 'completed' && again.replayed);
  assert.equal(book.accounts.get(debtor)?.held, 600);
  // Both read version 2: the slower one reads again, and adds to what is there.
  simulator.inject({ kind: 'latency', match: 'AmountBlocksModify[^]*>607<|>6.07<', ms: 100 });
  const both = await Promise.all([more('second', 7), more('third', 20)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['completed', 'completed'],
  );
  assert.equal(book.accounts.get(debtor)?.held, 627);
  const first = await lookUp({ reference: hold, kind: 'hold', account: debtor });
  assert.equal(first?.mark, mark, 'the mark of the hold stays beside those of additions');
  const missing = await increaseHold({ ...about, hold: 'NONE', reference: 'X', amount: 1 });
  assert.ok(missing.status === 'rejected' && missing.code === 'hold_not_found');
});

test('flexcube: a hold is released once, and expires after its last day', async (t) => {
  const zone = { timeZone: 'Asia/Singapore' };
  const { placeHold, releaseHold, readHold, lookUp, simulator } = await openBank(t, zone);
  assert.ok(placeHold && releaseHold && readHold);
  const { reference, mark, currency } = orderOf('brief');
  const expiresAt = new Date(Date.UTC(2040, 4, 6, 20)).toISOString();
  await placeHold({ reference, mark, account: debtor, amount: 5, currency, expiresAt });
  const held = await readHold({ id: reference, account: debtor });
  // 20:00 UTC is the 7th there, which ends at 16:00 UTC.
  assert.deepEqual([held?.status, held?.expires_at], ['open', '2040-05-07T16:00:00.000Z']);
  const about = { hold: reference, account: debtor, currency, mark };
  const release = { ...about, reference: referenceOf('end') };
  const sought = { ...release, kind: 'release' } as const;
  assert.equal(await lookUp(sought), undefined);
  simulator.inject({ kind: 'failed_after' });
  assert.deepEqual(await releaseHold(release), { status: 'unknown' });
  assert.equal((await lookUp(sought))?.answer.status, 'completed');
  const again = await releaseHold(release);
  assert.ok(again.status === 'rejected' && again.code === 'hold_voided');
  const voided = await readHold({ id: reference, account: debtor });
  assert.deepEqual([voided?.status, voided?.released], ['voided', 5]);
  assert.equal(await readHold({ id: 'NONE', account: debtor }), undefined);
});

// What the bank has told --------------------------------------------------------------------------

test('flexcube: credentials that do not count are named as such, and never shown', async (t) => {
  const credentials = { source: 'OTHER-SOURCE', user: 'GWUSER' };
  const { transfer, readParty } = await openBank(t, { credentials });
  for (const call of [() => transfer(orderOf('any')), () => readParty?.({ id: party })]) {
    await assert.rejects(
      async () => call(),
      (error) => {
        assert.ok(failsAs('unauthenticated', 'escalate')(error));
        const shown = `${String(error)} ${JSON.stringify((error as Fault).detail)}`;
        return !shown.includes('OTHER-SOURCE') && !shown.includes('GWUSER');
      },
    );
  }
  const missing = { url: 'http://127.0.0.1:1', credentials, settings: {}, now: () => 0 };
  assert.throws(() => openFlexcube(missing), { code: 'input_invalid' });
});

test('flexcube: loans are there only where the bank has switched them on', async (t) => {
  const { applyForLoan, readLoanApplication, ...rest } = await openBank(t, {
    settings: { loans: 'off' },
  });
  assert.deepEqual([applyForLoan, readLoanApplication], [undefined, undefined]);
  // What no description of its gateway has.
  assert.deepEqual(
    [rest.listEntries, rest.listParties, rest.captureHold],
    Array(3).fill(undefined),
  );
  const bank = await openBank(t);
  bank.simulator.inject({ kind: 'lost', match: 'CreateAccount' });
  const terms = { product: 'PLN1', amount: 500_000, currency: 'EUR', months: 18 };
  const loan = await bank.applyForLoan?.({ id: party, key: referenceOf('loan'), ...terms });
  assert.deepEqual([loan?.months, loan?.status], [18, 'in_review'], 'found by its number');
  assert.equal(bank.book.loans.size, 1);
});

function failsAs(of: string, leadsTo: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.deepEqual([error.detail['class'], error.detail['leads_to']], [of, leadsTo]);
    return true;
  };
}
