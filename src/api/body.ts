// Reading JSON bodies so that no number is rounded on the way in.
import { Fault } from '#core';

/** The largest body that is read, in bytes. */
export const bodyLimit = 1024 * 1024;

// What may be such a number: a fraction, an exponent or 16 digits.
const suspicious = /[0-9][.eE]|[0-9]{16}/;

/**
 * Parses a body. There are no numbers but integers in our requests: one that is written otherwise
 * or is not exact (`15.00`, `9007199254740990.6`, `1e400`) stays text, so that the schema refuses
 * it where it stands.
 */
export function parseBody(text: string): unknown {
  try {
    if (!suspicious.test(text)) return JSON.parse(text);
    return (JSON.parse as ParseWithSource)(text, (_key, value, context) =>
      typeof value === 'number' && !isPlainInteger(value, context.source) ? context.source : value,
    );
  } catch (error) {
    throw new Fault('invalid_json', (error as Error).message, { cause: error });
  }
}

type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
) => unknown;

/** `12500.00` and `1e3` name integers, but whoever writes so may well mean something else. */
function isPlainInteger(value: number, source: string): boolean {
  return Number.isSafeInteger(value) && /^-?\d+$/.test(source);
}
