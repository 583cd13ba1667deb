// Names with the words marked that matched, and which word was taken for which.
import { useState } from 'react';
import { shareText } from '../../parts/figures.ts';
import { type Hit, type Pair, scoreMax } from './words.ts';

type Entry = Hit['entry'];
/** Other names that stand there before somebody asks for more. */
const namesShown = 4;

/** The name that matched first, then the others under which the list knows them. */
export function Names({
  entry,
  matched,
  pairs,
}: {
  readonly entry: Entry;
  readonly matched: string | undefined;
  readonly pairs: readonly Pair[];
}) {
  const [isWhole, setWhole] = useState(false);
  const found = entry.names.find(({ text }) => text === matched) ?? entry.names[0];
  const others = entry.names.filter((each) => each !== found);
  const hidden = isWhole ? 0 : Math.max(0, others.length - namesShown);
  return (
    <>
      {found && <ListedName name={found.text} pairs={pairs} />}
      {found && found.kind !== 'primary' && <span className="dimmed hit-kind"> {found.kind}</span>}
      {others.length > 0 && (
        <ul className="hit-others">
          {others.slice(0, others.length - hidden).map(({ text, kind }) => (
            <li key={text} className="text">
              {text} <span className="dimmed">{kind}</span>
            </li>
          ))}
          {hidden > 0 && (
            <li>
              <button type="button" className="segment" onClick={() => setWhole(true)}>
                {hidden} more names
              </button>
            </li>
          )}
        </ul>
      )}
    </>
  );
}

/**
 * The listed name as the list writes it. Words are marked that a pair names, alone or run together
 * with their neighbours; how they were compared the pairs tell.
 */
function ListedName({ name, pairs }: { readonly name: string; readonly pairs: readonly Pair[] }) {
  return (
    <span className="text">
      {/* Every second part of a split by a group is what stood between words. */}
      {name.split(/([^\p{L}\p{N}]+)/u).map((part, at) => {
        const isMarked = at % 2 === 0 && part !== '' && isNamed(part, pairs);
        // biome-ignore lint/suspicious/noArrayIndexKey: words of one name keep their places
        return isMarked ? <mark key={at}>{part}</mark> : <span key={at}>{part}</span>;
      })}
    </span>
  );
}

function isNamed(word: string, pairs: readonly Pair[]): boolean {
  const plain = word.toLowerCase();
  const isWhole = pairs.some(({ listed }) => listed === plain);
  // One letter is a part of nearly everything.
  return isWhole || (plain.length > 1 && pairs.some(({ listed }) => listed.includes(plain)));
}

export function Pairs({ pairs }: { readonly pairs: readonly Pair[] }) {
  if (pairs.length === 0) return <span className="dimmed">none was told</span>;
  return (
    <ul className="hit-pairs">
      {pairs
        .toSorted((a, b) => (a.tokens[0] ?? 0) - (b.tokens[0] ?? 0))
        .map(({ tokens, listed, similarity }) => (
          <li key={tokens.join()}>
            <span className="dimmed">{wordText(tokens)} like</span> <strong>{listed}</strong>{' '}
            <span className="dimmed">{shareText(similarity / scoreMax)}</span>
          </li>
        ))}
    </ul>
  );
}

/** The words themselves are not on record, only their places. */
function wordText(tokens: readonly number[]): string {
  const places = tokens.map((place) => place + 1);
  return places.length === 1 ? `word ${places[0]}` : `words ${places.join(' and ')} together`;
}
