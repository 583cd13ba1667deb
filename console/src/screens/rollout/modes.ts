// How far a use case may go: the modes, from nothing to everything, in words.
import type { Answer } from '../../api/client.ts';
import type { Tone } from '../../parts/state.tsx';

export type Setting = Answer<'GET /v1/rollout'>['items'][number];
export type Mode = Setting['mode'];

/** What each mode means for the people who meet it; in the order of how far it goes. */
export const modeWords: Readonly<Record<Mode, readonly [Tone, string]>> = {
  off: ['still', 'Does nothing.'],
  shadow: ['look', 'Says what it would do; nobody acts on it.'],
  human_in_the_loop: ['look', 'Proposes; a person decides.'],
  canary: ['wait', 'Acts alone for a share of customers; for the others a person decides.'],
  automatic: ['good', 'Acts alone.'],
};
export const modes = Object.keys(modeWords) as readonly Mode[];

/** Every use case, in the API. */
export const everything = '*';

/** `everywhere`, or `channel mobile, cohort staff`. */
export function placeText(place: Pick<Setting, 'channel' | 'product' | 'cohort'>): string {
  const named = (['channel', 'product', 'cohort'] as const)
    .filter((name) => place[name] !== everything)
    .map((name) => `${name} ${place[name]}`);
  return named.length === 0 ? 'everywhere' : named.join(', ');
}
