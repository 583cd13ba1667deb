// What the mirror of a core writes besides the ledger and the register, and the events of that.
import { acceptanceOperations, acceptancePayloads } from './acceptance.ts';
import { endingOperations, endingPayloads } from './ending.ts';
import { differenceOperations, differencePayloads } from './differences.ts';
import { linkOperations, linkPayloads } from './links.ts';
import { toldOperations, toldPayloads } from './told.ts';

export const mirrorOperations = {
  ...acceptanceOperations,
  ...endingOperations,
  ...linkOperations,
  ...differenceOperations,
  ...toldOperations,
};

export const mirrorPayloads = {
  ...acceptancePayloads,
  ...endingPayloads,
  ...linkPayloads,
  ...differencePayloads,
  ...toldPayloads,
};
