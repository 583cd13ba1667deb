// Policies for journeys through the console: payments that show which bundle decides, and drafts
// and publications by people who are not on the screen.
import assert from 'node:assert/strict';
import type { ConsoleBank } from './console-bank.ts';

export const point = 'payment-authorization';

/** A customer with money; each payment answers by which bundle it was decided, and why. */
export async function openTill({ call }: ConsoleBank) {
  const open = async (body: object) => {
    const opening = { type: 'liability', currency: 'EUR', bound: 'none', ...body };
    return (await call('POST', '/v1/accounts', { body: opening })).json.id as string;
  };
  const [cash, debtor, creditor] = [
    await open({ type: 'asset' }),
    await open({ bound: 'no_overdraft' }),
    await open({}),
  ];
  const funds = { debit_account_id: cash, credit_account_id: debtor, amount: 2_000_000 };
  await call('POST', '/v1/transfers', { body: { ...funds, currency: 'EUR' } });
  const order = {
    ...{ debtor_account_id: debtor, creditor_account_id: creditor, creditor_country: 'DE' },
    ...{ kind: 'transfer', channel: 'mobile', amount: 450_000, currency: 'EUR' },
    facts: { local_hour: 14, new_device: false },
  };
  return async () => {
    const paid = (await call('POST', '/v1/payments', { body: order })).json;
    const { json } = await call('GET', `/v1/decisions/${paid.decision_id}`);
    return { digest: json.bundle as string, reasons: json.reasons as readonly string[] };
  };
}

type Rule = { readonly id: string; readonly if?: object; readonly note?: string };
type Bundle = {
  readonly rules: readonly Rule[];
  readonly tests: readonly { readonly expect: { readonly outcome: string } }[];
};

/** By rule. */
export async function notesOf({ call }: ConsoleBank, digest: string) {
  const { json } = await call('GET', `/v1/policy-bundles/${digest}`);
  const { rules } = json.bundle as Bundle;
  return new Map(rules.map(({ id, note }) => [id, note]));
}

/** As two other people would: one asks, one agrees. */
export async function publish({ call }: ConsoleBank, digest: string): Promise<void> {
  const { published } = await pointOf(call);
  const path = `/v1/policy-bundles/${digest}/backtests`;
  const tested = (await call('POST', path, { body: { decisions: 1_000 } })).json;
  const asked = (await call('POST', '/v1/approvals', { body: tested.approval })).json;
  const verdict = { verdict: 'approve', reason: 'reads well' };
  const approver = 'demo-bank-approver';
  await call('POST', `/v1/approvals/${asked.id}/decide`, { body: verdict, key: approver });
  const grounds = { approval_id: asked.id, backtest_id: tested.id };
  const body = { digest, supersedes: published, ...grounds };
  const answer = await call('POST', `/v1/policies/${point}/publications`, { body });
  assert.ok(answer.status < 300, JSON.stringify(answer.json));
}

async function pointOf(call: ConsoleBank['call']) {
  const { json } = await call('GET', '/v1/policies?limit=100');
  return json.items.find(({ name }: { name: string }) => name === point);
}

/** A draft by which most payments are looked at, without the tests that say otherwise. */
export async function stricterDraft({ call }: ConsoleBank): Promise<string> {
  const { live } = await pointOf(call);
  const { json } = await call('GET', `/v1/policy-bundles/${live.digest}`);
  const bundle = json.bundle as Bundle;
  const rules = bundle.rules.map((rule) =>
    rule.id === 'very-large-of-a-person' ? { ...rule, if: { ...rule.if, worth: '>= 2000' } } : rule,
  );
  const tests = bundle.tests.filter(({ expect }) => expect.outcome === 'deny');
  const saved = await call('POST', '/v1/policies', { body: { ...bundle, rules, tests } });
  assert.ok(saved.status < 300, JSON.stringify(saved.json));
  return saved.json.digest;
}

/** A draft at a point of its own, whose table has as many rules as a table may have. */
export async function manyRules({ call }: ConsoleBank): Promise<string> {
  const rules = Array.from({ length: 1_000 }, (_, index) => ({
    id: `band-${index + 1}`,
    if: {
      kind: index < 500 ? "== 'card'" : "== 'cash'",
      amount: `< ${((index % 500) + 1) * 1_000}`,
    },
    value: `'${index + 1}'`,
  }));
  const body = {
    ...{ format: 1, name: 'many-rules', title: 'Many rules', description: 'A table to scroll.' },
    facts: {
      amount: { type: 'integer', description: 'The amount in minor units.' },
      kind: { type: 'string', description: 'How it is paid.' },
    },
    reasons: { usual: 'Nothing speaks against this.' },
    nodes: { band: { kind: 'table', type: 'string', hit: 'first', rules } },
    rules: [{ id: 'usual', if: { band: "!= '0'" }, outcome: 'allow', reason: 'usual' }],
    tests: [
      { name: 'a usual case', facts: { amount: 100, kind: 'card' }, expect: { outcome: 'allow' } },
    ],
  };
  const saved = await call('POST', '/v1/policies', { body });
  assert.ok(saved.status < 300, JSON.stringify(saved.json));
  return saved.json.digest;
}
