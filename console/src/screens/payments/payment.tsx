// The page of one payment.
import { useParams } from '@tanstack/react-router';
import { shortId } from '../../parts/id.tsx';
import { Screen } from '../../parts/screen.tsx';
import { PaymentView } from './view.tsx';

export function PaymentPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  return (
    <Screen title={`Payment ${shortId(id)}`}>
      <PaymentView key={id} id={id} isPage />
    </Screen>
  );
}
