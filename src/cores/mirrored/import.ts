// Import: parties, products and accounts of a core become ours, linked to it. Whatever was done is
// found done: an import that was ended goes on, and one that is done changes nothing.
import { sharedWork } from '../turns.ts';
import { Fault, instantToText } from '#core';
import { bulkhead } from 'cockatiel';
import type { AdapterOperations, CoreAccount } from '../adapter.ts';
import { openAccountAt } from './import-account.ts';
import { registerPartyOf } from './import-party.ts';
import { defineProductOf } from './import-product.ts';
import { type Mirror, ownOf } from './mirror.ts';
import { type Listing, pagesOf } from './pages.ts';
import { notMirrored } from './tell.ts';

export type ImportOptions = {
  /** The core's ids of the parties, where it cannot list them; all of them unless given. */
  readonly parties?: readonly string[];
  /** Told from time to time. */
  readonly progress?: (done: Imported) => void;
  readonly signal?: AbortSignal;
};

export type Imported = {
  readonly parties: number;
  readonly accounts: number;
  /** Of these, those that were not there before. */
  readonly opened: number;
  /** Parties and accounts that are left to people: each has a difference that says why. */
  readonly left: number;
};

/** Parties or products of a page of the core, of which so many are worked on at the same time. */
const pageSize = 100;
const atOnce = 8;
/** Of all parties together: each account is a few small commits, one after the other. */
const accountsAtOnce = 24;

/** Memory holds one page of parties, however many there are. */
export async function importCore(mirror: Mirror, options: ImportOptions = {}): Promise<Imported> {
  const { operations, name: core } = mirror.adapter;
  const { signal, progress = () => undefined } = options;
  const asked = signal === undefined ? {} : { signal };
  const importer = openImporter(mirror);
  const done = { parties: 0, accounts: 0, opened: 0, left: 0 };
  const places = bulkhead(accountsAtOnce, Number.POSITIVE_INFINITY);
  const tried = async (of: Subject, work: () => Promise<unknown>) => {
    const isMirrored = await mirroredAsIs(mirror, of, work);
    if (!isMirrored) done.left += 1;
  };
  const { listProducts } = operations;
  if (listProducts) {
    const read: Reading<{ readonly id: string }> = (query) => listProducts({ ...query, ...asked });
    for await (const { items } of pagesOf({ core, read, limit: pageSize })) {
      await inParallel(items, (product) => importer.product(product.id));
    }
  }
  for await (const page of partyPages(core, operations, options)) {
    await inParallel(page, async (party) => {
      signal?.throwIfAborted();
      await tried({ party, account: null }, () => importer.party(party));
      done.parties += 1;
      for await (const { items } of accountPages(core, operations, party)) {
        const one = async (account: CoreAccount) => {
          signal?.throwIfAborted();
          await tried({ party, account: account.id }, async () => {
            if (await importer.account(account)) done.opened += 1;
          });
          done.accounts += 1;
        };
        const inTurn = (account: CoreAccount) => places.execute(() => one(account));
        await inParallel(items, inTurn, accountsAtOnce);
      }
    });
    progress({ ...done });
  }
  return done;
}

type Subject = { readonly party: string; readonly account: string | null };

/** One that cannot be mirrored as it is becomes a difference, and holds up no other. */
async function mirroredAsIs(
  mirror: Mirror,
  { party, account }: Subject,
  work: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const isOfItself = !error.retryable || error.detail['class'] === 'malformed';
    if (!isOfItself) throw error;
    const occurredAt = instantToText(mirror.clock.now());
    const about = account === null ? { party, account } : { party: null, account };
    const type = account === null ? 'party.changed' : 'account.changed';
    const event = { id: `import ${account ?? party}`, type, occurredAt, ...about } as const;
    await notMirrored(mirror, event, { reason: error.code });
    return false;
  }
}

type Reading<Item> = Listing<Item>['read'];

async function* partyPages(
  core: string,
  { listParties }: AdapterOperations,
  { parties, signal }: ImportOptions,
): AsyncGenerator<readonly string[]> {
  if (parties) {
    for (let at = 0; at < parties.length; at += pageSize) yield parties.slice(at, at + pageSize);
    return;
  }
  if (!listParties) {
    const help = 'give their ids, one a line, with --parties FILE';
    throw new Fault('input_invalid', `the core ${core} cannot list its parties: ${help}`);
  }
  const asked = signal === undefined ? {} : { signal };
  const read: Reading<{ readonly id: string }> = (query) => listParties({ ...query, ...asked });
  for await (const { items } of pagesOf({ core, read, limit: pageSize })) {
    yield items.map(({ id }) => id);
  }
}

function accountPages(core: string, { listAccounts }: AdapterOperations, id: string) {
  if (!listAccounts) {
    throw new Fault('core_operation_missing', 'the core cannot list the accounts of a party');
  }
  const read: Reading<CoreAccount> = (query) => listAccounts({ ...query, id });
  return pagesOf({ core, read, limit: pageSize });
}

/** All of them are done, some at the same time. What fails first is thrown when the rest ended. */
export async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
  width = atOnce,
): Promise<void> {
  const waiting = [...items].reverse();
  const failures: unknown[] = [];
  const worker = async () => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
      if (failures.length > 0) return;
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  if (failures.length > 0) throw failures[0];
}

// One at a time -----------------------------------------------------------------------------------

export type Importer = {
  /** Answers our id; undefined where the core has none of that id. */
  readonly product: (id: string) => Promise<string | undefined>;
  readonly party: (id: string) => Promise<string | undefined>;
  /** Answers whether it was opened now: what is closed, or there already, is not. */
  readonly account: (account: CoreAccount) => Promise<boolean>;
};

/** What several ask for at the same time is done once. */
export function openImporter(mirror: Mirror): Importer {
  const { adapter } = mirror;
  const shared = sharedWork();
  const importer: Importer = {
    product: (id) =>
      shared(`product ${id}`, async () => {
        const known = await ownOf(mirror, 'product', id);
        if (known !== undefined) return known;
        const found = await adapter.operations.readProduct?.({ id });
        return found && defineProductOf(mirror, found);
      }),
    party: (id) =>
      shared(`party ${id}`, async () => {
        const known = await ownOf(mirror, 'party', id);
        if (known !== undefined) return known;
        const found = await adapter.operations.readParty?.({ id });
        return found && registerPartyOf(mirror, found);
      }),
    account: (account) =>
      shared(`account ${account.id}`, async () => {
        if (account.status === 'deleted') return false;
        if ((await ownOf(mirror, 'account', account.id)) !== undefined) return false;
        await openAccountAt(mirror, importer, account);
        return true;
      }),
  };
  return importer;
}
