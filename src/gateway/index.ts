// The door of the gateway: where agents reach the bank, as governed callers.
export { agentBodies, agentOperations, agentPayloads } from './agents.ts';
export { agentSchemas, keysOf, ownIssuerName } from './agent-terms.ts';
export { type AgentView, agentView, findAgent, listAgents } from './agent-views.ts';
export { type AgentByToken, findAgentByToken, type TokenNames } from './agent-by-token.ts';
export { type GatewayParts, openGateway } from './call.ts';
export { callPayloads, callStatuses, type ToolCallBody } from './record.ts';
export {
  callFacets,
  type CallFilter,
  callViews,
  countCalls,
  listCalls,
  readCall,
} from './call-log.ts';
export { agentTools } from './controls.ts';
export { type AgreedPayment, paymentKey, paymentOrder, readAgreed } from './payment-order.ts';
export {
  listProposals,
  type Proposal,
  proposalStatus,
  proposalStatuses,
  readProposal,
  waitsFor,
} from './proposal-views.ts';
export {
  proposalOperations,
  proposalPayloads,
  proposalSchemas,
  refuseUnknown,
} from './proposals.ts';
export type {
  AskedCall,
  Delegation,
  GatewayCaller,
  ProposalView,
  ToolAnswer,
  ToolHost,
  ToolView,
} from './host.ts';
export {
  type CarriedOut,
  classed,
  classKeyword,
  type Tool,
  toolEffects,
  type ToolRun,
} from './tool.ts';
export {
  type ApproveTool,
  readApprovals,
  registryOperations,
  registryPayloads,
  toolDigest,
  toolSchemas,
} from './registry.ts';
export { shippedTools } from './tools.ts';
