// A few views of one list, of which one is shown: which one is in the address.
import { useUrl } from '../app/url.ts';
import './split.css';

export type Segment = {
  /** In the address; the first one is not told there. */
  readonly value: string;
  readonly words: string;
};

export function Segments({
  name,
  label,
  of,
}: {
  readonly name: string;
  readonly label: string;
  readonly of: readonly Segment[];
}) {
  const [url, setUrl] = useUrl();
  const first = of[0]?.value ?? '';
  const shown = url[name] ?? first;
  return (
    <div className="segments" role="group" aria-label={label}>
      {of.map(({ value, words }) => (
        <button
          key={value}
          type="button"
          className="segment"
          aria-pressed={value === shown}
          onClick={() => setUrl({ [name]: value === first ? undefined : value, id: undefined })}
        >
          {words}
        </button>
      ))}
    </div>
  );
}
