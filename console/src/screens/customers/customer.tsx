// To be written.
import { Screen } from '../../parts/screen.tsx';

export function CustomerPage() {
  return <Screen title="CustomerPage">…</Screen>;
}
