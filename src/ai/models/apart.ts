// Validation apart: in a thread of its own, so that no model holds up those who pay meanwhile.
import { Fault, type Json } from '#core';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Validated } from './validation.ts';
import type { ValidationAnswer, ValidationStart } from './validation-worker.ts';

const moduleOfWorker = new URL('./validation-worker.ts', import.meta.url);
const deadlineDefaultMs = 20_000;
/** Of what a model may become in memory: past that its thread ends, and nothing else. */
const resourceLimits = { maxOldGenerationSizeMb: 512 };

/** As `validateModel`, with the features that there are. */
export async function validateApart(
  card: Json,
  artefact: Uint8Array,
  deadlineMs = deadlineDefaultMs,
): Promise<Validated> {
  const workerData: ValidationStart = { card, artefact };
  const worker = new Worker(moduleOfWorker, { workerData, resourceLimits });
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    const [answer] = (await once(worker, 'message', { signal })) as [ValidationAnswer];
    if ('validated' in answer) return answer.validated;
    const { code, message, detail } = answer;
    throw new Fault(code, message, { detail });
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const what = signal.aborted ? `takes more than ${deadlineMs} ms` : 'breaks its thread';
    throw new Fault('model_invalid', `to validate it ${what}`, { cause });
  } finally {
    await worker.terminate();
  }
}
