// Runs of sequences over HTTP: the agent whose run it is sees how far it has come, and so do people
// of the bank. Here is also what a step may need, looked up.
import { externalId, Fault, type Instant, type Tx, withTx } from '#core';
import {
  listRuns,
  type Meets,
  type Need,
  readRun,
  type Run,
  runStatuses,
  sequenceSchemas,
} from '#gateway';
import type { Planes } from '#main';
import { type ConsentQuestion, haveConsent } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { idOf, idParams, limitQuery, type Parts, read } from './routes.ts';
import { page, problems } from './views.ts';

const text = Type.String();
const view = Type.Object(
  {
    id: sequenceSchemas.runId,
    agent: text,
    on_behalf_of: text,
    tool: text,
    version: Type.Integer(),
    purpose: text,
    status: Type.Enum([...runStatuses]),
    turns: Type.Array(
      Type.Object({
        step: text,
        status: text,
        call_id: Type.Union([text, Type.Null()]),
      }),
    ),
    problem: Type.Any({ description: 'Why it could not be done: code, detail and step; or null.' }),
    begun_at: text,
    moved_at: text,
  },
  { title: 'Sequence run' },
);
const listQuery = Type.Object({
  status: Type.Optional(Type.Enum([...runStatuses])),
  limit: limitQuery,
  after: Type.Optional(sequenceSchemas.runId),
});

function viewOf(run: Run) {
  const { agent, customer, tool, version, purpose, status, turns, problem } = run;
  return {
    ...{ id: externalId('sequence', run.id), agent, on_behalf_of: customer, tool, version },
    ...{ purpose, status, turns, problem },
    ...{ begun_at: run.begun_at.toISOString(), moved_at: run.moved_at.toISOString() },
  };
}

export function sequenceRoutes(app: FastifyInstance, parts: Parts): void {
  const { planes, authenticate } = parts;
  app.get(
    '/v1/sequence-runs',
    {
      schema: {
        ...{ tags: ['gateway'], summary: 'List runs of sequences, newest first' },
        description: 'Those that are `stuck` could not be taken back: people look at them.',
        querystring: listQuery,
        response: { 200: page(view), ...problems },
      },
    },
    (request) => {
      const { status, limit = 50, after } = request.query as Listing;
      const look = async (tx: Tx) => {
        const { items, next } = await listRuns(tx, { status, limit, after });
        return { items: items.map(viewOf), next };
      };
      return read(parts, request, look, 'events:read');
    },
  );
  app.get(
    '/v1/sequence-runs/:id',
    {
      schema: {
        ...{ tags: ['gateway'], summary: 'How far a run of a sequence has come' },
        params: idParams(sequenceSchemas.runId),
        response: { 200: view, ...problems },
      },
    },
    async (request) => {
      const id = idOf(request);
      const { principal, onBehalfOf } = await authenticate.whoever(request);
      const look = (tx: Tx) => readRun(tx, id);
      const found =
        principal.kind === 'agent'
          ? await withTx(planes.database.pool('read'), look, {
              ...{ tenant: principal.tenant, readOnly: true },
            })
          : await read(parts, request, look, 'events:read');
      const isOwn =
        found?.agent === principal.id && found.customer === onBehalfOf?.subject.customer;
      if (found && (isOwn || principal.kind !== 'agent')) return viewOf(found);
      throw new Fault('not_found', `there is no run ${id}`);
    },
  );
}

type Listing = {
  readonly status?: Run['status'];
  readonly limit?: number;
  readonly after?: string;
};

/** What a step may need: looked up as it is now, never told by whoever calls. */
export function openNeeds({ core, database }: Pick<Planes, 'core' | 'database'>): Meets {
  return async (need, { tenant, customer, at }) => {
    if (need === 'identity') {
      const party = await core.operations.readParty?.({ tenant, id: customer });
      return party?.status === 'customer';
    }
    const asked = [consentFor(need, customer, at)];
    const look = (tx: Tx) => haveConsent(tx, asked);
    const [has] = await withTx(database.pool('policy'), look, { tenant, readOnly: true });
    return has === true;
  };
}

/** An agent talks to the customer in the app: that is the channel of its offers. */
function consentFor(need: Exclude<Need, 'identity'>, person: string, at: Instant): ConsentQuestion {
  return need === 'marketing'
    ? { purpose: need, channel: 'in_app', person, at }
    : { purpose: need, person, at };
}
