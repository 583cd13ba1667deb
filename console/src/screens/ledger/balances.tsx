// The balances of an account: now, and beside them as of a moment, with what has changed since.
import { Amount } from '../../parts/money.tsx';
import { Time } from '../../parts/time.tsx';
import type { Balances } from './words.ts';
import '../../parts/split.css';

const rows = [
  ['Booked', 'booked', 'What is posted, positive on the normal side'],
  ['Pending', 'pending', 'What open holds would change if all were captured'],
  ['Available', 'available', 'Booked, less what holds take away, plus the credit limit'],
] as const;
const sums = [
  ['Debits posted', 'debits_posted'],
  ['Credits posted', 'credits_posted'],
] as const;

export function BalanceTable({
  now,
  then,
}: {
  readonly now: Balances;
  readonly then?: Balances | undefined;
}) {
  const { currency } = now;
  const cells = (name: (typeof rows)[number][1] | (typeof sums)[number][1]) => (
    <>
      {then && (
        <td className="end ledger-then">
          <Amount minor={then[name]} currency={currency} />
        </td>
      )}
      <td className="end">
        <Amount minor={now[name]} currency={currency} />
      </td>
      {then && (
        <td className="end dimmed">
          <Amount minor={now[name] - then[name]} currency={currency} signed />
        </td>
      )}
    </>
  );
  return (
    <table className="plain ledger-balances" aria-label="Balances">
      <thead>
        <tr>
          <th scope="col">Balance</th>
          {then && (
            <th scope="col" className="end">
              As of <Time at={then.as_of} whole />
            </th>
          )}
          <th scope="col" className="end">
            Now
          </th>
          {then && (
            <th scope="col" className="end">
              Since then
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map(([words, name, about]) => (
          <tr key={name} data-main={name === 'available' || undefined}>
            <th scope="row" title={about}>
              {words}
            </th>
            {cells(name)}
          </tr>
        ))}
        {sums.map(([words, name]) => (
          <tr key={name} className="ledger-sum">
            <th scope="row">{words}</th>
            {cells(name)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
