// Signatures of webhooks: Standard Webhooks v1, HMAC-SHA256 under secrets that are stored nowhere.
import { createHmac } from 'node:crypto';
import type { Instant, Keyring } from '#core';

/** How long the secret before a rotation signs as well. */
const overlapMs = 24 * 60 * 60_000;

/** Whose secret it is. */
export type SecretOwner = { readonly tenant: string; readonly webhookId: string };

export type Signing = SecretOwner & {
  readonly secretVersion: number;
  readonly rotatedAt: Instant;
};

export type SignedHeaders = Readonly<
  Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>
>;

/** What the receiver verifies with: shown when it is made, and derived anew ever after. */
export function signingSecret(keyring: Keyring, owner: SecretOwner, version: number): string {
  return `whsec_${secretBytes(keyring, owner, version).toString('base64')}`;
}

/** From when on the secret before a rotation signs no more. */
export function overlapEnd(rotatedAt: Instant): Instant {
  return rotatedAt + overlapMs;
}

/** The headers of one attempt to deliver a message. */
export function signedHeaders(
  keyring: Keyring,
  signing: Signing,
  message: { readonly id: string; readonly body: string; readonly at: Instant },
): SignedHeaders {
  const timestamp = String(Math.floor(message.at / 1000));
  const { secretVersion, rotatedAt } = signing;
  const isOverlapping = secretVersion > 1 && message.at < overlapEnd(rotatedAt);
  const versions = isOverlapping ? [secretVersion, secretVersion - 1] : [secretVersion];
  const signatures = versions.map((version) => {
    const hmac = createHmac('sha256', secretBytes(keyring, signing, version));
    return `v1,${hmac.update(`${message.id}.${timestamp}.${message.body}`).digest('base64')}`;
  });
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

function secretBytes(keyring: Keyring, owner: SecretOwner, version: number): Buffer {
  const name = `${owner.tenant}/${owner.webhookId}/${version}`;
  return Buffer.from(keyring.webhookSecret(name), 'base64url');
}
