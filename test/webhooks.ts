// Webhooks in a test: a bank whose events are sent, receivers that listen in this process, and what
// became of deliveries.
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBell, internalId } from '#core';
import { Webhook } from 'standardwebhooks';
import { usualPace } from '../src/capabilities/webhooks/queue.ts';
import { runWebhooks } from '../src/capabilities/webhooks/run.ts';
import { signingSecret } from '../src/capabilities/webhooks/signature.ts';
import { openTargets } from '../src/capabilities/webhooks/targets.ts';
import { listDeliveries } from '../src/capabilities/webhooks/views.ts';
import { webhookIdOf } from '../src/capabilities/webhooks/webhook.ts';
import { type Bank, openBank, openSealer, type Tenant } from './bank.ts';

export type SendingBank = {
  readonly bank: Bank;
  /** What went wrong in workers, as it happened. */
  readonly errors: readonly unknown[];
  /** Starts a worker that may send to receivers of this process, and retries soon. */
  readonly work: (options?: Partial<Parameters<typeof runWebhooks>[0]>) => Worker;
  readonly seal: () => Promise<void>;
  readonly secretOf: (tenant: Tenant, webhook: string, version?: number) => string;
};

export type Worker = { readonly stop: () => Promise<void> };

export type Message = {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly type: string;
};

export type Receiver = {
  readonly url: string;
  readonly messages: readonly Message[];
  readonly ids: () => string[];
};

/** Retries after a second or two, and finds what a dead worker has left within a few. */
export const hurry = { ...usualPace, retryDelayS: 1, superviseS: 1, jobTimeoutS: 1 };

export async function openSendingBank(t: {
  readonly after: (fn: () => Promise<void>) => void;
}): Promise<SendingBank> {
  const bank = await openBank(t);
  const { database, keyring, clock, execute } = bank.planes;
  const sealer = openSealer(bank);
  t.after(() => sealer.stop());
  const sealed = createBell();
  const errors: unknown[] = [];
  // The verifier compares with the time of the machine.
  bank.time.now = Date.now();
  return {
    bank,
    errors,
    work(options = {}) {
      const stopping = new AbortController();
      const running = runWebhooks({
        ...{ database, keyring, clock, execute, sealed, pace: hurry, timeoutMs: 500 },
        targets: openTargets('127.0.0.1'),
        signal: stopping.signal,
        onError: (error) => errors.push(error),
        ...options,
      });
      return {
        stop() {
          stopping.abort();
          return running;
        },
      };
    },
    async seal() {
      await sealer.sealNow();
      sealed.ring();
    },
    secretOf(tenant, webhook, version = 1) {
      const webhookId = internalId('webhook', webhook) as string;
      return signingSecret(keyring, { tenant: tenant.id, webhookId }, version);
    },
  };
}

/** Answers 204 unless `answer` does otherwise. */
export async function receive(
  t: TestContext,
  answer: (response: ServerResponse, message: Message) => void = (response) =>
    response.writeHead(204).end(),
): Promise<Receiver> {
  const messages: Message[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const { headers } = request;
      const id = String(headers['webhook-id']);
      const message = { id, headers, body, type: JSON.parse(body).type };
      messages.push(message);
      answer(response, message);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ids = () => messages.map(({ id }) => id);
  return { url: `http://127.0.0.1:${port}/hook?for=us`, messages, ids };
}

export async function endpoint(
  tenant: Tenant,
  url: string,
  types = ['account.*'],
): Promise<string> {
  const { commandId } = await tenant.execute('webhook.create', { url, types });
  return webhookIdOf(commandId);
}

export async function until<T>(
  look: () => Promise<T> | T,
  isIt: (found: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const found = await look();
    if (isIt(found)) return found;
    if (Date.now() > deadline) assert.fail(`not in time: ${JSON.stringify(found)}`);
    await sleep(20);
  }
}

export function count(receiver: Receiver, number: number): Promise<number> {
  return until(
    () => receiver.messages.length,
    (length) => length >= number,
  );
}

export function deliveries(tenant: Tenant, webhook: string, status?: string) {
  return tenant.read(async (tx) => {
    const page = await listDeliveries(tx, { webhook, limit: 500, status });
    return page?.items ?? [];
  });
}

export function verifies(secret: string, { headers, body }: Message): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
