// Apache Fineract as a core: its REST in the words of the port.
import type { Adapter, AdapterOptions } from '../adapter.ts';
import { name, openClient } from './client.ts';
import { eventsOf } from './events.ts';
import { holds } from './holds.ts';
import { lookUps } from './lookup.ts';
import { moves, openSides } from './moves.ts';
import { people } from './people.ts';
import { reads } from './reads.ts';

/** The README beside this file says which credentials and settings it takes. */
export function openFineract(options: AdapterOptions): Adapter {
  const core = openClient(options);
  const sides = openSides(core);
  return {
    name,
    operations: {
      ...reads(core),
      ...moves(core, sides),
      ...holds(core, sides),
      ...lookUps(core),
      ...people(core),
    },
    events: eventsOf(core),
    close: core.close,
  };
}
