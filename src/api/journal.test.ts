import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openApi } from '../../test/api.ts';
import { day } from '../../test/bank.ts';
import { openTill } from '../../test/paid.ts';

const api = await openApi({ after });
const { time } = api.bank;

test('a statement is what balances say at its ends, and lists what lies between', async () => {
  const bank = await api.tenant('statements');
  const cash = await bank.open({ type: 'asset' });
  const customer = await bank.open({ holder_id: 'cus:1' });
  await bank.open({ currency: 'USD' });
  const pay = async (amount: number) => {
    time.now += day;
    const leg = { debit_account_id: cash, credit_account_id: customer, amount, currency: 'EUR' };
    const { json } = await bank.post('/v1/transfers', leg);
    return json.transfers[0].id as string;
  };
  const opened = time.now;
  const paid = [await pay(100), await pay(20), await pay(3), await pay(4)];
  time.now += 1;
  const instant = (days: number, ms = 0) => new Date(opened + days * day + ms).toISOString();
  const at = `/v1/accounts/${customer}`;

  // Half-open: the second and the third.
  const span = `from=${instant(2)}&to=${instant(4)}`;
  const { json: stated } = await bank.get(`${at}/statement?${span}&limit=1`);
  const { json: before } = await bank.get(`${at}/balances?as_of=${instant(2, -1)}`);
  const { json: end } = await bank.get(`${at}/balances?as_of=${instant(4, -1)}`);
  assert.deepEqual([stated.opening.booked, stated.closing.booked], [before.booked, end.booked]);
  assert.deepEqual(
    [stated.opening.booked, stated.credits, stated.debits, stated.closing.booked, stated.entries],
    [100, 23, 0, 123, 2],
  );
  const { json: rest } = await bank.get(`${at}/statement?${span}&after=${stated.next}`);
  assert.deepEqual([stated.items[0].amount, rest.items[0].amount, rest.next], [20, 3, null]);
  // From before it was opened until now.
  const { json: all } = await bank.get(
    `${at}/statement?from=1950-01-01T00:00:00Z&to=${instant(9)}`,
  );
  assert.deepEqual([all.opening.booked, all.closing.booked, all.entries], [0, 127, 4]);
  assert.equal((await bank.get(`${at}/statement?from=${instant(9)}`)).status, 422);

  const amounts = async (url: string) =>
    (await bank.get(url)).json.items.map(({ amount }: { amount: number }) => amount);
  assert.deepEqual(await amounts(`${at}/entries?order=desc&limit=3`), [4, 3, 20]);
  assert.deepEqual(await amounts(`${at}/entries?order=desc&after=3`), [20, 100]);
  assert.deepEqual(await amounts(`${at}/entries?${span}&order=desc`), [3, 20]);
  assert.deepEqual(await amounts(`${at}/entries?${span}`), [20, 3]);

  // The journal, of all accounts and of one, in pages.
  for (const whose of ['', `account_id=${customer}&`]) {
    const first = await bank.get(`/v1/transfers?${whose}limit=3`);
    const second = await bank.get(`/v1/transfers?${whose}limit=3&after=${first.json.next}`);
    const ids = [...first.json.items, ...second.json.items].map(({ id }) => id);
    assert.deepEqual([ids, second.json.next], [paid.toReversed(), null]);
    assert.deepEqual(await amounts(`/v1/transfers?${whose}${span}`), [3, 20]);
    assert.deepEqual(await amounts(`/v1/transfers?${whose}kind=hold`), []);
    const { command_id } = first.json.items[0];
    assert.deepEqual(await amounts(`/v1/transfers?${whose}command_id=${command_id}`), [4]);
  }
  assert.deepEqual(await amounts(`/v1/transfers?from=1950-01-01T00:00:00Z&currency=USD`), []);
  assert.equal((await bank.get(`/v1/transfers?from=${instant(3)}&to=${instant(2)}`)).status, 422);
  const stranger = await api.tenant('strangers');
  assert.deepEqual((await stranger.get(`/v1/transfers?account_id=${customer}`)).json.items, []);
  assert.equal((await stranger.get(`${at}/statement?${span}`)).status, 404);

  // Accounts by what they are, with what is booked on them.
  const listed = async (filter: string) =>
    (await bank.get(`/v1/accounts?${filter}`)).json.items.map(
      (each: { booked: number }) => each.booked,
    );
  assert.deepEqual(await listed('currency=EUR'), [127, 127]);
  assert.deepEqual(await listed('type=liability&currency=USD'), [0]);
  assert.deepEqual(await listed('status=frozen'), []);
});

test('a transfer and a hold name their payment, and what reversed them', async () => {
  const { bank, debtor, creditor, authorize, step } = await openTill(api);
  const { id } = (await authorize()).json;
  assert.equal(
    (await step(id, 'capture', { amount: 6_000, final: false, clearing_id: 'clr-1' })).status,
    201,
  );
  const path = await bank.get(`/v1/payments/${id}`);
  const [hold] = path.json.holds;
  assert.equal((await bank.get(`/v1/holds/${hold.id}`)).json.payment_id, id);
  assert.equal((await step(id, 'cancel')).status, 201);
  const own = { debit_account_id: debtor, credit_account_id: creditor, currency: 'EUR' };
  const [posted] = (await bank.post('/v1/transfers', { ...own, amount: 5 })).json.transfers;
  const [mirrored] = (await bank.post(`/v1/transfers/${posted.id}/reversal`, {})).json.transfers;

  const { items } = (await bank.get(`/v1/transfers?account_id=${creditor}`)).json;
  assert.deepEqual(
    items.map(({ kind, payment_id, reversed_by_id }: Line) => [kind, payment_id, reversed_by_id]),
    [
      ['reverse', null, null],
      ['post', null, mirrored.id],
      ['void', id, null],
      ['capture', id, null],
      ['hold', id, null],
    ],
  );
  for (const line of items) {
    assert.deepEqual((await bank.get(`/v1/transfers/${line.id}`)).json, line);
  }
});

type Line = Readonly<Record<'kind' | 'payment_id' | 'reversed_by_id', string | null>>;

test('the open holds of an account are listed by their expiry until they fall due', async () => {
  const bank = await api.tenant('holds');
  const [payer, payee] = [await bank.open({ type: 'asset' }), await bank.open()];
  const hold = async (amount: number, days?: number) => {
    const expires_at = days && new Date(time.now + days * day).toISOString();
    const move = { debit_account_id: payer, credit_account_id: payee, amount, currency: 'EUR' };
    assert.equal((await bank.post('/v1/holds', { ...move, expires_at })).status, 201);
  };
  await hold(1);
  await hold(2, 5);
  await hold(3, 2);
  const listed = async () => {
    const { items } = (await bank.get('/v1/accounts')).json;
    for (const { id, booked, pending, available } of items) {
      const { json: told } = await bank.get(`/v1/accounts/${id}/balances`);
      assert.deepEqual(
        [booked, pending, available],
        [told.booked, told.pending, told.available],
        'a list says of an account what its balances say',
      );
    }
    return items.map(({ pending }: { pending: number }) => pending);
  };
  assert.deepEqual(await listed(), [6, 6]);
  const { json: first } = await bank.get(`/v1/accounts/${payer}/holds?limit=2`);
  const { json: second } = await bank.get(`/v1/accounts/${payer}/holds?after=${first.next}`);
  const amounts = [...first.items, ...second.items].map(({ amount }) => amount);
  assert.deepEqual([amounts, second.next], [[3, 2, 1], null]);
  time.now += 2 * day;
  const { json: later } = await bank.get(`/v1/accounts/${payee}/holds`);
  assert.deepEqual(
    later.items.map(({ amount }: { amount: number }) => amount),
    [2, 1],
  );
  assert.deepEqual(await listed(), [3, 3]);
});
