// What can be done with a payment: each act asks for what it needs, and says what the API says.
import {
  Button,
  Group,
  Menu,
  Modal,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { ChevronDown } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useMay } from '../../api/session.ts';
import type { Operation } from '../../api/client.ts';
import { useAct } from '../../api/queries.ts';
import { shortId } from '../../parts/id.tsx';
import { Amount, amountText, minorUnitsOf, useExponents } from '../../parts/money.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { type ActName, actNames, leftOf, type Payment, whyNot } from './words.ts';

const titles: Readonly<Record<ActName, string>> = {
  cancel: 'Cancel',
  refund: 'Refund',
  return: 'Return',
  chargeback: 'Charge back',
  represent: 'Contest the chargeback',
};
const sentences: Readonly<Record<ActName, string>> = {
  cancel: 'What is held goes back to its account. The payment ends.',
  refund: 'All or a part goes back, by the creditor.',
  return: 'All or a part goes back, by the rail or the bank of the creditor.',
  chargeback: 'All or a part is taken back from the creditor, by the card network.',
  represent: 'What a chargeback has moved is moved again.',
};
const stale: readonly Operation[] = [
  ...(['GET /v1/payments/{id}', 'GET /v1/payments', 'GET /v1/payments/facets'] as const),
];

export function Acts({ payment }: { readonly payment: Payment }) {
  const [act, setAct] = useState<ActName>();
  const may = useMay()('payments:write');
  return (
    <>
      <Menu position="bottom-start" width={260} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button variant="default" rightSection={<ChevronDown size={12} aria-hidden />}>
            Act
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {actNames.map((name) => {
            const why = may.allowed ? whyNot(name, payment) : may.why;
            return (
              <Menu.Item
                key={name}
                aria-disabled={why !== undefined}
                onClick={() => why === undefined && setAct(name)}
              >
                <span className={why === undefined ? undefined : 'dimmed'}>{titles[name]}</span>
                {why !== undefined && (
                  <Text component="span" display="block" fz="sm" c="dimmed">
                    {why}
                  </Text>
                )}
              </Menu.Item>
            );
          })}
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={act !== undefined}
        onClose={() => setAct(undefined)}
        title={act && `${titles[act]} ${shortId(payment.payment_id)}`}
      >
        {act && <ActForm act={act} payment={payment} close={() => setAct(undefined)} />}
      </Modal>
    </>
  );
}

type FormProps = {
  readonly act: ActName;
  readonly payment: Payment;
  readonly close: () => void;
};

/** What was typed, and whether it is all that the act needs. */
function useDraft(act: ActName, payment: Payment) {
  const { payment_id: id, currency } = payment;
  const exponent = useExponents()?.get(currency);
  const left = leftOf(payment);
  const [amount, setAmount] = useState<string>();
  const [transfer, setTransfer] = useState<string | null>(null);
  const [words, setReason] = useSessionStorage({ key: `${act} of ${id}`, defaultValue: '' });
  const typed = amount ?? amountText(left, exponent);
  const minor = exponent === undefined ? undefined : minorUnitsOf(typed, exponent);
  const hasAmount = act !== 'cancel' && act !== 'represent';
  const isWrong = hasAmount && (minor === undefined || minor <= 0 || minor > left);
  const reason = words.trim();
  const given = { ...(hasAmount ? { amount: minor } : {}), ...(reason === '' ? {} : { reason }) };
  return {
    ...{ left, typed, setAmount, transfer, setTransfer, words, setReason, hasAmount, isWrong },
    body: act === 'represent' ? { transfer_id: transfer } : given,
    isReady: act === 'represent' ? transfer !== null : !isWrong && (!hasAmount || reason !== ''),
  };
}

type Draft = ReturnType<typeof useDraft>;

function ActForm({ act, payment, close }: FormProps) {
  const { payment_id: id } = payment;
  const draft = useDraft(act, payment);
  const write = useAct(`POST /v1/payments/{id}/${act}` as 'POST /v1/payments/{id}/refund', stale);
  const send = (event: FormEvent) => {
    event.preventDefault();
    write.mutate(
      { path: { id }, body: draft.body as never },
      {
        onSuccess: ({ status }) => {
          draft.setReason('');
          notifications.show({ message: `${titles[act]}: it is ${wordsOf(status)} now.` });
          close();
        },
      },
    );
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <Text>{sentences[act]}</Text>
        <Fields act={act} payment={payment} draft={draft} />
        {write.error && <Refusal error={write.error} about={`${titles[act]} ${id}`} />}
        <Group gap="sm">
          <Button type="submit" disabled={!draft.isReady} loading={write.isPending}>
            {titles[act]}
          </Button>
          <Button variant="default" onClick={close}>
            Leave it as it is
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Fields({
  act,
  payment,
  draft,
}: {
  readonly act: ActName;
  readonly payment: Payment;
  readonly draft: Draft;
}) {
  const { currency } = payment;
  const { left, typed, hasAmount, isWrong } = draft;
  if (act === 'represent') {
    return <Which payment={payment} value={draft.transfer} onChange={draft.setTransfer} />;
  }
  return (
    <>
      {hasAmount && (
        <TextInput
          label={`Amount in ${currency}`}
          description={
            <>
              at most <Amount minor={left} currency={currency} />
            </>
          }
          value={typed}
          inputMode="decimal"
          onChange={({ currentTarget }) => draft.setAmount(currentTarget.value)}
          error={isWrong ? 'no amount that can go back' : undefined}
          data-autofocus
        />
      )}
      <Textarea
        label={hasAmount ? 'Reason' : 'Reason, if there is one'}
        value={draft.words}
        onChange={({ currentTarget }) => draft.setReason(currentTarget.value)}
        maxLength={140}
        autosize
      />
    </>
  );
}

function Which({
  payment,
  value,
  onChange,
}: {
  readonly payment: Payment;
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
}) {
  const exponents = useExponents();
  const backwards = payment.transfers.filter(
    ({ debit_account_id, kind }) =>
      debit_account_id === payment.creditor_account_id && (kind === 'post' || kind === 'reverse'),
  );
  return (
    <Select
      label="What the chargeback has moved"
      value={value}
      onChange={onChange}
      data={backwards.map(({ id, amount, currency }) => ({
        value: id,
        label: `${amountText(amount, exponents?.get(currency))} ${currency}, ${shortId(id)}`,
      }))}
    />
  );
}
