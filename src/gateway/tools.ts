// The tools that come with Countersign. They speak to the core through its port alone, so that
// every core serves them.
import type { Tool } from './tool.ts';
import { listAccounts, listTransactions, readBalances } from './tools/accounts.ts';
import { updateContact } from './tools/contacts.ts';
import { listProducts, readProfile } from './tools/customer.ts';
import { explainDecision } from './tools/decisions.ts';
import { listHoldings } from './tools/holdings.ts';
import {
  appealClaim,
  claimMissingPoints,
  expiringPoints,
  rewardsBalance,
} from './tools/loyalty.ts';
import { createRequest, listRequests } from './tools/requests.ts';
import { findOffer, paySomebody } from './tools/sequences.ts';
import { confirmTransfer, prepareTransfer, withdrawTransfer } from './tools/transfers.ts';

export const shippedTools: readonly Tool[] = [
  listAccounts,
  listHoldings,
  listProducts,
  listRequests,
  listTransactions,
  explainDecision,
  readBalances,
  readProfile,
  rewardsBalance,
  expiringPoints,
  claimMissingPoints,
  appealClaim,
  updateContact,
  createRequest,
  prepareTransfer,
  confirmTransfer,
  withdrawTransfer,
  findOffer,
  paySomebody,
];
