// Drift: how far each input, and the score, have moved from the training, and since when.
import { Button } from '@mantine/core';
import { useUrl } from '../../app/url.ts';
import { Bar } from '../../parts/bar.tsx';
import { Chart } from '../../parts/chart.tsx';
import { State } from '../../parts/state.tsx';
import { figureText, levelLook, limitsOf, shareText, toneColors } from './figures.ts';
import { guides } from './guides.ts';
import { OverTime } from './over-time.tsx';
import { Section } from './section.tsx';
import type { Control, Report, Tested } from './shapes.ts';
import type { Slice } from './report.ts';

type Drift = Report['drift']['score'];
export type WatchedProps = {
  readonly report: Report;
  readonly control: Control | undefined;
  readonly run: Tested | undefined;
  readonly over: Over;
};
/** The same figures over time, as far as they are read. */
export type Over = {
  readonly slices: readonly Slice[];
  readonly labels: readonly string[];
  readonly isLoading: boolean;
  /** Absent while they are read; a long period is split only when somebody wants it. */
  readonly want?: (() => void) | undefined;
};

const inputsShown = 7;
const ofScore = 'score';

export function DriftSection({ report, control, run, over }: WatchedProps) {
  const [url, setUrl] = useUrl();
  const { score, inputs } = report.drift;
  const isAll = url['inputs'] === 'all';
  const shown = isAll ? inputs : inputs.slice(0, inputsShown);
  const chosen = inputs.find(({ input }) => input === url['input'])?.input ?? inputs[0]?.input;
  const limits = limitsOf(control, 'score_psi');
  const choose = (input: string) => setUrl({ input });
  return (
    <Section id="drift" title="Drift" wide {...{ control, run }} guide={guides.drift}>
      <div className="split">
        <div>
          <table className="plain">
            <thead>
              <tr>
                <th>What is compared</th>
                <th>Index (PSI)</th>
                <th data-align="end">Chance alone</th>
                <th data-align="end">Widest gap</th>
                <th data-align="end">Missing</th>
                <th>Against training</th>
              </tr>
            </thead>
            <tbody>
              <DriftRow name="The score" of={score} limits={limits} />
              {shown.map((of) => (
                <DriftRow
                  key={of.input}
                  {...{ name: of.input, of, limits, choose }}
                  isChosen={of.input === chosen}
                />
              ))}
            </tbody>
          </table>
          {inputs.length > inputsShown && (
            <Button
              variant="subtle"
              size="compact-xs"
              mt={6}
              onClick={() => setUrl({ inputs: isAll ? undefined : 'all' })}
            >
              {isAll ? 'Only those that moved most' : `All ${inputs.length} inputs`}
            </Button>
          )}
        </div>
        <OverTime
          {...{ over, title: `Stability index over time: the score and ${chosen ?? 'inputs'}` }}
        >
          <Chart
            title={`Stability index of the score and of ${chosen}`}
            height={236}
            labels={over.labels}
            format={(value) => figureText(value, 2)}
            marks={marksOf(limits, over.slices)}
            series={[
              line('The score', '--plane-policy', over.slices, ({ drift }) => drift.score),
              line(chosen ?? ofScore, '--plane-ai', over.slices, ({ drift }) =>
                drift.inputs.find(({ input }) => input === chosen),
              ),
            ]}
          />
        </OverTime>
      </div>
    </Section>
  );
}

/** Names of lines that lie on one another would hide each other. */
function marksOf(limits: readonly number[], slices: readonly Slice[]) {
  const widest = Math.max(0, ...slices.map(({ report }) => report.drift.inputs[0]?.psi ?? 0));
  return limits.map((value, at) => {
    const isHidden = value < widest / 10 && at < limits.length - 1;
    return { name: isHidden ? '' : String(value), value };
  });
}

function line(
  name: string,
  color: string,
  slices: readonly Slice[],
  of: (report: Report) => Drift | undefined,
) {
  const values = slices.map(({ report }) => {
    const drift = of(report);
    return drift === undefined || drift.level === 'unknown' ? null : drift.psi;
  });
  return { name, color, values };
}

type RowProps = {
  readonly name: string;
  readonly of: Drift;
  readonly limits: readonly number[];
  readonly isChosen?: boolean;
  /** Draws it over time. */
  readonly choose?: (name: string) => void;
};

function DriftRow({ name, of, limits, isChosen = false, choose }: RowProps) {
  const look = levelLook(of.level);
  const max = 2 * Math.max(...limits, 0.25);
  const isKnown = of.level !== 'unknown';
  return (
    <tr aria-selected={choose ? isChosen : undefined}>
      <th scope="row" className={choose ? 'mono' : undefined}>
        {choose ? (
          <button
            type="button"
            className="bare"
            aria-pressed={isChosen}
            onClick={() => choose(name)}
          >
            {name}
          </button>
        ) : (
          name
        )}
      </th>
      <td>
        <span className="figure-bar">
          <span>{isKnown ? figureText(of.psi) : '–'}</span>
          <Bar
            value={isKnown ? of.psi : 0}
            marks={limits}
            {...{ max, color: toneColors[look.tone] }}
          />
        </span>
      </td>
      <td data-align="end">{isKnown ? figureText(of.psi_critical) : '–'}</td>
      <td data-align="end">{isKnown ? figureText(of.ks) : '–'}</td>
      <td data-align="end">{of.current_n === 0 ? '–' : shareText(of.missing_rate)}</td>
      <td>
        <State word={look.word}>{look.text}</State>
      </td>
    </tr>
  );
}
