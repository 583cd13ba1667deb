// A filter of which one value is chosen at a time, or any: for lists whose API takes one. What is
// chosen is in the address.
import { Group, Radio, Text } from '@mantine/core';
import { useState } from 'react';
import { useUrl } from '../app/url.ts';
import { roomy } from './facets.tsx';
import { wordsOf } from './state.tsx';
import './explorer.css';

export type Choice = { readonly value: string; readonly count?: number };

export function Choices({
  name,
  title,
  values,
  plain = false,
  top = Number.POSITIVE_INFINITY,
}: {
  /** Its name in the address and in the API. */
  readonly name: string;
  readonly title: string;
  readonly values: readonly Choice[];
  /** Whether the values are names that stay as they are. */
  readonly plain?: boolean;
  /** How many are shown at first: the others on request. */
  readonly top?: number;
}) {
  const [url, setUrl] = useUrl();
  const chosen = url[name] ?? '';
  const known = values.some(({ value }) => value === chosen) || chosen === '';
  const [isWhole, setIsWhole] = useState(false);
  const first = values.filter(({ value }, at) => isWhole || at < top || value === chosen);
  const all = [{ value: '' }, ...first, ...(known ? [] : [{ value: chosen }])] as Choice[];
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <Text component="legend" fw={600} fz="sm" mb={4}>
        {title}
      </Text>
      {all.map(({ value, count }) => (
        <Group key={value} gap={6} wrap="nowrap" mih={24}>
          <Radio
            size="xs"
            name={`choice of ${name}`}
            label={value === '' ? 'any' : plain ? value : wordsOf(value)}
            checked={chosen === value}
            onChange={() => setUrl({ [name]: value, id: undefined })}
            styles={roomy}
          />
          {count !== undefined && (
            <Text c="dimmed" fz="sm">
              {count.toLocaleString('en')}
            </Text>
          )}
        </Group>
      ))}
      {first.length < values.length && (
        <button type="button" className="more-button" onClick={() => setIsWhole(true)}>
          {values.length - first.length} more
        </button>
      )}
    </fieldset>
  );
}
