// The accounts of a program and of its members in the ledger: opened once, kept by their role.
import {
  type Command,
  type CommandInput,
  type Database,
  derivedUuid,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Json,
  nullable,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import type { AccountType, Outcome } from '#money';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

/** What all need that send commands as the system. */
export type SystemParts = {
  readonly database: Database;
  readonly execute: (
    input: CommandInput<Json>,
  ) => Promise<{ readonly commandId: Uuid; readonly outcome: Outcome }>;
};

/** Of a program, in points: where they come from, and where they end. */
const pointsRoles = {
  issued: 'asset',
  redeemed: 'liability',
  expired: 'liability',
  forfeited: 'liability',
} as const satisfies Readonly<Record<string, AccountType>>;

/** Of a program, in its home currency. */
const moneyRoles = {
  liability: 'liability',
  deferred_revenue_source: 'income',
  redemption_revenue: 'income',
  breakage_revenue: 'income',
} as const satisfies Readonly<Record<string, AccountType>>;

/** Of a member or of a campaign: none of them is ever overdrawn. */
const ownedRoles = {
  active: 'liability',
  pending: 'liability',
  owed: 'asset',
  budget: 'liability',
} as const satisfies Readonly<Record<string, AccountType>>;

const types: Readonly<Record<string, AccountType>> = {
  ...pointsRoles,
  ...moneyRoles,
  ...ownedRoles,
};
/** What a journal in points may name. */
export const pointsAccountRoles = [...Object.keys(pointsRoles), ...Object.keys(ownedRoles)];

/** By their public ids. */
export type ProgramAccounts = {
  readonly program: string;
  /** The unit of its points. */
  readonly unit: string;
  /** The home currency of the program. */
  readonly currency: string;
  readonly issued: string;
  readonly redeemed: string;
  readonly expired: string;
  readonly forfeited: string;
  /** In money. */
  readonly liability: string;
  readonly deferredRevenueSource: string;
  readonly redemptionRevenue: string;
  readonly breakageRevenue: string;
};

/** A program, as far as the ledger has to know of it. */
export type ProgramUnits = {
  readonly program: string;
  readonly unit: string;
  readonly currency: string;
};

/** Opens what is not open yet; calling it twice, or from two processes, opens nothing twice. */
export async function openProgramAccounts(
  parts: SystemParts,
  tenant: string,
  of: ProgramUnits,
): Promise<ProgramAccounts> {
  const { program, unit, currency } = of;
  const found = await look(parts, tenant, (tx) => programAccounts(tx, program));
  if (found) return found;
  const body = { code: unit, exponent: 0, name: unit };
  // A unit that is there already is as good.
  const sent = { operation: 'unit.register', idempotencyKey: `unit ${unit}`, body };
  await parts.execute({ principal: systemOf(tenant), ...sent });
  const roles = [...Object.keys(pointsRoles), ...Object.keys(moneyRoles)];
  const accounts = await Promise.all(
    roles.map((role) => {
      const own = { program, role, currency: role in moneyRoles ? currency : unit };
      return openAccount(parts, tenant, own);
    }),
  );
  await remember(parts, tenant, { program, accounts }, `accounts ${program}`);
  const opened = await look(parts, tenant, (tx) => programAccounts(tx, program));
  if (!opened) throw new Fault('internal', `the accounts of ${program} are not there`);
  return opened;
}

/** The account of a campaign's budget, which nothing but the ledger keeps from being overdrawn. */
export async function openBudget(
  parts: SystemParts,
  tenant: string,
  of: { readonly program: string; readonly campaign: string },
): Promise<string> {
  const { program, campaign } = of;
  const accounts = await look(parts, tenant, (tx) => programAccounts(tx, program));
  if (!accounts) throw new Fault('not_found', `there is no program ${program}`);
  const own = { program, role: 'budget', currency: accounts.unit, campaign };
  const account = await openAccount(parts, tenant, own);
  await remember(parts, tenant, { program, accounts: [account] }, `budget ${program} ${campaign}`);
  return account.account_id;
}

/** Undefined where no program of that name has accounts. */
export async function programAccounts(
  tx: Pick<Tx, 'query'>,
  program: string,
): Promise<ProgramAccounts | undefined> {
  const { rows } = await tx.query<{ role: string; account_id: Uuid; currency: string }>(
    `select role, account_id, currency from loyalty.account
      where tenant_id = core.current_tenant() and program = $1 and customer is null
        and campaign is null`,
    [program],
  );
  if (rows.length === 0) return undefined;
  const byRole = new Map(rows.map((row) => [row.role, row]));
  const of = (role: string) => {
    const row = byRole.get(role);
    if (!row) throw new Fault('internal', `${program} has no account ${role}`);
    return { id: externalId('account', row.account_id), currency: row.currency };
  };
  return {
    program,
    ...{ unit: of('issued').currency, currency: of('liability').currency },
    ...{ issued: of('issued').id, redeemed: of('redeemed').id },
    ...{ expired: of('expired').id, forfeited: of('forfeited').id },
    liability: of('liability').id,
    deferredRevenueSource: of('deferred_revenue_source').id,
    redemptionRevenue: of('redemption_revenue').id,
    breakageRevenue: of('breakage_revenue').id,
  };
}

/** The account of a campaign's budget, where it is open. */
export async function budgetAccount(
  tx: Pick<Tx, 'query'>,
  program: string,
  campaign: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ account_id: Uuid }>(
    `select account_id from loyalty.account
      where tenant_id = core.current_tenant() and program = $1 and campaign = $2`,
    [program, campaign],
  );
  return rows[0] && externalId('account', rows[0].account_id);
}

// Opening -----------------------------------------------------------------------------------------

type OpenedAccount = {
  readonly account_id: string;
  readonly role: string;
  readonly currency: string;
  readonly customer?: string;
  readonly campaign?: string;
};

/** Opens an account of a role, once: its key says whose it is. */
export async function openAccount(
  { execute }: SystemParts,
  tenant: string,
  own: Omit<OpenedAccount, 'account_id'> & { readonly program: string },
): Promise<OpenedAccount> {
  const { program, role, currency, customer, campaign } = own;
  const bound = role in ownedRoles ? 'no_overdraft' : 'none';
  const { commandId, outcome } = await execute({
    principal: systemOf(tenant),
    operation: 'account.open',
    idempotencyKey: `open ${[program, role, customer ?? campaign ?? ''].join(' ')}`,
    body: {
      ...{ type: types[role] as AccountType, currency, bound },
      ...(customer === undefined ? {} : { holder_id: customer }),
      metadata: { program, role, ...(customer ? { member: customer } : {}) },
    },
  });
  if (outcome.status !== 'accepted') {
    throw new Fault('conflict', `the account ${role} of ${program}: ${outcome.code}`);
  }
  const account_id = externalId('account', derivedUuid(commandId, 'account', 0));
  const { program: _, ...fields } = own;
  return { account_id, ...fields };
}

async function remember(parts: SystemParts, tenant: string, body: OpenedBody, key: string) {
  const { outcome } = await parts.execute({
    principal: systemOf(tenant),
    operation: 'loyalty.accounts.open',
    idempotencyKey: key,
    body: body as unknown as Json,
  });
  if (outcome.status !== 'accepted') throw new Fault('conflict', `${key}: ${outcome.code}`);
}

type OpenedBody = { readonly program: string; readonly accounts: readonly OpenedAccount[] };

export const accountPayloads = {
  'loyalty.accounts_opened': Type.Object({
    program: Type.String(),
    accounts: Type.Array(
      Type.Object({
        account_id: Type.String(),
        role: Type.String(),
        currency: Type.String(),
        customer: nullable(Type.String()),
        campaign: nullable(Type.String()),
      }),
    ),
  }),
};

export const accountOperations: PolicyOperations = {
  'loyalty.accounts.open': {
    changesRights: false,
    async perform(tx, command) {
      onlySystem(command);
      const body = command.body as unknown as OpenedBody;
      return [await keepAccounts(tx, command, body)];
    },
  },
};

/** Writes down what accounts are for; answers the event that tells of it. */
export async function keepAccounts(
  tx: pg.ClientBase,
  command: Command,
  { program, accounts }: OpenedBody,
) {
  const told = accounts.map(({ account_id, role, currency, customer, campaign }) => ({
    ...{ account_id, role, currency },
    ...{ customer: customer ?? null, campaign: campaign ?? null },
  }));
  const rows = told.map((each) => ({
    ...each,
    tenant_id: command.tenant,
    account_id: internalId('account', each.account_id),
    program,
    opened_at: instantToText(command.receivedAt),
  }));
  await tx.query(
    `insert into loyalty.account
     select * from jsonb_populate_recordset(null::loyalty.account, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
  return policyEvent(command, 'loyalty.accounts_opened', { program, accounts: told });
}

export function systemOf(tenant: string) {
  return { kind: 'service', id: 'loyalty', tenant } as const;
}

export function onlySystem({ principal, operation }: Command): void {
  if (principal.kind === 'service') return;
  throw new Fault('denied', `${operation} is done by the system alone`);
}

export function look<Found>(
  { database }: Pick<SystemParts, 'database'>,
  tenant: string,
  work: (tx: Tx) => Promise<Found>,
): Promise<Found> {
  return withTx(database.pool('read'), work, { tenant, readOnly: true });
}
