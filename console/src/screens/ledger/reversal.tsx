// The question before a transfer is reversed, what came of it, and what was said against it.
import { Button, Group, Stack, Text } from '@mantine/core';
import { Dialog } from '../../parts/dialog.tsx';
import { Id } from '../../parts/id.tsx';
import { useAct } from '../../api/queries.ts';
import { Amount } from '../../parts/money.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { State } from '../../parts/state.tsx';
import { OfPayment } from './of-payment.tsx';
import { TransferTs } from './t-account.tsx';
import { isBooked, type Line } from './words.ts';

export function ReversalDialog({
  transfer,
  company,
  close,
}: {
  readonly transfer: Line;
  /** How many other legs were posted together with it. */
  readonly company: number;
  readonly close: () => void;
}) {
  const { id, kind, amount, currency, debit_account_id, credit_account_id, payment_id } = transfer;
  const act = useAct('POST /v1/transfers/{id}/reversal', [
    ...(['GET /v1/transfers', 'GET /v1/transfers/{id}', 'GET /v1/payments/{id}'] as const),
  ]);
  const mirrored = {
    ...{ ...transfer, id: 'mirrored', kind: 'reverse' as const },
    ...{ debit_account_id: credit_account_id, credit_account_id: debit_account_id },
  };
  const done = act.data;
  return (
    <Dialog close={close} title="Reverse this transfer" size="lg">
      <Stack gap="md">
        <Text>
          {isBooked(kind) ? (
            <>
              A new transfer will mirror it: <Amount minor={amount} currency={currency} /> go back.
              Both stay in the journal, and neither can be undone.
            </>
          ) : (
            'What is left of the hold will be given back on both accounts.'
          )}
        </Text>
        {isBooked(kind) && <TransferTs transfers={[transfer, mirrored]} here="mirrored" />}
        <OfPayment id={payment_id} />
        {company > 0 && (
          <State word="warn">
            {`It was posted together with ${company === 1 ? 'one other' : `${company} others`}, which stay as they are.`}
          </State>
        )}
        {act.error && <Refusal error={act.error} about={`Reverse the transfer ${id}`} />}
        {done ? (
          <>
            <Text role="status">
              Done:{' '}
              {'transfers' in done &&
                done.transfers.map((each) => <Id key={each.id} id={each.id} />)}
            </Text>
            <Group>
              <Button onClick={close}>Close</Button>
            </Group>
          </>
        ) : (
          <Group>
            <Button
              loading={act.isPending}
              onClick={() => act.mutate({ path: { id }, body: {} })}
              data-autofocus
            >
              Reverse it
            </Button>
            <Button variant="default" onClick={close}>
              Leave it
            </Button>
          </Group>
        )}
      </Stack>
    </Dialog>
  );
}
