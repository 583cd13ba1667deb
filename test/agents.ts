// Agents for tests: registered as a bank does it, and tokens as an issuer signs them.
import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose';
import { hash } from 'node:crypto';
import type { Caller } from './api.ts';
import { day } from './bank.ts';

export type Keys = { readonly sign: CryptoKey; readonly publicJwk: JWK };

export async function newKeys(algorithm = 'ES256'): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { sign: privateKey, publicJwk: { ...(await exportJWK(publicKey)), alg: algorithm } };
}

/** Posts what needs an approval: asks for it with the subject of the refusal, and has it given. */
export async function approvedPost(
  { boss, checker, now }: { boss: Caller; checker: Caller; now: number },
  send: (approval: { approval_id?: string }) => ReturnType<Caller['post']>,
) {
  const refused = await send({});
  if (refused.json.code !== 'approval_required') return refused;
  const { subject_kind, subject } = refused.json;
  const expires_at = new Date(now + day).toISOString();
  const asked = await boss.post('/v1/approvals', {
    ...{ subject_kind, subject, summary: 'an agent', expires_at },
  });
  if (asked.status !== 201) throw new Error(asked.text);
  const given = await checker.post(`/v1/approvals/${asked.json.id}/decide`, {
    ...{ verdict: 'approve', reason: 'its owner is known' },
  });
  if (given.json?.status !== 'approved') throw new Error(given.text);
  return send({ approval_id: asked.json.id });
}

/** An access token; claims given as undefined are left out. */
export async function accessToken(
  { sign }: Pick<Keys, 'sign'>,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const payload = JSON.parse(JSON.stringify(claims)) as Record<string, unknown>;
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header })
    .sign(sign);
}

/** A proof of possession for one request (RFC 9449). */
export async function dpopProof(
  { sign, publicJwk }: Keys,
  { token, ...claims }: { htm: string; htu: string; iat: number; jti: string; token: string },
): Promise<string> {
  return new SignJWT({ ...claims, ath: hash('sha256', token, 'base64url') })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk })
    .sign(sign);
}

export async function thumbprintOf({ publicJwk }: Keys): Promise<string> {
  return calculateJwkThumbprint(publicJwk);
}
