// What the app of the demo's customer would show, for whoever looks around and confirms a payment.
// On the demo's own machine alone, and of the secrets that the demo has written down.
import { Fault } from '#core';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { TOTP, URI } from 'otpauth';
import type { Issuer } from '../sign-in/configuration.ts';
import type { Parts } from '../routes.ts';

type DemoAuthenticator = {
  readonly tenant: string;
  readonly customer: string;
  readonly authenticator_id: string;
  readonly otpauth_uri: string;
};

const fileName = 'demo-authenticators.json';
const sizeMax = 64 * 1024;

/** Only beside an issuer of our own, which nobody else can reach, is there such a route. */
export function demoCodeRoute(app: FastifyInstance, parts: Parts, issuer?: Issuer): void {
  if (issuer?.demoUsersFile === undefined) return;
  const file = join(dirname(issuer.demoUsersFile), fileName);
  app.get('/auth/demo-authenticator', { schema: { hide: true } }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { subject, principal, session } = await parts.authenticate.whoever(request);
    const demo = readDemos(file).find(
      ({ tenant, customer }) => tenant === principal.tenant && customer === subject.customer,
    );
    if (!demo || session === undefined) throw new Fault('not_found', 'there is no demo app');
    const app = URI.parse(demo.otpauth_uri);
    if (!(app instanceof TOTP)) throw new Fault('not_found', 'there is no demo app');
    const timestamp = parts.planes.clock.now();
    const leftMs = app.remaining({ timestamp });
    return {
      authenticator_id: demo.authenticator_id,
      code: app.generate({ timestamp }),
      valid_until: new Date(timestamp + leftMs).toISOString(),
    };
  });
}

/** None where others can read it: then it is no secret of the demo's any more. */
function readDemos(file: string): readonly DemoAuthenticator[] {
  if (!existsSync(file)) return [];
  const { mode, size } = statSync(file);
  if (size > sizeMax || (process.platform !== 'win32' && (mode & 0o077) !== 0)) return [];
  return JSON.parse(readFileSync(file, 'utf8')) as readonly DemoAuthenticator[];
}
