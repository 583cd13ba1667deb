// Facts: JSON values of declared types become what expressions compute with.
import type { FactType } from './bundle.ts';
import type { Scalar, Value } from './expression.ts';

export const listMax = 1_000;
export const textMax = 4_000;

/** Undefined for what is not of the type; integers become bigints. */
export function factValue(value: unknown, type: FactType): Value | undefined {
  switch (type) {
    case 'integer':
    case 'number':
    case 'string':
    case 'boolean':
      return scalar(value, type);
    default: {
      if (!Array.isArray(value) || value.length > listMax) return undefined;
      const element = type.slice(0, -2) as FactType;
      const values = value.map((each) => scalar(each, element));
      return values.includes(undefined) ? undefined : (values as Scalar[]);
    }
  }
}

function scalar(value: unknown, type: FactType): Scalar | undefined {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    case 'number':
      // Zero has no sign in JSON, so it must have none here.
      return typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined;
    case 'string':
      return typeof value === 'string' && value.length <= textMax ? value : undefined;
    default:
      return typeof value === 'boolean' ? value : undefined;
  }
}

/** A value as JSON; an integer beyond 2^53 is told as text, because JSON could not tell it. */
export function jsonValue(value: Value): number | string | boolean | (number | string | boolean)[] {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (typeof value === 'object') return value.map((each) => jsonValue(each) as number);
  return value;
}
