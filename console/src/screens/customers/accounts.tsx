// The accounts of a customer, each with its product, its role and what is booked on it.
import type { Answer } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Card } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';

export type Account = Answer<'GET /v1/accounts'>['items'][number];
const productsMax = 200;

export function Accounts({
  of,
  error,
  party,
}: {
  readonly of: readonly Account[] | undefined;
  readonly error: unknown;
  /** Whose register says which product each is. */
  readonly party: string | undefined;
}) {
  const enabled = useMay()('register:read').allowed && party !== undefined;
  const holdings = useApi(
    'GET /v1/parties/{id}/accounts',
    { path: { id: party ?? '' } },
    { enabled },
  );
  const products = useApi('GET /v1/products', { query: { limit: productsMax } }, { enabled });
  const held = new Map(holdings.data?.items.map((each) => [each.account_id, each]));
  const known = new Map(products.data?.items.map((each) => [each.product_id, each]));
  return (
    <Card title="Accounts and products">
      {error !== null && error !== undefined && <ProblemNote error={error} />}
      {!of && !error && <Loading />}
      {of?.length === 0 && <span className="dimmed">No account is held under this id.</span>}
      {of && of.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Account</th>
              <th scope="col">Product</th>
              <th scope="col">Role</th>
              <th scope="col">State</th>
              <th scope="col">Opened</th>
              <th scope="col" className="end">
                Booked
              </th>
            </tr>
          </thead>
          <tbody>
            {of.map(({ id, type, status, opened_at, booked, currency }) => {
              const holding = held.get(id);
              const product = known.get(holding?.product_id ?? '');
              const role = holding?.parties.find(({ party_id }) => party_id === party)?.role;
              return (
                <tr key={id}>
                  <td>
                    <Id id={id} />
                  </td>
                  <td>{product ? `${product.name}, ${wordsOf(product.kind)}` : type}</td>
                  <td>{role === undefined ? <span className="dimmed">–</span> : wordsOf(role)}</td>
                  <td>
                    <State word={status} tone={status === 'open' ? 'good' : 'bad'} />
                  </td>
                  <td>
                    <Time at={opened_at} />
                  </td>
                  <td className="end">
                    <Amount minor={booked} currency={currency} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Card>
  );
}
