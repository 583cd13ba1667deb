// Members.
import { Screen } from '../../parts/screen.tsx';
import { Empty } from '../../parts/states.tsx';

export function Members() {
  return (
    <Screen title="Members">
      <Empty title="Nothing is here yet" />
    </Screen>
  );
}
