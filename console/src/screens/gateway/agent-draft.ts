// An agent as it is typed: kept while the window is open, and made into what the API takes.
import type { Agent, Purpose, Terms } from './words.tsx';

export type ClientDraft = {
  readonly issuer: string;
  readonly clientId: string;
  /** A JWK, a set of them, or the https URL of one. */
  readonly keys: string;
  readonly redirects: string;
  readonly requiresDpop: boolean;
};

export type AgentDraft = {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly purposes: readonly Purpose[];
  /** Calls a minute, by the name of the tool. */
  readonly tools: Readonly<Record<string, number>>;
  /** None: those that are there stay as they are. */
  readonly clients: readonly ClientDraft[];
};

export const usualRate = 60;
export const noClient: ClientDraft = {
  ...{ issuer: 'own', clientId: '', keys: '', redirects: '', requiresDpop: false },
};

export function draftOf(agent: Agent | undefined, owner: string): AgentDraft {
  if (agent === undefined) {
    return { id: '', name: '', owner, purposes: ['servicing'], tools: {}, clients: [noClient] };
  }
  const { id, name, purposes, tools } = agent;
  return {
    ...{ id, name, owner: agent.owner, purposes, clients: [] },
    tools: Object.fromEntries(tools.map((tool) => [tool.name, tool.calls_per_minute])),
  };
}

/** What is missing still, in words. */
export function missingOf({ id, name, owner, purposes, clients }: AgentDraft): string | undefined {
  if (id.trim() === '') return 'Give it an id';
  if (name.trim() === '') return 'Give it a name';
  if (!/^user:./.test(owner)) return 'Say who answers for it';
  if (purposes.length === 0) return 'Say what for';
  for (const client of clients) {
    if (client.clientId.trim() === '') return 'Say which client it is';
    const keys = keysIn(client.keys);
    if (keys === undefined) return 'The keys are no JSON Web Keys';
    if (client.issuer.trim() === 'own' && !('jwks' in keys)) return 'Give its public key';
  }
  return undefined;
}

export function termsOf(draft: AgentDraft): Omit<Terms, 'approval_id'> {
  const tools = Object.entries(draft.tools).map(([name, rate]) => ({
    ...{ name, calls_per_minute: rate },
  }));
  const clients = draft.clients.map(({ issuer, clientId, keys, redirects, requiresDpop }) => {
    const uris = redirects.split(/\s+/).filter((each) => each !== '');
    return {
      ...{ issuer: issuer.trim(), client_id: clientId.trim(), ...keysIn(keys) },
      ...(uris.length === 0 ? {} : { redirect_uris: uris }),
      requires_dpop: requiresDpop,
    };
  });
  const { id, name, owner, purposes } = draft;
  return {
    ...{ id: id.trim(), name: name.trim(), owner: owner.trim(), purposes: [...purposes] },
    ...{ tools, clients },
  } as Omit<Terms, 'approval_id'>;
}

/** Undefined where it is neither keys nor an address of some. */
function keysIn(text: string): { jwks?: unknown; jwks_uri?: string } | undefined {
  const typed = text.trim();
  if (typed === '') return {};
  if (/^https?:\/\//.test(typed)) return { jwks_uri: typed };
  try {
    const told = JSON.parse(typed) as { readonly keys?: readonly unknown[] };
    if (typeof told !== 'object' || told === null) return undefined;
    return { jwks: Array.isArray(told.keys) ? { keys: told.keys } : { keys: [told] } };
  } catch {
    return undefined;
  }
}
