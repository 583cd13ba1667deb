// What the check of a document tells besides its flaws: what the document would do, and what its
// conditions may look at.
import type { Checked } from './document-desk.tsx';
import { Folded } from './explorer.tsx';

type Found = {
  readonly flaws: Checked['flaws'];
  readonly remarks: readonly string[];
  /** By name, in words. */
  readonly facts?: Readonly<Record<string, string>>;
};

export function checkedOf({ flaws, remarks, facts }: Found): Checked {
  const notes = remarks.length > 0 && (
    <ul className="flaws" aria-label="What it would do">
      {remarks.map((each) => (
        <li key={each}>{each}</li>
      ))}
    </ul>
  );
  return { flaws, notes, help: facts && <FactList of={facts} /> };
}

function FactList({ of }: { readonly of: Readonly<Record<string, string>> }) {
  return (
    <Folded title="What conditions may look at">
      <dl className="facts">
        {Object.entries(of).flatMap(([name, words]) => [
          <dt key={`${name} name`} className="mono">
            {name}
          </dt>,
          <dd key={`${name} words`}>{words}</dd>,
        ])}
      </dl>
    </Folded>
  );
}
