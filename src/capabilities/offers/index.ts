// The door: what customers are offered next: eligible, ranked, agreed to, measured.
import type { Projection } from '#core';
import type { PolicyOperations } from '#policy';
import type Type from 'typebox';

export const offerOperations: PolicyOperations = {};
export const offerPayloads: Readonly<Record<string, Type.TSchema>> = {};
export const offerProjections: readonly Projection[] = [];

export { runOffers } from './run.ts';
