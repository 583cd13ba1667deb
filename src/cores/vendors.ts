// The vendors whose cores we speak to. An adapter is loaded when a bank is connected to it.
import type { Adapter, AdapterOptions } from './adapter.ts';

type OpenAdapter = (options: AdapterOptions) => Adapter;

export const vendors: Readonly<Record<string, () => Promise<OpenAdapter>>> = {
  fineract: async () => (await import('./fineract/core.ts')).openFineract,
  finacle: async () => (await import('./finacle/core.ts')).openFinacle,
  flexcube: async () => (await import('./flexcube/core.ts')).openFlexcube,
  mambu: async () => (await import('./mambu/core.ts')).openMambu,
  temenos: async () => (await import('./temenos/core.ts')).openTemenos,
};
