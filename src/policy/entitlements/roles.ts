// Roles and attributes of principals: who grants them, and what nobody can grant alone.
import {
  type Command,
  type EventDraft,
  Fault,
  instantToText,
  type Principal,
  type PrincipalKind,
  principalOf,
  principalText,
  nullable,
  closed,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { approvalId, useApproval } from '../approvals.ts';
import { policyEvent, type PolicyOperations } from '../operation.ts';
import type { Subject } from './entitlements.ts';

type RoleKind = {
  readonly summary: string;
  /** What kind of principal may have it. */
  readonly kinds: readonly PrincipalKind[];
  /** Whether a second person must approve the grant: with it one could undo every other control. */
  readonly fourEyes: boolean;
};

export const roleCatalogue = {
  teller: { summary: 'Serves customers', kinds: ['user'], fourEyes: false },
  analyst: { summary: 'Reads, masked', kinds: ['user', 'service'], fourEyes: false },
  compliance: { summary: 'Investigates and approves', kinds: ['user'], fourEyes: true },
  developer: { summary: 'Writes policy', kinds: ['user', 'service'], fourEyes: false },
  operations: { summary: 'Runs the bank day', kinds: ['user', 'service'], fourEyes: true },
  admin: { summary: 'Manages keys, roles, settings', kinds: ['user'], fourEyes: true },
  auditor: { summary: 'Reads everything', kinds: ['user'], fourEyes: true },
  marketing: { summary: 'Writes programmes and offers', kinds: ['user'], fourEyes: false },
  marketing_manager: { summary: 'Approves them', kinds: ['user'], fourEyes: true },
  customer: { summary: 'Uses the own accounts', kinds: ['user'], fourEyes: false },
  partner_app: { summary: 'Reads with consent', kinds: ['partner'], fourEyes: false },
  agent: { summary: 'Calls tools for people', kinds: ['agent'], fourEyes: false },
} as const satisfies Record<string, RoleKind>;

export type RoleName = keyof typeof roleCatalogue;

const principal = Type.String({
  pattern: '^(user|service|partner|agent):[a-z0-9_.@-]{1,80}$',
  examples: ['user:alice'],
});
const role = Type.Enum(Object.keys(roleCatalogue));
/** Opaque on purpose: nobody's name or address belongs here. */
const reference = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });

const grantBody = Type.Object(
  { principal, role, approval_id: Type.Optional(approvalId) },
  { ...closed, description: 'Some roles need an approval: subject kind `role.grant`.' },
);
const describeBody = Type.Object(
  {
    principal,
    region: nullable(reference),
    customer: nullable(reference),
    delegated_by: nullable(Type.String({ pattern: '^user:[a-z0-9_.@-]{1,80}$' })),
  },
  closed,
);

export const roleSchemas = { principal, role, reference, grantBody, describeBody };

type GrantBody = { principal: string; role: RoleName; approval_id?: string };
type DescribeBody = Type.Static<typeof describeBody>;

export const rolePayloads = {
  'role.granted': Type.Object({ principal, role, approval_id: nullable(approvalId) }),
  'role.revoked': Type.Object({ principal, role }),
  'principal.described': describeBody,
};

export const roleOperations: PolicyOperations = {
  'role.grant': { changesRights: true, perform: grantRole },
  'role.revoke': { changesRights: true, perform: revokeRole },
  'principal.describe': { changesRights: true, perform: describePrincipal },
};

async function grantRole(tx: pg.ClientBase, command: Command) {
  const { principal: grantee, role: name, approval_id } = command.body as GrantBody;
  const { kinds, fourEyes }: RoleKind = roleCatalogue[name];
  const { kind } = principalOf(grantee, command.tenant);
  refuseOwn(command, grantee);
  if (!kinds.includes(kind)) {
    throw new Fault('denied', `the role ${name} is for ${kinds.join(' or ')}, not for ${kind}`);
  }
  const used = fourEyes ? await approved(tx, command, approval_id) : [];
  const approval_used = fourEyes ? (approval_id ?? null) : null;
  const told = await giveRole(tx, command, { principal: grantee, role: name, approval_used });
  if (told.length === 0) throw new Fault('conflict', `${grantee} has the role ${name} already`);
  return [...used, ...told];
}

type RoleChange = { readonly principal: string; readonly role: RoleName };

/** As a part of what a command does; answers no event where the principal has the role already. */
export async function giveRole(
  tx: pg.ClientBase,
  command: Command,
  { approval_used, ...change }: RoleChange & { readonly approval_used: string | null },
): Promise<EventDraft[]> {
  const { rowCount } = await tx.query(
    `insert into policy.principal_role as r (tenant_id, principal, role, granted_by, granted_at)
     values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, principal, role) do update
        set granted_by = excluded.granted_by, granted_at = excluded.granted_at,
            revoked_at = 'infinity'
      where r.revoked_at <> 'infinity'`,
    [
      ...[command.tenant, change.principal, change.role],
      ...[principalText(command.principal), instantToText(command.receivedAt)],
    ],
  );
  if (rowCount === 0) return [];
  return [policyEvent(command, 'role.granted', { ...change, approval_id: approval_used })];
}

/** The opposite of it. */
export async function takeRole(
  tx: pg.ClientBase,
  command: Command,
  change: RoleChange,
): Promise<EventDraft[]> {
  const { rowCount } = await tx.query(
    `update policy.principal_role set revoked_at = $3
      where principal = $1 and role = $2 and revoked_at = 'infinity'`,
    [change.principal, change.role, instantToText(command.receivedAt)],
  );
  return rowCount === 0 ? [] : [policyEvent(command, 'role.revoked', change)];
}

async function approved(tx: pg.ClientBase, command: Command, approvalId: string | undefined) {
  const { principal: grantee, role: name } = command.body as GrantBody;
  const event = await useApproval(tx, {
    id: approvalId,
    subjectKind: 'role.grant',
    subject: { principal: grantee, role: name },
    command,
    // Nobody votes for himself.
    authors: [grantee],
  });
  return [event];
}

async function revokeRole(tx: pg.ClientBase, command: Command) {
  const { principal: holder, role: name } = command.body as GrantBody;
  // Or the last administrator could leave the tenant without one.
  refuseOwn(command, holder);
  const told = await takeRole(tx, command, { principal: holder, role: name });
  if (told.length === 0) throw new Fault('not_found', `${holder} does not have the role ${name}`);
  return told;
}

async function describePrincipal(tx: pg.ClientBase, command: Command) {
  const body = command.body as DescribeBody;
  refuseOwn(command, body.principal);
  await tx.query(
    `insert into policy.principal (tenant_id, principal, region, customer, delegated_by,
       described_by, described_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (tenant_id, principal) do update
        set region = excluded.region, customer = excluded.customer,
            delegated_by = excluded.delegated_by, described_by = excluded.described_by,
            described_at = excluded.described_at`,
    [
      ...[command.tenant, body.principal, body.region, body.customer, body.delegated_by],
      ...[principalText(command.principal), instantToText(command.receivedAt)],
    ],
  );
  return [policyEvent(command, 'principal.described', body)];
}

function refuseOwn(command: Command, about: string): void {
  if (principalText(command.principal) !== about) return;
  throw new Fault('denied', 'nobody changes their own roles and attributes');
}

// Reading -----------------------------------------------------------------------------------------

/** What the database tells about a principal, as `policy.principal_rights` answers it. */
export type RightsRow = {
  readonly roles: readonly string[];
  readonly governed: boolean;
  readonly region: string | null;
  readonly customer: string | null;
  readonly delegated_by: string | null;
  /** SHA-256 (hex) of the tenant's own rules in force; null when it has none. */
  readonly rule_set: string | null;
};

export function subjectOf(who: Principal, row: RightsRow): Subject {
  return {
    principal: who,
    roles: row.roles,
    governed: row.governed,
    region: row.region,
    customer: row.customer,
    // An agent is set up for a user: the kind says nothing more.
    delegatedBy: row.delegated_by === null ? null : principalOf(row.delegated_by, who.tenant).id,
  };
}

/** A principal of the transaction's tenant, known or not. As the role of the policy plane. */
export async function readSubject(
  tx: pg.ClientBase,
  who: Principal,
): Promise<{ readonly subject: Subject; readonly ruleSet: string | null }> {
  const { rows } = await tx.query<RightsRow>('select * from policy.principal_rights($1, $2)', [
    who.tenant,
    principalText(who),
  ]);
  const row = rows[0] as RightsRow;
  return { subject: subjectOf(who, row), ruleSet: row.rule_set };
}

export type RoleGrant = {
  readonly principal: string;
  readonly role: string;
  readonly granted_by: string;
  readonly granted_at: string;
};

/** The grants in force, by principal and role. */
export async function listGrants(
  tx: pg.ClientBase,
  page: { readonly after: readonly [string, string]; readonly limit: number },
): Promise<RoleGrant[]> {
  const { rows } = await tx.query<RoleGrant & { granted_at: Date }>(
    `select principal, role, granted_by, granted_at from policy.principal_role
      where revoked_at = 'infinity' and (principal, role) > ($1, $2)
      order by principal, role limit $3`,
    [...page.after, page.limit],
  );
  return rows.map((row) => ({ ...row, granted_at: row.granted_at.toISOString() }));
}
