// The adapter of the template core: what every core has, and a list of entries.
import { instantToText } from '#core';
import type { Adapter, AdapterOptions, MoveAnswer } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { jsonList, jsonText, readJson, type WireAnswer } from '../wire.ts';
import { core, found, openClient } from './client.ts';
import { failureOf, refusalOf } from './errors.ts';
import { accountOf, balancesOf, entryOf, orderOf, text } from './mapping.ts';

export function openTemplate(options: AdapterOptions): Adapter {
  const wire = openClient(options);
  const read = async (path: string, signal?: AbortSignal) =>
    found(await wire.ask({ path, signal }));
  return {
    name: core,
    operations: {
      async readAccount({ id, signal }) {
        const json = await read(`/accounts/${encodeURIComponent(id)}`, signal);
        return json === undefined ? undefined : accountOf(json);
      },
      async readBalances({ id, signal }) {
        const json = await read(`/accounts/${encodeURIComponent(id)}`, signal);
        return json === undefined ? undefined : balancesOf(json, instantToText(options.now()));
      },
      async listEntries({ id, limit, after, signal }) {
        const path = `/accounts/${encodeURIComponent(id)}/entries`;
        const json = found(await wire.ask({ path, query: { limit, after }, signal }));
        if (json === undefined) return undefined;
        const items = jsonList(json, 'entries').map(entryOf);
        return { items, next: jsonText(json, 'next') ?? null };
      },
      async transfer(order) {
        const body = orderOf(order);
        return moveOf(await wire.order({ method: 'POST', path: '/transfers', body }));
      },
      async lookUp({ reference, signal }) {
        const json = await read(`/transfers/${reference}`, signal);
        if (json === undefined) return undefined;
        return { answer: moved(text(json, 'id'), true), mark: jsonText(json, 'text') ?? null };
      },
    },
    close: wire.close,
  };
}

/** Thrown only where nothing can have happened; what nobody can read is not known. */
function moveOf(answer: WireAnswer | undefined): MoveAnswer {
  if (answer === undefined) return { status: 'unknown' };
  const json = readJson(answer.body);
  const id = jsonText(json, 'id');
  if (answer.status < 300 && id !== undefined) return moved(id, answer.status === 200);
  const failure = failureOf(answer.status, json);
  const refusal = refusalOf(failure);
  if (refusal) return { status: 'rejected', ...refusal };
  const isBefore = answer.status === 429 || (answer.status >= 400 && answer.status < 500);
  if (isBefore && failure.class !== 'malformed') throw coreFault(core, failure);
  return { status: 'unknown' };
}

function moved(coreReference: string, replayed: boolean): MoveAnswer {
  return { status: 'completed', coreReference, replayed };
}
