// What the register changes, and the events that tell of it.
import { contactOperations, contactPayloads } from './contacts.ts';
import { holdingOperations, holdingPayloads } from './holdings.ts';
import { partyOperations, partyPayloads } from './parties.ts';
import { productOperations, productPayloads } from './products.ts';
import { requestOperations, requestPayloads } from './service-requests.ts';

export const registerOperations = {
  ...partyOperations,
  ...contactOperations,
  ...productOperations,
  ...holdingOperations,
  ...requestOperations,
};

export const registerPayloads = {
  ...partyPayloads,
  ...contactPayloads,
  ...productPayloads,
  ...holdingPayloads,
  ...requestPayloads,
};
