// What people have said of what waits for them: each with the reason.
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';

type Verdict = {
  readonly checker: string;
  readonly verdict: string;
  readonly reason: string;
  readonly decided_at: string;
};

/** Items of a list of votes. */
export function Verdicts({ of }: { readonly of: readonly Verdict[] }) {
  return of.map(({ checker, verdict, reason, decided_at }) => (
    <li key={checker}>
      <State word={verdict === 'approve' ? 'approved' : 'rejected'} />
      <span>
        <Who principal={checker} />, <Time at={decided_at} />
        <br />
        <span className="text dimmed">{reason}</span>
      </span>
    </li>
  ));
}
