// Text from outside, as text; the ids in it lead to what they name.
import { Id } from './id.tsx';

/** With its brackets, where it stands in some: they stay on its line. */
const ids = /(\[?[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}\]?)/;

export function Linked({ text }: { readonly text: string }) {
  return (
    <span className="text">
      {/* Of a split by a group every second part is what was found. */}
      {text.split(ids).map((part, at) =>
        at % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text keep their places
          <span key={at} style={{ whiteSpace: 'nowrap' }}>
            {part.startsWith('[') && '['}
            <Id id={part.replaceAll(/[[\]]/g, '')} />
            {part.endsWith(']') && ']'}
          </span>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text keep their places
          <span key={at}>{part}</span>
        ),
      )}
    </span>
  );
}
