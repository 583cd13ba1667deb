// Who calls, with the rights of now: for calls whose rights change under way, and for those that
// are carried out later than they were asked for.
import { type Clock, Fault, type Pool } from '#core';
import { type Entitlements, openRuleSets, type Scope } from '#policy';
import { findAgentByToken, keysDigest, type VerifiedNames } from './agent-by-token.ts';
import type { GatewayCaller } from './host.ts';
import type { Purpose } from './tool.ts';

/** Consents of a busy bank change its rights many times a second: each try may meet another one. */
const attemptsMax = 8;

/** A call by rights that have changed since is refused by its own record, and made once more. */
export async function governed<Answer>(
  callerOf: (isAnew: boolean) => Promise<GatewayCaller>,
  call: (caller: GatewayCaller) => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call(await callerOf(attempt > 1));
    } catch (error) {
      const isStale = error instanceof Fault && error.code === 'rights_changed';
      if (!isStale || attempt === attemptsMax) throw error;
    }
  }
}

/** What a token has said, once it was verified. No part of the token, and of use to nobody else. */
export type TokenClaims = VerifiedNames & {
  readonly scopes: readonly Scope[];
  readonly purpose?: Purpose;
  /** When its life is over, or the consent is. */
  readonly until: number;
};

export type Owner = {
  readonly tenant: string;
  readonly agent: string;
  /** The party for whom the agent acts. */
  readonly customer: string;
};

export type CallerNow = (claims: TokenClaims, owner: Owner) => Promise<GatewayCaller>;

/** Throws where the token would not count any more, or stands for less than it did. */
export function openCallerNow({
  pool,
  entitlements,
  clock,
}: {
  /** Of the role policy. */
  readonly pool: Pool;
  readonly entitlements: Entitlements;
  readonly clock: Clock;
}): CallerNow {
  const rulesOf = openRuleSets(pool, entitlements);
  return async ({ scopes, purpose, until, keys, ...names }, { tenant, agent, customer }) => {
    const now = clock.now();
    if (until <= now) throw new Fault('unauthenticated', 'the access token has expired meanwhile');
    const found = await findAgentByToken(pool, names, now);
    const isSame = found?.tenant === tenant && found.agentId === agent;
    const isLive = isSame && found.isActive && !found.isRevoked;
    if (!isLive || keysDigest(found) !== keys) {
      throw new Fault('unauthenticated', 'the access token counts no more');
    }
    const { onBehalfOf, subject, epoch, purposes } = found;
    if (onBehalfOf?.subject.customer !== customer) {
      throw new Fault('forbidden', 'the customer’s consent is in force no more');
    }
    if (purpose !== undefined && !purposes.includes(purpose)) {
      throw new Fault('forbidden', 'the agent may not call for this purpose any more');
    }
    return {
      ...{ principal: subject.principal, subject, epoch, scopes },
      rules: await rulesOf(tenant, found.ruleSet),
      onBehalfOf: { subject: onBehalfOf.subject, consent: onBehalfOf.consent },
      ...(purpose === undefined ? {} : { purpose }),
    };
  };
}
