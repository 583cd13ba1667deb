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

export function Sentence({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
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

/** `because …`, with the rule and what its author noted. */
export function Because({ of }: { readonly of: Explanation }) {
  const decisive = of.rules.filter((rule) => rule.decisive && rule.held === 'yes');
  const [first, ...more] = decisive;
  const text = of.reasons.map((reason) => reason.text).join(' ');
  if (!first) return <>{text === '' ? 'by no rule of its own.' : `because: ${text}`}</>;
  return (
    <>
      because: {text} <RuleName rule={first} />
      {more.length > 0 && (
        <>
          {' '}
          So {more.length === 1 ? 'does' : 'do'}{' '}
          {more.map(({ rule }, at) => (
            <span key={rule}>
              {at > 0 && ', '}
              <span className="mono">{rule}</span>
            </span>
          ))}
          .
        </>
      )}
    </>
  );
}

function RuleName({ rule: { rule, note } }: { readonly rule: Rule }) {
  return (
    <span className="dimmed">
      Rule <span className="mono">{rule}</span> says so{note === null ? '.' : <>: {note}</>}
    </span>
  );
}
