// Who may look around in a demo bank's console: a user for each role, who signs in without a
// password, on the machine alone on which the bank runs.
import { demoUsersFile, type DemoUser } from '#api';
import { writeDurably } from '#core';
import type { roleCatalogue } from '#policy';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allItems } from './client.ts';
import { settleCustomer } from './demo-customer.ts';
import { approved, deskOf } from './demo-desk.ts';
import type { Bank } from './installation.ts';
import type { OpenTenant } from './tenants.ts';

type Role = keyof typeof roleCatalogue;
type ConsoleUser = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly summary: string;
};

/** Two for compliance: what one has made or asked for, another approves. */
const consoleUsers: readonly ConsoleUser[] = [
  {
    ...{ id: 'operations', name: 'Operations', role: 'operations' },
    summary: 'Runs the bank day: sees all, moves money, works cases, flips switches.',
  },
  {
    ...{ id: 'compliance', name: 'Compliance', role: 'compliance' },
    summary: 'Investigates, decides on cases, approves what others have made.',
  },
  {
    ...{ id: 'compliance-2', name: 'Compliance, second person', role: 'compliance' },
    summary: 'The other pair of eyes, where one does not do.',
  },
  {
    ...{ id: 'marketing', name: 'Marketing', role: 'marketing' },
    summary: 'Writes programmes and offers, answers claims, gives points by hand.',
  },
  {
    ...{ id: 'marketing-manager', name: 'Marketing manager', role: 'marketing_manager' },
    summary: 'Approves programmes, budgets and what is of much value.',
  },
  {
    ...{ id: 'developer', name: 'Developer', role: 'developer' },
    summary: 'Writes policy and models, and tries them; sees no accounts.',
  },
  {
    ...{ id: 'analyst', name: 'Analyst', role: 'analyst' },
    summary: 'Reads accounts, decisions, policy and models; changes nothing.',
  },
  {
    ...{ id: 'teller', name: 'Teller', role: 'teller' },
    summary: 'Serves customers: sees accounts and moves money.',
  },
  {
    ...{ id: 'admin', name: 'Administrator', role: 'admin' },
    summary: 'Manages keys, roles and settings; moves no money, approves nothing.',
  },
  {
    ...{ id: 'auditor', name: 'Auditor', role: 'auditor' },
    summary: 'Reads everything, and changes nothing.',
  },
  {
    ...{ id: 'customer', name: 'Customer', role: 'customer' },
    summary: 'Uses the own accounts, in the app of the demo bank.',
  },
];

/** Grants what was not granted before, and tells the server's sign-in page of them. */
export async function welcomeConsoleUsers(
  bank: Bank,
  tenant: OpenTenant,
  data: string,
): Promise<void> {
  const desk = deskOf(bank, tenant, data, 'A user of the demo');
  const { administrator } = desk;
  const { customer } = await settleCustomer(bank, tenant, data);
  // Before the role, so that no customer is there who is nobody's.
  const described = { principal: 'user:customer', region: null, customer, delegated_by: null };
  await administrator.post('/v1/principals', described, `demo/described/${customer}`);
  const grants = await allItems<{ readonly principal: string }>(administrator, '/v1/role-grants');
  const known = new Set(grants.map(({ principal }) => principal));
  for (const { id, role } of consoleUsers) {
    const principal = `user:${id}`;
    if (!known.has(principal)) await approved(desk, '/v1/role-grants', { principal, role });
  }
  listUsers(tenant, data);
}

/** Beside those of other demo banks on the server. */
function listUsers(tenant: OpenTenant, data: string): void {
  const path = join(data, demoUsersFile);
  const listed: readonly DemoUser[] = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : [];
  const ours = consoleUsers.map(
    ({ id, name, summary }): DemoUser => ({
      ...{ tenant: tenant.id, principal: `user:${id}`, name, summary },
    }),
  );
  const others = listed.filter((user) => user.tenant !== tenant.id);
  writeDurably(path, `${JSON.stringify([...others, ...ours], null, 2)}\n`, 0o600);
}
