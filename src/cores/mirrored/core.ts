// A bank's own core system behind the port: its book is the truth for the accounts that it keeps,
// our ledger mirrors them and holds what that core lacks, and our register says who is who.
import type { Clock, Pool } from '#core';
import type { PostingEngine, PostingItem } from '#money';
import type { Adapter, CoreEntry } from '../adapter.ts';
import type { Balance, Core, CoreOperations, Entry, LookedUp } from '../port.ts';
import { acceptanceOf } from './acceptance.ts';
import { continuedOf } from './continued.ts';
import type { Links } from './links.ts';
import { endedOf } from './ending.ts';
import { fundsOf, heldAlone } from './held.ts';
import { furtherOver, type FurtherParts } from './further.ts';
import { type Moves, openMoves } from './moves.ts';
import { planOf } from './plan.ts';
import type { TellOf } from './steps.ts';

export type MirroredCore = {
  readonly core: Core;
  /**
   * Whether such a command is the core's to carry out. Throws `core_operation_missing` where the
   * core keeps its accounts and cannot do it.
   */
  readonly isAtCore: (item: PostingItem) => Promise<boolean>;
} & Pick<Moves, 'move' | 'finish'>;

export type MirroredOptions = {
  readonly adapter: Adapter;
  readonly links: Links;
  /** The register and the mirror. */
  readonly own: Core;
  readonly engine: Pick<PostingEngine, 'submit' | 'intend'>;
  /** Of the roles read and money. */
  readonly pools: { readonly read: Pool; readonly money: Pool };
  readonly clock: Clock;
  readonly tellOf: TellOf;
} & Pick<FurtherParts, 'reveal'>;

export function mirroredCore(options: MirroredOptions): MirroredCore {
  const { adapter, own, pools } = options;
  const readContinued = continuedOf(pools.read, adapter.name);
  const readAccepted = acceptanceOf(pools.read);
  const readEnded = endedOf(pools.read);
  const readFunds = fundsOf({ ...options, pool: pools.read });
  const reads = { readContinued, readAccepted, readEnded, readFunds };
  const parts = { ...options, ...reads, pool: pools.money };
  const { move, finish, lookUp } = openMoves(parts);
  const moves = { transfer: move, placeHold: move, increaseHold: move, captureHold: move };
  return {
    move,
    finish,
    isAtCore: async (item) => (await planOf(parts, item)).kind === 'core',
    core: {
      name: adapter.name,
      ...(adapter.events ? { events: adapter.events } : {}),
      operations: {
        ...own.operations,
        ...furtherOver({ ...options, ...adapter, core: adapter.name, own: own.operations }),
        ...moves,
        ...{ releaseHold: move, reverse: move },
        readBalances: balancesOver(options),
        listEntries: entriesOver(options),
        async lookUp(of): Promise<LookedUp> {
          const ours = await own.operations.lookUp(of);
          if (ours.status !== 'not_found') return ours;
          return (await lookUp(of)) ?? ours;
        },
      },
    },
  };
}

type Reads = Pick<MirroredOptions, 'adapter' | 'links' | 'own' | 'pools' | 'clock'>;

/** As the core tells them now; what our ledger alone holds is not available either. */
function balancesOver({
  adapter,
  links,
  own,
  pools,
  clock,
}: Reads): CoreOperations['readBalances'] {
  return async (asked) => {
    const { tenant, id, signal } = asked;
    const account = await links.coreAccount(tenant, id);
    if (account === undefined) return own.operations.readBalances(asked);
    const of = { id: account, ...(signal ? { signal } : {}) };
    const [balances, held] = await Promise.all([
      adapter.operations.readBalances(of),
      heldAlone(pools.read, { tenant, id, core: adapter.name, now: clock.now() }),
    ]);
    return balances?.map((balance) => (balance.type === 'ITAV' ? less(balance, held) : balance));
  };
}

function less(balance: Balance, held: number): Balance {
  const signed = balance.credit_debit_indicator === 'CRDT' ? balance.amount : -balance.amount;
  const left = signed - held;
  return {
    ...balance,
    amount: Math.abs(left),
    credit_debit_indicator: left >= 0 ? 'CRDT' : 'DBIT',
  };
}

/** Of the core's book where it tells them, else of the mirror. */
function entriesOver({ adapter, links, own }: Reads): CoreOperations['listEntries'] {
  return async (asked) => {
    const { tenant, id, limit, after, signal } = asked;
    const account = await links.coreAccount(tenant, id);
    const { listEntries } = adapter.operations;
    if (account === undefined || !listEntries) return own.operations.listEntries?.(asked);
    const more = { ...(after === undefined ? {} : { after }), ...(signal ? { signal } : {}) };
    const page = await listEntries({ id: account, limit, ...more });
    if (!page) return undefined;
    const others = page.items.map(({ counter_account }) => counter_account);
    const named = [...new Set(others.filter((other) => other !== null))];
    const ours = await links.ownAccounts(tenant, named);
    const byCore = new Map(named.map((other, at) => [other, ours[at]]));
    return {
      ...page,
      items: page.items.map((entry) => entryOf(entry, byCore)),
    };
  };
}

function entryOf(told: CoreEntry, ours: ReadonlyMap<string, string | undefined>): Entry {
  const { counter_account, own_reference: _own, ...entry } = told;
  return { ...entry, counter_account_id: (counter_account && ours.get(counter_account)) ?? null };
}
