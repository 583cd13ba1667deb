// What makes one JSON another: which leaves differ, and which words of a text.

export type Change = {
  /** `input_schema.properties.amount.maximum`. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly was: string;
  readonly is: string;
};

/** In the order in which a reader meets them. */
export function changesIn(was: unknown, is: unknown): readonly Change[] {
  const [before, after] = [new Map(leavesOf(was)), new Map(leavesOf(is))];
  const paths = [...new Set([...after.keys(), ...before.keys()])];
  return paths.flatMap((path) => {
    const [one, other] = [before.get(path), after.get(path)];
    if (one === other) return [];
    const kind = one === undefined ? 'added' : other === undefined ? 'removed' : 'changed';
    return [{ path, kind, was: one ?? '', is: other ?? '' }];
  });
}

/** Lists of words are one leaf: what they hold is told, not at which place. */
function leavesOf(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) {
    return [[path, value.join(', ')]];
  }
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[path, '{}']];
  return entries.flatMap(([name, each]) => leavesOf(each, path === '' ? name : `${path}.${name}`));
}

export type Part = { readonly kind: 'same' | 'added' | 'removed'; readonly text: string };

/** Beyond so many words a text is told as a whole: the search takes their product. */
const wordsMax = 600;

export function wordChanges(was: string, is: string): readonly Part[] {
  const [before, after] = [wordsIn(was), wordsIn(is)];
  const isShort = before.length <= wordsMax && after.length <= wordsMax;
  const parts = isShort ? walk(before, after) : [...all('removed', before), ...all('added', after)];
  return joined(parts);
}

function wordsIn(text: string): readonly string[] {
  return text.match(/\s*\S+\s*/g) ?? [];
}

function all(kind: Part['kind'], words: readonly string[]): readonly Part[] {
  return words.map((text) => ({ kind, text }));
}

/** Along the longest common subsequence, what goes before what comes. */
function walk(before: readonly string[], after: readonly string[]): readonly Part[] {
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const parts: Part[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    const [gone, come] = [before[row], after[column]];
    if (gone !== undefined && gone === come) {
      parts.push({ kind: 'same', text: gone });
      [row, column] = [row + 1, column + 1];
    } else if (
      gone !== undefined &&
      (come === undefined || at(row + 1, column) >= at(row, column + 1))
    ) {
      parts.push({ kind: 'removed', text: gone });
      row += 1;
    } else {
      parts.push({ kind: 'added', text: come ?? '' });
      column += 1;
    }
  }
  return parts;
}

function joined(parts: readonly Part[]): readonly Part[] {
  const runs: Part[] = [];
  for (const part of parts) {
    const last = runs.at(-1);
    if (last?.kind === part.kind) runs[runs.length - 1] = { ...last, text: last.text + part.text };
    else runs.push(part);
  }
  return runs;
}
