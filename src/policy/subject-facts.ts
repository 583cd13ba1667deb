// Facts that policy keeps itself: what somebody has consented to, how they were screened, and how
// far a use case is let. Nobody else can say them.
import type { Instant } from '#core';
import type pg from 'pg';
import type { Facts } from './bundle/evaluate.ts';
import { type ConsentChannel, consentChannels, hasConsent } from './consent.ts';
import { all, dimensions, loadRollout, rolloutOf } from './rollout.ts';
import { screeningFacts } from './screening/facts.ts';

/** Whom and what a question is about, by opaque ids. */
export type About = {
  readonly subject?: string;
  readonly use_case?: string;
  readonly product?: string;
  readonly cohort?: string;
};

export type FactQuestion = {
  readonly tenant: string;
  readonly about: About;
  /** The channel among the facts, if any. */
  readonly channel: string | undefined;
  readonly at: Instant;
};

type Provider = {
  /** What it supplies; taken from no caller. */
  readonly facts: readonly string[];
  /** Answers undefined, and the fact is missing, where the question does not say enough. */
  readonly ask: (tx: pg.ClientBase, question: FactQuestion) => Promise<Facts | undefined>;
};

const providers: readonly Provider[] = [
  { facts: ['data_consent', 'customer_consent'], ask: dataConsent },
  { facts: ['marketing_consent'], ask: marketingConsent },
  { facts: ['subject_screening_score', 'subject_screening_hits'], ask: screening },
  { facts: ['rollout'], ask: rollout },
];

/** Every fact that callers cannot supply. */
export const ownFacts: ReadonlySet<string> = new Set(providers.flatMap(({ facts }) => facts));

/** Those of our own facts that somebody wants. */
export async function readOwnFacts(
  tx: pg.ClientBase,
  question: FactQuestion,
  isWanted: (fact: string) => boolean,
): Promise<Facts> {
  const found: Record<string, Facts[string]> = {};
  for (const { facts, ask } of providers) {
    if (facts.some(isWanted)) Object.assign(found, await ask(tx, question));
  }
  return found;
}

async function dataConsent(tx: pg.ClientBase, { about, at }: FactQuestion) {
  if (about.subject === undefined) return undefined;
  const given = await hasConsent(tx, { person: about.subject, purpose: 'ai_data_use', at });
  return { data_consent: given, customer_consent: given };
}

async function marketingConsent(tx: pg.ClientBase, { about, channel, at }: FactQuestion) {
  if (about.subject === undefined || !isConsentChannel(channel)) return undefined;
  const question = { person: about.subject, purpose: 'marketing', channel, at } as const;
  return { marketing_consent: await hasConsent(tx, question) };
}

function isConsentChannel(channel: string | undefined): channel is ConsentChannel {
  return consentChannels.some((known) => known === channel);
}

async function screening(tx: pg.ClientBase, { about }: FactQuestion) {
  if (about.subject === undefined) return undefined;
  const facts = await screeningFacts(tx, about.subject);
  return (
    facts && {
      subject_screening_score: facts.screening_score,
      subject_screening_hits: facts.screening_hits,
    }
  );
}

/**
 * Whoever is outside of a canary has a person in the loop. Where a setting goes by something that
 * the question leaves out, another might hold than the general one: only `off` is told then.
 */
async function rollout(tx: pg.ClientBase, { tenant, about, channel }: FactQuestion) {
  const { use_case, subject, product, cohort } = about;
  if (use_case === undefined || subject === undefined) return undefined;
  const said = { channel, product, cohort };
  const place = { channel: channel ?? all, product: product ?? all, cohort: cohort ?? all };
  const settings = await loadRollout(tx, tenant);
  const { mode, acts } = rolloutOf(settings, { useCase: use_case, ...place, key: subject });
  const isVague = (settings.settings.get(use_case) ?? []).some((setting) =>
    dimensions.some((name) => setting[name] !== all && said[name] === undefined),
  );
  if (isVague && mode !== 'off') return undefined;
  return { rollout: mode === 'canary' && !acts ? 'human_in_the_loop' : mode };
}
