// How the agent gets its token: it is asked for at the server that the bank names, by a key of the
// agent's own (private_key_jwt) and by a customer who has agreed (authorization code with PKCE).
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  PrivateKeyJwt,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { url } from './people.mjs';

const { COUNTERSIGN_DATA: data = '.countersign' } = process.env;
const clientId = 'demo-bank-assistant';

/** The key was made with the demo bank, and lies where only its owner can read it. */
function ownKey() {
  const pem = readFileSync(join(data, 'api-keys', clientId), 'utf8');
  return createPrivateKey(pem).toCryptoKey('Ed25519', false, ['sign']);
}

export async function tokenBy(customer) {
  // RFC 9728: what is protected says who gives tokens for it.
  const metadata = await fetch(`${url}/.well-known/oauth-protected-resource/mcp`);
  const { resource, authorization_servers: servers } = await metadata.json();
  const client = await discovery(
    new URL(servers[0]),
    clientId,
    undefined,
    PrivateKeyJwt(ownKey()),
    {
      // On this machine alone.
      execute: [allowInsecureRequests],
    },
  );
  const [pkceCodeVerifier, expectedState] = [randomPKCECodeVerifier(), randomState()];
  const page = buildAuthorizationUrl(client, {
    ...{ redirect_uri: 'http://127.0.0.1:7499/back', state: expectedState },
    ...{ resource, scope: 'tools', purpose: 'servicing' },
    code_challenge: await calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const back = await customer.allow(page);
  const checks = { pkceCodeVerifier, expectedState };
  const answer = await authorizationCodeGrant(client, back, checks, { resource });
  return answer.access_token;
}
