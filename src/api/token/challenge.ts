// Where a client learns how to come in: the metadata of what tokens are for (RFC 9728), and the
// challenge in every refusal at the doors of the gateway.
import type { FastifyInstance } from 'fastify';
import { algorithms } from './algorithms.ts';
import { resourcePaths } from './token.ts';

export type ResourceSite = {
  readonly origin: string;
  /** The issuers at which clients may ask for tokens. */
  readonly issuers: readonly string[];
};

const wellKnown = '/.well-known/oauth-protected-resource';
/** By which the tools of the gateway are called. */
export const toolScope = 'tools';

export function resourceRoutes(app: FastifyInstance, { origin, issuers }: ResourceSite): void {
  for (const path of resourcePaths) {
    const metadata = {
      resource: `${origin}${path}`,
      resource_name: 'Countersign',
      authorization_servers: issuers,
      scopes_supported: [toolScope],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: algorithms,
      resource_documentation: `${origin}/docs`,
    };
    const hidden = { schema: { hide: true, security: [] } };
    app.get(`${wellKnown}${path}`, hidden, async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300');
      // Clients run in browsers, too, and nothing here is secret.
      reply.header('access-control-allow-origin', '*');
      return metadata;
    });
  }
  app.addHook('onSend', async (request, reply) => {
    const isRefusal = reply.statusCode === 401 || reply.statusCode === 403;
    if (!isRefusal || !/^\/(mcp|v1\/tools)(?=[/?]|$)/.test(request.url)) return;
    const isTried = reply.statusCode === 401 && request.headers.authorization !== undefined;
    reply.header('www-authenticate', challenge(origin, isTried ? 'invalid_token' : undefined));
  });
}

/** RFC 9728, 5.1, and RFC 6750, 3: one challenge, with all the scopes that are needed. */
export function challenge(origin: string, error?: 'invalid_token' | 'insufficient_scope'): string {
  const why = error === undefined ? '' : `error="${error}", `;
  return `Bearer ${why}resource_metadata="${origin}${wellKnown}/mcp", scope="${toolScope}"`;
}
