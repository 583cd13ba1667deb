// What may be administered: policy's own operations, and how people govern the AI plane.
import { controlOperations, labelOperations, modelOperations } from '#ai';
import { type PolicyOperations, policyOperations } from '#policy';

export const operations: PolicyOperations = {
  ...policyOperations,
  ...modelOperations,
  ...labelOperations,
  ...controlOperations,
};

export function isAdministration(operation: string): boolean {
  return Object.hasOwn(operations, operation);
}
