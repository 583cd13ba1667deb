// Said before somebody acts on the ledger alone: a payment has steps of its own.
import { Text } from '@mantine/core';
import { Id } from '../../parts/id.tsx';

export function OfPayment({ id }: { readonly id: string | null }) {
  if (id === null) return null;
  return (
    <Text>
      It is a part of the payment <Id id={id} />, which is captured, cancelled, refunded or returned
      by steps of its own.
    </Text>
  );
}
