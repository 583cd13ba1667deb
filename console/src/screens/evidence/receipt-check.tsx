// A receipt that somebody holds: pasted or dropped, and checked against this log step by step.
import { Button, FileButton, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useState } from 'react';
import { type Answer, type ApiProblem, call } from '../../api/client.ts';
import { eventsIn } from '../../api/events.ts';
import { ActButton } from '../../parts/may.tsx';
import { ReceiptVerdict } from '../../parts/receipt.tsx';
import { Section } from '../../parts/section.tsx';
import { ProblemNote } from '../../parts/states.tsx';

/** More than any receipt: what is larger is another file. */
const bytesMax = 1_000_000;
/** A little below the newest, so that a signed head covers it. */
const covered = 40;

export function ReceiptCheck() {
  const [text, setText] = useSessionStorage({ key: 'receipt to check', defaultValue: '' });
  const [wrong, setWrong] = useState<string>();
  const check = useMutation<Answer<'POST /v1/receipts/verify'>, ApiProblem, unknown>({
    mutationFn: (receipt) => call('POST /v1/receipts/verify', { body: { receipt } }),
  });
  const write = (next: string) => {
    setText(next);
    setWrong(undefined);
    check.reset();
  };
  const take = async (file: File | null | undefined) => {
    if (!file) return;
    if (file.size > bytesMax) return setWrong('No receipt is as large as that file.');
    write(await file.text());
  };
  const run = () => {
    try {
      check.mutate(JSON.parse(text));
    } catch {
      setWrong('This is no JSON. A receipt is the whole answer of /v1/events/…/receipt.');
    }
  };
  return (
    <Section title="Check a receipt" about="that a customer or an auditor holds">
      <Textarea
        aria-label="The receipt"
        placeholder="Paste a receipt, or drop its file here"
        className="mono-input"
        value={text}
        onChange={({ currentTarget }) => write(currentTarget.value)}
        onDragOver={(event: DragEvent) => event.preventDefault()}
        onDrop={(event: DragEvent) => {
          event.preventDefault();
          const [file] = event.dataTransfer.files;
          void (file ? take(file) : write(event.dataTransfer.getData('text')));
        }}
        error={wrong}
        rows={4}
      />
      <div className="act-line">
        <ActButton
          right="events:read"
          loading={check.isPending}
          unless={text.trim() === '' ? 'Paste a receipt first' : undefined}
          onClick={run}
        >
          Check
        </ActButton>
        <FileButton onChange={(file) => void take(file)} accept="application/json,.json">
          {(props) => (
            <Button variant="default" {...props}>
              Open a file
            </Button>
          )}
        </FileButton>
        <Example take={write} />
      </div>
      {check.error && <ProblemNote error={check.error} retry={run} />}
      {check.data && <ReceiptVerdict verified={check.data} close={check.reset} />}
    </Section>
  );
}

/** For those who have none at hand. */
function Example({ take }: { readonly take: (text: string) => void }) {
  const example = useMutation<string, ApiProblem>({
    mutationFn: async () => {
      const newest = await call('GET /v1/events', { query: { order: 'desc', limit: covered } });
      const id = eventsIn(newest).at(-1)?.event.id ?? '';
      const receipt = await call('GET /v1/events/{id}/receipt', { path: { id } });
      return JSON.stringify(receipt, null, 2);
    },
    onSuccess: take,
  });
  return (
    <>
      <Button variant="subtle" loading={example.isPending} onClick={() => example.mutate()}>
        Take a recent one
      </Button>
      {example.error && <ProblemNote error={example.error} />}
    </>
  );
}
