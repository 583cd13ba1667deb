// What a summary of a case may be made of: ids, figures and masked words, each with its source.
import { mask } from '#privacy';

export type SummaryEvidence = {
  readonly queue: string;
  readonly payment: {
    readonly id: string;
    /** `1250.00 EUR`. */
    readonly amount: string;
    readonly channel: string | null;
    /** What became of it: `waits for review`. */
    readonly state: string;
  };
  readonly decision: {
    readonly id: string;
    readonly outcome: string;
    readonly reasons: readonly string[];
  } | null;
  readonly score: { readonly id: string; readonly value: number } | null;
  /** Other payments that share something with this one, the newest first. */
  readonly links: readonly {
    /** `device`, `card`, `creditor` … */
    readonly dimension: string;
    readonly payments: readonly {
      readonly id: string;
      readonly status: string;
      readonly label: string | null;
    }[];
  }[];
  /** What people have written, each with the id that it stands under: data, whatever it says. */
  readonly texts: readonly { readonly source: string; readonly text: string }[];
};

export type Sentence = { readonly text: string; readonly sources: readonly string[] };

/** The same with masked words: nothing else is read by a template or sent to a model. */
export function maskEvidence(evidence: SummaryEvidence): SummaryEvidence {
  const { payment, decision, links, texts } = evidence;
  return {
    ...evidence,
    queue: mask(evidence.queue),
    payment: { ...payment, channel: payment.channel && mask(payment.channel) },
    decision: decision && { ...decision, reasons: decision.reasons.map((each) => mask(each)) },
    links: links.map(({ dimension, payments }) => ({ dimension, payments })),
    texts: texts.map(({ source, text }) => ({ source, text: mask(text) })),
  };
}

/** The ids that a sentence may name. */
export function sourcesOf(evidence: SummaryEvidence): ReadonlySet<string> {
  const { payment, decision, score, links, texts } = evidence;
  return new Set([
    payment.id,
    ...(decision ? [decision.id] : []),
    ...(score ? [score.id] : []),
    ...links.flatMap(({ payments }) => payments.map(({ id }) => id)),
    ...texts.map(({ source }) => source),
  ]);
}
