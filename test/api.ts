// A bank behind its HTTP API, for tests that speak as its callers do.
import { createBell, sha256Hex } from '#core';
import { type ApiOptions, createApi, createTenant, openToolHost } from '#api';
import type { Tool } from '#gateway';
import type { PlanesOptions } from '#main';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { createLog } from '../src/serve.ts';
import { type Bank, day, openBank, openSealer } from './bank.ts';

export type Api = {
  readonly bank: Bank;
  readonly app: FastifyInstance;
  readonly operatorKey: string;
  /** Creates a tenant and answers a caller with its administrator's key. */
  readonly tenant: (id: string) => Promise<Caller>;
  readonly caller: (apiKey: string) => Caller;
  /**
   * Issues a key to a principal such as `user:ann`, who makes its secret when it governs. Where
   * that needs an approval, the issuer asks for it and the checker gives it.
   */
  readonly issue: (
    issuer: Caller,
    holder: string,
    key: { readonly scopes: readonly string[]; readonly checker?: Caller },
  ) => Promise<Caller>;
  readonly seal: () => Promise<void>;
};

export type Reply = {
  readonly status: number;
  readonly json: any;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
};

export type Caller = {
  readonly apiKey: string;
  readonly get: (url: string, headers?: Record<string, string>) => Promise<Reply>;
  /** With a new idempotency key unless one is given. A text is sent as it is. */
  readonly post: (
    url: string,
    body: unknown,
    options?: { key?: string; headers?: Record<string, string> },
  ) => Promise<Reply>;
  readonly send: (options: InjectOptions) => Promise<Reply>;
  readonly open: (body?: object) => Promise<string>;
};

export async function openApi(
  t: { readonly after: (fn: () => Promise<void>) => void },
  options: Pick<PlanesOptions, 'queueMax' | 'scorer' | 'cores' | 'adapter'> &
    Partial<Pick<ApiOptions, 'log' | 'signIn' | 'languageModel' | 'mcpExtension'>> & {
      /** Those that ship, unless given. */
      readonly tools?: readonly Tool[];
    } = {},
): Promise<Api> {
  const bank = await openBank(t, options);
  const { planes } = bank;
  const sealed = createBell();
  const sealer = openSealer(bank);
  const operator = await createTenant(planes, {
    tenant: 'system',
    name: 'Installation',
    timeZone: 'UTC',
    createdBy: 'service:test',
    idempotencyKey: 'bootstrap',
    scopes: ['operator', 'admin'],
  });
  const app = await createApi({
    planes,
    sealed,
    version: 'test',
    log: options.log ?? createLog('silent'),
    ...(options.signIn === undefined ? {} : { signIn: options.signIn }),
    ...(options.languageModel === undefined ? {} : { languageModel: options.languageModel }),
    ...(options.tools === undefined ? {} : { toolHost: openToolHost(planes, options.tools) }),
    ...(options.mcpExtension === undefined ? {} : { mcpExtension: options.mcpExtension }),
    unready: () => undefined,
    gauges: () => ({ commands_queued: planes.engine.load().queued }),
  });
  t.after(async () => {
    await app.close();
    await sealer.stop();
  });
  const operatorKey = operator.apiKey.secret;
  return {
    bank,
    app,
    operatorKey,
    ...reach((options) => app.inject(options), { operatorKey, time: bank.time }),
    async seal() {
      await sealer.sealNow();
      sealed.ring();
    },
  };
}

/** How a request gets to a server: within the process, or over HTTP. */
export type Send = (options: InjectOptions) => Promise<{
  readonly statusCode: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}>;

export type Reach = Pick<Api, 'caller' | 'issue' | 'tenant'>;

/** Tenants and callers of an API, wherever it is. */
export function reach(
  send: Send,
  { operatorKey, time }: { readonly operatorKey: string; readonly time: Bank['time'] },
): Reach {
  return {
    caller: (apiKey) => callerOf(send, apiKey),
    issue: issuer(send, time),
    async tenant(id) {
      const body = { tenant_id: id, name: id };
      const created = await callerOf(send, operatorKey).post('/v1/tenants', body);
      if (created.status !== 201) throw new Error(created.text);
      return callerOf(send, created.json.api_key.secret);
    },
  };
}

function issuer(reached: Send, time: Bank['time']): Api['issue'] {
  let made = 0;
  return async (boss, holder, { scopes, checker }) => {
    made += 1;
    const secret = sha256Hex(`made by ${holder}, ${made}`);
    const governs = scopes.some((scope) =>
      /^(policy:(write|approve)|model:write|admin)$/.test(scope),
    );
    const isOwn = holder.startsWith('user:') && governs;
    const [principal_kind, principal_id] = holder.split(':');
    const digest = isOwn ? { secret_digest: sha256Hex(secret) } : {};
    const key = { name: 'key', principal_kind, principal_id, scopes, ...digest };
    const subject = { principal: holder, scopes: [...scopes].sort(), expires_at: null, ...digest };
    const approval_id = checker && (await approved(time, { boss, checker, subject }));
    const issued = await boss.post('/v1/api-keys', { ...key, approval_id });
    if (issued.status !== 201) throw new Error(issued.text);
    return callerOf(reached, isOwn ? secret : issued.json.secret);
  };
}

async function approved(
  time: Bank['time'],
  { boss, checker, subject }: { boss: Caller; checker: Caller; subject: object },
): Promise<string> {
  const expires_at = new Date(time.now + day).toISOString();
  const request = { subject_kind: 'api_key.issue', subject, summary: 'a colleague', expires_at };
  const asked = await boss.post('/v1/approvals', request);
  if (asked.status !== 201) throw new Error(asked.text);
  const verdict = { verdict: 'approve', reason: 'known in person' };
  const given = await checker.post(`/v1/approvals/${asked.json.id}/decide`, verdict);
  if (given.json?.status !== 'approved') throw new Error(given.text);
  return asked.json.id;
}

function callerOf(reached: Send, apiKey: string): Caller {
  let keys = 0;
  const authorization = `Bearer ${apiKey}`;
  async function send(options: InjectOptions): Promise<Reply> {
    const headers = { authorization, ...options.headers };
    const reply = await reached({ ...options, headers });
    let json: unknown;
    try {
      json = JSON.parse(reply.body);
    } catch {
      json = undefined;
    }
    return { status: reply.statusCode, json, text: reply.body, headers: reply.headers };
  }
  const post: Caller['post'] = (url, body, { key, headers } = {}) => {
    keys += 1;
    return send({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        'idempotency-key': key ?? `key-${apiKey.slice(0, 6)}-${keys}`,
        ...headers,
      },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    });
  };
  return {
    apiKey,
    send,
    post,
    get: (url, headers = {}) => send({ method: 'GET', url, headers }),
    async open(body = {}) {
      const opening = { type: 'liability', currency: 'EUR', bound: 'none', ...body };
      const { status, json, text } = await post('/v1/accounts', opening);
      if (status !== 201) throw new Error(text);
      return json.id;
    },
  };
}
