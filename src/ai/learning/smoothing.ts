// Propensities of what was hardly tried: what somebody expected weighs less with each answer.

/** What somebody expects of something new, and how many answers that is worth. */
export type Expectation = { readonly propensity: number; readonly evidence: number };

/** What a model says, and on how many answers that rests. */
export type Heard = { readonly propensity: number; readonly evidence: number };

/**
 * The mean of what was expected and what a model says, weighted by their evidence. The one more in
 * the denominator keeps a newcomer a little below what is expected of it: without any answer 50
 * times 0.30 is 0.2941.
 */
export function smoothPropensity(expected: Expectation, heard: Heard): number {
  const evidence = expected.evidence + heard.evidence + 1;
  const sum = expected.evidence * expected.propensity + heard.evidence * heard.propensity;
  return sum / evidence;
}
