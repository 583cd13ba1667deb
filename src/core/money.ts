// Money: integer minor units with their currency. The only place where MinorUnits are made.
import currencyCodes from 'currency-codes';
import { assert } from './assert.ts';
import { Fault } from './fault.ts';

declare const minorUnits: unique symbol;

/** An amount in the smallest unit of its currency (cents for USD, yen for JPY). |x| <= 2^53 - 1. */
export type MinorUnits = bigint & { readonly [minorUnits]: true };

/** An ISO 4217 code, or the code of a unit that the tenant has registered. */
export type Currency = string;

export type Money = { readonly amount: MinorUnits; readonly currency: Currency };

/** 2^53 - 1: the largest integer that every JSON reader agrees on. */
export const amountMax = 9_007_199_254_740_991n;

export function isMinorUnits(value: bigint): value is MinorUnits {
  return value >= -amountMax && value <= amountMax;
}

/** Minor units from an integer; a number must be a safe integer. Throws `input_invalid`. */
export function toMinorUnits(value: bigint | number): MinorUnits {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new Fault('input_invalid', `${value} is not an integer of minor units below 2^53`);
  }
  const integer = BigInt(value);
  if (!isMinorUnits(integer)) {
    throw new Fault('input_invalid', `${integer} is outside of +-(2^53 - 1) minor units`);
  }
  return integer;
}

/** The JSON form: exact, because MinorUnits are bounded by 2^53 - 1. */
export function toJsonNumber(value: MinorUnits): number {
  return Number(value);
}

const decimalText = /^(-?)(\d{1,16})(?:\.(\d+))?$/;

/**
 * Minor units from decimal text such as `149.99`, exactly: more decimals than the currency has are
 * refused, never rounded. `exponent` is the number of decimals of the currency.
 */
export function parseDecimal(text: string, exponent: number): MinorUnits {
  const match = decimalText.exec(text.trim());
  if (!match) throw new Fault('input_invalid', `"${text}" is not a decimal amount`);
  const [, sign, whole = '', fraction = ''] = match;
  if (fraction.length > exponent && /[1-9]/.test(fraction.slice(exponent))) {
    throw new Fault('input_invalid', `"${text}" has more than ${exponent} decimals`);
  }
  const digits = whole + fraction.slice(0, exponent).padEnd(exponent, '0');
  return toMinorUnits(BigInt(`${sign}${digits}`));
}

/** Decimal text of minor units: `formatDecimal(14999n, 2)` is `149.99`. */
export function formatDecimal(amount: MinorUnits, exponent: number): string {
  const digits = (amount < 0n ? 0n - amount : amount).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${amount < 0n ? '-' : ''}${whole}${fraction}`;
}

/**
 * Divides `amount` by integer weights so that the parts add up to it again; what integer division
 * leaves over goes to the largest remainders, the earlier part first.
 */
export function allocate(amount: MinorUnits, weights: readonly bigint[]): MinorUnits[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  assert(weights.every((weight) => weight >= 0n) && total > 0n, 'weights are not negative');
  const sign = amount < 0n ? -1n : 1n;
  const magnitude = amount * sign;
  const parts = weights.map((weight, index) => ({
    index,
    part: (magnitude * weight) / total,
    rest: (magnitude * weight) % total,
  }));
  let left = magnitude - parts.reduce((sum, { part }) => sum + part, 0n);
  for (const entry of [...parts].sort((a, b) => Number(b.rest - a.rest) || a.index - b.index)) {
    if (left === 0n) break;
    entry.part += 1n;
    left -= 1n;
  }
  return parts.map(({ part }) => toMinorUnits(part * sign));
}

/** ISO 4217 codes that are no currency one can hold an account in (funds, metals, test, none). */
const notHeld = new Set(['XTS', 'XXX', 'XAU', 'XAG', 'XPD', 'XPT', 'XDR', 'XSU', 'XUA']);

export type Unit = {
  readonly code: Currency;
  /** How many decimals it has: an amount of minor units is divided by 10 to this power. */
  readonly exponent: number;
  readonly name: string;
};

/** By their codes. */
export const isoCurrencies: readonly Unit[] = currencyCodes.data
  .filter(({ code }) => !notHeld.has(code))
  .map(({ code, digits, currency }) => ({ code, exponent: digits, name: currency }))
  .sort((one, other) => (one.code < other.code ? -1 : 1));

const isoExponents: ReadonlyMap<string, number> = new Map(
  isoCurrencies.map(({ code, exponent }) => [code, exponent]),
);

/** The number of decimals of an ISO 4217 currency, or undefined for an unknown code. */
export function isoExponent(currency: Currency): number | undefined {
  return isoExponents.get(currency);
}
