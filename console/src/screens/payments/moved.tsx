// What a payment has moved: the holds that it placed, and its entries as T-accounts.
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { TransferTs } from '../ledger/t-account.tsx';
import { Stage } from './stage.tsx';
import type { Payment } from './words.ts';
import '../ledger/ledger.css';

export function Entries({ of }: { readonly of: Payment['transfers'] }) {
  if (of.length === 0) {
    return <Stage title="Entries" about="no money has moved" plane="money" isEmpty />;
  }
  return (
    <Stage title="Entries" plane="money" about="what stands on either side of each account">
      <TransferTs transfers={of} />
      <table className="plain" style={{ marginTop: 8 }}>
        <thead>
          <tr>
            <th scope="col">Transfer</th>
            <th scope="col">What</th>
            <th scope="col">Recorded</th>
            <th scope="col" className="end">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {of.map(({ id, kind, recorded_at, amount, currency }) => (
            <tr key={id}>
              <td>
                <Id id={id} />
              </td>
              <td>{kind}</td>
              <td>
                <Time at={recorded_at} />
              </td>
              <td className="end">
                <Amount minor={amount} currency={currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Stage>
  );
}

export function Holds({ of }: { readonly of: Payment['holds'] }) {
  if (of.length === 0) return null;
  return (
    <Stage title="Holds" plane="money" about="reserved on both accounts, not booked">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Hold</th>
            <th scope="col">State</th>
            <th scope="col" className="end">
              Held
            </th>
            <th scope="col" className="end">
              Captured
            </th>
            <th scope="col" className="end">
              Released
            </th>
            <th scope="col">Expires</th>
          </tr>
        </thead>
        <tbody>
          {of.map((hold) => (
            <tr key={hold.id}>
              <td>
                <Id id={hold.id} />
              </td>
              <td>
                <State word={hold.status} />
              </td>
              {([hold.amount, hold.captured, hold.released] as const).map((minor, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: three columns that keep their places
                <td key={at} className="end">
                  {minor === 0 ? (
                    <span className="dimmed">–</span>
                  ) : (
                    <Amount minor={minor} currency={hold.currency} />
                  )}
                </td>
              ))}
              <td>{hold.expires_at === null ? 'never' : <Time at={hold.expires_at} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Stage>
  );
}
