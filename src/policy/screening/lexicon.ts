// All tokens of the listed names: how rare each is, and which are like a given token.
import { doubleMetaphone } from 'double-metaphone';
import {
  costCap,
  costLimits,
  hardCost,
  hardMask,
  letterSet,
  similarity,
  softCostOf,
} from './similarity.ts';

export type Lexicon = {
  /** A token's number, or undefined where no name has it. */
  readonly idOf: (token: string) => number | undefined;
  /** By number: near 0 for what every other name has, 1 for what one name has. */
  readonly rarity: Float32Array;
  /** The tokens that are like this one, by number, with how much: itself first. */
  readonly neighbours: (token: string) => ReadonlyMap<number, number>;
};

/** What sounds the same is this much closer to being equal. */
const soundBonus = 0.3;
/** How alike at least are tokens that sound the same and differ in spelling beyond all measure. */
const soundMin = 0.74;
const soundLettersMin = 4;

/** From each token's number of names. */
export function buildLexicon(counts: ReadonlyMap<string, number>, names: number): Lexicon {
  const { tokens, sets, lengths, shelves } = shelve([...counts.keys()]);
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const rarity = new Float32Array(tokens.length);
  for (const [id, token] of tokens.entries()) {
    rarity[id] = Math.log(1 + names / (counts.get(token) as number)) / Math.log(1 + names);
  }
  const bySound = Map.groupBy(tokens.keys(), (id) => soundOf(tokens[id] as string));
  const known = new Map<number, ReadonlyMap<number, number>>();

  function find(token: string): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    const self = ids.get(token);
    if (self !== undefined) found.set(self, 1);
    const set = letterSet(token);
    const limits = costLimits(token.length);
    for (let shelf = 0; shelf + 1 < shelves.length; shelf += 1) {
      const from = shelves[shelf] as number;
      const cost = hardCost(set, sets[from] as number);
      if (cost > costCap) continue;
      const to = shelves[shelf + 1] as number;
      for (let id = from; id < to; id += 1) {
        const limit = limits[lengths[id] as number] as number;
        if (cost > limit || cost + softCostOf(set, sets[id] as number) > limit) continue;
        const alike = similarity(token, tokens[id] as string);
        if (alike > 0) found.set(id, alike);
      }
    }
    const sound = soundOf(token);
    for (const id of (sound !== '' && bySound.get(sound)) || []) {
      const alike = found.get(id);
      found.set(id, alike === undefined ? soundMin : alike + (1 - alike) * soundBonus);
    }
    return found;
  }

  return {
    idOf: (token) => ids.get(token),
    rarity,
    neighbours(token) {
      // Remembered for listed tokens only: what somebody asked for is kept nowhere.
      const id = ids.get(token);
      if (id === undefined) return find(token);
      const found = known.get(id) ?? find(token);
      known.set(id, found);
      return found;
    },
  };
}

/** Tokens in order of their hard letters: whole shelves are passed over without a look. */
function shelve(tokens: readonly string[]) {
  const bySet = Map.groupBy(tokens, (token) => letterSet(token) & hardMask);
  const ordered = [...bySet.values()].flat();
  const shelves = new Int32Array(bySet.size + 1);
  for (const [shelf, members] of [...bySet.values()].entries()) {
    shelves[shelf + 1] = (shelves[shelf] as number) + members.length;
  }
  return {
    tokens: ordered,
    sets: Int32Array.from(ordered, letterSet),
    lengths: Uint8Array.from(ordered, ({ length }) => length),
    shelves,
  };
}

/** Empty for what is too short to be told by its sound. */
function soundOf(token: string): string {
  if (token.length < soundLettersMin || /\d/.test(token)) return '';
  const [sound] = doubleMetaphone(token);
  return sound.length < 3 ? '' : sound;
}
