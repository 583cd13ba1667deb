// The tools that come with Countersign. They speak to the core through its port alone, so that
// every core serves them.
import type { Tool } from './tool.ts';
import { listAccounts, listTransactions, readBalances } from './tools/accounts.ts';
import { listProducts, readProfile } from './tools/customer.ts';
import { confirmTransfer, prepareTransfer } from './tools/transfers.ts';

export const shippedTools: readonly Tool[] = [
  listAccounts,
  listProducts,
  listTransactions,
  readBalances,
  readProfile,
  prepareTransfer,
  confirmTransfer,
];
