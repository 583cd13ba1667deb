import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { day, hold, monday, move, openBank, type Tenant, uuidOf } from '../../../test/bank.ts';
import { type PaymentAccounts, registerFacts, registerReader } from './facts.ts';
import { partyIdOf } from './parties.ts';

const bank = await openBank({ after });

type Fields = Readonly<Record<string, string>>;

async function party(tenant: Tenant, key: string, fields: Fields = {}): Promise<string> {
  const party_id = partyIdOf(tenant.id, key);
  const tokens = { name: 'tok_name_00000000000000000000000000' };
  const body = { party_id, kind: 'person', country: 'DE', tokens, ...fields };
  await tenant.execute('party.register', body);
  return party_id;
}

async function account(tenant: Tenant, holder?: string): Promise<string> {
  const account_id = await tenant.open();
  if (holder) await tenant.execute('account.link', { account_id, party_id: holder });
  return account_id;
}

function pair(debtor: string, creditor: string): PaymentAccounts {
  return {
    debtorAccountId: uuidOf('account', debtor),
    creditorAccountId: uuidOf('account', creditor),
    at: bank.time.now,
  };
}

function factsOf(tenant: Tenant, debtor: string, creditor: string) {
  return tenant.read((tx) => registerFacts(tx, pair(debtor, creditor)));
}

test('a payment is told who holds both accounts, and since when', async () => {
  const tenant = await bank.tenant();
  const ann = await party(tenant, 'ann', { household: 'hh_1', since: '2019-05-01' });
  const shop = { kind: 'organisation', country: 'FR', merchant_category: '5411' };
  const grocer = await party(tenant, 'grocer', shop);
  const [from, to] = [await account(tenant, ann), await account(tenant, grocer)];
  const common = { status: 'customer', isRescreened: false };
  assert.deepEqual(await factsOf(tenant, from, to), {
    debtor: {
      ...{ party: ann, kind: 'person', country: 'DE', since: '2019-05-01' },
      ...{ merchantCategory: null, household: 'hh_1', ...common },
    },
    creditor: {
      ...{ party: grocer, kind: 'business', country: 'FR', since: '2026-01-05' },
      ...{ merchantCategory: '5411', household: null, ...common },
    },
    debtorOpenedAt: monday,
    isKnownPayee: false,
  });
});

test('of accounts that nobody is registered for, the register knows nothing', async () => {
  const tenant = await bank.tenant();
  const [from, to] = [await account(tenant), await account(tenant)];
  const nobody = { debtor: null, creditor: null, isKnownPayee: false };
  assert.deepEqual(await factsOf(tenant, from, to), { ...nobody, debtorOpenedAt: monday });
  const elsewhere = await bank.tenant();
  assert.deepEqual(await factsOf(elsewhere, from, to), { ...nobody, debtorOpenedAt: null });
});

test('a payee is known a day after it was paid, and not by a hold alone', async () => {
  const tenant = await bank.tenant();
  const [from, to] = [await account(tenant), await account(tenant)];
  const isKnown = async () => (await factsOf(tenant, from, to)).isKnownPayee;
  await tenant.ok(hold(from, to, 10));
  assert.equal(await isKnown(), false);
  await tenant.ok(move(to, from, 10));
  assert.equal(await isKnown(), false, 'to be paid is another thing');
  await tenant.ok(move(from, to, 10));
  assert.equal(await isKnown(), false, 'a cent sent first makes nobody known');
  bank.time.now += day;
  assert.equal(await isKnown(), true);
});

test('whoever pays to an account of their own pays to a known payee', async () => {
  const tenant = await bank.tenant();
  const ann = await party(tenant, 'ann');
  const [from, to] = [await account(tenant, ann), await account(tenant, ann)];
  assert.equal((await factsOf(tenant, from, to)).isKnownPayee, true);
});

test('whoever was screened is screened anew, unless they have left or were erased', async () => {
  const tenant = await bank.tenant();
  const ann = await party(tenant, 'ann');
  const [from, to] = [await account(tenant), await account(tenant, ann)];
  const isRescreened = async () => (await factsOf(tenant, from, to)).creditor?.isRescreened;
  assert.equal(await isRescreened(), false);
  const screened = (unscreenable: boolean) =>
    bank.superuser.query(
      `insert into policy.screening_subject
         (tenant_id, subject, request, unscreenable, screening_id, list_versions)
       values ($1, $2, '{}', $3, uuidv7(), '{}')
       on conflict (tenant_id, subject, request) do update set unscreenable = $3`,
      [tenant.id, ann, unscreenable],
    );
  await screened(false);
  assert.equal(await isRescreened(), true);
  await screened(true);
  assert.equal(await isRescreened(), false);
  await screened(false);
  await tenant.execute('party.change', { party_id: ann, status: 'former', tokens: {} });
  assert.equal(await isRescreened(), false);
});

test('payments that come together are read together, each in its own tenant', async () => {
  const tenant = await bank.tenant();
  const accounts = [];
  for (const name of ['ann', 'bo', 'cy']) {
    accounts.push(await account(tenant, await party(tenant, name)));
  }
  const [one, two, three] = accounts as [string, string, string];
  const reader = registerReader(bank.planes.database.pipeline('read', 2));
  const elsewhere = await bank.tenant();
  const asked = [pair(one, two), pair(two, three), pair(three, one), pair(one, two)];
  const [strange, ...found] = await Promise.all([
    reader(elsewhere.id, pair(one, two)),
    ...asked.map((accounts) => reader(tenant.id, accounts)),
  ]);
  assert.equal(strange.debtor, null);
  const debtors = ['ann', 'bo', 'cy', 'ann'].map((name) => partyIdOf(tenant.id, name));
  assert.deepEqual(
    found.map(({ debtor }) => debtor?.party),
    debtors,
  );
});
