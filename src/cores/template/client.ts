// The template core over HTTP: its key, its addresses, and what an answer is.
import type { AdapterOptions } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { openWire, readJson, type Wire, type WireAnswer, type WireJson } from '../wire.ts';
import { failureOf } from './errors.ts';

export const core = 'template';

export function openClient({ url, ca, credentials }: AdapterOptions): Wire {
  const { key = '' } = credentials;
  return openWire({ core, url, ...(ca === undefined ? {} : { ca }), headers: { 'x-key': key } });
}

/** Of what is there; undefined where it is not. Throws what the core says against it. */
export function found(answer: WireAnswer): WireJson | undefined {
  const json = readJson(answer.body);
  if (answer.status === 200 && json !== undefined) return json;
  const failure = failureOf(answer.status, json);
  if (failure.class === 'missing') return undefined;
  throw coreFault(core, failure);
}
