// The door: what customers earn by what they do: points, tiers, rewards, and what they cost.
import type { Projection } from '#core';
import type { PolicyOperations } from '#policy';
import type Type from 'typebox';

export const loyaltyOperations: PolicyOperations = {};
export const loyaltyPayloads: Readonly<Record<string, Type.TSchema>> = {};
export const loyaltyProjections: readonly Projection[] = [];

export { runLoyalty } from './run.ts';
