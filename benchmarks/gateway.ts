// The gateway: governed calls of a tool over MCP by an agent for a customer, as fast as they go and
// at an even pace, and beside them the same read by the bank itself, which nobody has to govern.
import { sha256Hex } from '#core';
import { Pool } from 'undici';
import { openBankAt } from '../test/agent-bank.ts';
import { reach, type Send } from '../test/api.ts';
import { inFlight, quantile, sortedTimes } from './bank.ts';
import type { Benchmark } from './run.ts';
import { startServerProcess } from './server.ts';
import { setTimeout as sleep } from 'node:timers/promises';

const connections = 32;
const [calls, warmUp] = [6_000, 1_000];
const [pacePerSecond, paceSeconds] = [350, 20];
const tool = 'accounts.balances';

export const gateway: Benchmark = {
  title: `The gateway: ${tool} over MCP; client, server and PostgreSQL share the machine`,
  guess: { per_second: 500, paced_p95_ms: 40, overhead: 4 },
  targets: { per_second: { min: 1_000 }, paced_p95_ms: { max: 15 } },
  async run(say) {
    const server = await startServerProcess();
    const pool = new Pool(server.url, { connections, pipelining: 1 });
    const send: Send = async ({ method, url, headers, payload }) => {
      const answer = await pool.request({
        ...{ method: method as 'GET', path: url as string },
        headers: headers as Record<string, string>,
        ...(payload === undefined ? {} : { body: payload as string }),
      });
      const { statusCode } = answer;
      return { statusCode, body: await answer.body.text(), headers: answer.headers };
    };
    try {
      const api = reach(send, { ...server, time: { now: Date.now() } });
      const now = () => Date.now();
      const opening = { now, audience: server.url, perMinute: 60_000 };
      const bank = await openBankAt(api, opening);
      say('an agent is registered');
      const { account } = bank.customer;
      const governed = governedCall(send, await bank.token(), account);
      const own = async () => {
        const { status } = await bank.boss.get(`/v1/accounts/${account}/balances`);
        if (status !== 200) throw new Error(`a read was answered with ${status}`);
      };
      // First, since what follows the log has to catch up with what goes as fast as it can.
      await inFlight(warmUp, connections, governed);
      const paced = await pacedTimes(governed);
      say('at an even pace: done');
      const rates = { governed: await rateOf(governed), own: await rateOf(own) };
      return {
        per_second: rates.governed.perSecond,
        p50_ms: quantile(rates.governed.times, 0.5),
        p95_ms: quantile(rates.governed.times, 0.95),
        own_per_second: rates.own.perSecond,
        own_p95_ms: quantile(rates.own.times, 0.95),
        overhead: rates.own.perSecond / rates.governed.perSecond,
        paced_p50_ms: quantile(paced, 0.5),
        paced_p95_ms: quantile(paced, 0.95),
        paced_p99_ms: quantile(paced, 0.99),
      };
    } finally {
      await pool.close();
      await server.close();
    }
  },
};

/** Revision 2026-07-28: each request is whole. */
function governedCall(send: Send, token: string, account_id: string) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: tool, arguments: { account_id }, _meta };
  const payload = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  const headers = {
    ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...{ accept: 'application/json, text/event-stream', 'mcp-method': 'tools/call' },
    ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-name': tool },
  };
  return async () => {
    const { statusCode, body } = await send({ method: 'POST', url: '/mcp', headers, payload });
    const isDone = statusCode === 200 && body.includes('"balances"');
    if (!isDone) throw new Error(`${statusCode} ${sha256Hex(body)} ${body.slice(0, 300)}`);
  };
}

async function rateOf(work: () => Promise<void>) {
  const times: number[] = [];
  const timed = async () => {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  };
  await inFlight(warmUp, connections, timed);
  times.length = 0;
  const startedAt = performance.now();
  await inFlight(calls, connections, timed);
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: calls / seconds, times: sortedTimes(times) };
}

/** From when each was due: one that waits for another has waited. */
async function pacedTimes(work: () => Promise<void>): Promise<Float64Array> {
  const times: number[] = [];
  const open: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let count = 0; count < pacePerSecond * paceSeconds; count += 1) {
    const due = startedAt + (count * 1_000) / pacePerSecond;
    await sleep(Math.max(0, due - performance.now()));
    open.push(work().then(() => void times.push(performance.now() - due)));
  }
  await Promise.all(open);
  return sortedTimes(times);
}
