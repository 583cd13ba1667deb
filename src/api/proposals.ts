// Proposals over HTTP for those who act and look on: the agent that has made one learns how it
// stands, and so do people of the bank. What was agreed to is paid from here.
import { registerFacts } from '#cores';
import {
  externalId,
  Fault,
  type Instant,
  internalId,
  nullable,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import {
  type CarriedOut,
  type GatewayParts,
  paymentKey,
  paymentOrder,
  type Proposal,
  proposalSchemas,
  proposalStatus,
  proposalStatuses,
  readAgreed,
  readProposal,
  refuseUnknown,
  waitsFor,
} from '#gateway';
import type { Planes } from '#main';
import { initiation, readPayment } from '#payments';
import { homeCurrencyOf } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { idOf, idParams, type Parts, read } from './routes.ts';
import { problems } from './views.ts';

const text = Type.String();
export const proposalView = {
  id: proposalSchemas.id,
  agent: text,
  tool: text,
  status: Type.Enum([...proposalStatuses]),
  waits_for: nullable(Type.Enum(['customer', 'officers'])),
  terms: text,
  made_at: text,
  expires_at: text,
};

export function viewOf(proposal: Proposal, at: number) {
  const { id, agent, tool, terms, made_at, expires_at } = proposal;
  return {
    ...{ id: externalId('proposal', id), agent, tool, terms },
    ...{ status: proposalStatus(proposal, at), waits_for: waitsFor(proposal, at) },
    ...{ made_at: made_at.toISOString(), expires_at: expires_at.toISOString() },
  };
}

export function proposalRoutes(app: FastifyInstance, parts: Parts): void {
  const { planes, authenticate } = parts;
  app.get(
    '/v1/proposals/:id',
    {
      schema: {
        tags: ['gateway'],
        summary: 'How a proposal stands: for its agent, and for people of the bank',
        params: idParams(proposalSchemas.id),
        response: { 200: Type.Object(proposalView, { title: 'Proposal' }), ...problems },
      },
    },
    async (request) => {
      const id = idOf(request);
      const { principal, onBehalfOf } = await authenticate.whoever(request);
      const look = (tx: Tx) => readProposal(tx, id);
      const now = planes.clock.now();
      if (principal.kind !== 'agent') {
        return viewOf(await read(parts, request, look, 'policy:read'), now);
      }
      const pool = planes.database.pool('read');
      const found = await withTx(pool, look, { tenant: principal.tenant, readOnly: true });
      const customer = onBehalfOf?.subject.customer;
      const isOwn = found?.agent === principal.id && found.customer === customer;
      return isOwn ? viewOf(found, now) : refuseUnknown(id);
    },
  );
}

// What the gateway is given -----------------------------------------------------------------------

export function proposalParts(planes: Planes) {
  const { database } = planes;
  return {
    pool: database.pool('gateway'),
    homeCurrency: (tenant: string, at: Instant) => homeCurrency(planes, tenant, at),
    isPaidBefore: (of: PaidBefore) => isPaidBefore(planes, of),
    pay: (proposal: ProposalKey) => pay(planes, proposal),
    isCarriedOut: (proposal: ProposalKey) => isCarriedOut(planes, proposal),
  };
}

/** In which the payment policy of a tenant counts. */
export async function homeCurrency(
  { library }: Planes,
  tenant: string,
  at: Instant,
): Promise<string | undefined> {
  const releases = await library.releases(tenant, undefined);
  const { deciding } = await library.bench(releases, 'payment-authorization', at, {});
  return homeCurrencyOf(deciding.bundle);
}

type PaidBefore = Parameters<GatewayParts['isPaidBefore']>[0];

/** In the one sense that it has for every payment. */
async function isPaidBefore(
  { database }: Planes,
  { tenant, at, ...accounts }: PaidBefore,
): Promise<boolean> {
  const debtorAccountId = internalId('account', accounts.debtorAccountId);
  const creditorAccountId = internalId('account', accounts.creditorAccountId);
  if (!debtorAccountId || !creditorAccountId) return false;
  const look = (tx: Tx) => registerFacts(tx, { debtorAccountId, creditorAccountId, at });
  const found = await withTx(database.pool('read'), look, { tenant, readOnly: true });
  return found.isKnownPayee;
}

type ProposalKey = { readonly tenant: string; readonly id: Uuid };

/** Whatever it was that was let through: its one command has the key of the proposal. */
async function isCarriedOut({ database }: Planes, { tenant, id }: ProposalKey): Promise<boolean> {
  const sql = 'select from core.command where tenant_id = $1 and idempotency_key = $2';
  const look = (tx: Tx) => tx.query(sql, [tenant, paymentKey(id)]);
  const { rowCount } = await withTx(database.pool('read'), look, { tenant, readOnly: true });
  return rowCount !== 0;
}

/** As the agent, under the key of the proposal: whoever asks again hears of the same payment. */
async function pay(
  { database, execute }: Planes,
  { tenant, id }: ProposalKey,
): Promise<CarriedOut> {
  const pool = database.pool('read');
  const agreed = await withTx(pool, (tx) => readAgreed(tx, id), { tenant, readOnly: true });
  if (!agreed) throw new Fault('conflict', 'nobody has let the proposal be carried out');
  const { commandId } = await execute({
    principal: { kind: 'agent', id: agreed.proposal.agent, tenant },
    ...{ operation: 'payment.initiate', idempotencyKey: paymentKey(id) },
    body: { ...initiation(paymentOrder(agreed)), proposal_id: externalId('proposal', id) },
  });
  const payment_id = externalId('payment', commandId);
  const look = (tx: Tx) => readPayment(tx, payment_id);
  const found = await withTx(pool, look, { tenant, readOnly: true });
  return { payment_id, status: found?.payment.status ?? 'denied' };
}
