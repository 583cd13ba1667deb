// What the API tells of models, by the names that the screens use.
import type { Answer } from '../../api/client.ts';
import type { Api } from '../../api/openapi.ts';

export type Model = Answer<'GET /v1/models/{name}'>;
export type Version = Answer<'GET /v1/models/{name}/versions/{version}'>;
export type Listed = Answer<'GET /v1/models/{name}/versions'>['items'][number];
export type ModelAct = Answer<'GET /v1/models/{name}/acts'>['items'][number];
export type Report = Answer<'GET /v1/models/{name}/monitoring'>;
export type Performance = Report['settled'];
export type Control = Answer<'GET /v1/controls'>['items'][number];
export type Tested = Answer<'GET /v1/controls/runs'>['items'][number];
export type Alert = Answer<'GET /v1/alerts'>['items'][number];
/** As it was registered: what is read is what was written. */
export type Card = Api['POST /v1/models']['body']['card'];
export type CardInput = Card['inputs'][number];
export type Histogram = Card['reference']['score'];

/** What was found out about a version before it came on record. */
export type Validation = {
  readonly samples: number;
  readonly latency_us: { readonly p50: number; readonly p99: number };
  readonly score: { readonly low: number; readonly median: number; readonly high: number };
  readonly checks: readonly {
    readonly check: string;
    readonly passed: boolean;
    readonly found: string;
  }[];
};

// The API describes both as objects whose members are those of the card's own format.
export function cardOf(version: Version): Card {
  return version.card as unknown as Card;
}
export function validationOf(version: Version): Validation {
  return version.report as unknown as Validation;
}

export type Role = 'production' | 'canary' | 'shadow' | 'previous';
export const roles: readonly Role[] = ['production', 'canary', 'shadow', 'previous'];

/** What a version of a model does now. */
export function rolesOf(model: Model, version: number): readonly Role[] {
  return roles.filter((role) => model[role]?.version === version);
}

/** What reads a model again when something was done with one. */
export const modelReads = [
  'GET /v1/models',
  'GET /v1/models/{name}',
  'GET /v1/models/{name}/acts',
  'GET /v1/models/{name}/versions',
  'GET /v1/models/{name}/versions/{version}',
] as const;
