// Offering: from a customer and a moment to the offers that are presented, and why no others are.
// In session, from a trigger, of a batch: all of them come here.
import {
  type Clock,
  type CommandInput,
  type Database,
  Fault,
  type Instant,
  inTime,
  type Json,
  newUuid,
  type Principal,
  type Random,
  type Uuid,
  dayMs,
} from '#core';
import { type Facts, homeCurrencyOf, type Library, type Rollout, rolloutOf } from '#policy';
import { type OfferChannel, registeredCodes } from './action.ts';
import { bindingsOf, type CompiledAction } from './action-facts.ts';
import { isOfAge, type Known } from './exposure.ts';
import { type Candidate, type FunnelQuestion, survivors } from './funnel.ts';
import { homeCurrencyPoint } from './home-currency.ts';
import {
  type ActionScore,
  type ContactHistory,
  modelInputsOf,
  type Propensities,
  type Propensity,
  propensityOf,
  scoresIn,
} from './learning/propensity.ts';
import { learningDefault } from './learning/settings.ts';
import { type OfferPath, offerUseCase } from './present.ts';
import { tryFunnel, type Withheld } from './session-experiment.ts';
import { type Presented, presentAll } from './session-present.ts';
import {
  brokenIn,
  exhaustedOf,
  type Looked,
  openReading,
  type Published,
  storedArms,
} from './session-read.ts';
import type { ShownOffer } from './session-shown.ts';

export type OfferingParts = {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly execute: (input: CommandInput<Json>) => Promise<{
    readonly commandId: Uuid;
    readonly outcome: { readonly status: string; readonly reasons?: readonly string[] };
  }>;
  readonly propensities: Propensities;
  readonly library: Pick<Library, 'releases' | 'bench'>;
  readonly onError: (error: unknown) => void;
};

export type Asking = {
  /** Who presents. */
  readonly principal: Principal;
  readonly customer: string;
  readonly channel: OfferChannel;
  readonly path: OfferPath;
  /** What the channel says of the session: facts for conditions, never money. */
  readonly said?: Facts;
  /** By which it was triggered. */
  readonly events?: readonly string[];
  readonly because?: string | null;
  /** How many at most; the contact policy's number unless fewer. */
  readonly placesMax?: number;
  /** The same key presents the same once; a new one unless given. */
  readonly key?: string;
};

export type Considered = {
  readonly id: Uuid;
  /** Those that the customer has on the screen now, the first first. */
  readonly offers: readonly ShownOffer[];
  readonly presented: readonly Presented[];
  /** Every action with its terms, and why it was not offered. */
  readonly candidates: readonly Candidate[];
  /** Of actions that are only watched: what would have been offered. */
  readonly shadow: readonly Candidate[];
  readonly withheld: readonly Withheld[];
};

export type Offering = {
  readonly consider: (asking: Asking) => Promise<Considered>;
  /** Waits for what is recorded behind the answer. */
  readonly settled: () => Promise<void>;
};

/** Whatever the models do, an answer is not kept waiting for them any longer. */
const propensitiesDeadlineMs = 20;
const minuteMs = 60_000;

export function openOffering(parts: OfferingParts): Offering {
  const { database, clock, random } = parts;
  const reading = openReading({
    pipeline: database.pipeline('read', 2),
    read: database.pool('read'),
    policy: database.pool('policy'),
  });
  const behind = recording(parts);
  async function consider(asking: Asking): Promise<Considered> {
    const at = clock.now();
    const id = newUuid({ clock: { now: () => at }, random });
    const { tenant } = asking.principal;
    const currency = await offerCurrency(parts, tenant);
    const { customer, channel } = asking;
    const question = { customer, channel, currency, at };
    const looked = await reading.customer(tenant, question);
    const published = await reading.published(tenant, BigInt(looked.epoch));
    const moment: Moment = { parts, asking, at, id, looked, published };
    const { tried, shadow, scores } = await choose(moment);
    const before = shownAgain(moment);
    const presented = await presentAll(moment, tried.funnel.offered.slice(0, placesOf(moment)));
    // A session beside this one was faster: its offers are this customer's as well.
    const isLate = presented.some(({ reasons }) => reasons.includes('open_offer'));
    const again = isLate
      ? shownAgain({ ...moment, looked: await reading.customer(tenant, question) })
      : before;
    const ids = new Set([...again, ...presented.flatMap(({ offer_id }) => offer_id ?? [])]);
    const offers = ids.size === 0 ? [] : await reading.shown(tenant, [...ids]);
    const considered = {
      ...{ id, offers, presented, shadow, withheld: tried.withheld },
      candidates: tried.funnel.candidates,
    };
    behind.record(moment, considered, scores);
    return considered;
  }
  return { consider, settled: behind.settled };
}

const currencyDefault = 'EUR';

/** In which balances count, and amounts that a channel says are: that of the payment policy. */
export async function offerCurrency(
  { library, clock }: Pick<OfferingParts, 'library' | 'clock'>,
  tenant: string,
): Promise<string> {
  const releases = await library.releases(tenant, undefined);
  const bench = await library.bench(releases, homeCurrencyPoint, clock.now(), {});
  return homeCurrencyOf(bench.deciding.bundle) ?? currencyDefault;
}

/** All that one look at a customer goes by. */
export type Moment = {
  readonly parts: OfferingParts;
  readonly asking: Asking;
  readonly at: Instant;
  readonly id: Uuid;
  readonly looked: Looked;
  readonly published: Published;
};

/** What is on the screen already takes its place: it is shown again, and is no new contact. */
function shownAgain({ looked, published, at, asking }: Moment): readonly string[] {
  if (asking.path !== 'in_session') return [];
  const { session_minutes: minutes } = published.contactPolicy;
  return looked.open
    .filter(({ presented_at }) => Date.parse(presented_at) > at - minutes * minuteMs)
    .map(({ offer_id }) => offer_id);
}

function placesOf(moment: Moment): number {
  const { published, asking } = moment;
  const most = published.contactPolicy.session_offers_max;
  const places = Math.min(most, asking.placesMax ?? most);
  return Math.max(0, places - shownAgain(moment).length);
}

// Choosing ----------------------------------------------------------------------------------------

async function choose(moment: Moment) {
  const { published, looked, at, asking } = moment;
  const { actions } = published;
  const modes = new Map(actions.map((each) => [each.code, modeOf(moment, each)]));
  const letGo = (wanted: (rollout: Rollout) => boolean) =>
    actions.filter(({ code }) => wanted(modes.get(code) as Rollout));
  const watched = letGo(({ mode }) => mode === 'shadow');
  const common = {
    ...{ customer: asking.customer, at, channel: asking.channel, places: placesOf(moment) },
    ...{ known: looked.known, bindings: bindingsOf(factsOf(moment)) },
    hasConsent: looked.marketing,
    contactPolicy: published.contactPolicy,
    exhausted: exhaustedOf(looked, actions, at),
    isBroken: brokenIn(looked).isBroken,
  };
  const open = letGo(({ mode }) => mode !== 'off' && mode !== 'shadow');
  const propensities = await propensitiesOf(moment, [
    ...survivors({ ...common, actions: open }),
    ...survivors({ ...common, actions: watched }),
  ]);
  const ask = (of: readonly CompiledAction[]): Omit<FunnelQuestion, 'armOf'> => ({
    ...{ ...common, actions: of },
    propensityOf: (action) => propensities.get(action.code) ?? propensityOf(action),
  });
  const experiment = {
    ...{ tenant: asking.principal.tenant, settings: looked.learning ?? learningDefault },
    stored: storedArms(looked, at),
    isFrozen: brokenIn(looked).isFrozen,
  };
  const tried = tryFunnel(ask(open), experiment);
  const shadow = watched.length === 0 ? [] : tryFunnel(ask(watched), experiment).funnel.candidates;
  return { tried, shadow, scores: scoresIn(propensities) };
}

/** How far offers are let here: by channel, product and cohort, and of a canary by the customer. */
function modeOf({ asking, looked, published }: Moment, { action }: CompiledAction): Rollout {
  return rolloutOf(published.rollout, {
    useCase: offerUseCase,
    channel: asking.channel,
    product: registeredCodes(action)[0] ?? '',
    cohort: looked.known.told.cohort ?? 'none',
    key: asking.customer,
  });
}

/** What conditions read: what we know ourselves comes before what a channel says. */
export function factsOf({
  asking,
  looked,
  at,
}: {
  readonly asking: Pick<Asking, 'said' | 'events'>;
  readonly looked: Pick<Looked, 'known' | 'balance'>;
  readonly at: Instant;
}): Facts {
  const { known, balance } = looked;
  const { party, told } = known;
  const said = { page: '', activity: [], categories: [], ...asking.said };
  const of = (name: string, value: Facts[string] | undefined): Facts =>
    value === null || value === undefined ? {} : { [name]: value };
  const likely = told.approval_likelihood_ppm ?? null;
  const ofAge = isOfAge(known);
  return {
    ...said,
    events: [...(asking.events ?? [])],
    products: [...known.products],
    life_events: [...(told.life_events ?? [])],
    hardship: told.hardship ?? false,
    days_past_due: told.days_past_due ?? 0,
    ...(party
      ? {
          ...{ kind: party.segment, status: party.status, country: party.country },
          relationship_days: Math.max(0, Math.floor((at - Date.parse(party.since)) / dayMs)),
        }
      : {}),
    ...of('balance', balance ?? undefined),
    ...of('of_age', ofAge),
    ...of('approval_likelihood', likely === null ? undefined : likely / 1_000_000),
    ...of('segment', told.segment),
    ...of('tier', told.tier),
  };
}

/** By models, where they may look and answer in time; else by what others have answered. */
async function propensitiesOf(
  { parts, asking, at, id, looked }: Moment,
  actions: readonly CompiledAction[],
): Promise<ReadonlyMap<string, Propensity>> {
  const { principal, customer, channel } = asking;
  const common = {
    ...{ tenant: principal.tenant, epoch: BigInt(looked.epoch), commandId: id, at, customer },
    hasDataConsent: looked.data,
  };
  const found = await inTime(
    Promise.all(
      actions.map(async (published) => {
        const inputs = modelInputsOf(
          historyOf(looked.known, { channel, code: published.code, at }),
        );
        return [
          published.code,
          await parts.propensities.of({ ...common, published, inputs }),
        ] as const;
      }),
    ),
    propensitiesDeadlineMs,
  );
  return new Map(found ?? []);
}

export function historyOf(
  { contacts, products }: Known,
  { channel, code, at }: { channel: string; code: string; at: Instant },
): ContactHistory {
  const [last] = contacts;
  const answered = contacts.find(({ status }) => /^(accepted|booked|declined)$/.test(status));
  const outcome = answered && (answered.status === 'declined' ? 'declined' : 'accepted');
  const since = last ? Math.floor((at - Date.parse(last.presented_at)) / dayMs) : null;
  const holds = (word: string) => products.some((product) => product.includes(word));
  return {
    channel,
    holdsHomeLoan: holds('mortgage') || holds('home'),
    holdsPersonalLoan: holds('loan'),
    contactsForAction: contacts.filter(({ action }) => action === code).length + 1,
    contactsBefore: contacts.length,
    daysSinceContact: since,
    lastOutcome: outcome ?? null,
  };
}

// Recording ---------------------------------------------------------------------------------------

/** Behind an answer: what was looked at and why, and who was held out. */
const waitingMax = 1_000;

function recording({ execute, onError }: OfferingParts) {
  const underWay = new Set<Promise<unknown>>();
  function run(input: CommandInput<Json>): void {
    // Nobody is kept waiting for it; where there is too much, the decisions stand all the same.
    if (underWay.size >= waitingMax) {
      onError(new Fault('overloaded', 'a consideration of offers was not recorded'));
      return;
    }
    const done: Promise<unknown> = execute(input)
      .catch(onError)
      .finally(() => underWay.delete(done));
    underWay.add(done);
  }
  return {
    record(
      moment: Moment,
      considered: Omit<Considered, 'offers'>,
      scores: readonly ActionScore[],
    ): void {
      for (const input of recordsOf(moment, considered, scores)) run(input);
    },
    settled: async () => {
      await Promise.all(underWay);
    },
  };
}

function recordsOf(
  { asking, id }: Moment,
  { candidates, shadow, withheld, presented }: Omit<Considered, 'offers'>,
  scores: readonly ActionScore[],
): readonly CommandInput<Json>[] {
  // Where offers are off, nobody has looked at anybody.
  if (candidates.length + shadow.length === 0) return [];
  const { customer, channel, path, because = null } = asking;
  const principal = { kind: 'service', id: 'offers', tenant: asking.principal.tenant } as const;
  const considered = {
    principal,
    operation: 'offer.consider',
    idempotencyKey: `consider ${id}`,
    body: {
      ...{ consideration: id, customer, channel, path, because },
      ...{ candidates, shadow, presented, scores },
    } as unknown as Json,
  };
  if (withheld.length === 0) return [considered];
  const held = withheld.map(({ offered: { action, propensity }, arm, period }) => ({
    ...{
      customer,
      action: action.code,
      product: registeredCodes(action.action)[0] ?? '',
      arm,
      period,
      channel,
      path,
    },
    propensity_ppm: propensity.ppm,
  }));
  const body = { withheld: held };
  return [
    considered,
    { principal, operation: 'offer.withhold', idempotencyKey: `withhold ${id}`, body },
  ];
}

/** How many actions were not offered for which reason: what a channel is told beside its answer. */
export function withheldBy({
  candidates,
  shadow,
  presented,
}: Considered): Readonly<Record<string, number>> {
  const reasons = [
    ...candidates.flatMap(({ refused: [first] }) => first?.rule ?? []),
    ...presented.flatMap(({ reasons: [first] }) => first ?? []),
  ];
  if (candidates.length === 0) reasons.push(shadow.length > 0 ? 'only_watched' : 'not_rolled_out');
  const counted: Record<string, number> = {};
  for (const reason of reasons) counted[reason] = (counted[reason] ?? 0) + 1;
  return counted;
}
