// A mandate: at our own issuer a customer who has signed in lets an agent act for a while. The
// token that follows names both, the customer's consent, and the purpose.
import { type Clock, principalOf, type Tx, withTx } from '#core';
import type { AgentByToken } from '#gateway';
import type { Planes } from '#main';
import { consentsOf, readSubject } from '#policy';
import type Provider from 'oidc-provider';
import type { Configuration, Interaction } from 'oidc-provider';
import { toolScope } from '../token/challenge.ts';
import { findOwnAgent } from './agent-clients.ts';
import { html, page } from './pages.ts';

type Customizer = NonNullable<
  NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt']
>;

export type Mandate = {
  /** The principal. */
  readonly person: string;
  readonly consent: string;
  readonly purpose: string;
};

export type Mandates = {
  /** Adds to a token for whom its agent acts. */
  readonly tell: Customizer;
  /** The page on which a customer agrees; or why there is nothing to agree to, in words. */
  readonly ask: (interaction: Interaction) => Promise<{ readonly page: string } | string>;
  /** Answers the result for the library. */
  readonly agree: (
    provider: Provider,
    interaction: Interaction,
  ) => Promise<{ readonly consent: { readonly grantId: string } } | string>;
};

/** Of those who are agreeing at the same time; the oldest goes first. */
const mandatesMax = 1_000;

export function openMandates({
  database,
  clock,
}: Pick<Planes, 'database'> & { readonly clock: Clock }): Mandates {
  const pool = database.pool('policy');
  const byGrant = new Map<string, Mandate>();

  async function offer({ params, session }: Interaction): Promise<Offer | string> {
    const clientId = String(params['client_id']);
    const agent = await findOwnAgent(pool, clientId, clock);
    const [tenant = '', person = '', keyId] = session?.accountId.split(' ') ?? [];
    if (agent === undefined || agent.tenant !== tenant) return 'Your bank knows no such agent.';
    // A key bounds what a session may do, which a token would not be bound by.
    if (keyId !== undefined) return 'Somebody who signs in with a key lets nobody act.';
    const purpose = String(params['purpose'] ?? agent.purposes[0]);
    if (!agent.purposes.some((each) => each === purpose)) {
      return 'The agent asks for a purpose for which it may not act.';
    }
    const look = (tx: Tx) => readConsent(tx, { tenant, person, now: clock.now() });
    const consent = await withTx(pool, look, { tenant });
    if (consent === undefined) {
      return 'You have not agreed yet that AI uses your data: first do so in your settings.';
    }
    return { clientId, agent, mandate: { person, consent, purpose } };
  }

  return {
    tell(_context, token, { payload }) {
      const mandate = 'grantId' in token ? byGrant.get(token.grantId ?? '') : undefined;
      if (mandate === undefined) return;
      const { person, consent, purpose } = mandate;
      Object.assign(payload, { sub: person, act: { sub: token.clientId }, consent, purpose });
    },
    async ask(interaction) {
      const offered = await offer(interaction);
      return typeof offered === 'string' ? offered : { page: mandatePage(offered) };
    },
    async agree(provider, interaction) {
      const offered = await offer(interaction);
      if (typeof offered === 'string') return offered;
      const accountId = interaction.session?.accountId ?? '';
      const grant = new provider.Grant({ accountId, clientId: offered.clientId });
      grant.addResourceScope(String(interaction.params['resource']), toolScope);
      // Whatever else was asked for, nothing but a token for the tools is given.
      grant.rejectOIDCScope(String(interaction.params['scope'] ?? ''));
      const grantId = await grant.save();
      const [oldest] = byGrant.keys();
      if (byGrant.size >= mandatesMax && oldest !== undefined) byGrant.delete(oldest);
      byGrant.set(grantId, offered.mandate);
      return { consent: { grantId } };
    },
  };
}

type Offer = {
  readonly clientId: string;
  readonly agent: AgentByToken;
  readonly mandate: Mandate;
};

/** The consent in force by which AI may use the data of a user who is a customer. */
async function readConsent(
  tx: Tx,
  { tenant, person, now }: { tenant: string; person: string; now: number },
): Promise<string | undefined> {
  const { subject } = await readSubject(tx, principalOf(person, tenant));
  if (subject.customer === null) return undefined;
  const { items } = await consentsOf(tx, subject.customer, now);
  return items.find(({ purpose, in_effect }) => purpose === 'ai_data_use' && in_effect)?.id;
}

function mandatePage({ agent, mandate }: Offer): string {
  const { person, purpose } = mandate;
  return page(
    `Let ${agent.name} act for you?`,
    html`<p>You are ${person}.</p>
<p>${agent.name} asks to act for you, for the purpose “${purpose}”.</p>
<p>For ten minutes it may see your accounts and prepare what you want. Whatever moves money or
changes your data you are asked again, but for payments that a mandate of yours lets it make.</p>
<form method="post">
<p><button class="act" name="act" value="allow">Allow</button></p>
<p><button class="act" name="act" value="decline">Decline</button></p>
</form>`,
  );
}
