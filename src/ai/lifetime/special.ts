// Functions that probabilities of repeated events are made of: log-gamma, log-beta, Gauss's 2F1.
import { assert } from '#core';

/** Lanczos's approximation with g = 7 and nine terms: about fifteen digits. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];
const halfLogTau = 0.5 * Math.log(2 * Math.PI);

/** Of what is above nought. */
export function logGamma(x: number): number {
  assert(x > 0, `the gamma function of ${x}`);
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const above = x - 1;
  const base = above + 7.5;
  const sum = lanczos.reduce(
    (total, term, at) => total + (at === 0 ? term : term / (above + at)),
    0,
  );
  return halfLogTau + (above + 0.5) * Math.log(base) - base + Math.log(sum);
}

export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

const termsMax = 20_000;
const termMin = 1e-14;

/** 2F1(a, b; c; z) for 0 ≤ z < 1 and positive parameters: by its series, where that is short. */
export function hypergeometric([a, b, c]: readonly [number, number, number], z: number): number {
  assert(z >= 0 && z < 1 && c > 0, `2F1(${a}, ${b}; ${c}; ${z})`);
  // Euler: near 1 the series of what is left converges sooner where c is below a + b.
  if (z > 0.5 && c - a - b < 0 && c > a && c > b) {
    return (1 - z) ** (c - a - b) * series([c - a, c - b, c], z);
  }
  return series([a, b, c], z);
}

function series([a, b, c]: readonly [number, number, number], z: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 0; n < termsMax; n += 1) {
    term *= (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    sum += term;
    if (Math.abs(term) < termMin * Math.abs(sum)) return sum;
  }
  return sum;
}
