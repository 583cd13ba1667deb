// A note for colleagues on a case. What is typed is kept until it is sent, whatever happens.
import { Group, Kbd, Text, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { ActButton } from '../../parts/may.tsx';
import { Section } from '../../parts/section.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { useCaseAct } from './acts.ts';

export const noteFieldId = 'case-note';

export function Note({ id }: { readonly id: string }) {
  const [text, setText] = useSessionStorage({ key: `note on ${id}`, defaultValue: '' });
  const act = useCaseAct();
  const isEmpty = text.trim() === '';
  const send = () => {
    if (isEmpty || act.isPending) return;
    const note = { act: 'note', text: text.trim() } as const;
    act.mutate({ ids: [id], act: note }, { onSuccess: () => setText('') });
  };
  return (
    <Section title="Note">
      <Textarea
        id={noteFieldId}
        aria-label="Note for colleagues"
        placeholder="For colleagues. Name people by tokens or ids: what stands here stands for ever."
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={2000}
      />
      {act.error && (
        <div ref={(note) => note?.scrollIntoView({ block: 'nearest' })}>
          <ProblemNote error={act.error} />
        </div>
      )}
      <Group gap="sm" mt={6}>
        <ActButton
          right="reviews:write"
          size="compact-sm"
          unless={isEmpty ? 'There is nothing in it yet.' : undefined}
          loading={act.isPending}
          onClick={send}
        >
          Add the note
        </ActButton>
        <Text c="dimmed" fz="sm">
          <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd> sends it, <Kbd size="xs">Esc</Kbd>{' '}
          goes back to the keys
        </Text>
      </Group>
    </Section>
  );
}
