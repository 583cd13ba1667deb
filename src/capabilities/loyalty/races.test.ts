// Redemptions, returns, expiry and maturing all at once, by two processes: no point is lost.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { consumePage } from '#core';
import { day, openBank, openServer, seal } from '../../../test/bank.ts';
import { checkPoints, type Earning, everyday, openEarning } from '../../../test/earning.ts';
import { followPoints } from '../../../test/points.ts';
import { accrual } from './accrual.ts';
import { programAccounts } from './accounts.ts';
import { clockwork } from './clockwork.ts';
import { readMember } from './members.ts';
import { redeemCommand } from './points.ts';
import type { Program } from './program/program.ts';
import { settling } from './returns.ts';
import { readStanding } from './standing.ts';

const bank = await openBank({ after });
const other = openServer({ after }, bank, { name: 'other', seed: 23 });
const both = [bank.planes, other];
const program = 'everyday';
const brief: Program = {
  ...everyday,
  pending: { days: 5 },
  expiry: { kind: 'rolling', months: 1, from: 'earning' },
};

/** Takes points as a redemption does, by what the lots say: how many, none where others won. */
async function spend({ tenant, customer }: Earning, key: string, points: number): Promise<number> {
  const seen = await tenant.read(async (tx) => ({
    accounts: await programAccounts(tx, program),
    member: await readMember(tx, program, customer),
    standing: await readStanding(tx, program, customer, { at: bank.time.now }),
  }));
  const { accounts, member, standing } = seen;
  if (!accounts || !member || standing.spendable < points) return 0;
  const by = { kind: 'service', id: 'loyalty', tenant: tenant.id } as const;
  const expects = { [member.accounts.active]: standing.active_version };
  const said = { by, key, program: accounts, member, points, reason: 'voucher', expects };
  const { outcome } = await bank.planes.execute(redeemCommand(said));
  return outcome.status === 'accepted' ? points : 0;
}

test('whoever is first, what each of them takes is there, and is taken once', async () => {
  const earning = await openEarning(bank, { document: brief });
  const { tenant, customer, buy, getBack, settle } = earning;
  const errors: unknown[] = [];
  const rounds = both.map((planes) => {
    const parts = { ...planes, onError: (error: unknown) => errors.push(error) };
    const pool = planes.database.pool('app');
    const follow = async () => void (await consumePage(accrual(parts), pool));
    return [settling(parts), clockwork(parts), follow, () => followPoints(planes)];
  });
  let spent = 0;
  for (let round = 0; round < 12; round += 1) {
    await buy(10_000, { reference: `order-${round}` });
    await buy(7_300, { reference: `order-${round}` });
    if (round > 1) await getBack(9_100, { kind: 'refund', of: `order-${round - 2}` });
    if (round > 4) await getBack(8_200, { kind: 'return', of: `order-${round - 5}` });
    await seal(bank);
    const spending = [0, 1, 2, 3].map((at) => spend(earning, `spend ${round} ${at}`, 20 + at));
    const all = rounds.flat().map((work) => work());
    const [taken] = await Promise.all([Promise.all(spending), Promise.all(all)]);
    spent += taken.reduce((sum, points) => sum + points, 0);
    bank.time.now += 4 * day;
  }
  // Beside others anybody may have lost each time; with nobody beside it, it takes them.
  await buy(100_000, { reference: 'order-last' });
  await settle();
  bank.time.now += 6 * day;
  await settle();
  assert.deepEqual(errors, []);
  const alone = await spend(earning, 'spend alone', 20);
  assert.equal(alone, 20);
  spent += alone;
  await settle();
  await checkPoints(bank);
  const at = bank.time.now;
  const found = await tenant.read((tx) => readStanding(tx, program, customer, { at }));
  assert.equal(found.lifetime_redeemed, spent);
  // What is left of each purchase, to the point, whenever its refunds came.
  assert.equal(found.lifetime_earned - found.owed <= 12 * 173 + 1_000, true);
  assert.equal(
    found.active + found.pending + found.lifetime_redeemed + found.lifetime_expired - found.owed,
    found.lifetime_earned,
  );
});
