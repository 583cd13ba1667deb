// The summary that needs no model: one sentence for each thing that is known, with its sources.
import type { Sentence, SummaryEvidence } from './evidence.ts';

export const templateVersion = 'case-template/1';

/** Of the payments behind a sentence, those that it names. */
const namedMax = 3;

export function sentencesOf(evidence: SummaryEvidence): readonly Sentence[] {
  const { payment, decision, score, links, queue, texts } = evidence;
  const channel = payment.channel === null ? '' : ` by ${payment.channel}`;
  const sentences = [
    cite(`A payment of ${payment.amount}${channel} ${payment.state}, in the queue ${queue}.`, [
      payment.id,
    ]),
  ];
  if (decision !== null) {
    const why = decision.reasons.length === 0 ? 'no reason' : decision.reasons.join(', ');
    sentences.push(cite(`Policy decided ${decision.outcome}: ${why}.`, [decision.id]));
  }
  if (score !== null) {
    sentences.push(cite(`The model scored the payment ${score.value.toFixed(2)}.`, [score.id]));
  }
  for (const { dimension, payments } of links) {
    if (payments.length === 0) continue;
    const count = (is: (each: (typeof payments)[number]) => boolean) => payments.filter(is).length;
    const denied = count(({ status }) => status === 'denied');
    const frauds = count(({ label }) => label === 'fraud');
    const others = payments.length === 1 ? 'payment has' : 'payments have';
    sentences.push(
      cite(
        `${payments.length} other ${others} the same ${dimension} within 90 days: ` +
          `${denied} denied, ${frauds} labelled fraud.`,
        payments.slice(0, namedMax).map(({ id }) => id),
      ),
    );
  }
  if (texts.length > 0) {
    const sources = texts.slice(0, namedMax).map(({ source }) => source);
    const come = texts.length === 1 ? 'text comes' : 'texts come';
    sentences.push(cite(`${texts.length} ${come} with it, for people to read.`, sources));
  }
  return sentences;
}

/** The sources stand behind the sentence as well: whoever copies the words copies them. */
export function cite(text: string, sources: readonly string[]): Sentence {
  const distinct = [...new Set(sources)];
  return { text: `${text} ${distinct.map((id) => `[${id}]`).join(' ')}`, sources: distinct };
}
