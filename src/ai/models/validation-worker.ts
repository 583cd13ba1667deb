// The other side of apart.ts: one model is validated in a thread of its own, which can be ended.
import { Fault, type FaultCode, type Json } from '#core';
import { parentPort, workerData } from 'node:worker_threads';
import { featureCatalogue } from '../features/catalogue.ts';
import { type Validated, validateModel } from './validation.ts';

export type ValidationStart = { readonly card: Json; readonly artefact: Uint8Array };
export type ValidationAnswer =
  | { readonly validated: Validated }
  | {
      readonly code: FaultCode;
      readonly message: string;
      readonly detail: Readonly<Record<string, unknown>>;
    };

parentPort?.postMessage(await answer(workerData as ValidationStart));

async function answer({ card, artefact }: ValidationStart): Promise<ValidationAnswer> {
  try {
    return { validated: await validateModel(card, artefact, { features: featureCatalogue }) };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    const { code, message, detail } = fault;
    return { code, message, detail };
  }
}
