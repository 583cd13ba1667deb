// What a decision takes from limits: each with its cap, so that one sees how near it came.
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { spanText } from '../../parts/figures.ts';
import { wordsOf } from '../../parts/state.tsx';

export type Taken = {
  readonly limit: string;
  readonly key: string;
  readonly measure: 'amount' | 'count';
  readonly amount: number;
  readonly cap: number;
  readonly window: Window;
};
export type Window = {
  readonly kind?: string;
  readonly seconds?: number;
  readonly unit?: string;
};

export function LimitsTaken({
  of,
  currency,
}: {
  readonly of: readonly Readonly<Record<string, unknown>>[];
  readonly currency: string | null;
}) {
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">Limit</th>
          <th scope="col">Of</th>
          <th scope="col">Within</th>
          <th scope="col" className="end">
            Takes
          </th>
          <th scope="col" className="end">
            Cap
          </th>
        </tr>
      </thead>
      <tbody>
        {(of as unknown as readonly Taken[]).map((each) => (
          <tr key={`${each.limit} ${each.key}`}>
            <td>{wordsOf(each.limit.replaceAll('-', '_'))}</td>
            <td>
              <LimitKey of={each.key} />
            </td>
            <td>{windowText(each.window)}</td>
            <td className="end">
              <Measured value={each.amount} measure={each.measure} currency={currency} />
            </td>
            <td className="end">
              <Measured value={each.cap} measure={each.measure} currency={currency} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Measured({
  value,
  measure,
  currency,
}: {
  readonly value: number;
  readonly measure: 'amount' | 'count';
  readonly currency: string | null;
}) {
  if (measure === 'count' || currency === null) return <>{value.toLocaleString('en')}</>;
  return <Amount minor={value} currency={currency} />;
}

/** `account:acc_…` */
export function LimitKey({ of }: { readonly of: string }) {
  const at = of.indexOf(':');
  const [kind, id] = [of.slice(0, Math.max(0, at)), of.slice(at + 1)];
  return (
    <span>
      <span className="dimmed">{kind}</span> <Id id={id} />
    </span>
  );
}

export function windowText({ kind, seconds = 0, unit = '' }: Window): string {
  return kind === 'sliding' ? `any ${spanText(seconds * 1_000)}` : `a ${unit}`;
}
