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
      { name: 'payments', description: 'Payments, and how their payers agree to them' },
      { name: 'payments', description: 'Orders and card authorizations, from request to receipt' },
      { name: 'reviews', description: 'Cases that people look at, ranked, and their verdicts' },
      { name: 'events', description: 'What happened, in its order' },
      { name: 'evidence', description: 'Receipts and signed tree heads' },
      { name: 'customer', description: 'What a customer of the bank sees and does' },
      { name: 'decisions', description: 'What policy says, and why' },
      { name: 'policies', description: 'What decides: drafts, back-tests, publication' },
      { name: 'models', description: 'What scores: cards, deployment, going back' },
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
