// Finds the listed entries that a name may mean. Built once per set of list versions, in memory.
import { setImmediate as breath } from 'node:timers/promises';
import { type Adjustment, adjust } from './adjust.ts';
import { align, type Alignment, type Unit } from './align.ts';
import type { EntityType, ListEntry, ListedName } from './entry.ts';
import { buildLexicon, type Lexicon } from './lexicon.ts';
import { type NameToken, nameTokens } from './name-tokens.ts';

/** An entry, and the list whose it is. */
export type Listed = { readonly list: string; readonly digest: string; readonly entry: ListEntry };

export type Subject = {
  readonly name: string;
  /** `1965`, `1965-03` or `1965-03-04`. */
  readonly dateOfBirth?: string;
  /** ISO 3166-1 alpha-2. */
  readonly countries?: readonly string[];
  readonly entityType?: EntityType;
};

export type Match = {
  readonly listed: Listed;
  /** 0 to 1000: the name's, with the adjustments. */
  readonly score: number;
  readonly nameScore: number;
  /** Which of the entry's names matched best. */
  readonly name: ListedName;
  readonly pairs: readonly TokenPair[];
  readonly adjustments: readonly Adjustment[];
};

/** Positions of the name that was asked for, from 0; the listed token; 0 to 1000. */
export type TokenPair = {
  readonly tokens: readonly number[];
  readonly listed: string;
  readonly similarity: number;
};

export type SearchOptions = {
  /** The least score of a match. */
  readonly min: number;
  readonly matchesMax?: number;
  /** Only entries of which this is true. */
  readonly among?: (listed: Listed) => boolean;
};

export type Matcher = {
  readonly entries: number;
  readonly names: number;
  /** The best matches first; equal scores in order of list and id. */
  readonly search: (subject: Subject, options: SearchOptions) => Match[];
};

export const scoreMax = 1000;
const matchesMaxDefault = 20;
/** Adjustments that raise a score raise it by no more than this. */
const raiseMax = 100;
/** What a particle or legal form tells, beside a name that is as rare. */
const weakFactor = 0.25;
const initialFactor = 0.4;
/** The weight of the asked name's side; the rest is the listed name's. */
const mineShare = 0.55;
/** Neighbours are joined where one of them is no longer than this. */
const joinLettersMax = 4;
/** Entries between two breaths: building must not hold up the process. */
const breathEvery = 200;

type Name = {
  readonly owner: number;
  readonly name: ListedName;
  readonly isPerson: boolean;
  readonly units: readonly Unit[];
};

type Draft = Omit<Name, 'units'> & { readonly tokens: readonly NameToken[] };

export async function buildMatcher(entries: readonly Listed[]): Promise<Matcher> {
  const drafts: Draft[] = [];
  for (const [owner, { entry }] of entries.entries()) {
    if (owner % breathEvery === 0) await breath();
    const isPerson = entry.entityType === 'person';
    for (const name of entry.names) {
      const tokens = nameTokens(name.text, entry.entityType);
      if (tokens.length > 0) drafts.push({ owner, name, isPerson, tokens });
    }
  }
  const lexicon = buildLexicon(countTokens(drafts), drafts.length);
  await breath();
  const names: Name[] = drafts.map(({ tokens, ...draft }) => {
    const units = unitsOf(tokens, { isPerson: draft.isPerson, rarity: ownRarity(lexicon) });
    return { ...draft, units: units.map((unit) => ({ ...unit, id: idOf(lexicon, unit) })) };
  });
  await breath();
  const index: Index = {
    entries,
    names,
    lexicon,
    postings: postingsOf(names, lexicon.rarity.length),
    bound: new Float64Array(names.length),
    unitBest: new Float64Array(names.length),
  };
  return {
    entries: entries.length,
    names: names.length,
    search: (subject, options) => search(index, subject, options),
  };
}

// Building ----------------------------------------------------------------------------------------

type Index = {
  readonly entries: readonly Listed[];
  readonly names: readonly Name[];
  readonly lexicon: Lexicon;
  /** By token: the names that have it. */
  readonly postings: readonly Int32Array[];
  /** Scratch by name, zero between searches: what may be found, and the best for one unit. */
  readonly bound: Float64Array;
  readonly unitBest: Float64Array;
};

function countTokens(drafts: readonly Draft[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { tokens, isPerson } of drafts) {
    const texts = tokens.map(({ text }) => text);
    for (const text of new Set([...texts, ...joins(texts, isPerson)])) {
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return counts;
}

function joins(texts: readonly string[], isPerson: boolean): string[] {
  return texts.slice(1).flatMap((text, at) => {
    const before = texts[at] as string;
    return mayJoin(before, text, isPerson) ? [before + text] : [];
  });
}

/** `al tikriti` is `altikriti`, `mun chol` is `munchol`; joining all would double the lexicon. */
function mayJoin(first: string, second: string, isPerson: boolean): boolean {
  if (/\d/.test(first + second)) return false;
  const isShort = Math.min(first.length, second.length) <= joinLettersMax;
  return isShort || (isPerson && first === 'abdul');
}

/** The single tokens, then the joined ones. */
function unitsOf(
  tokens: readonly NameToken[],
  { isPerson, rarity }: { isPerson: boolean; rarity: (text: string) => number },
): Omit<Unit, 'id'>[] {
  const raw = tokens.map(({ text, isWeak }) => {
    const factor = isWeak ? weakFactor : isPerson && text.length === 1 ? initialFactor : 1;
    return factor * rarity(text);
  });
  const sum = raw.reduce((total, weight) => total + weight, 0);
  const weight = (at: number) => (raw[at] as number) / sum;
  const singles = tokens.map(({ text }, at) => ({
    text,
    positions: 1 << at,
    weight: weight(at),
  }));
  const joined = tokens.slice(1).flatMap(({ text }, at) => {
    const before = (tokens[at] as NameToken).text;
    if (!mayJoin(before, text, isPerson)) return [];
    const positions = 3 << at;
    return [{ text: before + text, positions, weight: weight(at) + weight(at + 1) }];
  });
  return [...singles, ...joined];
}

function ownRarity(lexicon: Lexicon): (text: string) => number {
  return (text) => lexicon.rarity[lexicon.idOf(text) as number] as number;
}

function idOf(lexicon: Lexicon, { text }: { text: string }): number {
  return lexicon.idOf(text) ?? -1;
}

function postingsOf(names: readonly Name[], tokens: number): Int32Array[] {
  const lists = Array.from({ length: tokens }, (): number[] => []);
  for (const [number, { units }] of names.entries()) {
    for (const id of new Set(units.map((unit) => unit.id))) lists[id]?.push(number);
  }
  return lists.map((list) => Int32Array.from(list));
}

// Searching ---------------------------------------------------------------------------------------

type Question = {
  readonly units: readonly Unit[];
  /** What resembles each unit, by number in the lexicon. */
  readonly alike: readonly ReadonlyMap<number, number>[];
};

type Found = { readonly name: Name; readonly nameScore: number; readonly alignment: Alignment };

function search(index: Index, subject: Subject, options: SearchOptions): Match[] {
  const { min, matchesMax = matchesMaxDefault, among } = options;
  const { entityType } = subject;
  const kinds = entityType === undefined ? [true, false] : [entityType === 'person'];
  const best = new Map<number, Found>();
  for (const isPerson of kinds) {
    const question = questionOf(index, subject.name, isPerson);
    for (const name of candidates(index, question, min - raiseMax)) {
      if (name.isPerson !== isPerson) continue;
      if (among && !among(index.entries[name.owner] as Listed)) continue;
      const alignment = align(question.units, name.units, question.alike);
      const nameScore = scoreOf(alignment, name.name);
      if (nameScore > (best.get(name.owner)?.nameScore ?? 0)) {
        best.set(name.owner, { name, nameScore, alignment });
      }
    }
  }
  return [...best.values()]
    .filter(({ nameScore }) => nameScore >= min - raiseMax)
    .map((found) => matchOf(index, subject, found))
    .filter(({ score }) => score >= min)
    .sort(byScore)
    .slice(0, matchesMax);
}

function questionOf({ lexicon }: Index, name: string, isPerson: boolean): Question {
  const tokens = nameTokens(name, isPerson ? 'person' : 'organisation');
  const neighbours = new Map<string, ReadonlyMap<number, number>>();
  const alikeOf = (text: string) => {
    const found = neighbours.get(text) ?? lexicon.neighbours(text);
    neighbours.set(text, found);
    return found;
  };
  const units = unitsOf(tokens, {
    isPerson,
    rarity: (text) => rarityOf(lexicon, text, alikeOf(text)),
  });
  return {
    units: units.map((unit) => ({ ...unit, id: idOf(lexicon, unit) })),
    alike: units.map(({ text }) => alikeOf(text)),
  };
}

/** A token that no name has is as rare as the listed one that it resembles most. */
function rarityOf(lexicon: Lexicon, text: string, alike: ReadonlyMap<number, number>): number {
  const own = lexicon.idOf(text);
  if (own !== undefined) return lexicon.rarity[own] as number;
  let [closest, rarity] = [0, 1];
  for (const [id, similarity] of alike) {
    if (similarity <= closest) continue;
    [closest, rarity] = [similarity, lexicon.rarity[id] as number];
  }
  return rarity;
}

/** Names of which enough may be found: a bound from above, so that none is missed. */
function candidates({ names, postings, bound, unitBest }: Index, asked: Question, min: number) {
  // scoreOf is at most this side's part, were the other side found entirely.
  const least = Math.max(1e-6, min / scoreMax) ** (1 / mineShare);
  const touched: number[] = [];
  const found: Name[] = [];
  for (const [at, unit] of asked.units.entries()) {
    const ofUnit: number[] = [];
    for (const [id, similarity] of asked.alike[at] as ReadonlyMap<number, number>) {
      for (const number of postings[id] as Int32Array) {
        const before = unitBest[number] as number;
        if (before === 0) ofUnit.push(number);
        if (similarity > before) unitBest[number] = similarity;
      }
    }
    for (const number of ofUnit) {
      const before = bound[number] as number;
      const after = before + unit.weight * (unitBest[number] as number);
      if (before === 0) touched.push(number);
      if (before < least && after >= least) found.push(names[number] as Name);
      bound[number] = after;
      unitBest[number] = 0;
    }
  }
  for (const number of touched) bound[number] = 0;
  return found;
}

function scoreOf(alignment: Alignment, name: ListedName): number {
  const score = alignment.mine ** mineShare * alignment.theirs ** (1 - mineShare);
  const isWhole = alignment.mine > 0.999 && alignment.theirs > 0.999;
  if (name.kind === 'weak' && !isWhole) return Math.floor(score * 900);
  return Math.floor(score * scoreMax + 1e-6);
}

function matchOf(index: Index, subject: Subject, found: Found): Match {
  const listed = index.entries[found.name.owner] as Listed;
  const adjustments = adjust(subject, listed.entry);
  const points = adjustments.reduce((sum, adjustment) => sum + adjustment.points, 0);
  const score = Math.max(0, Math.min(scoreMax, found.nameScore + Math.min(points, raiseMax)));
  return {
    listed,
    score,
    nameScore: found.nameScore,
    name: found.name.name,
    pairs: found.alignment.pairs.map(({ mine, theirs, similarity }) => ({
      tokens: positionsOf(mine.positions),
      listed: theirs.text,
      similarity: Math.floor(similarity * scoreMax),
    })),
    adjustments,
  };
}

function positionsOf(bits: number): number[] {
  return Array.from({ length: 32 }, (_, at) => at).filter((at) => (bits >>> at) & 1);
}

function byScore(a: Match, b: Match): number {
  return (
    b.score - a.score ||
    compare(a.listed.list, b.listed.list) ||
    compare(a.listed.entry.id, b.listed.entry.id)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
