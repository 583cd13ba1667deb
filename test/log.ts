// A sealed and signed event log for a test, without the planes that usually write it.
import type { TestContext } from 'node:test';
import pg from 'pg';
import { canonicalJson } from '../src/core/canonical.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Database } from '../src/core/database.ts';
import { temporaryHeads } from '../src/core/heads.ts';
import { externalId, newUuid, type Uuid } from '../src/core/id.ts';
import { type Keyring, temporaryKeyring } from '../src/core/keyring.ts';
import { seededRandom } from '../src/core/random.ts';
import { startSealer } from '../src/core/sealer.ts';
import { testDatabase } from './database.ts';

export type TestLog = {
  readonly url: string;
  readonly database: Database;
  readonly keyring: Keyring;
  /** Writes `count` events in one transaction, seals them and signs a head over them. */
  readonly write: (tenant: string, count: number) => Promise<Uuid[]>;
  /** Ends all connections, so that the database can be a template. */
  readonly close: () => Promise<void>;
};

/** `t` may be `{ after }` of node:test: then the log lives as long as the file's tests. */
export async function openLog(t: {
  readonly after: (fn: () => Promise<void>) => void;
}): Promise<TestLog> {
  const { url, database } = await testDatabase(t as TestContext);
  const random = seededRandom(7);
  const keyring = temporaryKeyring(random);
  const clock = systemClock();
  const log = { info: () => undefined, error: () => undefined };
  const sealer = startSealer({ database, keyring, heads: temporaryHeads(), clock, log });
  const superuser = new pg.Client({ connectionString: url });
  superuser.on('error', () => undefined);
  await superuser.connect();
  let isOpen = true;
  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    await sealer.stop();
    await superuser.end();
    await database.close();
  }
  t.after(close);
  return {
    url,
    database,
    keyring,
    close,
    async write(tenant, count) {
      const ids = Array.from({ length: count }, () => newUuid({ clock, random }));
      await superuser.query('select core.record_events($1, $2, $3, $4)', [
        ids.map(() => tenant),
        ids,
        ids.map(() => 'test.happened'),
        ids.map((id, index) => eventText(tenant, id, index)).join('\n'),
      ]);
      await sealer.sealNow();
      return ids;
    },
  };
}

/** The text of an event as the planes write it. */
export function eventText(tenant: string, id: Uuid, amount: number): string {
  const event = externalId('event', id);
  return canonicalJson({
    data: { account_id: null, amount, currency: 'EUR', event_id: event, tenant_id: tenant },
    id: event,
    source: `/tenants/${tenant}`,
    specversion: '1.0',
    type: 'test.happened',
  });
}
