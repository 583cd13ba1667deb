// What may be administered: policy's own operations, and how people govern the AI plane.
import { controlOperations, labelOperations, modelOperations } from '#ai';
import { registerOperations } from '#cores';
import { type PolicyOperations, policyOperations } from '#policy';
import { sloOperations } from '#slo';
import { reviewOperations } from '#reviews';
import { webhookOperations } from '#webhooks';

export const operations: PolicyOperations = {
  ...policyOperations,
  ...webhookOperations,
  ...modelOperations,
  ...labelOperations,
  ...controlOperations,
  ...registerOperations,
  ...reviewOperations,
  ...sloOperations,
};

export function isAdministration(operation: string): boolean {
  return Object.hasOwn(operations, operation);
}
