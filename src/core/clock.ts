// The clock is injected, so that a simulation or a replay can own time.

/** Milliseconds since the epoch, UTC. Every instant inside Countersign has this unit. */
export type Instant = number;

export type Clock = { readonly now: () => Instant };

/** The wall clock, never going backwards within the process. */
export function systemClock(): Clock {
  let last = 0;
  return {
    now() {
      last = Math.max(last, Date.now());
      return last;
    },
  };
}

/** RFC 3339 in UTC with milliseconds: the only text form of an instant that is ever stored. */
export function instantToText(instant: Instant): string {
  // Rows of a batch repeat few instants many times.
  if (instant !== lastInstant) {
    lastText = new Date(instant).toISOString();
    lastInstant = instant;
  }
  return lastText;
}

let lastInstant = Number.NaN;
let lastText = '';

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

const [earliest, latest] = [Date.UTC(1900, 0, 1), Date.UTC(9999, 11, 31)];

/**
 * The instant of an RFC 3339 text, or undefined. Finer than a millisecond is cut; what lies before
 * 1900 or at the end of time is a mistake.
 */
export function instantFromText(text: string): Instant | undefined {
  if (!rfc3339.test(text)) return undefined;
  const instant = Date.parse(text);
  if (!(instant >= earliest && instant < latest)) return undefined;
  // Date.parse rolls 30 February over into March: only a date that survives the round trip is one.
  const offset = /([+-])(\d{2}):(\d{2})$/.exec(text);
  const offsetMs = offset
    ? (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000
    : 0;
  return instantToText(instant + offsetMs).slice(0, 10) === text.slice(0, 10) ? instant : undefined;
}
