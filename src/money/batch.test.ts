import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, derivedUuid, externalId, type Json, newCommand, seededRandom } from '#core';
import { type Bank, hold, monday, move, openBank } from '../../test/bank.ts';
import type { Leg } from './journal.ts';

test('where batches end changes no row and no answer', async (t) => {
  const commands = recordedDay(12, 150);
  const seen = [];
  for (const size of [commands.length, 7]) {
    const bank = await openBank(t);
    await bank.tenant();
    const answers: string[] = [];
    for (let from = 0; from < commands.length; from += size) {
      const batch = commands.slice(from, from + size);
      const decided = await Promise.all(batch.map(bank.planes.decide));
      const executed = await Promise.all(decided.map(bank.planes.engine.submit));
      answers.push(...executed.map(({ outcome }) => JSON.stringify(outcome)));
    }
    seen.push({ answers, rows: await everyRow(bank) });
  }
  const [whole, sevens] = seen;
  assert.ok((whole?.answers ?? []).filter((each) => each.includes('accepted')).length > 60);
  assert.deepEqual(sevens, whole);
});

/** What the commands left behind, in an order that does not depend on the batches. */
async function everyRow(bank: Bank): Promise<Record<string, unknown[]>> {
  const queries = {
    transfers: 'select * from money.transfer order by command_id, leg',
    accounts: 'select * from money.account order by id',
    holds: 'select * from money.hold order by id',
    terms: 'select * from money.account_terms order by account_id, recorded_at',
    events: "select type, body from core.event where type <> 'tenant.created' order by seq",
  };
  const rows: Record<string, unknown[]> = {};
  for (const [name, sql] of Object.entries(queries)) {
    rows[name] = (await bank.superuser.query(sql)).rows;
  }
  return rows;
}

/** Commands of one tenant as a log would hold them: accounts are opened and used among them. */
function recordedDay(seed: number, count: number): Command[] {
  const random = seededRandom(seed);
  const pick = (below: number) => random.uint32() % below;
  let now = monday;
  const commands: Command[] = [];
  const ids = { accounts: [] as string[], holds: [] as string[], transfers: [] as string[] };
  const any = (list: readonly string[]) => list[pick(list.length)] as string;

  function add(operation: string, body: Json): Command {
    const input = {
      principal: { kind: 'service', id: 'test', tenant: 'bank-1' } as const,
      idempotencyKey: `day-${commands.length}`,
      operation,
      body,
    };
    const command = newCommand(input, { clock: { now: () => now }, random });
    commands.push(command);
    return command;
  }
  function open(body: Json): void {
    const { id } = add('account.open', body);
    ids.accounts.push(externalId('account', derivedUuid(id, 'account', 0)));
  }
  function post(leg: Leg): void {
    const { id } = add('journal.post', { legs: [leg] } as unknown as Json);
    const first = derivedUuid(id, 'transfer', 0);
    ids.transfers.push(externalId('transfer', first));
    if (leg.kind === 'hold') ids.holds.push(externalId('hold', first));
  }
  const someLeg = (): Leg => {
    const [debit, credit, amount] = [any(ids.accounts), any(ids.accounts), 1 + pick(50)];
    const hold_id = any(ids.holds);
    const legs: Leg[] = [
      move(debit, credit, amount),
      move(debit, credit, amount),
      hold(debit, credit, amount, now + 1 + pick(200)),
      hold(debit, credit, amount),
      { kind: 'increase', hold_id, amount },
      { kind: 'capture', hold_id, amount, final: pick(2) === 0 },
      { kind: 'void', hold_id },
      { kind: 'expire', hold_id },
      { kind: 'reverse', transfer_id: any(ids.transfers) },
    ];
    return legs[pick(legs.length)] as Leg;
  };

  open({ type: 'asset', currency: 'USD' });
  for (const bound of ['no_overdraft', 'no_overdraft', 'none']) {
    open({ type: 'liability', currency: 'USD', bound });
  }
  open({ type: 'liability', currency: 'USD', bound: 'credit_limit', credit_limit: 100 });
  for (const account of ids.accounts.slice(1)) post(move(ids.accounts[0] as string, account, 200));
  post(hold(ids.accounts[1] as string, ids.accounts[2] as string, 50));
  while (commands.length < count) {
    // The clock of another server may lag behind.
    now += pick(12) - 2;
    const status = pick(3) === 0 ? 'frozen' : 'open';
    if (pick(12) > 0) post(someLeg());
    else add('account.change', { account_id: any(ids.accounts), status });
  }
  return commands;
}
