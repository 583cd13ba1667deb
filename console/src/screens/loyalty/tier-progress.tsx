// The tier of a member among those of the programme, and how far the next one is.
import { useApi } from '../../api/queries.ts';
import { Bar } from '../../parts/bar.tsx';
import { amountText, useExponents } from '../../parts/money.tsx';
import { State } from '../../parts/state.tsx';
import { LastDay } from '../../parts/time.tsx';
import { pointsWord } from './rules.tsx';
import type { Member, ProgramSeen } from './shapes.ts';

export function TierProgress({
  member: { tier, tier_progress: progress },
  program,
}: {
  readonly member: Member;
  readonly program: ProgramSeen;
}) {
  const { data } = useApi('GET /v1/loyalty/programs/{name}', { path: { name: program.name } });
  const exponent = useExponents()?.get(program.currency);
  const levels = data?.document.tiers?.levels ?? [];
  if (progress === null || levels.length === 0) return null;
  const at = levels.findIndex(({ id }) => id === tier);
  const { counted, next, until, basis } = progress;
  const text = (value: number) =>
    basis === 'spend' ? `${amountText(value, exponent)} ${program.currency}` : pointsWord(value);
  const nextTitle = levels.find(({ id }) => id === next?.tier)?.title ?? next?.tier;
  return (
    <>
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
      {next !== null && (
        <Bar value={counted} max={Math.max(1, next.threshold)} color="--plane-money" />
      )}
      <p className="tier-note dimmed">
        {text(counted)} in this period
        {next === null ? ': it is the highest' : `; ${text(next.missing)} to ${nextTitle}`}.
        {until !== null && (
          <>
            {' '}
            Held until <LastDay end={until} />.
          </>
        )}
      </p>
    </>
  );
}
