// What agents propose to a customer, in the terms that count, and the word that he gives on it.
import { nullable, type Tx } from '#core';
import { listProposals, type Proposal, proposalSchemas, readProposal } from '#gateway';
import { isToken, type Vault } from '#privacy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { proposalView, viewOf } from '../proposals.ts';
import { change, idOf, idParams, limitQuery, type Parts } from '../routes.ts';
import { idempotencyHeaders, problems } from '../views.ts';
import { type Mine, own, ownKey, readOwn } from './own.ts';

const tags = ['customer'];
const path = '/v1/customer/proposals';

const view = Type.Object({
  ...proposalView,
  agent_name: Type.String(),
  amount: nullable(Type.Integer({ description: 'Minor units; null where no money moves.' })),
  currency: nullable(Type.String()),
  debtor_account_id: nullable(Type.String()),
  creditor_account_id: nullable(Type.String()),
  text: nullable(Type.String({ description: 'What the payee is to read.' })),
  personal: Type.Record(Type.String(), nullable(Type.String()), {
    description: 'Each personal value that it is about, by its name; null for what was erased.',
  }),
});
const page = Type.Object({ items: Type.Array(view), next: nullable(Type.String()) });
const query = Type.Object({ limit: limitQuery, after: Type.Optional(proposalSchemas.id) });

export function customerProposalRoutes(app: FastifyInstance, parts: Parts): void {
  const now = () => parts.planes.clock.now();
  app.get(
    path,
    {
      schema: {
        ...{ tags, summary: 'What agents have proposed, the newest first', querystring: query },
        response: { 200: page, ...problems },
      },
    },
    async (request) => {
      const { limit = 50, after } = request.query as Type.Static<typeof query>;
      const { mine, found } = await readOwn(parts, request, own('payment.read'), (tx, { party }) =>
        listProposals(tx, { customer: party, limit, after }),
      );
      return { ...found, items: await tell(parts, mine, found.items) };
    },
  );
  for (const { act, operation, action, summary } of acts) {
    app.post(
      `${path}/:id/${act}`,
      {
        schema: {
          ...{ tags, summary, headers: idempotencyHeaders, params: idParams(proposalSchemas.id) },
          body: proposalSchemas.verdictBody,
          response: { 200: view, 201: view, ...problems },
        },
      },
      async (request, reply) => {
        const right = own(action);
        const { mine } = await readOwn(parts, request, right, (tx, me) => find(tx, me, request));
        const told = await change(parts, request, reply, {
          ...{ scope: right, operation, idempotencyKey: ownKey(request, mine) },
          body: { proposal_id: idOf(request), customer: mine.party },
          tell: (tx) => find(tx, mine, request),
        });
        if (reply.sent || !told || !('terms' in told)) return told;
        return (await tell(parts, mine, [told]))[0];
      },
    );
  }

  async function tell({ planes: { vault } }: Parts, mine: Mine, found: readonly Proposal[]) {
    const asked = found.map((each) => JSON.parse(each.arguments) as Record<string, string>);
    const tokens = asked.flatMap((each) => Object.values(each).filter(isTokenText));
    const values = await ownValues(vault, mine, tokens);
    const opened = new Map(tokens.map((token, at) => [token, values[at] ?? null]));
    return found.map((each, at) => {
      const { from_account_id = null, to_account_id = null } = asked[at] ?? {};
      const personal = Object.fromEntries(
        Object.entries(asked[at] ?? {}).flatMap(([name, token]) => {
          const value = opened.get(token);
          return value === undefined ? [] : [[name, value]];
        }),
      );
      const { agent_name, amount, currency } = each;
      return {
        ...{ ...viewOf(each, now()), agent_name, amount, currency },
        ...{ debtor_account_id: from_account_id, creditor_account_id: to_account_id },
        text: personal['text'] ?? null,
        personal,
      };
    });
  }
}

/** Whatever it is that arguments name: nobody reads what is another person's. */
async function ownValues(vault: Vault, { tenant, party }: Mine, tokens: readonly string[]) {
  // What was erased is nobody's: then each has to be looked at.
  const isAllOwn = await vault.owns(tenant, party, tokens);
  const own = tokens.map(async (each) => {
    const isOwn = isAllOwn || (await vault.owns(tenant, party, [each]));
    return isOwn ? each : '';
  });
  return vault.detokenize(tenant, await Promise.all(own));
}

function isTokenText(value: unknown): value is string {
  return typeof value === 'string' && isToken(value);
}

const acts = [
  {
    ...{ act: 'confirm', operation: 'proposal.agree', action: 'payment.confirm' },
    summary: 'Agree to exactly these terms; the agent may then carry them out, once',
  },
  {
    ...{ act: 'reject', operation: 'proposal.reject', action: 'payment.cancel' },
    summary: 'Say no, or take an agreement back that was not used yet',
  },
] as const;

/** What is another customer's does not exist for this one. */
async function find(tx: Tx, { party }: Mine, request: FastifyRequest) {
  const found = await readProposal(tx, idOf(request));
  return found?.customer === party ? found : undefined;
}
