// Delivery: what follows from events around offers. An acceptance reaches people, a product that is
// opened books its offer, consent that is withdrawn takes offers off the screen, and approvals let
// those be presented that waited for them.
import {
  type Clock,
  type CommandInput,
  type Consumer,
  Fault,
  type FaultCode,
  externalId,
  instantToText,
  internalId,
  type Json,
  type Pool,
  type SealedEvent,
  type Tx,
  type Uuid,
  withTx,
  dayMs,
} from '#core';
import type { Core } from '#cores';
import type { Vault } from '#privacy';
import { readRequest } from './present-ask.ts';
import { presentOperation } from './present.ts';

export type DeliveryParts = {
  /** Of the role `read`. */
  readonly pool: Pool;
  readonly clock: Clock;
  readonly core: Pick<Core, 'operations'>;
  readonly vault: Pick<Vault, 'tokenize' | 'detokenize'>;
  readonly execute: (input: CommandInput<Json>) => Promise<unknown>;
};

/** Commands take their time: what is not done yet of a page is done again after a crash. */
const eventsMax = 100;

/** One checkpoint for all: each is rare, and a page of them is soon done. */
export function offerReactions(parts: DeliveryParts): Consumer {
  const acts: Readonly<
    Record<string, (parts: DeliveryParts, event: SealedEvent) => Promise<void>>
  > = {
    'offer.accepted': fulfil,
    'account.linked': book,
    'consent.withdrawn': withdraw,
    'approval.given': presentApproved,
    'party.registered': tellAge,
    'party.changed': tellAge,
  };
  return {
    ...{ name: 'offer-reactions', types: Object.keys(acts), eventsMax },
    async apply(_tx, events) {
      for (const event of events) await acts[event.type]?.(parts, event);
    },
  };
}

/** Of an offer that names no place to apply: a person of the bank carries it on. */
async function fulfil(parts: DeliveryParts, event: SealedEvent): Promise<void> {
  const { offer_id, customer } = dataOf<OfferTold>(event).payload;
  const offer = await inTenant(parts, event.tenant, (tx) => readBrief(tx, offer_id));
  if (!offer || offer.api_endpoint !== null) return;
  const words = `The customer accepts the offer ${offer.code}: ${offer.product_code}.`;
  await openRequest(parts, { tenant: event.tenant, customer, key: `fulfil ${offer_id}`, words });
}

/** What was asked for and is there is booked, by whichever way it was opened. */
async function book(parts: DeliveryParts, event: SealedEvent): Promise<void> {
  const { payload } = dataOf<Linked>(event);
  if (payload.product_id === null || payload.role === 'former') return;
  const at = parts.clock.now();
  const offer = await inTenant(parts, event.tenant, (tx) => findBooked(tx, payload, at));
  if (offer === undefined) return;
  const offer_id = externalId('offer', offer);
  await send(parts, event.tenant, {
    operation: 'offer.book',
    body: { offer_id, account_id: payload.account_id },
    idempotencyKey: `book ${offer_id} ${payload.account_id}`,
  });
}

/** Whoever agrees no longer is asked no longer: what is on the screen is gone. */
async function withdraw(parts: DeliveryParts, event: SealedEvent): Promise<void> {
  const { person, purpose, channel } = dataOf<ConsentTold>(event).payload;
  if (purpose === 'open_banking') return;
  const { rows } = await inTenant(parts, event.tenant, (tx) =>
    tx.query<{ id: Uuid }>(
      `select id from offers.offer
        where tenant_id = core.current_tenant() and customer = $1
          and status in ('presented', 'viewed') and class = 'default'
          and case when $2::text is null then chosen_by_model else channel = $2 end
        order by id`,
      [person, purpose === 'marketing' ? channel : null],
    ),
  );
  for (const { id } of rows) {
    const offer_id = externalId('offer', id);
    await send(parts, event.tenant, {
      operation: 'offer.withdraw',
      body: { offer_id, reason: 'consent_withdrawn' },
      idempotencyKey: `withdraw ${offer_id} ${externalId('event', event.id)}`,
    });
  }
}

/** What people have agreed to is presented, as it was: the approval is its key. */
async function presentApproved(parts: DeliveryParts, event: SealedEvent): Promise<void> {
  const { approval_id, given, required_checkers } = dataOf<Given>(event).payload;
  if (given < required_checkers) return;
  const at = parts.clock.now();
  const body = await inTenant(parts, event.tenant, (tx) => readRequest(tx, approval_id, at));
  if (body === undefined) return;
  await send(parts, event.tenant, {
    ...{ operation: presentOperation, idempotencyKey: approval_id },
    body: body as unknown as Json,
  });
}

const adultYears = 18;

/** Whether a person is of age follows from a date that only the vault has: it is told as a fact. */
async function tellAge(parts: DeliveryParts, event: SealedEvent): Promise<void> {
  const { party_id, date_of_birth_token: token } = dataOf<PartyTold>(event).payload;
  if (token === null) return;
  const [born] = await parts.vault.detokenize(event.tenant, [token]);
  // Erased meanwhile: nobody is to be offered anything.
  if (born === undefined) return;
  await send(parts, event.tenant, {
    operation: 'offer.customer.tell',
    body: {
      customer: party_id,
      told: { of_age: isAdult(born, instantToText(parts.clock.now())) },
    },
    idempotencyKey: `age ${party_id} ${externalId('event', event.id)}`,
  });
}

/** Dates as texts: who is born on 29 February is of age on 1 March. */
function isAdult(born: string, today: string): boolean {
  const [year = '9999', ...rest] = born.slice(0, 10).split('-');
  const birthday = [String(Number(year) + adultYears).padStart(4, '0'), ...rest].join('-');
  return birthday <= today.slice(0, 10);
}

// What they share ---------------------------------------------------------------------------------

type OfferTold = { readonly offer_id: string; readonly customer: string };
type Linked = {
  readonly account_id: string;
  readonly party_id: string;
  readonly role: string;
  readonly product_id: string | null;
};
type ConsentTold = {
  readonly person: string;
  readonly purpose: string;
  readonly channel: string | null;
};
type Given = {
  readonly approval_id: string;
  readonly given: number;
  readonly required_checkers: number;
};
type PartyTold = { readonly party_id: string; readonly date_of_birth_token: string | null };

export function dataOf<Payload>({ body }: SealedEvent): { readonly payload: Payload } {
  return (JSON.parse(body) as { data: { payload: Payload } }).data;
}

function inTenant<Found>(
  { pool }: Pick<DeliveryParts, 'pool'>,
  tenant: string,
  look: (tx: Tx) => Promise<Found>,
): Promise<Found> {
  return withTx(pool, look, { tenant, readOnly: true });
}

type Brief = {
  readonly code: string;
  readonly product_code: string;
  readonly api_endpoint: string | null;
};

async function readBrief(tx: Tx, offer: string): Promise<Brief | undefined> {
  const { rows } = await tx.query<Brief>(
    `select o.code, a.body #>> '{product,code}' as product_code, o.api_endpoint
       from offers.offer o
       join offers.action a on a.tenant_id = o.tenant_id and a.code = o.action
        and a.version = o.action_version
      where o.tenant_id = core.current_tenant() and o.id = $1`,
    [internalId('offer', offer) ?? null],
  );
  return rows[0];
}

/** For so long an offer may have led to a product. */
const bookedWithinDays = 90;

/** The offer that the product follows from: what was accepted before what was only seen. */
async function findBooked(
  tx: Tx,
  { account_id, party_id, product_id }: Linked,
  at: number,
): Promise<Uuid | undefined> {
  const { rows } = await tx.query<{ id: Uuid }>(
    `select o.id from offers.offer o
       join register.product p on p.tenant_id = o.tenant_id and p.code = o.product
      where o.tenant_id = core.current_tenant() and o.customer = $1 and p.id = $2
        and o.booked_at is null and o.status in ('presented', 'viewed', 'accepted')
        and o.presented_at > $3
        and not exists (select from offers.offer b
          where b.tenant_id = o.tenant_id and b.customer = o.customer and b.booked_account = $4)
      order by o.status = 'accepted' desc, o.id desc limit 1`,
    [party_id, product_id, instantToText(at - bookedWithinDays * dayMs), account_id],
  );
  return rows[0]?.id;
}

type Request = {
  readonly tenant: string;
  readonly customer: string;
  readonly key: string;
  readonly words: string;
};

/** Hands something to people of the bank; answers its id, or null where the core has no desk. */
export async function openRequest(
  { core, vault }: Pick<DeliveryParts, 'core' | 'vault'>,
  { tenant, customer, key, words }: Request,
): Promise<string | null> {
  const { openServiceRequest } = core.operations;
  if (!openServiceRequest) return null;
  const value = { person: customer, class: 'free_text', value: words } as const;
  const [text_token = null] = await vault.tokenize(tenant, [value]);
  const asked = { tenant, id: customer, key, subject: 'call_back', text_token } as const;
  const { request_id } = await openServiceRequest(asked);
  return request_id;
}

/** What another process has done meanwhile, or what nobody can do any more, is done. */
const isDone: readonly FaultCode[] = [
  ...(['idempotency_key_reused', 'conflict', 'not_found', 'approval_invalid'] as const),
];

type Sending = Pick<CommandInput<Json>, 'operation' | 'idempotencyKey' | 'body'>;

/** Says it as the system; the key has a blank, or is an approval, so that no caller can send it. */
export async function send(
  { execute }: Pick<DeliveryParts, 'execute'>,
  tenant: string,
  input: Sending,
): Promise<boolean> {
  try {
    await execute({ principal: { kind: 'service', id: 'offers', tenant }, ...input });
    return true;
  } catch (error) {
    if (!(error instanceof Fault) || !isDone.includes(error.code)) throw error;
    return false;
  }
}
