// Tells of what a core has told, and of what of it could not be mirrored.
import type { CoreEntry, CoreEvent } from '../adapter.ts';
import type { DifferenceBody } from './differences.ts';
import { subjectOf } from './incoming.ts';
import { type Mirror, ownOf, signed } from './mirror.ts';
import type { Mirroring, TellBody } from './told.ts';

/** With what became of its entry, of which an event may have brought several. */
export async function tell(
  mirror: Mirror,
  event: CoreEvent,
  of?: { readonly entry: CoreEntry; readonly mirroring: Mirroring | null },
): Promise<void> {
  const { id, type, occurredAt, account, party } = event;
  const account_id = account === null ? null : await ownOf(mirror, 'account', account);
  const party_id = party === null ? null : await ownOf(mirror, 'party', party);
  const told: TellBody = {
    ...{ type, occurred_at: new Date(occurredAt).toISOString(), core: mirror.core },
    ...{ core_event_id: id, account_id: account_id ?? null, party_id: party_id ?? null },
    ...{ amount: of?.entry.amount ?? null, currency: of?.entry.currency ?? null },
    ...(of ? { entry: entryOf(of.entry, of.mirroring) } : {}),
  };
  // An event of entries that tells of none has nothing to say.
  if (type === 'entry.booked' && !of) return;
  // An entry is told once, whether an event has brought it or its account was read.
  const key = of ? `tell entry ${account} ${of.entry.reference}` : `tell ${id}`;
  await mirror.must('core.tell', key, told);
}

function entryOf(entry: CoreEntry, mirroring: Mirroring | null): NonNullable<TellBody['entry']> {
  const { reference, credit_debit_indicator, status, booked_at, value_at } = entry;
  return { reference, credit_debit_indicator, status, booked_at, value_at, mirroring };
}

/** Kept until the books agree. */
export async function notMirrored(
  mirror: Mirror,
  event: CoreEvent,
  { reason, entry }: { readonly reason: string; readonly entry?: CoreEntry },
): Promise<void> {
  const core_id = subjectOf(event);
  const { account, id } = event;
  const account_id = account === null ? null : await ownOf(mirror, 'account', account);
  const difference: DifferenceBody = {
    ...{ core: mirror.core, kind: 'not_mirrored', core_id, account_id: account_id ?? null },
    ...{ currency: entry?.currency ?? null, ours: null, theirs: entry ? signed(entry) : null },
    ...{ core_event: entry?.reference ?? id, reason },
  };
  const what = entry ? `entry ${account} ${entry.reference}` : `event ${id}`;
  await mirror.must('core.differ', `differ ${what}`, difference);
}
