// To be written.
import { Screen } from '../../parts/screen.tsx';

export function Help() {
  return <Screen title="Help">…</Screen>;
}
