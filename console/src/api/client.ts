// Calls of the API: typed by its OpenAPI document, with a deadline, and problems as they are told.
import type { Api, Problem } from './openapi.ts';

export type Operation = keyof Api;
export type Answer<Op extends Operation> = Api[Op]['answer'];
type Optional<Name extends string, Given> =
  Record<never, never> extends Given ? { readonly [N in Name]?: Given } : Record<Name, Given>;
export type Call<Op extends Operation> = Optional<'path', Api[Op]['path']> &
  Optional<'query', Api[Op]['query']> &
  (undefined extends Api[Op]['body']
    ? { readonly body?: undefined }
    : Optional<'body', Api[Op]['body']>) & {
    /** Of a write: a retry with the same key has the same answer and no second effect. */
    readonly key?: string;
    /** Why personal values are read: without one they are hidden. */
    readonly purpose?: string;
    readonly signal?: AbortSignal;
  };

const deadlineMs = 30_000;
const failed = { type: 'about:blank', status: 0 } as const;

/** An answer of the API that is none of success, or that did not come. */
export class ApiProblem extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

export async function call<Op extends Operation>(
  operation: Op,
  options: Call<Op>,
): Promise<Answer<Op>> {
  const response = await answerTo(operation, options);
  if (response.status === 204) return undefined as Answer<Op>;
  return (await response.json()) as Answer<Op>;
}

/** The answer as it was sent: what is hashed or signed is not to be read and written anew. */
export async function callText<Op extends Operation>(
  operation: Op,
  options: Call<Op>,
): Promise<string> {
  return (await answerTo(operation, options)).text();
}

async function answerTo<Op extends Operation>(operation: Op, options: Call<Op>): Promise<Response> {
  const [method = 'GET', template = ''] = operation.split(' ');
  const { path, query, body, key, purpose, signal } = options as {
    readonly path?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, unknown>>;
    readonly body?: unknown;
    readonly key?: string;
    readonly purpose?: string;
    readonly signal?: AbortSignal;
  };
  const deadline = AbortSignal.timeout(deadlineMs);
  const response = await fetch(addressOf(template, path, query), {
    method,
    credentials: 'same-origin',
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(purpose === undefined ? {} : { purpose }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    const late = deadline.aborted;
    throw new ApiProblem({
      ...failed,
      title: late ? 'No answer in time' : 'The server cannot be reached',
      code: late ? 'no_answer' : 'unreachable',
      detail:
        method === 'GET'
          ? 'The console tries again by itself.'
          : 'Whether this was done is not known. Trying again does it once, however often.',
      retryable: true,
    });
  });
  if (!response.ok) throw new ApiProblem(await problemIn(response));
  return response;
}

/** The address of a call: also what a link to its raw answer points to. */
export function addressOf(
  template: string,
  path: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const place = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(path[name] ?? ''),
  );
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') given.set(name, String(value));
  }
  return given.size === 0 ? place : `${place}?${given}`;
}

async function problemIn(response: Response): Promise<Problem> {
  const told = (await response.json().catch(() => undefined)) as Problem | undefined;
  return told?.code
    ? told
    : { ...failed, status: response.status, title: response.statusText, code: 'unreadable' };
}
