import assert from 'node:assert/strict';
import { after } from 'node:test';
import { newCommand } from '#core';
import type { PostingItem } from '#money';
import { openBank, type Tenant } from '../../../test/bank.ts';
import { customersAtCore } from '../../../test/customer-at-core.ts';
import { movingAdapter } from '../../../test/moving-adapter.ts';
import { createBook } from '../../../simulators/cores/book.ts';
import { coreContract } from '../contract.ts';

const book = createBook({ now: () => bank.time.now });
const adapter = movingAdapter(book);
const bank = await openBank({ after }, { adapter });
const core = bank.planes.mirrored?.core;
assert.ok(core);

async function itemOf(tenant: Tenant, legs: readonly object[], key: string): Promise<PostingItem> {
  const principal = { kind: 'service', id: 'test', tenant: tenant.id } as const;
  const asked = { principal, operation: 'journal.post', idempotencyKey: key };
  return bank.planes.decide(newCommand({ ...asked, body: { legs } as never }, bank.planes));
}

const openCustomer = customersAtCore({ bank, book, adapter });

coreContract('mirrored', async () => {
  const { tenant, debtor, creditor, owner: party } = await openCustomer(10_000);
  return {
    core,
    ...{ tenant: tenant.id, debtor, creditor, party, currency: 'EUR', funds: 10_000 },
    item: (legs, key) => itemOf(tenant, legs, key),
    async deaf(work) {
      adapter.trouble.push('lost');
      try {
        return await work(core);
      } finally {
        adapter.trouble.length = 0;
      }
    },
  };
});
