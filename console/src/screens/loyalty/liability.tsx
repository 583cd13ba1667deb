// What the points of a programme are owed: the figure with how sure it is, the triangle it comes
// from, what will be redeemed in the months to come, and the journals that were posted.
import { Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRefresh } from '../../api/live.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type FigureOf, FigureStrip } from '../../parts/figure-strip.tsx';
import { countText, shareText } from '../../parts/figures.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Amount } from '../../parts/money.tsx';
import { Card, Screen, Scroll } from '../../parts/screen.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { tell } from '../../parts/tell.ts';
import { Time } from '../../parts/time.tsx';
import { Books } from './books.tsx';
import { Forecast } from './forecast.tsx';
import './loyalty.css';
import { Points } from './points.tsx';
import { useProgram } from './program-choice.tsx';
import { Runs } from './runs.tsx';
import type { LiabilityRead, ProgramSeen } from './shapes.ts';
import { Triangle } from './triangle.tsx';

const liabilityOp = 'GET /v1/loyalty/liability';
const runsOp = 'GET /v1/loyalty/liability/runs';

export function Liability() {
  const { program, choice, rest } = useProgram();
  const runs = useAct('POST /v1/loyalty/liability/runs', [runsOp]);
  const [, setUrl] = useUrl();
  useRefresh(['loyalty.liability_'], [liabilityOp, runsOp]);
  const ask = () => {
    if (!program) return;
    runs.mutate(
      { body: { program: program.name } },
      { onSuccess: () => tell('Asked for: it is worked out and posted within a minute or so.') },
    );
  };
  const keys: readonly Key[] = [
    { key: 'r', words: 'Ask for a run now', act: ask },
    { key: '1', words: 'The forecast in money', act: () => setUrl({ in: undefined }) },
    { key: '2', words: 'The forecast in points', act: () => setUrl({ in: 'points' }) },
  ];
  useKeys(keys);
  return (
    <Screen
      title="Liability"
      about="What points are owed, worked out from how they were redeemed so far"
      actions={
        <>
          {choice}
          <ActButton
            right="loyalty:write"
            unless={program === undefined ? 'There is no programme yet' : undefined}
            loading={runs.isPending}
            onClick={ask}
          >
            Ask for a run
          </ActButton>
          <KeysButton keys={keys} />
        </>
      }
    >
      <Scroll>
        <Stack gap="md">
          {runs.error && <ProblemNote error={runs.error} />}
          {program ? <Of key={program.name} program={program} /> : rest}
        </Stack>
      </Scroll>
    </Screen>
  );
}

function Of({ program }: { readonly program: ProgramSeen }) {
  const { data, error, refetch } = useApi(liabilityOp, { query: { program: program.name } });
  if (error?.problem.status === 404) {
    return (
      <>
        <Empty title="No run is on record yet">
          What is owed is worked out once a day, and whenever somebody asks for a run.
        </Empty>
        <Runs program={program.name} />
      </>
    );
  }
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  if (data.figures.points === 0) {
    return (
      <>
        <Empty title="Nothing is owed">
          No points of {program.title} were issued before <Time at={data.as_of} whole />. What is
          issued since then is part of the next run: it comes with the night, or when somebody asks
          for one.
        </Empty>
        <Runs program={program.name} />
      </>
    );
  }
  return (
    <>
      <FigureStrip of={figuresOf(data, program)} />
      <div className="liability-pair">
        <Forecast of={data} />
        <Books of={data} />
      </div>
      <Card
        title="Redeemed by month of issue and age, in % of what was issued"
        flush
        actions={<Standing of={data} />}
      >
        <Triangle cohorts={cohortsOf(data)} />
      </Card>
      <Runs program={program.name} />
    </>
  );
}

function figuresOf(run: LiabilityRead, { unit }: ProgramSeen): readonly FigureOf[] {
  const { figures, currency, as_of, policy } = run;
  const { redemption_rate_low: low, redemption_rate_high: high } = figures;
  return [
    {
      name: policy === 'ifrs15' ? 'Deferred revenue (IFRS 15)' : 'Provision (IAS 37)',
      value: <Amount minor={figures.liability} currency={currency} />,
      about: (
        <>
          as of <Time at={as_of} whole />
        </>
      ),
    },
    {
      name: 'Redeemed in the end',
      value: shareText(figures.redemption_rate),
      about: `95 % sure: ${shareText(low)} to ${shareText(high)}`,
    },
    {
      name: 'Breakage',
      value: shareText(figures.breakage_rate),
      about: 'never redeemed',
    },
    {
      name: 'Outstanding',
      value: <Points points={figures.outstanding} unit={unit} />,
      about: `${countText(figures.expected)} of them will be redeemed`,
    },
    {
      name: 'Issued',
      value: <Points points={figures.points} unit={unit} />,
      about: `${countText(figures.redeemed)} redeemed, ${countText(figures.lapsed)} lapsed`,
    },
    {
      name: 'Months of issue',
      value: countText(figures.cohorts),
      about:
        figures.cohorts_gone === 0
          ? 'of each something is left'
          : `of ${countText(figures.cohorts_gone)} nothing is left`,
    },
  ];
}

function Standing({ of: { version } }: { readonly of: LiabilityRead }) {
  const [name = ''] = version.split('@');
  return (
    <span style={{ fontWeight: 400 }}>
      by the terms of <Link to={`/programs/${name}` as never}>{version}</Link>
    </span>
  );
}

function cohortsOf({ cohorts, triangle }: LiabilityRead) {
  const rows = new Map(triangle.months.map((month, at) => [month, triangle.rows[at] ?? []]));
  return cohorts.map((each) => ({
    ...{ cohort: each.month, issued: each.points, redeemed: rows.get(each.month) ?? [] },
    ...{ ultimate: each.redemption_rate, method: each.method },
    ...{ low: each.redemption_rate_low, high: each.redemption_rate_high },
  }));
}
