// The latest payments of a customer, either side of them, and the way to all.
import { Link } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Instant } from '../../parts/time.tsx';
import { kindText, type Listed } from '../payments/words.ts';

const shownMax = 12;

export function PaymentsOf({ id }: { readonly id: string }) {
  const { data, error, refetch } = useApi('GET /v1/payments', {
    query: { customer: id, limit: shownMax },
  });
  const rows = data?.items ?? [];
  return (
    <Card
      title="Recent payments"
      actions={
        <Link to={`/payments?customer=${encodeURIComponent(id)}` as never}>All of them</Link>
      }
    >
      {error && <ProblemNote error={error} retry={refetch} />}
      {!data && !error && <Loading />}
      {data && rows.length === 0 && (
        <span className="dimmed">None has been ordered or received.</span>
      )}
      {rows.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Payment</th>
              <th scope="col">State</th>
              <th scope="col">Kind</th>
              <th scope="col">With</th>
              <th scope="col" className="end">
                Amount
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((payment) => (
              <Line key={payment.payment_id} id={id} payment={payment} />
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

/** What they pay is negative, as it is for them. */
function Line({ id, payment }: { readonly id: string; readonly payment: Listed }) {
  const { debtor, creditor, debtor_account_id, creditor_account_id } = payment;
  const pays = debtor === id;
  const other = pays ? creditor : debtor;
  return (
    <tr>
      <td>
        <Instant at={payment.created_at} />
      </td>
      <td>
        <Id id={payment.payment_id} />
      </td>
      <td>
        <State word={payment.status} />
      </td>
      <td>{kindText(payment)}</td>
      <td>
        {other === null ? (
          <Id id={pays ? creditor_account_id : debtor_account_id} />
        ) : (
          <Link to={`/customers/${encodeURIComponent(other)}` as never} className="mono">
            {other}
          </Link>
        )}
      </td>
      <td className="end">
        <Amount
          minor={pays ? -payment.amount : payment.amount}
          currency={payment.currency}
          signed
        />
      </td>
    </tr>
  );
}
