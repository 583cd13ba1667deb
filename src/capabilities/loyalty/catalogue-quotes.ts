// Quotes: what a reward costs one customer, for as long as the quote holds. The first one of a day
// fixes the listed price of that day.
import {
  closed,
  type Command,
  derivedUuid,
  externalId,
  Fault,
  type Instant,
  instantFromText,
  instantToText,
  internalId,
  type Tx,
  type Uuid,
  localTime,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { type Offered, readReward, rewardSchema, type Reward } from './catalogue.ts';
import { readMember } from './members.ts';
import { guardrailsOf, listedPrice, memberPrice, type Price } from './pricing.ts';
import type { Program } from './program/program.ts';
import { readProgramInForce } from './program/versions.ts';
import { heldTier } from './tier-moves.ts';

const quoteMinutesDefault = 15;
/** Of one customer at a time: whoever asks for more has not looked at those yet. */
const openMax = 50;
const weekMs = 7 * 86_400_000;

const { program, reward } = rewardSchema.properties;
export const customerId = Type.String({
  minLength: 1,
  maxLength: 80,
  pattern: '^[A-Za-z0-9:_.-]+$',
});
export const quoteBody = Type.Object({ program, reward, customer: customerId }, closed);
type QuoteBody = Type.Static<typeof quoteBody>;

const quoteId = Type.String({ pattern: '^quo_[0-9a-hjkmnp-tv-z]{26}$' });
export const quoteSchemas = { id: quoteId };

const priceStep = Type.Object({ reason: Type.String(), points: Type.Integer() });
const told = {
  quote_id: quoteId,
  program: Type.String(),
  reward: Type.String(),
  version: Type.Integer(),
  customer: Type.String(),
  tier: Type.Union([Type.String(), Type.Null()]),
  points: Type.Integer(),
  reasons: Type.Array(priceStep, { description: 'How the price came to be, from the base on.' }),
  expires_at: Type.String(),
};
export const quoteView = Type.Object({ ...told, quoted_at: Type.String() });
export type Quote = Type.Static<typeof quoteView>;

export const quotePayloads = { 'loyalty.reward_quoted': Type.Object(told) };

export const quoteOperations: PolicyOperations = {
  'loyalty.reward.quote': { changesRights: false, perform: quote },
};

export function quoteOf(command: Uuid): string {
  return externalId('quote', derivedUuid(command, 'quote', 0));
}

async function quote(tx: pg.ClientBase, command: Command) {
  const body = command.body as QuoteBody;
  const at = command.receivedAt;
  const { offered, ruled } = await offeredNow(tx, body, at);
  await expectMember(tx as Tx, body);
  await refuseTooMany(tx, body.customer, at);
  const listed = await fixPrice(tx, command, { offered, ruled });
  const tier = await heldTier(tx, ruled, body.customer);
  refuseReward(offered, { tier, at });
  const price = priceFor(offered.document, ruled, { listed, tier });
  const minutes = ruled.redemption?.quote_minutes ?? quoteMinutesDefault;
  const said = {
    ...{ program: body.program, reward: body.reward, version: offered.version },
    ...{ customer: body.customer, tier, points: price.points },
    expires_at: instantToText(at + minutes * 60_000),
  };
  const id = derivedUuid(command.id, 'quote', 0);
  const row = { tenant_id: command.tenant, id, ...said, quoted_at: instantToText(at) };
  await tx.query(
    `insert into loyalty.quote
     select * from jsonb_populate_record(null::loyalty.quote, $1::jsonb)`,
    [JSON.stringify({ ...row, reasons: price.steps })],
  );
  const quoted = { quote_id: externalId('quote', id), ...said, reasons: [...price.steps] };
  return [policyEvent(command, 'loyalty.reward_quoted', quoted)];
}

async function expectMember(tx: Tx, { program: of, customer }: QuoteBody): Promise<void> {
  if (await readMember(tx, of, customer)) return;
  throw new Fault('not_found', `there is no member ${customer} of the programme ${of}`);
}

/** A price for a member, or why there is none. */
export function priceFor(
  document: Reward,
  ruled: Program,
  { listed, tier }: { readonly listed: Price; readonly tier: string | null },
): Price {
  const rails = guardrailsOf(ruled);
  if (!rails) throw new Fault('conflict', `${ruled.name} says nothing of redeeming just now`);
  return memberPrice(document, rails, { listed, tier });
}

/** Why this customer cannot have the reward now; undefined where he can. */
export function whyNot(
  { document, stock_left }: Pick<Offered, 'document' | 'stock_left'>,
  { tier, at }: { readonly tier: string | null; readonly at: Instant },
): string | undefined {
  const { status, from, until, only_tiers, reward: name } = document;
  if (status !== 'offered') return `${name} is not offered any more`;
  if (from !== undefined && at < (instantFromText(from) ?? 0)) return `${name} begins at ${from}`;
  if (until !== undefined && at >= (instantFromText(until) ?? 0))
    return `${name} ended at ${until}`;
  if (stock_left === 0) return `${name} is out of stock`;
  const isForTier = only_tiers === undefined || (tier !== null && only_tiers.includes(tier));
  return isForTier ? undefined : `${name} is for members of ${only_tiers?.join(', ')}`;
}

function refuseReward(offered: Offered, of: { tier: string | null; at: Instant }): void {
  const why = whyNot(offered, of);
  if (why !== undefined) throw new Fault('conflict', why);
}

async function offeredNow(tx: pg.ClientBase, of: QuoteBody, at: Instant) {
  const offered = await readReward(tx, of);
  const ruled = offered && (await readProgramInForce(tx, of.program, at));
  if (!offered || !ruled) {
    throw new Fault('not_found', `there is no reward ${of.reward} of the programme ${of.program}`);
  }
  return { offered, ruled };
}

async function refuseTooMany(tx: pg.ClientBase, customer: string, at: Instant): Promise<void> {
  const { rows } = await tx.query<{ open: number }>(
    `select count(*)::int as open from loyalty.quote
      where tenant_id = core.current_tenant() and customer = $1 and expires_at > $2
        and redemption_id is null`,
    [customer, instantToText(at)],
  );
  if ((rows[0]?.open ?? 0) < openMax) return;
  throw new Fault('conflict', `${openMax} quotes of this customer hold already: use one of them`);
}

// The price of the day ----------------------------------------------------------------------------

type Priced = { readonly offered: Offered; readonly ruled: Program };

/** What no quote of the day has fixed yet is listed as the next one would fix it. */
export async function readListedPrice(
  tx: pg.ClientBase,
  { offered, ruled }: Priced,
  at: Instant,
): Promise<Price> {
  const { reward: name, program: of } = offered.document;
  const day = localTime(at, ruled.time_zone).date;
  const rails = guardrailsOf(ruled);
  if (!rails) throw new Fault('conflict', `${ruled.name} says nothing of redeeming just now`);
  // Another version is another price: what people have approved may be as far away as it likes.
  const { rows } = await tx.query<{ points: bigint; reasons: Price['steps']; days: number }>(
    `select points, reasons, $4::date - day as days from loyalty.reward_price
      where tenant_id = core.current_tenant() and program = $1 and reward = $2 and version = $3
        and day <= $4::date order by day desc limit 1`,
    [of, name, offered.version, day],
  );
  const [last] = rows;
  if (last?.days === 0) return { points: Number(last.points), steps: last.reasons };
  const before = last ? { points: Number(last.points), days: last.days } : null;
  const redeemed = await redeemedSince(tx, offered.document, at - weekMs);
  return listedPrice(offered.document, rails, {
    ...{ redeemed, stockLeft: offered.stock_left, before },
  });
}

async function fixPrice(tx: pg.ClientBase, command: Command, priced: Priced): Promise<Price> {
  const { tenant, receivedAt: at } = command;
  const { document, version } = priced.offered;
  const price = await readListedPrice(tx, priced, at);
  const day = localTime(at, priced.ruled.time_zone).date;
  await tx.query(
    `insert into loyalty.reward_price (tenant_id, program, reward, version, day, points, reasons,
       set_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict do nothing`,
    [
      ...[tenant, document.program, document.reward, version, day, price.points],
      ...[JSON.stringify(price.steps), instantToText(at)],
    ],
  );
  // Who was faster has fixed it.
  return readListedPrice(tx, priced, at);
}

async function redeemedSince(
  tx: pg.ClientBase,
  of: Pick<Reward, 'program' | 'reward'>,
  since: Instant,
): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from loyalty.redemption
      where tenant_id = core.current_tenant() and program = $1 and reward = $2
        and begun_at >= $3 and status in ('begun', 'redeemed')`,
    [of.program, of.reward, instantToText(since)],
  );
  return rows[0]?.count ?? 0;
}

// Reading -----------------------------------------------------------------------------------------

export type QuoteRow = {
  readonly id: Uuid;
  readonly program: string;
  readonly reward: string;
  readonly version: number;
  readonly customer: string;
  readonly tier: string | null;
  readonly points: bigint;
  readonly reasons: Price['steps'];
  readonly quoted_at: Date;
  readonly expires_at: Date;
  readonly redemption_id: Uuid | null;
};

/** `locking` is for who uses it. */
export async function findQuote(
  tx: pg.ClientBase,
  id: string,
  locking: '' | 'for update' = '',
): Promise<QuoteRow | undefined> {
  const { rows } = await tx.query<QuoteRow>(
    `select id, program, reward, version, customer, tier, points, reasons, quoted_at, expires_at,
        redemption_id
       from loyalty.quote where tenant_id = core.current_tenant() and id = $1 ${locking}`,
    [internalId('quote', id) ?? null],
  );
  return rows[0];
}

export async function readQuote(tx: pg.ClientBase, id: string): Promise<Quote | undefined> {
  const row = await findQuote(tx, id);
  if (!row) return undefined;
  const { id: uuid, redemption_id: _used, points, quoted_at, expires_at, reasons, ...rest } = row;
  return {
    ...{ quote_id: externalId('quote', uuid), ...rest, points: Number(points) },
    reasons: [...reasons],
    ...{ quoted_at: quoted_at.toISOString(), expires_at: expires_at.toISOString() },
  };
}
