// One action under test: its arms, what other rankings would have brought, and whom it reaches.
import { useApi } from '../../api/queries.ts';
import { Bar } from '../../parts/bar.tsx';
import { countText, shareText } from '../../parts/figures.ts';
import { Card, Facts } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import type { ExperimentRead } from './shapes.ts';
import { armText } from './words.ts';

export function ExperimentView({ action }: { readonly action: string }) {
  const { data, error, refetch } = useApi('GET /v1/offers/experiments/{action}', {
    path: { action },
  });
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <div className="stacked">
      <div className="side-by-side">
        <Arms of={data} />
        <OffPolicy of={data} />
      </div>
      <Fairness of={data} />
    </div>
  );
}

function Arms({ of: { action, arms, window_days, as_of } }: { readonly of: ExperimentRead }) {
  return (
    <Card title={`${action}: its arms`}>
      {arms.length === 0 && <span className="dimmed">Nobody is in it yet.</span>}
      {arms.length > 0 && (
        <table className="plain" aria-label="Arms">
          <thead>
            <tr>
              <th>Arm</th>
              <th className="end">Customers</th>
              <th className="end">Time is over</th>
              <th className="end">Opened it</th>
            </tr>
          </thead>
          <tbody>
            {arms.map(({ arm, n, mature, opened }) => (
              <tr key={arm}>
                <th scope="row">{armText(arm)}</th>
                <td className="end">{countText(n)}</td>
                <td className="end">{countText(mature)}</td>
                <td className="end nowrap">
                  {countText(opened)}{' '}
                  <span className="dimmed">{mature === 0 ? '' : shareText(opened / mature)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="card-foot dimmed">
        Who was offered it, or held out, has {window_days} days to open the product; only those
        whose time is over count. As of <Time at={as_of} whole />.
      </p>
    </Card>
  );
}

function OffPolicy({ of: { off_policy, ranking } }: { readonly of: ExperimentRead }) {
  const figure = (value: number | null) =>
    value === null ? <span className="dimmed">too few</span> : value.toFixed(3);
  return (
    <Card title="Would a ranking by the model do better?">
      {off_policy === null ? (
        <span className="dimmed">
          Nothing was shown with a known chance yet: what chance shows is what others are judged by.
        </span>
      ) : (
        <Facts
          of={{
            'Shown with a known chance': countText(off_policy.n),
            'Worth as many equal trials': countText(Math.round(off_policy.effective_n)),
            'Would accept, by IPS': estimateText(off_policy.ips),
            'Would accept, by SNIPS':
              off_policy.snips === null ? null : estimateText(off_policy.snips),
            'Weights that were cut': countText(off_policy.clipped),
          }}
        />
      )}
      <Facts
        of={{
          'Qini of the scores': figure(ranking.qini),
          'Area under the uplift': figure(ranking.uplift_auc),
          'Of trials': countText(ranking.n),
        }}
      />
    </Card>
  );
}

function estimateText({ value, error }: { readonly value: number; readonly error: number }) {
  return `${shareText(value)}, give or take ${shareText(1.96 * error)}`;
}

const airMin = 0.8;

function Fairness({ of: { fairness } }: { readonly of: ExperimentRead }) {
  return (
    <Card title="Whom it reaches">
      {fairness.length === 0 && (
        <span className="dimmed">
          The bank has told no groups: they are for looking at this alone, and never decide.
        </span>
      )}
      {fairness.map(({ attribute, groups }) => (
        <table key={attribute} className="plain" aria-label={`Fairness by ${attribute}`}>
          <thead>
            <tr>
              <th>{wordsOf(attribute)}</th>
              <th className="end">Customers</th>
              <th className="end">Offered it</th>
              <th>Impact ratio</th>
              <th className="end">z</th>
              <th>Verdict</th>
            </tr>
          </thead>
          <tbody>
            {groups.map((each) => (
              <tr key={each.group}>
                <th scope="row">{wordsOf(each.group)}</th>
                <td className="end">{countText(each.n)}</td>
                <td className="end">{shareText(each.favourable_rate)}</td>
                <td>
                  {each.impact_ratio === null ? (
                    <span className="dimmed">–</span>
                  ) : (
                    <span className="bar-cell">
                      <Bar
                        value={each.impact_ratio}
                        max={1}
                        marks={[airMin]}
                        color={each.is_flagged ? '--bad' : '--good'}
                      />
                      {each.impact_ratio.toFixed(2)}
                    </span>
                  )}
                </td>
                <td className="end">{each.impact_z === null ? '–' : each.impact_z.toFixed(2)}</td>
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
        </table>
      ))}
    </Card>
  );
}
