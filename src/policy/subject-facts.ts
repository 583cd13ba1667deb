// Facts that policy keeps itself: what somebody has consented to, how they were screened, and how
// far a use case is let. Nobody else can say them.
import { type Instant, type Pool, type Tx, withTx } from '#core';
import type { Facts } from './bundle/evaluate.ts';
import {
  type ConsentChannel,
  consentChannels,
  consentReader,
  type ReadConsent,
} from './consent.ts';
import {
  all,
  dimensions,
  loadRollout,
  rolloutOf,
  type RolloutSource,
  rolloutSource,
} from './rollout.ts';
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
  /** Of the tenant, by which the decision will be refused if it has passed. */
  readonly epoch?: bigint | undefined;
};

/** Those of our own facts that somebody wants. */
export type OwnFacts = (
  question: FactQuestion,
  isWanted: (fact: string) => boolean,
) => Promise<Facts>;

export type OwnFactsPools = {
  /** Of the role policy. */
  readonly pool: Pool;
  /** The same, in pipeline mode. */
  readonly pipeline: Pool;
};

type Reading = {
  readonly pool: Pool;
  readonly consents: ReadConsent;
  readonly settings: RolloutSource;
};

type Provider = {
  /** What it supplies; taken from no caller. */
  readonly facts: readonly string[];
  /** Answers undefined, and the fact is missing, where the question does not say enough. */
  readonly ask: (reading: Reading, question: FactQuestion) => Promise<Facts | undefined>;
};

const providers: readonly Provider[] = [
  { facts: ['data_consent', 'customer_consent'], ask: dataConsent },
  { facts: ['marketing_consent'], ask: marketingConsent },
  { facts: ['subject_screening_score', 'subject_screening_hits'], ask: screening },
  { facts: ['rollout'], ask: rollout },
];

/** Every fact that callers cannot supply. */
export const ownFacts: ReadonlySet<string> = new Set(providers.flatMap(({ facts }) => facts));

export function openOwnFacts({ pool, pipeline }: OwnFactsPools): OwnFacts {
  const reading = { pool, consents: consentReader(pipeline), settings: rolloutSource(pool) };
  return async (question, isWanted) => {
    const wanted = providers.filter(({ facts }) => facts.some(isWanted));
    const found = await Promise.all(wanted.map(({ ask }) => ask(reading, question)));
    return Object.assign({}, ...found) as Facts;
  };
}

async function dataConsent({ consents }: Reading, { tenant, about, at }: FactQuestion) {
  if (about.subject === undefined) return undefined;
  const given = await consents(tenant, { person: about.subject, purpose: 'ai_data_use', at });
  return { data_consent: given, customer_consent: given };
}

async function marketingConsent(
  { consents }: Reading,
  { tenant, about, channel, at }: FactQuestion,
) {
  if (about.subject === undefined || !isConsentChannel(channel)) return undefined;
  const question = { person: about.subject, purpose: 'marketing', channel, at } as const;
  return { marketing_consent: await consents(tenant, question) };
}

function isConsentChannel(channel: string | undefined): channel is ConsentChannel {
  return consentChannels.some((known) => known === channel);
}

async function screening({ pool }: Reading, { tenant, about: { subject } }: FactQuestion) {
  if (subject === undefined) return undefined;
  const look = (tx: Tx) => screeningFacts(tx, subject);
  const facts = await withTx(pool, look, { tenant, readOnly: true });
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
async function rollout(
  { pool, settings: known }: Reading,
  { tenant, about, channel, epoch }: FactQuestion,
) {
  const { use_case, subject, product, cohort } = about;
  if (use_case === undefined || subject === undefined) return undefined;
  const said = { channel, product, cohort };
  const place = { channel: channel ?? all, product: product ?? all, cohort: cohort ?? all };
  const load = (tx: Tx) => loadRollout(tx, tenant);
  const settings = await (epoch === undefined
    ? withTx(pool, load, { tenant, readOnly: true })
    : known(tenant, epoch));
  const { mode, acts } = rolloutOf(settings, { useCase: use_case, ...place, key: subject });
  const isVague = (settings.settings.get(use_case) ?? []).some((setting) =>
    dimensions.some((name) => setting[name] !== all && said[name] === undefined),
  );
  if (isVague && mode !== 'off') return undefined;
  return { rollout: mode === 'canary' && !acts ? 'human_in_the_loop' : mode };
}
