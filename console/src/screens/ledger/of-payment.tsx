// Said before somebody acts on the ledger alone: a payment has steps of its own.
import { Text } from '@mantine/core';
import { Id } from '../../parts/id.tsx';
import type { Payment } from './around.ts';

export function OfPayment({ payment }: { readonly payment: Payment | null | undefined }) {
  if (!payment) return null;
  return (
    <Text>
      It is a part of the payment <Id id={payment.payment_id} />, which is captured, cancelled,
      refunded or returned by steps of its own.
    </Text>
  );
}
