// DPoP (RFC 9449): a token that is bound to a key counts only with a proof by that key, made for
// this request, and used once.
import { type Clock, Fault, type Instant } from '#core';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { hash } from 'node:crypto';
import { algorithms, isJwt } from './algorithms.ts';

export type Proofs = {
  /** Throws `unauthenticated` unless the proof is one for this request and this token, now. */
  readonly check: (proof: string | undefined, of: Proven) => Promise<void>;
};

export type Proven = {
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  readonly token: string;
  /** RFC 7638, of the key to which the token is bound. */
  readonly thumbprint: string;
};

/** So old a proof may be, and so far ahead its clock (RFC 9449, 11.1). */
const [oldestMs, aheadMs] = [60_000, 10_000];
/** Of proofs that could be used again, were they not known. */
const usedMax = 200_000;

export function openProofs(clock: Clock): Proofs {
  /** Until when each could come again, the oldest first. */
  const used = new Map<string, Instant>();

  function spend(place: string, now: Instant): void {
    for (const [earlier, until] of used) {
      if (until > now) break;
      used.delete(earlier);
    }
    if (used.has(place)) throw refused('was used before');
    // None is forgotten that could still be replayed.
    if (used.size >= usedMax) throw new Fault('overloaded', 'too many proofs at a time');
    used.set(place, now + oldestMs + aheadMs);
  }

  async function check(proof: string | undefined, { token, thumbprint, ...request }: Proven) {
    const now = clock.now();
    if (proof === undefined) throw refused('is missing');
    if (!isJwt(proof)) throw refused('is no JWT');
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      ...{ algorithms: [...algorithms], typ: 'dpop+jwt', currentDate: new Date(now) },
      requiredClaims: ['jti', 'htm', 'htu', 'iat', 'ath'],
    }).catch(() => {
      throw refused('is not signed as it says');
    });
    const { jti, htm, htu, iat = 0, ath } = payload;
    const { jwk } = protectedHeader;
    const madeAt = iat * 1_000;
    if (jwk === undefined || (await calculateJwkThumbprint(jwk)) !== thumbprint) {
      throw refused('is by another key than the token’s');
    }
    if (htm !== request.method || placeOf(htu) !== placeOf(request.url)) {
      throw refused('is for another request');
    }
    if (ath !== hash('sha256', token, 'base64url')) throw refused('is for another token');
    if (madeAt < now - oldestMs || madeAt > now + aheadMs) throw refused('is too old, or too new');
    if (typeof jti !== 'string' || jti.length > 200) throw refused('has no jti of 200 characters');
    spend(hash('sha256', `${thumbprint} ${jti}`, 'base64'), now);
  }

  return { check };
}

/** RFC 9449, 4.3: compared as URLs, without query and fragment. */
function placeOf(text: unknown): string | undefined {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  return url === null ? undefined : `${url.origin}${url.pathname}`;
}

function refused(why: string): Fault {
  return new Fault('unauthenticated', `the proof of possession (header DPoP) ${why}`);
}
