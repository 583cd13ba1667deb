// Doubts: what could not be said of some facts, and which of that people have answered for.
import type { Bundle } from './bundle.ts';

/** Why something cannot be said: the fact that is missing, or what went wrong. */
export type Doubt = {
  readonly kind: 'fact_missing' | 'fact_invalid' | 'engine_error';
  readonly detail: string;
};

/** A doubt, and which rule, node or limit could not be judged for it. */
export type Doubted = { readonly at: string; readonly detail: string; readonly kind: string };

/** The reasons that the engine itself gives, in the order in which they are told. */
export const engineReasons = {
  fact_missing: 'A fact that the policy needs was not there.',
  fact_invalid: 'A fact was not of its declared type.',
  engine_error: 'The policy could not be evaluated on these facts.',
  no_rule_held: 'No rule of the policy says anything about this.',
  doubts_settled: 'People have looked at what the policy could not judge, and answered for it.',
} as const;

/** That no rule speaks is nothing that a rule could doubt: it is told of the bundle itself. */
export function noRuleHeld({ name }: Pick<Bundle, 'name'>): Doubted {
  return { at: name, detail: name, kind: 'no_rule_held' };
}

/** What whoever was shown a verdict was shown as doubtful. */
export function doubtsIn({
  point,
  reasons,
  trace,
}: {
  readonly point: string;
  readonly reasons: readonly string[];
  readonly trace: { readonly doubts: readonly Doubted[] };
}): readonly Doubted[] {
  const isUnruled = reasons.includes(noRuleHeld({ name: point }).kind);
  return isUnruled ? [...trace.doubts, noRuleHeld({ name: point })] : trace.doubts;
}

/** Finds a doubt again among those that people have answered for. */
export function settling(settled: readonly Doubted[]): (doubted: Doubted) => boolean {
  if (settled.length === 0) return () => false;
  const texts = new Set(settled.map(textOf));
  return (doubted) => texts.has(textOf(doubted));
}

function textOf({ at, kind, detail }: Doubted): string {
  return JSON.stringify([at, kind, detail]);
}
