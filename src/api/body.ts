// Reading JSON bodies so that no number is rounded on the way in.
import { Fault } from '#core';

/** The largest body that is read, in bytes. */
export const bodyLimit = 1024 * 1024;

// A number that JSON.parse might round into an integer: a fraction, an exponent or 16 digits.
const suspicious = /[0-9][.eE]|[0-9]{16}/;

/**
 * Parses a body. A number whose text and value differ and whose value would pass for an integer
 * (`9007199254740990.6`, `1e400`) stays text, so that the schema refuses it where it stands.
 */
export function parseBody(text: string): unknown {
  try {
    if (!suspicious.test(text)) return JSON.parse(text);
    return (JSON.parse as ParseWithSource)(text, (_key, value, context) =>
      typeof value === 'number' && wasRounded(value, context.source) ? context.source : value,
    );
  } catch (error) {
    throw new Fault('invalid_json', (error as Error).message, { cause: error });
  }
}

type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
) => unknown;

function wasRounded(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return true;
  if (!Number.isInteger(value)) return false;
  const parts = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source);
  if (!parts) return true;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  // An integer below 2^53 written with a zero fraction or an exponent is exact: `12500.00`, `1e3`.
  if (!Number.isSafeInteger(value)) return true;
  const shift = Number(exponent);
  const digits = (whole + fraction).replace(/^0+/, '');
  const point = whole.length + shift - (whole.length + fraction.length - digits.length);
  return /[1-9]/.test(point <= 0 ? digits : digits.slice(point));
}
