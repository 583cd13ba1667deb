// One member.
import { Screen } from '../../parts/screen.tsx';
import { Empty } from '../../parts/states.tsx';

export function MemberPage() {
  return (
    <Screen title="Member">
      <Empty title="Nothing is here yet" />
    </Screen>
  );
}
