// What a customer has agreed to: the latest of each purpose, and whether it is in effect.
import { useApi } from '../../api/queries.ts';
import { Card } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';

export function Consents({ id }: { readonly id: string }) {
  const { data, error, refetch } = useApi('GET /v1/consents', { query: { person: id } });
  const items = data?.items ?? [];
  return (
    <Card title="Consents">
      {error && <ProblemNote error={error} retry={refetch} />}
      {data && items.length === 0 && (
        <span className="dimmed">Nothing is on record: nothing is agreed to.</span>
      )}
      {items.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col">State</th>
              <th scope="col">Since</th>
              <th scope="col">Source</th>
            </tr>
          </thead>
          <tbody>
            {items.map((each) => (
              <tr key={each.id}>
                <td>
                  {wordsOf(each.purpose)}
                  {(each.channel ?? each.party) !== null && (
                    <span className="dimmed"> {wordsOf(each.channel ?? each.party ?? '')}</span>
                  )}
                </td>
                <td>
                  <State word={each.status} tone={each.in_effect ? 'good' : 'still'}>
                    {each.in_effect || each.status === 'withdrawn' ? each.status : 'not in effect'}
                  </State>
                </td>
                <td>
                  <Time at={each.effective_at} />
                </td>
                <td className="dimmed">{each.source}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
