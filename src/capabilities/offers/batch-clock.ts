// The clock of batches: work at night begins by itself, once a day, where the contact policy says
// at which hour and for which channels.
import { type Clock, type Database, listTenants, localTime, type Tx, withTx } from '#core';
import type { OfferChannel } from './action.ts';
import { type ContactPolicy, contactPolicySql } from './contact-policy.ts';
import { type DeliveryParts, send } from './deliver.ts';

export type BatchClockParts = Pick<DeliveryParts, 'execute'> & {
  readonly database: Database;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

/** Batches that were begun, remembered; the command's key remembers them itself. */
const begunMax = 10_000;

/** Answers what begins all that is due, and says how many batches it was. */
export function batchStarter(parts: BatchClockParts): () => Promise<number> {
  const begun = new Map<string, string>();
  return async () => {
    let count = 0;
    for (const tenant of await listTenants(parts.database.pool('policy'))) {
      try {
        count += await startDue(parts, tenant, begun);
      } catch (error) {
        // What fails of one tenant keeps no other waiting.
        parts.onError(error);
      }
    }
    return count;
  };
}

async function startDue(
  parts: BatchClockParts,
  tenant: string,
  begun: Map<string, string>,
): Promise<number> {
  const pool = parts.database.pool('read');
  const { nightly, time_zone, spoken } = await withTx(pool, readNightly, {
    ...{ tenant, readOnly: true },
  });
  if (!nightly) return 0;
  const { date, hour } = localTime(parts.clock.now(), time_zone);
  // Who was down at that hour begins later in the day.
  if (hour < nightly.hour) return 0;
  let count = 0;
  for (const channel of nightly.channels) {
    const key = `${tenant} ${channel}`;
    if (begun.get(key) === date || !spoken.includes(channel)) continue;
    const idempotencyKey = `nightly ${channel} ${date}`;
    const start = { operation: 'offers.batch.start', idempotencyKey, body: { channel } };
    // Somebody may have begun it by hand.
    if (await send(parts, tenant, start)) count += 1;
    if (begun.size >= begunMax) begun.clear();
    begun.set(key, date);
  }
  return count;
}

type Nightly = {
  readonly nightly: ContactPolicy['nightly'];
  readonly time_zone: string;
  /** Channels by which any action that is live can be offered. */
  readonly spoken: readonly OfferChannel[];
};

async function readNightly(tx: Tx): Promise<Nightly> {
  const { rows } = await tx.query<Omit<Nightly, 'nightly'> & { policy: ContactPolicy | null }>(
    `select ${contactPolicySql} as policy, t.time_zone, array(
       select distinct treatment ->> 'channel' from offers.action_standing s
         join offers.action a on a.tenant_id = s.tenant_id and a.code = s.code
          and a.version = s.version
         cross join jsonb_array_elements(a.body -> 'treatments') as treatment
        where s.tenant_id = t.tenant_id and s.status = 'live') as spoken
       from core.tenant t where t.tenant_id = core.current_tenant()`,
  );
  const [row] = rows;
  const none = { policy: null, time_zone: 'UTC', spoken: [] };
  const { policy, ...rest } = row ?? none;
  return { nightly: policy?.nightly, ...rest };
}
