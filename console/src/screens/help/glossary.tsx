// The glossary: one word, one meaning; searched as it is typed.
import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useRef } from 'react';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import type { Answer } from '../../api/client.ts';
import { useKeys } from '../../parts/keys.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';

type Term = Answer<'GET /v1/glossary'>['items'][number];

const typingMs = 120;

export function GlossaryView() {
  const [url, setUrl] = useUrl();
  const { data, error, refetch } = useApi('GET /v1/glossary', {});
  const input = useRef<HTMLInputElement>(null);
  const set = useDebouncedCallback((q: string) => setUrl({ q, tab: 'words' }), typingMs);
  useKeys([{ key: 'f', words: 'Find a word', act: () => input.current?.select() }]);
  const wanted = (url['q'] ?? '').trim().toLowerCase();
  const shown = (data?.items ?? []).filter((term) => textOf(term).includes(wanted));
  // What is called so stands before what only speaks of it.
  const ranked = wanted === '' ? shown : shown.toSorted((one, other) => rank(one) - rank(other));
  function rank({ words }: Term): number {
    return words.some((word) => word.toLowerCase().startsWith(wanted)) ? 0 : 1;
  }
  const sections = [...new Set(ranked.map(({ section }) => section))];
  return (
    <div className="help-words">
      <TextInput
        ref={input}
        aria-label="Find a word"
        placeholder="Find a word (f)"
        leftSection={<Search size={13} aria-hidden />}
        defaultValue={url['q'] ?? ''}
        onChange={(event) => set(event.currentTarget.value)}
        onKeyDown={({ key, currentTarget }) => key === 'Escape' && currentTarget.blur()}
        autoFocus
      />
      {error && <ProblemNote error={error} retry={refetch} />}
      {!data && !error && <Loading />}
      {data && shown.length === 0 && (
        <Empty title="No word is so">Look for a part of it, or for what it means.</Empty>
      )}
      {sections.map((section) => (
        <section key={section}>
          <h2>{section}</h2>
          <dl>
            {ranked
              .filter((term) => term.section === section)
              .map((term) => (
                <Meaning key={`${term.words.join()} ${term.of}`} term={term} />
              ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function textOf({ words, of, meaning }: Term): string {
  return `${words.join(' ')} ${of ?? ''} ${meaning}`.toLowerCase();
}

function Meaning({ term: { words, of, meaning } }: { readonly term: Term }) {
  return (
    <div className="help-word">
      <dt>
        {words.join(', ')}
        {of !== null && <span className="dimmed"> {of}</span>}
      </dt>
      <dd>
        <Inline text={meaning} />
      </dd>
    </div>
  );
}

/** The marks of the page that it comes from: code, strong words, and links as their words. */
const marks = /(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*|\[[^\]]+\]\([^)]+\))/;

function Inline({ text }: { readonly text: string }) {
  let place = 0;
  const parts = text.split(marks).filter((part) => part !== '');
  return parts.map((part) => {
    const key = place;
    place += part.length;
    if (part.startsWith('`')) return <code key={key}>{part.slice(1, -1)}</code>;
    if (part.startsWith('**')) return <strong key={key}>{part.slice(2, -2)}</strong>;
    if (/^\*[^*]+\*$/.test(part)) return <em key={key}>{part.slice(1, -1)}</em>;
    const link = /^\[([^\]]+)\]\(/.exec(part)?.[1];
    return <span key={key}>{link ?? part}</span>;
  });
}
