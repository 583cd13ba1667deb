import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault, type Json, withTx } from '#core';
import fc from 'fast-check';
import { day, monday, openBank, type Tenant } from '../../test/bank.ts';
import { consentHistory, consentsOf, haveConsent, type Purpose } from './consent.ts';

const bank = await openBank({ after });
const pool = bank.planes.database.pool('policy');
const ann = 'cus_ann00001';
const bob = 'cus_bob00001';
const email = { purpose: 'marketing', channel: 'email' } as const;
const at = (instant: number) => new Date(instant).toISOString();

function record(tenant: Tenant, status: string, more: Record<string, Json> = {}) {
  return tenant.execute('consent.record', {
    ...{ person: ann, status, source: 'branch', text_version: 'privacy-7' },
    ...(more['purpose'] === undefined ? email : {}),
    ...more,
  });
}

async function has(
  tenant: Tenant,
  purpose: Purpose = email,
  instant = bank.time.now,
  person = ann,
) {
  const asked = [{ person, ...purpose, at: instant }];
  const [found] = await withTx(pool, (tx) => haveConsent(tx, asked), { tenant: tenant.id });
  return found;
}

test('without a record there is no consent', async () => {
  assert.equal(await has(await bank.tenant()), false);
});

test('consent is to one purpose, channel or party, of one person in one tenant', async () => {
  const [tenant, other] = [await bank.tenant(), await bank.tenant()];
  await record(tenant, 'granted');
  await record(tenant, 'granted', { purpose: 'open_banking', party: 'tpp-1' });
  assert.equal(await has(tenant), true);
  assert.equal(await has(tenant, { purpose: 'open_banking', party: 'tpp-1' }), true);
  assert.equal(await has(tenant, { purpose: 'open_banking', party: 'tpp-2' }), false);
  assert.equal(await has(tenant, { purpose: 'marketing', channel: 'sms' }), false);
  assert.equal(await has(tenant, { purpose: 'ai_data_use' }), false);
  assert.equal(await has(tenant, email, bank.time.now, bob), false);
  assert.equal(await has(other), false);
});

test('a withdrawal takes effect at once, even in the instant of the consent', async () => {
  const tenant = await bank.tenant();
  const epoch = async () => {
    const { rows } = await tenant.read((tx) => tx.query('select epoch from core.tenant'));
    return rows[0].epoch;
  };
  const before = await epoch();
  await record(tenant, 'withdrawn');
  await record(tenant, 'granted');
  assert.equal(await has(tenant), false, 'whichever was recorded first');
  bank.time.now += 1;
  await record(tenant, 'granted');
  assert.equal(await has(tenant), true);
  await record(tenant, 'withdrawn');
  assert.equal(await has(tenant), false);
  assert.equal(await epoch(), before + 4n, 'whoever remembers it is told');
});

test('it counts from its effective instant until it expires or is withdrawn', async () => {
  const tenant = await bank.tenant();
  const from = monday + day;
  await record(tenant, 'granted', { effective_at: at(from), expires_at: at(from + 3 * day) });
  await record(tenant, 'withdrawn', { effective_at: at(from + 2 * day) });
  await record(tenant, 'granted', {
    ...{ purpose: 'ai_data_use', effective_at: at(from), expires_at: at(from + day) },
  });
  const told = await Promise.all(
    [-1, 0, 2 * day - 1, 2 * day].map((ms) => has(tenant, email, from + ms)),
  );
  assert.deepEqual(told, [false, true, true, false]);
  const ai = { purpose: 'ai_data_use' } as const;
  assert.deepEqual(
    await Promise.all([from + day - 1, from + day].map((ms) => has(tenant, ai, ms))),
    [true, false],
  );
});

test('what was known then can be told from what is known now', async () => {
  const tenant = await bank.tenant();
  const start = bank.time.now;
  await record(tenant, 'granted');
  bank.time.now = start + 2 * day;
  const later = { effective_at: at(start + day), source: 'post' };
  await record(tenant, 'withdrawn', later);
  bank.time.now += 1;
  await record(tenant, 'granted', { purpose: 'ai_data_use' });
  bank.time.now = start;
  const asOf = start + day;
  const read = async (basis: 'effective' | 'recorded') =>
    (await tenant.read((tx) => consentsOf(tx, ann, asOf, { basis }))).items.map(
      ({ purpose, channel, party, status, in_effect }) => [
        purpose,
        channel,
        party,
        status,
        in_effect,
      ],
    );
  assert.deepEqual(await read('effective'), [['marketing', 'email', null, 'withdrawn', false]]);
  assert.deepEqual(await read('recorded'), [['marketing', 'email', null, 'granted', true]]);
  const history = async (instant: number, page: { limit?: number; after?: string } = {}) =>
    tenant.read((tx) => consentHistory(tx, ann, instant, page));
  assert.equal((await history(asOf)).items.length, 1);
  const first = await history(start + 3 * day, { limit: 2 });
  assert.deepEqual(
    first.items.map(({ status, source, recorded_by }) => [status, source, recorded_by]),
    [
      ['granted', 'branch', 'service:test'],
      ['withdrawn', 'post', 'service:test'],
    ],
  );
  const rest = await history(start + 3 * day, { limit: 2, after: first.next as string });
  assert.deepEqual([rest.items.map(({ purpose }) => purpose), rest.next], [['ai_data_use'], null]);
});

test('what counts is read in pages, one record for each purpose', async () => {
  const tenant = await bank.tenant();
  const purposes = [
    { purpose: 'ai_data_use' },
    ...['email', 'sms'].map((channel) => ({ purpose: 'marketing', channel })),
  ];
  for (const purpose of [...purposes, ...purposes]) await record(tenant, 'granted', purpose);
  const seen: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const after: string = next;
    const page: Awaited<ReturnType<typeof consentsOf>> = await tenant.read((tx) =>
      consentsOf(tx, ann, bank.time.now, { limit: 2, after }),
    );
    seen.push(...page.items.map(({ purpose, channel }) => `${purpose} ${channel}`));
    next = page.next;
  }
  assert.deepEqual(seen, ['ai_data_use null', 'marketing email', 'marketing sms']);
});

test('no name, address or number passes for a person', async () => {
  const tenant = await bank.tenant();
  for (const person of [
    ...['ann@example.com', 'Ann Example', 'cus_ann_example', 'ann_example1', '+4915112345678'],
    ...['cus_1', 'cus_ann@example1', 'DE89370400440532013000', ''],
  ]) {
    await assert.rejects(record(tenant, 'granted', { person }), {
      constraint: 'person_is_a_token',
    });
  }
  await record(tenant, 'granted', { person: 'tok_email_8k2m4q0z7w' });
});

test('a record that contradicts itself is refused', async () => {
  const tenant = await bank.tenant();
  for (const [status, more] of [
    ['granted', { expires_at: at(bank.time.now) }],
    ['granted', { effective_at: '2026-02-30T00:00:00Z' }],
    ['withdrawn', { expires_at: at(bank.time.now + day) }],
  ] as const) {
    await assert.rejects(
      record(tenant, status, more),
      (error: unknown) => error instanceof Fault && error.code === 'invalid_request',
    );
  }
});

test('the stricter of the latest records counts, in whatever order they came', async () => {
  type Entry = { day: number; status: 'granted' | 'withdrawn'; life: number | null };
  const entry: fc.Arbitrary<Entry> = fc.record({
    day: fc.integer({ min: 0, max: 3 }),
    status: fc.constantFrom('granted', 'withdrawn'),
    life: fc.option(fc.integer({ min: 1, max: 3 })),
  });
  const expected = (entries: readonly Entry[], now: number) => {
    const latest = Math.max(...entries.map((each) => each.day).filter((each) => each <= now));
    const counted = entries.filter((each) => each.day === latest);
    return (
      counted.length > 0 &&
      counted.every(({ status, life }) => status === 'granted' && latest + (life ?? 99) > now)
    );
  };
  const tenant = await bank.tenant();
  let people = 0;
  const runs: { person: string; entries: readonly Entry[] }[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 5 }), async (entries) => {
      people += 1;
      const person = `cus_${String(people).padStart(8, '0')}`;
      for (const { day: since, status, life } of entries) {
        const isGrant = status === 'granted' && life !== null;
        await record(tenant, status, {
          ...{ person, effective_at: at(monday + since * day) },
          ...(isGrant ? { expires_at: at(monday + (since + life) * day) } : {}),
        });
      }
      runs.push({ person, entries });
      for (const now of [0, 1, 2, 3, 4]) {
        const answer = await has(tenant, email, monday + now * day, person);
        assert.equal(answer, expected(entries, now), `on day ${now}`);
      }
    }),
    { numRuns: 25 },
  );
  const questions = runs.map(({ person }) => ({ person, ...email, at: monday + 2 * day }));
  const together = await withTx(pool, (tx) => haveConsent(tx, questions), { tenant: tenant.id });
  assert.deepEqual(
    together,
    runs.map(({ entries }) => expected(entries, 2)),
  );
});
