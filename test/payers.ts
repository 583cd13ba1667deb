// Payers for tests: banks where payments wait for them, and what they prove themselves with.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { type TOTP, URI } from 'otpauth';
import type { Api, Caller, Reply } from './api.ts';

/** The step of a code, in milliseconds. */
export const step = 30_000;
export const [ann, ben] = ['cus_01j9zk3v8w2q', 'cus_02k8yj4u7x1p'];

export const facts = {
  ...{ screening_status: 'known', local_hour: 14, account_age_days: 700 },
  ...{ new_payee: false, new_device: false },
};

/** A bank with an account that can pay. */
export type PayerBank = {
  readonly id: string;
  readonly api: Api;
  readonly boss: Caller;
  /** The bank's own app, which says what it knows of a payment. */
  readonly channel: Caller;
  readonly debtor: string;
};

let banks = 0;

export async function openPayerBank(api: Api): Promise<PayerBank> {
  banks += 1;
  const id = `payers-${banks}`;
  // A time of its own for every bank, so that no code of another one is around.
  api.bank.time.now += 4 * step;
  const boss = await api.tenant(id);
  const cash = await boss.open({ type: 'asset' });
  const debtor = await boss.open({ bound: 'no_overdraft' });
  const funds = { debit_account_id: cash, credit_account_id: debtor, amount: 2_000_000 };
  const funded = await boss.post('/v1/transfers', { ...funds, currency: 'EUR' });
  assert.equal(funded.status, 201, funded.text);
  const channel = await api.issue(boss, 'service:channel', { scopes: ['payments:write'] });
  return { id, api, boss, channel, debtor };
}

/** A payment to somebody who was never paid, of an amount for which policy has the payer asked. */
export async function order(
  { boss, channel, debtor }: PayerBank,
  more: object = {},
): Promise<string> {
  const ordered = await channel.post('/v1/payments', {
    ...{ kind: 'transfer', channel: 'web', debtor: ann, amount: 30_000, currency: 'EUR' },
    ...{ debtor_account_id: debtor, creditor_account_id: await boss.open() },
    ...{ creditor_country: 'DE', facts: { ...facts, new_payee: true }, ...more },
  });
  assert.equal(ordered.status, 201, ordered.text);
  return ordered.json.id;
}

export async function enrol({ boss }: PayerBank, body: object) {
  const { status, json, text } = await boss.post('/v1/authenticators', body);
  assert.equal(status, 201, text);
  return json as { id: string; otpauth_uri: string };
}

/** An app that knows what it was shown, and the bank's time. */
export type App = { readonly id: string; readonly code: (offMs?: number) => string };

export function appOf({ api }: PayerBank, shown: { id: string; otpauth_uri: string }): App {
  const app = URI.parse(shown.otpauth_uri) as TOTP;
  const { time } = api.bank;
  return { id: shown.id, code: (offMs = 0) => app.generate({ timestamp: time.now + offMs }) };
}

export async function confirm({ boss }: PayerBank, app: App): Promise<void> {
  const url = `/v1/authenticators/${app.id}/confirm`;
  const confirmed = await boss.post(url, { code: app.code() });
  assert.equal(confirmed.json.status, 'active', confirmed.text);
}

/** A confirmed app; the code that has confirmed it is past. */
export async function enrolApp(bank: PayerBank, subject = ann): Promise<App> {
  const app = appOf(bank, await enrol(bank, { subject, kind: 'totp' }));
  await confirm(bank, app);
  bank.api.bank.time.now += 2 * step;
  return app;
}

export type Curve = 'ed25519' | 'p256';
type Device = { readonly id: string; readonly sign: (text: string) => string };

/** A device with a key of its own; one sends it as a JWK, the other in PEM. */
export async function enrolDevice(
  bank: PayerBank,
  curve: Curve = 'ed25519',
  subject = ann,
): Promise<Device> {
  const isEd = curve === 'ed25519';
  const { publicKey, privateKey } = isEd
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const public_key = isEd
    ? publicKey.export({ format: 'jwk' })
    : publicKey.export({ format: 'pem', type: 'spki' });
  const { id } = await enrol(bank, { subject, kind: 'signature', public_key });
  const digest = isEd ? null : 'sha256';
  return {
    id,
    sign: (text) => sign(digest, Buffer.from(text), privateKey).toString('base64url'),
  };
}

type Attempt = {
  readonly authenticator_id: string;
  readonly code?: string;
  readonly signature?: string;
};

export function attempt({ boss }: PayerBank, payment: string, body: Attempt, key?: string) {
  const options = key === undefined ? {} : { key };
  return boss.post(`/v1/payments/${payment}/step-up`, body, options);
}

export function prove(bank: PayerBank, payment: string, app: App): Promise<Reply> {
  return attempt(bank, payment, { authenticator_id: app.id, code: app.code() });
}

/** A code that is surely wrong. */
export function guess(bank: PayerBank, payment: string, app: App): Promise<Reply> {
  const around = [-step, 0, step].map((offMs) => app.code(offMs));
  const code = ['111111', '222222', '333333', '444444'].find((each) => !around.includes(each));
  return attempt(bank, payment, { authenticator_id: app.id, code: code ?? '' });
}

/** The payloads of a type of event, in their order. */
export async function toldOf({ api, id }: PayerBank, type: string) {
  const { rows } = await api.bank.superuser.query<{ payload: Record<string, unknown> }>(
    `select body::jsonb #> '{data,payload}' as payload from core.event
      where tenant_id = $1 and type = $2 order by seq`,
    [id, type],
  );
  return rows.map(({ payload }) => payload);
}

export function tell({ status, json }: Reply): [number, string | undefined] {
  return [status, json?.code];
}
