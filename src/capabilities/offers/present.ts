// Presenting: the one operation by which a customer meets an offer, whatever asks for it. What it
// is decided on is looked up here, and counted once more while nobody else can add to it.
import {
  assert,
  type Command,
  derivedUuid,
  externalId,
  Fault,
  formatDecimal,
  type Instant,
  inOneWrite,
  instantToText,
  isoExponent,
  type Json,
  nullable,
  type Pool,
  principalText,
  type SharedRead,
  sharedRead,
  toMinorUnits,
  type Tx,
  type Uuid,
  withTx,
  dayMs,
} from '#core';
import {
  type About,
  type Facts,
  type Performed,
  policyEvent,
  type PolicyOperations,
} from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import {
  type Action,
  actionParts,
  classOf,
  discountBps,
  fillSlots,
  type OfferChannel,
  registeredCodes,
} from './action.ts';
import { isByManager } from './action-publish.ts';
import type { Terms } from './arbitrate.ts';
import { isStopped, openScopesSql } from './breaker.ts';
import { type ContactPolicy, contactPolicyDefault, contactPolicySql } from './contact-policy.ts';
import {
  contactReasons,
  daysSinceDecline,
  isBereaved,
  isOfAge,
  type Known,
  knownSql,
  localHour,
  standingOf,
  tooMany,
} from './exposure.ts';

export const presentOperation = 'offer.present';
/** By what an offer is called for. */
export const offerPaths = ['in_session', 'trigger', 'batch', 'statement', 'advisor'] as const;
export type OfferPath = (typeof offerPaths)[number];

/** The use case of the rollout. */
export const offerUseCase = 'next-best-offer';

export type PresentBody = {
  readonly customer: string;
  readonly action: string;
  readonly version: number;
  readonly channel: OfferChannel;
  readonly path: OfferPath;
  /** Whether a model has had a part in choosing it. */
  readonly chosen_by_model: boolean;
  readonly arm: string;
  readonly chosen_ppm: number;
  readonly propensity_ppm: number;
  readonly propensity_source: string;
  readonly terms: Terms;
  /** What it follows from: an event, a batch; null in session. */
  readonly because: string | null;
};

const offerId = Type.String({ pattern: '^off_[0-9a-hjkmnp-tv-z]{26}$' });
const text = Type.String();
export const offerTold = {
  offer_id: offerId,
  customer: text,
  action: text,
  version: Type.Integer(),
  class: text,
  product: Type.String({ description: 'The code by which the register knows it.' }),
  product_code: text,
  channel: actionParts.channel,
  path: Type.Enum([...offerPaths]),
};

export const presentPayloads = {
  'offer.presented': Type.Object({
    ...offerTold,
    code: text,
    message: text,
    amount: Type.Integer(),
    currency: text,
    rate_bps: nullable(Type.Integer()),
    expires_at: text,
    counts: Type.Boolean({ description: 'Whether it counts as a contact.' }),
    chosen_by_model: Type.Boolean(),
    arm: text,
    chosen_ppm: Type.Integer(),
    propensity_ppm: Type.Integer(),
    propensity_source: text,
    because: nullable(text),
  }),
};

export const presentOperations: PolicyOperations = {
  // The lock of the customer and the row of the volume keep the order.
  [presentOperation]: { changesRights: false, isConcurrent: true, perform: present },
};

// Deciding ----------------------------------------------------------------------------------------

/** What policy is asked before: on what we know ourselves, and nothing that a caller has said. */
export async function presentFacts(
  { readGround, pool }: { readonly readGround: ReadGround; readonly pool: Pool },
  { tenant, body: said, receivedAt: at, idempotencyKey }: Command,
  approvals: number,
): Promise<{ readonly facts: Facts; readonly about: About }> {
  const body = said as unknown as PresentBody;
  const { action, known, contactPolicy } = await readGround(tenant, body);
  if (!action) throw new Fault('not_found', `there is no version of ${body.action} like that`);
  const byManager = (tx: Tx) => isByManager(tx, idempotencyKey);
  const approved = approvals > 0 && (await withTx(pool, byManager, { tenant, readOnly: true }));
  const standing = standingOf(known, { ...body, at, contactPolicy });
  const { told } = known;
  const ofAge = isOfAge(known);
  const likely = told.approval_likelihood_ppm ?? null;
  const { kind } = action.product;
  const facts: Facts = {
    ...{ channel: body.channel, chosen_by_model: body.chosen_by_model, product_kind: kind },
    offer_class: classOf(action),
    offers_this_month: standing.offers_this_month,
    local_hour: localHour(known, at),
    already_holds: registeredCodes(action).some((code) => known.products.includes(code)),
    days_since_decline: daysSinceDecline(known, kind, at),
    days_since_refusal: standing.days_since_refusal,
    days_since_complaint: standing.days_since_complaint,
    days_past_due: told.days_past_due ?? 0,
    hardship: told.hardship ?? false,
    bereaved: isBereaved(known, at),
    holdout: body.arm === 'control' || body.arm === 'holdout',
    value: action.terms.amount,
    rate_discount_bps: discountBps(action),
    approvals,
    approved,
    ...(ofAge === undefined ? {} : { of_age: ofAge }),
    ...(likely === null ? {} : { approval_likelihood: likely / 1_000_000 }),
  };
  const about = {
    ...{ subject: body.customer, use_case: offerUseCase },
    product: registeredCodes(action)[0] ?? '',
    cohort: told.cohort ?? 'none',
  };
  return { facts, about };
}

type Ground = {
  readonly action: Action | null;
  /** Null where it was never published. */
  readonly live: { readonly version: number; readonly status: string } | null;
  readonly known: Known;
  readonly contactPolicy: ContactPolicy;
  /** Of open breakers. */
  readonly scopes: readonly string[];
};

export type GroundQuestion = Pick<PresentBody, 'customer' | 'action' | 'version'>;
export type ReadGround = SharedRead<GroundQuestion, Ground>;

/** `pool` is of the role read, in pipeline mode. */
export function groundReader(pool: Pool): ReadGround {
  return sharedRead({ name: 'ground of offers', pool, read: readGrounds });
}

/** All that offers are decided on and counted by, in one round trip. */
async function readGrounds(
  tx: pg.ClientBase,
  asked: readonly GroundQuestion[],
): Promise<readonly Ground[]> {
  const { rows } = await tx.query<Omit<Ground, 'contactPolicy'> & { policy: ContactPolicy | null }>(
    {
      name: 'offer-ground',
      text: groundSql,
      values: [
        asked.map(({ customer }) => customer),
        asked.map(({ action }) => action),
        asked.map(({ version }) => version),
      ],
    },
  );
  return rows.map(({ policy, ...ground }) => ({
    ...ground,
    contactPolicy: policy ?? contactPolicyDefault,
  }));
}

const groundSql = `select ${knownSql('asked.customer')} as known, ${contactPolicySql} as policy,
    ${openScopesSql} as scopes,
    (select body from offers.action
      where tenant_id = core.current_tenant() and code = asked.action
        and version = asked.version) as action,
    (select json_build_object('version', version, 'status', status)
       from offers.action_standing
      where tenant_id = core.current_tenant() and code = asked.action) as live
  from unnest($1::text[], $2::text[], $3::integer[])
    with ordinality as asked(customer, action, version, place)
 order by asked.place`;

// Presenting --------------------------------------------------------------------------------------

async function present(tx: pg.ClientBase, command: Command): Promise<Performed> {
  const body = command.body as unknown as PresentBody;
  const [, [ground]] = await inOneWrite(tx, () =>
    Promise.all([lockCustomer(tx, command.tenant, body.customer), readGrounds(tx, [body])]),
  );
  assert(ground, 'there is ground for each question');
  const action = liveAction(ground, body);
  const { party } = ground.known;
  if (!party) throw new Fault('not_found', `there is no customer ${body.customer}`);
  // He may have left since he was looked at.
  if (party.status !== 'customer') refuse('no_customer', `he is ${party.status}, no customer`);
  expectRoom(ground, action, command);
  await takeVolume(tx, action, command.receivedAt);
  const offer = offerIn(command, action);
  const told = toldOf(offer, body) as unknown as Json;
  return {
    events: [policyEvent(command, 'offer.presented', told)],
    write: () => writeOffer(tx, command, offer),
  };
}

/** Whoever presents to the same customer waits here, and what is read next is read anew. */
async function lockCustomer(tx: pg.ClientBase, tenant: string, customer: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, ${lockClass}))`, [
    `${tenant} ${customer}`,
  ]);
}

/** Of locks: customers who are presented with something. */
const lockClass = 38;

/** What was published and has not been stopped or replaced since. */
function liveAction(
  { action, live, scopes }: Ground,
  { action: code, version }: PresentBody,
): Action {
  if (!live || !action) throw new Fault('not_found', `there is no action ${code}`);
  if (live.status !== 'live') refuse('stopped', `the action ${code} is stopped`);
  const isBroken = isStopped(new Set(scopes), code);
  if (isBroken && classOf(action) !== 'mandatory') refuse('breaker', 'offers were stopped');
  if (live.version !== version) refuse('replaced', `the action ${code} has another version since`);
  return action;
}

/** The one place at which every cap holds: here nobody else presents to this customer. */
function expectRoom({ known, contactPolicy }: Ground, action: Action, command: Command): void {
  const body = command.body as unknown as PresentBody;
  const standing = standingOf(known, { ...body, at: command.receivedAt, contactPolicy });
  const [reason] = tooMany(standing, contactPolicy, classOf(action));
  if (reason) refuse(reason, contactReasons[reason]);
}

function refuse(reason: string, words: string): never {
  throw new Fault('conflict', words, { detail: { reason } });
}

/** Of scarce offers: one less, or none is left. */
async function takeVolume(tx: pg.ClientBase, action: Action, at: Instant): Promise<void> {
  const { volume, code } = action;
  if (!volume) return;
  const { rowCount } = await tx.query(
    `insert into offers.volume as v (tenant_id, action, period, presented)
     values (core.current_tenant(), $1, $2, 1)
     on conflict (tenant_id, action, period) do update set presented = v.presented + 1
      where v.presented < $3`,
    [code, volumePeriod(volume.period, at), volume.offers_max],
  );
  if (rowCount === 0) refuse('none_left', `none of the offers ${code} is left`);
}

/** A day, a month, or `total`: of the calendar in UTC. */
export function volumePeriod(period: 'day' | 'month' | 'total', at: Instant): string {
  if (period === 'total') return period;
  return instantToText(at).slice(0, period === 'day' ? 10 : 7);
}

type Drafted = ReturnType<typeof offerIn>;

function offerIn(command: Command, action: Action) {
  const { receivedAt, body: said } = command;
  const body = said as unknown as PresentBody;
  const id = derivedUuid(command.id, 'offer', 0);
  const until = action.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(action.until);
  const expiresAt = Math.min(receivedAt + action.valid_days * dayMs, until);
  if (expiresAt <= receivedAt) refuse('ended', `the action ${action.code} has ended`);
  const { amount, currency, rate_bps = null } = action.terms;
  const code = offerCode(id);
  const figures = { code, valid_until: instantToText(expiresAt).slice(0, 10) };
  const treatment = action.treatments.find(({ channel }) => channel === body.channel);
  if (!treatment) refuse('no_treatment', `the action has no words for ${body.channel}`);
  const ofClass = classOf(action);
  return {
    ...{ id, code, amount, currency, rate_bps, class: ofClass, expiresAt },
    product: registeredCodes(action)[0] ?? '',
    product_code: action.product.code,
    message: inWords(treatment.message, action, figures),
    why: inWords(action.why, action, figures),
    discount_bps: discountBps(action),
    api_endpoint: action.apply ?? null,
    counts: ofClass === 'default',
  };
}

/** Ten letters of its digest in two groups: what a customer can read out. */
function offerCode(id: Uuid): string {
  const letters = externalId('offer', id).slice(-10).toUpperCase();
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}

function inWords(
  message: string,
  { terms: { amount, currency, rate_bps = 0 }, product, title }: Action,
  figures: { readonly code: string; readonly valid_until: string },
): string {
  const exponent = isoExponent(currency) ?? 0;
  const decimal = formatDecimal(toMinorUnits(amount), exponent).replace(/\.0+$/, '');
  const grouped = decimal.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
  const rate = formatDecimal(toMinorUnits(rate_bps), 2).replace(/\.?0+$/, '');
  return fillSlots(message, {
    ...{ amount: `${grouped} ${currency}`, rate: `${rate}%`, ...figures },
    product: title || product.code,
  });
}

/** The offer, its exposure and the first line of its history: one statement. */
async function writeOffer(tx: pg.ClientBase, command: Command, offer: Drafted): Promise<void> {
  const { tenant, id: commandId, receivedAt } = command;
  const body = command.body as unknown as PresentBody;
  await tx.query({
    name: 'offer-write',
    text: writeSql,
    values: [
      ...[tenant, offer.id, body.customer, body.action, body.version, offer.class],
      ...[offer.product, body.channel, body.path, offer.code, offer.message, offer.why],
      ...[offer.amount, offer.currency, offer.rate_bps, offer.discount_bps, offer.api_endpoint],
      ...[body.chosen_by_model, instantToText(receivedAt), instantToText(offer.expiresAt)],
      ...[offer.counts, body.arm, body.chosen_ppm, body.propensity_ppm, body.propensity_source],
      JSON.stringify(body.terms),
      externalId('decision', derivedUuid(commandId, 'decision', 0)),
      ...[commandId, principalText(command.principal), JSON.stringify({ because: body.because })],
    ],
  });
}

const writeSql = `with offer as (
    insert into offers.offer (tenant_id, id, customer, action, action_version, class, product,
      channel, path, code, message, why, amount, currency, rate_bps, discount_bps, api_endpoint,
      chosen_by_model, presented_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
      $20)),
  exposure as (
    insert into offers.exposure (tenant_id, offer_id, customer, action, action_version, channel,
      path, counts, arm, chosen_ppm, propensity_ppm, propensity_source, terms, decision_id,
      presented_at)
    values ($1, $2, $3, $4, $5, $8, $9, $21, $22, $23, $24, $25, $26, $27, $19))
  insert into offers.offer_act (tenant_id, offer_id, number, act, took_effect, command_id,
    acted_by, acted_at, detail)
  values ($1, $2, 1, 'present', true, $28, $29, $19, $30)`;

function toldOf(offer: Drafted, body: PresentBody) {
  const { action, version, customer, channel, path } = body;
  const { message, amount, currency, rate_bps, counts, code, product, product_code } = offer;
  return {
    ...{ offer_id: externalId('offer', offer.id), customer, action, version },
    ...{ class: offer.class, product, product_code, channel, path },
    ...{ code, message, amount, currency, rate_bps, counts },
    expires_at: instantToText(offer.expiresAt),
    ...{ chosen_by_model: body.chosen_by_model, arm: body.arm, chosen_ppm: body.chosen_ppm },
    ...{ propensity_ppm: body.propensity_ppm, propensity_source: body.propensity_source },
    because: body.because,
  };
}
