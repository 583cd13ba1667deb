// The console's files: one page with a nonce of its own each time, and assets that never change.
import { Fault, type Random } from '#core';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Made by the build where the page says which nonce its styles carry. */
const nonceMark = '__NONCE__';
const nonceBytes = 18;
const yearMs = 31_536_000_000;
/** How soon a browser that came too early looks again. */
const comeBackSeconds = 2;

/**
 * What answers where nothing else does: the page of the console, to whoever asks for a page. Sets
 * the headers of the reply, and leaves it to the caller to send the text.
 */
export type ConsolePages = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<string | undefined>;

/** Serves the files of `folder`, once they are there. */
export function serveConsole(
  app: FastifyInstance,
  { folder, random }: { readonly folder: string; readonly random: Random },
): ConsolePages {
  const assets = join(folder, 'assets');
  mkdirSync(assets, { recursive: true });
  void app.register(fastifyStatic, {
    ...{ root: assets, prefix: '/assets/', decorateReply: false, index: false },
    ...{ preCompressed: true, immutable: true, maxAge: yearMs, logLevel: 'silent' },
    setHeaders: (reply) => {
      void reply.header('x-content-type-options', 'nosniff');
    },
  });
  app.get('/seal.svg', { schema: { hide: true, security: [] } }, async (_request, reply) => {
    const seal = await readFile(join(folder, 'seal.svg')).catch(() => undefined);
    if (!seal) throw new Fault('not_found', 'the console is not built yet');
    return reply.type('image/svg+xml').header('cache-control', 'max-age=3600').send(seal);
  });
  return async (request, reply) => {
    if (!wantsPage(request)) return undefined;
    const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => undefined);
    const nonce = Buffer.from(random.bytes(nonceBytes)).toString('base64');
    protect(reply, nonce);
    if (page !== undefined) return page.replaceAll(nonceMark, nonce);
    void reply.code(503);
    return notBuilt;
  };
}

/** A person who follows a link; a program that mistypes an address is told so as ever. */
function wantsPage(request: FastifyRequest): boolean {
  const { method, headers, url } = request;
  const isPage = (headers.accept ?? '').includes('text/html');
  return (method === 'GET' || method === 'HEAD') && isPage && !/^\/(?:v1|assets)\//.test(url);
}

function protect(reply: FastifyReply, nonce: string): void {
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    // Mantine writes its variables into a style element, which carries the nonce.
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ];
  void reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy.join('; '))
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'same-origin')
    .header('cross-origin-opener-policy', 'same-origin')
    .header('permissions-policy', 'camera=(), geolocation=(), microphone=()');
}

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="${comeBackSeconds}">
<title>Countersign</title>
<h1>The console is being built</h1>
<p>That takes some seconds after the first start from a source checkout. This page looks again by
itself. The API answers already.</p>
</html>
`;
