// The settings of reviews as somebody types them: read from what is in force, told back to the API.
import type { Answer } from '../../api/client.ts';
import { amountText, type Exponents, minorUnitsOf } from '../../parts/money.tsx';

export type Settings = Answer<'GET /v1/review-settings'>;

/** Of a list of rows each has a number of its own, so that a row that is removed takes its text. */
type Typed<Fields extends string> = Readonly<Record<Fields, string>> & { readonly row: number };
export type Draft = {
  readonly days: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly promises: readonly Typed<'queue' | 'minutes'>[];
  readonly two: readonly Typed<'queue' | 'currency' | 'amount'>[];
  readonly rates: readonly Typed<'currency' | 'rate'>[];
};

/** What any queue or currency is called, on the screen and in the API. */
export const any = '*';
export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
/** Rates are told in millionths. */
const rateExponent = 6;

export function draftOf(settings: Settings, exponents: Exponents): Draft {
  const { hours, promises, two_reviewers, rates_ppm } = settings;
  return {
    days: hours.days.map(String),
    ...{ from: hours.from, to: hours.to },
    promises: promises.map(({ queue, minutes }, row) => ({ row, queue, minutes: `${minutes}` })),
    two: two_reviewers.map(({ queue, currency, amount }, row) => ({
      ...{ row, queue, currency },
      amount: amountText(amount, exponentOf(currency, exponents)),
    })),
    rates: Object.entries(rates_ppm).map(([currency, ppm], row) => ({
      ...{ row, currency },
      rate: trimmed(amountText(ppm, rateExponent)),
    })),
  };
}

/** An amount of any currency is one of minor units. */
export function exponentOf(currency: string, exponents: Exponents): number {
  return currency === any ? 0 : (exponents.get(currency) ?? 0);
}

function trimmed(digits: string): string {
  return digits.replace(/\.?0+$/, '');
}

/** The settings, or what is wrong with the first field that is. */
export function settingsOf(draft: Draft, exponents: Exponents): Settings | string {
  const { days, from, to, promises, two, rates } = draft;
  if (days.length === 0) return 'Business hours need a day.';
  if (from >= to) return 'Business hours end after they begin.';
  for (const { queue, minutes } of promises) {
    if (queue === '') return 'A promise names a queue, or * for all others.';
    if (!/^[1-9]\d{0,4}$/.test(minutes)) return `The promise for ${queue} is whole minutes.`;
  }
  const amounts = two.map(({ currency, amount }) =>
    minorUnitsOf(amount, exponentOf(currency, exponents)),
  );
  const missing = two[amounts.indexOf(undefined)];
  if (missing) return `“${missing.amount}” is no amount of ${missing.currency}.`;
  const parts = rates.map(({ rate }) => minorUnitsOf(rate, rateExponent));
  const odd = rates.find(({ currency }, at) => currency === '' || !parts[at]);
  if (odd) return `“${odd.rate}” is no rate for ${odd.currency || 'a currency'}.`;
  return {
    hours: { days: days.map(Number).toSorted((one, other) => one - other), from, to },
    promises: promises.map(({ queue, minutes }) => ({ queue, minutes: Number(minutes) })),
    two_reviewers: two.map(({ queue, currency }, at) => ({
      ...{ queue, currency },
      amount: amounts[at] ?? 0,
    })),
    rates_ppm: Object.fromEntries(rates.map(({ currency }, at) => [currency, parts[at] ?? 0])),
  };
}

/** What would change, in words for who is to approve it. */
export function changeText(before: Settings, after: Settings, exponents: Exponents): string {
  const words = (settings: Settings): readonly string[] => [
    `hours ${daysText(settings.hours.days)} ${settings.hours.from}–${settings.hours.to}`,
    `promises ${settings.promises.map(({ queue, minutes }) => `${queue} ${minutes} min`).join(', ') || 'none'}`,
    `two people ${settings.two_reviewers.map(({ queue, currency, amount }) => `${queue} from ${amountText(amount, exponentOf(currency, exponents))} ${currency}`).join(', ') || 'never'}`,
    `rates ${
      Object.entries(settings.rates_ppm)
        .map(([currency, ppm]) => `${currency} ${trimmed(amountText(ppm, rateExponent))}`)
        .join(', ') || 'none'
    }`,
  ];
  const were = words(before);
  const changes = words(after).flatMap((now, at) =>
    now === were[at] ? [] : [`${now} (was ${were[at]})`],
  );
  return `Settings of reviews: ${changes.join('; ')}`.slice(0, 500);
}

export function daysText(days: readonly number[]): string {
  return days.map((day) => weekdays[day - 1]).join(' ');
}
