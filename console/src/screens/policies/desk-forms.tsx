// What a sheet cannot show: title and description, and the whole bundle as the JSON that it is.
import { Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Bundle } from './shape.ts';

type FormProps = { readonly bundle: Bundle; readonly change: (bundle: Bundle) => void };

export function AboutForm({ bundle, change }: FormProps) {
  const nodes = Object.keys(bundle.nodes ?? {});
  const { answers = [] } = bundle;
  return (
    <div className="screen-scroll">
      <Stack maw={760} gap="md">
        <TextInput
          label="Title"
          value={bundle.title}
          onChange={({ currentTarget }) => change({ ...bundle, title: currentTarget.value })}
        />
        <Textarea
          label="Description"
          description="What it decides, for whoever reads it first."
          autosize
          minRows={3}
          value={bundle.description}
          onChange={({ currentTarget }) => change({ ...bundle, description: currentTarget.value })}
        />
        {nodes.length > 0 && (
          <TagsInput
            size="xs"
            label="Answers"
            description="Formulas and tables whose values belong to the answer, such as a rate."
            data={nodes}
            value={[...answers]}
            onChange={(next) => {
              const { answers: _, ...rest } = bundle;
              change(next.length === 0 ? rest : { ...bundle, answers: next });
            }}
          />
        )}
      </Stack>
    </div>
  );
}

export function RawJson({ bundle, change }: FormProps) {
  const [text, setText] = useState(() => JSON.stringify(bundle, null, 2));
  const [trouble, setTrouble] = useState<string>();
  const mine = useRef(bundle);
  useEffect(() => {
    // Changed elsewhere, as by an undo: the text follows.
    if (bundle === mine.current) return;
    mine.current = bundle;
    setText(JSON.stringify(bundle, null, 2));
    setTrouble(undefined);
  }, [bundle]);
  const type = (next: string) => {
    setText(next);
    try {
      const parsed = JSON.parse(next) as Bundle;
      if (!isShaped(parsed)) {
        setTrouble(
          'A bundle has facts, reasons, rules and tests: with less than these no sheet can be shown.',
        );
        return;
      }
      mine.current = parsed;
      setTrouble(undefined);
      change(parsed);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <textarea
        className="raw"
        aria-label="The bundle as JSON"
        spellCheck={false}
        value={text}
        onChange={({ currentTarget }) => type(currentTarget.value)}
      />
      {trouble !== undefined && (
        <Text c="red" px="md" py={6} role="alert">
          No JSON yet, so the sheets stand as they were: {trouble}
        </Text>
      )}
    </>
  );
}

/** As much as the sheets need; the server checks the rest. */
function isShaped(value: unknown): value is Bundle {
  const isRecord = (each: unknown): each is Readonly<Record<string, unknown>> =>
    typeof each === 'object' && each !== null && !Array.isArray(each);
  const areRecords = (each: unknown) => Array.isArray(each) && each.every(isRecord);
  if (!isRecord(value)) return false;
  const { facts, reasons, rules, tests, limits = [], nodes = {} } = value;
  return (
    [facts, reasons, nodes].every(isRecord) &&
    [rules, tests, limits].every(areRecords) &&
    Object.values(facts as object).every(isRecord) &&
    Object.values(nodes as object).every(
      (node) => isRecord(node) && (node['kind'] !== 'table' || areRecords(node['rules'])),
    ) &&
    (tests as readonly Readonly<Record<string, unknown>>[]).every(
      (each) => isRecord(each['facts']) && isRecord(each['expect']),
    )
  );
}
