// Agents as records: programs that call tools for people, and the commands by which a bank's people
// register, change, suspend and resume them. What lets an agent do more takes a second person.
import {
  closed,
  type Command,
  derivedUuid,
  type EventDraft,
  Fault,
  instantToText,
  nullable,
} from '#core';
import {
  giveRole,
  policyEvent,
  type PolicyOperation,
  type PolicyOperations,
  takeRole,
  useApproval,
  approvalId,
} from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import {
  agentFields,
  agentSchemas,
  agentTermsView,
  type AgentTerms,
  clientsOf,
  isWider,
  purposesOf,
  toldTerms,
  toolsOf,
} from './agent-terms.ts';
import { type KnownAgent, readTerms } from './agent-views.ts';

/** Of one tenant. */
const agentsMax = 1_000;

const { agentId } = agentSchemas;
const tokenId = Type.String({ pattern: '^[\\x21-\\x7e]{1,200}$', description: 'Its `jti`.' });

const registerBody = Type.Object(
  { id: agentId, ...agentFields, approval_id: Type.Optional(approvalId) },
  {
    ...closed,
    description:
      'Needs an approval of another person, subject kind `agent.register`. Without one the ' +
      'answer is `approval_required` with the subject to ask for.',
  },
);
const changeBody = Type.Object(
  { ...Type.Partial(Type.Object(agentFields)).properties, approval_id: Type.Optional(approvalId) },
  {
    ...closed,
    minProperties: 1,
    description:
      'What lets the agent do more, or somebody else be it, needs an approval, subject kind ' +
      '`agent.change`; what takes something from it does not.',
  },
);
const resumeBody = Type.Object({ approval_id: Type.Optional(approvalId) }, closed);
const revokeBody = Type.Object({ jti: tokenId }, closed);

export const agentBodies = { registerBody, changeBody, resumeBody, revokeBody };

type RegisterBody = Type.Static<typeof registerBody>;
type ChangeBody = Type.Static<typeof changeBody>;
/** The bodies of the operations on an agent that is there name it. */
type Named<Body = object> = Body & { readonly agent_id: string };

const registered = Type.Object({ ...agentTermsView, approval_id: approvalId });
export const agentPayloads = {
  'agent.registered': registered,
  'agent.changed': Type.Object({ ...agentTermsView, approval_id: nullable(approvalId) }),
  'agent.suspended': Type.Object({ agent_id: agentId }),
  'agent.resumed': Type.Object({ agent_id: agentId, approval_id: approvalId }),
  'agent.token_revoked': Type.Object({ agent_id: agentId, jti: tokenId }),
};

export const agentOperations: PolicyOperations = {
  'agent.register': operation(register),
  'agent.change': operation(change),
  'agent.suspend': operation(suspend),
  'agent.resume': operation(resume),
  'agent.revoke_token': operation(revokeToken),
};

/** Each changes what an agent may do, at once: whoever remembers rights is told by the epoch. */
function operation(perform: PolicyOperation['perform']): PolicyOperation {
  return { changesRights: true, perform };
}

async function register(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { id, approval_id, ...asked } = command.body as RegisterBody;
  const terms: AgentTerms = { agent_id: id, ...settled(asked) };
  if (await readTerms(tx, id)) throw new Fault('conflict', `there is an agent ${id} already`);
  await refuseMany(tx);
  const used = await agreed(tx, command, { terms, approval_id, kind: 'agent.register' });
  const at = instantToText(command.receivedAt);
  await tx.query(
    `insert into gateway.agent (tenant_id, agent_id, name, owner, purposes, tools, registered_at,
       changed_at) values ($1, $2, $3, $4, $5, $6, $7, $7)`,
    [
      ...[command.tenant, id, terms.name, terms.owner, terms.purposes],
      ...[JSON.stringify(terms.tools), at],
    ],
  );
  await keepClients(tx, command, terms);
  const role = await giveRole(tx, command, roleOf(id));
  const told = { ...toldTerms(terms), approval_id: approval_id ?? null };
  return [used, ...role, policyEvent(command, 'agent.registered', told)];
}

async function change(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { agent_id, approval_id, ...asked } = command.body as Named<ChangeBody>;
  const { terms: before } = await find(tx, agent_id);
  const terms: AgentTerms = { ...before, ...settled(asked) };
  const isMore = isWider(before, terms);
  const kind = 'agent.change';
  const used = isMore ? [await agreed(tx, command, { terms, approval_id, kind })] : [];
  await tx.query(
    `update gateway.agent set name = $2, owner = $3, purposes = $4, tools = $5, changed_at = $6
      where agent_id = $1`,
    [
      ...[agent_id, terms.name, terms.owner, terms.purposes, JSON.stringify(terms.tools)],
      instantToText(command.receivedAt),
    ],
  );
  if (asked.clients !== undefined) {
    await tx.query(
      `update gateway.agent_client set removed_at = $2
        where agent_id = $1 and removed_at = 'infinity'`,
      [agent_id, instantToText(command.receivedAt)],
    );
    await keepClients(tx, command, terms);
  }
  const told = { ...toldTerms(terms), approval_id: isMore ? (approval_id ?? null) : null };
  return [...used, policyEvent(command, 'agent.changed', told)];
}

/** Its tokens count no more, and what keys it has may do nothing: its role is gone. */
async function suspend(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { agent_id } = command.body as Named;
  const { status } = await find(tx, agent_id);
  if (status === 'suspended') return [];
  await setStatus(tx, command, 'suspended');
  const { principal, role } = roleOf(agent_id);
  const taken = await takeRole(tx, command, { principal, role });
  return [...taken, policyEvent(command, 'agent.suspended', { agent_id })];
}

/** Whoever has suspended it had a reason, which another person has to find settled. */
async function resume(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { agent_id, approval_id } = command.body as Named<{ approval_id?: string }>;
  const { terms, status } = await find(tx, agent_id);
  if (status === 'active') throw new Fault('conflict', `the agent ${agent_id} is not suspended`);
  const used = await agreed(tx, command, { terms, approval_id, kind: 'agent.resume' });
  await setStatus(tx, command, 'active');
  const given = await giveRole(tx, command, roleOf(agent_id));
  const told = { agent_id, approval_id: approval_id ?? null };
  return [used, ...given, policyEvent(command, 'agent.resumed', told)];
}

async function revokeToken(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { agent_id, jti } = command.body as Named<{ jti: string }>;
  await find(tx, agent_id);
  const { rowCount } = await tx.query(
    `insert into gateway.revoked_token (tenant_id, agent_id, jti, revoked_at)
     values ($1, $2, $3, $4) on conflict do nothing`,
    [command.tenant, agent_id, jti, instantToText(command.receivedAt)],
  );
  if (rowCount === 0) return [];
  return [policyEvent(command, 'agent.token_revoked', { agent_id, jti })];
}

// Parts of them -----------------------------------------------------------------------------------

/** What was asked for, as it is kept. */
function settled<Asked extends ChangeBody>({ purposes, tools, clients, ...rest }: Asked) {
  return {
    ...rest,
    ...(purposes === undefined ? {} : { purposes: purposesOf(purposes) }),
    ...(tools === undefined ? {} : { tools: toolsOf(tools) }),
    ...(clients === undefined ? {} : { clients: clientsOf(clients) }),
  } as Omit<AgentTerms, 'agent_id'>;
}

type Agreement = {
  readonly terms: AgentTerms;
  readonly kind: string;
  readonly approval_id: string | undefined;
};

/** To all of what the agent will be then, so that nobody has to look up what it was. */
function agreed(tx: pg.ClientBase, command: Command, { terms, kind, approval_id }: Agreement) {
  return useApproval(tx, {
    id: approval_id,
    subjectKind: kind,
    subject: toldTerms(terms),
    command,
  });
}

function roleOf(agent: string) {
  return { principal: `agent:${agent}`, role: 'agent', approval_used: null } as const;
}

async function find(tx: pg.ClientBase, agent: string): Promise<KnownAgent> {
  const found = await readTerms(tx, agent);
  if (found === undefined) throw new Fault('not_found', `there is no agent ${agent}`);
  return found;
}

async function setStatus(tx: pg.ClientBase, command: Command, status: KnownAgent['status']) {
  const { agent_id } = command.body as Named;
  await tx.query('update gateway.agent set status = $2, changed_at = $3 where agent_id = $1', [
    ...[agent_id, status, instantToText(command.receivedAt)],
  ]);
}

async function refuseMany(tx: pg.ClientBase): Promise<void> {
  const { rows } = await tx.query<{ count: number }>(
    'select count(*)::int as count from gateway.agent',
  );
  if ((rows[0]?.count ?? 0) < agentsMax) return;
  throw new Fault('conflict', `a tenant has at most ${agentsMax} agents`);
}

async function keepClients(tx: pg.ClientBase, command: Command, { agent_id, clients }: AgentTerms) {
  for (const [at, client] of clients.entries()) {
    const { issuer, client_id, jwks, jwks_uri, redirect_uris, requires_dpop } = client;
    const { rowCount } = await tx.query(
      `insert into gateway.agent_client (tenant_id, id, agent_id, issuer, client_id, jwks,
         jwks_uri, redirect_uris, requires_dpop) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict do nothing`,
      [
        ...[command.tenant, derivedUuid(command.id, 'agent-client', at), agent_id],
        ...[issuer, client_id, jwks, jwks_uri, redirect_uris, requires_dpop],
      ],
    );
    if (rowCount === 1) continue;
    throw new Fault('conflict', `the client ${client_id} of ${issuer} is another agent’s`);
  }
}
