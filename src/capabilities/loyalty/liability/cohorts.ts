// Cohorts of points by the month in which they were issued, and what has become of them since.

/** Points, and minor units of the home currency. */
export type Cohort = {
  /** Of issue, such as `2026-03`, in the programme's time zone. */
  readonly month: string;
  /** Issued, less what was taken back, moved on, or paid for what a member owed. */
  readonly points: number;
  /** What was spent for them, less what was sent back of it. */
  readonly spend: number;
  /** Of the points issued, those for which something was spent. */
  readonly sold: number;
  /** Expired and forfeited. */
  readonly lapsed: number;
  /** By months of age, as far as the day of the run; the last month may have just begun. */
  readonly redeemed: readonly number[];
};

/** As months are counted: one more each month. */
export function monthNumber(month: string): number {
  const [year = 0, ofYear = 1] = month.split('-').map(Number);
  return year * 12 + ofYear - 1;
}

export function monthText(number: number): string {
  const ofYear = (number % 12) + 1;
  return `${Math.floor(number / 12)}-${String(ofYear).padStart(2, '0')}`;
}

export function redeemedOf({ redeemed }: Pick<Cohort, 'redeemed'>): number {
  return redeemed.reduce((sum, points) => sum + points, 0);
}

export function outstandingOf(cohort: Cohort): number {
  return Math.max(0, cohort.points - cohort.lapsed - redeemedOf(cohort));
}
