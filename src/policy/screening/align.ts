// The best assignment of a name's tokens to another's: any order, each token at most once, and two
// neighbours may together be one token of the other side.

/** One or two neighbouring tokens of a name, as one. */
export type Unit = {
  readonly text: string;
  /** Its number in the lexicon; -1 where no name has it. */
  readonly id: number;
  /** The positions that it takes, as bits. */
  readonly positions: number;
  /** Its part of what the name tells; the single tokens of a name sum to 1. */
  readonly weight: number;
};

export type Pair = { readonly mine: Unit; readonly theirs: Unit; readonly similarity: number };

export type Alignment = {
  readonly pairs: readonly Pair[];
  /** How much of each side is found on the other, from 0 to 1. */
  readonly mine: number;
  readonly theirs: number;
};

/** What an initial is worth against a name that begins with it. */
const initialSimilarity = 0.6;
/** Steps after which the best so far is taken: only an adversary's name needs more. */
const stepsMax = 5_000;

type Edge = Pair & { readonly gain: number };

/** `alike[i]` holds what resembles `mine[i]`, by number in the lexicon. */
export function align(
  mine: readonly Unit[],
  theirs: readonly Unit[],
  alike: readonly ReadonlyMap<number, number>[],
): Alignment {
  const edges: Edge[] = [];
  for (let at = 0; at < mine.length; at += 1) {
    const unit = mine[at] as Unit;
    const neighbours = alike[at] as ReadonlyMap<number, number>;
    for (const other of theirs) {
      const similarity = neighbours.get(other.id) ?? initials(unit.text, other.text);
      // Equal pairs are told token by token.
      if (similarity === 0 || (similarity === 1 && isJoined(unit) && isJoined(other))) continue;
      const gain = similarity * (unit.weight + other.weight);
      edges.push({ mine: unit, theirs: other, similarity, gain });
    }
  }
  const pairs = bestPairs(edges.sort((a, b) => b.gain - a.gain));
  let [here, there] = [0, 0];
  for (const pair of pairs) {
    here += pair.mine.weight * pair.similarity;
    there += pair.theirs.weight * pair.similarity;
  }
  return { pairs, mine: Math.min(here, 1), theirs: Math.min(there, 1) };
}

/** Branch and bound over the edges, from the one that gains most. */
function bestPairs(edges: readonly Edge[]): readonly Pair[] {
  const rest = new Float64Array(edges.length + 1);
  for (let at = edges.length - 1; at >= 0; at -= 1) {
    rest[at] = (rest[at + 1] as number) + (edges[at] as Edge).gain;
  }
  let best: readonly Pair[] = [];
  let bestGain = 0;
  let steps = 0;
  const chosen: Pair[] = [];
  function search(from: number, mine: number, theirs: number, gain: number): void {
    if (gain > bestGain) [best, bestGain] = [[...chosen], gain];
    for (let at = from; at < edges.length; at += 1) {
      if (gain + (rest[at] as number) <= bestGain || steps >= stepsMax) return;
      steps += 1;
      const edge = edges[at] as Edge;
      const { positions: here } = edge.mine;
      const { positions: there } = edge.theirs;
      if ((here & mine) !== 0 || (there & theirs) !== 0) continue;
      chosen.push(edge);
      search(at + 1, mine | here, theirs | there, gain + edge.gain);
      chosen.pop();
    }
  }
  search(0, 0, 0, 0);
  return best;
}

function isJoined({ positions }: Unit): boolean {
  return (positions & (positions - 1)) !== 0;
}

function initials(mine: string, theirs: string): number {
  if (mine.length > 1 && theirs.length > 1) return 0;
  return mine[0] === theirs[0] ? initialSimilarity : 0;
}
