// The question before a hold is captured or given back. What is typed stays on failure.
import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Operation } from '../../api/client.ts';
import { useAct } from '../../api/queries.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Amount, amountText, minorUnitsOf, useExponents } from '../../parts/money.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { leftOf } from './account-holds.tsx';
import type { HoldAct } from './hold.tsx';
import { OfPayment } from './of-payment.tsx';
import type { Hold } from './words.ts';

const stale: readonly Operation[] = ['GET /v1/holds/{id}', 'GET /v1/transfers'];

export function HoldDialog({
  hold,
  act,
  close,
}: {
  readonly hold: Hold;
  readonly act: HoldAct;
  readonly close: () => void;
}) {
  return (
    <Dialog close={close} title={act === 'capture' ? 'Capture the hold' : 'Give it back'}>
      {act === 'capture' ? (
        <Capture hold={hold} close={close} />
      ) : (
        <Void hold={hold} close={close} />
      )}
    </Dialog>
  );
}

type DialogProps = { readonly hold: Hold; readonly close: () => void };

function Capture({ hold, close }: DialogProps) {
  const { id, currency, payment_id } = hold;
  const left = leftOf(hold);
  const exponent = useExponents()?.get(currency) ?? 0;
  const [text, setText] = useState(() => amountText(left, exponent));
  const [isFinal, setFinal] = useState(true);
  const act = useAct('POST /v1/holds/{id}/capture', stale);
  const amount = minorUnitsOf(text, exponent);
  const wrong =
    amount === undefined || amount === 0
      ? `An amount in ${currency}`
      : amount > left
        ? 'More than is left of the hold'
        : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong !== undefined || amount === undefined) return;
        act.mutate({ path: { id }, body: { amount, final: isFinal } }, { onSuccess: close });
      }}
    >
      <Stack gap="md">
        <OfPayment id={payment_id} />
        <TextInput
          label={`Amount in ${currency}`}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={wrong}
          data-autofocus
        />
        <Checkbox
          label="Give the rest back"
          checked={isFinal}
          onChange={(event) => setFinal(event.currentTarget.checked)}
        />
        {act.error && <Refusal error={act.error} about={`Capture the hold ${id}`} />}
        <Group>
          <Button type="submit" loading={act.isPending} disabled={wrong !== undefined}>
            Capture it
          </Button>
          <Button variant="default" onClick={close}>
            Leave it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Void({ hold, close }: DialogProps) {
  const { id, currency, payment_id } = hold;
  const act = useAct('POST /v1/holds/{id}/void', stale);
  return (
    <Stack gap="md">
      <OfPayment id={payment_id} />
      <Text>
        <Amount minor={leftOf(hold)} currency={currency} /> become available again. A hold that was
        given back cannot be captured.
      </Text>
      {act.error && <Refusal error={act.error} about={`Give back the hold ${id}`} />}
      <Group>
        <Button
          loading={act.isPending}
          onClick={() => act.mutate({ path: { id }, body: {} }, { onSuccess: close })}
          data-autofocus
        >
          Give it back
        </Button>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
      </Group>
    </Stack>
  );
}
