// Fairness: how often the threshold lets each group through, against the group with the best rate.
import { Tooltip } from '@mantine/core';
import { Bar } from '../../parts/bar.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import type { WatchedProps } from './drift.tsx';
import { countText, figureText, limitsOf, shareText } from './figures.ts';
import { guides } from './guides.ts';
import { Section } from './section.tsx';
import type { Card, Report } from './shapes.ts';

type Attribute = Report['fairness'][number];

export function FairnessSection(props: WatchedProps & { readonly card: Card }) {
  const { report, control, run, card } = props;
  const limits = limitsOf(control, 'least_impact_ratio');
  return (
    <Section id="fairness" title="Fairness" {...{ control, run }} guide={guides.fairness}>
      {report.fairness.length === 0 ? (
        <NoGroups card={card} />
      ) : (
        <table className="plain tight">
          {report.fairness.map((attribute) => (
            <Groups key={attribute.attribute} {...{ attribute, limits }} />
          ))}
        </table>
      )}
    </Section>
  );
}

function Groups({
  attribute: { attribute, groups },
  limits,
}: {
  readonly attribute: Attribute;
  readonly limits: readonly number[];
}) {
  return (
    <>
      <thead>
        <tr>
          <th>{wordsOf(attribute)}</th>
          <th data-align="end">Cases</th>
          <th data-align="end">Let through</th>
          <th>Impact ratio</th>
          <th data-align="end">
            <Tooltip label="Of the cases that turned out well, the share that is let through">
              <span className="explained">Deserving</span>
            </Tooltip>
          </th>
          <th>Verdict</th>
        </tr>
      </thead>
      <tbody>
        {groups.map((each) => (
          <tr key={each.group}>
            <th scope="row">{wordsOf(each.group)}</th>
            <td data-align="end">{countText(each.n)}</td>
            <td data-align="end">{shareText(each.favourable_rate)}</td>
            <td>
              <Impact ratio={each.impact_ratio} limits={limits} isFlagged={each.is_flagged} />
            </td>
            <td data-align="end">
              {each.deserving_rate === null ? (
                <span className="dimmed">not known</span>
              ) : (
                <>
                  {shareText(each.deserving_rate)}{' '}
                  <span className="dimmed">of {countText(each.deserving_n)}</span>
                </>
              )}
            </td>
            <td>
              {each.is_flagged ? (
                <State word="breached">flagged</State>
              ) : each.impact_ratio === null ? (
                <State word="none">too few</State>
              ) : (
                <State word="ok">alike</State>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </>
  );
}

function Impact({
  ratio,
  limits,
  isFlagged,
}: {
  readonly ratio: number | null;
  readonly limits: readonly number[];
  readonly isFlagged: boolean;
}) {
  if (ratio === null) return <span className="dimmed">–</span>;
  return (
    <span className="figure-bar">
      <span>{figureText(ratio, 2)}</span>
      <Bar value={ratio} max={1} marks={limits} color={isFlagged ? '--bad' : '--good'} />
    </span>
  );
}

/** What the card found in training is all that is known then. */
function NoGroups({ card }: { readonly card: Card }) {
  return (
    <div className="no-labels">
      <p>
        No case of this period was scored, or none came with a group. Groups are told by facts of
        the decision, such as the channel, the kind or the region; they are no inputs of the model.
      </p>
      <p className="text dimmed">The card says: {card.fairness.note}</p>
    </div>
  );
}
