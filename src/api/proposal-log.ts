// Proposals for those who govern agents: which there are, what each is bound to, who has agreed,
// and the call that has used it up.
import { externalId, type Json, nullable, type Tx } from '#core';
import {
  countProposals,
  findProposals,
  type Proposal,
  type ProposalFilter,
  proposalFacets,
  proposalSchemas,
  proposalStatuses,
  readProposal,
  readUse,
} from '#gateway';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { proposalView, viewOf } from './proposals.ts';
import { idOf, idParams, limitQuery, type Parts, read, severalIn, severalOf } from './routes.ts';
import { facetsOf, page, problems } from './views.ts';

const tags = ['gateway'];
const scope = 'policy:read';
const text = Type.String();
const several = (word: string) =>
  Type.Optional(Type.String({ pattern: `^${word}(?:,${word}){0,49}$` }));

const filterQuery = Type.Object({
  status: severalOf(proposalStatuses),
  waits_for: severalOf(['customer', 'officers']),
  agent: several('[a-z][a-z0-9-]{0,79}'),
  tool: several('[a-z][a-z0-9_.-]{0,63}'),
  customer: Type.Optional(
    Type.String({ minLength: 1, maxLength: 80, description: 'The id of the party.' }),
  ),
});
const listQuery = Type.Object({
  ...{ ...filterQuery.properties, limit: limitQuery },
  after: Type.Optional(proposalSchemas.id),
});
const listed = {
  ...{ ...proposalView, agent_name: text, customer: text },
  amount: nullable(Type.Integer({ description: 'Minor units; null where no money moves.' })),
  ...{ currency: nullable(text), approval_id: nullable(text), ended_at: nullable(text) },
};
const record = Type.Object({
  ...{ ...listed, version: Type.Integer() },
  arguments: Type.Unknown({ description: 'What is to be done, with tokens for what is personal.' }),
  arguments_digest: Type.String({ description: 'SHA-256 of the arguments (RFC 8785).' }),
  decision_id: Type.String({ description: 'By which it waits.' }),
  ...{ policy_version: text, agreed_by: nullable(text), agreed_at: nullable(text) },
  mandate_id: nullable(
    Type.String({ description: 'By which it was used, where the customer was not asked.' }),
  ),
  used: nullable(
    Type.Object({
      call_id: Type.String({ description: 'The call that policy has let carry it out.' }),
      event_id: Type.String({ description: 'The record of that call, to prove it by.' }),
      payment_id: nullable(text),
    }),
  ),
});

export function proposalLogRoutes(app: FastifyInstance, parts: Parts): void {
  const now = () => parts.planes.clock.now();
  app.get(
    '/v1/proposals',
    {
      schema: {
        ...{ tags, summary: 'List what agents have proposed, the newest first' },
        querystring: listQuery,
        response: { 200: page(Type.Object(listed)), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after, ...rest } = request.query as Type.Static<typeof listQuery>;
      const at = now();
      const list = async (tx: Tx) => {
        const found = await findProposals(tx, { at, after, limit, filter: filterOf(rest) });
        return { ...found, items: found.items.map((each) => listedOf(each, at)) };
      };
      return read(parts, request, list, scope);
    },
  );
  app.get(
    '/v1/proposals/facets',
    {
      schema: {
        ...{ tags, summary: 'Count proposals by status, whom they wait for, agent and tool' },
        description:
          'Under the same filters as the list, but for what is chosen of a facet itself; of very ' +
          'many the newest are counted.',
        querystring: filterQuery,
        response: {
          200: facetsOf(proposalFacets),
          ...problems,
        },
      },
    },
    (request) => {
      const filter = filterOf(request.query as Type.Static<typeof filterQuery>);
      return read(parts, request, (tx) => countProposals(tx, { at: now(), filter }), scope);
    },
  );
  app.get(
    '/v1/proposals/:id/record',
    {
      schema: {
        ...{ tags, summary: 'Read a proposal with all that it is bound to' },
        params: idParams(proposalSchemas.id),
        response: { 200: record, ...problems },
      },
    },
    (request) => read(parts, request, (tx) => readRecord(tx, idOf(request), now()), scope),
  );
}

async function readRecord(tx: Tx, id: string, at: number) {
  const found = await readProposal(tx, id);
  if (!found) return undefined;
  const {
    version,
    arguments_digest,
    decision_id,
    policy_version,
    agreed_by,
    agreed_at,
    mandate_id,
  } = found;
  return {
    ...{ ...listedOf(found, at), version, arguments_digest, policy_version, agreed_by },
    arguments: JSON.parse(found.arguments) as Json,
    decision_id: externalId('decision', decision_id),
    agreed_at: agreed_at?.toISOString() ?? null,
    mandate_id: mandate_id === null ? null : externalId('mandate', mandate_id),
    used: found.status === 'used' ? ((await readUse(tx, found.id)) ?? null) : null,
  };
}

function listedOf(proposal: Proposal, at: number) {
  const { agent_name, customer, amount, currency, approval_id, ended_at } = proposal;
  return {
    ...{ ...viewOf(proposal, at), agent_name, customer, amount, currency },
    approval_id: approval_id === null ? null : externalId('approval', approval_id),
    ended_at: ended_at?.toISOString() ?? null,
  };
}

function filterOf(query: Type.Static<typeof filterQuery>): ProposalFilter {
  const { status, waits_for, agent, tool, customer } = query;
  return {
    ...{ status: severalIn(status), waits_for: severalIn(waits_for) },
    ...{ agent: severalIn(agent), tool: severalIn(tool), customer },
  };
}
