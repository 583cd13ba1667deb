// A bank for a test: planes on a database of its own, and tenants whose every write takes the one
// countersigned path. Time stands still unless the test moves it.
import type { TestContext } from 'node:test';
import {
  derivedUuid,
  externalId,
  type Instant,
  internalId,
  type Json,
  type Sealer,
  seededRandom,
  startSealer,
  systemClock,
  temporaryHeads,
  temporaryKeyring,
  type Tx,
  type Uuid,
  withTx,
  openDatabase,
} from '#core';
import { type Executed, openPlanes, type Planes, type PlanesOptions } from '#main';
import { type Leg, type Outcome, type RejectionCode, readBalances, readHold } from '#money';
import pg from 'pg';
import { testDatabase, testPassword } from './database.ts';

export type Bank = {
  readonly url: string;
  readonly planes: Planes;
  readonly superuser: pg.Pool;
  /** The bank's clock: a test moves it by assigning. */
  readonly time: { now: Instant };
  /** Opens a tenant; tenants see nothing of each other, so tests may share a bank. */
  readonly tenant: (options?: { timeZone?: string }) => Promise<Tenant>;
};

export type Tenant = {
  readonly id: string;
  readonly time: { now: Instant };
  readonly execute: (operation: string, body: Json, key?: string) => Promise<Executed>;
  /** Opens an account, a USD liability unless said otherwise, and answers its public id. */
  readonly open: (body?: Readonly<Record<string, Json>>) => Promise<string>;
  readonly change: (account: string, body: Readonly<Record<string, Json>>) => Promise<Outcome>;
  /** Posts a journal; `more` adds to its body. */
  readonly post: (legs: Leg | readonly Leg[], more?: Record<string, Json>) => Promise<Posted>;
  /** Posts and expects acceptance. */
  readonly ok: (legs: Leg | readonly Leg[], more?: Record<string, Json>) => Promise<Posted>;
  /** As of an instant, or the latest. */
  readonly balances: (
    account: string,
    options?: { asOf?: Instant; basis?: 'recorded' | 'effective' },
  ) => ReturnType<typeof readBalances>;
  readonly hold: (id: string) => ReturnType<typeof readHold>;
  readonly read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
};

export type Posted = {
  readonly outcome: Outcome;
  /** Ids of the journal's legs, whether or not they came to be. */
  readonly transfers: readonly string[];
  /** The id of the hold, when the first leg is one. */
  readonly hold: string;
  readonly commandId: Uuid;
  readonly replayed: boolean;
};

export const day = 86_400_000;
/** A Monday morning. */
export const monday = Date.parse('2026-01-05T09:00:00Z');

/** `t` may be `{ after }` of node:test: then the bank lives as long as the file's tests. */
export async function openBank(
  t: { readonly after: (fn: () => Promise<void>) => void },
  options: Pick<PlanesOptions, 'queueMax' | 'onCommit' | 'scorer' | 'cores' | 'adapter'> & {
    seed?: number;
  } = {},
): Promise<Bank> {
  const { url, database } = await testDatabase(t as TestContext);
  const time = { now: monday };
  const random = seededRandom(options.seed ?? 1);
  const keyring = temporaryKeyring(random);
  const clock = { now: () => time.now };
  const planes = openPlanes({ ...options, database, keyring, clock, random });
  const superuser = new pg.Pool({ connectionString: url, max: 2 });
  // The database goes before its sessions do.
  superuser.on('error', () => undefined);
  t.after(() => superuser.end());
  let tenants = 0;
  return {
    url,
    planes,
    superuser,
    time,
    async tenant({ timeZone = 'UTC' } = {}) {
      tenants += 1;
      const id = `bank-${tenants}`;
      const tenant = tenantOf(planes, time, id);
      const body = { tenant_id: id, name: id, time_zone: timeZone };
      await tenant.execute('tenant.create', body);
      return tenant;
    },
  };
}

/** One more server on the bank's database and keyring, with pools and an engine of its own. */
export function openServer(
  t: { readonly after: (fn: () => Promise<void>) => void },
  { url, planes: { keyring, clock } }: Bank,
  { name, seed }: { name: string; seed: number },
): Planes {
  const database = openDatabase({ url, password: testPassword, applicationName: name });
  const planes = openPlanes({ database, keyring, clock, random: seededRandom(seed) });
  t.after(async () => {
    await planes.close();
    await database.close();
  });
  return planes;
}

/** Acts in a tenant that exists, through planes which may be others than those that made it. */
export function tenantOf(planes: Planes, time: { now: Instant }, id: string): Tenant {
  const principal = { kind: 'service', id: 'test', tenant: id } as const;
  let keys = 0;
  const prefix = Buffer.from(planes.random.bytes(6)).toString('hex');
  function execute(operation: string, body: Json, key?: string): Promise<Executed> {
    keys += 1;
    const idempotencyKey = key ?? `${prefix}-${keys}`;
    return planes.execute({ principal, operation, body, idempotencyKey });
  }
  const post: Tenant['post'] = async (legs, more = {}) => {
    const list = Array.isArray(legs) ? (legs as readonly Leg[]) : [legs as Leg];
    const { outcome, commandId, replayed } = await execute('journal.post', { legs: list, ...more });
    const ids = list.map((_, leg) => derivedUuid(commandId, 'transfer', leg));
    return {
      outcome,
      commandId,
      replayed,
      transfers: ids.map((each) => externalId('transfer', each)),
      hold: externalId('hold', ids[0] as Uuid),
    };
  };
  const read: Tenant['read'] = (work) =>
    withTx(planes.database.pool('read'), work, { tenant: id, readOnly: true });
  return {
    id,
    time,
    execute,
    post,
    read,
    async open(body = {}) {
      const opening = { type: 'liability', currency: 'USD', ...body };
      const { outcome, commandId } = await execute('account.open', opening);
      expectAccepted(outcome);
      return externalId('account', derivedUuid(commandId, 'account', 0));
    },
    async change(account, body) {
      return (await execute('account.change', { account_id: account, ...body })).outcome;
    },
    async ok(legs, more) {
      const posted = await post(legs, more);
      expectAccepted(posted.outcome);
      return posted;
    },
    balances(account, { asOf, basis = 'recorded' } = {}) {
      const accountId = uuidOf('account', account);
      const when = { asOf: asOf ?? time.now, current: asOf === undefined };
      return read((tx) => readBalances(tx, { accountId, basis, ...when }));
    },
    hold: (hold) => read((tx) => readHold(tx, uuidOf('hold', hold), time.now)),
  };
}

/** A sealer of the bank's log; heads live in memory. The caller stops it. */
export function openSealer({ planes }: Bank): Sealer {
  return startSealer({
    database: planes.database,
    keyring: planes.keyring,
    heads: temporaryHeads(),
    clock: systemClock(),
    log: { info: () => undefined, error: () => undefined },
  });
}

/** Seals and signs all that the bank has committed. */
export async function seal(bank: Bank): Promise<void> {
  const sealer = openSealer(bank);
  await sealer.sealNow();
  await sealer.stop();
}

/** A tenant with cash, a customer who may not overdraw and has `amount`, and a merchant. */
export async function openShop(bank: Bank, amount: number, customer: Record<string, Json> = {}) {
  const tenant = await bank.tenant();
  const cash = await tenant.open({ type: 'asset' });
  const shop = {
    tenant,
    cash,
    customer: await tenant.open({ bound: 'no_overdraft', ...customer }),
    merchant: await tenant.open(),
  };
  if (amount > 0) await tenant.ok(move(cash, shop.customer, amount));
  return shop;
}

/** Booked, pending and available. */
export async function figures(
  tenant: Tenant,
  account: string,
  options?: Parameters<Tenant['balances']>[1],
): Promise<[number, number, number]> {
  const view = await tenant.balances(account, options);
  if (view === undefined) throw new Error(`${account} has no balances`);
  return [view.booked, view.pending, view.available];
}

export function rejected(code: RejectionCode, leg?: number): Outcome {
  return { status: 'rejected', code, ...(leg === undefined ? {} : { leg }) };
}

/** A leg that moves money, in USD. */
export function move(debit: string, credit: string, amount: number, more: object = {}): Leg {
  return {
    kind: 'post',
    debit_account_id: debit,
    credit_account_id: credit,
    amount,
    currency: 'USD',
    ...more,
  } as Leg;
}

/** A leg that holds money, in USD. */
export function hold(debit: string, credit: string, amount: number, expiresAt?: Instant): Leg {
  const expiry = expiresAt === undefined ? {} : { expires_at: new Date(expiresAt).toISOString() };
  return move(debit, credit, amount, { kind: 'hold', ...expiry });
}

export function uuidOf(kind: 'account' | 'hold' | 'transfer', id: string): Uuid {
  const uuid = internalId(kind, id);
  if (uuid === undefined) throw new Error(`${id} is no id of a ${kind}`);
  return uuid;
}

function expectAccepted(outcome: Outcome): void {
  if (outcome.status !== 'accepted') throw new Error(`rejected: ${outcome.code}`);
}
