// What a bank's core does beside money: loans, offers, disputes and the rest, about our parties,
// accounts and products, under the core's own ids; personal values leave the vault for it.
import { Fault } from '#core';
import type { AdapterOperations, Keyed } from '../adapter.ts';
import type { ContactPoint, CoreOperations, Further, Operations } from '../port.ts';
import type { LinkKind, Links } from './links.ts';
import { referenceOf } from './reference.ts';

export type FurtherParts = {
  readonly operations: AdapterOperations;
  readonly core: string;
  readonly links: Links;
  /** The register, which keeps what the core is told. */
  readonly own: Operations;
  /** The value of a token of the vault. */
  readonly reveal: (tenant: string, token: string) => Promise<string>;
};

/** What the `id` of each names; `core`: what only the core names. */
const about: Readonly<Record<Further, LinkKind | 'core' | 'nothing'>> = {
  applyForLoan: 'party',
  readLoanApplication: 'core',
  openDispute: 'account',
  recordOffer: 'party',
  listOffers: 'party',
  recordLoyalty: 'party',
  readLoyalty: 'party',
  listGeneralLedger: 'nothing',
  listSecurities: 'party',
  recordInteraction: 'party',
  readPreferences: 'party',
  changePreference: 'party',
  recordPriceException: 'party',
  authorize: 'account',
  recordAiAudit: 'party',
};

/** Of what the adapter has; nothing else is there. */
export function furtherOver(parts: FurtherParts): Partial<Operations> {
  const { operations } = parts;
  const there = Object.entries(about).flatMap(([name, of]) => {
    const call = operations[name as Further] as Call | undefined;
    return call ? [[name, handedOn(parts, call, of)] as const] : [];
  });
  const changed = contactOver(parts);
  return {
    ...(Object.fromEntries(there) as Partial<Operations>),
    ...(changed ? { changeContactPoint: changed } : {}),
  };
}

type Asked = {
  readonly tenant: string;
  readonly id?: string;
  readonly key?: string;
  readonly product?: string;
  readonly account?: string;
};
type Call = (asked: object) => Promise<unknown>;

function handedOn(parts: FurtherParts, call: Call, of: LinkKind | 'core' | 'nothing') {
  return async ({ tenant, ...asked }: Asked): Promise<unknown> => {
    const { id, key, product, account } = asked;
    const isLinked = of !== 'core' && of !== 'nothing';
    // A product may be one that only the core knows.
    const told = {
      ...asked,
      ...(isLinked && id !== undefined ? { id: await linked(parts, tenant, of, id) } : {}),
      ...(key === undefined ? {} : { key: referenceOf({ tenant, idempotencyKey: key }) }),
      ...(product === undefined ? {} : { product: await productOf(parts, tenant, product) }),
      ...(account === undefined
        ? {}
        : { account: await linked(parts, tenant, 'account', account) }),
    };
    return ours(parts, { tenant, of }, await call(told));
  };
}

async function linked(
  { core, links }: FurtherParts,
  tenant: string,
  kind: LinkKind,
  id: string,
): Promise<string> {
  const found = await links.ofOurs(tenant, kind, id);
  if (found) return found.core_id;
  throw new Fault(
    'not_found',
    `the core ${core} has no ${kind} that is ${id} here: import it first`,
  );
}

async function productOf(
  { links }: FurtherParts,
  tenant: string,
  product: string,
): Promise<string> {
  return (await links.ofOurs(tenant, 'product', product))?.core_id ?? product;
}

/**
 * A party in an answer is told by our id. What was asked for by the core's own id, which anybody
 * may guess, is there only where it is of a party of that bank.
 */
async function ours(
  { links }: FurtherParts,
  { tenant, of }: { readonly tenant: string; readonly of: LinkKind | 'core' | 'nothing' },
  answer: unknown,
): Promise<unknown> {
  if (typeof answer !== 'object' || answer === null || !('party' in answer)) return answer;
  const { party } = answer as { readonly party: string };
  const found = await links.ofCore(tenant, 'party', party);
  if (!found && of === 'core') return undefined;
  return { ...answer, party: found?.own_id ?? party };
}

/** The core first: what it refuses is not written down either. */
function contactOver(parts: FurtherParts): CoreOperations['changeContactPoint'] | undefined {
  const { changeContactPoint } = parts.operations;
  const { changeContactPoint: register } = parts.own;
  if (!changeContactPoint || !register) return register;
  return async (change) => {
    const { tenant, id, key, kind, usage, value_token } = change;
    const at = await parts.links.ofOurs(tenant, 'party', id);
    if (at) {
      const value = await parts.reveal(tenant, value_token);
      const keyed: Keyed = { id: at.core_id, key: referenceOf({ tenant, idempotencyKey: key }) };
      await changeContactPoint({ ...keyed, ...({ kind, usage } satisfies Point), value });
    }
    await register(change);
  };
}
type Point = Pick<ContactPoint, 'kind' | 'usage'>;
