// The adapter of Temenos Transact, over its published API framework.
import type { Adapter, AdapterOptions, FoundMove, LookUp } from '../adapter.ts';
import { accountOperations } from './accounts.ts';
import { openClient } from './client.ts';
import { eventsOf } from './events.ts';
import { holdsAt } from './holds.ts';
import { transfersAt } from './moves.ts';
import { partyOperations } from './parties.ts';

/** Credentials and settings: see README.md beside this file. */
export function openTemenos(options: AdapterOptions): Adapter {
  const client = openClient(options);
  const accounts = accountOperations(client);
  const transfers = transfersAt(client);
  // Elsewhere a bank has to build an API of its own over locked events.
  const holds = client.settings['region'] === 'us' ? holdsAt(client, accounts) : undefined;
  const events = eventsOf(client, options);
  return {
    name: client.name,
    operations: {
      ...accounts,
      ...partyOperations(client),
      ...holds?.operations,
      transfer: transfers.transfer,
      async lookUp(of: LookUp): Promise<FoundMove | undefined> {
        return of.kind === 'transfer' ? transfers.find(of) : holds?.find(of);
      },
    },
    ...(events ? { events } : {}),
    close: client.close,
  };
}
