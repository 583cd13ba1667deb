// Reading JSON bodies so that no amount is rounded on the way in.
import { Fault } from '#core';

/** The largest body that is read, in bytes. */
export const bodyLimit = 1024 * 1024;

// What may be such a number: a fraction, an exponent or 16 digits.
const suspicious = /[0-9][.eE]|[0-9]{16}/;

/** Members that hold what is measured, such as a score or a rate: that may be a fraction. */
const measured = [
  ...(['facts', 'model_inputs', 'payment', 'tests', 'card'] as const),
  'core_banking_data_snapshot',
] as const;

/**
 * Parses a body. There are no numbers but integers in our requests, facts aside: one that is
 * written otherwise or is not exact (`15.00`, `9007199254740990.6`, `1e400`) stays text, so that
 * the schema refuses it where it stands.
 */
export function parseBody(text: string): unknown {
  checkDepth(text);
  try {
    if (!suspicious.test(text)) return JSON.parse(text);
    const exact = (JSON.parse as ParseWithSource)(text, (_key, value, context) =>
      typeof value === 'number' && !isPlainInteger(value, context.source) ? context.source : value,
    );
    return withMeasures(exact, JSON.parse(text));
  } catch (error) {
    throw new Fault('invalid_json', (error as Error).message, { cause: error });
  }
}

/** What is nested deeper than anybody nests would exhaust the stack of whatever walks it. */
const depthMax = 64;

function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === quote) {
      at = endOfText(text, at);
    } else if (sign === openBrace || sign === openBracket) {
      depth += 1;
      if (depth <= depthMax) continue;
      throw new Fault('invalid_json', `the body nests deeper than ${depthMax} levels`);
    } else if (sign === openBrace + 2 || sign === openBracket + 2) {
      depth -= 1;
    }
  }
}

const [quote, backslash, openBracket, openBrace] = [0x22, 0x5c, 0x5b, 0x7b];

/** Where the text that begins at a quote ends. */
function endOfText(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === backslash) before -= 1;
    if ((at - before) % 2 === 1) return at;
  }
  return text.length;
}

type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
) => unknown;

function withMeasures(exact: unknown, plain: unknown): unknown {
  if (Array.isArray(exact)) {
    return exact.map((item, index) => withMeasures(item, (plain as unknown[])[index]));
  }
  if (typeof exact !== 'object' || exact === null) return exact;
  const item = exact as Record<string, unknown>;
  for (const name of measured) {
    if (Object.hasOwn(item, name)) {
      item[name] = withFractions(item[name], (plain as Record<string, unknown>)[name]);
    }
  }
  return item;
}

/** The numbers that had stayed text, where they are fractions; `exact` has them as written. */
function withFractions(exact: unknown, plain: unknown): unknown {
  if (typeof plain === 'number') {
    return typeof exact === 'string' && isFraction(plain, exact) ? plain : exact;
  }
  if (typeof exact !== 'object' || exact === null) return exact;
  const members = Object.entries(exact).map(
    ([name, value]) =>
      [name, withFractions(value, (plain as Record<string, unknown>)[name])] as const,
  );
  return Array.isArray(exact) ? members.map(([, value]) => value) : Object.fromEntries(members);
}

/** `0.25`, and `1.0`, which other languages write for a whole measure; no integer is rounded. */
function isFraction(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  return !Number.isInteger(value) || /^-?\d{1,15}\.0+$/.test(source);
}

/** `12500.00` and `1e3` name integers, but whoever writes so may well mean something else. */
function isPlainInteger(value: number, source: string): boolean {
  return Number.isSafeInteger(value) && /^-?\d+$/.test(source);
}
