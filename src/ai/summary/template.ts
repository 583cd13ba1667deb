// The summary that needs no model: one sentence for each thing that is known, with its sources.
import type { Statement } from '../prompts/grounding.ts';
import type { SummaryEvidence } from './evidence.ts';

export const templateVersion = 'case-template/1';

/** Of the payments behind a sentence, those that it names. */
const namedMax = 3;

export function statementsOf(evidence: SummaryEvidence): readonly Statement[] {
  const { payment, decision, score, links, queue, texts } = evidence;
  const channel = payment.channel === null ? '' : ` by ${payment.channel}`;
  const statements = [
    state(`A payment of ${payment.amount}${channel} ${payment.state}, in the queue ${queue}.`, [
      payment.id,
    ]),
  ];
  if (decision !== null) {
    const why = decision.reasons.length === 0 ? 'no reason' : decision.reasons.join(', ');
    statements.push(state(`Policy decided ${decision.outcome}: ${why}.`, [decision.id]));
  }
  if (score !== null) {
    statements.push(state(`The model scored the payment ${score.value.toFixed(2)}.`, [score.id]));
  }
  for (const { dimension, payments } of links) {
    if (payments.length === 0) continue;
    const count = (is: (each: (typeof payments)[number]) => boolean) => payments.filter(is).length;
    const denied = count(({ status }) => status === 'denied');
    const frauds = count(({ label }) => label === 'fraud');
    const others = payments.length === 1 ? 'payment has' : 'payments have';
    statements.push(
      state(
        `${payments.length} other ${others} the same ${dimension} within 90 days: ` +
          `${denied} denied, ${frauds} labelled fraud.`,
        payments.slice(0, namedMax).map(({ id }) => id),
      ),
    );
  }
  if (texts.length > 0) {
    const sources = texts.slice(0, namedMax).map(({ source }) => source);
    const come = texts.length === 1 ? 'text comes' : 'texts come';
    statements.push(state(`${texts.length} ${come} with it, for people to read.`, sources));
  }
  return statements;
}

function state(text: string, sources: readonly string[]): Statement {
  return { text, sources: [...new Set(sources)] };
}
