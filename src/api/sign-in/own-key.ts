// The key by which our own issuer signs: new at each start, since nothing that it signs outlives
// one by much. Made when it is first needed.
import { canonicalJson, ed25519Key, type Random } from '#core';
import { createPublicKey, hash } from 'node:crypto';
import type { JWK } from 'oidc-provider';

export type OwnKey = {
  readonly privateJwk: () => JWK;
  /** The key set that verifies what it has signed, as a canonical text. */
  readonly publicSet: () => string;
};

export function openOwnKey(random: Random): OwnKey {
  let made: { readonly privateJwk: JWK; readonly publicSet: string } | undefined;
  const make = () => {
    const key = ed25519Key(random.bytes(32));
    const point = createPublicKey(key).export({ format: 'jwk' });
    const use = { alg: 'EdDSA', use: 'sig', kid: hash('sha256', String(point['x']), 'base64url') };
    return {
      privateJwk: { ...key.export({ format: 'jwk' }), ...use } as JWK,
      publicSet: canonicalJson({ keys: [{ ...point, ...use }] }),
    };
  };
  const once = () => (made ??= make());
  return { privateJwk: () => once().privateJwk, publicSet: () => once().publicSet };
}
