// ⌘K: places, what can be done, and anything of the bank by its id, name or reference.
import { Spotlight, spotlight } from '@mantine/spotlight';
import { useDebouncedValue } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../api/queries.ts';
import { places } from './places.ts';

const typingMs = 120;
const queryMin = 3;

export const openPalette = spotlight.open;

export function Palette() {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [query] = useDebouncedValue(text.trim(), typingMs);
  const isLong = text.trim().length >= queryMin;
  const { data, error } = useApi(
    'GET /v1/search',
    { query: { q: query } },
    { enabled: query.length >= queryMin },
  );
  // Enter goes to the first of them: never to what was found for other words.
  const told = query === text.trim() ? data : undefined;
  const found = isLong ? (told?.items ?? []) : [];
  const wanted = text.trim().toLowerCase();
  const near = places
    .flatMap(({ group, places: own }) => own.map((place) => ({ ...place, group })))
    .filter(({ name, words = '' }) => `${name} ${words}`.toLowerCase().includes(wanted));
  // The palette marks what Enter opens as one types; what is found comes later, and stands above.
  const first = wanted === '' ? undefined : (found[0]?.href ?? near[0]?.to);
  const list = found.map(({ href }) => href).join(' ');
  const go = (to: string) => () => void navigate({ href: to } as never);
  return (
    <Spotlight.Root
      query={text}
      onQueryChange={setText}
      shortcut={['mod + K', '/']}
      maxHeight={420}
    >
      <Spotlight.Search
        placeholder="A payment, account, decision, event, customer, policy, model … or a place"
        leftSection={<Search size={15} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {found.length > 0 && (
          <Spotlight.ActionsGroup key={`bank ${list}`} label="At the bank">
            {found.map(({ kind, id, label, href }) => (
              <Spotlight.Action
                key={href}
                label={label}
                description={`${kind} ${id}`}
                onClick={go(href)}
                data-selected={href === first || undefined}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {near.length > 0 && (
          <Spotlight.ActionsGroup key={`places ${list}`} label="Places">
            {near.map(({ to, name, group, icon: Icon, key }) => (
              <Spotlight.Action
                key={to}
                label={name}
                description={`${group} · g ${key}`}
                leftSection={<Icon size={15} aria-hidden />}
                onClick={go(to)}
                data-selected={to === first || undefined}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {found.length + near.length === 0 && (
          <Spotlight.Empty>
            {error
              ? error.message
              : isLong && told === undefined
                ? 'Looking …'
                : 'Nothing has this id, name or reference. Whole ids are found; parts of them are not.'}
          </Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
