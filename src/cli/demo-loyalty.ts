// Points at the demo bank: a programme in force, customers in the register who earn by it, and
// whether every point is somewhere.
import { canonicalJson, Fault, instantToText, type Json, sha256Hex, systemClock } from '#core';
import type { Program } from '#loyalty';
import { readFileSync } from 'node:fs';
import { openedOf, openingOf } from '../../simulators/calls.ts';
import type { LoadClient } from '../../simulators/load-client.ts';
import type { AccountSpec, Traffic } from '../../simulators/operation.ts';
import { homeCurrency } from '../../simulators/population.ts';
import { allItems, type Client, clientAt } from './client.ts';
import { approverSecret } from './demo-users.ts';
import type { Bank } from './installation.ts';
import type { Proof } from './report.ts';
import { grouped as n } from './table.ts';
import type { OpenTenant } from './tenants.ts';

const shipped = new URL('../../programs/everyday.json', import.meta.url);
/** The others have no place in the register: a bank that begins has some of each. */
const membersMax = 300;
const concurrency = 12;
const approvalMaxMs = 3_600_000;
const useCase = 'loyalty-accrual';

type Desk = { readonly administrator: Client; readonly approver: Client };

/** Whatever an earlier run has made is found again. */
export async function openProgram(bank: Bank, tenant: OpenTenant, data: string): Promise<void> {
  const desk = {
    administrator: clientAt(bank.url, tenant.apiKey),
    approver: clientAt(bank.url, approverSecret(tenant, data)),
  };
  const shippedText = readFileSync(shipped, 'utf8');
  const document = { ...(JSON.parse(shippedText) as Program), currency: homeCurrency };
  if (!(await isPublished(desk, document.name))) await publish(desk, document);
  const { administrator } = desk;
  const path = `/v1/rollout/effective?use_case=${useCase}&key=any`;
  const { mode } = await administrator.get<{ readonly mode: string }>(path);
  if (mode === 'off') await rollOut(desk);
}

/** Puts the first of the customers into the register; answers their parties by their accounts. */
export async function registerMembers(
  { url }: Bank,
  { apiKey }: OpenTenant,
  { client, accounts }: { readonly client: LoadClient } & Pick<Traffic, 'accounts'>,
): Promise<ReadonlyMap<string, string>> {
  const parties = new Map<string, string>();
  const own = accounts.filter(({ holderId }) => holderId?.startsWith('customer-'));
  const holders = [...new Set(own.map(({ holderId }) => holderId))].slice(0, membersMax);
  const theirs = own.filter(({ holderId }) => holders.includes(holderId));
  if (theirs.length === 0) return parties;
  const call = openingOf(theirs, `${theirs[0]?.idempotencyKey}/members`);
  const opened = openedOf(await client.send(call), call);
  const clerk = clientAt(url, apiKey);
  const link = async (spec: AccountSpec, index: number) => {
    const { account, holderId = '' } = spec;
    const found = opened[index];
    if (found?.status !== 'accepted') throw new Fault('internal', `${account} was not opened`);
    const party = await registered(clerk, holderId);
    await clerk.post(
      `/v1/accounts/${found.account.id}/party`,
      { party_id: party },
      `demo/member/${account}/account`,
    );
    parties.set(account, party);
  };
  for (let from = 0; from < theirs.length; from += concurrency) {
    const some = theirs.slice(from, from + concurrency);
    await Promise.all(some.map((spec, index) => link(spec, from + index)));
  }
  return parties;
}

async function registered(clerk: Client, holder: string): Promise<string> {
  const body = { kind: 'person', name: holder.replaceAll('-', ' '), country: 'DE' };
  const about = { ...body, status: 'customer', since: '2021-03-01' };
  const key = `demo/member/${holder}`;
  return (await clerk.post<{ party_id: string }>('/v1/parties', about, key)).party_id;
}

async function isPublished({ administrator }: Desk, name: string): Promise<boolean> {
  const programs = await allItems<{ readonly name: string }>(administrator, '/v1/loyalty/programs');
  return programs.some((each) => each.name === name);
}

async function publish(desk: Desk, document: Program): Promise<void> {
  const digest = sha256Hex(canonicalJson(document as Json));
  const { name } = document;
  const approval_id = await approved(desk, 'loyalty.program.publish', {
    ...{ digest, effective_at: null, name, supersedes: null },
  });
  await desk.administrator.post('/v1/loyalty/programs', { document, approval_id });
}

async function rollOut(desk: Desk): Promise<void> {
  const place = { channel: '*', product: '*', cohort: '*' };
  const wanted = { use_case: useCase, ...place, mode: 'automatic' };
  const approval_id = await approved(desk, 'rollout.set', wanted);
  await desk.administrator.post('/v1/rollout', { ...wanted, approval_id });
}

async function approved(
  { administrator, approver }: Desk,
  subject_kind: string,
  subject: object,
): Promise<string> {
  const { id } = await administrator.post<{ id: string }>('/v1/approvals', {
    ...{ subject_kind, subject, summary: 'Points at the demo bank' },
    expires_at: instantToText(systemClock().now() + approvalMaxMs),
  });
  const verdict = { verdict: 'approve', reason: 'Expected in a demo' };
  await approver.post(`/v1/approvals/${id}/decide`, verdict);
  return id;
}

type Account = {
  readonly currency: string;
  readonly booked: number;
  readonly metadata: Readonly<Record<string, string>> | null;
};

/** What was put out is in budgets, with members, or where points end: not one is lost or added. */
export async function provePoints({ url }: Bank, { systemKey }: OpenTenant): Promise<Proof> {
  const accounts = await allItems<Account>(clientAt(url, systemKey), '/v1/accounts');
  const points = accounts.filter(({ currency }) => currency === 'POINTS');
  const sum = (...roles: readonly string[]) =>
    points
      .filter(({ metadata }) => roles.includes(metadata?.['role'] ?? ''))
      .reduce((total, { booked }) => total + booked, 0);
  const [issued, owed] = [sum('issued'), sum('owed')];
  const held = sum('active', 'pending', 'budget', 'redeemed', 'expired', 'forfeited') - owed;
  const members = points.filter(({ metadata }) => metadata?.['role'] === 'active').length;
  const text = `${n(issued)} points are out, and ${n(held)} are with ${n(members)} members`;
  return { holds: issued === held && issued > 0, text };
}
