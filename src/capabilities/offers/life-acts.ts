// Acts on offers: each is one command, which a retry finds again; the history keeps also those that
// came too late to change anything.
import {
  closed,
  type Command,
  type EventDraft,
  Fault,
  instantToText,
  internalId,
  type Json,
  nullable,
  principalText,
  refuseField,
  type Uuid,
} from '#core';
import { type ConsentChannel, haveConsent, policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import type { ActionClass } from './action.ts';
import { type OfferStatus, type Told, toldSchema } from './exposure.ts';
import { declineReasons, type OfferAct, stepOf, withdrawReasons } from './life.ts';
import { offerTold } from './present.ts';

export const declineBody = Type.Object(
  { reason: Type.Optional(Type.Enum([...declineReasons], { default: 'not_interested' })) },
  closed,
);
export const withdrawBody = Type.Object(
  { reason: Type.Optional(Type.Enum([...withdrawReasons], { default: 'mistake' })) },
  closed,
);

export type OfferActBody = {
  readonly offer_id: string;
  readonly reason?: string;
  /** Of a booking: the account that was opened. */
  readonly account_id?: string;
  /** Of an advice: the request to the people of the bank; null where none could be made. */
  readonly request_id?: string | null;
};

const acted = Type.Object({
  ...offerTold,
  status: Type.String(),
  reason: nullable(Type.String()),
  account_id: nullable(Type.String()),
});
export const lifePayloads = {
  'offer.viewed': acted,
  'offer.accepted': acted,
  'offer.declined': acted,
  'offer.expired': acted,
  'offer.withdrawn': acted,
  'offer.booked': acted,
  'offer.advised': acted,
  'offer_customer.told': Type.Object({ customer: Type.String(), told: toldSchema }),
};

const act = (name: OfferAct) => ({
  changesRights: false,
  perform: (tx: pg.ClientBase, command: Command) => perform(tx, command, name),
});

export const lifeOperations: PolicyOperations = {
  'offer.view': act('view'),
  'offer.accept': act('accept'),
  'offer.decline': act('decline'),
  'offer.expire': act('expire'),
  'offer.withdraw': act('withdraw'),
  'offer.book': act('book'),
  'offer.advise': act('advise'),
  'offer.customer.tell': { changesRights: false, perform: tell },
};

type Row = {
  readonly id: Uuid;
  readonly customer: string;
  readonly action: string;
  readonly action_version: number;
  readonly class: ActionClass;
  readonly product: string;
  readonly product_code: string;
  readonly channel: ConsentChannel;
  readonly path: string;
  readonly status: OfferStatus;
  readonly reason: string | null;
  readonly expires_at: Date;
  readonly chosen_by_model: boolean;
  readonly acts: number;
};

const events: Readonly<Record<OfferAct, string>> = {
  view: 'offer.viewed',
  accept: 'offer.accepted',
  decline: 'offer.declined',
  expire: 'offer.expired',
  withdraw: 'offer.withdrawn',
  book: 'offer.booked',
  advise: 'offer.advised',
};

async function perform(tx: pg.ClientBase, command: Command, name: OfferAct): Promise<EventDraft[]> {
  const body = command.body as unknown as OfferActBody;
  const offer = await lockOffer(tx, body.offer_id);
  const isOver = offer.expires_at.getTime() <= command.receivedAt;
  if (name === 'accept') await expectConsent(tx, command, offer, isOver);
  const step = stepOf({ status: offer.status, isOver }, name);
  if (step.kind === 'refused') refuseAct(offer, name, step.because);
  const tookEffect = step.kind === 'changes' || name === 'advise';
  const status = step.kind === 'changes' ? step.to : offer.status;
  const reason = reasonOf(name, body, offer);
  await writeAct(tx, command, { offer, name, tookEffect });
  if (!tookEffect) return [];
  await change(tx, command, { offer, name, status, reason, account: body.account_id ?? null });
  return [policyEvent(command, events[name], toldOf(offer, { status, reason, body }))];
}

function reasonOf(name: OfferAct, body: OfferActBody, offer: Row): string | null {
  if (name === 'decline') return body.reason ?? 'not_interested';
  if (name === 'withdraw') return body.reason ?? 'mistake';
  return offer.reason;
}

async function lockOffer(tx: pg.ClientBase, offer: string): Promise<Row> {
  const { rows } = await tx.query<Row>(
    `select o.id, o.customer, o.action, o.action_version, o.class, o.product,
            a.body #>> '{product,code}' as product_code, o.channel, o.path, o.status, o.reason,
            o.expires_at, o.chosen_by_model, o.acts
       from offers.offer o
       join offers.action a on a.tenant_id = o.tenant_id and a.code = o.action
        and a.version = o.action_version
      where o.tenant_id = core.current_tenant() and o.id = $1 for update of o`,
    [internalId('offer', offer) ?? null],
  );
  const [row] = rows;
  if (!row) throw new Fault('not_found', `there is no offer ${offer}`);
  return row;
}

/**
 * Who has withdrawn the consent by which he was asked is bound by nothing that was on the screen:
 * the offer is gone, be that noted already or not.
 */
async function expectConsent(
  tx: pg.ClientBase,
  { receivedAt: at }: Command,
  offer: Row,
  isOver: boolean,
): Promise<void> {
  const isOpen = offer.status === 'presented' || offer.status === 'viewed';
  if (!isOpen || isOver || offer.class !== 'default') return;
  const { customer: person, channel } = offer;
  const [marketing, data] = await haveConsent(tx, [
    { person, at, purpose: 'marketing', channel },
    { person, at, purpose: 'ai_data_use' },
  ]);
  if (marketing && (data || !offer.chosen_by_model)) return;
  refuseAct({ ...offer, reason: 'consent_withdrawn' }, 'accept', 'withdrawn');
}

const words: Readonly<Record<OfferStatus, string>> = {
  presented: 'is open',
  viewed: 'is open',
  accepted: 'was accepted',
  declined: 'was declined',
  expired: 'has expired',
  withdrawn: 'was withdrawn',
  booked: 'has led to a product',
};

function refuseAct({ reason }: Row, name: OfferAct, because: OfferStatus): never {
  const isSaid = because === 'withdrawn' && reason !== null;
  const why = isSaid ? `${words[because]} (${reason})` : words[because];
  throw new Fault(
    'conflict',
    `the offer ${why}: it cannot be ${name === 'accept' ? 'accepted' : 'declined'} any more`,
    {
      detail: { reason: because, ...(isSaid ? { because: reason } : {}) },
    },
  );
}

type Change = {
  readonly offer: Row;
  readonly name: OfferAct;
  readonly status: OfferStatus;
  readonly reason: string | null;
  readonly account: string | null;
};

const ends: readonly OfferStatus[] = ['declined', 'expired', 'withdrawn', 'booked'];

async function change(
  tx: pg.ClientBase,
  { receivedAt }: Command,
  { offer, name, status, reason, account }: Change,
): Promise<void> {
  if (name === 'book' && account === null) refuseField('/account_id', 'is what was booked');
  const isAnswer = name === 'accept' || name === 'decline';
  await tx.query(
    `update offers.offer
        set status = $2, reason = $3,
            viewed_at = case when $4 then coalesce(viewed_at, $5) else viewed_at end,
            answered_at = case when $6 then $5 else answered_at end,
            ended_at = case when $7 then $5 else ended_at end,
            booked_at = case when $8 then $5 else booked_at end,
            booked_account = case when $8 then $9 else booked_account end,
            advised_at = case when $10 then $5 else advised_at end
      where tenant_id = core.current_tenant() and id = $1`,
    [
      ...[offer.id, status, reason, name === 'view' || isAnswer],
      ...[instantToText(receivedAt), isAnswer, name !== 'advise' && ends.includes(status)],
      ...[name === 'book', account, name === 'advise'],
    ],
  );
}

type Acted = Pick<Change, 'offer' | 'name'> & { readonly tookEffect: boolean };

async function writeAct(
  tx: pg.ClientBase,
  command: Command,
  { offer, name, tookEffect }: Acted,
): Promise<void> {
  const { offer_id: _, ...detail } = command.body as unknown as OfferActBody;
  await tx.query(
    `insert into offers.offer_act (tenant_id, offer_id, number, act, took_effect, command_id,
       acted_by, acted_at, detail) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[command.tenant, offer.id, offer.acts + 1, name, tookEffect, command.id],
      ...[principalText(command.principal), instantToText(command.receivedAt)],
      JSON.stringify(detail),
    ],
  );
  await tx.query(
    `update offers.offer set acts = acts + 1
      where tenant_id = core.current_tenant() and id = $1`,
    [offer.id],
  );
}

type ToldAct = Pick<Change, 'status' | 'reason'> & { readonly body: OfferActBody };

function toldOf(offer: Row, { status, reason, body }: ToldAct): Json {
  const { customer, action, action_version: version, product, product_code, channel, path } = offer;
  return {
    ...{ offer_id: body.offer_id, customer, action, version, class: offer.class },
    ...{ product, product_code, channel, path, status, reason },
    account_id: body.account_id ?? null,
  };
}

// What the bank tells -----------------------------------------------------------------------------

export type TellBody = { readonly customer: string; readonly told: Told };

/** Adds to what was told before; null takes a fact back. */
async function tell(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { customer, told } = command.body as unknown as TellBody;
  const known = await tx.query(
    'select from register.party where tenant_id = core.current_tenant() and id = $1',
    [customer],
  );
  if (known.rowCount === 0) throw new Fault('not_found', `there is no customer ${customer}`);
  await tx.query(
    `insert into offers.customer as c (tenant_id, customer, told, told_by, told_at)
     values ($1, $2, jsonb_strip_nulls($3), $4, $5)
     on conflict (tenant_id, customer) do update
       set told = jsonb_strip_nulls(c.told || $3), told_by = excluded.told_by,
           told_at = excluded.told_at`,
    [
      ...[command.tenant, customer, JSON.stringify(told), principalText(command.principal)],
      instantToText(command.receivedAt),
    ],
  );
  return [policyEvent(command, 'offer_customer.told', { customer, told } as Json)];
}
