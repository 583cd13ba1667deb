// What came of it and why, in one sentence, before anything else: for whoever has to answer for it.
import type { ReactNode } from 'react';
import type { Tone } from '../../parts/state.tsx';
import type { Explanation, Rule } from './rules.tsx';

const beginnings: Readonly<Record<string, readonly [tone: Tone, words: string]>> = {
  allow: ['good', 'Allowed'],
  deny: ['bad', 'Denied'],
  review: ['look', 'For a person to decide'],
  hold: ['wait', 'Held until its payer confirms'],
};

export function Sentence({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ReactNode;
}) {
  return (
    <p className="sentence" data-tone={tone}>
      {children}
    </p>
  );
}

export function DecisionSentence({ of }: { readonly of: Explanation }) {
  const [tone, words] = beginnings[of.outcome] ?? ['still', of.outcome];
  return (
    <Sentence tone={tone}>
      <strong>{words}</strong> <Because of={of} />
    </Sentence>
  );
}

/** `because …`, with the rules that say so, and what the author of a single one has noted. */
export function Because({ of }: { readonly of: Explanation }) {
  const decisive = of.rules.filter((rule) => rule.decisive && rule.held === 'yes');
  const text = of.reasons.map((reason) => reason.text).join(' ');
  if (text === '' && decisive.length === 0) return <>by no rule of its own.</>;
  return (
    <>
      because: {text}{' '}
      {decisive.length > 0 && (
        <span className="dimmed">
          <RuleNames of={decisive} />
        </span>
      )}
    </>
  );
}

function RuleNames({ of }: { readonly of: readonly Rule[] }) {
  const [only] = of;
  return (
    <>
      {of.length === 1 ? 'Rule' : 'Rules'}{' '}
      {of.map(({ rule }, at) => (
        <span key={rule}>
          {at > 0 && (at === of.length - 1 ? ' and ' : ', ')}
          <span className="mono">{rule}</span>
        </span>
      ))}
      {of.length === 1 && only?.note ? `: ${only.note}` : '.'}
    </>
  );
}
