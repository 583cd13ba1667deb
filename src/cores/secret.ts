// Whether whoever calls us in the name of a core knows the secret that was agreed on.
import { hash, timingSafeEqual } from 'node:crypto';

/**
 * Of digests: the time it takes says nothing about the secret, nor about its length. An empty one
 * is none: everybody would know it.
 */
export function isSecret(shown: string | undefined, agreed: string): boolean {
  const isShown = shown !== undefined && shown !== '' && agreed !== '';
  return isShown && timingSafeEqual(digest(shown), digest(agreed));
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
