import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { groupedBars, legend, lines, rows, stackedBars, text, ticksTo } from './report-charts.ts';

const finite = fc.double({ min: 1e-6, max: 1e12, noNaN: true });

test('ticks begin at nothing, end above all, are few, and stand at round steps', () => {
  fc.assert(
    fc.property(finite, (most) => {
      const ticks = ticksTo(most);
      assert.equal(ticks[0], 0);
      assert.ok((ticks.at(-1) as number) >= most * (1 - 1e-9));
      assert.ok(ticks.length >= 2 && ticks.length <= 6, `${ticks.length} ticks`);
      const step = ticks[1] as number;
      const digit = Number(step.toExponential().charAt(0));
      assert.ok([1, 2, 5].includes(digit), `${step}`);
    }),
  );
  assert.deepEqual(ticksTo(0), [0, 1]);
  assert.deepEqual(ticksTo(870), [0, 500, 1_000]);
});

const chart = {
  title: 'A & B',
  labels: ['one', 'two', ''],
  series: [
    { name: 'first', style: 'allowed', values: [1, 2, 3] },
    { name: 'second', style: 'denied', values: [0, 5, Number.NaN] },
  ],
  tell: String,
  marks: [{ at: 1.5, text: 'a <change>' }],
};

test('a stack stands on the axis and is as high as its sum; what is nothing is not drawn', () => {
  const drawn = stackedBars({ ...chart, series: chart.series.slice(0, 1) });
  const bars = [
    ...drawn.matchAll(/<rect class="fill allowed" [^>]*y="([\d.]+)"[^>]*height="([\d.]+)"/g),
  ];
  assert.equal(bars.length, 3);
  const feet = bars.map(([, y, height]) => Math.round(Number(y) + Number(height)));
  assert.equal(new Set(feet).size, 1);
  const heights = bars.map(([, , height]) => Number(height));
  assert.ok(Math.abs((heights[2] as number) - 3 * (heights[0] as number)) < 0.5);
  assert.equal(
    [...groupedBars(chart).matchAll(/denied/g)].length,
    1,
    'what is not known is no bar',
  );
});

test('a line has a gap where nothing was measured', () => {
  const [, path] = /<path class="line denied" d="([^"]*)"/.exec(lines(chart)) ?? [];
  assert.match(path ?? '', /^M[\d.]+ [\d.]+L[\d.]+ [\d.]+$/);
});

test('words are heard and never become markup', () => {
  for (const drawn of [stackedBars(chart), lines(chart), groupedBars(chart), rows(chart)]) {
    assert.match(drawn, /role="img" aria-label="A &amp; B"/);
    assert.ok(!drawn.includes('<change>') && !/NaN|Infinity|undefined/.test(drawn), drawn);
  }
  assert.equal(text('<b>"&"'), '&lt;b&gt;&quot;&amp;&quot;');
  assert.match(legend(chart.series), /class="swatch allowed".*first/);
});
