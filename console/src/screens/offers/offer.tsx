// One offer on a page of its own.
import { useParams } from '@tanstack/react-router';
import { shortId } from '../../parts/id.tsx';
import { Screen } from '../../parts/screen.tsx';
import { OfferView } from './offer-view.tsx';
import './offers.css';

export function OfferPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  return (
    <Screen title="Offer" about={<span className="mono">{shortId(id)}</span>}>
      <OfferView key={id} id={id} isPage />
    </Screen>
  );
}
