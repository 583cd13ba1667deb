// What a summary may say beyond naming its sources: known figures alone, and no advice.
import type { Statement } from '../prompts/grounding.ts';
import type { SummaryEvidence } from './evidence.ts';

/** Why a summary is not taken, besides what is wrong with an answer of any prompt. */
export type SummaryFlaw = 'unknown_figure' | 'gives_advice';

/** A summary tells; it neither advises nor commands, and leads nowhere. */
const advising = [
  ...['approv\\w*', 'reject\\w*', 'releas\\w*', 'escalat\\w*', 'assign\\w*', 'recommend\\w*'],
  ...['advis\\w*', 'instruct\\w*', 'should', 'must', 'please', 'ignore', 'disregard'],
  ...['genuine', 'legitimate', 'safe', 'trust\\w*', 'click', 'visit'],
];
const advice = new RegExp(`\\b(?:${advising.join('|')})\\b|https?:|www\\.`, 'i');
const idPattern = /\b[a-z]{3}_[0-9a-z_]{8,}\b/g;
const figurePattern = /\p{N}+(?:[.,]\p{N}+)*/gu;

export function summaryFlaw(
  statements: readonly Statement[],
  evidence: SummaryEvidence,
): SummaryFlaw | undefined {
  const figures = figuresIn(evidence);
  for (const { text } of statements) {
    const digits = text.replace(idPattern, ' ').match(figurePattern) ?? [];
    if (digits.some((figure) => !figures.has(figure))) return 'unknown_figure';
    if (advice.test(allowReasons(text, evidence))) return 'gives_advice';
  }
  return undefined;
}

/** Every figure that the evidence has, as it is written there, and the counts over its links. */
function figuresIn(evidence: SummaryEvidence): ReadonlySet<string> {
  const { payment, decision, score, links } = evidence;
  const written = [payment.amount, ...(decision?.reasons ?? [])];
  const counts = links.flatMap(({ payments }) => [
    payments.length,
    payments.filter(({ status }) => status === 'denied').length,
    payments.filter(({ label }) => label === 'fraud').length,
  ]);
  return new Set([
    ...written.flatMap((text) => text.match(figurePattern) ?? []),
    ...counts.map(String),
    ...(score ? [score.value.toFixed(2), String(score.value)] : []),
    '90',
  ]);
}

/** A reason of policy may be called what it is called. */
function allowReasons(words: string, { decision }: SummaryEvidence): string {
  let rest = words;
  for (const reason of decision?.reasons ?? []) rest = rest.replaceAll(reason, ' ');
  return rest;
}
