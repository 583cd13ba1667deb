// To be written.
import { Screen } from '../../parts/screen.tsx';

export function Events() {
  return <Screen title="Events">…</Screen>;
}
