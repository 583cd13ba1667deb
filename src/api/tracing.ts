// OpenTelemetry: a server span per request, in the caller's trace, when an exporter is configured.
import {
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Without a provider (see core/telemetry) every span is a no-op, and none is made. */
export function useTracing(app: FastifyInstance): void {
  const tracer = trace.getTracer('countersign');
  const probe = tracer.startSpan('probe');
  const isOn = probe.isRecording();
  probe.end();
  if (!isOn) return;
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', async (request) => {
    const parent = propagation.extract(context.active(), request.headers);
    const route = request.routeOptions.url ?? 'unknown';
    const attributes = { 'http.request.method': request.method, 'http.route': route };
    const options = { kind: SpanKind.SERVER, attributes };
    spans.set(request, tracer.startSpan(`${request.method} ${route}`, options, parent));
  });
  // Behind the body, whose reading would lose it: what the handler does are spans within this one.
  app.addHook('preValidation', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else context.with(trace.setSpan(context.active(), span), done);
  });
  app.addHook('onResponse', async (request, reply) => {
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', reply.statusCode);
    if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  });
}
