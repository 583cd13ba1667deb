// By which algorithms tokens and proofs may be signed: asymmetric ones alone.

/** Neither `none`, nor one whose key would be the issuer's public key (RFC 8725, 3.1). */
export const algorithms: readonly string[] = [
  ...['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512'],
  ...['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'],
];

const lengthMax = 8_192;

/** Three parts, the first of which begins a JSON object; the last one may be empty. */
export function isJwt(text: string): boolean {
  return text.length <= lengthMax && /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text);
}
