// What a model reads of a case: features, facts and inputs, as the numbers of its card.
import type { Instant, Uuid } from '#core';
import type { Facts } from '#policy';
import type { Entities, FeatureValues } from '../features/read.ts';
import type { ModelCard, ModelInput } from '../models/card.ts';

/** What callers send for the model alone: numbers, and categories that its card knows. */
export type ModelInputs = Readonly<Record<string, number | string | null>>;

export type Case = {
  readonly facts: Facts;
  readonly inputs: ModelInputs;
};

/** A case that is about to be decided. */
export type ScoreQuestion = Case & {
  readonly tenant: string;
  /** Of the rights by which the case is decided: one set of models for the whole of it. */
  readonly epoch: bigint | undefined;
  readonly commandId: Uuid;
  /** What is carried out if it is allowed, or that somebody only asks. */
  readonly operation: string;
  readonly point: string;
  readonly receivedAt: Instant;
  readonly accountId: string | null;
  /** Whose histories are read, and as of when: never later than the receipt. */
  readonly entities: Entities;
  readonly asOf: Instant;
  /** Minor units, of what is compared with those histories. */
  readonly amount: number | null;
  /** What a canary is drawn by, such as the account. */
  readonly key: string;
};

export type Reading = {
  /** By name, as the model's card orders them. */
  readonly values: Readonly<Record<string, number | null>>;
  readonly missing: number;
  /** How many lie outside of what the model has seen in training. */
  readonly outside: number;
  /** Whether something is missing that the model cannot do without. */
  readonly isRefused: boolean;
};

export function readInputs(
  card: ModelCard,
  { facts, inputs }: Case,
  features: FeatureValues,
): Reading {
  const values: Record<string, number | null> = {};
  let missing = 0;
  let outside = 0;
  let isRefused = false;
  for (const input of card.inputs) {
    const { name, range } = input;
    const value = numberOf(input, { facts, inputs, features });
    values[name] = value;
    if (value === null) {
      missing += 1;
      isRefused ||= input.missing === 'refuse';
    } else if (range && (value < range[0] || value > range[1])) outside += 1;
  }
  return { values, missing, outside, isRefused };
}

type Sources = Case & { readonly features: FeatureValues };

function numberOf(input: ModelInput, { facts, inputs, features }: Sources): number | null {
  const { name, from, codes } = input;
  const given = from === 'feature' ? features[name] : from === 'fact' ? facts[name] : inputs[name];
  // Text never goes further than to its code.
  if (codes) {
    const isListed = typeof given === 'string' && Object.hasOwn(codes, given);
    return isListed ? (codes[given] ?? null) : null;
  }
  if (typeof given === 'boolean') return given ? 1 : 0;
  // The model's numbers are float32: what is beyond them is no number to it.
  return typeof given === 'number' && Number.isFinite(Math.fround(given)) ? given : null;
}

/** Whether everything holds that the card wants to be true before anything is read. */
export function mayRead({ decides }: ModelCard, { facts }: Pick<Case, 'facts'>): boolean {
  return decides.needs?.every((fact) => facts[fact] === true) ?? true;
}

/** The model's tensor: one row, with what the card puts in the place of what is missing. */
export function vectorOf(card: ModelCard, { values }: Pick<Reading, 'values'>): Float32Array {
  return Float32Array.from(card.inputs, ({ name, missing }) => {
    return values[name] ?? (typeof missing === 'number' ? missing : Number.NaN);
  });
}

/** Plain points for what a simple rule can see, 0 to 1; what is missing adds nothing. */
export function ruleScore(
  rule: NonNullable<ModelCard['fallback']['rule']>,
  { values }: Pick<Reading, 'values'>,
): number {
  const points = rule.terms.reduce((sum, { input, at_least: least, add }) => {
    const value = values[input];
    return value !== null && value !== undefined && value >= least ? sum + add : sum;
  }, rule.base);
  return Math.min(1, Math.max(0, points));
}
