// The receipt of an event: taken away as a file, or verified on the spot, step by step.
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { addressOf, type Answer, type ApiProblem, call } from '../api/client.ts';
import { ActButton } from './may.tsx';
import { State } from './state.tsx';
import { ProblemNote } from './states.tsx';
import './explorer.css';

type Verified = Answer<'POST /v1/receipts/verify'>;

const stepWords: Readonly<Record<Verified['steps'][number]['step'], string>> = {
  format: 'It is a receipt',
  signature: 'The tree head is signed by a known key',
  log: 'Of the log of this bank',
  size: 'The event lies within the tree',
  inclusion: 'The event is in the tree',
  stored: 'What is stored is what was sealed',
};

/** `event`: an id. What was found is of this one event. */
export function useReceipt(event: string | undefined) {
  return useMutation<Verified, ApiProblem>({
    mutationFn: async () => {
      const receipt = await call('GET /v1/events/{id}/receipt', { path: { id: event ?? '' } });
      return call('POST /v1/receipts/verify', { body: { receipt } });
    },
  });
}

export type Receipt = ReturnType<typeof useReceipt>;

export function ReceiptButtons({
  event,
  receipt,
}: {
  readonly event: string;
  readonly receipt: Receipt;
}) {
  return (
    <>
      <ActButton right="events:read" loading={receipt.isPending} onClick={() => receipt.mutate()}>
        Verify receipt
      </ActButton>
      <Tooltip label="Download the receipt">
        <ActionIcon
          component="a"
          size={30}
          aria-label="Download the receipt"
          href={addressOf('/v1/events/{id}/receipt', { id: event })}
          download={`${event}.receipt.json`}
        >
          <Download size={15} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}

export function ReceiptResult({ receipt }: { readonly receipt: Receipt }) {
  const { data, error, mutate, reset } = receipt;
  if (error) return <ProblemNote error={error} retry={() => mutate()} />;
  return data ? <ReceiptVerdict verified={data} close={reset} /> : null;
}

/** Whether a receipt holds, and each step on the way there. */
export function ReceiptVerdict({
  verified,
  close,
}: {
  readonly verified: Verified;
  readonly close: () => void;
}) {
  const { ok, steps, position } = verified;
  return (
    <div className="act-result" role="status">
      <div className="receipt-head">
        {ok ? (
          <State word="passed">The receipt holds</State>
        ) : (
          <State word="failed">The receipt does not hold</State>
        )}
        {position !== null && <span className="dimmed">place {position} of the log</span>}
        <Button variant="subtle" size="compact-xs" ml="auto" onClick={close}>
          Close
        </Button>
      </div>
      <ol className="receipt-steps">
        {steps.map((each) => (
          <li key={each.step}>
            <State word={each.ok === null ? 'none' : each.ok ? 'passed' : 'failed'}>
              {stepWords[each.step]}
            </State>
            <span className="dimmed text">{each.detail}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
