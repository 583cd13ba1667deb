// What may be administered: policy's own operations, and how people govern the AI plane.
import { controlOperations, labelOperations, modelOperations, promptOperations } from '#ai';
import { mirrorOperations, registerOperations } from '#cores';
import {
  agentOperations,
  mandateOperations,
  proposalOperations,
  referralOperations,
  registryOperations,
  sequenceOperations,
} from '#gateway';
import { type PolicyOperations, policyOperations } from '#policy';
import { loyaltyOperations } from '#loyalty';
import { offerOperations } from '#offers';
import { sloOperations } from '#slo';
import { reviewOperations } from '#reviews';
import { webhookOperations } from '#webhooks';

export const operations: PolicyOperations = {
  ...policyOperations,
  ...agentOperations,
  ...registryOperations,
  ...mandateOperations,
  ...proposalOperations,
  ...referralOperations,
  ...sequenceOperations,
  ...webhookOperations,
  ...modelOperations,
  ...promptOperations,
  ...labelOperations,
  ...controlOperations,
  ...registerOperations,
  ...mirrorOperations,
  ...reviewOperations,
  ...sloOperations,
  ...loyaltyOperations,
  ...offerOperations,
};

export function isAdministration(operation: string): boolean {
  return Object.hasOwn(operations, operation);
}
