// Screens somebody now. A name is personal data: what is typed stays in this form, and nowhere in
// the browser's storage or the address.
import { Button, Group, Select, Stack, TagsInput, Text, TextInput, Title } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { ActButton } from '../../parts/may.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { entityTypes, type Request } from './words.ts';

type Typed = {
  readonly subject: string;
  readonly name: string;
  readonly born: string;
  readonly countries: readonly string[];
  readonly kind: string | null;
};
const blank: Typed = { subject: '', name: '', born: '', countries: [], kind: null };

export function ScreenForm({
  show,
  close,
}: {
  readonly show: (id: string) => void;
  readonly close: () => void;
}) {
  useHotkeys([['Escape', close]], []);
  const [typed, setTyped] = useState(blank);
  const act = useAct('POST /v1/screenings', ['GET /v1/screenings']);
  const set = (change: Partial<Typed>) => setTyped((before) => ({ ...before, ...change }));
  const missing =
    typed.subject.trim() === ''
      ? 'Say under which token the result is to be kept.'
      : typed.name.trim() === ''
        ? 'A name is what is looked for.'
        : undefined;
  const screen = () => {
    if (missing !== undefined || act.isPending) return;
    act.mutate({ body: bodyOf(typed) }, { onSuccess: ({ id }) => show(id) });
  };
  return (
    <form
      className="screen-form"
      onSubmit={(event) => {
        event.preventDefault();
        screen();
      }}
    >
      <Stack gap="md">
        <Title order={2}>Screen somebody</Title>
        <Text c="dimmed">
          Against all lists in force. The name goes to the vault; the result is kept under the
          token.
        </Text>
        <Fields typed={typed} set={set} />
        {act.error && <Refusal error={act.error} about="Screen somebody" />}
        <Group>
          <ActButton
            right="policy:decide"
            variant="filled"
            type="submit"
            loading={act.isPending}
            unless={missing}
            // The form hears it.
            onClick={() => undefined}
          >
            Screen
          </ActButton>
          <Button variant="subtle" onClick={close}>
            Leave it (Esc)
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function bodyOf({ subject, name, born, countries, kind }: Typed): Request {
  const entity_type = entityTypes.find((each) => each === kind);
  return {
    ...{ subject: subject.trim(), name: name.trim() },
    ...(born === '' ? {} : { date_of_birth: born }),
    ...(countries.length === 0 ? {} : { countries }),
    ...(entity_type === undefined ? {} : { entity_type }),
  };
}

function Fields({
  typed,
  set,
}: {
  readonly typed: Typed;
  readonly set: (change: Partial<Typed>) => void;
}) {
  const first = useRef<HTMLInputElement>(null);
  // It was opened to type.
  useEffect(() => first.current?.focus(), []);
  return (
    <>
      <TextInput
        label="Token or party"
        description="A party of the register, or your own token for somebody else"
        placeholder="pty_…"
        value={typed.subject}
        onChange={(event) => set({ subject: event.currentTarget.value })}
        required
        ref={first}
      />
      <TextInput
        label="Name"
        description="In any script and order; titles do not matter"
        value={typed.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        autoComplete="off"
        maxLength={300}
        required
      />
      <Group grow align="start">
        <TextInput
          label="Date of birth"
          placeholder="1971, 1971-03 or 1971-03-04"
          value={typed.born}
          onChange={(event) => set({ born: event.currentTarget.value.trim() })}
          autoComplete="off"
        />
        <Select
          label="Kind"
          placeholder="not known"
          clearable
          data={entityTypes.map((value) => ({ value, label: wordsOf(value) }))}
          value={typed.kind}
          onChange={(kind) => set({ kind })}
        />
      </Group>
      <TagsInput
        label="Countries"
        description="Two letters each, such as DE"
        size="xs"
        maxTags={20}
        value={[...typed.countries]}
        onChange={(countries) => set({ countries: countries.map((each) => each.toUpperCase()) })}
      />
    </>
  );
}
