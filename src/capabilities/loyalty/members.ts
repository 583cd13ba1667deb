// Who is a member of which program, and in which standing.
import {
  closed,
  type Command,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Json,
  plainText,
  type Tx,
  type Uuid,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import {
  keepAccounts,
  look,
  onlySystem,
  openAccount,
  programAccounts,
  type SystemParts,
  systemOf,
} from './accounts.ts';

export const standings = ['good', 'suspended', 'closed'] as const;
export type MemberStanding = (typeof standings)[number];

/** The accounts of a member, by their public ids. */
export type MemberAccounts = {
  readonly active: string;
  readonly pending: string;
  /** Opened when first needed. */
  readonly owed: string | null;
};

export type Member = {
  readonly program: string;
  readonly customer: string;
  readonly standing: MemberStanding;
  readonly accounts: MemberAccounts;
  readonly enrolled_at: string;
  readonly changed_at: string;
};

const customerPattern = '^[A-Za-z0-9:_.-]{1,80}$';
export const memberSchemas = {
  customer: Type.String({
    pattern: customerPattern,
    description: 'The bank’s opaque id of the customer.',
    examples: ['cus_8213'],
  }),
  changeBody: Type.Object(
    {
      standing: Type.Enum([...standings], {
        description: 'Closed is for good: whoever comes back later is another member.',
      }),
      reason: plainText({ minLength: 1, maxLength: 200, description: 'No personal data.' }),
    },
    closed,
  ),
};

type Named = { readonly tenant: string; readonly program: string; readonly customer: string };

/** The member, who is one from now on: also where two processes ask at once. */
export async function enrolled(parts: SystemParts, named: Named): Promise<Member> {
  const { tenant, program, customer } = named;
  const found = await look(parts, tenant, (tx) => readMember(tx, program, customer));
  if (found) return found;
  if (!new RegExp(customerPattern).test(customer)) {
    throw new Fault('input_invalid', 'a member is named by an opaque id of 1 to 80 characters');
  }
  const accounts = await look(parts, tenant, (tx) => programAccounts(tx, program));
  if (!accounts) throw new Fault('not_found', `there is no program ${program}`);
  const own = { program, currency: accounts.unit, customer };
  const opened = await Promise.all([
    openAccount(parts, tenant, { ...own, role: 'active' }),
    openAccount(parts, tenant, { ...own, role: 'pending' }),
  ]);
  const body = { program, customer, accounts: opened };
  await send(parts, tenant, {
    operation: 'loyalty.enrol',
    key: `enrol ${program} ${customer}`,
    body,
  });
  return expected(parts, named);
}

/** The member with an account for what is owed, which is opened when first needed. */
export async function owing(parts: SystemParts, named: Named): Promise<Member> {
  const { tenant, program, customer } = named;
  const member = await expected(parts, named);
  if (member.accounts.owed !== null) return member;
  const accounts = await look(parts, tenant, (tx) => programAccounts(tx, program));
  if (!accounts) throw new Fault('not_found', `there is no program ${program}`);
  const own = { program, role: 'owed', currency: accounts.unit, customer };
  const opened = await openAccount(parts, tenant, own);
  const body = { program, customer, accounts: [opened] };
  await send(parts, tenant, { operation: 'loyalty.owe', key: `owe ${program} ${customer}`, body });
  return expected(parts, named);
}

async function send(
  { execute }: SystemParts,
  tenant: string,
  { operation, key, body }: { operation: string; key: string; body: unknown },
): Promise<void> {
  const sent = { operation, idempotencyKey: key, body: body as Json };
  const { outcome } = await execute({ principal: systemOf(tenant), ...sent });
  if (outcome.status !== 'accepted') throw new Fault('conflict', `${key}: ${outcome.code}`);
}

async function expected(parts: SystemParts, { tenant, program, customer }: Named) {
  const member = await look(parts, tenant, (tx) => readMember(tx, program, customer));
  if (!member) throw new Fault('not_found', `there is no member ${customer} of ${program}`);
  return member;
}

// Reading -----------------------------------------------------------------------------------------

/** The columns of `loyalty.member`. */
export type MemberRow = {
  readonly program: string;
  readonly customer: string;
  readonly standing: MemberStanding;
  readonly active_account: Uuid;
  readonly pending_account: Uuid;
  readonly owed_account: Uuid | null;
  readonly enrolled_at: Date;
  readonly changed_at: Date;
};

const names = [
  ...(['program', 'customer', 'standing', 'active_account', 'pending_account'] as const),
  ...(['owed_account', 'enrolled_at', 'changed_at'] as const),
];
const columns = names.join(', ');

/** The same of a table under another name. */
export const memberColumns = (table: string) => names.map((each) => `${table}.${each}`).join(', ');

export function memberOf(row: MemberRow): Member {
  const { program, customer, standing, active_account, pending_account, owed_account } = row;
  return {
    ...{ program, customer, standing },
    accounts: {
      active: externalId('account', active_account),
      pending: externalId('account', pending_account),
      owed: owed_account === null ? null : externalId('account', owed_account),
    },
    enrolled_at: row.enrolled_at.toISOString(),
    changed_at: row.changed_at.toISOString(),
  };
}

export async function readMember(
  tx: Pick<Tx, 'query'>,
  program: string,
  customer: string,
): Promise<Member | undefined> {
  const { rows } = await tx.query<MemberRow>(
    `select ${columns} from loyalty.member
      where tenant_id = core.current_tenant() and program = $1 and customer = $2`,
    [program, customer],
  );
  return rows[0] && memberOf(rows[0]);
}

/** The programs that a customer is a member of: few. */
export async function membershipsOf(tx: Pick<Tx, 'query'>, customer: string): Promise<Member[]> {
  const { rows } = await tx.query<MemberRow>(
    `select ${columns} from loyalty.member
      where tenant_id = core.current_tenant() and customer = $1 order by program limit $2`,
    [customer, membershipsMax],
  );
  return rows.map(memberOf);
}

const membershipsMax = 50;

// Changing ----------------------------------------------------------------------------------------

type EnrolBody = {
  readonly program: string;
  readonly customer: string;
  readonly accounts: Parameters<typeof keepAccounts>[2]['accounts'];
};
type ChangeBody = {
  readonly program: string;
  readonly customer: string;
  readonly standing: MemberStanding;
  readonly reason: string;
};

const told = { program: Type.String(), customer: Type.String() };

export const memberPayloads = {
  'loyalty.member_enrolled': Type.Object({
    ...told,
    active_account_id: Type.String(),
    pending_account_id: Type.String(),
  }),
  'loyalty.member_changed': Type.Object({
    ...told,
    standing: Type.Enum([...standings]),
    before: Type.Enum([...standings]),
    reason: Type.String(),
  }),
};

export const memberOperations: PolicyOperations = {
  'loyalty.enrol': { changesRights: false, perform: enrol },
  'loyalty.owe': { changesRights: false, perform: owe },
  'loyalty.member.change': { changesRights: false, perform: changeMember },
};

async function enrol(tx: pg.ClientBase, command: Command) {
  onlySystem(command);
  const { program, customer, accounts } = command.body as unknown as EnrolBody;
  const [active, pending] = accounts.map(({ account_id }) => account_id);
  const at = instantToText(command.receivedAt);
  const kept = await keepAccounts(tx, command, { program, accounts });
  await tx.query(
    `insert into loyalty.member (tenant_id, program, customer, active_account, pending_account,
       enrolled_at, changed_at) values ($1, $2, $3, $4, $5, $6, $6)`,
    [command.tenant, program, customer, uuidOf(active), uuidOf(pending), at],
  );
  const named = { program, customer, active_account_id: active, pending_account_id: pending };
  return [kept, policyEvent(command, 'loyalty.member_enrolled', named as Json)];
}

async function owe(tx: pg.ClientBase, command: Command) {
  onlySystem(command);
  const { program, customer, accounts } = command.body as unknown as EnrolBody;
  await lockMember(tx, program, customer);
  const kept = await keepAccounts(tx, command, { program, accounts });
  await tx.query(
    `update loyalty.member set owed_account = $3
      where tenant_id = core.current_tenant() and program = $1 and customer = $2`,
    [program, customer, uuidOf(accounts[0]?.account_id)],
  );
  return [kept];
}

async function changeMember(tx: pg.ClientBase, command: Command) {
  const { program, customer, standing, reason } = command.body as ChangeBody;
  const before = await lockMember(tx, program, customer);
  if (before === standing) throw new Fault('conflict', `${customer} is ${standing} already`);
  if (before === 'closed') throw new Fault('conflict', `the membership of ${customer} is closed`);
  await tx.query(
    `update loyalty.member set standing = $3, changed_at = $4
      where tenant_id = core.current_tenant() and program = $1 and customer = $2`,
    [program, customer, standing, instantToText(command.receivedAt)],
  );
  const changed = { program, customer, standing, before, reason };
  return [policyEvent(command, 'loyalty.member_changed', changed)];
}

/** The standing of a member whom nobody else changes meanwhile. */
async function lockMember(tx: pg.ClientBase, program: string, customer: string) {
  const { rows } = await tx.query<{ standing: MemberStanding }>(
    `select standing from loyalty.member
      where tenant_id = core.current_tenant() and program = $1 and customer = $2 for update`,
    [program, customer],
  );
  if (rows[0]) return rows[0].standing;
  throw new Fault('not_found', `there is no member ${customer} of ${program}`);
}

function uuidOf(account: string | undefined): Uuid | null {
  return (account && internalId('account', account)) || null;
}
