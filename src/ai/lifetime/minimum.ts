// Where a function of a few numbers is smallest: Nelder and Mead's simplex, begun again from where
// it has ended, until that helps no more. It draws nothing by chance.
export type Minimum = {
  readonly at: readonly number[];
  readonly value: number;
  readonly evaluations: number;
};

const evaluationsMax = 4_000;
const restartsMax = 5;
/** How far the values of a simplex may be apart that has come to its end, of their size. */
const tolerance = 1e-10;

export function minimumOf(
  of: (at: readonly number[]) => number,
  start: readonly number[],
  step = 0.4,
): Minimum {
  let best: Minimum = { at: start, value: of(start), evaluations: 1 };
  for (let restart = 0; restart < restartsMax; restart += 1) {
    const found = descend(of, best.at, step / 2 ** restart);
    const evaluations = best.evaluations + found.evaluations;
    const gained = best.value - found.value;
    if (found.value < best.value) best = { ...found, evaluations };
    if (gained <= tolerance * Math.abs(best.value)) return { ...best, evaluations };
  }
  return best;
}

type Corner = { readonly at: readonly number[]; readonly value: number };

function descend(
  of: (at: readonly number[]) => number,
  start: readonly number[],
  step: number,
): Minimum {
  let evaluations = 0;
  const corner = (at: readonly number[]): Corner => {
    evaluations += 1;
    const value = of(at);
    return { at, value: Number.isNaN(value) ? Infinity : value };
  };
  const moved = start.map((_, axis) =>
    corner(start.map((each, at) => (at === axis ? each + step : each))),
  );
  const corners = [corner(start), ...moved];
  for (;;) {
    corners.sort((one, other) => one.value - other.value);
    const [best, worst] = [corners[0] as Corner, corners.at(-1) as Corner];
    const isFlat = worst.value - best.value <= tolerance * (Math.abs(best.value) + tolerance);
    if (isFlat || evaluations >= evaluationsMax) return { ...best, evaluations };
    const others = corners.slice(0, -1);
    const centre = start.map(
      (_, axis) => others.reduce((sum, { at }) => sum + (at[axis] as number), 0) / others.length,
    );
    const towards = (by: number) =>
      corner(centre.map((each, axis) => each + by * (each - (worst.at[axis] as number))));
    const next = replaced({ best, worst, second: others.at(-1) as Corner, towards });
    if (next) corners[corners.length - 1] = next;
    else for (const [at, each] of others.entries()) corners[at] = at === 0 ? each : halfway(each);
    if (!next) corners[corners.length - 1] = halfway(worst);

    function halfway({ at }: Corner): Corner {
      return corner(at.map((each, axis) => (each + (best.at[axis] as number)) / 2));
    }
  }
}

type Look = {
  readonly best: Corner;
  readonly second: Corner;
  readonly worst: Corner;
  readonly towards: (by: number) => Corner;
};

/** What takes the place of the worst corner; undefined where all have to draw together. */
function replaced({ best, second, worst, towards }: Look): Corner | undefined {
  const mirrored = towards(1);
  if (mirrored.value < best.value) {
    const further = towards(2);
    return further.value < mirrored.value ? further : mirrored;
  }
  if (mirrored.value < second.value) return mirrored;
  const nearer = towards(mirrored.value < worst.value ? 0.5 : -0.5);
  return nearer.value < Math.min(mirrored.value, worst.value) ? nearer : undefined;
}
