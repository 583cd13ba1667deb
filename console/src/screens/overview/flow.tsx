// The picture of the product: AI proposes, policy countersigns, the ledger posts; each plane with
// what went through it, minute by minute.
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { Chart, type Series } from '../../parts/chart.tsx';
import { countText, shareText, spanText } from '../../parts/figures.ts';
import { Amount } from '../../parts/money.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { instantText, useZone } from '../../parts/time.tsx';

type Minute = Answer<'GET /v1/flow'>['items'][number];
type Counts = Readonly<Record<string, number>>;

export function Flow({ minutes }: { readonly minutes: readonly Minute[] }) {
  const scored = sumOf(minutes, ({ ai }) => ai.scored);
  const decided = totals(minutes.map(({ policy }) => policy));
  if (scored + sumIn(decided) === 0) return <Quiet />;
  return (
    <section className="lanes" aria-label="Flow through the three planes">
      <AiLane minutes={minutes} scored={scored} />
      <ArrowRight className="lanes-arrow" aria-hidden />
      <PolicyLane minutes={minutes} decided={decided} />
      <ArrowRight className="lanes-arrow" aria-hidden />
      <MoneyLane minutes={minutes} />
    </section>
  );
}

function Quiet() {
  return (
    <div className="card">
      <Empty title="Nothing went through in the last hour">
        As soon as a channel orders a payment, it shows here: what the model said of it, what policy
        decided, and what the ledger posted. The first one is described at{' '}
        <a href="/docs">the API</a>, POST /v1/payments.
      </Empty>
    </div>
  );
}

/** How many usual minutes high the scale is where it is cut, and from how many on it is. */
const burstTimes = 2.5;
const burstMin = 5;

type LaneProps = {
  readonly plane: 'ai' | 'policy' | 'money';
  readonly title: string;
  readonly words: string;
  /** Of the last whole minute. */
  readonly now: number;
  readonly unit: string;
  readonly minutes: readonly Minute[];
  readonly series: readonly Series[];
  readonly children: ReactNode;
};

function Lane({ plane, title, words, now, unit, minutes, series, children }: LaneProps) {
  const zone = useZone();
  const labels = minutes.map(({ at }) => instantText(at, zone, false).slice(11));
  const sums = minutes.map((_, at) => sumIn(series.map(({ values }) => values[at] ?? 0)));
  const peak = Math.max(0, ...sums);
  const usual = scaleOf(sums);
  const isCut = peak > usual;
  return (
    <article className="lane" data-plane={plane}>
      <header>
        <div>
          <h2>{title}</h2>
          <Text c="dimmed" fz="sm">
            {words}
          </Text>
        </div>
        <div className="lane-now">
          <strong>{countText(now)}</strong>
          <span>{unit} a minute</span>
        </div>
      </header>
      <p className="lane-peak">
        peak {countText(peak)} at {labels[sums.indexOf(peak)]}
        {isCut && ', beyond the scale'}
      </p>
      <Chart
        title={`${title}, by minute`}
        height={120}
        labels={labels}
        series={series}
        legend={false}
        {...(isCut ? { max: usual } : {})}
      />
      <dl className="lane-figures">{children}</dl>
    </article>
  );
}

function Figure({
  name,
  color,
  of,
  to,
  children,
}: {
  readonly name: string;
  /** Of its bars above, where it has some: a name of `look.css`. */
  readonly color?: string;
  readonly of?: number;
  readonly to?: string;
  readonly children: ReactNode;
}) {
  return (
    <div>
      <dt>
        {color !== undefined && (
          <span className="lane-swatch" style={{ background: `var(${color})` }} aria-hidden />
        )}
        {to ? <Link to={to as never}>{wordsOf(name)}</Link> : wordsOf(name)}
      </dt>
      <dd>
        {children}
        {of !== undefined && of > 0 && <span className="lane-share">{shareText(of)}</span>}
      </dd>
    </div>
  );
}

function AiLane({ minutes, scored }: { readonly minutes: readonly Minute[]; scored: number }) {
  const fellBack = totals(minutes.map(({ ai }) => ai.fell_back));
  const reasons = Object.entries(fellBack).sort(([, one], [, other]) => other - one);
  const all = scored + sumIn(fellBack);
  const slowest = Math.max(0, ...minutes.map(({ ai }) => ai.p95_ms ?? 0));
  const last = lastWhole(minutes);
  return (
    <Lane
      plane="ai"
      title="AI proposes"
      words="Scores in time, on masked data"
      now={last ? last.ai.scored + sumIn(last.ai.fell_back) : 0}
      unit="scores"
      minutes={minutes}
      series={[
        bars('scored', '--plane-ai', minutes, ({ ai }) => ai.scored),
        bars('fell back', '--still', minutes, ({ ai }) => sumIn(ai.fell_back)),
      ]}
    >
      <Figure name="scored" color="--plane-ai" of={scored / all}>
        {countText(scored)}
      </Figure>
      <Figure name="fell back" color="--still" of={sumIn(fellBack) / all}>
        {countText(sumIn(fellBack))}
      </Figure>
      {reasons.slice(0, 2).map(([reason, count]) => (
        <Figure key={reason} name={reason}>
          {countText(count)}
        </Figure>
      ))}
      <Figure name="slowest p95">{spanText(slowest)}</Figure>
    </Lane>
  );
}

const outcomes = [
  ['allow', '--good'],
  ['hold', '--wait'],
  ['review', '--look'],
  ['deny', '--bad'],
] as const;

function PolicyLane({
  minutes,
  decided,
}: {
  readonly minutes: readonly Minute[];
  readonly decided: Counts;
}) {
  const all = sumIn(decided);
  const last = lastWhole(minutes);
  return (
    <Lane
      plane="policy"
      title="Policy countersigns"
      words="By versioned rules, explained and signed"
      now={last ? sumIn(last.policy) : 0}
      unit="decisions"
      minutes={minutes}
      series={outcomes.map(([outcome, color]) =>
        bars(outcome, color, minutes, ({ policy }) => policy[outcome] ?? 0),
      )}
    >
      {outcomes.map(([outcome, color]) => (
        <Figure
          key={outcome}
          {...{ name: outcome, color }}
          of={(decided[outcome] ?? 0) / all}
          to={`/decisions?outcome=${outcome}`}
        >
          {countText(decided[outcome] ?? 0)}
        </Figure>
      ))}
      <Figure name="cases opened" to="/reviews">
        {countText(sumOf(minutes, ({ reviews }) => reviews.opened))}
      </Figure>
      <Figure name="cases decided" to="/reviews">
        {countText(sumOf(minutes, ({ reviews }) => reviews.decided))}
      </Figure>
    </Lane>
  );
}

/** What a payment's event says became of money, in the order in which it is looked at. */
const moves = [
  ['posted', '--plane-money'],
  ['authorized', '--look'],
  ['captured', '--good'],
  ['held', '--wait'],
  ['refused', '--bad'],
] as const;

function MoneyLane({ minutes }: { readonly minutes: readonly Minute[] }) {
  const payments = totals(minutes.map(({ money }) => money.payments));
  const posted = Object.entries(totals(minutes.map(({ money }) => money.posted)));
  const last = lastWhole(minutes);
  return (
    <Lane
      plane="money"
      title="The ledger posts"
      words="Only what is countersigned"
      now={last ? sumIn(last.money.payments) : 0}
      unit="payments"
      minutes={minutes}
      series={moves.map(([word, color]) =>
        bars(word, color, minutes, ({ money }) => money.payments[word] ?? 0),
      )}
    >
      {moves.map(([word, color]) => (
        <Figure
          key={word}
          {...{ name: word, color }}
          to={word === 'refused' ? '/payments?status=denied' : `/payments?status=${word}`}
        >
          {countText(payments[word] ?? 0)}
        </Figure>
      ))}
      {posted.slice(0, 2).map(([currency, minor]) => (
        <Figure key={currency} name="moved">
          <Amount minor={minor} currency={currency} />
        </Figure>
      ))}
    </Lane>
  );
}

function bars(
  name: string,
  color: string,
  minutes: readonly Minute[],
  count: (minute: Minute) => number,
): Series {
  return { name, color, kind: 'bar', stack: 'all', values: minutes.map(count) };
}

/**
 * Where the scale ends: a burst many times the usual minute would make a flat line of all others,
 * so it is cut, and told in words.
 */
function scaleOf(sums: readonly number[]): number {
  const busy = sums.filter((sum) => sum > 0).sort((one, other) => one - other);
  const usual = busy[Math.floor(busy.length / 2)] ?? 0;
  const step = 10 ** Math.floor(Math.log10(Math.max(1, usual * burstTimes)));
  const scale = Math.ceil((usual * burstTimes) / step) * step;
  return (busy.at(-1) ?? 0) > burstMin * usual ? scale : Number.POSITIVE_INFINITY;
}

/** The minute that runs is not over yet. */
function lastWhole(minutes: readonly Minute[]): Minute | undefined {
  return minutes.at(-2) ?? minutes.at(-1);
}

function totals(each: readonly Counts[]): Counts {
  const sums: Record<string, number> = {};
  for (const counts of each) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

function sumIn(counts: Counts | readonly number[]): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}

function sumOf(minutes: readonly Minute[], count: (minute: Minute) => number): number {
  return minutes.reduce((sum, minute) => sum + count(minute), 0);
}
