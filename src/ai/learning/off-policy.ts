// Off-policy evaluation: what another policy would have brought, from what was shown with known
// probability. Nothing is shown to anybody for it.

/** What was shown, how likely that was when it was chosen, and what came of it. */
export type Shown = {
  readonly propensity: number;
  /** How likely the other policy would have chosen the same: 0 or 1 of one that draws nothing. */
  readonly wanted: number;
  readonly reward: number;
};

export type Estimate = { readonly value: number; readonly error: number };

export type OffPolicy = {
  readonly n: number;
  /** Inverse propensity scoring: right on average, and wide. */
  readonly ips: Estimate;
  /** Its weights add up to one: a little biased, and much narrower. Null where none fits. */
  readonly snips: Estimate | null;
  /** How many equal trials the weights are worth. */
  readonly effective_n: number;
  /** How many weights were cut. */
  readonly clipped: number;
};

/** A weight above it is cut: one lucky case may not decide alone. */
export const weightMaxDefault = 50;

/** Null of nothing. A propensity lies above 0 and not above 1: whoever logs it sees to that. */
export function evaluateOffPolicy(
  shown: readonly Shown[],
  weightMax = weightMaxDefault,
): OffPolicy | null {
  const n = shown.length;
  if (n === 0) return null;
  const raw = shown.map(({ propensity, wanted }) => wanted / propensity);
  const weights = raw.map((weight) => Math.min(weight, weightMax));
  const sum = (of: (weight: number, reward: number) => number) =>
    weights.reduce((total, weight, index) => total + of(weight, shown[index]?.reward ?? 0), 0);
  const all = sum((weight) => weight);
  const squares = sum((weight) => weight * weight);
  const ips = sum((weight, reward) => weight * reward) / n;
  const spread = sum((weight, reward) => (weight * reward - ips) ** 2);
  const snips = all === 0 ? 0 : (ips * n) / all;
  const snipsError = Math.sqrt(sum((weight, reward) => (weight * (reward - snips)) ** 2)) / all;
  return {
    n,
    ips: { value: ips, error: n > 1 ? Math.sqrt(spread / (n * (n - 1))) : 0 },
    snips: all === 0 ? null : { value: snips, error: snipsError },
    effective_n: squares === 0 ? 0 : all ** 2 / squares,
    clipped: raw.filter((weight) => weight > weightMax).length,
  };
}
