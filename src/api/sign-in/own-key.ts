// The key by which our own issuer signs: new at each start, since nothing that it signs outlives
// one by much. Made when it is first needed.
import { canonicalJson, type Random } from '#core';
import { createPrivateKey, createPublicKey, hash } from 'node:crypto';
import type { JWK } from 'oidc-provider';

export type OwnKey = {
  readonly privateJwk: () => JWK;
  /** The key set that verifies what it has signed, as a canonical text. */
  readonly publicSet: () => string;
};

// RFC 8410: the DER of an Ed25519 private key is these bytes and then the seed.
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

export function openOwnKey(random: Random): OwnKey {
  let made: { readonly privateJwk: JWK; readonly publicSet: string } | undefined;
  const make = () => {
    const der = Buffer.concat([ed25519Prefix, random.bytes(32)]);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
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
