// The life of an offer: presented, viewed, accepted, declined, expired or withdrawn, booked.
// What comes twice, late or out of order changes nothing more, and is told precisely.
import type { OfferStatus } from './exposure.ts';

export const offerActs = [
  'view',
  'accept',
  'decline',
  'expire',
  'withdraw',
  'book',
  'advise',
] as const;
export type OfferAct = (typeof offerActs)[number];

export const offerStatuses = [
  'presented',
  'viewed',
  'accepted',
  'declined',
  'expired',
  'withdrawn',
  'booked',
] as const satisfies readonly OfferStatus[];

export type Step =
  /** The offer is another since. */
  | { readonly kind: 'changes'; readonly to: OfferStatus }
  /** It is noted, and the offer stays as it is: it came late, or a second time. */
  | { readonly kind: 'noted' }
  /** Who has asked is told what became of it. */
  | { readonly kind: 'refused'; readonly because: OfferStatus };

export type Standing = {
  readonly status: OfferStatus;
  /** Whether its time is over, be that noted or not. */
  readonly isOver: boolean;
};

const changes = (to: OfferStatus): Step => ({ kind: 'changes', to });
const noted: Step = { kind: 'noted' };

export function stepOf({ status, isOver }: Standing, act: OfferAct): Step {
  const isOpen = status === 'presented' || status === 'viewed';
  const refused: Step = { kind: 'refused', because: isOpen ? 'expired' : status };
  switch (act) {
    case 'view':
      // Events of a screen come when they come: also behind the answer.
      return status === 'presented' && !isOver ? changes('viewed') : noted;
    case 'accept':
      if (status === 'accepted' || status === 'booked') return noted;
      return isOpen && !isOver ? changes('accepted') : refused;
    case 'decline':
      if (status === 'declined') return noted;
      // Whoever says no to what has expired or was withdrawn has said no: it is kept from him.
      if (status === 'expired' || status === 'withdrawn') return changes('declined');
      return isOpen ? changes('declined') : refused;
    case 'expire':
      return isOpen && isOver ? changes('expired') : noted;
    case 'withdraw':
      return isOpen ? changes('withdrawn') : noted;
    case 'book':
      // The product is there, whatever the customer has said before, or nobody has heard yet.
      return status === 'booked' ? noted : changes('booked');
    case 'advise':
      return noted;
  }
}

export const declineReasons = [
  'not_interested',
  'have_it_elsewhere',
  'too_expensive',
  'not_now',
  'do_not_understand',
  'other',
] as const;

export const withdrawReasons = [
  'consent_withdrawn',
  'action_stopped',
  'no_longer_eligible',
  'mistake',
] as const;
