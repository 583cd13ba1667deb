import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { openBank } from '../../../test/bank.ts';
import { priorityOf, prioritySql, weightOf } from './ranking.ts';

const bank = await openBank({ after });

const risk = fc.double({ min: 0, max: 1, noNaN: true });
const amount = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const year = 366 * 86_400_000;
const age = fc.integer({ min: 0, max: year });
const promised = fc.integer({ min: 1, max: year });
const opened = Date.parse('2026-01-05T09:00Z');

test('of two cases the riskier, the larger, the older, the sooner promised is never behind', () => {
  const rank = (r: number, a: number, old: number, sla: number) =>
    priorityOf(
      { weight: weightOf({ risk: r, amount: a }), openedAt: opened, dueAt: opened + sla },
      opened + old,
    );
  const pair = <Value extends number>(of: fc.Arbitrary<Value>) =>
    fc.tuple(of, of).map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);
  fc.assert(
    fc.property(
      ...([pair(risk), pair(amount), pair(age), pair(promised)] as const),
      ([r, riskier], [a, larger], [old, older], [sooner, sla]) => {
        const base = rank(r, a, old, sla);
        assert.ok(base > 0);
        assert.ok(rank(riskier, a, old, sla) >= base, 'risk');
        assert.ok(rank(r, larger, old, sla) >= base, 'amount');
        assert.ok(rank(r, a, older, sla) >= base, 'age');
        assert.ok(rank(r, a, old, sooner) >= base, 'promise');
      },
    ),
  );
});

test('each of risk, amount and age moves a case, and a case that is due counts double', () => {
  const weight = weightOf({ risk: 0.5, amount: 10_000 });
  assert.ok(weightOf({ risk: 0.9, amount: 10_000 }) > weight);
  assert.ok(weightOf({ risk: 0.5, amount: 20_000 }) > weight);
  const ranked = { weight, openedAt: opened, dueAt: opened + 1_000 };
  assert.equal(priorityOf(ranked, opened), weight);
  assert.equal(priorityOf(ranked, opened + 1_000), 2 * weight);
  assert.equal(priorityOf(ranked, opened - 5), weight, 'before it was opened');
});

test('without a score a case counts as a doubtful one', () => {
  assert.equal(weightOf({ risk: null, amount: 100 }), weightOf({ risk: 0.5, amount: 100 }));
});

test('the database ranks as the code does', async () => {
  const cases = fc.sample(fc.tuple(risk, amount, age, promised), { numRuns: 50, seed: 1 });
  for (const [r, a, old, sla] of cases) {
    const weight = weightOf({ risk: r, amount: a });
    const [openedAt, dueAt, at] = [opened, opened + sla, opened + old];
    const { rows } = await bank.superuser.query<{ rank: string }>(
      `select ${prioritySql('$1')}::text as rank
         from (values ($2::integer, $3::timestamptz, $4::timestamptz))
           as c(weight, opened_at, due_at)`,
      [new Date(at), weight, new Date(openedAt), new Date(dueAt)],
    );
    assert.equal(Number(rows[0]?.rank), priorityOf({ weight, openedAt, dueAt }, at));
  }
});
