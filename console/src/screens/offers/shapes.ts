// Shapes of the offers API that several screens speak of.
import type { Answer } from '../../api/client.ts';

export type Listed = Answer<'GET /v1/offers'>['items'][number];
export type Offer = Answer<'GET /v1/offers/{id}'>;
export type ActionListed = Answer<'GET /v1/offers/actions'>['items'][number];
export type ActionRead = Answer<'GET /v1/offers/actions/{code}'>;
export type Action = ActionRead['action'];
export type ContactPolicy = Answer<'GET /v1/offers/policy'>['contact_policy'];

/** As a look at a customer records them: their text is sent as it was stored. */
export type Terms = {
  readonly p_ppm: number;
  readonly p_source: string;
  readonly c_percent: number;
  readonly v: number;
  readonly l_percent: number;
  readonly used: readonly string[];
  readonly priority: string;
};
export type Candidate = {
  readonly action: string;
  readonly version: number;
  readonly class: string;
  readonly rank: number | null;
  readonly arm: string;
  readonly terms: Terms | null;
  readonly reasons: readonly string[];
  readonly refused: readonly {
    readonly stage: string;
    readonly rule: string;
    readonly says: string;
  }[];
};

export type Dashboard = Answer<'GET /v1/offers/dashboard'>;
export type Experiment = Dashboard['experiments'][number];
export type ExperimentRead = Answer<'GET /v1/offers/experiments/{action}'>;
export type Settings = Answer<'GET /v1/offers/experiments'>['settings'];
export type Breaker = Dashboard['breakers'][number];
export type Batch = Answer<'GET /v1/offers/batches'>['items'][number];
