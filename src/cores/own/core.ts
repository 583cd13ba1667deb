// Our own core: the ledger of the money plane with the register beside it, behind the port.
import { withTx } from '#core';
import type { PostingEngine } from '#money';
import type { Core } from '../port.ts';
import { type AccountParts, accountOperations } from './accounts.ts';
import { readContactPoints } from './contacts.ts';
import { lookUpIn, moves } from './moves.ts';
import { listParties, readParty } from './parties.ts';
import { listProducts, readProduct } from './products.ts';
import { type Execute, serviceOperations } from './service-requests.ts';

export type OwnCoreOptions = AccountParts & {
  readonly engine: Pick<PostingEngine, 'submit'>;
  /** By which the register is changed. */
  readonly execute: Execute;
};

export function ownCore({ engine, pool, pipeline, clock, execute }: OwnCoreOptions): Core {
  const move = moves(engine);
  const inTenant = <Found>(tenant: string, work: Parameters<typeof withTx<Found>>[1]) =>
    withTx(pool, work, { tenant, readOnly: true });
  return {
    name: 'own',
    operations: {
      readParty: ({ tenant, id }) => inTenant(tenant, (tx) => readParty(tx, id)),
      listParties: ({ tenant, ...query }) => inTenant(tenant, (tx) => listParties(tx, query)),
      readContactPoints: ({ tenant, id }) => inTenant(tenant, (tx) => readContactPoints(tx, id)),
      readProduct: ({ tenant, id }) => inTenant(tenant, (tx) => readProduct(tx, id)),
      listProducts: ({ tenant, ...query }) => inTenant(tenant, (tx) => listProducts(tx, query)),
      ...accountOperations({ pool, pipeline, clock }),
      ...serviceOperations({ pool, execute }),
      transfer: move,
      placeHold: move,
      increaseHold: move,
      captureHold: move,
      releaseHold: move,
      reverse: move,
      lookUp: lookUpIn(pool),
    },
  };
}
