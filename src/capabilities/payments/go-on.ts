// How a payment goes on by itself: after a step-up, a review, or when its time is over.
import { type CommandInput, Fault, type Json, type Pool, withTx } from '#core';
import { type Chain, readChain } from './chain.ts';
import { cancellation, expiry, paymentService, resumption, type Step } from './steps.ts';
import { readPaymentsOf } from './view.ts';

export type GoOnParts<Executed> = {
  /** Of the role `read`. */
  readonly pool: Pool;
  readonly execute: (input: CommandInput<Json>) => Promise<Executed>;
};

type Which = { readonly tenant: string; readonly id: string };

/** Of resumptions that meet each other: one more than can wait for the same payment. */
const attemptsMax = 5;

/**
 * Takes the payment to policy once more; undefined where it waits no longer, or there is none. May
 * be called again for the same cause: what it has brought about stands then.
 */
export async function resumePayment<Executed>(
  { pool, execute }: GoOnParts<Executed>,
  { tenant, id, cause }: Which & { readonly cause: string },
): Promise<Executed | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const chain = await withTx(pool, (tx) => readChain(tx, id), { tenant, readOnly: true });
    const input = chain && !isHandled(chain, cause) ? resumption(chain, cause) : undefined;
    if (!input) return undefined;
    try {
      return await execute(input);
    } catch (error) {
      // Another cause has taken the number meanwhile: the payment is looked at anew.
      const isTaken = error instanceof Fault && error.code === 'idempotency_key_reused';
      if (!isTaken || attempt === attemptsMax) throw error;
    }
  }
}

function isHandled({ resumptions }: Chain, cause: string): boolean {
  return resumptions.some(({ body }) => body.cause === cause);
}

/**
 * Gives back what is held for a payment that shall not go on, once for each cause: because people
 * say so, or because the ledger has refused what policy allowed.
 */
export async function releasePayment<Executed>(
  { pool, execute }: GoOnParts<Executed>,
  { tenant, id, cause, reason }: Which & { readonly cause: string; readonly reason: string },
): Promise<Executed | undefined> {
  const chain = await withTx(pool, (tx) => readChain(tx, id), { tenant, readOnly: true });
  if (!chain || chain.state === 'done' || chain.holds.length === 0) return undefined;
  return execute(byBank(chain, cancellation(chain, reason), `release ${cause}`));
}

type DueHold = {
  readonly tenant: string;
  readonly hold: string;
  readonly holdId: string;
  readonly idempotencyKey?: string;
};

/** Tells the expiry of a hold as that of its payment; undefined for a hold of no payment. */
export async function expirePayment<Executed>(
  { pool, execute }: GoOnParts<Executed>,
  { tenant, hold, holdId, idempotencyKey = `expire ${holdId}` }: DueHold,
): Promise<Executed | undefined> {
  const chain = await withTx(
    pool,
    async (tx) => {
      const id = (await readPaymentsOf(tx, [hold])).get(hold);
      return id === undefined ? undefined : readChain(tx, id);
    },
    { tenant, readOnly: true },
  );
  return chain && execute(byBank(chain, expiry(chain, holdId), idempotencyKey));
}

/** A blank in the key, which no caller can send: nobody else can have taken it. */
function byBank({ tenant }: Chain, step: Step, idempotencyKey: string): CommandInput<Json> {
  return { ...step, principal: paymentService(tenant), idempotencyKey };
}
