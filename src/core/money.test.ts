import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from './fault.ts';
import {
  allocate,
  amountMax,
  formatDecimal,
  isoExponent,
  parseDecimal,
  toJsonNumber,
  toMinorUnits,
} from './money.ts';

const amount = fc.bigInt({ min: -amountMax, max: amountMax }).map(toMinorUnits);
const exponent = fc.integer({ min: 0, max: 8 });

function refused(fn: () => unknown): void {
  assert.throws(fn, (error) => error instanceof Fault && error.code === 'input_invalid');
}

test('an amount survives its decimal text', () => {
  // Sixteen digits may stand before the point: 2^53 - 1 with no decimals has exactly as many.
  fc.assert(
    fc.property(amount, exponent, (minor, decimals) => {
      assert.equal(parseDecimal(formatDecimal(minor, decimals), decimals), minor);
    }),
  );
});

test('decimal text is read exactly', () => {
  assert.equal(parseDecimal('149.99', 2), 14_999n);
  assert.equal(parseDecimal('-0.5', 2), -50n);
  assert.equal(parseDecimal('7', 3), 7000n);
  assert.equal(parseDecimal('12.3400', 2), 1234n);
  assert.equal(parseDecimal('9007199254740991', 0), amountMax);
  assert.equal(formatDecimal(toMinorUnits(-5), 2), '-0.05');
  assert.equal(formatDecimal(toMinorUnits(1500), 0), '1500');
});

test('what would have to be rounded is refused', () => {
  for (const text of ['9007199254740990.6', '0.5', '1e3', '', '.', '1.', '.5', '1,5', '--1']) {
    refused(() => parseDecimal(text, 0));
  }
  refused(() => parseDecimal('1.005', 2));
  refused(() => parseDecimal('9007199254740992', 0));
  refused(() => parseDecimal('90071992547409.92', 2));
  refused(() => toMinorUnits(0.5));
  refused(() => toMinorUnits(2 ** 53));
  refused(() => toMinorUnits(Number.NaN));
  refused(() => toMinorUnits(-amountMax - 1n));
});

test('minor units are exact as JSON numbers', () => {
  fc.assert(
    fc.property(amount, (minor) => {
      assert.equal(BigInt(JSON.parse(JSON.stringify(toJsonNumber(minor)))), minor);
    }),
  );
});

test('the parts of an allocation add up to the whole and are fair to a unit', () => {
  const weights = fc
    .array(fc.bigInt({ min: 0n, max: 1_000_000n }), { minLength: 1, maxLength: 12 })
    .filter((list) => list.some((weight) => weight > 0n));
  fc.assert(
    fc.property(amount, weights, (whole, list) => {
      const parts = allocate(whole, list);
      const total = list.reduce((sum, weight) => sum + weight, 0n);
      assert.equal(
        parts.reduce((sum: bigint, part) => sum + part, 0n),
        whole,
      );
      parts.forEach((part, index) => {
        const off = part * total - whole * (list[index] as bigint);
        assert.ok((off < 0n ? -off : off) < total, 'no part is a whole unit off its share');
      });
    }),
  );
});

test('what is left over goes to the largest remainder, then to the earlier part', () => {
  assert.deepEqual(allocate(toMinorUnits(100), [1n, 1n, 1n]), [34n, 33n, 33n]);
  assert.deepEqual(allocate(toMinorUnits(10), [1n, 5n]), [2n, 8n]);
  assert.deepEqual(allocate(toMinorUnits(-100), [1n, 1n, 1n]), [-34n, -33n, -33n]);
  assert.deepEqual(allocate(toMinorUnits(5), [0n, 1n]), [0n, 5n]);
  assert.throws(() => allocate(toMinorUnits(5), [0n, 0n]));
  assert.throws(() => allocate(toMinorUnits(5), [2n, -1n]));
});

test('currencies have the decimals of ISO 4217, and metals are none', () => {
  const none = { XAU: undefined, XXX: undefined, usd: undefined };
  const expected = { USD: 2, JPY: 0, KWD: 3, CLF: 4, ...none };
  for (const [code, decimals] of Object.entries(expected)) {
    assert.equal(isoExponent(code), decimals, code);
  }
});
