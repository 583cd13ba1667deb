// The door of the gateway: where agents reach the bank, as governed callers.
export { agentBodies, agentOperations, agentPayloads } from './agents.ts';
export { agentSchemas, keysOf, ownIssuerName } from './agent-terms.ts';
export { type AgentView, agentView, findAgent, listAgents } from './agent-views.ts';
export {
  type AgentByToken,
  findAgentByToken,
  keysDigest,
  type TokenNames,
  type VerifiedNames,
} from './agent-by-token.ts';
export { type GatewayParts, openGateway } from './call.ts';
export type { Meets } from './follow.ts';
export { type Need, runStatuses, sequenceSchemas } from './sequence.ts';
export {
  listRuns,
  readRun,
  type Run,
  sequenceOperations,
  sequencePayloads,
} from './sequence-runs.ts';
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
export { type CallerNow, governed, openCallerNow } from './caller-now.ts';
export { type RoomyHost, usualCallsMax, withRoom } from './room.ts';
export { openTicketQueue, type TicketPace, usualPace } from './ticket-queue.ts';
export { runTickets } from './ticket-worker.ts';
export {
  openTickets,
  type Ticket,
  ticketId,
  ticketSchemas,
  ticketStatuses,
  type Tickets,
} from './tickets.ts';
export { type AgreedPayment, paymentKey, paymentOrder, readAgreed } from './payment-order.ts';
export {
  countProposals,
  findProposals,
  type ProposalFilter,
  proposalFacets,
  readUse,
} from './proposal-log.ts';
export {
  listProposals,
  type Proposal,
  proposalStatus,
  proposalStatuses,
  readProposal,
  waitsFor,
} from './proposal-views.ts';
export {
  listMandates,
  type Mandate,
  mandateStatus,
  mandateStatuses,
  readMandate,
  readMandateRefusal,
} from './mandate-views.ts';
export {
  mandateOf,
  mandateOperations,
  mandatePayloads,
  mandateSchemas,
  mandateTermsView,
  mandateText,
  type GiveBody,
  type GiveRequest,
} from './mandates.ts';
export { referralOperations } from './referrals.ts';
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
  type ClaimStanding,
  type Explained,
  type RewardsDesk,
  type Tool,
  toolEffects,
  type ToolRun,
} from './tool.ts';
export {
  type ApproveTool,
  declarationOf,
  readApprovals,
  readDeclarations,
  registryOperations,
  registryPayloads,
  toolDigest,
  toolSchemas,
} from './registry.ts';
export { shippedTools } from './tools.ts';
