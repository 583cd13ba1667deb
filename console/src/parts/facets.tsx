// The side of an explorer: what there is by each facet, with counts; what is chosen is in the
// address, and stands above the list as chips.
import { Button, Checkbox, CloseButton, Group, Stack, Text } from '@mantine/core';
import { useUrl } from '../app/url.ts';
import { wordsOf } from './state.tsx';

export type Facet = {
  /** Its name in the address and in the API. */
  readonly name: string;
  readonly title: string;
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** How its values read, where the words of the API say too little. */
  readonly words?: Readonly<Record<string, string>>;
};

export function Facets({ facets }: { readonly facets: readonly Facet[] }) {
  const [url, setUrl] = useUrl();
  return (
    <Stack gap="md">
      {facets.map(({ name, title, values, words = {} }) => {
        const chosen = chosenOf(url[name]);
        const missing = chosen.filter((value) => !values.some((each) => each.value === value));
        const all = [...values, ...missing.map((value) => ({ value, count: 0 }))];
        return (
          <fieldset key={name} style={{ border: 0, padding: 0, margin: 0 }}>
            <Text component="legend" fw={600} fz="sm" mb={4}>
              {title}
            </Text>
            {all.length === 0 && (
              <Text c="dimmed" fz="sm">
                nothing yet
              </Text>
            )}
            {all.map(({ value, count }) => (
              <Group key={value} gap={6} wrap="nowrap" mih={24}>
                <Checkbox
                  label={words[value] ?? wordsOf(value)}
                  checked={chosen.includes(value)}
                  onChange={({ currentTarget: { checked } }) => {
                    const next = checked
                      ? [...chosen, value]
                      : chosen.filter((each) => each !== value);
                    setUrl({ [name]: next.join(',') });
                  }}
                  styles={roomy}
                />
                <Text c="dimmed" fz="sm">
                  {count.toLocaleString('en')}
                </Text>
              </Group>
            ))}
          </fieldset>
        );
      })}
    </Stack>
  );
}

/** A label of two lines stands beside the middle of its box: boxes keep their distance (24 px). */
export const roomy = {
  root: { flex: 1, minWidth: 0 },
  body: { alignItems: 'center' },
  label: { paddingInlineStart: 7 },
};

export function chosenOf(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(',');
}

/** What the list is narrowed to, each with a cross. */
export function Chips({
  names,
  titles = {},
  say = (_name, value) => chosenOf(value).map(wordsOf).join(' or '),
}: {
  readonly names: readonly string[];
  /** Where a name alone says too little. */
  readonly titles?: Readonly<Record<string, string>>;
  /** How a value reads, where it is no word of the API. */
  readonly say?: (name: string, value: string) => string;
}) {
  const [url, setUrl] = useUrl();
  const given = names.filter((name) => (url[name] ?? '') !== '');
  if (given.length === 0) return null;
  return (
    <Group gap={6} px="md" py={6} style={{ borderBottom: '1px solid var(--line)' }}>
      {given.map((name) => (
        <Group
          key={name}
          gap={2}
          wrap="nowrap"
          pl={8}
          style={{ background: 'var(--surface-3)', borderRadius: 4 }}
        >
          <Text fz="sm">
            <span className="dimmed">{titles[name] ?? wordsOf(name)}</span>{' '}
            {say(name, url[name] ?? '')}
          </Text>
          <CloseButton
            size="xs"
            aria-label={`Without ${wordsOf(name)}`}
            onClick={() => setUrl({ [name]: undefined })}
          />
        </Group>
      ))}
      {given.length > 1 && (
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => setUrl(Object.fromEntries(given.map((name) => [name, undefined])))}
        >
          Clear all
        </Button>
      )}
    </Group>
  );
}
