// Two versions side by side: what their cards promise, how they do with the same cases, and what of
// them differs.
import { useApi } from '../../api/queries.ts';
import { Card as Box } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { countText, figureText, intervalText, levelLook, msText, shareText } from './figures.ts';
import { type Card, cardOf, type Model, type Report } from './shapes.ts';

type Pair<Of> = { readonly a: Of; readonly b: Of };

export function Compare({ model, a, b }: { readonly model: Model } & Pair<number>) {
  const { name } = model;
  const read = (version: number) => ({ path: { name, version } });
  const one = useApi('GET /v1/models/{name}/versions/{version}', read(a));
  const other = useApi('GET /v1/models/{name}/versions/{version}', read(b));
  const error = one.error ?? other.error;
  if (error) return <ProblemNote error={error} retry={() => one.refetch()} />;
  if (!one.data || !other.data) return <Loading />;
  const cards = { a: cardOf(one.data), b: cardOf(other.data) };
  const heads = { a: `v${a}`, b: `v${b}` };
  return (
    <div className="watch">
      <Box title="What their cards promise">
        <Promised {...{ cards, heads }} />
      </Box>
      <Box title="With the bank’s own cases, the last day">
        <Done {...{ name, a, b, heads }} />
      </Box>
      <div style={{ gridColumn: '1 / -1' }}>
        <Box title="What differs">
          <Differences {...{ cards, heads }} />
        </Box>
      </div>
    </div>
  );
}

type Metric = Card['metrics'][number];

function Promised({ cards, heads }: { readonly cards: Pair<Card>; readonly heads: Pair<string> }) {
  const all = [...cards.a.metrics, ...cards.b.metrics];
  const splits = [...new Set(all.map(({ split }) => split))];
  return (
    <table className="plain tight">
      <Head heads={heads} last="Apart" />
      {splits.map((split) => {
        const names = [
          ...new Set(all.filter((each) => each.split === split).map(({ name }) => name)),
        ];
        const of = (card: Card, name: string) =>
          card.metrics.find((metric) => metric.name === name && metric.split === split);
        return (
          <tbody key={split}>
            <tr>
              <td colSpan={4} className="dimmed">
                On: {split}
              </td>
            </tr>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td data-align="end">{promisedText(of(cards.a, name))}</td>
                <td data-align="end">{promisedText(of(cards.b, name))}</td>
                <td className="nowrap">{apart(of(cards.a, name), of(cards.b, name))}</td>
              </tr>
            ))}
          </tbody>
        );
      })}
    </table>
  );
}

function Head({ heads, last }: { readonly heads: Pair<string>; readonly last?: string }) {
  return (
    <thead>
      <tr>
        <th>Figure</th>
        <th data-align="end">{heads.a}</th>
        <th data-align="end">{heads.b}</th>
        {last !== undefined && <th>{last}</th>}
      </tr>
    </thead>
  );
}

function promisedText(metric: Metric | undefined): string {
  return metric ? `${figureText(metric.value)} (${intervalText(metric)})` : '–';
}

function apart(a: Metric | undefined, b: Metric | undefined) {
  if (!a || !b) return <span className="dimmed">only one has it</span>;
  if (a.value === b.value) return <span className="dimmed">the same</span>;
  const isApart = a.low > b.high || b.low > a.high;
  return isApart ? (
    <State word="look">intervals apart</State>
  ) : (
    <span className="dimmed">may be chance</span>
  );
}

type DoneProps = Pair<number> & { readonly name: string; readonly heads: Pair<string> };

/** The API makes one report at a time: the second is asked for when the first has come. */
function Done({ name, a, b, heads }: DoneProps) {
  const read = (version: number) => ({ path: { name }, query: { version } });
  const one = useApi('GET /v1/models/{name}/monitoring', read(a));
  const other = useApi('GET /v1/models/{name}/monitoring', read(b), {
    enabled: one.data !== undefined,
  });
  const error = one.error ?? other.error;
  if (error) return <ProblemNote error={error} retry={() => one.refetch()} />;
  if (!one.data || !other.data) return <Loading />;
  return (
    <>
      <table className="plain tight">
        <Head heads={heads} />
        <tbody>
          {doneRows.map(({ what, of }) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td data-align="end">{of(one.data)}</td>
              <td data-align="end">{of(other.data)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="note">
        A shadow scores the same cases as what decides, so both can be held against what came.
      </p>
    </>
  );
}

const doneRows: readonly { readonly what: string; readonly of: (report: Report) => string }[] = [
  { what: 'Cases', of: ({ cases }) => countText(cases) },
  {
    what: 'Drift of the score',
    of: ({ drift: { score } }) =>
      score.level === 'unknown'
        ? levelLook(score.level).text
        : `${figureText(score.psi)}, ${levelLook(score.level).text}`,
  },
  {
    what: 'AUC, as it turned out',
    of: ({ settled: { auc } }) =>
      auc ? `${figureText(auc.value)} (${intervalText(auc)})` : 'no labels',
  },
  {
    what: 'Precision at the threshold',
    of: ({ settled: { precision } }) =>
      precision ? `${figureText(precision.value)} (${intervalText(precision)})` : 'no labels',
  },
  {
    what: 'Recall at the threshold',
    of: ({ settled: { recall } }) =>
      recall ? `${figureText(recall.value)} (${intervalText(recall)})` : 'no labels',
  },
  {
    what: 'Calibration, mean distance',
    of: ({ settled: { calibration } }) => figureText(calibration?.expected_error),
  },
  {
    what: 'Overruled by reviewers',
    of: ({ overruled }) =>
      overruled ? `${shareText(overruled.value)} of ${countText(overruled.n)}` : 'none judged',
  },
  { what: 'Time to score, p99', of: ({ latency_us }) => msText(latency_us.p99) },
  { what: 'Fell back', of: ({ fallbacks: { rate } }) => shareText(rate?.value, 2) },
];

type Difference = { readonly what: string; readonly a: string; readonly b: string };

function Differences({
  cards,
  heads,
}: {
  readonly cards: Pair<Card>;
  readonly heads: Pair<string>;
}) {
  const rows = differences(cards);
  if (rows.length === 0) return <p className="dimmed">Nothing: both cards say the same.</p>;
  return (
    <table className="plain tight">
      <thead>
        <tr>
          <th>What</th>
          <th>{heads.a}</th>
          <th>{heads.b}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ what, a, b }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td className="text">{a}</td>
            <td className="text">{b}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Leaf by leaf, but for what is compared elsewhere or too long to be read. */
function differences({ a, b }: Pair<Card>): readonly Difference[] {
  const [one, other] = [leavesOf(a), leavesOf(b)];
  const names = [...new Set([...one.keys(), ...other.keys()])];
  return names.flatMap((what) => {
    const [before, after] = [one.get(what) ?? '–', other.get(what) ?? '–'];
    return before === after ? [] : [{ what, a: before, b: after }];
  });
}

const comparedElsewhere = new Set(['reference', 'metrics', 'baselines', 'fairness']);

function leavesOf(card: Card): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (value: unknown, path: readonly string[]) => {
    if (value === null || typeof value !== 'object' || isPlainList(value)) {
      found.set(path.join(' › '), Array.isArray(value) ? value.join(' to ') : String(value));
      return;
    }
    for (const [key, child] of Object.entries(value)) {
      visit(child, [...path, nameOf(child) ?? key]);
    }
  };
  for (const [key, value] of Object.entries(card)) {
    if (!comparedElsewhere.has(key)) visit(value, [key]);
  }
  return found;
}

function isPlainList(value: object): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}

/** Inputs are the same by their name, wherever they stand. */
function nameOf(value: unknown): string | undefined {
  const name = (value as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? name : undefined;
}
