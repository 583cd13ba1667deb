// The hand that writes the mirror: commands under keys that nobody else can send, so that whatever
// is done again changes nothing.
import {
  assert,
  type Clock,
  type Command,
  type CommandInput,
  type Database,
  derivedUuid,
  externalId,
  Fault,
  internalId,
  type Json,
  sha256Hex,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import { type CoreAnswer, type JournalBody, type Outcome, readBalances } from '#money';
import type { Vault } from '#privacy';
import type { Adapter } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import type { Balance } from '../port.ts';
import { type Link, type LinkKind, type Links, linksOf } from './links.ts';

export type MirrorOptions = {
  /** The bank whose core it is. */
  readonly tenant: string;
  readonly adapter: Adapter;
  readonly database: Pick<Database, 'pool' | 'pipeline'>;
  readonly vault: Vault;
  /** The path of every write. */
  readonly execute: (input: CommandInput<Json>) => Promise<Written>;
  readonly clock: Clock;
};

type Written = { readonly commandId: Uuid; readonly outcome: Outcome };

export type Mirror = Omit<MirrorOptions, 'execute'> & {
  /** The name of the core. */
  readonly core: string;
  readonly links: Links;
  /** Under one key it is done once; a body that has changed since is not looked at. */
  readonly once: (operation: string, key: string, body: Json) => Promise<Written>;
  /** The same, and throws where it was refused. Answers the id of the first command. */
  readonly must: (operation: string, key: string, body: Json) => Promise<Uuid>;
  readonly link: (link: Omit<Link, 'core'>) => Promise<void>;
  /** The account against which a currency is mirrored. */
  readonly clearing: (currency: string) => Promise<string>;
  /** What is booked on an account of ours. */
  readonly booked: (account: string) => Promise<Booked>;
  readonly post: (posting: Posting) => Promise<Outcome>;
  readonly read: <Found>(work: (tx: Tx) => Promise<Found>) => Promise<Found>;
};

/** In minor units, above zero for what is owed to the holder; `version` counts its entries. */
export type Booked = {
  readonly amount: number;
  readonly currency: string;
  readonly version: number;
};

export type Posting = {
  readonly key: string;
  readonly debtor: string;
  readonly creditor: string;
  /** Minor units, above zero. */
  readonly amount: number;
  readonly currency: string;
  readonly metadata?: Readonly<Record<string, string>>;
};

/** Ends with a blank, which no caller can send: nobody else can have taken such a key. */
const keyPrefix = 'mirror ';
const keyMax = 200;

/** Whether a command only writes down what has happened in the core: the core is not asked. */
export function isMirroring({ operation, idempotencyKey }: Command): boolean {
  return operation === 'journal.post' && idempotencyKey.startsWith(keyPrefix);
}

/** Of such a command: that it has happened, so that nothing here refuses it any more. */
export function answerMirrored(command: Command): CoreAnswer | undefined {
  if (!isMirroring(command)) return undefined;
  const { metadata } = command.body as JournalBody;
  const reference = metadata?.['core_reference'] ?? null;
  return { core: { name: metadata?.['core'] ?? '', reference } };
}

/** The key of what is mirrored: of words that name it once, some of which the core has chosen. */
function keyOf(core: string, words: string): string {
  const key = `${keyPrefix}${core} ${words}`;
  const isPlain = key.length <= keyMax && /^[\x20-\x7e]+$/.test(key);
  return isPlain ? key : `${keyPrefix}${core} sha256 ${sha256Hex(words)}`;
}

export function openMirror({ execute, ...parts }: MirrorOptions): Mirror {
  const { tenant, adapter, database } = parts;
  const core = adapter.name;
  const principal = { kind: 'service', id: 'core-mirror', tenant } as const;
  const links = linksOf(database.pipeline('read', 2), core);
  const read: Mirror['read'] = (work) =>
    withTx(database.pool('read'), work, { tenant, readOnly: true });
  const clearings = new Map<string, string>();

  async function once(operation: string, words: string, body: Json): Promise<Written> {
    const idempotencyKey = keyOf(core, words);
    try {
      return await execute({ principal, operation, idempotencyKey, body });
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'idempotency_key_reused') throw error;
      const commandId = await firstUnder(database, tenant, idempotencyKey);
      assert(commandId, 'a key that was used has its command');
      return { commandId, outcome: { status: 'accepted' } };
    }
  }

  async function must(operation: string, words: string, body: Json): Promise<Uuid> {
    const { commandId, outcome } = await once(operation, words, body);
    if (outcome.status === 'accepted') return commandId;
    const why = [outcome.code, ...(outcome.reasons ?? [])].join(', ');
    throw new Fault('denied', `the bank does not let its core be mirrored: ${operation}, ${why}`);
  }

  async function link(told: Omit<Link, 'core'>): Promise<void> {
    await must('core.link', `link ${told.kind} ${told.core_id}`, { core, ...told });
  }

  async function clearing(currency: string): Promise<string> {
    const known = clearings.get(currency);
    if (known !== undefined) return known;
    const open = { type: 'asset', currency, metadata: { purpose: 'core clearing', core } };
    const opened = await must('account.open', `clearing ${currency}`, open);
    const account = openedAccount(opened);
    await link({ kind: 'clearing', own_id: account, core_id: currency, as_of: null });
    clearings.set(currency, account);
    return account;
  }

  async function booked(account: string): Promise<Booked> {
    const accountId = internalId('account', account);
    assert(accountId, 'a link names an account');
    const asOf = parts.clock.now();
    const now = { accountId, asOf, basis: 'recorded', current: true } as const;
    const found = await read((tx) => readBalances(tx, now));
    assert(found, 'an account that is linked is in the ledger');
    const { credits_posted: credits, debits_posted: debits, currency, version } = found;
    return { amount: credits - debits, currency, version };
  }

  async function post(posting: Posting): Promise<Outcome> {
    const { key, debtor, creditor, amount, currency, metadata } = posting;
    const leg = { debit_account_id: debtor, credit_account_id: creditor, amount, currency };
    const body = { legs: [{ kind: 'post', ...leg }], ...(metadata ? { metadata } : {}) };
    return (await once('journal.post', key, body)).outcome;
  }

  return { ...parts, core, links, read, once, must, link, clearing, booked, post };
}

/** The public id of the account that a command has opened. */
export function openedAccount(command: Uuid): string {
  return externalId('account', derivedUuid(command, 'account', 0));
}

/**
 * What the core has booked, above zero for what is owed to the holder. Throws where it is told in
 * another currency than that of the account: to compare the digits would be untrue.
 */
export function bookedAtCore(
  balances: readonly Balance[],
  { core, currency }: { readonly core: string; readonly currency: string },
): number | undefined {
  const found = balances.find(({ type }) => type === 'ITBD');
  if (found && found.currency !== currency) {
    const text = `a balance in ${found.currency} of an account in ${currency}`;
    throw coreFault(core, { class: 'malformed', code: 'currency', text });
  }
  return found && signed(found);
}

export function signed(of: Pick<Balance, 'credit_debit_indicator' | 'amount'>): number {
  return of.credit_debit_indicator === 'CRDT' ? of.amount : -of.amount;
}

/** The core's thing of that kind as ours. */
export async function ownOf(
  { links, tenant }: Pick<Mirror, 'links' | 'tenant'>,
  kind: LinkKind,
  coreId: string,
): Promise<string | undefined> {
  return (await links.ofCore(tenant, kind, coreId))?.own_id;
}

async function firstUnder(
  database: MirrorOptions['database'],
  tenant: string,
  idempotencyKey: string,
): Promise<Uuid | undefined> {
  const { rows } = await withTx(
    database.pool('policy'),
    (tx) =>
      tx.query<{ id: Uuid }>(
        'select id from core.command where tenant_id = $1 and idempotency_key = $2',
        [tenant, idempotencyKey],
      ),
    { tenant, readOnly: true },
  );
  return rows[0]?.id;
}
