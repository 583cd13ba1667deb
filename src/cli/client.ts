// Talks to a server for a command: by whose key, and in whose words a refusal is told.
import { Fault, readServerLock, systemRandom } from '#core';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GlobalOptions } from './installation.ts';

/** The options that `served` adds to a command. */
export type ServedOptions = GlobalOptions & {
  readonly url?: string;
  readonly key?: string;
  readonly tenant?: string;
  readonly json?: boolean;
};

export type Client = {
  readonly get: <Answer>(path: string) => Promise<Answer>;
  /** Under an idempotency key of its own, where none is given. */
  readonly post: <Answer>(path: string, body: unknown, idempotencyKey?: string) => Promise<Answer>;
};

export type Page<Item> = { readonly items: readonly Item[]; readonly next: string | null };

const deadlineMs = 60_000;
const pageSize = 500;

/** Of the server that the options name, or else of the one that runs on the data folder. */
export function clientOf({ data, url, key, tenant }: ServedOptions): Client {
  const base = url ?? readServerLock(data)?.url;
  if (base === undefined) {
    throw new Fault('input_invalid', `no server runs on ${data}: start one, or give --url`);
  }
  return clientAt(base, key ?? keptKey(data, tenant));
}

export function clientAt(url: string, secret: string): Client {
  const base = url.replace(/\/+$/, '');
  const authorization = `Bearer ${secret}`;
  return {
    get: (path) => send(base, path, { method: 'GET', headers: { authorization } }),
    post: (path, body, idempotencyKey = freshKey()) =>
      send(base, path, {
        method: 'POST',
        headers: {
          authorization,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
        },
        body: JSON.stringify(body),
      }),
  };
}

/** The items of a list, page by page, as long as somebody goes on asking for them. */
export async function* pages<Item>({ get }: Client, path: string): AsyncGenerator<Item> {
  for (let after: string | null = ''; after !== null; ) {
    const from: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
    const { items, next }: Page<Item> = await get(`${path}?limit=${pageSize}${from}`);
    yield* items;
    after = next;
  }
}

export async function allItems<Item>(client: Client, path: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of pages<Item>(client, path)) items.push(item);
  return items;
}

async function send<Answer>(
  base: string,
  path: string,
  request: RequestInit & { readonly method: string },
): Promise<Answer> {
  const deadline = AbortSignal.timeout(deadlineMs);
  let status: number;
  let text: string;
  try {
    const answer = await fetch(`${base}${path}`, { ...request, signal: deadline });
    status = answer.status;
    text = await answer.text();
  } catch (cause) {
    throw silence(base, request.method, cause);
  }
  const json = jsonOf(text);
  if (status >= 200 && status < 300 && json !== undefined) return json as Answer;
  if (isProblem(json)) throw refusal(json);
  const what = `${base} answers ${status} with something that is no answer of Countersign`;
  throw new Fault('input_invalid', `${what}: is --url right?`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(json: unknown): json is Problem {
  const { title, code } = (json ?? {}) as Partial<Problem>;
  return typeof title === 'string' && typeof code === 'string';
}

/** There was no answer. Whether a write was carried out nobody here can know. */
function silence(base: string, method: string, cause: unknown): Fault {
  const { name, cause: reason } = cause as Error;
  const code = (reason as NodeJS.ErrnoException | undefined)?.code ?? '';
  const isLate = name === 'TimeoutError';
  if (!isLate && !['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(code)) {
    const what = `${base} cannot be reached: is the server running?`;
    return new Fault('input_invalid', what, { cause });
  }
  const why = isLate
    ? `did not answer within ${deadlineMs / 1_000} s`
    : 'was gone before it answered';
  const doubt = method === 'GET' ? '' : ': it may be done or not, look before you repeat it';
  return new Fault('deadline_exceeded', `${base} ${why}${doubt}`, { cause });
}

type Problem = Wanted & {
  readonly title: string;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** Where policy wants people to look at the command itself. */
  readonly approval?: Wanted;
};

/** Of an approval that is missing: what to ask it for. */
type Wanted = {
  readonly subject_kind?: string;
  readonly subject_digest?: string;
  readonly subject?: object;
};

/** A server may know more codes than we do: the one that it has said is carried along. */
function refusal({ title, code, detail, errors, approval, ...told }: Problem): Fault {
  const { subject_kind: kind, subject_digest: digest, subject } = { ...told, ...approval };
  // Where the places are told, the detail only says the title again.
  const what = detail === undefined || errors ? title : `${title}: ${detail}`;
  const hint =
    kind === undefined ? '' : ` (ask for it: approvals request ${kind} --digest ${digest})`;
  const needed = { code, errors, kind, digest, subject };
  return new Fault('input_invalid', `${what}${hint}`, { detail: needed });
}

/** The key that an earlier command has kept for a tenant. */
function keptKey(data: string, tenant: string | undefined): string {
  if (tenant === undefined) {
    throw new Fault('input_invalid', 'by whose key? give --key, or --tenant of a kept one');
  }
  const path = join(data, 'api-keys', tenant);
  if (!existsSync(path)) {
    throw new Fault('input_invalid', `${path} is not there: give --key, or another --tenant`);
  }
  return readFileSync(path, 'utf8').trim();
}

function freshKey(): string {
  return `cli/${Buffer.from(systemRandom().bytes(12)).toString('hex')}`;
}
