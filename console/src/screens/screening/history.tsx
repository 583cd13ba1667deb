// The other screenings of the same one: under other names, or after a list has changed.
import { Link } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { shortId } from '../../parts/id.tsx';
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';

export const historyMax = 20;

export function History({
  subject,
  current,
}: {
  readonly subject: string;
  readonly current: string;
}) {
  const [, setUrl] = useUrl();
  const { data } = useApi('GET /v1/screenings', { query: { subject, limit: historyMax } });
  const others = (data?.items ?? []).filter(({ id }) => id !== current);
  if (others.length === 0) return null;
  return (
    <Section title="Other screenings" about="of the same one, newest first">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Screening</th>
            <th scope="col">State</th>
            <th scope="col">Because of</th>
            <th scope="col" className="end">
              Screened
            </th>
          </tr>
        </thead>
        <tbody>
          {others.map(({ id, status, hits, cause, screened_at }) => (
            <tr key={id}>
              <td>
                <Link to={`/screening/${id}` as never} className="mono" title={id}>
                  {shortId(id)}
                </Link>
              </td>
              <td>
                <State word={status === 'open' ? 'review' : status}>
                  {status === 'none'
                    ? 'no hits'
                    : `${hits === 1 ? '1 hit' : `${hits} hits`}, ${wordsOf(status)}`}
                </State>
              </td>
              <td>{wordsOf(cause)}</td>
              <td className="end">
                <Time at={screened_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <button
        type="button"
        className="segment"
        onClick={() => setUrl({ subject, view: 'all', id: current })}
      >
        Only this one in the list
      </button>
    </Section>
  );
}
