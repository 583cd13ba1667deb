// What will be redeemed of the points that are out, month by month: a line with a fan around it.
import { SegmentedControl } from '@mantine/core';
import { useMemo } from 'react';
import { useUrl } from '../../app/url.ts';
import { Chart, type Series } from '../../parts/chart.tsx';
import { amountText, useExponents } from '../../parts/money.tsx';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, Loading } from '../../parts/states.tsx';
import { pointsText } from './points.tsx';
import type { LiabilityRead } from './shapes.ts';

export function Forecast({ of }: { readonly of: LiabilityRead }) {
  const [url, setUrl] = useUrl();
  const inPoints = url['in'] === 'points';
  const exponent = useExponents()?.get(of.currency);
  const { forecast } = of;
  const labels = useMemo(() => forecast.map(({ month }) => month), [forecast]);
  const series = useMemo((): readonly Series[] => {
    const fans = forecast.map(({ points, cost }) => (inPoints ? points : cost));
    const band = { kind: 'band' as const };
    return [
      {
        ...{ ...band, name: '9 of 10 cases', color: '--still' },
        ...{ values: fans.map(({ p95 }) => p95), low: fans.map(({ p5 }) => p5) },
      },
      {
        ...{ ...band, name: 'half of the cases', color: '--plane-money' },
        ...{ values: fans.map(({ p75 }) => p75), low: fans.map(({ p25 }) => p25) },
      },
      { name: 'on average', color: '--plane-money', values: fans.map(({ mean }) => mean) },
    ];
  }, [forecast, inPoints]);
  const spikes = forecast.filter(({ is_spike }) => is_spike).map(({ month }) => month);
  const format = (value: number) =>
    inPoints ? pointsText(Math.round(value)) : amountText(Math.round(value), exponent);
  return (
    <Card
      title={`What will be redeemed, in ${inPoints ? 'points' : of.currency} a month`}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="In what"
          value={inPoints ? 'points' : 'money'}
          data={[
            { value: 'money', label: 'Money' },
            { value: 'points', label: 'Points' },
          ]}
          onChange={(next) => setUrl({ in: next === 'points' ? next : undefined })}
        />
      }
    >
      {exponent === undefined ? (
        <Loading />
      ) : forecast.every(({ points }) => points.p95 === 0) ? (
        <Empty title="Nothing is left to be redeemed">
          All that was issued is redeemed or has lapsed: nothing of it will cost anything.
        </Empty>
      ) : (
        <>
          <Chart
            title={`Redeemed each month, in ${inPoints ? 'points' : of.currency}`}
            height={230}
            {...{ labels, series, format }}
          />
          {spikes.length > 0 && (
            <p className="card-foot">
              <State word="warn">More than usual</State> is redeemed in {spikes.join(', ')}.
            </p>
          )}
        </>
      )}
    </Card>
  );
}
