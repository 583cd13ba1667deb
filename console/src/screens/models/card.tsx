// The card of a version, to be read: what it is for, what it must not be used for, what it reads,
// how well it did, and how it was made.
import { Group, SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useUrl } from '../../app/url.ts';
import { Id } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { Card as Box, Facts, Scroll } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { countText, figureText, intervalText, plainText, shareText } from './figures.ts';
import { Inputs } from './inputs.tsx';
import { type Card, cardOf, type Model, validationOf, type Version } from './shapes.ts';
import { useVersion, VersionPicker } from './version-picker.tsx';

export function CardTab({ model }: { readonly model: Model }) {
  const [url, setUrl] = useUrl();
  const { data, error, refetch } = useVersion(model);
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const card = cardOf(data);
  const isRaw = url['raw'] === 'yes';
  return (
    <Scroll>
      <Group gap="sm" mb="sm">
        <VersionPicker model={model} value={data.version} />
        <SegmentedControl
          aria-label="How it is shown"
          data={[
            { value: 'no', label: 'To be read' },
            { value: 'yes', label: 'As JSON' },
          ]}
          value={isRaw ? 'yes' : 'no'}
          onChange={(value) => setUrl({ raw: value === 'yes' ? value : undefined })}
        />
        <span className="dimmed period-words">
          Registered <Time at={data.registered_at} whole /> by {data.registered_by}
        </span>
      </Group>
      {isRaw ? <Json value={card} maxHeight={2_000} /> : <Readable {...{ version: data, card }} />}
    </Scroll>
  );
}

function Readable({ version, card }: { readonly version: Version; readonly card: Card }) {
  return (
    <div className="watch">
      <Box title={card.title}>
        <p className="text lead">{card.purpose}</p>
        <h3 className="within">It is not for more than this</h3>
        <ul className="limits">
          {card.limits.map((limit) => (
            <li key={limit} className="text">
              {limit}
            </li>
          ))}
        </ul>
      </Box>
      <Box title="In short">
        <InShort {...{ version, card }} />
      </Box>
      <Wide>
        <Box title={`${card.inputs.length} inputs`} flush>
          <Inputs card={card} />
        </Box>
      </Wide>
      <div className="columns">
        <Box title="How well it did">
          <Metrics card={card} />
        </Box>
        <Box title="What was found when it was registered">
          <Checks version={version} />
        </Box>
      </div>
      <div className="columns">
        <Box title="Training">
          <Training card={card} />
        </Box>
        <Box title="Fairness in training">
          <FairnessInTraining card={card} />
        </Box>
      </div>
    </div>
  );
}

function Wide({ children }: { readonly children: ReactNode }) {
  return <div style={{ gridColumn: '1 / -1', minWidth: 0 }}>{children}</div>;
}

function InShort({ version, card }: { readonly version: Version; readonly card: Card }) {
  const { decides, output, confidence, fallback, runtime } = card;
  const { rule } = fallback;
  return (
    <>
      <Facts
        of={{
          'Answers for it': card.owner,
          Decides: (
            <>
              <Link to={`/policies/${decides.point}` as never}>{decides.point}</Link>, as the fact{' '}
              <span className="mono">{decides.value_fact}</span>
            </>
          ),
          'Only if': decides.needs && <span className="mono">{decides.needs.join(', ')}</span>,
          'Speaks against': (
            <>
              from a score of {plainText(output.threshold)}: {output.positive}
            </>
          ),
          'Unsure with': `more than ${confidence.missing_max} inputs missing, or ${confidence.outside_max} outside of their range`,
          Budget: `${card.budget_ms} ms, features included`,
          'Stand-in': [
            fallback.previous ? 'the version before' : '',
            rule ? 'points of a plain rule' : '',
            'no score',
          ]
            .filter(Boolean)
            .join(', then '),
          'Runs in': runtime ?? 'the server’s own evaluator, with reasons for each score',
          'Card digest': <Id id={version.card_digest} whole />,
          Artefact: <Id id={version.artefact} whole />,
        }}
      />
      {rule && (
        <details>
          <summary>The plain rule: {plainText(rule.base)} and points</summary>
          <table className="plain tight">
            <tbody>
              {rule.terms.map(({ input, at_least, add }) => (
                <tr key={input + at_least}>
                  <th scope="row" className="mono">
                    {input} ≥ {plainText(at_least)}
                  </th>
                  <td data-align="end">
                    {add > 0 ? '+' : ''}
                    {plainText(add)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </>
  );
}

/** By what they were measured on; what they are to be compared with stands beside them. */
function Metrics({ card }: { readonly card: Card }) {
  const bySplit = Map.groupBy(card.metrics, ({ split, n }) => `${split}, ${countText(n)} cases`);
  return (
    <table className="plain tight">
      <thead>
        <tr>
          <th>Figure</th>
          <th data-align="end">Value</th>
          <th>95 % interval</th>
          <th>To compare with</th>
        </tr>
      </thead>
      {[...bySplit].map(([split, metrics]) => (
        <tbody key={split}>
          <tr>
            <td colSpan={4} className="dimmed">
              On: {split}
            </td>
          </tr>
          {metrics.map((metric) => (
            <tr key={metric.name}>
              <th scope="row">{metric.name}</th>
              <td data-align="end">{figureText(metric.value)}</td>
              <td className="dimmed nowrap">{intervalText(metric)}</td>
              <td className="dimmed">
                {card.baselines
                  .filter((baseline) => baseline.metric === metric.name)
                  .map(({ name, value }) => `${figureText(value)} ${name}`)
                  .join('; ')}
              </td>
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  );
}

function FairnessInTraining({ card: { fairness } }: { readonly card: Card }) {
  return (
    <>
      <p className="text">{fairness.note}</p>
      {fairness.rows.length > 0 && (
        <table className="plain tight">
          <thead>
            <tr>
              <th>Group</th>
              <th data-align="end">Cases</th>
              <th data-align="end">Let through</th>
              <th data-align="end">Impact ratio</th>
              <th data-align="end">Deserving let through</th>
            </tr>
          </thead>
          <tbody>
            {fairness.rows.map((row) => (
              <tr key={row.attribute + row.group}>
                <th scope="row">
                  <span className="dimmed">{row.attribute}</span> {row.group}
                </th>
                <td data-align="end">{countText(row.n)}</td>
                <td data-align="end">{shareText(row.favourable_rate)}</td>
                <td data-align="end">
                  {row.impact_ratio === null ? 'reference' : figureText(row.impact_ratio, 2)}
                </td>
                <td data-align="end">{shareText(row.true_positive_rate)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Training({ card: { training } }: { readonly card: Card }) {
  const { data, libraries, parameters } = training;
  return (
    <Facts
      of={{
        Data: data.source,
        Licence: data.licence,
        Rows: countText(data.rows),
        Split: data.split,
        'Data digest': <Id id={data.digest} whole />,
        Command: <span className="mono">{training.command}</span>,
        'Code digest': <Id id={training.code} whole />,
        Seed: String(training.seed),
        Libraries: <span className="mono">{pairs(libraries)}</span>,
        Parameters: <span className="mono">{pairs(parameters)}</span>,
      }}
    />
  );
}

function pairs(of: Readonly<Record<string, string | number>>): string {
  return Object.entries(of)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function Checks({ version }: { readonly version: Version }) {
  const { samples, latency_us, score, checks } = validationOf(version);
  return (
    <>
      <Facts
        of={{
          'Tried with': `${countText(samples)} cases drawn from its reference`,
          'Time to score': `${latency_us.p50} µs half of the time, ${latency_us.p99} µs in 99 of 100`,
          Scores: `${plainText(score.low)} to ${plainText(score.high)}, half below ${plainText(score.median)}`,
        }}
      />
      <table className="plain tight">
        <thead>
          <tr>
            <th>Check</th>
            <th>Result</th>
            <th>Found</th>
          </tr>
        </thead>
        <tbody>
          {checks.map(({ check, passed, found }) => (
            <tr key={check}>
              <th scope="row">{check}</th>
              <td>
                <State word={passed ? 'passed' : 'failed'} />
              </td>
              <td className="text">{found}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
