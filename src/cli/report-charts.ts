// Charts for the report, as SVG text: pure functions of figures, styled by classes alone.

/** A row of values under one name; `style` is a class of the page. */
export type Series = {
  readonly name: string;
  readonly style: string;
  readonly values: readonly number[];
};

/** Something that happened at one place of the x axis, in its units. */
export type Mark = { readonly at: number; readonly text: string };

export type Chart = {
  /** What it shows, for those who hear the page. */
  readonly title: string;
  /** Under each place of the x axis; an empty one is left out. */
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  /** How values are told. */
  readonly tell: (value: number) => string;
  /** Under the x axis. */
  readonly below?: string;
  readonly marks?: readonly Mark[];
  /** A half is for two charts beside each other. */
  readonly size?: 'whole' | 'half';
  /** By the square root what is rare can still be seen beside what is common. */
  readonly scale?: 'linear' | 'root';
};

const widths = { whole: 960, half: 470 } as const;
const height = 280;
const [left, right] = [64, 12];
/** Under the plot: the labels, and what they are. */
const [labelRow, belowRow] = [26, 20];
/** Above the plot: a row for each mark, so that their texts do not meet. */
const markRow = 16;
const ticksWanted = 4;
/** Of the end of a root scale. */
const rootTicks = [0, 0.01, 0.05, 0.2, 0.5, 1];

/** Bars side by side, each a stack of all series. */
export function stackedBars(chart: Chart): string {
  const { series, labels, tell } = chart;
  const totals = labels.map((_, at) => sum(series.map(({ values }) => barAt(values, at))));
  const plot = plotOf(chart, Math.max(...totals));
  const gap = Math.min(6, plot.step * 0.2);
  const bars = labels.map((label, at) => {
    let base = 0;
    return series
      .map(({ name, style, values }) => {
        const value = barAt(values, at);
        const [from, to] = [base, base + value];
        base = to;
        if (value === 0) return '';
        const words = `${label || at}: ${tell(value)} ${name}`;
        const box = { x: plot.x(at) + gap / 2, y: plot.y(to), width: plot.step - gap };
        return bar(style, { ...box, height: plot.y(from) - plot.y(to) }, words);
      })
      .join('');
  });
  return svg(chart, plot, bars.join(''));
}

/** Bars of several series beside each other. */
export function groupedBars(chart: Chart): string {
  const { series, labels, tell } = chart;
  const most = Math.max(
    ...series.flatMap(({ values }) => labels.map((_, at) => barAt(values, at))),
  );
  const plot = plotOf(chart, most);
  const room = plot.step * 0.8;
  const each = room / series.length;
  const bars = series.flatMap(({ name, style, values }, nth) =>
    labels.map((label, at) => {
      const value = barAt(values, at);
      const x = plot.x(at) + (plot.step - room) / 2 + nth * each;
      const box = { x, y: plot.y(value), width: each, height: plot.y(0) - plot.y(value) };
      return value === 0 ? '' : bar(style, box, `${label}: ${tell(value)} ${name}`);
    }),
  );
  return svg(chart, plot, bars.join(''));
}

/** A line for each series, through the middle of each place; where nothing is known is a gap. */
export function lines(chart: Chart): string {
  const finite = chart.series.flatMap(({ values }) => values.filter(Number.isFinite));
  const plot = plotOf(chart, Math.max(0, ...finite));
  const drawn = chart.series.map(({ name, style, values }) => {
    let pen = 'M';
    const path = values.map((value, at) => {
      const from = pen;
      pen = Number.isFinite(value) ? 'L' : 'M';
      return Number.isFinite(value) ? `${from}${place(plot, at)} ${fixed(plot.y(value))}` : '';
    });
    const dots = values.map((value, at) => {
      if (!Number.isFinite(value)) return '';
      const words = text(`${chart.labels[at] || at}: ${name} ${chart.tell(value)}`);
      const [x, y] = [place(plot, at), fixed(plot.y(value))];
      const dot = `<circle class="fill ${style}" cx="${x}" cy="${y}" r="3">`;
      return `${dot}<title>${words}</title></circle>`;
    });
    return `<path class="line ${style}" d="${path.join('')}"/>${dots.join('')}`;
  });
  return svg(chart, plot, drawn.join(''));
}

/** One bar a label, from left to right, each a stack of all series, with its words beside it. */
export function rows(chart: Pick<Chart, 'title' | 'labels' | 'series' | 'tell'>): string {
  const { title, labels, series, tell } = chart;
  const [names, rowHeight, thick] = [190, 34, 20];
  const width = widths.whole;
  const totals = labels.map((_, at) => sum(series.map(({ values }) => barAt(values, at))));
  const most = Math.max(1, ...totals);
  const room = width - names - 150;
  const drawn = labels.map((label, at) => {
    const y = at * rowHeight + 6;
    let x = names;
    const bars = series.map(({ name, style, values }) => {
      const value = barAt(values, at);
      const long = (value / most) * room;
      const box = { x, y, width: long, height: thick };
      x += long;
      return value === 0 ? '' : bar(style, box, `${label}: ${tell(value)} ${name}`);
    });
    const middle = y + thick / 2 + 4;
    return (
      `<text class="name" x="${names - 10}" y="${middle}" text-anchor="end">${text(label)}</text>` +
      `${bars.join('')}<text x="${fixed(x + 8)}" y="${middle}">${tell(totals[at] ?? 0)}</text>`
    );
  });
  return frame(title, [width, labels.length * rowHeight + 6], drawn.join(''));
}

/** Names the series of a chart by their colours. */
export function legend(series: readonly Pick<Series, 'name' | 'style'>[]): string {
  const items = series.map(
    ({ name, style }) => `<li><span class="swatch ${style}"></span>${text(name)}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** For text between tags and in attributes. */
export function text(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

// Drawing -----------------------------------------------------------------------------------------

type Plot = {
  readonly width: number;
  /** Where the x axis lies. */
  readonly foot: number;
  /** The width of one place. */
  readonly step: number;
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly ticks: readonly number[];
};

function plotOf(chart: Chart, most: number): Plot {
  const { labels, marks = [], size = 'whole', scale = 'linear', below } = chart;
  const steps = ticksTo(most);
  const end = steps.at(-1) as number;
  const width = widths[size];
  const top = 14 + marks.length * markRow;
  const step = (width - left - right) / labels.length;
  const foot = height - labelRow - (below === undefined ? 0 : belowRow);
  const high = (share: number) => (scale === 'root' ? Math.sqrt(share) : share);
  return {
    ...{ width, foot, step },
    x: (at) => left + at * step,
    y: (value) => foot - high(value / end) * (foot - top),
    ticks: scale === 'root' ? rootTicks.map((tick) => tick * end) : steps,
  };
}

/** From 0 to what is not below `most`, by 1, 2 or 5 times a power of ten. */
export function ticksTo(most: number): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / ticksWanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) as number) * power;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

function svg(chart: Chart, plot: Plot, content: string): string {
  const { title, labels, tell, below } = chart;
  const { width, foot, step, x, y, ticks } = plot;
  const grid = ticks.map((tick) => {
    const at = fixed(y(tick));
    const line = `x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"`;
    const words = `<text x="${left - 8}" y="${fixed(y(tick) + 4)}" text-anchor="end">`;
    return `<line class="${tick === 0 ? 'axis' : 'grid'}" ${line}/>${words}${tell(tick)}</text>`;
  });
  const base = foot + 18;
  const places = labels.map((label, at) => {
    const middle = fixed(x(at) + step / 2);
    const anchored = `x="${middle}" y="${base}" text-anchor="middle"`;
    return label === '' ? '' : `<text ${anchored}>${text(label)}</text>`;
  });
  const center = (left + width - right) / 2;
  const caption = `<text x="${center}" y="${height - 6}" text-anchor="middle">`;
  const drawn = [
    ...[grid.join(''), content, places.join('')],
    below === undefined ? '' : `${caption}${text(below)}</text>`,
    marksIn(chart, plot),
  ];
  return frame(title, [width, height], drawn.join(''));
}

/** The lines first, so that none crosses the words of another. */
function marksIn({ marks = [] }: Chart, { width, foot, x }: Plot): string {
  const drawn = marks.map(({ at, text: words }, row) => {
    const [across, high] = [x(at), 12 + row * markRow];
    const place = `x1="${fixed(across)}" x2="${fixed(across)}" y1="${high - 8}"`;
    const isLate = across > width * 0.7;
    const beside = `x="${fixed(across + (isLate ? -6 : 6))}" y="${high}"`;
    const anchor = isLate ? ' text-anchor="end"' : '';
    return [
      `<line class="mark" ${place} y2="${foot}"/>`,
      `<text class="mark" ${beside}${anchor}>${text(words)}</text>`,
    ];
  });
  return [0, 1].flatMap((layer) => drawn.map((each) => each[layer])).join('');
}

function frame(title: string, [wide, tall]: readonly [number, number], content: string): string {
  return (
    `<svg viewBox="0 0 ${wide} ${tall}" role="img" aria-label="${text(title)}">` +
    `<title>${text(title)}</title>${content}</svg>`
  );
}

type Box = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

function bar(style: string, { x, y, width: wide, height: tall }: Box, words: string): string {
  const place = `x="${fixed(x)}" y="${fixed(y)}" width="${fixed(wide)}" height="${fixed(tall)}"`;
  return `<rect class="fill ${style}" ${place}><title>${text(words)}</title></rect>`;
}

function place({ x, step }: Plot, at: number): string {
  return fixed(x(at) + step / 2);
}

/** What is not known is drawn as no bar. */
function barAt(values: readonly number[], at: number): number {
  const value = values[at] ?? 0;
  return Number.isFinite(value) ? value : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A tenth of a pixel is enough, and keeps the page small. */
function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
