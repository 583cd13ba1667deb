// Grounding: what a model has written is taken only where each sentence can be traced to evidence.
import { detect } from '#privacy';
import { type Sentence, type SummaryEvidence, sourcesOf } from './evidence.ts';

const charsMax = 1_600;
const sentencesMax = 10;

/** Why a text is not taken; one word each, kept with the summary that stands in for it. */
export const flaws = [
  'empty',
  'too_long',
  'odd_signs',
  'personal_value',
  'no_source',
  'unknown_source',
  'unknown_figure',
  'gives_advice',
] as const;
export type Flaw = (typeof flaws)[number];

/** A summary tells; it neither advises nor commands, and leads nowhere. */
const advising = [
  ...['approv\\w*', 'reject\\w*', 'releas\\w*', 'escalat\\w*', 'assign\\w*', 'recommend\\w*'],
  ...['advis\\w*', 'instruct\\w*', 'should', 'must', 'please', 'ignore', 'disregard'],
  ...['genuine', 'legitimate', 'safe', 'trust\\w*', 'click', 'visit'],
];
const advice = new RegExp(`\\b(?:${advising.join('|')})\\b|https?:|www\\.`, 'i');
/** Marks of markup, and signs that nobody sees: a line break alone is none. */
const oddSigns = /[<>`]|[^\P{C}\n]/u;
const idPattern = /\b[a-z]{3}_[0-9a-z_]{8,}\b/g;
const citation = /\[([^[\]]{1,60})\]/g;

/** One sentence a line, as the prompt demands. */
export function readSentences(text: string, evidence: SummaryEvidence): readonly Sentence[] | Flaw {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) return 'empty';
  if (text.length > charsMax || lines.length > sentencesMax) return 'too_long';
  if (oddSigns.test(text)) return 'odd_signs';
  if (detect(text).length > 0) return 'personal_value';
  const known = sourcesOf(evidence);
  const figures = figuresIn(evidence);
  const sentences: Sentence[] = [];
  for (const line of lines) {
    const sources = [...line.matchAll(citation)].map(([, id = '']) => id);
    const words = line.replace(citation, ' ');
    const named = [...sources, ...(words.match(idPattern) ?? [])];
    if (sources.length === 0) return 'no_source';
    if (named.some((id) => !known.has(id))) return 'unknown_source';
    const digits = words.replace(idPattern, ' ').match(/\p{N}+(?:[.,]\p{N}+)*/gu) ?? [];
    if (digits.some((figure) => !figures.has(figure))) return 'unknown_figure';
    if (advice.test(allowReasons(words, evidence))) return 'gives_advice';
    sentences.push({ text: line, sources: [...new Set(sources)] });
  }
  return sentences;
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
    ...written.flatMap((text) => text.match(/\p{N}+(?:[.,]\p{N}+)*/gu) ?? []),
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
