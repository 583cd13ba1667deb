// Points at the demo bank: a programme in force, customers in the register who earn by it, and
// whether every point is somewhere.
import { Fault } from '#core';
import type { Program } from '#loyalty';
import { readFileSync } from 'node:fs';
import { openedOf, openingOf } from '../../simulators/calls.ts';
import type { LoadClient } from '../../simulators/load-client.ts';
import type { AccountSpec, Traffic } from '../../simulators/operation.ts';
import { homeCurrency } from '../../simulators/population.ts';
import { allItems, type Client, clientAt } from './client.ts';
import { approved, deskOf } from './demo-desk.ts';
import type { Bank } from './installation.ts';
import type { Proof } from './report.ts';
import { grouped as n } from './table.ts';
import type { OpenTenant } from './tenants.ts';

const shipped = new URL('../../programs/everyday.json', import.meta.url);
/** The others have no place in the register: a bank that begins has some of each. */
const membersMax = 300;
const concurrency = 12;
const useCase = 'loyalty-accrual';

/** Whatever an earlier run has made is found again. */
export async function openProgram(bank: Bank, tenant: OpenTenant, data: string): Promise<void> {
  const desk = deskOf(bank, tenant, data, 'Points at the demo bank');
  const { administrator } = desk;
  const shippedText = readFileSync(shipped, 'utf8');
  const document = { ...(JSON.parse(shippedText) as Program), currency: homeCurrency };
  const programs = await allItems<{ readonly name: string }>(administrator, '/v1/loyalty/programs');
  if (!programs.some(({ name }) => name === document.name)) {
    await approved(desk, '/v1/loyalty/programs', { document });
  }
  const path = `/v1/rollout/effective?use_case=${useCase}&key=any`;
  const { mode } = await administrator.get<{ readonly mode: string }>(path);
  if (mode === 'off') await approved(desk, '/v1/rollout', { use_case: useCase, mode: 'automatic' });
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
  const [issued, budgets] = [sum('issued'), sum('budget')];
  const held = sum('active', 'pending') - sum('owed');
  const gone = sum('redeemed', 'expired', 'forfeited');
  const members = points.filter(({ metadata }) => metadata?.['role'] === 'active').length;
  const where = [
    `${n(held)} with ${n(members)} members`,
    ...(budgets > 0 ? [`${n(budgets)} in budgets`] : []),
    ...(gone > 0 ? [`${n(gone)} redeemed or expired`] : []),
  ].join(', ');
  const holds = issued === budgets + held + gone && issued > 0;
  return { holds, text: `${n(issued)} points are out: ${where}` };
}
