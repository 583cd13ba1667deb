// Randomness is injected: real bytes in production, a seeded stream in simulations and tests.
import { randomFillSync } from 'node:crypto';

export type Random = {
  /** `length` random bytes, in a buffer that the caller may keep. */
  readonly bytes: (length: number) => Uint8Array;
};

const poolSize = 8192;

/** Bytes of the operating system's generator, drawn in blocks because a call costs microseconds. */
export function systemRandom(): Random {
  let pool = new Uint8Array(0);
  let used = 0;
  return {
    bytes(length) {
      if (length > poolSize) return randomFillSync(new Uint8Array(length));
      if (used + length > pool.length) {
        pool = randomFillSync(new Uint8Array(poolSize));
        used = 0;
      }
      used += length;
      return pool.subarray(used - length, used);
    },
  };
}

/** A seeded stream (SplitMix32): equal seeds give equal bytes. Never for keys. */
export function seededRandom(seed: number): Random & { readonly uint32: () => number } {
  let state = seed >>> 0;
  function uint32(): number {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }
  return {
    uint32,
    bytes: (length) => Uint8Array.from({ length }, () => uint32() & 0xff),
  };
}
