// Offers: those that are open, as cards on the first page, and a list of what became of the others.
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useAct, useApi } from '../api/queries.ts';
import { Loading } from '../parts/states.tsx';
import { dateText, useZone } from '../parts/time.tsx';
import { Page } from './frame.tsx';
import { type Offer, offersOf, useOffers } from './grow-reads.ts';
import { declineWords, offerStanding, type DeclineReason } from './grow-words.tsx';
import { OfferCard } from './offer-card.tsx';
import { Trouble } from './trouble.tsx';

const cardsMax = 3;

/** On the first page: each time it is opened the bank is asked what fits now. */
export function OwnOffers() {
  const { data, error } = useOffers();
  const isAsked = useVisit();
  const shown = useShown(data?.items ?? []);
  if (!data && error) return null;
  return (
    <section>
      <div className="bank-heading-row">
        <h2 className="bank-heading">For you</h2>
        {data && data.items.length > shown.length && <Link to={'/bank/offers' as never}>All</Link>}
      </div>
      {shown.slice(0, cardsMax).map((offer) => (
        <OfferCard key={offer.offer_id} of={offer} />
      ))}
      {shown.length === 0 && (isAsked ? <Nothing /> : <p className="dimmed">We look for you …</p>)}
    </section>
  );
}

/** Whatever comes of it: an app without offers is an app all the same. */
function useVisit(): boolean {
  const visit = useAct('POST /v1/customer/offers', [offersOf]);
  const isBegun = useRef(false);
  useEffect(() => {
    if (isBegun.current) return;
    isBegun.current = true;
    visit.mutate({ body: { page: 'home' } });
  }, [visit]);
  return visit.isSuccess || visit.isError;
}

/** What was open when it came on the screen stays there, and says what became of it. */
function useShown(items: readonly Offer[]): readonly Offer[] {
  const known = useRef(new Set<string>()).current;
  for (const { offer_id, is_open } of items) if (is_open) known.add(offer_id);
  return items.filter(({ offer_id }) => known.has(offer_id));
}

function Nothing() {
  const { data } = useApi('GET /v1/customer/consents', {});
  const consent = data?.items.find(
    (each) => each.purpose === 'marketing' && each.channel === 'in_app',
  );
  if (consent && !consent.granted) {
    return (
      <p className="dimmed">
        We show you no offers: you have not agreed to them.{' '}
        <Link to={'/bank/consents' as never}>Your consents</Link>
      </p>
    );
  }
  return <p className="dimmed">There is no offer for you at the moment.</p>;
}

export function Offers() {
  const { data, error, refetch } = useOffers();
  if (!data) {
    return (
      <Page title="Offers" back>
        {error ? <Trouble error={error} retry={refetch} /> : <Loading />}
      </Page>
    );
  }
  const open = data.items.filter(({ is_open }) => is_open);
  const others = data.items.filter(({ is_open }) => !is_open);
  return (
    <Page title="Offers" back>
      <p className="dimmed">
        What we have offered you, and what you said.{' '}
        <Link to={'/bank/consents' as never}>Whether we may</Link> is for you to decide.
      </p>
      {data.items.length === 0 && <p>We have not offered you anything yet.</p>}
      {open.map((offer) => (
        <OfferCard key={offer.offer_id} of={offer} />
      ))}
      {others.length > 0 && (
        <section>
          <h2 className="bank-heading">Before</h2>
          <ul className="bank-lines">
            {others.map((offer) => (
              <li key={offer.offer_id} className="bank-told">
                <Past of={offer} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </Page>
  );
}

function Past({ of }: { readonly of: Offer }) {
  const zone = useZone();
  const { message, presented_at, status, reason } = of;
  const [tone, words] = offerStanding(of);
  const why = status === 'declined' ? declineWords[reason as DeclineReason] : undefined;
  return (
    <>
      <p>{message}</p>
      <p className="bank-told-head">
        <span className="state" data-tone={tone}>
          {words}
          {why !== undefined && `: “${why}”`}
        </span>
        <span className="dimmed">{dateText(presented_at, zone)}</span>
      </p>
    </>
  );
}
