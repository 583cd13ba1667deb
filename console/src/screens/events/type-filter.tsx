// Which types of events are listed: by family, the first word of a type. What is chosen is in the
// address.
import { Checkbox, TextInput } from '@mantine/core';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useUrl } from '../../app/url.ts';
import { chosenOf } from '../../parts/facets.tsx';
import { wordsOf } from '../../parts/state.tsx';

/** As many as the API takes. */
const typesMax = 50;

export type Family = { readonly name: string; readonly types: readonly string[] };

export function familiesOf(types: readonly string[]): readonly Family[] {
  const families = new Map<string, string[]>();
  for (const type of types) {
    const name = type.split('.', 1)[0] ?? type;
    families.set(name, [...(families.get(name) ?? []), type]);
  }
  return [...families].map(([name, own]) => ({ name, types: own }));
}

export function TypeFilter({ types }: { readonly types: readonly string[] }) {
  const [url, setUrl] = useUrl();
  const [text, setText] = useState('');
  const chosen = chosenOf(url['type']);
  const wanted = text.trim().toLowerCase().replaceAll(' ', '_');
  const families = familiesOf(types.filter((type) => type.includes(wanted)));
  const set = (some: readonly string[], isOn: boolean) => {
    const rest = chosen.filter((type) => !some.includes(type));
    const next = isOn ? [...rest, ...some].slice(0, typesMax) : rest;
    setUrl({ type: next.join(','), id: undefined, tab: undefined });
  };
  return (
    <fieldset className="types">
      <legend>Types</legend>
      <TextInput
        aria-label="Narrow the types"
        placeholder="Narrow the types"
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      {families.length === 0 && <p className="dimmed">No type is called so.</p>}
      {families.map((family) => (
        <FamilyRow
          key={family.name}
          family={family}
          chosen={chosen}
          set={set}
          isOpen={wanted !== ''}
        />
      ))}
    </fieldset>
  );
}

function FamilyRow({
  family: { name, types },
  chosen,
  set,
  isOpen,
}: {
  readonly family: Family;
  readonly chosen: readonly string[];
  readonly set: (types: readonly string[], isOn: boolean) => void;
  readonly isOpen: boolean;
}) {
  const on = types.filter((type) => chosen.includes(type)).length;
  const [isUnfolded, setUnfolded] = useState(false);
  const only = types.length === 1 ? types[0] : undefined;
  const shows = isOpen || isUnfolded || (on > 0 && on < types.length);
  return (
    <>
      <div className="types-family">
        <Checkbox
          label={wordsOf(only ?? name).replaceAll('.', ' ')}
          checked={on === types.length}
          indeterminate={on > 0 && on < types.length}
          onChange={({ currentTarget }) => set(types, currentTarget.checked)}
        />
        {only === undefined && (
          <button
            type="button"
            aria-expanded={shows}
            aria-label={`The ${types.length} types of ${wordsOf(name)}`}
            onClick={() => setUnfolded(!shows)}
          >
            {types.length}
            <ChevronRight size={12} aria-hidden />
          </button>
        )}
      </div>
      {shows &&
        only === undefined &&
        types.map((type) => (
          <div key={type} className="types-one">
            <Checkbox
              label={wordsOf(type.slice(name.length + 1))}
              aria-label={type}
              checked={chosen.includes(type)}
              onChange={({ currentTarget }) => set([type], currentTarget.checked)}
            />
          </div>
        ))}
    </>
  );
}

/** `payment.*` where a whole family is chosen. */
export function typesText(chosen: readonly string[], types: readonly string[]): string {
  return familiesOf(types)
    .flatMap(({ name, types: own }) => {
      const on = own.filter((type) => chosen.includes(type));
      return on.length === own.length && own.length > 1 ? [`all of ${wordsOf(name)}`] : on;
    })
    .join(', ');
}
