import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { canonicalJson, type Json } from '#core';
import { figures, openBank, type Tenant } from '../../../../test/bank.ts';
import { programAccounts } from '../accounts.ts';
import { compileProgram } from '../program/compile.ts';
import type { Program } from '../program/program.ts';
import { everydayProgram } from '../program/shipped.ts';
import { carryOutRun } from './carry-out.ts';
import { listLiabilityRuns, readLiability } from './views.ts';

const bank = await openBank({ after });
const { planes, superuser, time } = bank;

/** The programme that ships; a point is worth a cent, all that is spent is revenue of the bank. */
function program(liability: NonNullable<Program['liability']>): Program {
  return { ...everydayProgram(), point_value_micros: 1_000_000, liability };
}

type Lot = {
  readonly id: string;
  readonly at: string;
  readonly points: number;
  readonly spend?: number;
  readonly customer?: string;
  readonly expires?: string;
};
type Use = {
  readonly lot: string;
  readonly at: string;
  readonly kind: string;
  readonly points: number;
};

const unused = [
  ...['spend_returned', 'returned', 'pending', 'settled', 'redeemed', 'expired', 'taken_back'],
  ...['forfeited', 'transferred', 'adjusted'],
];

/** As the projection folds them. */
async function keep({ id: tenant }: Tenant, lots: readonly Lot[], uses: readonly Use[] = []) {
  for (const { id, at, points, spend = 0, customer = 'cus_1', expires } of lots) {
    const row = {
      ...{ tenant_id: tenant, generation: 1, program: 'everyday', customer, lot_id: id },
      ...{ position: 1, entry: 'earn', qualifying: true, spend, earned_at: at, points },
      ...{ expires_at: expires ?? null, active: points },
      ...Object.fromEntries(unused.map((name) => [name, 0])),
    };
    await superuser.query(
      'insert into loyalty.lot select * from jsonb_populate_record(null::loyalty.lot, $1)',
      [JSON.stringify(row)],
    );
  }
  for (const [at, { lot, kind, points, at: usedAt }] of uses.entries()) {
    await superuser.query(
      `insert into loyalty.lot_use (tenant_id, generation, transfer_id, lot_id, program, customer,
         position, kind, points, used_at)
       values ($1, 1, $2, $3, 'everyday', 'cus_1', 2, $4, $5, $6)`,
      [tenant, `trf_${lot}_${at}_${usedAt}`, lot, kind, points, usedAt],
    );
  }
}

async function run(tenant: Tenant, document: Program, asOf: string): Promise<boolean> {
  const asked = { tenant: tenant.id, program: compileProgram(document), asOf: Date.parse(asOf) };
  return carryOutRun(planes, asked);
}

const read = (tenant: Tenant) => tenant.read((tx) => readLiability(tx, 'everyday'));

/** What the ledger says of the money of the programme, each on its own side. */
async function ledger(tenant: Tenant) {
  const accounts = await tenant.read((tx) => programAccounts(tx, 'everyday'));
  assert.ok(accounts);
  const booked = async (account: string) => (await figures(tenant, account))[0];
  return {
    liability: await booked(accounts.liability),
    redeemed: await booked(accounts.redemptionRevenue),
    breakage: await booked(accounts.breakageRevenue),
  };
}

test('a run says what is owed, and the ledger stands by it to the cent', async () => {
  time.now = Date.parse('2026-06-01T09:00:00Z');
  const tenant = await bank.tenant();
  const document = program({ policy: 'ifrs15', redemption_rate_ppm: 950_000 });
  await keep(tenant, [{ id: 'l1', at: '2026-03-10T10:00:00Z', points: 10_000, spend: 100_000 }]);
  assert.equal(await run(tenant, document, '2026-04-01T00:00:00Z'), true);
  // IFRS 15, example 52: 8,676 of 100,000.
  const first = await read(tenant);
  assert.deepEqual(
    [first?.ordinal, first?.figures.liability, first?.figures.movement, first?.posting.status],
    [1, 8_676, { deferred: 8_676, redeemed: 0, breakage: 0 }, 'posted'],
  );
  assert.deepEqual(await ledger(tenant), { liability: 8_676, redeemed: 0, breakage: 0 });
  await keep(
    tenant,
    [{ id: 'l2', at: '2026-04-02T10:00:00Z', points: 500, spend: 5_000 }],
    [
      { lot: 'l1', at: '2026-04-05T10:00:00Z', kind: 'redeemed', points: 4_500 },
      { lot: 'l1', at: '2026-04-06T10:00:00Z', kind: 'restored', points: 500 },
      { lot: 'l1', at: '2026-04-07T10:00:00Z', kind: 'expired', points: 1_000 },
    ],
  );
  assert.equal(await run(tenant, document, '2026-05-01T00:00:00Z'), true);
  const second = await read(tenant);
  assert.ok(second && second.ordinal === 2 && second.follows === 1);
  assert.deepEqual(
    second.cohorts.map(({ month, points, redeemed, lapsed }) => [month, points, redeemed, lapsed]),
    [
      ['2026-03', 10_000, 4_000, 1_000],
      ['2026-04', 500, 0, 0],
      ['2026-05', 0, 0, 0],
    ],
  );
  const { deferred, redeemed, breakage } = second.figures.movement;
  assert.ok(deferred > 0 && redeemed > 0);
  assert.equal(second.figures.liability, 8_676 + deferred - redeemed - breakage);
  const { liability, ...released } = await ledger(tenant);
  assert.equal(liability, second.figures.liability);
  assert.deepEqual(released, { redeemed, breakage });
  const runs = await tenant.read((tx) => listLiabilityRuns(tx, 'everyday', { limit: 1 }));
  assert.deepEqual([runs.items[0]?.ordinal, runs.next], [2, '2']);
});

test('the same run asked for twice, or by two at once, is one', async () => {
  const tenant = await bank.tenant();
  const document = program({ policy: 'ias37' });
  await keep(tenant, [{ id: 'l1', at: '2026-03-10T10:00:00Z', points: 1_000 }]);
  const both = [run(tenant, document, '2026-04-01T00:00:00Z')];
  both.push(run(tenant, document, '2026-04-01T00:00:00Z'));
  await Promise.all(both);
  assert.equal(await run(tenant, document, '2026-04-01T00:00:00Z'), true);
  assert.equal(await run(tenant, document, '2026-03-15T00:00:00Z'), true);
  const told = await read(tenant);
  assert.deepEqual([told?.ordinal, told?.figures.liability], [1, 800]);
  assert.equal((await ledger(tenant)).liability, 800);
});

test('what a crash leaves between a run and its journal is posted before the next', async () => {
  const tenant = await bank.tenant();
  const document = program({ policy: 'ifrs15' });
  await keep(tenant, [{ id: 'l1', at: '2026-03-10T10:00:00Z', points: 1_000, spend: 50_000 }]);
  const crashing: typeof planes.execute = (input) => {
    if (input.operation === 'journal.post') throw new Error('killed');
    return planes.execute(input);
  };
  const asked = { tenant: tenant.id, program: compileProgram(document) };
  const parts = { ...planes, execute: crashing };
  const asOf = Date.parse('2026-04-01T00:00:00Z');
  await assert.rejects(carryOutRun(parts, { ...asked, asOf }), /killed/);
  assert.equal((await ledger(tenant)).liability, 0);
  assert.equal((await read(tenant))?.posting.status, 'open');
  await run(tenant, document, '2026-05-01T00:00:00Z');
  const told = await read(tenant);
  assert.deepEqual([told?.ordinal, told?.follows, told?.posting.status], [2, 1, 'nothing']);
  assert.equal((await ledger(tenant)).liability, told?.figures.liability);
});

test('a journal that the ledger refuses is told, and the next run catches up', async () => {
  const tenant = await bank.tenant();
  const document = program({ policy: 'ifrs15' });
  await keep(tenant, [{ id: 'l1', at: '2026-03-10T10:00:00Z', points: 1_000, spend: 50_000 }]);
  await tenant.execute('period.close', { closed_through: '2026-04-30' });
  await run(tenant, document, '2026-04-01T00:00:00Z');
  const { posting, figures: owed } = (await read(tenant)) ?? assert.fail();
  assert.deepEqual([posting.status, posting.code], ['rejected', 'period_closed']);
  assert.equal((await ledger(tenant)).liability, 0);
  await run(tenant, document, '2026-05-15T00:00:00Z');
  const next = (await read(tenant)) ?? assert.fail();
  assert.deepEqual([next.follows, next.figures.movement.deferred], [null, owed.movement.deferred]);
  assert.equal((await ledger(tenant)).liability, next.figures.liability);
});

test('equal sums, terms and instants have equal digests, and equal reports', async () => {
  const [one, other] = [await bank.tenant(), await bank.tenant()];
  const lots = [{ id: 'l1', at: '2026-03-10T10:00:00Z', points: 1_000, spend: 50_000 }];
  const document = program({ policy: 'ifrs15' });
  for (const tenant of [one, other]) {
    await keep(tenant, lots);
    await run(tenant, document, '2026-04-01T00:00:00Z');
  }
  const [first, second] = [await read(one), await read(other)];
  assert.equal(first?.input_digest, second?.input_digest);
  assert.equal(canonicalJson(first?.cohorts as Json), canonicalJson(second?.cohorts as Json));
  assert.deepEqual(first?.forecast, second?.forecast);
});
