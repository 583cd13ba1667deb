// Performance: how well the scores told apart what turned out one way from the other, against what
// the card promises.
import { Code, SegmentedControl, VisuallyHidden } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useUrl } from '../../app/url.ts';
import { Bar } from '../../parts/bar.tsx';
import { Chart } from '../../parts/chart.tsx';
import { State } from '../../parts/state.tsx';
import type { WatchedProps } from './drift.tsx';
import { countText, figureText, intervalText, shareText } from './figures.ts';
import { guides } from './guides.ts';
import { OverTime } from './over-time.tsx';
import { Section, Verdict } from './section.tsx';
import type { Card, Performance, Report } from './shapes.ts';

const judges = [
  { value: 'settled', label: 'As it turned out' },
  { value: 'reviewed', label: 'As reviewers judged' },
] as const;

/** Whose word on the cases counts: by the address. */
export function useJudge(): 'settled' | 'reviewed' {
  const [url] = useUrl();
  return url['by'] === 'reviewed' ? 'reviewed' : 'settled';
}

export function PerformanceSection(props: WatchedProps & { readonly card: Card }) {
  const { report, control, run, over, card } = props;
  const by = useJudge();
  const [, setUrl] = useUrl();
  const found = report[by];
  return (
    <Section
      id="performance"
      title="Performance"
      wide
      guide={guides.performance}
      actions={
        <>
          <Verdict {...{ control, run }} />
          <SegmentedControl
            aria-label="Whose word counts"
            data={[...judges]}
            value={by}
            onChange={(value) => setUrl({ by: value === 'settled' ? undefined : value })}
          />
        </>
      }
    >
      {found.n === 0 ? (
        <NoLabels {...{ by, positive: card.output.positive }} />
      ) : (
        <div className="split">
          <div>
            <Metrics {...{ found, card }} />
            <Counts {...{ report, found, by }} positive={card.output.positive} />
          </div>
          <OverTime over={over} title="Over time: the area under the curve, and precision">
            <Chart
              title="Area under the curve and precision over time"
              height={208}
              labels={over.labels}
              format={(value) => figureText(value, 2)}
              max={1}
              series={[
                {
                  ...{ name: 'AUC', color: '--plane-policy' },
                  values: over.slices.map((slice) => slice.report[by].auc?.value ?? null),
                },
                {
                  ...{ name: 'Precision', color: '--plane-ai' },
                  values: over.slices.map((slice) => slice.report[by].precision?.value ?? null),
                },
              ]}
            />
          </OverTime>
        </div>
      )}
    </Section>
  );
}

type Interval = { readonly low: number; readonly high: number };
type Row = {
  readonly name: string;
  readonly value: number | null;
  readonly interval?: Interval | null;
};

/** Named as in cards, so that what was promised stands beside what came. */
export function metricRows({
  auc,
  average_precision,
  precision,
  recall,
  calibration,
}: Performance) {
  const rows: readonly Row[] = [
    { name: 'AUC', value: auc?.value ?? null, interval: auc },
    { name: 'average precision', value: average_precision },
    { name: 'precision', value: precision?.value ?? null, interval: precision },
    { name: 'recall', value: recall?.value ?? null, interval: recall },
    { name: 'Brier score', value: calibration?.brier ?? null },
  ];
  return rows;
}

export function promisedOf(card: Card, name: string): Card['metrics'][number] | undefined {
  return card.metrics.find((metric) => metric.name.toLowerCase() === name.toLowerCase());
}

function Metrics({ found, card }: { readonly found: Performance; readonly card: Card }) {
  return (
    <table className="plain">
      <thead>
        <tr>
          <th>Figure</th>
          <th data-align="end">Now</th>
          <th>95 % interval</th>
          <th>
            <VisuallyHidden>As a bar</VisuallyHidden>
          </th>
          <th>The card promises</th>
          <th>Is it kept</th>
        </tr>
      </thead>
      <tbody>
        {metricRows(found).map(({ name, value, interval }) => {
          const promised = promisedOf(card, name);
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td data-align="end">{figureText(value)}</td>
              <td className="dimmed">{interval ? intervalText(interval) : '–'}</td>
              <td style={{ width: 130 }}>
                {value !== null && (
                  <Bar
                    {...{ value, max: 1 }}
                    range={interval ? [interval.low, interval.high] : undefined}
                    marks={promised ? [promised.low, promised.high] : []}
                  />
                )}
              </td>
              <td>{promised ? intervalText(promised) : <span className="dimmed">nothing</span>}</td>
              <td>
                <Kept {...{ value, interval, promised }} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Kept({
  value,
  interval,
  promised,
}: Omit<Row, 'name'> & { promised: Interval | undefined }) {
  // Without an interval nobody knows whether it is chance.
  if (value === null || !promised || !interval) return <span className="dimmed">–</span>;
  const { low, high } = interval;
  if (high < promised.low) return <State word="warn">worse</State>;
  return <State word="ok">{low > promised.high ? 'better' : 'yes'}</State>;
}

function Counts({
  report,
  found,
  by,
  positive,
}: {
  readonly report: Report;
  readonly found: Performance;
  readonly by: 'settled' | 'reviewed';
  readonly positive: string;
}) {
  const { coverage, overruled } = report;
  return (
    <p className="note">
      Ticks on a bar are the interval that the card promises. {countText(found.n)} cases,{' '}
      {countText(found.positives)} of them {positive}.{' '}
      {by === 'settled' &&
        coverage &&
        `${shareText(coverage.value)} of what was scored has turned out. `}
      {overruled &&
        `Reviewers said the contrary of the model in ${shareText(overruled.value)} of ${countText(overruled.n)} cases (${intervalText(overruled, shareText)}).`}
    </p>
  );
}

function NoLabels({ by, positive }: { readonly by: string; readonly positive: string }) {
  return (
    <div className="no-labels">
      <p>
        {by === 'reviewed' ? (
          <>
            No reviewer has judged a case of this period yet. Every verdict in the{' '}
            <Link to={'/reviews' as never}>queue</Link> is a label.
          </>
        ) : (
          <>
            How the cases of this period turned out is not known yet. Chargebacks and verdicts come
            by themselves; what another system knows, it sends:
          </>
        )}
      </p>
      {by === 'settled' && (
        <Code block tabIndex={0}>
          {`POST /v1/labels\n{ "labels": [\n  { "transfer_id": "trf_…", "label": "${positive}", "source": "chargeback" }\n] }`}
        </Code>
      )}
      <p className="dimmed">
        Where only what went wrong is ever reported, “without a label” above can count as good.
      </p>
    </div>
  );
}
