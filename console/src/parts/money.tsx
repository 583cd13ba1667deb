// Amounts on the screen: minor units become digits here and nowhere else.
import { useApi } from '../api/queries.ts';

export type Exponents = ReadonlyMap<string, number>;

/** As they were read last: an exponent never changes, so that long lists need not ask for it. */
let lastRead: Exponents = new Map();

/** How many digits of each currency or unit are behind the point, as the bank knows them. */
export function useExponents(): Exponents | undefined {
  const { data } = useApi('GET /v1/units', {}, { keep: true });
  if (data) lastRead = exponentsOf(data.items);
  return data && lastRead;
}

const made = new WeakMap<object, Exponents>();

function exponentsOf(items: readonly { readonly code: string; readonly exponent: number }[]) {
  const known = made.get(items);
  if (known) return known;
  const exponents = new Map(items.map(({ code, exponent }) => [code, exponent]));
  made.set(items, exponents);
  return exponents;
}

/**
 * `-1234567` of an exponent of 2 is `−12,345.67`; without an exponent it stays minor units, and
 * says so. Digits alone: the currency stands beside them.
 */
export function amountText(minor: number, exponent: number | undefined): string {
  if (exponent === undefined) return `${minor} minor units`;
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${minor < 0 ? '−' : ''}${grouped}${fraction}`;
}

/** What somebody types, as minor units; undefined when it is no amount of the currency. */
export function minorUnitsOf(text: string, exponent: number): number | undefined {
  const found = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!found) return undefined;
  const [, whole = '', fraction = ''] = found;
  if (fraction.length > exponent) return undefined;
  const minor = Number(whole.replaceAll(',', '') + fraction.padEnd(exponent, '0'));
  return Number.isSafeInteger(minor) ? minor : undefined;
}

type AmountProps = {
  readonly minor: number;
  readonly currency: string;
  /** Whether what comes in is marked with a plus. */
  readonly signed?: boolean;
};

export function Amount(props: AmountProps) {
  const exponent = lastRead.get(props.currency);
  if (exponent === undefined) return <AskedAmount {...props} />;
  return <Digits {...props} exponent={exponent} />;
}

function AskedAmount(props: AmountProps) {
  return <Digits {...props} exponent={useExponents()?.get(props.currency)} />;
}

function Digits({
  minor,
  currency,
  signed = false,
  exponent,
}: AmountProps & { readonly exponent: number | undefined }) {
  return (
    <span className="amount">
      {signed && minor > 0 ? '+' : ''}
      {amountText(minor, exponent)} <span className="currency">{currency}</span>
    </span>
  );
}
