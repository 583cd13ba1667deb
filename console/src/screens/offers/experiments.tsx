// Experiments.
import { Screen } from '../../parts/screen.tsx';
import { Empty } from '../../parts/states.tsx';

export function Experiments() {
  return (
    <Screen title="Experiments">
      <Empty title="Nothing is here yet" />
    </Screen>
  );
}
