// The wire to one Mambu tenant: version and credentials in headers, pages in headers, idempotency
// keys that belong to what is ordered.
import { hash } from 'node:crypto';
import { Fault } from '#core';
import type { AdapterOptions } from '../adapter.ts';
import { coreFault, type Failure } from '../failures.ts';
import {
  malformed,
  openWire,
  readJson,
  type Wire,
  type WireAnswer,
  type WireJson,
  type WireRequest,
} from '../wire.ts';
import { coreName, failureOf } from './errors.ts';

export type Client = {
  /** Undefined where there is none. */
  readonly read: (request: Reading) => Promise<WireJson | undefined>;
  readonly readPage: (request: Reading & Section) => Promise<ReadPage | undefined>;
  readonly order: (request: Ordering) => Promise<Ordered>;
  readonly wire: Wire;
  readonly timeZone: string;
};

export type Reading = Pick<WireRequest, 'path' | 'query' | 'signal'> & {
  /** What is searched for, instead of everything. */
  readonly search?: unknown;
};
export type Section = { readonly limit: number; readonly offset: number };
export type ReadPage = { readonly items: readonly WireJson[]; readonly nextOffset: number | null };

export type Ordering = Pick<WireRequest, 'path' | 'signal'> & {
  readonly method?: 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** What the key is made from, with the body: the same request has the same key, always. */
  readonly key?: string;
};
export type Ordered =
  | { readonly status: 'done'; readonly json: WireJson | undefined }
  | { readonly status: 'refused'; readonly failure: Failure }
  | { readonly status: 'unknown' };

const version = 'application/vnd.mambu.v2+json';
const timeoutDefaultMs = 10_000;

/** Throws `input_invalid` without credentials. */
export function openClient(options: AdapterOptions): Client {
  const { url, ca, credentials, settings = {}, timeZone = 'UTC' } = options;
  const timeoutMs = Number(settings['timeoutMs'] ?? timeoutDefaultMs);
  const headers = { accept: version, ...authorization(credentials) };
  const secured = ca === undefined ? {} : { ca };
  const wire = openWire({ core: coreName, url, headers, timeoutMs, ...secured });
  const asked = async ({ path, query, search, signal }: Reading) => {
    const answer = await wire.ask({
      ...{ path: `/api${path}`, signal, ...(query ? { query } : {}) },
      ...(search === undefined ? {} : asPost(search)),
    });
    if (answer.status >= 400) {
      const failure = failureOf(answer);
      // A proxy that knows no such path is no proof that there is nothing.
      if (answer.status === 404 && failure.class === 'missing') return undefined;
      throw coreFault(coreName, failure);
    }
    const json = readJson(answer.body);
    if (answer.status !== 200 || json === undefined) throw malformed(coreName, 'an answer of JSON');
    return { json, headers: answer.headers };
  };
  return {
    ...{ wire, timeZone },
    read: async (request) => (await asked(request))?.json,
    async readPage({ limit, offset, ...request }) {
      const pages = { offset, limit, paginationDetails: 'ON' };
      const found = await asked({ ...request, query: { ...request.query, ...pages } });
      return found && pageOf(found, { limit, offset });
    },
    async order({ method = 'POST', path, body, key, signal }) {
      const sent = body === undefined ? undefined : asPost(body);
      const keyed: Record<string, string> =
        key === undefined
          ? {}
          : { 'idempotency-key': idempotencyKeyOf(`${key} ${sent?.body ?? ''}`) };
      const answer = await wire.order({
        ...{ method, path: `/api${path}`, signal },
        ...(sent ? { body: sent.body } : {}),
        headers: { ...sent?.headers, ...keyed },
      });
      return orderedOf(answer);
    },
  };
}

function asPost(body: unknown) {
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(body) } as const;
}

function authorization(given: AdapterOptions['credentials']): Readonly<Record<string, string>> {
  const { apiKey, username, password } = given;
  if (apiKey !== undefined) return { apikey: apiKey };
  if (username === undefined || password === undefined) {
    throw new Fault('input_invalid', 'mambu wants an apiKey, or a username with its password');
  }
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function pageOf(
  { json, headers }: { readonly json: WireJson } & Pick<WireAnswer, 'headers'>,
  { limit, offset }: Section,
): ReadPage {
  if (!Array.isArray(json)) throw malformed(coreName, 'a list');
  const items = json as readonly WireJson[];
  const total = headers['items-total'];
  const isMore = total === undefined ? items.length >= limit : offset + items.length < +total;
  return { items, nextOffset: isMore && items.length > 0 ? offset + items.length : null };
}

/** A status of 2xx whose body cannot be read leaves open what has happened. */
function orderedOf(answer: WireAnswer | undefined): Ordered {
  if (!answer) return { status: 'unknown' };
  if (answer.status >= 400) return { status: 'refused', failure: failureOf(answer) };
  if (answer.status === 204) return { status: 'done', json: undefined };
  const json = readJson(answer.body);
  const isDone = (answer.status === 200 || answer.status === 201) && json !== undefined;
  return isDone ? { status: 'done', json } : { status: 'unknown' };
}

/** In the form of a UUID of version 4, which is the only form that Mambu takes. */
export function idempotencyKeyOf(text: string): string {
  const digits = hash('sha256', `countersign ${text}`, 'hex');
  const variant = '89ab'[Number.parseInt(digits[16] ?? '0', 16) & 3] ?? '8';
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`];
  return [...parts, `${variant}${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-');
}

/** One part of a path. */
export function pathPart(id: string): string {
  return encodeURIComponent(id);
}

/** Of the `after` of a page, which is the number of those before it. */
export function offsetOf(after: string | undefined): number {
  if (after === undefined) return 0;
  if (!/^\d{1,9}$/.test(after)) throw new Fault('invalid_request', 'after is not a cursor');
  return Number(after);
}
