// The door of webhooks: events, sent to where somebody wants them, signed.
export { runWebhooks } from './run.ts';
export { signingSecret } from './signature.ts';
export { openTargets, type Targets } from './targets.ts';
export {
  deliveryStatuses,
  listDeliveries,
  listReplays,
  listWebhooks,
  readWebhook,
  secretVersionOf,
  webhookViews,
  type WebhookView,
} from './views.ts';
export {
  replayIdOf,
  wants,
  webhookIdOf,
  webhookOperations,
  webhookPayloads,
  webhookSchemas,
} from './webhook.ts';
