// Service: how long scores take, how often something stands in for the model, and for what.
import { Bar } from '../../parts/bar.tsx';
import { Chart } from '../../parts/chart.tsx';
import { wordsOf } from '../../parts/state.tsx';
import type { WatchedProps } from './drift.tsx';
import { countText, intervalText, limitsOf, msText, shareText } from './figures.ts';
import { guides } from './guides.ts';
import { OverTime } from './over-time.tsx';
import { Section } from './section.tsx';
import type { Card } from './shapes.ts';

const percentiles = ['p50', 'p95', 'p99'] as const;
const percentileWords = { p50: 'half of the calls', p95: '95 in 100', p99: '99 in 100' };

export function LatencySection(props: WatchedProps & { readonly card: Card }) {
  const { report, control, run, over, card } = props;
  const budgetUs = card.budget_ms * 1_000;
  return (
    <Section id="latency" title="Time to score" {...{ control, run }} guide={guides.latency}>
      <table className="plain tight">
        <thead>
          <tr>
            <th>Within</th>
            <th data-align="end">Time</th>
            <th>Of the budget, {msText(budgetUs)}</th>
          </tr>
        </thead>
        <tbody>
          {percentiles.map((p) => {
            const us = report.latency_us[p];
            const isLate = us !== null && us > budgetUs;
            return (
              <tr key={p}>
                <th scope="row">
                  {p} <span className="dimmed">{percentileWords[p]}</span>
                </th>
                <td data-align="end">{msText(us)}</td>
                <td style={{ width: '45%' }}>
                  <Bar
                    {...{ value: us ?? 0, max: budgetUs * 1.15, marks: [budgetUs] }}
                    color={isLate ? '--bad' : '--good'}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <OverTime over={over} title="Over time">
        <Chart
          title="Time to score over time, in milliseconds"
          height={132}
          labels={over.labels}
          format={(value) => `${value} ms`}
          series={percentiles.slice(1).map((p, at) => ({
            ...{ name: p, color: at === 0 ? '--plane-policy' : '--plane-ai' },
            values: over.slices.map((slice) => {
              const us = slice.report.latency_us[p];
              return us === null ? null : Math.round(us / 100) / 10;
            }),
          }))}
        />
      </OverTime>
    </Section>
  );
}

export function FallbackSection({ report, control, run, over }: WatchedProps) {
  const { rate, by_reason } = report.fallbacks;
  const reasons = Object.entries(by_reason).sort(([, one], [, other]) => other - one);
  const [limit] = limitsOf(control, 'rate');
  const max = Math.max(limit ?? 0, rate?.high ?? 0) * 1.4 || 1;
  return (
    <Section id="fallback" title="Stand-ins" {...{ control, run }} guide={guides.fallback}>
      <p className="figure-line">
        <b>{shareText(rate?.value, 2)}</b> of {countText(rate?.n ?? 0)} calls fell back
        {rate && <span className="dimmed">, surely {intervalText(rate, shareText)}</span>}
      </p>
      {rate && (
        <Bar
          {...{ value: rate.value, max, range: [rate.low, rate.high] }}
          marks={limit === undefined ? [] : [limit]}
          color={limit !== undefined && rate.low > limit ? '--bad' : '--good'}
        />
      )}
      <div className="pair">
        <Tally title="Reason" of={reasons} none="nothing has fallen back" all={report.asked} />
        <Tally
          title="Heard as"
          of={Object.entries(report.by_stage)}
          none="not heard in this period"
          all={report.cases}
        />
        <Tally
          title="Then decided"
          of={Object.entries(report.outcomes)}
          none="no decision in this period"
          all={report.asked}
        />
      </div>
      <OverTime over={over} title="Share that fell back, over time">
        <Chart
          title="Share of calls that fell back, over time"
          height={96}
          labels={over.labels}
          format={(value) => shareText(value)}
          series={[
            {
              ...{ name: 'Fell back', color: '--plane-ai', kind: 'bar' },
              values: over.slices.map((slice) => slice.report.fallbacks.rate?.value ?? null),
            },
          ]}
        />
      </OverTime>
    </Section>
  );
}

/** How many cases each word was said of. */
function Tally({
  title,
  of,
  all,
  none,
}: {
  readonly title: string;
  readonly of: readonly (readonly [string, number])[];
  readonly all: number;
  readonly none: string;
}) {
  return (
    <table className="plain tight">
      <thead>
        <tr>
          <th>{title}</th>
          <th data-align="end">Cases</th>
          <th data-align="end">Share</th>
        </tr>
      </thead>
      <tbody>
        {of.length === 0 && (
          <tr>
            <td colSpan={3} className="dimmed">
              {none}
            </td>
          </tr>
        )}
        {of.map(([word, count]) => (
          <tr key={word}>
            <th scope="row">{wordsOf(word)}</th>
            <td data-align="end">{countText(count)}</td>
            <td data-align="end">{shareText(all === 0 ? null : count / all)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
