import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type SealedEvent, withTx } from '#core';
import fc from 'fast-check';
import { openBank } from '../../../test/bank.ts';
import { caseLinks, linksPerKey } from './links.ts';

const bank = await openBank({ after });
const pool = bank.planes.database.pool('app');
let generation = 100;

type Step = { readonly payment: number; readonly device: number; readonly status: string };

function eventsOf(steps: readonly Step[]): SealedEvent[] {
  return steps.map(({ payment, device, status }, index) => {
    const told = {
      ...{ payment_id: `pay_${payment}`, command_id: `cmd_${payment}`, status, outcome: null },
      ...{ amount: 100, currency: 'EUR', device: `dev_${device}`, card: null, merchant: null },
      ...{ debtor: 'cus_1', creditor: null, debtor_account_id: 'a', creditor_account_id: 'b' },
    };
    const data = { payload: told, occurred_at: new Date(index * 1_000).toISOString() };
    return {
      ...{ position: BigInt(index + 1), tenant: 'bank', tenantPosition: BigInt(index + 1) },
      ...{ id: `${index}`, type: 'payment.posted', body: JSON.stringify({ data }) },
    };
  });
}

/** The rows that pages of that size leave behind. */
async function foldBy(events: readonly SealedEvent[], pageSize: number): Promise<string[]> {
  generation += 1;
  return withTx(pool, async (tx) => {
    for (let at = 0; at < events.length; at += pageSize) {
      await caseLinks.fold(tx, generation, events.slice(at, at + pageSize));
    }
    const { rows } = await tx.query<{ row: string }>(
      `select (to_jsonb(l) - 'generation')::text as row from reviews.case_link l
        where generation = $1 order by 1`,
      [generation],
    );
    return rows.map(({ row }) => row);
  });
}

test('the same payments are linked whatever the pages were in which they came', async () => {
  const step = fc.record({
    payment: fc.integer({ min: 0, max: 250 }),
    device: fc.integer({ min: 0, max: 1 }),
    status: fc.constantFrom('posted', 'refunded'),
  });
  const steps = fc.array(step, { minLength: 200, maxLength: 400, size: 'max' });
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 150 }), async (all, size) => {
      const events = eventsOf(all);
      assert.deepEqual(await foldBy(events, size), await foldBy(events, events.length));
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test('of each device the last payments stay, and no more of them', async () => {
  const steps = Array.from({ length: linksPerKey + 40 }, (_, payment) => ({
    ...{ payment, device: 0, status: 'posted' },
  }));
  // The oldest comes back: what happened to it last is news.
  const rows = await foldBy(eventsOf([...steps, { payment: 0, device: 0, status: 'refunded' }]), 7);
  const ofDevice = rows.map((row) => JSON.parse(row)).filter((row) => row.dimension === 'device');
  assert.equal(ofDevice.length, linksPerKey);
  const kept = new Map(ofDevice.map((row) => [row.payment_id, row.status]));
  assert.equal(kept.get('pay_0'), 'refunded');
  assert.equal(kept.has('pay_1'), false);
  assert.equal(kept.has(`pay_${linksPerKey + 39}`), true);
});
