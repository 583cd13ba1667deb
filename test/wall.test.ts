// The wall around the AI plane, tried from three sides: its imports, its role, its payloads.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { detect } from '#privacy';
import fc from 'fast-check';
import { readInputs, vectorOf } from '../src/ai/scoring/inputs.ts';
import { openBank } from './bank.ts';
import { cardOf } from './scored.ts';

const bank = await openBank({ after });
const project = fileURLToPath(new URL('..', import.meta.url));

test('no file of the AI plane imports money, nor anything that could post', () => {
  const code = globSync('src/ai/**/*.ts', { cwd: project });
  assert.ok(code.length > 20);
  const reaches = code.flatMap((file) => {
    const text = readFileSync(join(project, file), 'utf8');
    const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, to]) => to!);
    return targets.filter((to) => {
      if (!to.startsWith('.')) return /^#(money|main|facts|operations|api|background)$/.test(to);
      // A relative path that leaves the module leaves by no door; tests may use test helpers.
      const target = join(dirname(file), to);
      return (
        !target.startsWith('src/ai/') && !(file.endsWith('.test.ts') && target.startsWith('test/'))
      );
    });
  });
  assert.deepEqual(reaches, []);
});

test('the role of the AI plane has no grant on money or policy, and writes nothing', async () => {
  const { rows } = await bank.superuser.query<{ what: string }>(
    `select n.nspname || ' ' || p.privilege as what
       from pg_namespace n cross join unnest('{usage,create}'::text[]) as p(privilege)
      where (n.nspname in ('money', 'policy', 'privacy') or p.privilege = 'create')
        and n.nspname !~ '^pg_'
        and has_schema_privilege('countersign_ai', n.oid, p.privilege)
     union all
     select c.oid::regclass || ' ' || p.privilege
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       cross join unnest('{select,insert,update,delete,truncate}'::text[]) as p(privilege)
      where c.relkind in ('r', 'p', 'v', 'm') and n.nspname !~ '^(pg_|information_schema)'
        and (n.nspname in ('money', 'policy', 'privacy') or p.privilege <> 'select')
        and has_table_privilege('countersign_ai', c.oid, p.privilege)
     union all
     select p.oid::regprocedure::text
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname in ('money', 'policy', 'privacy')
        and has_function_privilege('countersign_ai', p.oid, 'execute')`,
  );
  assert.deepEqual(rows, []);
});

test('what a model is given is numbers, whatever personal values callers mix in', () => {
  const personal = fc.constantFrom(
    'Jane Roe',
    'DE89370400440532013000',
    '4111111111111111',
    'jane.roe@example.com',
    '+4915112345678',
    'mobile',
  );
  const value = fc.oneof(
    personal,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(personal),
  );
  const names = ['amount_home', 'channel', 'account.count_1h', 'holder', 'iban'];
  const values = fc.dictionary(fc.constantFrom(...names), value);
  const card = cardOf();
  fc.assert(
    fc.property(values, values, values, (facts, inputs, features) => {
      const reading = readInputs(card, { facts, inputs } as never, features as never);
      const told = JSON.stringify(reading.values);
      assert.deepEqual(
        Object.keys(reading.values),
        card.inputs.map(({ name }) => name),
      );
      for (const each of Object.values(reading.values)) {
        assert.ok(each === null || Number.isFinite(each), told);
      }
      assert.deepEqual(detect(told.replaceAll(/-?\d+(\.\d+)?(e[+-]?\d+)?/g, '0')), []);
      assert.equal(vectorOf(card, reading).length, card.inputs.length);
    }),
  );
});
