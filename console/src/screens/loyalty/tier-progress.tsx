// The tier of a member among those of the programme.
import { useApi } from '../../api/queries.ts';
import { State } from '../../parts/state.tsx';
import type { Member, ProgramSeen } from './shapes.ts';

export function TierProgress({
  member,
  program,
}: {
  readonly member: Member;
  readonly program: ProgramSeen;
}) {
  const { data } = useApi('GET /v1/loyalty/programs/{name}', { path: { name: program.name } });
  const levels = data?.document.tiers?.levels ?? [];
  if (levels.length === 0) return null;
  const at = Math.max(
    0,
    levels.findIndex(({ id }) => id === member.tier),
  );
  return (
    <ol className="tiers" aria-label="Tiers">
      {levels.map(({ id, title }, place) => (
        <li
          key={id}
          data-reached={place <= at || undefined}
          aria-current={place === at || undefined}
        >
          {place === at ? <State word="ok">{title}</State> : title}
        </li>
      ))}
    </ol>
  );
}
