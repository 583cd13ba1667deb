// To be written.
import { Screen } from '../../parts/screen.tsx';

export function Evidence() {
  return <Screen title="Evidence">…</Screen>;
}
