// The shipped rules, to be read: each by its reason, with its text one click away.
import { Text, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useMemo, useState } from 'react';
import { State } from '../../parts/state.tsx';

type Rule = {
  readonly id: string;
  readonly reason: string;
  readonly effect: 'permit' | 'forbid';
  readonly text: string;
};

export function ShippedRules({ text }: { readonly text: string }) {
  const rules = useMemo(() => rulesOf(text), [text]);
  const [query, setQuery] = useState('');
  const wanted = query.trim().toLowerCase();
  const shown = rules.filter((rule) => rule.text.toLowerCase().includes(wanted));
  return (
    <>
      <h2>Shipped rules</h2>
      <Text c="dimmed" mb={8}>
        What no rule permits is not allowed; one that forbids outweighs all that permit.
      </Text>
      <TextInput
        aria-label="Find a shipped rule"
        placeholder="Find by a role, a right or a word"
        leftSection={<Search size={13} aria-hidden />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        mb={6}
      />
      {shown.map((rule) => (
        <details key={rule.id} className="rule">
          <summary>
            <State
              word={rule.effect === 'permit' ? 'allow' : 'deny'}
              tone={rule.effect === 'permit' ? 'good' : 'still'}
            >
              {rule.effect === 'permit' ? 'permits' : 'forbids'}
            </State>
            <span>
              {rule.reason} <span className="mono dimmed">{rule.id}</span>
            </span>
          </summary>
          <pre className="mono text">{rule.text}</pre>
        </details>
      ))}
      {shown.length === 0 && <Text c="dimmed">No shipped rule has these words.</Text>}
    </>
  );
}

/** A rule begins with its id and ends with the semicolon at the end of a line. */
function rulesOf(text: string): readonly Rule[] {
  return text.split(/^(?=@id\()/m).flatMap((part): Rule[] => {
    const id = /^@id\("([^"]+)"\)/.exec(part)?.[1];
    if (id === undefined) return [];
    const reason = /@reason\("([^"]+)"\)/.exec(part)?.[1] ?? '';
    const effect = /^forbid\b/m.test(part) ? 'forbid' : 'permit';
    return [{ id, reason, effect, text: part.slice(0, part.lastIndexOf(';') + 1) }];
  });
}
