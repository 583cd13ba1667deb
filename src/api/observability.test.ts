// What leaves the process for its operators: traces when they are asked for, logs without secrets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { startTelemetry } from '#core';
import { openApi } from '../../test/api.ts';
import { createLog } from '../serve.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const received: string[] = [];
const collector = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    received.push(`${request.url} ${Buffer.concat(chunks).toString()}`);
    response.end('{}');
  });
});
collector.listen(0, '127.0.0.1');
await once(collector, 'listening');
after(() => collector.close());
const { port } = collector.address() as { port: number };
const endpoint = `http://127.0.0.1:${port}`;
// The exporter reads the standard variables itself.
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = endpoint;
const telemetry = startTelemetry(process.env, { name: 'countersign', version: 'test' });

test("a request is a span in its caller's trace, and its command has that trace id", async () => {
  const api = await openApi({ after });
  const bank = await api.tenant('traced');
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  const opened = await bank.post(
    '/v1/accounts',
    { type: 'asset', currency: 'EUR', holder_id: 'customer-17' },
    { headers },
  );
  assert.equal(opened.status, 201, opened.text);
  await telemetry.stop();
  const spans = received.filter((text) => text.startsWith('/v1/traces'));
  assert.ok(spans.length > 0, 'spans were exported');
  const text = spans.join('\n');
  assert.match(text, /POST \/v1\/accounts/);
  assert.match(text, /http\.response\.status_code/);
  assert.match(text, /execute account\.open/);
  assert.equal(parentOf('execute account.open', spans), 'POST /v1/accounts');
  assert.ok(
    text.includes(traceId) || text.includes(Buffer.from(traceId, 'hex').toString('base64')),
  );
  assert.ok(!text.includes(bank.apiKey) && !text.includes('customer-17'), 'nothing of the request');
  const { rows } = await api.bank.superuser.query('select from core.command where trace_id = $1', [
    traceId,
  ]);
  assert.equal(rows.length, 1);
});

/** The name of the span in which another one lies. */
function parentOf(name: string, exports: readonly string[]): string | undefined {
  type Span = { name: string; spanId: string; parentSpanId?: string };
  const all = exports.flatMap((text) => {
    const { resourceSpans } = JSON.parse(text.slice(text.indexOf(' ') + 1));
    return resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) =>
      scopeSpans.flatMap(({ spans }) => spans),
    ) as Span[];
  });
  const child = all.find((span) => span.name === name);
  return all.find(({ spanId }) => spanId === child?.parentSpanId)?.name;
}

test('nothing is exported where no endpoint is named', async () => {
  const silent = startTelemetry({}, { name: 'countersign', version: 'test' });
  await silent.stop();
});

test('a log line has no secret, no header and no row', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => lines.push(line) });
  const error = Object.assign(new Error('duplicate key'), {
    detail: 'Key (a)=(secret-1)',
    code: '23505',
  });
  log.error({ err: error }, 'a statement failed');
  log.warn({ request: { headers: { authorization: 'Bearer secret-2' } } }, 'refused');
  log.info({ config: { password: 'secret-3', url: 'x' }, key: { secret: 'secret-4' } }, 'started');
  const text = lines.join('');
  assert.equal(lines.length, 3);
  assert.ok(!text.includes('secret-'), text);
  assert.match(text, /duplicate key/);
});
