// A small demo bank in a process of its own, and people at its console in a real browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { complaintsOf, openBrowser, signedInPage, type Look } from './browser.ts';
import { type ServerProcess, serverProcess } from './server-process.ts';

/** Enough for every screen to have something to show. */
const usual = ['--customers', '150', '--transactions', '600'];
const builtMaxMs = 180_000;

export type ConsoleBank = {
  readonly server: ServerProcess;
  readonly url: string;
  readonly browser: Browser;
  /** Somebody's page, signed in by the button of the sign-in page: `compliance`, `customer`. */
  readonly as: (user: string, look?: Partial<Look>) => Promise<Page>;
  /** A call of the API with a key that the demo has kept: `demo-bank` is the administrator's. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Called>;
  /** What browsers complained of so far: errors of scripts, and what the policy forbade. */
  readonly complaints: () => readonly string[];
  readonly close: () => Promise<void>;
};

type CallOptions = {
  readonly body?: unknown;
  readonly key?: string;
  /** Of a key that was issued since, in the place of a kept one. */
  readonly secret?: string;
};
type Called = { readonly status: number; readonly json: any };

export async function openConsoleBank(
  environment: Readonly<Record<string, string>> = {},
  day: readonly string[] = usual,
): Promise<ConsoleBank> {
  const server = await serverProcess();
  const lived = await server.run('demo', ...day);
  assert.equal(lived.code, 0, lived.stdout + lived.stderr);
  await server.start({ environment });
  await untilBuilt(server);
  const browser = await openBrowser();
  const complaints: (readonly string[])[] = [];
  let calls = 0;
  return {
    ...{ server, url: server.url, browser },
    async as(user, look = {}) {
      const page = await signedInPage(browser, { url: server.url, user, ...look });
      complaints.push(complaintsOf(page.context()));
      return page;
    },
    async call(method, path, { body, key = 'demo-bank', secret = keptKey(server, key) } = {}) {
      calls += 1;
      const answer = await fetch(server.url + path, {
        method,
        headers: {
          authorization: `Bearer ${secret}`,
          'content-type': 'application/json',
          'idempotency-key': `console-${calls}`,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, json: await answer.json() };
    },
    complaints: () => complaints.flat(),
    async close() {
      await browser.close();
      await server.stop();
      server.remove();
    },
  };
}

function keptKey({ folder }: ServerProcess, name: string): string {
  return readFileSync(join(folder, 'api-keys', name), 'utf8').trim();
}

/**
 * A start builds the console where its sources have changed, and serves the one before
 * meanwhile.
 */
async function untilBuilt({ output }: ServerProcess): Promise<void> {
  const deadline = performance.now() + builtMaxMs;
  const isBuilt = () => /^ +console .*\/$/m.test(output()) || output().includes('is built');
  while (!isBuilt()) {
    assert.ok(performance.now() < deadline, `the console is not built: ${output()}`);
    await sleep(200);
  }
}
