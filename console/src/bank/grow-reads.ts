// What the bank app reads of points and offers, and what changes by redeeming and answering.
import type { Answer, Operation } from '../api/client.ts';
import { useApi } from '../api/queries.ts';

export const rewardsOf = 'GET /v1/customer/rewards';
export const catalogueOf = 'GET /v1/customer/rewards/catalogue';
export const redemptionsOf = 'GET /v1/customer/rewards/redemptions';
export const claimsOf = 'GET /v1/customer/rewards/claims';
export const offersOf = 'GET /v1/customer/offers';

export type Membership = Answer<typeof rewardsOf>['items'][number];
export type Reward = Answer<typeof catalogueOf>['items'][number];
export type Redemption = Answer<typeof redemptionsOf>['items'][number];
export type Claim = Answer<typeof claimsOf>['items'][number];
export type Offer = Answer<typeof offersOf>['items'][number];

/** Points follow a payment within seconds: whoever looks sees them come. */
const pointsMs = 5_000;
const offersMs = 5_000;
const offersShown = 50;

export const movedByRedeeming: readonly Operation[] = [
  rewardsOf,
  catalogueOf,
  redemptionsOf,
  'GET /v1/customer',
];

export function useRewards() {
  return useApi(rewardsOf, {}, { refetchMs: pointsMs });
}

/** What is withdrawn while it is on the screen is seen to be so. */
export function useOffers() {
  return useApi(offersOf, { query: { limit: offersShown } }, { refetchMs: offersMs });
}
