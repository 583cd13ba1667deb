// All that the bank knows of a customer, and since when: what they have, agreed to, were offered and
// answered, how likely they leave.
import { Link } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Card, Facts } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Contacts } from '../offers/contacts.tsx';
import { statusLooks } from '../offers/words.ts';
import '../offers/offers.css';
import { ModelsOf } from './engagement-models.tsx';
import type { Engaged } from './shapes.ts';

export function Engagement({ customer }: { readonly customer: string }) {
  const { data, error, refetch } = useApi('GET /v1/customers/{id}/engagement', {
    path: { id: customer },
  });
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <>
      <Relationship of={data} />
      <ModelsOf of={data} />
      <OffersOf of={data} />
      <Card title="Contacts, and what room is left">
        <Contacts customer={customer} />
      </Card>
      <ConsentsOf of={data} />
      <LifeEvents of={data} />
    </>
  );
}

function Relationship({ of }: { readonly of: Engaged }) {
  const { profile, relationship, household, risk, products } = of;
  return (
    <Card
      title="The customer"
      actions={
        <span className="dimmed" style={{ fontWeight: 400 }}>
          as of <Time at={of.as_of} />
        </span>
      }
    >
      <Facts
        of={{
          Is: [...new Set([profile.kind, profile.segment, profile.country])]
            .map(wordsOf)
            .join(', '),
          Since: <Time at={profile.since} />,
          ...Object.fromEntries(
            relationship.map(({ currency, deposits, debts }) => [
              `Holds in ${currency}`,
              <span key={currency}>
                <Amount minor={deposits} currency={currency} />
                {debts !== 0 && (
                  <>
                    , owes <Amount minor={debts} currency={currency} />
                  </>
                )}
              </span>,
            ]),
          ),
          Household: household === null ? undefined : `${household.members.length} members`,
          'Days past due': risk.days_past_due ?? undefined,
          Care:
            risk.hardship === true ? (
              <State word="warn">is marked as in hardship</State>
            ) : undefined,
        }}
      />
      {products.length > 0 && (
        <table className="plain engaged-products" aria-label="Products">
          <tbody>
            {products.map((each) => (
              <tr key={each.account_id}>
                <td>
                  {each.product_name ?? each.product_code ?? 'account'}
                  <div className="dimmed">{each.kind === null ? '' : wordsOf(each.kind)}</div>
                </td>
                <td>
                  <Id id={each.account_id} />
                </td>
                <td className="end">
                  <Amount minor={each.booked} currency={each.currency} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

type OfferSeen = {
  readonly offer_id?: string;
  readonly action?: string;
  readonly status?: keyof typeof statusLooks;
  readonly reason?: string | null;
  readonly presented_at?: string;
};

function OffersOf({ of }: { readonly of: Engaged }) {
  const offers = of.offers as readonly OfferSeen[];
  return (
    <Card
      title="Offers and what became of them"
      actions={
        <Link to={'/offers' as never} search={{ customer: of.customer } as never}>
          all
        </Link>
      }
    >
      {offers.length === 0 && <span className="dimmed">None was made yet.</span>}
      {offers.length > 0 && (
        <table className="plain" aria-label="Offers">
          <tbody>
            {offers.map(({ offer_id = '', action, status, reason, presented_at }) => (
              <tr key={offer_id}>
                <td>
                  <Link to={`/offers/${offer_id}` as never}>{action}</Link>
                </td>
                <td>
                  {status !== undefined && (
                    <State word={statusLooks[status][0]} tone={statusLooks[status][1]}>
                      {status}
                    </State>
                  )}
                  {reason && <div className="dimmed">{wordsOf(reason)}</div>}
                </td>
                <td className="end">{presented_at !== undefined && <Time at={presented_at} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function ConsentsOf({ of: { consents } }: { readonly of: Engaged }) {
  return (
    <Card title="Agreed to">
      {consents.length === 0 && <span className="dimmed">Nothing is on record.</span>}
      {consents.length > 0 && (
        <table className="plain" aria-label="Consents">
          <tbody>
            {consents.map(({ purpose, channel, in_effect, known_at }) => (
              <tr key={`${purpose} ${channel}`}>
                <td>
                  {wordsOf(purpose)}
                  {channel !== null && <span className="dimmed"> {wordsOf(channel)}</span>}
                </td>
                <td>
                  <State word={in_effect ? 'ok' : 'withdrawn'}>
                    {in_effect ? 'in effect' : 'not in effect'}
                  </State>
                </td>
                <td className="end">
                  <Time at={known_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function LifeEvents({ of: { life_events } }: { readonly of: Engaged }) {
  return (
    <Card title="What has happened">
      {life_events.length === 0 && (
        <span className="dimmed">Nothing that an offer would follow from.</span>
      )}
      {life_events.length > 0 && (
        <table className="plain" aria-label="What has happened">
          <tbody>
            {life_events.map(({ kind, source, occurred_at }) => (
              <tr key={`${kind} ${source}`}>
                <td>{wordsOf(kind)}</td>
                <td>
                  <Id id={source} />
                </td>
                <td className="end">
                  <Time at={occurred_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
