// Takes back a payment that still waits, once it was asked for twice.
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useAct } from '../api/queries.ts';
import { movedByPayment, useKeepPayment } from './reads.ts';
import { Trouble } from './trouble.tsx';

export function Cancel({ id, done }: { readonly id: string; readonly done?: () => void }) {
  const [isAsked, { open, close }] = useDisclosure();
  const keep = useKeepPayment();
  const cancel = useAct('POST /v1/customer/payments/{id}/cancel', [
    ...movedByPayment,
    'GET /v1/customer/payments/{id}',
  ]);
  const send = async () => {
    keep(await cancel.mutateAsync({ path: { id }, body: {} }));
    close();
    done?.();
  };
  if (!isAsked) {
    return (
      <Button variant="default" onClick={open}>
        Cancel this payment
      </Button>
    );
  }
  return (
    <div className="bank-form" role="group" aria-label="Cancel this payment">
      <p role="status">
        Cancel it? Nothing is paid then, and what is reserved is yours again at once.
      </p>
      {cancel.error && <Trouble error={cancel.error} />}
      <Button
        color="red"
        loading={cancel.isPending}
        onClick={() => void send().catch(() => undefined)}
      >
        Yes, cancel it
      </Button>
      <Button variant="default" onClick={close} autoFocus>
        No, keep it
      </Button>
    </div>
  );
}
