import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { importCore, openMirror } from '#cores';
import { createBook, seedBook } from '../../../simulators/cores/book.ts';
import { openBank } from '../../../test/bank.ts';
import { bookAdapter } from '../../../test/book-adapter.ts';
import { assertAgrees, mirroredBank } from '../../../test/mirrored.ts';

const bank = await openBank({ after });

function bookOf(parties: number, accounts: number) {
  const book = createBook({ now: () => bank.time.now });
  const id = (at: number) => String(at).padStart(6, '0');
  seedBook(book, {
    parties: Array.from({ length: parties }, (_, at) => ({
      id: `P${id(at)}`,
      name: `Person Number ${at}`,
    })),
    accounts: Array.from({ length: accounts }, (_, at) => ({
      id: `A${id(at)}`,
      party: `P${id(at % parties)}`,
      currency: at % 3 === 0 ? 'USD' : 'EUR',
      balance: at % 5 === 0 ? -at : at * 100,
      overdraft: 10_000,
    })),
  });
  return book;
}

test('parties, products and accounts of the core become ours, with what is on them', async () => {
  const book = bookOf(5, 12);
  const of = await mirroredBank(bank, bookAdapter(book));
  assert.deepEqual(await of.import(), { parties: 5, accounts: 12, opened: 12, left: 0 });
  await assertAgrees(of, book);
  const { rows } = await bank.superuser.query<{ name_token: string; product: string }>(
    `select p.name_token, pr.name as product from register.account_party h
       join register.party p on p.tenant_id = h.tenant_id and p.id = h.party_id
       join register.arrangement g on g.tenant_id = h.tenant_id and g.account_id = h.account_id
       join register.product pr on pr.tenant_id = g.tenant_id and pr.id = g.product_id
      where h.tenant_id = $1 and h.role = 'holder'`,
    [of.tenant.id],
  );
  assert.equal(rows.length, 12);
  assert.ok(rows.every(({ product }) => product === 'Product CURRENT'));
  const [name] = await bank.planes.vault.detokenize(of.tenant.id, [rows[0]?.name_token ?? '']);
  assert.match(name ?? '', /^Person Number \d$/);
  const written = await bank.superuser.query(
    `select from core.command where tenant_id = $1 and body ~ 'Person Number|mail.example'`,
    [of.tenant.id],
  );
  assert.equal(written.rowCount, 0, 'commands hold tokens alone');
});

test('an import that is done changes nothing when it is run again', async () => {
  const book = bookOf(3, 6);
  const of = await mirroredBank(bank, bookAdapter(book));
  await of.import();
  const before = await of.counts();
  assert.deepEqual(await of.import(), { parties: 3, accounts: 6, opened: 0, left: 0 });
  assert.deepEqual(await of.counts(), before);
});

test('an import that is killed anywhere goes on, and books no opening twice', async () => {
  const book = bookOf(4, 8);
  const adapter = bookAdapter(book);
  const of = await mirroredBank(bank, adapter);
  const { execute } = bank.planes;
  let killed = 0;
  for (let kills = 1; kills < 100; kills += 1) {
    let left = kills;
    const mirror = openMirror({
      ...of.mirror,
      adapter,
      execute: async (input) => {
        left -= 1;
        if (left < 0) throw new Error('killed before');
        const isLast = left === 0;
        const done = await execute(input);
        if (isLast && kills % 2 === 0) throw new Error('killed behind');
        return done;
      },
    });
    // Money comes in meanwhile: the core does not wait for us.
    const busy = book.accounts.get('A000001');
    if (busy && kills === 10) busy.booked += 77;
    const done = await importCore(mirror).catch((error: Error) => error.message);
    if (typeof done !== 'string') break;
    killed += 1;
  }
  assert.ok(killed > 5 && killed < 98, `killed ${killed} times`);
  await of.import();
  await assertAgrees(of, book);
  const { rows } = await bank.superuser.query<{ accounts: number; parties: number }>(
    `select (select count(*)::int from money.account where tenant_id = $1) as accounts,
            (select count(*)::int from register.party where tenant_id = $1) as parties`,
    [of.tenant.id],
  );
  assert.deepEqual(rows, [{ accounts: 8 + 2, parties: 4 }], 'and two accounts of clearing');
});

test('a core that cannot list its parties is asked for those that are named', async () => {
  const book = bookOf(3, 3);
  const { listParties: _none, ...operations } = bookAdapter(book).operations;
  const adapter = { ...bookAdapter(book), operations };
  const of = await mirroredBank(bank, adapter);
  await assert.rejects(of.import, /give their ids/);
  const parties = ['P000000', 'P000002'];
  assert.deepEqual(await importCore(of.mirror, { parties }), {
    ...{ parties: 2, accounts: 2, opened: 2, left: 0 },
  });
});

test('closed accounts stay where they are, and blocked ones are frozen', async () => {
  const book = bookOf(2, 3);
  const [first, second] = [...book.accounts.values()];
  assert.ok(first && second);
  first.status = 'closed';
  second.status = 'blocked';
  const of = await mirroredBank(bank, bookAdapter(book));
  assert.deepEqual(await of.import(), { parties: 2, accounts: 3, opened: 2, left: 0 });
  await assertAgrees(of, book);
  const { rows } = await bank.superuser.query<{ status: string }>(
    `select status from money.account where tenant_id = $1 and type = 'liability'
      order by status`,
    [of.tenant.id],
  );
  assert.deepEqual(rows, [{ status: 'frozen' }, { status: 'open' }]);
});
