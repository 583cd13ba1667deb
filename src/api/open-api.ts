// What the OpenAPI document says besides the routes: the service, its keys and its areas.

export function openApi(version: string) {
  return {
    openapi: '3.1.0' as const,
    info: {
      title: 'Countersign',
      version,
      description:
        'The governed AI layer for core banking: AI proposes, policy countersigns, the ledger ' +
        'posts. Amounts are integers of minor units with their currency beside them. Errors are ' +
        'RFC 9457 problem details whose `code` never changes its meaning.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    components: {
      securitySchemes: {
        apiKey: { type: 'http' as const, scheme: 'bearer' },
        session: { type: 'apiKey' as const, in: 'cookie' as const, name: 'countersign_session' },
      },
    },
    security: [{ apiKey: [] }, { session: [] }],
    tags: [
      { name: 'accounts', description: 'Accounts, their balances and entries' },
      { name: 'transfers', description: 'Transfers and journals of linked legs' },
      { name: 'holds', description: 'Reserve, increase, capture, void' },
      { name: 'payments', description: 'Orders and card authorizations, from request to receipt' },
      { name: 'reviews', description: 'Cases that people look at, ranked, and their verdicts' },
      { name: 'events', description: 'What happened, in its order' },
      { name: 'evidence', description: 'Receipts and signed tree heads' },
      {
        name: 'loyalty',
        description: 'Points: programmes, members, rewards, campaigns, liability',
      },
      { name: 'offers', description: 'Next-best offers: actions, contacts, answers, experiments' },
      { name: 'customer', description: 'What a customer of the bank sees and does' },
      { name: 'decisions', description: 'What policy says, and why' },
      { name: 'policies', description: 'What decides: drafts, back-tests, publication' },
      { name: 'models', description: 'What scores: cards, deployment, going back' },
      { name: 'prompts', description: 'What language models are asked: versions, budgets, calls' },
      { name: 'governance', description: 'Approvals, consent, rollout' },
      { name: 'register', description: 'Parties, products, and who holds which account' },
      { name: 'privacy', description: 'Tokens for personal values, and erasure' },
      { name: 'screening', description: 'Whom a list may mean, and which lists are in force' },
      { name: 'entitlements', description: 'Roles, rules, and why a call may pass' },
      { name: 'gateway', description: 'Agents, and what they may call' },
      { name: 'webhooks', description: 'Events, sent to where somebody wants them' },
      { name: 'slos', description: 'Service levels, their alerts, and how mature the bank runs' },
      { name: 'administration', description: 'Tenants, keys, units, periods, calendar' },
    ],
  };
}

type Operation = {
  readonly parameters?: readonly { name: string; required?: boolean; description?: string }[];
};
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/**
 * The document as clients are generated from it: it says of the key that it is required where the
 * route refuses to go without, in words of its own.
 */
export function withRequiredKeys<Document extends { readonly paths?: unknown }>(
  document: Document,
): Document {
  for (const operations of Object.values((document.paths ?? {}) as Paths)) {
    for (const { parameters = [] } of Object.values(operations)) {
      for (const each of parameters) {
        if (each.name === 'idempotency-key' && isRequired(each)) each.required = true;
      }
    }
  }
  return document;
}

function isRequired({ description }: { readonly description?: string }): boolean {
  return description?.startsWith('Required. ') ?? false;
}
