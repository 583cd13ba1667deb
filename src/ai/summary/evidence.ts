// What a summary of a case may be made of: ids, figures and words, each with its source.

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

/** As the prompt takes it: what is not named here stays at home. */
export function factsOf({ queue, payment, decision, score, links, texts }: SummaryEvidence) {
  return {
    queue,
    payment: {
      ...{ id: payment.id, amount: payment.amount },
      ...{ channel: payment.channel, state: payment.state },
    },
    decision: decision && {
      ...{ id: decision.id, outcome: decision.outcome, reasons: decision.reasons },
    },
    score: score && { id: score.id, value: score.value },
    links: links.map(({ dimension, payments }) => ({
      dimension,
      payments: payments.map(({ id, status, label }) => ({ id, status, label })),
    })),
    texts: texts.map(({ source, text }) => ({ source, text })),
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
