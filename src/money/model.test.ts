import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { type Bank, openBank, type Posted, type Tenant, uuidOf } from '../../test/bank.ts';
import {
  type ModelAccount,
  type ModelLedger,
  type ModelLeg,
  modelPost,
} from '../../test/model-ledger.ts';
import type { Leg, Outcome } from './journal.ts';

const bank: Bank = await openBank({ after });

/** Names an account, hold or posting that does not exist. */
const nowhere = 99;
const euros = 6;
const dollars = fc.uniqueArray(fc.nat(5), { minLength: 2, maxLength: 2 });
const accounts = fc
  .oneof(
    { arbitrary: dollars, weight: 30 },
    fc.array(fc.constantFrom(0, 3, euros, nowhere), { minLength: 2, maxLength: 2 }),
  )
  .map(([debit, credit]) => ({ debit, credit }));
const amount = fc.integer({ min: 1, max: 60 });
const index = fc.nat(30);
const leg: fc.Arbitrary<ModelLeg> = fc.oneof(
  { arbitrary: move('post', {}), weight: 4 },
  {
    arbitrary: move('hold', { due: fc.integer({ min: 0, max: 120 }) }),
    weight: 4,
  },
  fc.record({ kind: fc.constant('increase'), hold: index, amount }),
  {
    arbitrary: fc.record({
      kind: fc.constant('capture'),
      hold: index,
      amount,
      final: fc.boolean(),
    }),
    weight: 2,
  },
  fc.record({ kind: fc.constantFrom('void', 'expire'), hold: index }),
  fc.record({ kind: fc.constant('reverse'), posting: index }),
) as fc.Arbitrary<ModelLeg>;

function move(kind: string, more: Record<string, fc.Arbitrary<number>>) {
  const rest = fc.record({ kind: fc.constant(kind), amount, ...more });
  return fc.tuple(accounts, rest).map(([sides, fields]) => ({ ...sides, ...fields }));
}

type Step =
  | { readonly kind: 'post'; readonly legs: ModelLeg[] }
  | { readonly kind: 'change'; readonly account: number; readonly status: 'open' | 'frozen' }
  | { readonly kind: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('post' as const),
      legs: fc.oneof(
        { arbitrary: fc.tuple(leg), weight: 4 },
        fc.array(leg, { minLength: 2, maxLength: 4 }),
      ),
    }),
    weight: 15,
  },
  fc.record({
    kind: fc.constant('change' as const),
    account: fc.nat(6),
    status: fc.constantFrom('open' as const, 'open' as const, 'frozen' as const),
  }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }),
);

test('PostgreSQL and a ledger of a hundred lines agree on every answer and balance', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const run = await openRun();
      for (const each of steps) await takeStep(run, each);
      await compareBalances(run);
    }),
    { numRuns: 12 },
  );
});

type Run = {
  readonly tenant: Tenant;
  readonly model: ModelLedger;
  readonly ids: string[];
  readonly holds: string[];
  readonly postings: string[];
};

async function openRun(): Promise<Run> {
  const tenant = await bank.tenant();
  const opened: [Partial<ModelAccount>, Record<string, string | number>][] = [
    [{ debitNormal: true }, { type: 'asset' }],
    [
      { debitNormal: true, bound: 'no_overdraft' },
      { type: 'asset', bound: 'no_overdraft' },
    ],
    [{}, {}],
    [{ bound: 'no_overdraft' }, { bound: 'no_overdraft' }],
    [{ bound: 'no_overdraft' }, { bound: 'no_overdraft' }],
    [
      { bound: 'credit_limit', limit: 50 },
      { bound: 'credit_limit', credit_limit: 50 },
    ],
    [{ currency: 'EUR' }, { currency: 'EUR' }],
  ];
  const empty = { debits: 0, credits: 0, debitsHeld: 0, creditsHeld: 0, limit: 0 };
  const model: ModelLedger = {
    accounts: opened.map(([fields]) => ({
      debitNormal: false,
      currency: 'USD',
      status: 'open',
      bound: 'none',
      ...empty,
      ...fields,
    })),
    holds: [],
    postings: [],
  };
  const ids: string[] = [];
  for (const [, body] of opened) ids.push(await tenant.open(body));
  const run: Run = { tenant, model, ids, holds: [], postings: [] };
  const funding = [1, 3, 4, 5].map((number): ModelLeg => {
    const sides = number === 1 ? { debit: 1, credit: 0 } : { debit: 0, credit: number };
    return { kind: 'post', ...sides, amount: 100 };
  });
  await takeStep(run, { kind: 'post', legs: funding });
  return run;
}

async function takeStep(run: Run, step: Step): Promise<void> {
  const { tenant, model, ids } = run;
  switch (step.kind) {
    case 'wait':
      bank.time.now += step.ms;
      return;
    case 'change': {
      const outcome = await tenant.change(ids[step.account] as string, { status: step.status });
      assert.deepEqual(outcome, { status: 'accepted' });
      (model.accounts[step.account] as ModelAccount).status = step.status;
      // A change takes the account's next millisecond: postings after it stand there as well.
      bank.time.now += 1;
      return;
    }
    case 'post': {
      const now = bank.time.now;
      const legs = step.legs.map((each) => settled(run, each, now));
      const real = legs.map((each) => realLeg(run, each));
      const why = modelPost(model, legs, now);
      const posted = await tenant.post(real);
      const expected = why ? { status: 'rejected', ...why } : { status: 'accepted' };
      assert.deepEqual(posted.outcome, expected as Outcome, JSON.stringify(legs));
      if (!why) remember(run, legs, posted);
    }
  }
}

/** Expiries lie around now. A leg names what stood before its journal, or now and then nothing. */
function settled({ holds, postings }: Run, leg: ModelLeg, now: number): ModelLeg {
  if (leg.kind === 'hold') return { ...leg, due: now - 5 + leg.due };
  if (leg.kind === 'post') return leg;
  const pick = (number: number, count: number) => {
    const place = number % (count + 1);
    return place === count ? nowhere : place;
  };
  if (leg.kind === 'reverse') return { ...leg, posting: pick(leg.posting, postings.length) };
  return { ...leg, hold: pick(leg.hold, holds.length) };
}

function remember({ holds, postings }: Run, legs: readonly ModelLeg[], posted: Posted): void {
  for (const [place, { kind }] of legs.entries()) {
    const id = posted.transfers[place] as string;
    if (kind === 'hold') holds.push(id.replace('trf', 'hld'));
    if (kind === 'post' || kind === 'capture') postings.push(id);
  }
}

function realLeg({ ids, holds, postings }: Run, leg: ModelLeg): Leg {
  const none = '00000000000000000000000000';
  const accountAt = (number: number) => ids[number] ?? `acc_${none}`;
  const currency = 'USD';
  switch (leg.kind) {
    case 'post':
    case 'hold': {
      const { kind, debit, credit, amount } = leg;
      const sides = { debit_account_id: accountAt(debit), credit_account_id: accountAt(credit) };
      if (kind === 'post') return { kind, ...sides, amount, currency };
      const expires_at = new Date(leg.due).toISOString();
      return { kind, ...sides, amount, currency, expires_at };
    }
    case 'reverse':
      return { kind: 'reverse', transfer_id: postings[leg.posting] ?? `trf_${none}` };
    default: {
      const { hold, ...rest } = leg;
      return { ...rest, hold_id: holds[hold] ?? `hld_${none}` };
    }
  }
}

async function compareBalances({ tenant, model, ids }: Run): Promise<void> {
  const { rows } = await tenant.read((tx) =>
    tx.query(
      `select debits_posted as debits, credits_posted as credits, debits_pending as "debitsHeld",
              credits_pending as "creditsHeld", status
         from unnest($1::uuid[]) with ordinality as w(id, place)
         join money.account a using (id) order by place`,
      [ids.map((id) => uuidOf('account', id))],
    ),
  );
  const expected = model.accounts.map(({ debits, credits, debitsHeld, creditsHeld, status }) => ({
    debits: BigInt(debits),
    credits: BigInt(credits),
    debitsHeld: BigInt(debitsHeld),
    creditsHeld: BigInt(creditsHeld),
    status,
  }));
  assert.deepEqual(rows, expected);
}
