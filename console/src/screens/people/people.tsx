// To be written.
import { Screen } from '../../parts/screen.tsx';

export function People() {
  return <Screen title="People">…</Screen>;
}
