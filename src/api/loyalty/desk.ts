// The desk of the rewards for agents: what they may ask about the points of the customer for whom
// they act, done by the system once the customer has agreed to it.
import { Fault, type Json, type Tx, type Uuid, withTx } from '#core';
import type { ClaimStanding, RewardsDesk } from '#gateway';
import { claimFor, claimOf, creditClaim, readClaim, readRewards } from '#loyalty';
import type { Planes } from '#main';

type Customer = { readonly tenant: string; readonly customer: string };

export function ownRewards(planes: Planes) {
  const { database, clock, execute } = planes;
  return ({ tenant, customer }: Customer): RewardsDesk => {
    const look = <Found>(work: (tx: Tx) => Promise<Found>) =>
      withTx(database.pool('read'), work, { tenant, readOnly: true });
    const send = async (operation: string, idempotencyKey: string, body: Json): Promise<Uuid> => {
      const principal = { kind: 'service', id: 'loyalty', tenant } as const;
      const done = await execute({ principal, operation, idempotencyKey, body });
      if (done.outcome.status === 'accepted') return done.commandId;
      throw new Fault('denied', `policy does not let the desk do ${operation}`);
    };
    const standing = async (id: string): Promise<ClaimStanding> => {
      const claim = await look((tx) => readClaim(tx, id));
      if (claim?.customer !== customer) throw new Fault('not_found', `there is no claim ${id}`);
      const { claim_id, status, explanation, points_due, points_given } = claim;
      return { claim_id, status, explanation, points_due, points_given };
    };
    return {
      read: () => look((tx) => readRewards(tx, { customer, at: clock.now() })),
      async claim({ key, ...of }) {
        const body = await claimFor(planes, tenant, { ...of, customer }, key);
        const id = claimOf(await send('loyalty.claim.make', key, body as unknown as Json));
        await creditClaim(planes, tenant, id);
        return standing(id);
      },
      async appeal({ key, claim_id }) {
        await standing(claim_id);
        await send('loyalty.claim.appeal', key, { claim_id, customer });
        return standing(claim_id);
      },
    };
  };
}
