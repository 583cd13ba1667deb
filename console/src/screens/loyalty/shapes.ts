// Shapes of the loyalty API that several screens speak of.
import type { Answer } from '../../api/client.ts';

export type ProgramSeen = Answer<'GET /v1/loyalty/programs'>['items'][number];
export type ProgramRead = Answer<'GET /v1/loyalty/programs/{name}'>;
export type Program = ProgramRead['document'];
export type Version = Answer<'GET /v1/loyalty/programs/{name}/versions'>['items'][number];
export type Earning = Answer<'POST /v1/loyalty/programs/{name}/evaluate'>;
export type LiabilityRead = Answer<'GET /v1/loyalty/liability'>;
export type LiabilityRun = Answer<'GET /v1/loyalty/liability/runs'>['items'][number];
export type Campaign = Answer<'GET /v1/loyalty/campaigns'>['items'][number];
export type Claim = Answer<'GET /v1/loyalty/claims'>['items'][number];
export type Reward = Answer<'GET /v1/loyalty/catalogue'>['items'][number];
export type Redemption = Answer<'GET /v1/loyalty/redemptions'>['items'][number];
export type MemberListed = Answer<'GET /v1/loyalty/members'>['items'][number];
export type Member = Answer<'GET /v1/loyalty/members/{customer}'>;
export type Entry = Answer<'GET /v1/loyalty/members/{customer}/entries'>['items'][number];
export type Lot = Answer<'GET /v1/loyalty/members/{customer}/lots'>['items'][number];
export type Engaged = Answer<'GET /v1/customers/{id}/engagement'>;
