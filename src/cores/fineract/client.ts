// How Fineract is spoken to: its headers, its keys, and what an answer of it is.
import { coreFault, type Failure } from '../failures.ts';
import type { AdapterOptions } from '../adapter.ts';
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
import { failureOf, type Told } from './errors.ts';

export type Fineract = {
  readonly options: AdapterOptions;
  /** Throws a Fault for every failure. */
  readonly ask: (asked: Asking) => Promise<WireJson>;
  /** Undefined where the core has none of that id. */
  readonly find: (asked: Asking) => Promise<WireJson | undefined>;
  /** Throws a Fault where nothing can have been done. */
  readonly order: (command: Command) => Promise<Ordered>;
  readonly close: () => Promise<void>;
};

export type Asking = Pick<WireRequest, 'path' | 'query' | 'signal'>;

export type Command = Asking & {
  readonly method?: 'POST' | 'PUT';
  /** Kept for ever with the answer: the same key with the same action is done once. */
  readonly key: string;
  readonly body: unknown;
};

export type Ordered =
  | { readonly status: 'done'; readonly json: WireJson; readonly isReplayed: boolean }
  | { readonly status: 'refused'; readonly told: Told; readonly isReplayed: boolean }
  | { readonly status: 'unknown' };

export const name = 'fineract';
const root = '/fineract-provider/api/v1';

export function openClient(options: AdapterOptions): Fineract {
  const { url, ca, credentials, settings = {} } = options;
  const basic = Buffer.from(
    `${credentials['username'] ?? ''}:${credentials['password'] ?? ''}`,
  ).toString('base64');
  const wire = openWire({
    ...{ core: name, url, ...(ca === undefined ? {} : { ca }) },
    headers: {
      authorization: `Basic ${basic}`,
      'fineract-platform-tenantid': settings['tenant'] ?? 'default',
      accept: 'application/json',
      'content-type': 'application/json',
    },
  });
  const asked = async ({ path, ...rest }: Asking) => wire.ask({ ...rest, path: `${root}/${path}` });
  return {
    options,
    ask: async (of) => read(await asked(of)),
    async find(of) {
      const answer = await asked(of);
      return isMissing(answer) ? undefined : read(answer);
    },
    async order({ key, body, path, method = 'POST', ...rest }) {
      const answer = await wire.order({
        ...{ ...rest, method, path: `${root}/${path}` },
        ...{ body: JSON.stringify(body), headers: { 'idempotency-key': key } },
      });
      return answer === undefined ? { status: 'unknown' } : ordered(answer);
    },
    close: wire.close,
  };
}

/** Said by the core itself: a 404 of what stands before it is no answer about an account. */
function isMissing({ status, body }: WireAnswer): boolean {
  const json = status === 404 ? readJson(body) : undefined;
  return json !== undefined && failureOf(status, json).class === 'missing';
}

function read({ status, headers, body }: WireAnswer): WireJson {
  const json = readJson(body);
  if (status >= 400) throw faultOf(failureOf(status, json), headers);
  if (json === undefined || status !== 200) throw malformed(name, 'JSON');
  return json;
}

/** Who was not let in, or asked too often, has done nothing. */
const nothingDone: readonly Failure['class'][] = ['limited', 'unauthenticated', 'forbidden'];

function ordered({ status, headers, body }: WireAnswer): Ordered {
  const json = readJson(body);
  const isReplayed = headers['x-served-from-cache'] === 'true';
  if (status === 200 && json !== undefined) return { status: 'done', json, isReplayed };
  if (status < 400) return { status: 'unknown' };
  const told = failureOf(status, json);
  if (nothingDone.includes(told.class)) throw faultOf(told, headers);
  // What is under way may yet be done; and of a 5xx nobody knows, until it is told from the store:
  // then the command has failed and was rolled back.
  const isOpen = told.class === 'in_progress' || (status >= 500 && !isReplayed);
  return isOpen || json === undefined
    ? { status: 'unknown' }
    : { status: 'refused', told, isReplayed };
}

function faultOf(told: Told, headers: WireAnswer['headers']): Error {
  const seconds = Number(headers['retry-after']);
  const retry = Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {};
  return coreFault(name, { ...told, ...retry });
}

/** For changes that are no moves of money: throws what was refused, and what nobody knows. */
export async function change(core: Fineract, command: Command): Promise<WireJson> {
  const answer = await core.order(command);
  if (answer.status === 'done') return answer.json;
  if (answer.status === 'refused') throw coreFault(name, answer.told);
  throw coreFault(name, { class: 'unavailable', code: 'no_answer', text: 'no answer' });
}

// Lists -------------------------------------------------------------------------------------------

/** A page of those that know an offset: `pageItems` with a total there, `content` here. */
export async function page(
  core: Fineract,
  { path, query = {}, signal }: Asking,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<{ readonly items: readonly WireJson[]; readonly next: string | null } | undefined> {
  const offset = after === undefined ? 0 : Number(after);
  const found = await core.find({ path, signal, query: { ...query, offset, limit } });
  if (found === undefined) return undefined;
  const total = Number(jsonText(found, 'totalFilteredRecords') ?? jsonText(found, 'total'));
  if (!Number.isSafeInteger(total)) throw malformed(name, 'a page with a total');
  const items = jsonAt(found, 'pageItems')
    ? jsonList(found, 'pageItems')
    : jsonList(found, 'content');
  const end = offset + items.length;
  return { items, next: items.length > 0 && end < total ? String(end) : null };
}
