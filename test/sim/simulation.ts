// A bank lived from a seed: commands of every kind, duplicates, reused keys, jumps in time, kills,
// two servers on one database. Invariants are checked after every step; the log says what was asked
// and answered, and depends on nothing but the seed.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  canonicalJson,
  type Command,
  derivedUuid,
  externalId,
  Fault,
  type Json,
  newCommand,
  seededRandom,
  sha256Hex,
  verifyLog,
} from '#core';
import { openPlanes, type Planes } from '#main';
import { checkJournal } from '#money';
import { type Bank, openBank, seal } from '../bank.ts';

const tenants = ['north', 'south'];
const accountsPerTenant = 8;
const stepsPerRun = 150;
const burstMax = 8;
const retriesMax = 50;
const [secondMs, dayMs] = [1_000, 86_400_000];

type Known = { readonly command: Command; readonly answer: string };

type World = {
  readonly bank: Bank;
  /** Two servers on one database. */
  readonly servers: readonly Planes[];
  readonly draw: (below: number) => number;
  readonly accounts: Map<string, string[]>;
  readonly holds: Map<string, string[]>;
  readonly transfers: Map<string, string[]>;
  readonly known: Known[];
  readonly log: string[];
  keys: number;
};

/** Lives one run and answers its log. */
export async function simulate(t: TestContext, seed: number): Promise<string[]> {
  const world = await openWorld(t, seed);
  for (let step = 1; step <= stepsPerRun; step += 1) {
    await takeStep(world);
    await checkInvariants(world);
  }
  await conclude(world);
  return world.log;
}

async function openWorld(t: TestContext, seed: number): Promise<World> {
  const bank = await openBank(t, { seed });
  const { database, keyring, clock, random } = bank.planes;
  const second = openPlanes({ database, keyring, clock, random });
  t.after(() => second.close());
  const { uint32 } = seededRandom(seed);
  const world: World = {
    bank,
    servers: [bank.planes, second],
    draw: (below) => uint32() % below,
    accounts: new Map(),
    holds: new Map(tenants.map((tenant) => [tenant, []])),
    transfers: new Map(tenants.map((tenant) => [tenant, []])),
    known: [],
    log: [],
    keys: 0,
  };
  for (const tenant of tenants) await openTenant(world, tenant);
  return world;
}

async function openTenant(world: World, tenant: string): Promise<void> {
  await ask(world, tenant, 'tenant.create', { tenant_id: tenant, name: tenant, time_zone: 'UTC' });
  const bounds = ['none', 'none', 'no_overdraft', 'no_overdraft', 'credit_limit'];
  const ids: string[] = [];
  for (let number = 0; number < accountsPerTenant; number += 1) {
    const bound = bounds[number % bounds.length] as string;
    const command = commandOf(world, tenant, 'account.open', {
      type: number % 2 === 0 ? 'liability' : 'asset',
      currency: number === 7 ? 'EUR' : 'USD',
      bound,
      ...(bound === 'credit_limit' ? { credit_limit: 500 } : {}),
    });
    await answered(world, command);
    ids.push(externalId('account', derivedUuid(command.id, 'account', 0)));
  }
  world.accounts.set(tenant, ids);
}

// Steps -------------------------------------------------------------------------------------------

async function takeStep(world: World): Promise<void> {
  const { draw } = world;
  const dice = draw(100);
  if (dice < 60) return burst(world, false);
  if (dice < 70) return burst(world, true);
  if (dice < 80) return repeat(world);
  if (dice < 86) return reuse(world);
  if (dice < 96) {
    const ms = draw(10) === 0 ? dayMs * (1 + draw(3)) : secondMs * (1 + draw(120));
    world.bank.time.now += ms;
    world.log.push(`wait ${ms}`);
    return;
  }
  await change(world);
}

/** Commands side by side; in a crash every session of both servers is killed among them. */
async function burst(world: World, crash: boolean): Promise<void> {
  const tenant = pick(world, tenants);
  const count = 1 + world.draw(burstMax);
  const commands = Array.from({ length: count }, () =>
    commandOf(world, tenant, 'journal.post', journal(world, tenant)),
  );
  const server = world.draw(world.servers.length);
  const running = commands.map((command) => answered(world, command, server));
  if (crash) await killSessions(world);
  const answers = await Promise.all(running);
  for (const [index, command] of commands.entries()) note(world, command, answers[index] as string);
}

/** What was asked before, by the other server as likely as by the same: it is answered alike. */
async function repeat(world: World): Promise<void> {
  if (world.known.length === 0) return;
  const { command, answer } = pick(world, world.known);
  const again = commandOf(world, command.tenant, command.operation, command.body, {
    key: command.idempotencyKey,
  });
  const server = world.draw(world.servers.length);
  const answers = await Promise.all([
    answered(world, again, server),
    answered(world, again, server),
  ]);
  assert.deepEqual(answers, [answer, answer], 'a retry gets the first answer');
  world.log.push(`again ${command.idempotencyKey} ${answer}`);
}

async function reuse(world: World): Promise<void> {
  if (world.known.length === 0) return;
  const { command } = pick(world, world.known);
  const other = commandOf(world, command.tenant, 'journal.post', journal(world, command.tenant), {
    key: command.idempotencyKey,
  });
  const answer = await answered(world, other, world.draw(world.servers.length));
  const isSame = other.digest === command.digest;
  if (!isSame) assert.equal(answer, 'idempotency_key_reused');
  world.log.push(`reuse ${command.idempotencyKey} ${answer}`);
}

async function change(world: World): Promise<void> {
  const tenant = pick(world, tenants);
  const account_id = pick(world, world.accounts.get(tenant) ?? []);
  const status = world.draw(3) === 0 ? 'frozen' : 'open';
  await ask(world, tenant, 'account.change', { account_id, status });
}

async function ask(world: World, tenant: string, operation: string, body: Json): Promise<void> {
  const command = commandOf(world, tenant, operation, body);
  note(world, command, await answered(world, command));
}

function note(world: World, command: Command, answer: string): void {
  world.known.push({ command, answer });
  const what = sha256Hex(shape(world, command)).slice(0, 8);
  world.log.push(`${command.tenant} ${command.idempotencyKey} ${what} ${answer}`);
  if (command.operation !== 'journal.post' || answer !== 'accepted') return;
  const { legs } = command.body as unknown as { legs: { kind: string }[] };
  for (const [index, { kind }] of legs.entries()) {
    const id = derivedUuid(command.id, 'transfer', index);
    if (kind === 'hold') world.holds.get(command.tenant)?.push(externalId('hold', id));
    if (kind === 'post') world.transfers.get(command.tenant)?.push(externalId('transfer', id));
  }
}

/** The body with names in place of ids. */
function shape({ accounts }: World, { tenant, bodyText }: Command): string {
  let text = bodyText;
  for (const [index, id] of (accounts.get(tenant) ?? []).entries()) {
    text = text.replaceAll(id, `account-${index}`);
  }
  return text;
}

// Commands ----------------------------------------------------------------------------------------

function journal(world: World, tenant: string): Json {
  const legs = Array.from({ length: world.draw(4) === 0 ? 1 + world.draw(4) : 1 }, () =>
    leg(world, tenant),
  );
  return { legs };
}

function leg(world: World, tenant: string): Json {
  const { draw } = world;
  const [holds, transfers] = [world.holds.get(tenant) ?? [], world.transfers.get(tenant) ?? []];
  const dice = draw(100);
  const amount = 1 + draw(300);
  if (dice < 45 || (dice >= 65 && holds.length + transfers.length === 0)) {
    return { kind: 'post', ...sides(world, tenant), amount, currency: 'USD' };
  }
  if (dice < 65) {
    const expires_at = new Date(world.bank.time.now + secondMs * (1 + draw(200))).toISOString();
    const more = draw(2) === 0 ? { expires_at } : {};
    return { kind: 'hold', ...sides(world, tenant), amount, currency: 'USD', ...more };
  }
  if ((dice < 92 && holds.length > 0) || transfers.length === 0) {
    const hold_id = pick(world, holds);
    const kind = pick(world, ['capture', 'capture', 'increase', 'void']);
    if (kind === 'capture') return { kind, hold_id, amount, final: draw(2) === 0 };
    return kind === 'increase' ? { kind, hold_id, amount } : { kind, hold_id };
  }
  return { kind: 'reverse', transfer_id: pick(world, transfers) };
}

function sides(world: World, tenant: string) {
  const accounts = world.accounts.get(tenant) ?? [];
  return { debit_account_id: pick(world, accounts), credit_account_id: pick(world, accounts) };
}

function commandOf(
  world: World,
  tenant: string,
  operation: string,
  body: Json,
  { key }: { key?: string } = {},
): Command {
  world.keys += 1;
  const { clock, random } = world.bank.planes;
  const principal = { kind: 'service', id: 'simulation', tenant } as const;
  const idempotencyKey = key ?? `key-${world.keys}`;
  return newCommand({ principal, operation, body, idempotencyKey }, { clock, random });
}

/** Asks until there is an answer, whatever is killed meanwhile. */
async function answered({ servers }: World, command: Command, server = 0): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { outcome } = await (servers[server] as Planes).executeCommand(command);
      if (outcome.status === 'accepted') return 'accepted';
      return outcome.leg === undefined ? outcome.code : `${outcome.code} ${outcome.leg}`;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (!error.retryable) return error.code;
      if (attempt === retriesMax) throw error;
    }
  }
}

async function killSessions({ bank }: World): Promise<void> {
  await bank.superuser.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where usename = 'countersign_money' and datname = current_database()`,
  );
}

function pick<T>(world: World, all: readonly T[]): T {
  return all[world.draw(all.length)] as T;
}

// Checks ------------------------------------------------------------------------------------------

/** What no step may break: each query finds what is broken. */
const invariants: Readonly<Record<string, string>> = {
  'debits equal credits': `
    select currency from money.account group by tenant_id, currency
    having sum(debits_posted) <> sum(credits_posted)
        or sum(debits_pending) <> sum(credits_pending)`,
  // What a hold kept is free from its expiry on, before that is written down.
  'no account is below its bound': `
    select a.id from money.account a
      cross join lateral (select
        coalesce(sum(left_over) filter (where h.debit_account_id = a.id), 0) as debits,
        coalesce(sum(left_over) filter (where h.credit_account_id = a.id), 0) as credits
        from (select *, amount - captured - released as left_over from money.hold
               where status = 'open' and expires_at <= $1) h) due
     where a.bound <> 'none'
       and (case when a.type in ('asset', 'expense')
              then debits_posted - credits_posted - credits_pending + due.credits
              else credits_posted - debits_posted - debits_pending + due.debits
            end) < -a.credit_limit`,
  'captured and released are what was held': `
    select id from money.hold where captured + released > amount
       or (status <> 'open' and captured + released <> amount)`,
  'what is pending is what open holds have left': `
    select a.id from money.account a
     where a.debits_pending <> coalesce((select sum(h.amount - h.captured - h.released)
             from money.hold h where h.debit_account_id = a.id), 0)
        or a.credits_pending <> coalesce((select sum(h.amount - h.captured - h.released)
             from money.hold h where h.credit_account_id = a.id), 0)`,
  'every command has its events': `
    select c.id from core.command c where not exists (select from core.event e
      where e.tenant_id = c.tenant_id
        and e.body::jsonb #>> '{data,idempotency_key}' = c.idempotency_key)`,
};

async function checkInvariants({ bank, known }: World): Promise<void> {
  for (const [rule, sql] of Object.entries(invariants)) {
    const values = sql.includes('$1') ? [new Date(bank.time.now)] : [];
    const { rows } = await bank.superuser.query(sql, values);
    assert.deepEqual(rows, [], rule);
  }
  const { rows } = await bank.superuser.query<{ commands: number }>(
    'select count(*)::int as commands from core.command',
  );
  const asked = new Set(known.map(({ command }) => `${command.tenant} ${command.idempotencyKey}`));
  const openings = accountsPerTenant * tenants.length;
  assert.equal(rows[0]?.commands, asked.size + openings, 'every answered command is there once');
}

/** The log is whole, and everything that was written is what this seed always writes. */
async function conclude(world: World): Promise<void> {
  const { bank } = world;
  await seal(bank);
  const { logId, checkpointPublicKeys: publicKeys } = bank.planes.keyring;
  const verified = await verifyLog({ url: bank.url, logId, publicKeys, journal: checkJournal() });
  assert.deepEqual(verified.findings, []);
  for (const table of ['money.account', 'money.hold', 'money.transfer', 'core.command']) {
    const { rows } = await bank.superuser.query<{ text: string }>(
      `select t::text as text from ${table} t order by 1`,
    );
    world.log.push(`${table} ${rows.length} ${sha256Hex(canonicalJson(rows as Json))}`);
  }
  // Independent commands of one burst may stand in either order; each log has the same events.
  const { rows } = await bank.superuser.query('select body from core.event order by body');
  world.log.push(`core.event ${rows.length} ${sha256Hex(canonicalJson(rows as Json))}`);
}
