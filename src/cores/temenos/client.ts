// HTTP to Temenos: the version of each service in the path, who asks in the headers, and the
// envelopes of queries and commands.
import { Fault } from '#core';
import type { AdapterOptions } from '../adapter.ts';
import { coreFault, type Failure, type FailureClass } from '../failures.ts';
import type { Override } from '../port.ts';
import {
  jsonAt,
  jsonList,
  jsonText,
  malformed,
  openWire,
  readJson,
  type WireAnswer,
  type WireJson,
  type WireRequest,
} from '../wire.ts';
import { detailsOf, type ErrorDetail, failureOf } from './errors.ts';

/** By service, as published; a bank with others says so in its settings. */
const versions = {
  accounts: '4.3.0',
  transactions: '2.0.0',
  transfers: '1.0.1',
  party: '4.0.0',
  adverts: '1.0.0',
  customerHoldings: '1.0.0',
  portfolios: '1.0.0',
  loans: '3.0.0',
  usHolds: '2.0.0',
} as const;
export type Service = keyof typeof versions;

export type Client = {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly now: () => number;
  /** Undefined where there is no such record. */
  readonly read: (request: Ask) => Promise<Envelope | undefined>;
  /** A page of a list; without items where nothing fits. */
  readonly list: (request: Ask & Listing) => Promise<Listed>;
  /** Answers `unknown` where nobody can say what has become of it; throws where nothing has. */
  readonly command: (command: CommandRequest) => Promise<Ordered>;
  /** Of the event store, which has no envelope. */
  readonly events: (request: Omit<Ask, 'service'>) => Promise<readonly WireJson[]>;
  readonly close: () => Promise<void>;
};

export type Ask = {
  readonly service: Service;
  readonly path: string;
  readonly query?: WireRequest['query'];
  readonly signal?: AbortSignal | undefined;
};
export type Listing = { readonly limit: number; readonly after?: string };
export type Envelope = { readonly header: WireJson; readonly body: WireJson };
export type Listed = { readonly items: readonly WireJson[]; readonly next: string | null };

export type CommandRequest = Omit<Ask, 'query'> & {
  readonly method: 'POST' | 'PUT';
  readonly body: unknown;
  /** Of the record, as it was read: what somebody has changed since is not overwritten. */
  readonly versionNumber?: string | undefined;
  readonly accepted?: readonly string[] | undefined;
};

export type Ordered =
  | { readonly kind: 'done'; readonly header: WireJson }
  | { readonly kind: 'warned'; readonly overrides: readonly Override[] }
  | {
      readonly kind: 'refused';
      readonly failure: Failure;
      readonly details: readonly ErrorDetail[];
    }
  | { readonly kind: 'unknown' };

const core = 'temenos';

export function openClient(options: AdapterOptions): Client {
  const { url, ca, settings = {}, timeZone = 'UTC', now } = options;
  const headers = headersOf(options);
  const wire = openWire({ core, url, ...(ca === undefined ? {} : { ca }), headers });
  const pathOf = ({ service, path }: Pick<Ask, 'service' | 'path'>) =>
    `/api/v${settings[`version.${service}`] ?? versions[service]}${path}`;

  async function ask(request: Ask): Promise<Envelope | undefined> {
    const { query = {}, signal } = request;
    const answer = await wire.ask({ path: pathOf(request), query, signal });
    if (answer.status >= 300 || isFailed(answer)) {
      const failure = failureOf(answer);
      if (failure.class === 'missing') return undefined;
      throw coreFault(core, failure);
    }
    return envelopeOf(answer) ?? raise(malformed(core, 'an answer to a query'));
  }

  return {
    ...{ name: core, settings, timeZone, now },
    read: ask,
    async list({ limit, after, ...request }) {
      const [start, token] = after === undefined ? [] : after.split('~');
      const paging = { page_size: limit, page_start: start, page_token: token || undefined };
      const found = await ask({ ...request, query: { ...request.query, ...paging } });
      return found ? listedOf(found, limit) : { items: [], next: null };
    },
    async command({ method, body, versionNumber, accepted = [], signal, ...request }) {
      const header = commandHeader(versionNumber, accepted);
      const answer = await wire.order({
        ...{ method, path: pathOf(request), signal },
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...(header ? { header } : {}), body }),
      });
      return answer ? orderedOf(answer) : { kind: 'unknown' };
    },
    async events({ path, query = {}, signal }) {
      const at = `/ms-eventstore/api/v1.0.0${path}`;
      const answer = await wire.ask({ path: at, query, signal });
      if (answer.status >= 300) throw coreFault(core, failureOf(answer));
      const json = readJson(answer.body);
      if (!Array.isArray(json)) throw malformed(core, 'a list of events');
      return json as readonly WireJson[];
    },
    close: wire.close,
  };
}

/** All that is secret, in one place: an API key or a user with a password. */
function headersOf({ credentials, settings = {} }: AdapterOptions): Record<string, string> {
  const { apiKey, user, password, coreUser, corePassword } = credentials;
  const basic = () => Buffer.from(`${user}:${password}`).toString('base64');
  if (apiKey === undefined && (user === undefined || password === undefined)) {
    throw new Fault('input_invalid', 'temenos needs apiKey, or user and password');
  }
  const { companyId, userRole } = settings;
  return {
    accept: 'application/json',
    authorization: apiKey ?? `Basic ${basic()}`,
    ...(coreUser === undefined ? {} : { credentials: `${coreUser}:${corePassword ?? ''}` }),
    ...(companyId === undefined ? {} : { companyId }),
    ...(userRole === undefined ? {} : { userRole }),
  };
}

// Queries -----------------------------------------------------------------------------------------

/** It may be told with a good status as well. */
function isFailed({ body }: WireAnswer): boolean {
  return /"status"\s*:\s*"failed"/.test(body.slice(0, 1_000));
}

function envelopeOf({ body }: WireAnswer): Envelope | undefined {
  const json = readJson(body);
  const [header, inside] = [jsonAt(json, 'header'), jsonAt(json, 'body')];
  return header === undefined || inside === undefined ? undefined : { header, body: inside };
}

/** Where the next page begins is counted from what the first answer calls its own beginning. */
function listedOf({ header, body }: Envelope, limit: number): Listed {
  if (!Array.isArray(body)) throw malformed(core, 'a list');
  const items = body as readonly WireJson[];
  const start = Number(jsonText(header, 'page_start') ?? '1');
  const [total, token] = [jsonText(header, 'total_size'), jsonText(header, 'page_token')];
  const next = start + items.length;
  const first = start === 0 ? 0 : 1;
  // Without a total, a full page is not known to be the last.
  const isAll = total === undefined ? items.length < limit : next - first >= Number(total);
  const isLast = items.length === 0 || isAll;
  return { items, next: isLast ? null : `${next}~${token ?? ''}` };
}

// Commands ----------------------------------------------------------------------------------------

/** An override is known here by its id and code together: both are sent back to accept it. */
function commandHeader(versionNumber: string | undefined, accepted: readonly string[]) {
  if (versionNumber === undefined && accepted.length === 0) return undefined;
  const overrideDetails = accepted.map((name) => {
    const [id = '', ...code] = name.split('/');
    return { id, code: code.join('/'), responseCode: 'YES' };
  });
  return {
    ...(versionNumber === undefined ? {} : { audit: { versionNumber } }),
    ...(accepted.length === 0 ? {} : { override: { overrideDetails } }),
  };
}

/** Says that nothing was done, and that another time or another caller might do better. */
const thrown: readonly FailureClass[] = [
  ...(['limited', 'locked', 'unauthenticated', 'forbidden'] as const),
  ...(['internal', 'unavailable'] as const),
];

function orderedOf(answer: WireAnswer): Ordered {
  const { status, body } = answer;
  if (status >= 500) return { kind: 'unknown' };
  if (status < 300 && !isFailed(answer)) {
    const header = envelopeOf(answer)?.header;
    return header === undefined ? { kind: 'unknown' } : { kind: 'done', header };
  }
  const json = readJson(body);
  const details = detailsOf(json);
  const overrides = overridesOf(json);
  if (details.length === 0 && overrides.length > 0) return { kind: 'warned', overrides };
  const failure = failureOf(answer);
  const isPlain = status === 401 || status === 403 || status === 429;
  if (details.length === 0 && !isPlain) return { kind: 'unknown' };
  // Of a transfer that was authorised before: what has become of that, a look-up tells.
  if (failure.class === 'duplicate') return { kind: 'unknown' };
  if (thrown.includes(failure.class)) throw coreFault(core, failure);
  return { kind: 'refused', failure, details };
}

function overridesOf(json: WireJson | undefined): readonly Override[] {
  return jsonList(json, 'override', 'overrideDetails').map((of) => {
    const [id, code] = [jsonText(of, 'id') ?? '', jsonText(of, 'code') ?? ''];
    return { id: `${id}/${code}`, code, text: jsonText(of, 'description') ?? code };
  });
}

function raise(fault: Fault): never {
  throw fault;
}
