// Calibration: what was scored against what came, by tenths of the score, beside the diagonal.
import { VisuallyHidden } from '@mantine/core';
import type { WatchedProps } from './drift.tsx';
import { countText, figureText, shareText } from './figures.ts';
import { guides } from './guides.ts';
import { useJudge } from './performance.tsx';
import { Section } from './section.tsx';
import type { Performance } from './shapes.ts';

type Calibration = NonNullable<Performance['calibration']>;
type Bin = Calibration['bins'][number];

export function CalibrationSection({ report, control, run }: WatchedProps) {
  const found = report[useJudge()];
  const { calibration } = found;
  return (
    <Section id="calibration" title="Calibration" {...{ control, run }} guide={guides.calibration}>
      {calibration ? (
        <div className="calibration">
          <Curve bins={calibration.bins} />
          <Tenths bins={calibration.bins} />
          <p className="note">
            Mean distance {figureText(calibration.expected_error)}; Brier score{' '}
            {figureText(calibration.brier)}; z {figureText(calibration.z, 2)}, beyond ±1.96 the
            distance is no chance.
          </p>
        </div>
      ) : (
        <p className="dimmed">
          {found.n === 0
            ? 'A score can be held against what came once cases have turned out.'
            : 'These scores are no probabilities: they cannot be held against rates.'}
        </p>
      )}
    </Section>
  );
}

const size = 240;
const inset = { left: 40, right: 12, top: 24, bottom: 36 };
const radius = { least: 2.5, most: 9 };
const ticks = [0, 0.25, 0.5, 0.75, 1];

function Curve({ bins }: { readonly bins: readonly Bin[] }) {
  const most = Math.max(...bins.map(({ n }) => n), 1);
  const x = (value: number) => inset.left + value * (size - inset.left - inset.right);
  const y = (value: number) => inset.top + (1 - value) * (size - inset.top - inset.bottom);
  return (
    <svg width={size} height={size} aria-hidden className="curve">
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} className="curve-grid" />
          <text x={x(0) - 12} y={y(tick) + 4} textAnchor="end">
            {tick}
          </text>
          <text x={x(tick)} y={y(0) + 20} textAnchor="middle">
            {tick}
          </text>
        </g>
      ))}
      <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} className="curve-diagonal" />
      {bins
        .filter(({ n }) => n > 0)
        .map(({ n, mean_score, positive_rate }) => (
          <circle
            key={mean_score}
            cx={x(mean_score)}
            cy={y(positive_rate)}
            r={radius.least + (radius.most - radius.least) * Math.sqrt(n / most)}
            className="curve-point"
          />
        ))}
      <text x={x(1)} y={size - 1} textAnchor="end">
        scored
      </text>
      <text x={inset.left - 34} y={11}>
        came
      </text>
    </svg>
  );
}

/** The same figures in digits, with how the scores are spread. */
function Tenths({ bins }: { readonly bins: readonly Bin[] }) {
  const all = bins.reduce((sum, { n }) => sum + n, 0);
  return (
    <table className="plain tight">
      <VisuallyHidden component="caption">Scores by tenths, and what came of them</VisuallyHidden>
      <thead>
        <tr>
          <th>Score</th>
          <th data-align="end">Cases</th>
          <th data-align="end">Share</th>
          <th data-align="end">Scored</th>
          <th data-align="end">Came</th>
        </tr>
      </thead>
      <tbody>
        {bins.map(({ n, mean_score, positive_rate }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the tenth is its place
          <tr key={at} className={n === 0 ? 'dimmed' : undefined}>
            <th scope="row">
              {(at / 10).toFixed(1)}–{((at + 1) / 10).toFixed(1)}
            </th>
            <td data-align="end">{countText(n)}</td>
            <td data-align="end">{n === 0 ? '–' : shareText(n / all)}</td>
            <td data-align="end">{n === 0 ? '–' : figureText(mean_score)}</td>
            <td data-align="end">{n === 0 ? '–' : figureText(positive_rate)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
