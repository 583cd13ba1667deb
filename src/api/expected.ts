// What is asked for by its id and is not there: the answer says what, and by which id.
import { Fault } from '#core';

/** `what` as in `claim clm_…`. */
export function expected<Found>(found: Found | undefined, what: string): Found {
  if (found !== undefined) return found;
  throw new Fault('not_found', `there is no ${what}`);
}
