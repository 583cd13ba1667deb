// Who counts as a payer: whose the account is, and never whoever orders from it.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, test } from 'node:test';
import { type Caller, openApi } from '../../test/api.ts';
import {
  ann,
  ben,
  enrolApp,
  enrolDevice,
  openPayerBank,
  order,
  type PayerBank,
  tell,
} from '../../test/payers.ts';

const api = await openApi({ after });
const paying = ['payments:read', 'payments:write'];
const enrolling = ['authenticators:read', 'authenticators:write'];

/** The bank as somebody else sees it, who orders and enrols himself. */
async function as(bank: PayerBank, who: string, scopes: readonly string[]): Promise<PayerBank> {
  const own = await api.issue(bank.boss, who, { scopes });
  return { ...bank, boss: { ...own, open: bank.boss.open }, channel: own };
}

type Device = Awaited<ReturnType<typeof enrolDevice>>;

async function agree({ boss }: PayerBank, payment: string, { id, sign: signed }: Device) {
  const { json } = await boss.get(`/v1/payments/${payment}/step-up`);
  const proof = { authenticator_id: id, signature: signed(json.text_to_sign) };
  return boss.post(`/v1/payments/${payment}/step-up`, proof);
}

/** A customer of the register, who holds the account in that role. */
async function holder(
  { boss, debtor }: Pick<PayerBank, 'boss' | 'debtor'>,
  role: string,
): Promise<string> {
  const made = await boss.post('/v1/parties', {
    ...{ kind: 'person', name: 'Somebody', country: 'DE', status: 'customer' },
    ...{ segment: 'person', since: '2020-01-01' },
  });
  assert.equal(made.status, 201, made.text);
  const { party_id } = made.json;
  await link({ boss, debtor }, party_id, role);
  return party_id;
}

async function link({ boss, debtor }: Pick<PayerBank, 'boss' | 'debtor'>, id: string, as: string) {
  const linked = await boss.post(`/v1/accounts/${debtor}/party`, { party_id: id, role: as });
  assert.equal(linked.status, 201, linked.text);
}

/** What a person orders by hand is believed in nothing: the register has to know the payee. */
async function orderByHand(clerk: PayerBank, bank: PayerBank, debtor: string): Promise<string> {
  const creditor_account_id = await bank.boss.open();
  const payee = await holder({ boss: bank.boss, debtor: creditor_account_id }, 'holder');
  await api.bank.superuser.query(
    `insert into policy.screening_subject
       (tenant_id, subject, request, unscreenable, screening_id, list_versions)
     values ($1, $2, '{}', false, uuidv7(), '{}')`,
    [bank.id, payee],
  );
  const facts = { local_hour: 14, new_device: false };
  return order(clerk, { debtor, creditor_account_id, facts });
}

async function reasonOf(reply: Promise<{ readonly status: number; readonly json: any }>) {
  const { status, json } = await reply;
  return [status, json.reason ?? json.status];
}

test('a key that orders payments neither enrols, nor lists, nor revokes for anybody', async () => {
  const bank = await openPayerBank(api);
  const anns = await enrolDevice(bank);
  const app = await enrolApp(bank, ben);
  const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const device = { subject: 'cus_invented', kind: 'signature', public_key: jwk };
  const refused = async (caller: Caller) => {
    for (const reply of [
      caller.post('/v1/authenticators', device),
      caller.post(`/v1/authenticators/${app.id}/confirm`, { code: '123456' }),
      caller.post(`/v1/authenticators/${anns.id}/revoke`, {}),
      caller.get(`/v1/authenticators?subject=${ann}`),
    ]) {
      assert.deepEqual(tell(await reply), [403, 'forbidden']);
    }
  };
  await refused((await as(bank, 'user:clerk', paying)).boss);
  await refused((await as(bank, 'service:till', paying)).boss);
  // No role that a partner or an agent may have changes that.
  for (const [who, role] of [
    ['partner:shop', 'partner_app'],
    ['agent:copilot', 'agent'],
  ] as const) {
    await bank.boss.post('/v1/roles', { principal: who, role });
    await refused((await as(bank, who, [...paying, ...enrolling])).boss);
  }
  assert.equal((await bank.boss.get(`/v1/authenticators?subject=${ann}`)).json.items.length, 1);
});

test('whom a person names in an order confirms nothing, if the register knows nobody', async () => {
  const bank = await openPayerBank(api);
  const clerk = await as(bank, 'user:clerk', [...paying, ...enrolling]);
  const payment = await orderByHand(clerk, bank, 'cus_invented');
  const own = await enrolDevice(clerk, 'ed25519', 'cus_invented');
  const others = await enrolDevice(bank, 'ed25519', 'cus_invented');
  for (const device of [own, others]) {
    assert.deepEqual(await reasonOf(agree(clerk, payment, device)), [409, 'payer_unknown']);
  }
  const { json } = await bank.boss.get(`/v1/payments/${payment}/step-up`);
  assert.deepEqual([json.status, json.attempts_left], ['waiting', 5]);
});

test('the holders of an account agree, whomever the order names', async () => {
  const bank = await openPayerBank(api);
  const [one, joint] = [await holder(bank, 'holder'), await holder(bank, 'joint_holder')];
  const named = await enrolDevice(bank);
  for (const party of [one, joint]) {
    const payment = await order(bank, { debtor: ann });
    assert.deepEqual(await reasonOf(agree(bank, payment, named)), [403, 'other_subject']);
    const device = await enrolDevice(bank, 'ed25519', party);
    assert.deepEqual(await reasonOf(agree(bank, payment, device)), [201, 'succeeded']);
  }
});

test('who was a holder, and is none any more, agrees to nothing', async () => {
  const bank = await openPayerBank(api);
  const party = await holder(bank, 'holder');
  const device = await enrolDevice(bank, 'ed25519', party);
  const payment = await order(bank, { debtor: party });
  await link(bank, party, 'former');
  assert.deepEqual(await reasonOf(agree(bank, payment, device)), [409, 'payer_unknown']);
  const heir = await holder(bank, 'holder');
  assert.deepEqual(await reasonOf(agree(bank, payment, device)), [403, 'other_subject']);
  const heirs = await enrolDevice(bank, 'ed25519', heir);
  assert.deepEqual(await reasonOf(agree(bank, payment, heirs)), [201, 'succeeded']);
});

test('what who orders has enrolled himself does not confirm his order', async () => {
  const bank = await openPayerBank(api);
  const party = await holder(bank, 'holder');
  const clerk = await as(bank, 'user:clerk', [...paying, ...enrolling]);
  const payment = await orderByHand(clerk, bank, party);
  const own = await enrolDevice(clerk, 'ed25519', party);
  assert.deepEqual(await reasonOf(agree(clerk, payment, own)), [403, 'enrolled_by_maker']);
  // Of another's order it does: he has met the customer, and gains nothing.
  const ordered = await order(bank, { debtor: party });
  assert.deepEqual(await reasonOf(agree(bank, ordered, own)), [201, 'succeeded']);
  const others = await enrolDevice(bank, 'ed25519', party);
  assert.deepEqual(await reasonOf(agree(clerk, payment, others)), [201, 'succeeded']);
});
