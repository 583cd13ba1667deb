// The clocks of offers: those whose time is over expire, and those that nobody has answered reach a
// person of the bank.
import {
  type Clock,
  type Database,
  dueRounds,
  externalId,
  instantToText,
  type Tx,
  type Uuid,
  withTx,
  dayMs,
} from '#core';
import { readContactPolicy } from './contact-policy.ts';
import { type DeliveryParts, openRequest, send } from './deliver.ts';

export type ClockParts = DeliveryParts & {
  readonly database: Database;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

type Due = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly at: Date;
  readonly customer: string;
  readonly code: string;
};

/** Commands of a tenant are heard one after the other. */
const pageSize = 50;

/** Answers what lets offers expire whose time is over; that answers of how many. */
export function expiryTeller(parts: ClockParts): () => Promise<number> {
  const { database, clock, onError } = parts;
  return dueRounds<Due>({
    ...{ now: () => clock.now(), onError, pageSize },
    async readPage(after) {
      const { rows } = await database.pool('app').query<Due>(
        `select tenant_id as tenant, id, expires_at as at, customer, code from offers.offer
          where status in ('presented', 'viewed') and expires_at <= $1
            and ($2::timestamptz is null or (expires_at, id) > ($2, $3))
          order by expires_at, id limit ${pageSize}`,
        [instantToText(clock.now()), after?.at ?? null, after?.id ?? null],
      );
      return rows;
    },
    perform({ tenant, id }, isAgain) {
      const offer_id = externalId('offer', id);
      const again = isAgain ? ` ${instantToText(clock.now())}` : '';
      const idempotencyKey = `expire ${offer_id}${again}`;
      return send(parts, tenant, { operation: 'offer.expire', idempotencyKey, body: { offer_id } });
    },
  });
}

/** The shortest that a contact policy may say. */
const adviseMinDays = 1;

/** Answers what asks people to talk to who has not answered; that answers of how many offers. */
export function adviceTeller(parts: ClockParts): () => Promise<number> {
  const { database, clock, onError } = parts;
  return dueRounds<Due>({
    ...{ now: () => clock.now(), onError, pageSize },
    async readPage(after) {
      const { rows } = await database.pool('app').query<Due>(
        `select tenant_id as tenant, id, presented_at as at, customer, code from offers.offer
          where status in ('presented', 'viewed') and advised_at is null and class = 'default'
            and expires_at > $1 and presented_at <= $2
            and ($3::timestamptz is null or (presented_at, id) > ($3, $4))
          order by presented_at, id limit ${pageSize}`,
        [
          instantToText(clock.now()),
          instantToText(clock.now() - adviseMinDays * dayMs),
          ...[after?.at ?? null, after?.id ?? null],
        ],
      );
      return rows;
    },
    perform: (due, isAgain) => advise(parts, due, isAgain),
  });
}

async function advise(parts: ClockParts, due: Due, isAgain: boolean): Promise<boolean> {
  const { tenant, id, at, customer, code } = due;
  const look = (tx: Tx) => readContactPolicy(tx);
  const { contactPolicy } = await withTx(parts.pool, look, { tenant, readOnly: true });
  // Of another tenant's rule it may be too early: nothing has failed.
  if (parts.clock.now() - at.getTime() < contactPolicy.advise_after_days * dayMs) return true;
  const offer_id = externalId('offer', id);
  const words = `The customer has not answered the offer ${code}: please talk to him.`;
  const request_id = await openRequest(parts, {
    ...{ tenant, customer, key: `advise ${offer_id}`, words },
  });
  const again = isAgain ? ` ${instantToText(parts.clock.now())}` : '';
  const idempotencyKey = `advise ${offer_id} noted${again}`;
  const body = { offer_id, request_id };
  return send(parts, tenant, { operation: 'offer.advise', idempotencyKey, body });
}
