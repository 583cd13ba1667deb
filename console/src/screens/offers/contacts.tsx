// How often a customer was spoken to by any path, against what the contact policy lets.
import { useApi } from '../../api/queries.ts';
import { Bar } from '../../parts/bar.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Id } from '../../parts/id.tsx';
import { pathText, statusLooks } from './words.ts';

const shown = 8;
/** From then on it is as if nobody had complained. */
const complaintDaysMax = 3_650;

export function Contacts({ customer }: { readonly customer: string }) {
  const { data, error, refetch } = useApi('GET /v1/offers/contacts', {
    query: { customer, limit: shown },
  });
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const { offers_this_month, offers_max, month_days, channels, items } = data;
  const rows = [
    { name: 'all channels', offers: offers_this_month, most: offers_max as number | null },
    ...channels.map(({ channel, offers, offers_max: most }) => ({
      ...{ name: wordsOf(channel), offers, most },
    })),
  ];
  const top = Math.max(1, ...rows.map(({ offers, most }) => Math.max(offers, most ?? 0)));
  return (
    <>
      <table className="plain" aria-label="Room that is left">
        <tbody>
          {rows.map(({ name, offers, most }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="contacts-count">
                {offers}
                {most !== null && ` of ${most}`}
              </td>
              <td className="contacts-bar">
                <Bar
                  value={offers}
                  max={top}
                  color={most !== null && offers >= most ? '--bad' : '--plane-policy'}
                  marks={most === null ? [] : [most]}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="card-foot dimmed">
        Within {month_days} days; a line stands where no more are let.
        {data.days_since_complaint < complaintDaysMax &&
          ` The last complaint was ${data.days_since_complaint} days ago.`}
      </p>
      {items.length > 0 && (
        <table className="plain" aria-label="Contacts">
          <tbody>
            {items.map((each) => (
              <tr key={each.offer_id}>
                <td>
                  <Time at={each.presented_at} />
                </td>
                <td>
                  <Id id={each.offer_id} />
                  <div className="dimmed">
                    {each.action}, {wordsOf(each.channel)}, {pathText(each.path)}
                  </div>
                </td>
                <td>
                  <ContactState status={each.status} />
                  {!each.counts && <div className="dimmed">does not count</div>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function ContactState({ status }: { readonly status: string }) {
  const look = statusLooks[status as keyof typeof statusLooks];
  return (
    <State word={look?.[0] ?? 'none'} tone={look?.[1] ?? 'still'}>
      {status}
    </State>
  );
}
