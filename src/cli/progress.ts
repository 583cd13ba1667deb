// Shows how far a long task is: one redrawn line on a terminal, a line now and then elsewhere.
import { type Clock, type Instant, systemClock } from '#core';

/** What progress needs of a stream, such as `process.stderr`. */
export type ProgressOutput = {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
};

export type ProgressOptions = {
  /** Such as `bank day`. */
  readonly label: string;
  /** Such as `operations`. */
  readonly unit: string;
  readonly output?: ProgressOutput;
  readonly clock?: Clock;
};

export type Progress = {
  /**
   * May be called as often as one likes. As long as nobody knows the total, there is neither a bar
   * nor a time left.
   */
  readonly update: (done: number, total?: number) => void;
  /** Draws the last state and leaves the line. */
  readonly finish: () => void;
};

const redrawMs = 100;
const lineMs = 5_000;
/** The rate is that of about this long, so that it follows and yet can be read. */
const rateWindowMs = 3_000;
const barWidth = 24;

export function createProgress(options: ProgressOptions): Progress {
  const { label, unit, output = process.stderr, clock = systemClock() } = options;
  const isTerminal = output.isTTY === true;
  const startedAt = clock.now();
  const pauseMs = isTerminal ? redrawMs : lineMs;
  let done = 0;
  let total: number | undefined;
  let drawnAt = startedAt;
  let samples: { readonly at: Instant; readonly done: number }[] = [{ at: startedAt, done: 0 }];

  function draw(now: Instant, perSecond: number): void {
    const count = `${grouped(done)}${total === undefined ? '' : ` of ${grouped(total)}`} ${unit}`;
    const parts = [count, `${grouped(Math.round(perSecond))}/s`];
    if (total !== undefined && done < total && perSecond > 0) {
      parts.push(`${minutes(((total - done) / perSecond) * 1_000)} left`);
    } else {
      parts.push(minutes(now - startedAt));
    }
    const line = `${label} ${bar(done, total)}${parts.join(' · ')}`;
    if (!isTerminal) output.write(`${line}\n`);
    // Back to the start, then clear what an earlier, longer line has left.
    else output.write(`\r${line.slice(0, (output.columns ?? 80) - 1)}\u001b[K`);
  }

  return {
    update(doneNow, totalNow) {
      done = doneNow;
      total = totalNow ?? total;
      const now = clock.now();
      if (now - drawnAt < pauseMs) return;
      drawnAt = now;
      const recent = samples.filter(({ at }) => at >= now - rateWindowMs);
      // At least one sample is older than nothing: a slow task keeps its last one.
      samples = [...(recent.length > 0 ? recent : samples.slice(-1)), { at: now, done }];
      const [first] = samples as [{ at: Instant; done: number }];
      draw(now, rate(done - first.done, now - first.at));
    },
    finish() {
      const now = clock.now();
      draw(now, rate(done, now - startedAt));
      if (isTerminal) output.write('\n');
    },
  };
}

function rate(done: number, elapsedMs: number): number {
  return elapsedMs > 0 ? (done / elapsedMs) * 1_000 : 0;
}

function bar(done: number, total: number | undefined): string {
  if (total === undefined) return '';
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const full = Math.floor(share * barWidth);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${percent} % · `;
}

function minutes(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `12,345`: counts are read by people. */
function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
