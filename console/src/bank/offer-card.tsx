// One offer as a card: the words that were approved, why it is shown to this customer, and a yes or a
// no to it.
import { Button } from '@mantine/core';
import { useDisclosure, useInViewport } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleSlash, Sparkles } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useAct } from '../api/queries.ts';
import { lastDayText, useZone } from '../parts/time.tsx';
import type { Offer } from './grow-reads.ts';
import { offerWords } from './grow-words.tsx';
import { Accept, Decline } from './offer-answer.tsx';
import { Sheet } from './sheet.tsx';
import { Note } from './trouble.tsx';
import { WhyThis } from './why.tsx';

export function OfferCard({ of }: { readonly of: Offer }) {
  const zone = useZone();
  const { offer_id, message, expires_at, is_open } = of;
  const seen = useSeen(of);
  const [isAccepting, accepting] = useDisclosure();
  const [isDeclining, declining] = useDisclosure();
  return (
    <div>
      <article ref={seen} className="bank-offer" aria-label={`Offer: ${message}`} id={offer_id}>
        <p className="bank-offer-words">
          <Sparkles size={19} aria-hidden />
          <span>{message}</span>
        </p>
        {is_open ? (
          <>
            <Why of={of} until={lastDayText(expires_at, zone)} />
            <div className="bank-pair">
              <Button size="md" px="xs" variant="default" onClick={declining.open}>
                Not interested
              </Button>
              <Button size="md" px="xs" onClick={accepting.open}>
                I want this
              </Button>
            </div>
          </>
        ) : (
          <Ended of={of} />
        )}
      </article>
      {/* An answer is told where it was given, though the offer is closed by it. */}
      <Sheet title="You want this" isOpen={isAccepting} close={accepting.close}>
        <Accept of={of} close={accepting.close} />
      </Sheet>
      <Sheet title="Not interested" isOpen={isDeclining} close={declining.close}>
        <Decline of={of} close={declining.close} />
      </Sheet>
    </div>
  );
}

/** Told once that it was in sight: an offer further down, to which nobody scrolls, was not seen. */
function useSeen({ offer_id, status, is_open }: Offer) {
  const { ref, inViewport } = useInViewport<HTMLElement>();
  const view = useAct('POST /v1/customer/offers/{id}/view');
  const isTold = useRef(false);
  const isNew = status === 'presented' && is_open && inViewport;
  useEffect(() => {
    if (!isNew || isTold.current) return;
    isTold.current = true;
    view.mutate({ path: { id: offer_id }, body: {} });
  }, [isNew, offer_id, view]);
  return ref;
}

function Why({
  of: { why, chosen_by_model, code },
  until,
}: {
  readonly of: Offer;
  readonly until: string;
}) {
  return (
    <WhyThis beside={`Until ${until}`}>
      <p>{why}</p>
      <p>
        {chosen_by_model
          ? 'A model has estimated which of our offers fits you best. Rules that people have ' +
            'approved decide whether you may be offered it at all.'
          : 'No model has chosen it: rules that people have approved have.'}{' '}
        The words are ours, and were approved before.
      </p>
      <p>
        You have agreed to offers within the app.{' '}
        <Link to={'/bank/consents' as never}>Change that</Link>
      </p>
      <p className="dimmed">
        Ask us about <span className="mono">{code}</span>.
      </p>
    </WhyThis>
  );
}

function Ended({ of }: { readonly of: Offer }) {
  const isYes = of.status === 'accepted' || of.status === 'booked';
  const Icon = isYes ? CircleCheck : CircleSlash;
  return (
    <Note tone="plain" icon={<Icon size={20} aria-hidden />}>
      {offerWords(of)}
      {of.reason === 'consent_withdrawn' && of.status === 'withdrawn' && (
        <>
          {' '}
          <Link to={'/bank/consents' as never}>Your consents</Link>
        </>
      )}
    </Note>
  );
}
