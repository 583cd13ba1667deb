// A histogram of latencies in constant memory: logarithmic buckets, a few percent wide.

export type LatencySummary = {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

export type Latencies = {
  readonly record: (ms: number) => void;
  readonly summary: () => LatencySummary;
};

/** Each doubling is cut into this many buckets, so a percentile is at most 3.3 % too large. */
const bucketsPerOctave = 22;
const smallestMs = 0.01;
/** Up to 0.01 ms × 2^30: three hours. */
const octaves = 30;

export function createLatencies(): Latencies {
  const counts = new Float64Array(octaves * bucketsPerOctave + 1);
  let count = 0;
  let maxMs = 0;

  /** The upper edge of the bucket below which that share lies: never less than the truth. */
  function percentileMs(share: number): number {
    let left = Math.ceil(share * count);
    for (const [bucket, inBucket] of counts.entries()) {
      left -= inBucket;
      if (left <= 0) return Math.min(maxMs, smallestMs * 2 ** (bucket / bucketsPerOctave));
    }
    return maxMs;
  }

  return {
    record(ms) {
      const bucket = Math.ceil(Math.log2(ms / smallestMs) * bucketsPerOctave);
      const index = Math.min(counts.length - 1, Math.max(0, bucket));
      counts[index] = (counts[index] as number) + 1;
      count += 1;
      if (ms > maxMs) maxMs = ms;
    },
    summary: () => ({
      count,
      p50Ms: percentileMs(0.5),
      p95Ms: percentileMs(0.95),
      p99Ms: percentileMs(0.99),
      maxMs,
    }),
  };
}
