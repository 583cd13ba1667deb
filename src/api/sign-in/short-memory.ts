// What our own issuer has to remember between two steps of somebody's signing in: a bounded part of
// memory, where the oldest goes first.
import type { Clock, Instant } from '#core';
import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Of all kinds together; one sign-in takes about five. */
const entriesMax = 1_000;

type Entry = { readonly payload: AdapterPayload; readonly until: Instant };

/** One store for all kinds of things that the library keeps. */
export function shortMemory(clock: Clock): (kind: string) => Adapter {
  const entries = new Map<string, Entry>();

  function find(place: string): AdapterPayload | undefined {
    const entry = entries.get(place);
    return entry !== undefined && entry.until > clock.now() ? entry.payload : undefined;
  }

  function drop(matches: (payload: AdapterPayload) => boolean): void {
    for (const [place, { payload }] of entries) if (matches(payload)) entries.delete(place);
  }

  return (kind) => {
    const placeOf = (id: string) => `${kind} ${id}`;
    return {
      async upsert(id, payload, expiresInS = 0) {
        const place = placeOf(id);
        // Again at the end: it is the newest.
        entries.delete(place);
        const oldest = entries.keys().next();
        if (entries.size >= entriesMax && !oldest.done) entries.delete(oldest.value);
        entries.set(place, { payload, until: clock.now() + expiresInS * 1_000 });
      },
      find: async (id) => find(placeOf(id)),
      async findByUid(uid) {
        for (const [place, { payload }] of entries) {
          if (payload.uid === uid && place.startsWith(placeOf(''))) return find(place);
        }
        return undefined;
      },
      // Of devices without a keyboard, which do not sign in here.
      findByUserCode: async () => undefined,
      async consume(id) {
        const entry = entries.get(placeOf(id));
        // The library's instants are whole seconds.
        const consumed = Math.floor(clock.now() / 1_000);
        if (entry) entries.set(placeOf(id), { ...entry, payload: { ...entry.payload, consumed } });
      },
      async destroy(id) {
        entries.delete(placeOf(id));
      },
      revokeByGrantId: async (grantId) => drop((payload) => payload.grantId === grantId),
    };
  };
}
