// Which points run out when, month by month.
import { useMemo } from 'react';
import { Chart } from '../../parts/chart.tsx';
import { countText } from '../../parts/figures.ts';
import { Card } from '../../parts/screen.tsx';
import { LastDay } from '../../parts/time.tsx';
import type { Member } from './shapes.ts';

export function Expiring({
  of: { expiring, lapsed },
  unit,
}: {
  readonly of: Member;
  unit: string;
}) {
  const labels = useMemo(() => expiring.map(({ month }) => month), [expiring]);
  const series = useMemo(
    () => [
      {
        ...{ name: unit, color: '--wait', kind: 'bar' as const },
        values: expiring.map(({ points }) => points),
      },
    ],
    [expiring, unit],
  );
  const [next] = expiring;
  return (
    <Card title="What runs out when">
      {next === undefined ? (
        <span className="dimmed">Nothing runs out: no points, or points without an end.</span>
      ) : (
        <>
          <Chart
            title={`${unit} that run out, by month`}
            height={170}
            {...{ labels, series }}
            format={countText}
            legend={false}
          />
          <p className="card-foot">
            {countText(next.points)} are good until <LastDay end={next.first_expires_at} />
            {lapsed > 0 && `; ${countText(lapsed)} have run out and are being posted`}.
          </p>
        </>
      )}
    </Card>
  );
}
