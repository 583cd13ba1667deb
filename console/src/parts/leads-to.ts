// What to do about a core that has failed or refused: its classes of failure lead to one of these.
import type { Answer } from '../api/client.ts';

export type LeadsTo =
  Answer<'GET /v1/cores'>['items'][number]['operations'][number]['endpoints'][number]['failures'][number]['leads_to'];

const words: Readonly<Record<LeadsTo, string>> = {
  retry: 'Try again in a moment: nothing has to change.',
  look_up: 'Look up what became of it by its reference, before it is asked for again.',
  correct: 'Correct what was sent: the same again is refused again.',
  enrich: 'Read it again, add what the core needs, and send that.',
  escalate: 'Somebody has to see to it: trying again does not help.',
};

/** A sentence; undefined for what this console does not know yet. */
export function nextStep(leadsTo: string | undefined): string | undefined {
  return leadsTo !== undefined && Object.hasOwn(words, leadsTo)
    ? words[leadsTo as LeadsTo]
    : undefined;
}
