import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Command,
  canonicalJson,
  type Consume,
  derivedUuid,
  externalId,
  type Json,
  newCommand,
  seededRandom,
} from '#core';
import { type Bank, hold, monday, move, openBank } from '../../test/bank.ts';
import { limit, submit } from '../../test/limited.ts';
import type { Leg } from './journal.ts';

test('where batches end changes no counter, and they say what still stands', async (t) => {
  const commands = limitedDay(21, 500);
  const seen = [];
  for (const size of [200, 7]) {
    const other = await openBank(t);
    await other.tenant();
    const answers: string[] = [];
    for (let from = 0; from < commands.length; from += size) {
      const batch = commands.slice(from, from + size);
      const done = await Promise.all(
        batch.map(({ command, consume }) => submit(other.planes, command, consume)),
      );
      answers.push(...done.map(({ outcome }) => canonicalJson(outcome as Json)));
    }
    seen.push({ answers, rows: await limitRows(other) });
    await assertStands(other);
  }
  const [whole, sevens] = seen;
  const count = (text: string) => whole?.answers.filter((each) => each.includes(text)).length ?? 0;
  assert.ok(count('accepted') > 60, `${count('accepted')} were accepted`);
  assert.ok(count('limit_exceeded') > 8, `${count('limit_exceeded')} were over a limit`);
  assert.deepEqual(sevens, whole);
});

async function limitRows({ superuser }: Bank) {
  const queries = [
    'select * from money.counter order by key',
    'select * from money.transfer order by id',
    'select * from money.hold order by id',
    'select * from money.account order by id',
  ];
  return Promise.all(queries.map(async (sql) => (await superuser.query(sql)).rows));
}

/** Every posting, hold and increase took its whole amount from `all`: it counts what stands. */
async function assertStands(other: Bank): Promise<void> {
  const { rows } = await other.superuser.query(
    `select (select coalesce(sum(amount), 0)::int from money.transfer t where kind = 'post'
               and not exists (select from money.transfer r where r.reverses_id = t.id))
          + (select coalesce(sum(amount - released - reversed), 0)::int from money.hold) as stands,
            (select sum(used::int) filter (where at > 1)::int
               from money.counter cross join json_each(counters::json) as c(name, counter)
               cross join json_array_elements_text(counter) with ordinality as b(used, at)
              where name like '% all') as used`,
  );
  assert.ok(rows[0].stands > 0);
  assert.equal(rows[0].used, rows[0].stands);
}

type LimitedCommand = { readonly command: Command; readonly consume: readonly Consume[] };

/** Commands of one tenant, each leg with what it takes from a wide and a narrow limit. */
function limitedDay(seed: number, count: number): LimitedCommand[] {
  const random = seededRandom(seed);
  const pick = (below: number) => random.uint32() % below;
  let now = monday;
  const list: LimitedCommand[] = [];
  const ids = { accounts: [] as string[], holds: [] as string[], transfers: [] as string[] };
  const any = (of: readonly string[]) => of[pick(of.length)] as string;
  function add(operation: string, body: Json, consume: readonly Consume[]): Command {
    const principal = { kind: 'service', id: 'test', tenant: 'bank-1' } as const;
    const input = { principal, operation, body, idempotencyKey: `day-${list.length}` };
    const command = newCommand(input, { clock: { now: () => now }, random });
    list.push({ command, consume });
    // Clients send again what they have no answer to, mostly into the same batch.
    if (pick(3) === 0) list.push({ command, consume });
    return command;
  }
  function post(leg: Leg): void {
    const takes = leg.kind === 'post' || leg.kind === 'hold' || leg.kind === 'increase';
    const amount = 'amount' in leg ? (leg.amount ?? 0) : 0;
    const window = { kind: 'sliding', seconds: 60 } as const;
    const consume = [
      limit({ limit: 'all', amount, cap: 1_000_000 }),
      limit({ limit: 'minute', key: any(['a', 'b']), window, amount, cap: 60 }),
      limit({ limit: 'count', measure: 'count', window, amount: 1, cap: 6 }),
    ];
    const { id } = add('journal.post', { legs: [leg] } as unknown as Json, takes ? consume : []);
    const first = derivedUuid(id, 'transfer', 0);
    ids.transfers.push(externalId('transfer', first));
    if (leg.kind === 'hold') ids.holds.push(externalId('hold', first));
  }
  for (const type of ['asset', 'liability', 'liability']) {
    const { id } = add('account.open', { type, currency: 'USD' }, []);
    ids.accounts.push(externalId('account', derivedUuid(id, 'account', 0)));
  }
  post(hold(ids.accounts[0] as string, ids.accounts[1] as string, 50));
  while (list.length < count) {
    now += pick(9_000) - 500;
    const [debit, credit, amount] = [any(ids.accounts), any(ids.accounts), 1 + pick(50)];
    const hold_id = any(ids.holds);
    const legs: Leg[] = [
      move(debit, credit, amount),
      hold(debit, credit, amount, now + 1 + pick(60_000)),
      hold(debit, credit, amount),
      { kind: 'increase', hold_id, amount },
      { kind: 'capture', hold_id, amount, final: pick(2) === 0 },
      { kind: 'void', hold_id },
      { kind: 'expire', hold_id },
      { kind: 'reverse', transfer_id: any(ids.transfers) },
    ];
    post(legs[pick(legs.length)] as Leg);
  }
  return list;
}
