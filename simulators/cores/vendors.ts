// The simulated cores by the name of their vendor. Each is loaded when it is asked for.
import type { Vendor } from './simulator.ts';

export const simulatedVendors: Readonly<Record<string, () => Promise<Vendor>>> = {
  fineract: async () => (await import('./fineract/fineract.ts')).fineract,
  finacle: async () => (await import('./finacle/finacle.ts')).finacle,
  flexcube: async () => (await import('./flexcube/flexcube.ts')).flexcube,
  mambu: async () => (await import('./mambu/mambu.ts')).mambu,
  temenos: async () => (await import('./temenos/temenos.ts')).temenos,
};
