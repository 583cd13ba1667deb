// The page of one decision.
import { useParams } from '@tanstack/react-router';
import { shortId } from '../../parts/id.tsx';
import { Screen } from '../../parts/screen.tsx';
import { DecisionView } from './view.tsx';

export function DecisionPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  return (
    <Screen title={`Decision ${shortId(id)}`}>
      <DecisionView key={id} id={id} isPage />
    </Screen>
  );
}
