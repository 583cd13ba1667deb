// The vault on a real database: one token per value, who is found, and erasure.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { ann, bob, fault, openTestVault } from '../../test/vault.ts';
import { type FieldClass, fieldClassNames, fieldClasses } from './classes.ts';
import { isToken } from './token.ts';
import { itemsMax, type PersonalValue, valueMax } from './vault.ts';

const { superuser, vault, open, newTenant, count } = await openTestVault({ after });

test('a value has one token for each person, and comes back by it', async () => {
  const tenant = newTenant();
  const items = [ann, bob, ann, { ...ann, class: 'free_text' as const }];
  const tokens = await vault.tokenize(tenant, items);
  assert.ok(tokens.every(isToken));
  assert.match(tokens[0]!, /^tok_mail_/);
  assert.equal(tokens[0], tokens[2]);
  assert.equal(new Set(tokens).size, 3);
  assert.deepEqual(await vault.tokenize(tenant, items), tokens, 'a retry gets the same');
  assert.deepEqual(await open().tokenize(tenant, items), tokens, 'of another process too');
  const values = await vault.detokenize(tenant, [...tokens].reverse());
  assert.deepEqual(
    values,
    Array.from({ length: 4 }, () => ann.value),
  );
  // Whose they are is asked without a key.
  const { owns } = open({ keyring: { vaultKeys: { currentId: '', secret: () => undefined } } });
  const [hers, his, same, ...others] = tokens;
  assert.ok(await owns(tenant, ann.person, [hers!, same!, ...others]));
  for (const wrong of [[his!], [hers!, his!], ['tok_mail_'], ['']]) {
    assert.ok(!(await owns(tenant, ann.person, wrong)), wrong.join());
  }
  assert.ok(!(await owns(newTenant(), ann.person, [hers!])));
});

test('one value in two spellings has one token, and comes back as it came first', async () => {
  const tenant = newTenant();
  const pan = (value: string): PersonalValue => ({ person: 'cus_ann', class: 'pan', value });
  const [spaced, plain] = await vault.tokenize(tenant, [
    pan('4111 1111 1111 1111'),
    pan('4111111111111111'),
  ]);
  assert.equal(spaced, plain);
  const [again] = await vault.tokenize(tenant, [pan('4111-1111-1111-1111')]);
  assert.equal(again, spaced);
});

test('whatever goes in comes out', async () => {
  const tenant = newTenant();
  const values = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }), {
    maxLength: 20,
  });
  const classes = fc.constantFrom(...fieldClassNames);
  await fc.assert(
    fc.asyncProperty(values, classes, fc.uuid(), async (list, fieldClass, person) => {
      const { normalize } = fieldClasses[fieldClass];
      const whole = list.filter((value) => value.isWellFormed());
      const items = whole.map((value) => ({ person, class: fieldClass, value }));
      const tokens = await vault.tokenize(tenant, items);
      const back = await vault.detokenize(tenant, tokens);
      assert.deepEqual(
        back.map((value) => normalize(value ?? '')),
        whole.map((value) => normalize(value)),
      );
      assert.equal(new Set(tokens).size, new Set(whole.map((value) => normalize(value))).size);
    }),
    { numRuns: 30 },
  );
});

test('tokens are made once, however many ask at a time', async () => {
  const tenant = newTenant();
  const items = Array.from({ length: 40 }, (_, at) => ({
    person: `cus_${at % 7}`,
    class: 'phone' as const,
    value: `+4917012345${at}`,
  }));
  const vaults = [vault, open(), open()];
  const shuffled = [items, [...items].reverse(), items.slice(10), items.slice(0, 30)];
  const answers = await Promise.all(
    shuffled.map(async (list, at) => {
      const tokens = await (vaults[at % 3] ?? vault).tokenize(tenant, list);
      return new Map(list.map(({ value }, index) => [value, tokens[index]]));
    }),
  );
  for (const { value } of items) {
    const given = answers.map((answer) => answer.get(value)).filter((token) => token !== undefined);
    assert.equal(new Set(given).size, 1, value);
  }
  assert.equal(await count('token', tenant), 40);
  assert.equal(await count('person_key', tenant), 7);
});

test('who shares an email is found, and who shares a name is not', async () => {
  const tenant = newTenant();
  const tokens = await vault.tokenize(tenant, [ann, bob, { ...ann, class: 'name' }]);
  const shared = { class: 'email', value: 'ANN@example.com ' } as const;
  const [first, second] = [
    { person: 'cus_ann', token: tokens[0] },
    { person: 'cus_bob', token: tokens[1] },
  ];
  assert.deepEqual(await vault.find(tenant, shared), [first, second]);
  assert.deepEqual(await vault.find(tenant, shared, 'cus_ann'), [second]);
  assert.deepEqual(await vault.find(newTenant(), shared), []);
  const name = vault.find(tenant, { class: 'name', value: ann.value });
  await assert.rejects(name, fault('input_invalid'));
});

test('only of searchable classes do rows tell that two persons share a value', async () => {
  const tenant = newTenant();
  for (const fieldClass of fieldClassNames) {
    await vault.tokenize(
      tenant,
      [ann, bob].map((item) => ({ ...item, class: fieldClass })),
    );
  }
  const { rows } = await superuser.query<{ class: FieldClass; digests: number }>(
    `select class, count(distinct digest)::int as digests from privacy.token
      where tenant_id = $1 group by 1`,
    [tenant],
  );
  for (const row of rows) {
    assert.equal(row.digests, fieldClasses[row.class].isSearchable ? 1 : 2, row.class);
  }
  const all = await superuser.query('select distinct digest from privacy.token');
  const own = await superuser.query(
    'select distinct digest from privacy.token where tenant_id = $1',
    [tenant],
  );
  assert.ok(own.rows.length < all.rows.length);
});

test('an erased person is gone, and nobody else is', async () => {
  const tenant = newTenant();
  const tokens = await vault.tokenize(tenant, [ann, { ...ann, class: 'name' }, bob]);
  assert.equal(await vault.erase(tenant, 'cus_ann'), 2);
  const values = await vault.detokenize(tenant, tokens);
  assert.deepEqual(values, [undefined, undefined, bob.value]);
  assert.equal(await vault.erase(tenant, 'cus_ann'), 0, 'a retry finds nothing');
  assert.equal(await count('person_key', tenant), 1);
  assert.equal(await count('token', tenant), 1);
  const [anew] = await vault.tokenize(tenant, [ann]);
  assert.notEqual(anew, tokens[0], 'who comes back has other tokens');
  assert.deepEqual(await vault.detokenize(tenant, [tokens[0]!]), [undefined]);
});

test('erasing while others tokenize leaves either the whole value or none', async () => {
  const tenant = newTenant();
  for (let round = 0; round < 10; round += 1) {
    const [tokens] = await Promise.all([
      vault.tokenize(tenant, [ann, bob, { ...ann, class: 'name' }]),
      vault.erase(tenant, 'cus_ann'),
      vault.tokenize(tenant, [bob, ann]),
      vault.erase(tenant, 'cus_ann'),
    ]);
    const [first, second] = await vault.detokenize(tenant, tokens);
    for (const value of [first, second]) assert.ok(value === undefined || value === ann.value);
  }
  await vault.erase(tenant, 'cus_ann');
  assert.equal(await count('person_key', tenant), 1);
});

test('what cannot be kept is refused, and the fault does not tell the value', async () => {
  const tenant = newTenant();
  const secret = 'secret-value';
  const bad: PersonalValue[] = [
    { ...ann, value: '' },
    { ...ann, value: secret.repeat(valueMax) },
    { ...ann, value: `${secret}\ud800` },
    { ...ann, person: '', value: secret },
    { ...ann, person: 'Ann Lee', value: secret },
  ];
  for (const item of bad) {
    await assert.rejects(
      vault.tokenize(tenant, [item]),
      (error: Error) => fault('input_invalid')(error) && !error.message.includes(secret),
    );
  }
  const many = Array.from({ length: itemsMax + 1 }, () => ann);
  await assert.rejects(vault.tokenize(tenant, many), fault('too_many_items'));
  await assert.rejects(
    vault.detokenize(
      tenant,
      many.map(() => 'x'),
    ),
    fault('too_many_items'),
  );
  assert.equal(await count('person_key', tenant), 0);
});
