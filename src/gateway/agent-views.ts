// Agents as they are read: for commands with all that is kept, for people without keys.
import { type Page, pageOf } from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { type AgentClient, agentTermsView, type AgentTerms, toldTerms } from './agent-terms.ts';

export const agentStatuses = ['active', 'suspended'] as const;
export type AgentStatus = (typeof agentStatuses)[number];

export type KnownAgent = { readonly terms: AgentTerms; readonly status: AgentStatus };

const { agent_id: id, ...told } = agentTermsView;
export const agentView = Type.Object({
  id,
  principal: Type.String({ examples: ['agent:spending-coach'] }),
  ...told,
  status: Type.Enum([...agentStatuses]),
  registered_at: Type.String(),
  changed_at: Type.String(),
});

export type AgentView = Type.Static<typeof agentView>;

type Row = Omit<AgentTerms, 'clients'> & {
  readonly status: AgentStatus;
  readonly registered_at: Date;
  readonly changed_at: Date;
  readonly clients: readonly AgentClient[];
};

const select = `select a.agent_id, a.name, a.owner, a.purposes, a.tools, a.status, a.registered_at,
    a.changed_at, coalesce((select json_agg(json_build_object('issuer', c.issuer,
        'client_id', c.client_id, 'jwks', c.jwks, 'jwks_uri', c.jwks_uri,
        'redirect_uris', c.redirect_uris, 'requires_dpop', c.requires_dpop)
        order by c.issuer || ' ' || c.client_id)
      from gateway.agent_client c
     where c.tenant_id = a.tenant_id and c.agent_id = a.agent_id
       and c.removed_at = 'infinity'), '[]') as clients
  from gateway.agent a where a.tenant_id = core.current_tenant()`;

/** An agent of the transaction's tenant, as commands need it. */
export async function readTerms(tx: pg.ClientBase, agent: string): Promise<KnownAgent | undefined> {
  const { rows } = await tx.query<Row>(`${select} and a.agent_id = $1`, [agent]);
  return rows[0] && { terms: termsOf(rows[0]), status: rows[0].status };
}

/** An agent of the transaction's tenant, by the id of its principal; undefined for any other. */
export async function findAgent(tx: pg.ClientBase, agent: string): Promise<AgentView | undefined> {
  const { rows } = await tx.query<Row>(`${select} and a.agent_id = $1`, [agent]);
  return rows[0] && viewOf(rows[0]);
}

/** By id. */
export async function listAgents(
  tx: pg.ClientBase,
  { limit, after = '' }: { readonly limit: number; readonly after?: string | undefined },
): Promise<Page<AgentView>> {
  const { rows } = await tx.query<Row>(
    `${select} and a.agent_id > $1 order by a.agent_id limit $2`,
    [after, limit + 1],
  );
  return pageOf(rows.map(viewOf), limit, ({ id: last }) => last);
}

function termsOf({ agent_id, name, owner, purposes, tools, clients }: Row): AgentTerms {
  return { agent_id, name, owner, purposes, tools, clients };
}

function viewOf(row: Row): AgentView {
  const { agent_id, ...terms } = toldTerms(termsOf(row));
  return {
    ...{ id: agent_id, principal: `agent:${agent_id}`, ...terms, status: row.status },
    registered_at: row.registered_at.toISOString(),
    changed_at: row.changed_at.toISOString(),
  };
}
